"""From which month a change of a benefit counts, and with which list it is first paid (4(1).2)."""

from dataclasses import dataclass
from datetime import date

from .months import next_month, previous_month, start_of


@dataclass(frozen=True, kw_only=True)
class Effect:
    """`from_month`: the first month of the new figures; `paid_with`: the list that first knows
    them; `last_month`: the last month of a benefit that ends, None for one that goes on."""

    from_month: date
    paid_with: date
    last_month: date | None = None


def add_months(month: date, count: int) -> date:
    """The first of the month `count` months later."""
    index = month.year * 12 + month.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


def effect_of(
    outcome: str,
    *,
    decided_on: date,
    told_on: date,
    cut_off: date,
    happened_on: date | None = None,
    exit_months: int = 0,
) -> Effect:
    """When a change counts that was signed on `decided_on` and told on `told_on`.

    What is less counts from the first list that can still know it after the family was told: no
    list that stands pays less than it was told. What is more counts from the month after the
    signature and comes as 补发 when a list has already been made. `happened_on`: the change
    reaches back to the month after that day (a death: the month of the death is still paid).
    `cut_off`: the last day of the month of `told_on` on which next month's list hears of it.
    """
    heard = start_of(told_on, cut_off).paid_with
    if happened_on is not None:
        first = next_month(happened_on)
    elif outcome == "RAISE":
        first = next_month(decided_on)
    else:
        first = heard
    paid_with = max(heard, first)
    if outcome == "STOP":
        return Effect(from_month=first, paid_with=paid_with, last_month=previous_month(first))
    if outcome == "EXIT":
        last = add_months(first, exit_months - 1)
        return Effect(from_month=first, paid_with=paid_with, last_month=last)
    return Effect(from_month=first, paid_with=paid_with)
