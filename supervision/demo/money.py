"""One month paid from beginning to end: allocated, listed, locked, signed, sent, answered."""

import csv
import io
from dataclasses import dataclass
from datetime import date

from cases.models import Benefit
from cases.rules.months import previous_month
from cases.rules.programmes import Programme
from funds.models import PayoutBatch, PayoutLine
from funds.operations import batches, building, ledger, results
from yuquan_relief.kernel.calendars import work_calendar

from .staff import Cast, Desk

GRANTS = (("CENTRAL", 6), ("CITY", 3))  # source, months of the present list
RETURNED = "账户已销户"
ANSWER = [
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


@dataclass(frozen=True)
class PaidMonth:
    """The days of a month's payment."""

    month: date

    @classmethod
    def before(cls, on: date) -> "PaidMonth":
        """The latest month whose payment is over on `on`."""
        first = on.replace(day=1)
        return cls(first if on.day >= 12 else previous_month(on))

    @property
    def roster_on(self) -> date:
        """When the roster was taken over: before the list was made."""
        return work_calendar().on_or_before(previous_month(self.month).replace(day=24))

    @property
    def opened_on(self) -> date:
        """When the list was made."""
        return work_calendar().add_workdays(self.roster_on, 1)

    @property
    def paid_on(self) -> date:
        """When the bank paid: in time for the 10th."""
        return work_calendar().on_or_before(self.month.replace(day=8))


def pay_month(desk: Desk, programme: Programme, days: PaidMonth, cast: Cast) -> PayoutBatch | None:
    """The office's list of the month is settled; None when nobody is due."""
    office = cast[f"{desk.prefix}_banshi2"]
    assert office.office_id is not None
    due = Benefit.objects.in_month(days.month).filter(
        office_id=office.office_id, programme=programme, paid_with__lte=days.month
    )
    total = sum(due.values_list("monthly_fen", flat=True))
    if not total:
        return None
    _allocate(office.office_id, programme, total, days, cast)
    batch = building.open_month(
        office.office_id, programme, month=days.month, actor=office, on=days.opened_on
    )
    _sign(batch.no, desk, days, cast)
    results.import_result(
        batch.no,
        bank_answer(batch, days.paid_on),
        name=f"{batch.no}结果.csv",
        actor=cast["qu_hesuan"],
        on=days.paid_on,
    )
    return batch


def _allocate(
    office_id: int, programme: Programme, total: int, days: PaidMonth, cast: Cast
) -> None:
    for number, (source, months) in enumerate(GRANTS, start=1):
        grant = ledger.Grant(
            office_id=office_id,
            programme=programme,
            source=source,
            year=days.month.year,
            amount_fen=(total * months // 100_000 + 1) * 100_000,
            document=f"玉财社〔{days.month.year}〕演练 {number} 号",
            reason="演练：预算制度建立以前的拨付",
        )
        key = f"demo-{office_id}-{programme}-{source}"
        ledger.allocate(grant, key=key, actor=cast["qu_jiuzhu2"], on=days.roster_on)


def _sign(no: str, desk: Desk, days: PaidMonth, cast: Cast) -> None:
    """Locked by its maker, approved by the leader, taken by the accounting centre."""
    maker, leader = f"{desk.prefix}_banshi1", f"{desk.prefix}_lingdao"
    day = work_calendar().add_workdays(days.opened_on, 1)
    batches.lock(no, actor=cast[maker], on=day, proof=cast.proof(maker))
    day = work_calendar().add_workdays(day, 1)
    proof = cast.proof(leader, "同意发放。")
    batches.approve(no, actor=cast[leader], on=day, proof=proof)
    day = work_calendar().add_workdays(day, 1)
    batches.take_file(no, actor=cast["qu_hesuan"], on=day, proof=cast.proof("qu_hesuan"))


def bank_answer(batch: PayoutBatch, paid_on: date) -> bytes:
    """The bank's file: all paid but the last line of a list longer than twenty."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(ANSWER)
    lines = list(PayoutLine.objects.filter(batch=batch).order_by("line_no"))
    for line in lines:
        is_paid = line is not lines[-1] or len(lines) <= 20
        writer.writerow(
            [
                batch.no,
                line.line_no,
                line.account,
                line.holder,
                f"{line.amount_fen // 100}.{line.amount_fen % 100:02d}",
                "成功" if is_paid else "失败",
                f"YL{batch.month:%Y%m}{batch.pk:04d}{line.line_no:06d}" if is_paid else "",
                f"{paid_on} 10:30:00" if is_paid else "",
                "" if is_paid else RETURNED,
            ]
        )
    return out.getvalue().encode("gb18030")
