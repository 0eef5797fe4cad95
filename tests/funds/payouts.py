"""Households in benefit and their lists, made quickly, to any point of the month."""

import csv
import io
from datetime import date
from typing import Any

from cases.models import Benefit, Household, Member, PayeeAccount
from funds.models import Allocation, BankResult, PayoutBatch, PayoutLine
from funds.operations import batches, building, ledger, results
from funds.rules.bank_file import Template
from tests.cast import Cast
from tests.road import number
from yuquan_relief.kernel.fields import digest
from yuquan_relief.kernel.models import Unit
from yuquan_relief.kernel.operations.rulebook import delivered

MONTH = date(2026, 12, 1)
OPENED = date(2026, 11, 23)
LOCKED = date(2026, 11, 25)
APPROVED = date(2026, 11, 26)
SENT = date(2026, 12, 1)
PAID = date(2026, 12, 8)
PROGRAMME = "URBAN_ALLOWANCE"
COLUMNS = [
    "批次号",
    "序号",
    "收款账号",
    "户名",
    "金额",
    "状态",
    "交易流水号",
    "交易时间",
    "失败原因",
]


def template(code: str) -> Template:
    """A template as it is delivered."""
    found = next(v for v in delivered() if v["parameter"] == f"bank.file.{code}")
    return Template.read(code, found["value"])


def card(serial: int) -> str:
    """A synthetic card number with its check digit."""
    body = f"622848{serial:012d}"
    doubled = [int(d) * (2 - i % 2) for i, d in enumerate(reversed(body))]
    total = sum(d - 9 if d > 9 else d for d in doubled)
    return body + str(-total % 10)


def in_benefit(cast: Cast, serial: int, *, village: Unit | None = None, **changes: Any) -> Benefit:
    """A household with one member, an account and a benefit of 682.00 taken from the roster."""
    village = village or cast.village
    assert village.parent is not None
    office = village.parent
    place = {"district": cast.district, "office": office, "village": village}
    name = changes.pop("name", f"演练户{serial}")
    household = Household.objects.create(key=f"H{serial}", head_name=name, **place)
    member(household, serial, name)
    account(household, serial, name)
    values = {
        "key": f"B{serial}",
        "certificate_no": f"C{serial:05d}",
        "household": household,
        "programme": PROGRAMME,
        "persons": 2,
        "monthly_fen": 682_00,
        "start_month": date(2026, 1, 1),
        "paid_with": date(2026, 1, 1),
        "source": "在享名册",
    }
    return Benefit.objects.create(**place, **values | changes)


def member(household: Household, serial: int, name: str, **changes: Any) -> Member:
    """The head of the household."""
    id_no = number(serial)
    values = {
        "name": name,
        "id_no": id_no,
        "id_digest": digest(id_no),
        "id_tail": id_no[-4:],
        "birth_on": date(1961, 3, 4),
        "is_male": True,
        "relation": "SELF",
        "joined_on": date(2020, 1, 1),
    }
    return Member.objects.create(household=household, **values | changes)


def account(household: Household, serial: int, name: str) -> PayeeAccount:
    """The household's current account."""
    PayeeAccount.objects.filter(household=household).update(is_current=False)
    digits = card(serial)
    return PayeeAccount.objects.create(
        household=household,
        holder=name,
        bank="演练银行",
        number=digits,
        number_digest=digest(digits),
        number_tail=digits[-4:],
        valid_from=date(2026, 1, 1),
    )


def funded(
    cast: Cast, yuan: int = 100_000, *, source: str = "CITY", on: date = OPENED
) -> Allocation:
    """The office has money for the programme in 2026."""
    grant = ledger.Grant(
        office_id=cast.office.pk,
        programme=PROGRAMME,
        source=source,
        year=2026,
        amount_fen=yuan * 100,
        document="玉财社〔2026〕1 号",
        reason="演练",
    )
    key = f"key-{source}-{yuan}"
    return ledger.allocate(grant, key=key, actor=cast.supervisor, on=on)


def opened(cast: Cast, households: int = 3) -> PayoutBatch:
    """An open list of `households` households, with money."""
    for serial in range(1, households + 1):
        in_benefit(cast, serial)
    funded(cast)
    return building.open_month(cast.office.pk, PROGRAMME, month=MONTH, actor=cast.staff, on=OPENED)


def locked(cast: Cast, households: int = 3) -> PayoutBatch:
    """A locked list."""
    batch = opened(cast, households)
    batches.lock(batch.no, actor=cast.staff, on=LOCKED, proof=cast.proof("staff"))
    return fresh(batch)


def approved(cast: Cast, households: int = 3) -> PayoutBatch:
    """An approved list."""
    batch = locked(cast, households)
    batches.approve(batch.no, actor=cast.leader, on=APPROVED, proof=cast.proof("leader", "同意"))
    return fresh(batch)


def sent(cast: Cast, households: int = 3) -> PayoutBatch:
    """A list whose file the accounting centre has taken."""
    batch = approved(cast, households)
    batches.take_file(batch.no, actor=cast.accountant, on=SENT, proof=cast.proof("accountant"))
    return fresh(batch)


def through(
    cast: Cast, batch: PayoutBatch, on: date, *, returned: tuple[int, ...] = ()
) -> PayoutBatch:
    """An open list is locked, approved, taken and answered on `on`; these lines came back."""
    batches.lock(batch.no, actor=cast.staff, on=on, proof=cast.proof("staff"))
    batches.approve(batch.no, actor=cast.leader, on=on, proof=cast.proof("leader", "同意"))
    batches.take_file(batch.no, actor=cast.accountant, on=on, proof=cast.proof("accountant"))
    rows = [came_back(row) if int(row["序号"]) in returned else row for row in answers(batch)]
    for row in rows:
        row["交易时间"] = row["交易时间"] and f"{on} 10:30:00"
    imported(cast, fresh(batch), rows, on)
    for found in batch.exceptions.filter(kind="FAILED", resolved_on__isnull=True):
        verdict = results.Verdict(outcome="NOTED", note="已通知更换账户")
        results.resolve_exception(batch.no, found.pk, verdict, actor=cast.accountant, on=on)
    return fresh(batch)


def came_back(row: dict[str, str], reason: str = "账户已销户") -> dict[str, str]:
    """The bank could not pay it."""
    return row | {"状态": "失败", "交易流水号": "", "交易时间": "", "失败原因": reason}


def fresh(batch: PayoutBatch) -> PayoutBatch:
    """The list as it stands in the database."""
    return PayoutBatch.objects.select_related("office").get(pk=batch.pk)


def answer(line: PayoutLine, **changes: str) -> dict[str, str]:
    """The bank's row for a line that it has paid."""
    cents = line.amount_fen % 100
    return {
        "批次号": line.batch.no,
        "序号": str(line.line_no),
        "收款账号": line.account,
        "户名": line.holder,
        "金额": f"{line.amount_fen // 100}.{cents:02d}",
        "状态": "成功",
        "交易流水号": f"S{line.batch_id:04d}{line.line_no:06d}",
        "交易时间": "2026-12-08 10:30:00",
        "失败原因": "",
    } | changes


def answers(batch: PayoutBatch) -> list[dict[str, str]]:
    """The bank has paid everything."""
    return [answer(line) for line in batch.lines.select_related("batch").order_by("line_no")]


def result_file(rows: list[dict[str, str]], encoding: str = "gb18030") -> bytes:
    """The rows as the bank's CSV."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def imported(
    cast: Cast, batch: PayoutBatch, rows: list[dict[str, str]], on: date = PAID
) -> BankResult:
    """The rows have been imported by the accounting centre."""
    return results.import_result(batch.no, result_file(rows), actor=cast.accountant, on=on)
