"""三方核对: what the system decided, what the paper says, what the bank paid (6.1).

Pure: three figures for each of amount, persons and first month. A file that was never paid, or has
no paper yet, is compared in what it has.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from yuquan_relief.kernel.inputs.money import show

FACETS = {"AMOUNT": "金额", "PERSONS": "保障人数", "MONTH": "起始月"}
RIGHT = {"ELECTRONIC": "以系统为准", "PAPER": "以纸质为准", "MONEY": "以资金为准"}
# What follows, by who is right: an original is never edited.
FOLLOWS = {
    "ELECTRONIC": "打印更正单附在纸质档案里；资金不对的，在追缴或补发里办理",
    "PAPER": "原件不改；请发起复核，按复核结果调整",
    "MONEY": "请核对资金依据；系统、纸质各附更正单",
}


@dataclass(frozen=True)
class Figures:
    """One side's figures: fen a month (or once), people, first month; None: it does not say."""

    amount_fen: int | None = None
    persons: int | None = None
    month: date | None = None

    def text(self, facet: str) -> str:
        """A facet in words, "" where this side does not say."""
        if facet == "AMOUNT":
            return "" if self.amount_fen is None else show(self.amount_fen)
        if facet == "PERSONS":
            return "" if self.persons is None else str(self.persons)
        return f"{self.month:%Y-%m}" if self.month else ""


@dataclass(frozen=True)
class Line:
    """One facet as the three sides tell it."""

    facet: str
    electronic: str
    paper: str
    money: str

    @property
    def differs(self) -> bool:
        """Whether two sides that say something say different things."""
        return len({t for t in (self.electronic, self.paper, self.money) if t}) > 1

    @property
    def fingerprint(self) -> str:
        """The three values: a correction holds only for these."""
        text = "|".join((self.facet, self.electronic, self.paper, self.money))
        return hashlib.sha256(text.encode()).hexdigest()


def lines(electronic: Figures, paper: Figures, money: Figures) -> Iterator[Line]:
    """Each facet that at least two sides speak of."""
    for facet in FACETS:
        line = Line(facet, electronic.text(facet), paper.text(facet), money.text(facet))
        if sum(map(bool, (line.electronic, line.paper, line.money))) > 1:
            yield line
