"""Lists: nobody twice, nobody wrong, in time, and what came back is sent again: R60-R62."""

from datetime import date
from typing import Any

from django.db import connection

from cases.models import PayeeAccount
from funds.models import (
    BankResult,
    FlowProof,
    GivenUpReturn,
    PayoutBatch,
    PayoutLine,
    Recovery,
    RecoveryMonth,
    ResultException,
    Supplement,
)
from funds.models.selection import SNAPSHOT
from tests.supervision.ground import MONTH, ON, Ground
from tests.supervision.plants.books import (
    LAST,
    NEXT,
    branch,
    entitlement,
    one_line,
    opened,
    settled,
)
from tests.supervision.plants.shape import Plant
from yuquan_relief.kernel.fields import digest
from yuquan_relief.kernel.models import Unit

SEPTEMBER = date(2026, 9, 1)
UNSENT = {"month": NEXT, "state": "LOCKED"}

# ---------------------------------------------------------------- R60


def _same_head(ground: Ground, batch: dict[str, Any], line: dict[str, Any], **other: Any) -> str:
    """A man heads one household to October and another since; both are in a list."""
    _, _, gone = one_line(ground, benefit={"end_month": LAST})
    head = ground.head(gone.household)
    village = branch(ground)
    home = ground.home(village=village, head={"name": head.name, "id_no": head.id_no})
    found = opened(ground, village, **batch)
    ground.line(found, ground.benefit(home, **other), **line)
    return str(settled(ground, found).no)


def _household_twice(ground: Ground) -> str:
    """A household has two benefits of one programme, one after the other, and a month twice."""
    village = branch(ground)
    first = ground.benefit(village=village, end_month=LAST)
    second = ground.benefit(first.household, start_month=LAST, paid_with=LAST)
    batch = opened(ground, village)
    ground.line(batch, first)
    ground.line(batch, second)
    return str(settled(ground, batch).no)


def _returned_and_sent_again(ground: Ground) -> tuple[str, str]:
    village = branch(ground)
    batch, line, benefit = one_line(
        ground, village=village, state="RETURNED", answered_on=date(2026, 11, 2)
    )
    again = opened(ground, village, kind="REISSUE", pay_by=date(2026, 11, 12))
    ground.line(again, benefit, reissues=line, paid_on=date(2026, 11, 9))
    return str(batch.no), str(settled(ground, again).no)


def _amount(ground: Ground, fen: int, supplement: int = 0, **of: Any) -> str:
    """A line of so much, in a list of `of`."""
    line: dict[str, Any] = {
        "base_fen": fen,
        "supplement_fen": supplement,
        "amount_fen": fen + supplement,
    }
    batch, _, _ = one_line(ground, benefit=of.pop("benefit", {}), batch=of, **line)
    return str(batch.no)


def _raised_later(ground: Ground, fen: int) -> str:
    """In October 450.00 were due since October, but to be paid first in November."""
    village = branch(ground)
    benefit = ground.benefit(village=village)
    entitlement(ground, benefit, date(2026, 10, 12), 450_00, paid_with=MONTH)
    batch = opened(ground, village)
    ground.line(batch, benefit, amount_fen=fen, base_fen=fen)
    return str(settled(ground, batch).no)


# 10/12 of the year less 9/12: 10,000.06 - 9,000.05 yuan.
DESTITUTE = {"programme": "URBAN_DESTITUTE", "monthly_fen": 1_000_00, "year_fen": 12_000_07}
CARED = {"programme": "URBAN_DESTITUTE", "supplement_fen": 90_00}


def _out_of_time(ground: Ground, month: date = LAST, **benefit: Any) -> str:
    batch, _, _ = one_line(ground, benefit=benefit, batch={"month": month})
    return str(batch.no)


def _bonus_of_who_left(ground: Ground, last: date) -> str:
    extra = Supplement.objects.create(
        district=ground.cast.district, name="春节补贴", document="玉民字 1 号", month=LAST,
        basis="HOUSEHOLD", amount_fen=400_00, entered_on=LAST, key=f"bonus-{next(ground.serial)}",
        entered_by_id=ground.person("bureau"),
    )  # fmt: skip
    batch, _, _ = one_line(
        ground, benefit={"end_month": last}, batch={"kind": "ONE_OFF", "supplement": extra},
        kind="ONE_OFF", supplement=extra,
    )  # fmt: skip
    return str(batch.no)


def _asked_back(ground: Ground) -> str:
    """Paid for October, ended with September after that: it is asked back."""
    batch, line, benefit = one_line(ground, benefit={"end_month": SEPTEMBER})
    asked = Recovery.objects.create(
        no=f"ZJ-{next(ground.serial)}", district=ground.cast.district, office=batch.office,
        state="TOLD", state_since=MONTH, opened_on=MONTH, benefit=benefit, told_on=MONTH,
        household=benefit.household, reason="停发后仍发", amount_fen=line.amount_fen,
    )  # fmt: skip
    RecoveryMonth.objects.create(
        recovery=asked, benefit=benefit, month=LAST, paid_fen=line.amount_fen, due_fen=0,
        fen=line.amount_fen,
    )  # fmt: skip
    return str(batch.no)


def _sum(ground: Ground, state: str = "LOCKED", **wrong: int) -> str:
    batch, _, _ = one_line(ground, batch={"month": NEXT, "state": state} | wrong, state="PENDING")
    return str(batch.no)


def _snapshot(ground: Ground, *, swapped: bool) -> str:
    """A locked list; after the lock somebody else stands in the line, with the same sum."""
    batch, line, benefit = one_line(ground, batch=UNSENT, state="PENDING")
    with connection.cursor() as cursor:
        cursor.execute(SNAPSHOT, {"batch": batch.pk})
        (sha256,) = cursor.fetchone()
    with ground.past("funds_payoutbatch"):
        PayoutBatch.objects.filter(pk=batch.pk).update(snapshot_sha256=sha256)
    if swapped:
        other = ground.benefit(village=benefit.village)
        with ground.past("funds_payoutline"):
            PayoutLine.objects.filter(pk=line.pk).delete()
        ground.line(batch, other, state="PENDING", line_no=line.line_no)
    return str(batch.no)


def _no_account(ground: Ground, **of: Any) -> str:
    batch, _, _ = one_line(ground, batch={"month": NEXT} | of, state="PENDING", account_tail="")
    return str(batch.no)


def _after_return(ground: Ground, failure: str, *, changed: bool = False) -> str:
    """October came back from the bank and was sent again elsewhere; December is locked."""
    village = branch(ground)
    _, line, benefit = one_line(
        ground, village=village, state="RETURNED", failure=failure, answered_on=date(2026, 10, 8)
    )
    GivenUpReturn.objects.create(
        line=line, reason="已当面付清", decided_on=LAST, decided_by_id=ground.person("leader")
    )
    if changed:
        PayeeAccount.objects.filter(household=benefit.household).update(is_current=False)
        ground.account(benefit.household, valid_from=date(2026, 10, 20))
    batch = opened(ground, village, NEXT)
    ground.line(batch, benefit, state="PENDING")
    return str(settled(ground, batch, state="LOCKED").no)


# ---------------------------------------------------------------- R61


def _paid_on(ground: Ground, day: date, **of: Any) -> str:
    changes = {"month": MONTH} | of.pop("batch", {})
    batch, _, _ = one_line(ground, batch=changes, paid_on=day, **of)
    return str(batch.no)


CARE = {"kind": "CARE", "batch": {"kind": "CARE"}, "benefit": {"programme": "URBAN_DESTITUTE"}}


def _waits(ground: Ground, state: str, pay_by: date) -> str:
    batch, _, _ = one_line(
        ground, batch={"month": NEXT, "state": state, "pay_by": pay_by}, state="PENDING"
    )
    return str(batch.no)


def _result(ground: Ground, batch: PayoutBatch, day: date) -> BankResult:
    return BankResult.objects.create(
        batch=batch, sha256=digest(f"{batch.no}{day}"), rows=1, paid_count=0, paid_fen=0,
        returned_count=0, returned_fen=0, exception_count=0, imported_on=day,
    )  # fmt: skip


def _all_paid(ground: Ground) -> str:
    """Everybody had the money in time; one row of the bank's is still to be looked into."""
    batch, _, _ = one_line(ground, batch={"month": MONTH, "state": "SENT"})
    ResultException.objects.create(
        result=_result(ground, batch, date(2026, 11, 24)), batch=batch, kind="EXTRA",
        row_number=2, detail="名单里没有",
    )  # fmt: skip
    return str(batch.no)


def _nobody(ground: Ground) -> str:
    """An office in which nobody is due has an empty list, which is never locked."""
    return str(opened(ground, branch(ground), MONTH, programme="RURAL_DESTITUTE").no)


def _sent(ground: Ground, day: date, *, answered: bool = False) -> str:
    batch, _, _ = one_line(
        ground, batch={"month": NEXT, "state": "SENT", "sent_on": day}, state="PENDING"
    )
    if answered:
        _result(ground, batch, ON)
    return str(batch.no)


def _flow(ground: Ground, state: str, due: date) -> str:
    batch, line, _ = one_line(ground, batch={"month": MONTH})
    FlowProof.objects.create(
        no=f"LS-{next(ground.serial)}", district=ground.cast.district, office=batch.office,
        state=state, state_since=MONTH, opened_on=MONTH, due_on=due, month=MONTH,
        family="ALLOWANCE", line=line, seed="s", frame_count=1, frame_sha256="0" * 64, place=0,
    )  # fmt: skip
    return str(batch.office.code)


# ---------------------------------------------------------------- R62


def _returned(ground: Ground, day: date, village: Unit | None = None) -> tuple[str, PayoutLine]:
    batch, line, _ = one_line(ground, village=village, state="RETURNED", answered_on=day)
    return str(batch.no), line


def _given_up(ground: Ground, day: date) -> str:
    no, line = _returned(ground, day)
    GivenUpReturn.objects.create(
        line=line, reason="本人放弃", decided_on=ON, decided_by_id=ground.person("leader")
    )
    return no


def _again(ground: Ground, day: date, state: str) -> str:
    """What came back in October was sent again: it was paid, or came back once more on `day`."""
    village = branch(ground)
    _, line = _returned(ground, date(2026, 10, 9), village)
    batch = opened(ground, village, kind="REISSUE")
    paid_on = {"paid_on": day} if state == "PAID" else {}
    assert line.benefit is not None
    ground.line(batch, line.benefit, reissues=line, state=state, answered_on=day, **paid_on)
    return str(settled(ground, batch, state="CLOSED").no)


SINCE_NOVEMBER = {"start_month": MONTH, "paid_with": MONTH}
OF_OCTOBER = {"kind": "BACK_PAY", "month": LAST}
BACK = {"kind": "BACK_PAY", "month": MONTH}
TENTH, ELEVENTH = date(2026, 11, 10), date(2026, 11, 11)
PLANTS = [
    Plant("R60", "在两份名单里", hit=lambda g: _same_head(g, {}, {}),
          near=lambda g: _same_head(g, {"month": MONTH}, {}, **SINCE_NOVEMBER)),
    Plant("R60", "在两份名单里",
          hit=lambda g: _same_head(g, BACK, OF_OCTOBER, start_month=LAST, paid_with=MONTH),
          near=_returned_and_sent_again),
    Plant("R60", "在两份名单里", hit=_household_twice,
          near=lambda g: _out_of_time(g, start_month=LAST, paid_with=LAST)),
    Plant("R60", "名单金额", hit=lambda g: _amount(g, 400_01), near=lambda g: _amount(g, 400_00)),
    Plant("R60", "名单金额", hit=lambda g: _amount(g, 399_99),
          near=lambda g: _amount(g, 399_99, state="OPEN")),
    Plant("R60", "名单金额", hit=lambda g: _raised_later(g, 450_00),
          near=lambda g: _raised_later(g, 400_00)),
    Plant("R60", "名单金额", hit=lambda g: _amount(g, 399_99, kind="BACK_PAY"),
          near=lambda g: _amount(g, 400_00, kind="BACK_PAY")),
    Plant("R60", "名单金额", hit=lambda g: _amount(g, 1_000_00, benefit=DESTITUTE),
          near=lambda g: _amount(g, 1_000_01, benefit=DESTITUTE)),
    Plant("R60", "名单金额", hit=lambda g: _amount(g, 400_00, benefit={"supplement_fen": 50_00}),
          near=lambda g: _amount(g, 400_00, 50_00, benefit={"supplement_fen": 50_00})),
    Plant("R60", "名单金额",
          hit=lambda g: _amount(g, 400_00, benefit=CARED, care_from=MONTH),
          near=lambda g: _amount(g, 400_00, benefit=CARED, care_from=LAST)),
    Plant("R60", "不在保障期内", hit=lambda g: _out_of_time(g, end_month=SEPTEMBER),
          near=lambda g: _out_of_time(g, end_month=LAST)),
    Plant("R60", "不在保障期内", hit=lambda g: _out_of_time(g, **SINCE_NOVEMBER), near=_asked_back),
    Plant("R60", "不在保障期内", hit=lambda g: _bonus_of_who_left(g, SEPTEMBER),
          near=lambda g: _bonus_of_who_left(g, LAST)),
    Plant("R60", "签批总额", hit=lambda g: _sum(g, total_fen=400_01), near=_sum),
    Plant("R60", "签批总额", hit=lambda g: _sum(g, line_count=2),
          near=lambda g: _sum(g, "OPEN", total_fen=400_01)),
    Plant("R60", "锁定", hit=lambda g: _snapshot(g, swapped=True),
          near=lambda g: _snapshot(g, swapped=False)),
    Plant("R60", "没有可用的收款账户", hit=lambda g: _no_account(g, state="LOCKED"),
          near=lambda g: _no_account(g, state="OPEN")),
    Plant("R60", "收款账户", hit=lambda g: _after_return(g, "账户已销户"),
          near=lambda g: _after_return(g, "银行系统故障")),
    Plant("R60", "收款账户", hit=lambda g: _no_account(g, state="APPROVED"),
          near=lambda g: _after_return(g, "账户已销户", changed=True)),
    Plant("R61", "才到户", hit=lambda g: _paid_on(g, ELEVENTH), near=lambda g: _paid_on(g, TENTH)),
    Plant("R61", "才到户", hit=lambda g: _paid_on(g, ELEVENTH, **CARE),
          near=lambda g: _paid_on(g, TENTH, **CARE)),
    Plant("R61", "以前应到户", hit=lambda g: _waits(g, "LOCKED", date(2026, 11, 26)),
          near=lambda g: _waits(g, "LOCKED", ON)),
    Plant("R61", "以前应到户", hit=lambda g: _waits(g, "APPROVED", date(2026, 11, 26)),
          near=_all_paid),
    Plant("R61", "以前应到户", hit=lambda g: _waits(g, "SENT", date(2026, 11, 26)), near=_nobody),
    Plant("R61", "没有银行结果", hit=lambda g: _sent(g, date(2026, 11, 23)),
          near=lambda g: _sent(g, date(2026, 11, 24))),
    Plant("R61", "没有银行结果", hit=lambda g: _sent(g, date(2026, 11, 2)),
          near=lambda g: _sent(g, date(2026, 11, 23), answered=True)),
    Plant("R61", "流水凭证", hit=lambda g: _flow(g, "DRAWN", date(2026, 11, 26)),
          near=lambda g: _flow(g, "DRAWN", ON)),
    Plant("R61", "流水凭证", hit=lambda g: _flow(g, "BACK", date(2026, 11, 26)),
          near=lambda g: _flow(g, "SENT", date(2026, 11, 26))),
    Plant("R62", "还没有重发", hit=lambda g: _returned(g, date(2026, 11, 19))[0],
          near=lambda g: _returned(g, date(2026, 11, 20))[0]),
    Plant("R62", "还没有重发", hit=lambda g: _returned(g, date(2026, 10, 27))[0],
          near=lambda g: _given_up(g, date(2026, 10, 27))),
    Plant("R62", "还没有重发", hit=lambda g: _again(g, date(2026, 11, 19), "RETURNED"),
          near=lambda g: _again(g, date(2026, 11, 19), "PAID")),
]  # fmt: skip
