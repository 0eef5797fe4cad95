"""The old register as a table: every row read, or told with its number and column (16)."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from cases.rules.roster import RowError
from yuquan_relief.kernel.inputs import InputError, dates, names, typed
from yuquan_relief.kernel.spreadsheets import Row

from .old_files import FIRST_YEAR, PROGRAMMES, REQUIRED


@dataclass(frozen=True)
class OldRow:
    """One file of the register as it was typed; the office is a name still."""

    number: int
    year: int
    programme: str
    old_no: str
    head_name: str
    office: str
    village: str
    pages: int | None
    box: str
    approved_on: date | None


def header_errors(header: Sequence[str]) -> list[str]:
    """What the first line lacks."""
    missing = [name for name in REQUIRED if name not in header]
    return [f"首行缺少列：{'、'.join(missing)}"] if missing else []


def read_rows(rows: Sequence[Row], *, today: date) -> tuple[list[OldRow], list[RowError]]:
    """The rows that can be read, and every cell that cannot; a number that stands twice in one
    office is told too."""
    found: list[OldRow] = []
    wrong: list[RowError] = []
    first: dict[tuple[str, str], int] = {}
    for row in rows:
        cells: dict[str, Any] = {}
        for column, read in READERS.items():
            try:
                cells[column] = read(row, today)
            except InputError as error:
                wrong.append(RowError(row.number, column, error.message.rstrip("。")))
        if len(cells) < len(READERS):
            continue
        one = _row(row.number, cells)
        before = first.setdefault((one.office, one.old_no), row.number)
        if before != row.number:
            wrong.append(RowError(row.number, "档号", f"与第 {before} 行的档号相同，请核对"))
        found.append(one)
    return found, wrong


def _row(number: int, cells: Mapping[str, Any]) -> OldRow:
    return OldRow(
        number=number,
        year=cells["年度"],
        programme=cells["类别"],
        old_no=cells["档号"],
        head_name=cells["户主"],
        office=cells["镇街道"],
        village=cells["村社区"],
        pages=cells["页数"],
        box=cells["盒号"],
        approved_on=cells["批准日期"],
    )


def _year(row: Row, today: date) -> int:
    text = typed(row.get("年度")).removesuffix("年")
    if not re.fullmatch(r"[0-9]{4}", text) or not FIRST_YEAR <= int(text) <= today.year:
        raise InputError("year", f"年度请填 {FIRST_YEAR} 至 {today.year}")
    return int(text)


def _programme(row: Row, today: date) -> str:
    text = typed(row.get("类别"))
    if text not in PROGRAMMES:
        raise InputError("programme", f"类别请填：{'、'.join(PROGRAMMES)}")
    return PROGRAMMES[text]


def _needed(column: str, most: int) -> Callable[[Row, date], str]:
    def read(row: Row, today: date) -> str:
        text = names.clean_text(row.get(column), most=most, lines=False)
        if not text:
            raise InputError("required", f"没有填{column}")
        return text

    return read


def _free(column: str, most: int) -> Callable[[Row, date], str]:
    return lambda row, today: names.clean_text(row.get(column), most=most, lines=False)


def _pages(row: Row, today: date) -> int | None:
    text = typed(row.get("页数"))
    if text and not re.fullmatch(r"[0-9]{1,4}", text):
        raise InputError("pages", "页数请填数字")
    return int(text) if text else None


def _approved(row: Row, today: date) -> date | None:
    text = typed(row.get("批准日期"))
    return dates.parse_day(text, today=today) if text else None


READERS: dict[str, Callable[[Row, date], Any]] = {
    "年度": _year,
    "类别": _programme,
    "档号": _needed("档号", 60),
    "户主": _needed("户主", 100),
    "镇街道": _needed("镇街道", 50),
    "村社区": _free("村社区", 50),
    "页数": _pages,
    "盒号": _free("盒号", 40),
    "批准日期": _approved,
}
