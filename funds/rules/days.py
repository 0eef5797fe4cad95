"""The days of a month's list."""

from datetime import date

from cases.rules.months import next_month


def months_to_open(on: date, cut_off_day: int) -> list[date]:
    """First days of the months whose lists must exist on `on`.

    This month's always; next month's from the day after the cut-off (the 21st, 4(1).1).
    """
    this = on.replace(day=1)
    return [this, next_month(on)] if on.day > cut_off_day else [this]


def opens_on(month: date, cut_off_day: int) -> date:
    """The first day on which the list of `month` may be made: the day after the cut-off before."""
    before = date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)
    return before.replace(day=cut_off_day + 1)
