"""Tables of plain cells, for pages and for printed forms."""

import re
from dataclasses import dataclass

from yuquan_relief.kernel.inputs import money

WHOLE = re.compile(r"\d{4}-\d\d-\d\d|[A-Z]{2}-\d{4}-\d{3,6}")


@dataclass(frozen=True)
class Cell:
    """One cell: its text, whether it is a number, and where it leads."""

    text: str
    is_number: bool = False
    url: str = ""
    tone: str = ""

    @property
    def is_whole(self) -> bool:
        """A date or a short number of a paper, which is not broken over two lines."""
        return bool(WHOLE.fullmatch(self.text))


@dataclass(frozen=True)
class Table:
    """A table with its heads; the first cell of a row names it."""

    caption: str
    heads: tuple[str, ...]
    rows: list[list[Cell]]
    empty: str = ""

    @property
    def columns(self) -> list[tuple[str, bool]]:
        """(head, whether its cells are numbers)."""
        first = self.rows[0] if self.rows else []
        return [(head, cell.is_number) for head, cell in zip(self.heads, first, strict=True)]

    @property
    def lines(self) -> list[list[tuple[str, Cell]]]:
        """The rows, each cell with the head of its column."""
        return [list(zip(self.heads, row, strict=True)) for row in self.rows]


def yuan(fen: int) -> Cell:
    """An amount."""
    return Cell(money.show(fen), is_number=True)


def number(value: int) -> Cell:
    """A count."""
    return Cell(f"{value:,}", is_number=True)
