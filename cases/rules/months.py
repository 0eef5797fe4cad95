"""From which month an approval pays, and whether it still reaches that month's list."""

from dataclasses import dataclass
from datetime import date


def next_month(day: date) -> date:
    """The first of the month after `day`."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def previous_month(day: date) -> date:
    """The first of the month before `day`."""
    return date(day.year - (day.month == 1), (day.month - 2) % 12 + 1, 1)


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the last day of that month if it is shorter."""
    index = day.year * 12 + day.month - 1 - months
    first = date(index // 12, index % 12 + 1, 1)
    last = (next_month(first) - first).days
    return first.replace(day=min(day.day, last))


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last day of that month if it is shorter."""
    return months_before(day, -months)


@dataclass(frozen=True)
class Start:
    """The first month in benefit and the month whose list pays it."""

    month: date
    paid_with: date

    @property
    def is_back_pay(self) -> bool:
        """Whether the first month comes as 补发 with the following list."""
        return self.paid_with > self.month


def start_of(decided_on: date, cut_off: date) -> Start:
    """Next month; after the cut-off (the 20th, 4(1).1) it is paid as 补发 with the month after."""
    month = next_month(decided_on)
    return Start(month, month if decided_on <= cut_off else next_month(month))
