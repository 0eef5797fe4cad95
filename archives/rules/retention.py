"""How long a file is kept: from the right start, and by the longest rule that applies (6.4)."""

from collections.abc import Iterable
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Term:
    """One rule: what it is about, from which day it counts (None: it does not count yet), years."""

    reason: str
    starts_on: date | None
    years: int

    @property
    def until(self) -> date | None:
        """The last day of keeping under this rule."""
        return retain_until(self.starts_on, self.years)


def longest(terms: Iterable[Term]) -> Term:
    """The rule that keeps the file longest; one that does not count yet keeps it without end.

    Raises ValueError without any rule.
    """
    return max(terms, key=lambda t: (t.until is None, t.until or date.min))


HOLD_CAUSES = {
    "COMPLAINT": "信访、举报未办结",
    "AUDIT": "审计、巡察",
    "RECOVERY": "追缴",
    "INSPECTION": "监督检查",
    "LAWSUIT": "复议、诉讼",
}
