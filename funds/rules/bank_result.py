"""The bank's answer as a table: every row read, or the whole file refused with row numbers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.inputs import InputError, bank_accounts, money, typed
from yuquan_relief.kernel.spreadsheets import Row, Table, read_table

SUCCESS, FAILURE = "成功", "失败"
PARTS = (
    "batch_no",
    "line_no",
    "account",
    "holder",
    "amount",
    "status",
    "serial",
    "paid_at",
    "reason",
)


@dataclass(frozen=True, kw_only=True)
class AnswerTemplate:
    """A bank's form of answer: the column of each part, and the bank's words for what became of a
    payment. A word that is in neither list is left for a person."""

    code: str
    label: str
    columns: Mapping[str, str]
    paid: frozenset[str]
    failed: frozenset[str]
    amounts: str = "yuan"

    @classmethod
    def read(cls, code: str, value: Mapping[str, Any]) -> "AnswerTemplate":
        """The template that a value of the rulebook describes; raises ValueError when a part has no
        column or a word means both."""
        found = cls(
            code=code,
            label=value["label"],
            columns=value["columns"],
            paid=frozenset(value["paid"]),
            failed=frozenset(value["failed"]),
            amounts=value.get("amounts", "yuan"),
        )
        if set(found.columns) != set(PARTS) or not found.paid or found.paid & found.failed:
            raise ValueError(f"{code}: parts {sorted(found.columns)}")
        return found

    def status(self, word: str) -> str:
        """成功 or 失败 for a word of the bank that is known, else the word itself."""
        if word in self.paid:
            return SUCCESS
        return FAILURE if word in self.failed else word


_TIME = re.compile(r"(\d{4})[-/]?(\d{2})[-/]?(\d{2})(?:[ T]?\d{2}:?\d{2}(?::?\d{2})?)?")
MOST_ERRORS = 20


class ResultRow(NamedTuple):
    """One answer of the bank; `number` is the row in the file, the amount is in fen."""

    number: int
    batch_no: str
    line_no: int
    account: str
    holder: str
    amount_fen: int
    status: str
    serial: str
    paid_on: date | None
    reason: str


def read_result(
    content: bytes, templates: Sequence[AnswerTemplate], *, name: str = "", today: date
) -> list[ResultRow]:
    """The rows of the file, after the template whose columns it has.

    Raises Refused naming every row that cannot be read (at most 20), or the columns that lack.
    """
    table = read_table(content, name=name)
    template = _template_of(table, templates)
    rows: list[ResultRow] = []
    wrong: list[str] = []
    for row in table.rows:
        try:
            rows.append(_read(row, template, today))
        except InputError as error:
            wrong.append(f"第 {row.number} 行：{error.message.rstrip('。')}")
    if not rows and not wrong:
        raise Refused("文件里只有列名，没有银行结果，请核对后重新选择", code="bad_result_file")
    if wrong:
        raise Refused(_told(wrong), code="bad_result_file")
    return rows


def _told(wrong: Sequence[str]) -> str:
    more = f"；另有 {len(wrong) - MOST_ERRORS} 行" if len(wrong) > MOST_ERRORS else ""
    return f"文件有 {len(wrong)} 行不能读取，没有导入。{'；'.join(wrong[:MOST_ERRORS])}{more}"


def _template_of(table: Table, templates: Sequence[AnswerTemplate]) -> AnswerTemplate:
    lacking = {
        t.code: [t.columns[part] for part in PARTS if t.columns[part] not in table.header]
        for t in templates
    }
    nearest = min(templates, key=lambda t: len(lacking[t.code]))
    if missing := lacking[nearest.code]:
        raise Refused(
            f"首行缺少列：{'、'.join(missing)}（按 {table.encoding} 读取，"
            f"与“{nearest.label}”比较），请核对是否为银行结果",
            code="bad_result_file",
        )
    return nearest


def _read(row: Row, template: AnswerTemplate, today: date) -> ResultRow:
    column = template.columns
    serial = typed(row.get(column["serial"]))
    status = template.status(_word(row.get(column["status"])))
    if not status:
        raise InputError("status", "没有填状态")
    if status == SUCCESS and not serial:
        raise InputError("serial", "状态是成功，但没有交易流水号")
    if len(serial) > 40:
        raise InputError("serial", "交易流水号超过 40 位")
    return ResultRow(
        number=row.number,
        batch_no=_word(row.get(column["batch_no"])),
        line_no=_line_no(row.get(column["line_no"])),
        account=bank_accounts.clean(row.text(column["account"]), kind="passbook"),
        holder=row.get(column["holder"]).strip()[:100],
        amount_fen=_amount(row.get(column["amount"]), template.amounts),
        status=status,
        serial=serial,
        paid_on=_day(row.get(column["paid_at"]), today, is_needed=status == SUCCESS),
        reason=typed(row.get(column["reason"]))[:100],
    )


@lru_cache(maxsize=256)
def _word(text: str) -> str:
    """What is typed in a column whose cells are nearly all the same."""
    return typed(text)


def _amount(text: str, unit: str) -> int:
    if unit == "yuan":
        return money.parse(text)
    digits = typed(text).lstrip("0") or "0"
    if not re.fullmatch(r"[0-9]{1,14}", digits):
        raise InputError("amount", "金额应为以分计的整数")
    return int(digits)


def _line_no(text: str) -> int:
    digits = typed(text)
    if not re.fullmatch(r"[0-9]{1,7}", digits):
        raise InputError("line_no", "序号应为数字")
    return int(digits)


@lru_cache(maxsize=256)
def _day(text: str, today: date, *, is_needed: bool) -> date | None:
    written = typed(text)
    if not written:
        if is_needed:
            raise InputError("time", "状态是成功，但没有交易时间")
        return None
    match = _TIME.fullmatch(written)
    try:
        if match is None:
            raise ValueError(written)
        day = datetime(int(match[1]), int(match[2]), int(match[3])).date()  # noqa: DTZ001 - a day
    except ValueError:
        raise InputError("time", "交易时间不能识别，例如 2026-11-09 10:30:00") from None
    if day > today:
        raise InputError("time", "交易时间晚于今天")
    return day
