"""Tables out of files that people send: CSV in the usual encodings, and XLSX without surprises.

An XLSX is unpacked here first, within limits and without anything but its cells, and only that
copy is parsed: what was checked is what is read. Formulas are refused, since their cached value
is whatever the sender's program last left there.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from python_calamine import CalamineError, CalamineWorkbook

from .errors import Refused
from .inputs import InputError, text_cell, typed

MOST_BYTES = 30 * 1024 * 1024
MOST_UNPACKED = 200 * 1024 * 1024
MOST_PARTS = 2000
MOST_ROWS = 200_000
MOST_COLUMNS = 60
MOST_CELL = 2000
_PIECE = 1 << 18

_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_KEPT_PART = re.compile(r"(\[Content_Types\]|_rels/|xl/(_rels/)?(workbook|sharedStrings|styles)"
                        r"|xl/worksheets/[^/]+)[^/]*\.(xml|rels)")  # fmt: skip
_FORMULA = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3}[0-9]{1,7})"[^>]*>\s*<(?:\w+:)?f[\s/>]')
_ANY_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_ENTITY = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)


class NumberCell(str):
    """The text of a cell that was stored as a number. Good for amounts, never for accounts."""

    __slots__ = ()


class Row(NamedTuple):
    """One line under the header: its number as the spreadsheet shows it, and text by column."""

    number: int
    cells: dict[str, str]

    def get(self, column: str) -> str:
        """The cell's text, "" where there is none."""
        return self.cells.get(column, "")

    def text(self, column: str) -> str:
        """The cell that must have been text; raises InputError `column_as_text` of a number."""
        cell = self.get(column)
        return text_cell(float(cell) if isinstance(cell, NumberCell) else cell)


@dataclass(frozen=True)
class Table:
    """A file as read. `encoding` is said to the person, who sees whether it was right."""

    header: tuple[str, ...]
    rows: list[Row] = field(repr=False)
    encoding: str


class Unreadable(Refused):
    """The file is not a table that can be taken in (answered 415)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, code="unsupported_file")


def read_table(content: bytes, *, name: str = "") -> Table:
    """The first sheet, or the CSV, as rows of text under the header of its first line.

    Raises Unreadable, with what to do, for anything else than CSV or XLSX.
    """
    if not content.strip(b"\x00 \r\n\t"):
        raise Unreadable("文件是空的，请重新选择")
    if len(content) > MOST_BYTES:
        raise Unreadable(f"文件超过 {MOST_BYTES // 1024 // 1024} MB，请分成几个文件导入")
    if content.startswith(_OLD_EXCEL):
        raise Unreadable("这是旧版 .xls 或加密的文件，请在表格软件里另存为 .xlsx（不设密码）再上传")
    if content.startswith(b"PK"):
        return _table(_sheet_lines(_safe_copy(content)), "XLSX")
    if name.lower().endswith((".xlsx", ".xlsm", ".xls", ".ods")):
        raise Unreadable("文件扩展名与内容不符：内容不是电子表格，请用表格软件打开后另存为 .xlsx")
    text, encoding = decoded(content)
    return _table(_csv_lines(text), encoding)


def decoded(content: bytes) -> tuple[str, str]:
    """The text and the name of its encoding: UTF-8 with or without BOM, UTF-16, GB18030."""
    tries = [("utf-8-sig", "UTF-8"), ("gb18030", "GB18030")]
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        tries = [("utf-16", "UTF-16")]
    for codec, label in tries:
        try:
            text = content.decode(codec)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return text, label
    raise Unreadable("不能识别文件的文字编码，请另存为 .xlsx 或 UTF-8 编码的 .csv 再上传")


def _csv_lines(text: str) -> Iterator[tuple[int, Sequence[Any]]]:
    first = text.partition("\n")[0]
    others = [mark for mark in "\t|" if mark in first and "," not in first]
    delimiter = others[0] if others else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 1
    try:
        for cells in reader:
            yield number, cells
            number = reader.line_num + 1
    except csv.Error as error:
        raise Unreadable(f"第 {number} 行的引号或分隔符不对，请用表格软件另存后再上传") from error


def _sheet_lines(content: bytes) -> Iterator[tuple[int, Sequence[Any]]]:
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    except (CalamineError, IndexError) as error:
        raise Unreadable("表格文件已损坏，请用表格软件打开后另存为 .xlsx 再上传") from error
    if sheet.total_height > MOST_ROWS + 1 or sheet.total_width > MOST_COLUMNS:
        raise _too_big()
    yield from enumerate(sheet.iter_rows(), start=1)


def _table(lines: Iterator[tuple[int, Sequence[Any]]], encoding: str) -> Table:
    for _, cells in lines:
        header = _header(cells)
        if header:
            break
    else:
        raise Unreadable("文件里没有内容，请核对后重新选择")
    rows = []
    for number, cells in lines:
        if row := _row(number, header, cells):
            rows.append(row)
        if len(rows) > MOST_ROWS:
            raise _too_big()
    return Table(header, rows, encoding)


def _header(cells: Sequence[Any]) -> tuple[str, ...]:
    names = [_column_name(str(cell)) for cell in cells]
    while names and not names[-1]:
        names.pop()
    if len(names) > MOST_COLUMNS:
        raise _too_big()
    if "" in names:
        raise Unreadable(f"首行第 {names.index('') + 1} 列没有列名，请补上列名或删去这一列")
    doubled = sorted({n for n in names if names.count(n) > 1})
    if doubled:
        raise Unreadable(f"列名“{doubled[0]}”出现了两次，请删去重复的一列")
    return tuple(names)


def _column_name(text: str) -> str:
    try:
        return re.sub(r"\s+", "", typed(text))[:40]
    except InputError as error:
        raise Unreadable("首行有不能识别的字符，请按模板重新填写列名") from error


def _row(number: int, header: tuple[str, ...], cells: Sequence[Any]) -> Row | None:
    values = [cell if type(cell) is str else cell_text(cell) for cell in cells]
    if not any(map(str.strip, values)):
        return None
    if any(map(str.strip, values[len(header) :])):
        raise Unreadable(f"第 {number} 行的格子比首行的列名多，请核对是否多了逗号")
    if max(map(len, values)) > MOST_CELL:
        raise Unreadable(f"第 {number} 行有一格超过 {MOST_CELL} 个字，请核对")
    return Row(number, dict(zip(header, values, strict=False)))


def cell_text(cell: Any) -> str:
    """A cell as text; a number becomes a NumberCell, a date its ISO day."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, int | float):
        whole = f"{cell:.9f}".rstrip("0").rstrip(".")
        return NumberCell(whole)
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else str(cell)


def _safe_copy(content: bytes) -> bytes:
    """The workbook with its cells only, each part unpacked within limits and looked through."""
    out = io.BytesIO()
    left = MOST_UNPACKED
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w") as copy:
            _refuse_foreign(source)
            for info in source.infolist():
                if not _KEPT_PART.fullmatch(info.filename):
                    continue
                part = _unpacked(source, info, left)
                left -= len(part)
                _look_through(info.filename, part)
                copy.writestr(info.filename, part)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise Unreadable("表格文件已损坏或加了密码，请另存为不设密码的 .xlsx 再上传") from error
    return out.getvalue()


def _refuse_foreign(source: zipfile.ZipFile) -> None:
    names = [info.filename for info in source.infolist()]
    if len(names) > MOST_PARTS or len(set(names)) != len(names):
        raise Unreadable("表格文件的内部结构不正常，请用表格软件另存为 .xlsx 再上传")
    if any("vbaproject" in name.lower() for name in names):
        raise Unreadable("文件里带有宏，请另存为不带宏的 .xlsx 再上传")
    if "mimetype" in names:
        raise Unreadable("这是 .ods 文件，请在表格软件里另存为 .xlsx 再上传")
    if "xl/workbook.xml" not in names:
        raise Unreadable("这不是 .xlsx 表格，请用表格软件另存为 .xlsx 再上传")
    if sum(info.file_size for info in source.infolist()) > MOST_UNPACKED:
        raise _too_big()


def _unpacked(source: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes:
    """The part's bytes; stops as soon as there are more than were declared or are allowed."""
    part = bytearray()
    with source.open(info) as stream:
        while piece := stream.read(_PIECE):
            part += piece
            if len(part) > most:
                raise _too_big()
    return bytes(part)


def _look_through(name: str, part: bytes) -> None:
    if b"\x00" in part[:200] or _ENTITY.search(part):
        raise Unreadable("表格文件的内部结构不正常，请用表格软件另存为 .xlsx 再上传")
    if name == "[Content_Types].xml" and b"macroEnabled" in part:
        raise Unreadable("文件里带有宏，请另存为不带宏的 .xlsx 再上传")
    if not name.startswith("xl/worksheets/"):
        return
    if cells := [found.decode() for found in _FORMULA.findall(part)[:3]]:
        raise Unreadable(
            f"{'、'.join(cells)} 等格子里是公式，请选中后“复制—选择性粘贴—数值”，保存再上传"
        )
    if _ANY_FORMULA.search(part):
        raise Unreadable("表格里有公式，请全选后“复制—选择性粘贴—数值”，保存再上传")


def _too_big() -> Unreadable:
    return Unreadable(
        f"表格太大（最多 {MOST_ROWS:,} 行、{MOST_COLUMNS} 列），请删去空白行列或分成几个文件"
    )


def neutral(text: str) -> str:
    """The text as a cell of an exported file: nothing a spreadsheet would take for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r\n＝＋－＠" and text else text
