"""预计用完: until which month an office's money lasts at what it paid of late (4(1).3, ux 2.5)."""

from datetime import date

from cases.rules.months import next_month

MONTHS = 3  # at most, whose mean is taken for the months to come
NEAR = 2  # months for which the money does not last: time to send more


def lasts(available_fen: int, paid_fen: int, months: int) -> int | None:
    """How many whole months `available_fen` lasts, when `paid_fen` was paid in so many months;
    None where nothing was paid."""
    return available_fen * months // paid_fen if paid_fen > 0 else None


def short_month(last_list: date, months: int) -> date:
    """The first month that cannot be paid in full, when so many after the last list can."""
    month = last_list
    for _ in range(months + 1):
        month = next_month(month)
    return month
