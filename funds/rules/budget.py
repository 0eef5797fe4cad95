"""How a budget and a plan follow from the roster (domain 10.5); whole fen, rounded once."""

from dataclasses import dataclass
from typing import Protocol

MONTHS = 3


class Needed(Protocol):
    """What the roster and the last months tell of one office and programme (fen a month)."""

    @property
    def monthly_fen(self) -> int: ...
    @property
    def new_fen(self) -> int: ...
    @property
    def exit_fen(self) -> int: ...
    @property
    def relief_fen(self) -> int: ...


@dataclass(frozen=True)
class Parts:
    """The parts of a quarter's need, and their sum (fen)."""

    new_fen: int
    exit_fen: int
    reserve_fen: int
    generated_fen: int


def generated(need: Needed) -> Parts:
    """Current monthly roster × 3 + expected new − expected exits + reserve for 临时救助.

    New and exits are monthly averages of the last three months: who comes in the first month is
    paid three times, in the second twice, in the third once, six months in all.
    """
    new, left = need.new_fen * 6, min(need.exit_fen * 6, need.monthly_fen * MONTHS)
    reserve = need.relief_fen * MONTHS
    return Parts(new, left, reserve, need.monthly_fen * MONTHS + new - left + reserve)


@dataclass(frozen=True, kw_only=True)
class PlanAssumptions:
    """What a plan assumes: change of heads and of standards in thousandths, from which month the
    standards rise, and the year's 临时救助 (fen)."""

    growth_permille: int = 0
    raise_permille: int = 0
    raise_from: int = 1
    reserve_fen: int = 0

    def wrong(self) -> str:
        """What makes no sense; "" when it can be computed."""
        if not -500 <= self.growth_permille <= 500 or not 0 <= self.raise_permille <= 500:
            return "对象增减请填 -50 至 50，标准提高请填 0 至 50（%）"
        if not 1 <= self.raise_from <= 12 or self.reserve_fen < 0:
            return "提高的月份请填 1 至 12，临时救助不能小于 0"
        return ""


def year_of(monthly_fen: int, assumed: PlanAssumptions) -> int:
    """A year's need of what is a month's now, under the assumptions; rounded half up to the fen."""
    before = assumed.raise_from - 1
    weight = before * 1000 + (12 - before) * (1000 + assumed.raise_permille)
    return (monthly_fen * (1000 + assumed.growth_permille) * weight + 500_000) // 1_000_000
