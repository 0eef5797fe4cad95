"""How long a file is kept (6.4)."""

from datetime import date


def retain_until(stopped_on: date | None, years: int) -> date | None:
    """The last day of keeping: `years` after the household's benefit stopped; None before that.

    A stop on 29 February counts to 28 February of a common year.
    """
    if stopped_on is None:
        return None
    try:
        return stopped_on.replace(year=stopped_on.year + years)
    except ValueError:
        return stopped_on.replace(year=stopped_on.year + years, day=28)
