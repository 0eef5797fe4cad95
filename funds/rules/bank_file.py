"""Bank files after a dated template: CSV, fixed width, or a workbook (domain 10.3).

The same lines always give the same bytes, so that what was approved can be made again and
compared: lines in order, no time stamp, nothing that depends on the machine. A template is data of
the rulebook (`bank.file.*`), as the banks' agreements are: it names columns and where they come
from, and changes with a new date, never with new code.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from yuquan_relief.kernel.inputs import InputError
from yuquan_relief.kernel.spreadsheets import neutral

from .batches import KINDS

PIECE = 1 << 18
LAYOUTS = ("csv", "fixed", "xlsx")


@dataclass(frozen=True)
class Head:
    """Which list, how many payments, how much (fen)."""

    batch_no: str
    count: int
    total_fen: int
    office: str
    item: str


@dataclass(frozen=True)
class Payment:
    """One payment (fen) for one month."""

    line_no: int
    holder: str
    id_no: str
    account: str
    bank: str
    amount_fen: int
    month: date
    village: str
    certificate_no: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: its name, the field it shows, and for fixed width its bytes and side."""

    name: str
    field: str
    width: int = 0
    right: bool = False
    fill: str = " "


@dataclass(frozen=True, kw_only=True)
class Template:
    """A bank's form. `head` and `foot` are rows of texts with {batch_no} {count} {total} {office}
    {item}; `names`: whether the names of the columns stand above them."""

    code: str
    layout: str
    encoding: str
    extension: str
    columns: tuple[Column, ...]
    head: tuple[tuple[str, ...], ...] = ()
    foot: tuple[tuple[str, ...], ...] = ()
    names: bool = True
    delimiter: str = ","
    amounts: str = "yuan"

    @classmethod
    def read(cls, code: str, value: Mapping[str, Any]) -> "Template":
        """The template that a value of the rulebook describes; raises ValueError when it makes no
        sense, with what is wrong."""
        found = cls(
            code=code,
            layout=value["layout"],
            encoding=value.get("encoding", "utf-8"),
            extension=value["extension"],
            columns=tuple(Column(**column) for column in value["columns"]),
            head=_rows(value.get("head", ())),
            foot=_rows(value.get("foot", ())),
            names=value.get("names", True),
            delimiter=value.get("delimiter", ","),
            amounts=value.get("amounts", "yuan"),
        )
        if wrong := found.wrong():
            raise ValueError(f"{code}: {wrong}")
        return found

    def wrong(self) -> str:
        """What makes no sense in it; "" when it can be used."""
        unknown = [c.field for c in self.columns if c.field not in FIELDS]
        tests = (
            (f"unknown layout {self.layout}", self.layout in LAYOUTS),
            (f"unknown fields {unknown}", not unknown),
            ("no columns", bool(self.columns)),
            ("a fixed-width column needs a width",
             self.layout != "fixed" or all(c.width for c in self.columns)),
            ("no account or no amount", {"account", "amount"} <= {c.field for c in self.columns}),
            ("amounts are in yuan or fen", self.amounts in ("yuan", "fen")),
        )  # fmt: skip
        return next((text for text, holds in tests if not holds), "")


def _rows(value: Iterable[Iterable[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(row) for row in value)


FIELDS: dict[str, Callable[["Template", Head, Payment], str]] = {
    "line_no": lambda t, h, p: str(p.line_no),
    "batch_no": lambda t, h, p: h.batch_no,
    "holder": lambda t, h, p: p.holder,
    "id_kind": lambda t, h, p: "居民身份证",
    "id_no": lambda t, h, p: p.id_no,
    "account": lambda t, h, p: p.account,
    "bank": lambda t, h, p: p.bank,
    "amount": lambda t, h, p: amount_text(p.amount_fen, t.amounts),
    "item": lambda t, h, p: h.item,
    "month": lambda t, h, p: f"{p.month:%Y%m}",
    "months": lambda t, h, p: "1",
    "office": lambda t, h, p: h.office,
    "village": lambda t, h, p: p.village,
    "certificate_no": lambda t, h, p: p.certificate_no,
    "remark": lambda t, h, p: "" if p.kind == "NORMAL" else KINDS[p.kind],
}
OF_PEOPLE = frozenset({"holder", "bank", "office", "village"})  # texts that somebody typed


def plain_yuan(fen: int) -> str:
    """`1826.68`: no thousands sign, always two decimals."""
    return f"{fen // 100}.{fen % 100:02d}"


def amount_text(fen: int, unit: str) -> str:
    """The amount as the template writes it: yuan with two decimals, or whole fen."""
    return plain_yuan(fen) if unit == "yuan" else str(fen)


def chunks(template: Template, head: Head, payments: Iterable[Payment]) -> Iterator[bytes]:
    """A text file piece by piece; a workbook is written by operations.bank_workbook.

    Raises InputError when a value does not fit the template.
    """
    return WRITERS[template.layout](template, head, payments)


def _filled(template: Template, rows: tuple[tuple[str, ...], ...], head: Head) -> list[list[str]]:
    values = {
        "batch_no": head.batch_no,
        "count": head.count,
        "total": amount_text(head.total_fen, template.amounts),
        "office": head.office,
        "item": head.item,
    }
    return [[cell.format(**values) for cell in row] for row in rows]


def above(template: Template, head: Head) -> list[list[str]]:
    """The rows over the payments: the head's, and the names of the columns."""
    names = [[column.name for column in template.columns]] if template.names else []
    return _filled(template, template.head, head) + names


def _csv(template: Template, head: Head, payments: Iterable[Payment]) -> Iterator[bytes]:
    """Lines with CRLF. A text that a spreadsheet would take for a formula gets an apostrophe."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=template.delimiter, lineterminator="\r\n")
    writer.writerows(above(template, head))
    cells = [(FIELDS[c.field], c.field in OF_PEOPLE) for c in template.columns]
    for payment in payments:
        writer.writerow(
            [
                neutral(read(template, head, payment)) if typed else read(template, head, payment)
                for read, typed in cells
            ]
        )
        if out.tell() > PIECE:
            yield out.getvalue().encode(template.encoding)
            out.seek(0)
            out.truncate()
    writer.writerows(_filled(template, template.foot, head))
    yield out.getvalue().encode(template.encoding)


def _fixed(template: Template, head: Head, payments: Iterable[Payment]) -> Iterator[bytes]:
    """Lines of the same number of bytes; a value that is too long is told, never cut."""
    out = bytearray()
    for row in above(template, head):
        out += "|".join(row).encode(template.encoding) + b"\r\n"
    for payment in payments:
        for column in template.columns:
            out += _padded(template, column, FIELDS[column.field](template, head, payment), payment)
        out += b"\r\n"
        if len(out) > PIECE:
            yield bytes(out)
            out.clear()
    for row in _filled(template, template.foot, head):
        out += "|".join(row).encode(template.encoding) + b"\r\n"
    yield bytes(out)


def _padded(template: Template, column: Column, text: str, payment: Payment) -> bytes:
    cell = text.encode(template.encoding)
    if len(cell) > column.width:
        raise InputError(
            column.field,
            f"第 {payment.line_no} 笔的{column.name}超过银行文件模板的 {column.width} 个字节，"
            "请核对，或请区局改用别的模板",
        )
    fill = column.fill.encode(template.encoding) * (column.width - len(cell))
    return fill + cell if column.right else cell + fill


WRITERS: dict[str, Callable[[Template, Head, Iterable[Payment]], Iterator[bytes]]] = {
    "csv": _csv,
    "fixed": _fixed,
}
