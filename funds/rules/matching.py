"""Matching the bank's answer with the list, to the fen. Pure: (expected, received) → outcome.

Nothing that does not match in account, name and amount is settled: it becomes an exception, and a
person resolves it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from yuquan_relief.kernel.inputs import bank_accounts
from yuquan_relief.kernel.spreadsheets import neutral

from .bank_result import FAILURE, SUCCESS, ResultRow

EXCEPTIONS = {
    "MISSING": "银行没有返回",
    "EXTRA": "名单里没有",
    "DUPLICATE": "重复返回",
    "LATE": "已有结果后又返回",
    "WRONG_AMOUNT": "金额不符",
    "WRONG_NAME": "户名不符",
    "WRONG_ACCOUNT": "账号不符",
    "OTHER_BATCH": "属于其他批次",
    "UNKNOWN_STATUS": "状态不能识别",
    "FAILED": "发放失败",
}
# Who looks into it: the office knows the household, the accounting centre the bank.
OWNERS = {
    kind: "office_staff" if kind in ("FAILED", "WRONG_NAME", "WRONG_ACCOUNT") else "accounting"
    for kind in EXCEPTIONS
}


class Expected(NamedTuple):
    """One line of the list. `account_digest` is keyed; the clear number is not needed here."""

    line_no: int
    account_digest: str
    holder: str
    amount_fen: int
    state: str
    serial: str = ""


@dataclass(frozen=True)
class Difference:
    """One thing that a person has to look at. `line_no` 0: no line of this list."""

    kind: str
    line_no: int
    row_number: int
    detail: str


@dataclass
class Outcome:
    """What a file settles: lines paid (number, day, serial), lines returned (number, reason)."""

    paid: list[tuple[int, date, str]] = field(default_factory=list)
    returned: list[tuple[int, str]] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    rows: int = 0
    repeated: int = 0


def match(
    batch_no: str,
    expected: Mapping[int, Expected],
    rows: Iterable[ResultRow],
    digest: Callable[[str], str],
) -> Outcome:
    """Settle each row or tell why not; each waiting line without any row is MISSING."""
    received = list(rows)
    mine = [row for row in received if row.batch_no == batch_no]
    numbers = Counter(row.line_no for row in mine)
    serials = Counter(row.serial for row in mine if row.serial)
    outcome = Outcome(rows=len(received))
    for row in received:
        line = expected.get(row.line_no) if row.batch_no == batch_no else None
        if line and line.state == "PAID" and _is_repeat(line, row):
            outcome.repeated += 1
            continue
        doubled = numbers[row.line_no] > 1 or serials[row.serial] > 1
        kind = _kind(batch_no, line, row, doubled, digest)
        _settle(outcome, kind, row, 0 if line is None else row.line_no)
    _tell_missing(outcome, expected, numbers)
    return outcome


def _is_repeat(line: Expected, row: ResultRow) -> bool:
    same = row.serial == line.serial and row.amount_fen == line.amount_fen
    return row.status == SUCCESS and same


def _kind(
    batch_no: str,
    line: Expected | None,
    row: ResultRow,
    doubled: bool,
    digest: Callable[[str], str],
) -> str:
    """Why the row cannot be settled, FAILED for a return, "" for a payment."""
    if row.batch_no != batch_no:
        return "OTHER_BATCH"
    if line is None:
        return "EXTRA"
    found = _difference(line, row, digest(row.account))
    return "DUPLICATE" if doubled else found


def _difference(line: Expected, row: ResultRow, account_digest: str) -> str:
    """The first thing in which the row is not what was sent and waits; "" when it is paid."""
    kind = ""
    if line.state != "PENDING":
        kind = "LATE"
    elif account_digest != line.account_digest:
        kind = "WRONG_ACCOUNT"
    elif not _same_name(row.holder, line.holder):
        kind = "WRONG_NAME"
    elif row.amount_fen != line.amount_fen:
        kind = "WRONG_AMOUNT"
    elif row.status != SUCCESS:
        kind = "FAILED" if row.status == FAILURE else "UNKNOWN_STATUS"
    return kind


def _same_name(told: str, known: str) -> bool:
    return bank_accounts.same_holder(told, known) or told == neutral(known)


def _settle(outcome: Outcome, kind: str, row: ResultRow, line_no: int) -> None:
    if not kind:
        assert row.paid_on is not None
        outcome.paid.append((row.line_no, row.paid_on, row.serial))
        return
    if kind == "FAILED":
        outcome.returned.append((row.line_no, row.reason or "银行未说明原因"))
    detail = _detail(kind, row)
    outcome.differences.append(Difference(kind, line_no, row.number, detail[:300]))


def _detail(kind: str, row: ResultRow) -> str:
    if kind == "OTHER_BATCH":
        return f"文件写的批次号是 {row.batch_no[:40]}"
    if kind == "WRONG_AMOUNT":
        return f"银行返回 {row.amount_fen // 100}.{row.amount_fen % 100:02d} 元"
    if kind == "WRONG_ACCOUNT":
        return f"银行返回账号 {bank_accounts.mask(row.account)}"
    if kind == "UNKNOWN_STATUS":
        return f"银行返回“{row.status[:20]}”"
    if kind == "FAILED":
        return row.reason or "银行未说明原因"
    return f"银行返回“{row.status[:20]}”，流水号 {row.serial or '无'}"


def _tell_missing(
    outcome: Outcome, expected: Mapping[int, Expected], numbers: Counter[int]
) -> None:
    outcome.differences += [
        Difference("MISSING", line.line_no, 0, "文件里没有这一笔")
        for line in expected.values()
        if line.state == "PENDING" and not numbers[line.line_no]
    ]
