"""The bank file: GB18030 CSV with CRLF, ordered, without a time stamp (domain 10.3).

The same lines always give the same bytes, so that what was approved can be made again and compared.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from yuquan_relief.kernel.spreadsheets import neutral

from .batches import KINDS

ENCODING = "gb18030"
COLUMNS = (
    "序号",
    "收款人姓名",
    "证件类型",
    "证件号码",
    "收款账号",
    "开户银行",
    "金额",
    "补贴项目",
    "所属期",
    "月数",
    "镇街",
    "村（社区）",
    "低保证号",
    "备注",
)


@dataclass(frozen=True)
class Head:
    """The first line: which list, how many payments, how much (fen)."""

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


def plain_yuan(fen: int) -> str:
    """`1826.68`: no thousands sign, always two decimals."""
    return f"{fen // 100}.{fen % 100:02d}"


def chunks(head: Head, payments: Iterable[Payment]) -> Iterator[bytes]:
    """The file piece by piece: the line of totals, the names of the columns, one line a payment.

    A text that a spreadsheet would take for a formula gets an apostrophe; other names stay as
    they are, to the byte.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    total = plain_yuan(head.total_fen)
    writer.writerow(["批次号", head.batch_no, "总笔数", head.count, "总金额", total])
    writer.writerow(COLUMNS)
    for payment in payments:
        writer.writerow(_cells(head, payment))
        if out.tell() > 1 << 18:
            yield out.getvalue().encode(ENCODING)
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode(ENCODING)


def _cells(head: Head, payment: Payment) -> list[str]:
    return [
        str(payment.line_no),
        neutral(payment.holder),
        "居民身份证",
        payment.id_no,
        payment.account,
        neutral(payment.bank),
        plain_yuan(payment.amount_fen),
        head.item,
        f"{payment.month:%Y%m}",
        "1",
        neutral(head.office),
        neutral(payment.village),
        payment.certificate_no,
        "" if payment.kind == "NORMAL" else KINDS[payment.kind],
    ]


@dataclass(frozen=True)
class FileTotals:
    """What a bank file says at its head, and what its lines add up to (fen)."""

    batch_no: str
    count: int
    total_fen: int
    lines: int
    sum_fen: int


def totals_of(content: bytes) -> FileTotals:
    """Read a bank file back; raises ValueError when it is not one."""
    rows = csv.reader(io.StringIO(content.decode(ENCODING), newline=""), strict=True)
    first, names = next(rows), next(rows)
    if first[0::2] != ["批次号", "总笔数", "总金额"] or tuple(names) != COLUMNS:
        raise ValueError("not a bank file")
    amounts = [_fen(row[6]) for row in rows]
    return FileTotals(first[1], int(first[3]), _fen(first[5]), len(amounts), sum(amounts))


def _fen(yuan: str) -> int:
    whole, _, cents = yuan.partition(".")
    return int(whole) * 100 + int(cents)
