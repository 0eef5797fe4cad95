"""The bank's answer as a table: every row read, or the whole file refused with row numbers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.inputs import InputError, bank_accounts, money, typed
from yuquan_relief.kernel.spreadsheets import Row, Table, read_table

COLUMNS = (
    "批次号",
    "序号",
    "收款账号",
    "户名",
    "金额",
    "状态",
    "交易流水号",
    "交易时间",
    "失败原因",
)
SUCCESS, FAILURE = "成功", "失败"
_TIME = re.compile(r"(\d{4})[-/]?(\d{2})[-/]?(\d{2})(?:[ T]?\d{2}:?\d{2}(?::?\d{2})?)?")
MOST_ERRORS = 20


@dataclass(frozen=True)
class ResultRow:
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


def read_result(content: bytes, *, name: str = "", today: date) -> list[ResultRow]:
    """The rows of the file. Raises Refused naming every row that cannot be read (at most 20)."""
    table = read_table(content, name=name)
    _check_header(table)
    rows: list[ResultRow] = []
    wrong: list[str] = []
    for row in table.rows:
        try:
            rows.append(_read(row, today))
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


def _check_header(table: Table) -> None:
    missing = [column for column in COLUMNS if column not in table.header]
    if missing:
        raise Refused(
            f"首行缺少列：{'、'.join(missing)}（按 {table.encoding} 读取），请核对是否为银行结果",
            code="bad_result_file",
        )


def _read(row: Row, today: date) -> ResultRow:
    status = typed(row.get("状态"))
    serial = typed(row.get("交易流水号"))
    if not status:
        raise InputError("status", "没有填状态")
    if status == SUCCESS and not serial:
        raise InputError("serial", "状态是成功，但没有交易流水号")
    if len(serial) > 40:
        raise InputError("serial", "交易流水号超过 40 位")
    return ResultRow(
        number=row.number,
        batch_no=typed(row.get("批次号")),
        line_no=_line_no(row.get("序号")),
        account=bank_accounts.clean(row.text("收款账号"), kind="passbook"),
        holder=row.get("户名").strip()[:100],
        amount_fen=money.parse(row.get("金额")),
        status=status,
        serial=serial,
        paid_on=_day(row.get("交易时间"), today, is_needed=status == SUCCESS),
        reason=typed(row.get("失败原因"))[:100],
    )


def _line_no(text: str) -> int:
    digits = typed(text)
    if not re.fullmatch(r"[0-9]{1,7}", digits):
        raise InputError("line_no", "序号应为数字")
    return int(digits)


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
