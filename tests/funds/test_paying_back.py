"""追缴 from the letter to the last fen: instalments, receipts, two signatures to write off."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from cases.models import Benefit
from funds import invariants
from funds.models import FundAccount, LedgerEntry, Recovery, RecoveryReceipt
from funds.operations import paying_back
from funds.operations.papers import perform
from funds.operations.recoveries import open_recoveries
from tests.cast import Cast
from tests.funds import payouts
from tests.funds.payouts import MONTH, PAID
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event, Signature

FOUND = date(2026, 12, 15)
TOLD = date(2026, 12, 16)
LATER = date(2026, 12, 21)


@pytest.fixture
def recovery(cast: Cast) -> Recovery:
    """The second household was paid for December, and had left in November."""
    payouts.through(cast, payouts.opened(cast), PAID)
    gone = Benefit.objects.get(certificate_no="C00002")
    Benefit.objects.filter(pk=gone.pk).update(end_month=date(2026, 11, 1))
    assert open_recoveries(FOUND) == 1
    return Recovery.objects.get()


def told(cast: Cast, recovery: Recovery) -> Recovery:
    """The family has the letter."""
    how = paying_back.Told(told_on=TOLD, method="DIRECT", receiver="演练户2")
    paying_back.tell(recovery.no, how, actor=cast.staff, on=TOLD)
    return fresh(recovery)


def fresh(recovery: Recovery) -> Recovery:
    """As it stands in the database."""
    return Recovery.objects.get(pk=recovery.pk)


def receive(
    cast: Cast, recovery: Recovery, fen: int, voucher: str = "JK-1", **more: object
) -> RecoveryReceipt:
    """The family pays back."""
    receipt = paying_back.Receipt(paid_on=LATER, fen=fen, voucher_no=voucher, payer="演练户2")
    key = str(more.get("key", voucher))
    return paying_back.receive(recovery.no, receipt, key=key, actor=cast.staff, on=LATER)


def balances(cast: Cast) -> dict[str, int]:
    """Account → fen, of the office."""
    found: dict[str, int] = {}
    for entry in LedgerEntry.objects.filter(account__office=cast.office).select_related("account"):
        found[entry.account.kind] = found.get(entry.account.kind, 0) + entry.amount_fen
    return found


@pytest.mark.clause("20(1)")
def test_money_comes_back_to_its_source_and_year_and_the_recovery_ends(
    cast: Cast, recovery: Recovery
) -> None:
    before = balances(cast)
    recovery = told(cast, recovery)
    assert (recovery.state, recovery.left_fen) == ("TOLD", 68_200)
    receive(cast, recovery, 30_000)
    assert fresh(recovery).left_fen == 38_200
    receive(cast, recovery, 38_200, "JK-2")
    done = fresh(recovery)
    assert (done.state, done.received_fen, done.left_fen) == ("DONE", 68_200, 0)
    after = balances(cast)
    assert after["AVAILABLE"] - before["AVAILABLE"] == 68_200
    assert before["PAID"] - after["PAID"] == 68_200
    groups = LedgerEntry.objects.filter(group__kind="RECOVERY").values_list(
        "account__source", "account__year"
    )
    assert set(groups) == {("CITY", 2026)}
    events = Event.objects.filter(subject_kind="recovery").values_list("action", flat=True)
    assert list(events.order_by("seq")) == ["open", "tell", "receive", "receive", "close"]
    assert list(invariants.broken()) == []
    with pytest.raises(Refused, match="现在是“已办结”"):
        receive(cast, recovery, 1, "JK-3")


def test_the_source_that_paid_last_gets_its_money_back_first(cast: Cast) -> None:
    payouts.funded(cast, 1_000, source="CENTRAL")
    for serial in (1, 2, 3):
        payouts.in_benefit(cast, serial)
    payouts.funded(cast)
    batch = payouts.through(cast, payouts.opened(cast, 0), PAID)
    paid = FundAccount.objects.filter(kind="PAID", office=cast.office).balances("PAID")
    assert (batch.total_fen, paid) == (204_600, {"CENTRAL": 100_000, "CITY": 104_600})
    Benefit.objects.update(end_month=date(2026, 11, 1))
    assert open_recoveries(FOUND) == 3
    for number, recovery in enumerate(Recovery.objects.all()):
        receive(cast, told(cast, recovery), 68_200, f"JK-{number}")
    paid = FundAccount.objects.filter(kind="PAID", office=cast.office).balances("PAID")
    assert sum(paid.values()) == 0
    assert list(invariants.broken()) == []


def test_the_same_receipt_twice_is_one(cast: Cast, recovery: Recovery) -> None:
    recovery = told(cast, recovery)
    first = receive(cast, recovery, 100, key="form")
    assert receive(cast, recovery, 100, key="form") == first
    with pytest.raises(Refused, match="已经登记过"):
        receive(cast, recovery, 100, key="another form")
    assert fresh(recovery).received_fen == 100


@pytest.mark.parametrize(
    ("fen", "voucher", "said"),
    [(0, "JK", "大于 0"), (68_201, "JK", "不超过还没收回的 682.00 元"), (1, " ", "凭证号")],
)
def test_receipts_that_make_no_sense(
    cast: Cast, recovery: Recovery, fen: int, voucher: str, said: str
) -> None:
    with pytest.raises(Refused, match=said):
        receive(cast, told(cast, recovery), fen, voucher)


def test_nothing_is_received_before_the_family_was_told(cast: Cast, recovery: Recovery) -> None:
    with pytest.raises(Refused, match="待告知"):
        receive(cast, recovery, 100)
    wrong = paying_back.Told(told_on=date(2026, 12, 1), method="DIRECT", receiver="演练户2")
    with pytest.raises(Refused, match="告知日期"):
        paying_back.tell(recovery.no, wrong, actor=cast.staff, on=TOLD)


@pytest.mark.parametrize("count", [1, 3, 7])
def test_instalments_sum_to_what_is_left(cast: Cast, recovery: Recovery, count: int) -> None:
    recovery = told(cast, recovery)
    receive(cast, recovery, 101)
    agreement = paying_back.Agreement(count=count, first_due=date(2027, 1, 31), agreed_by="演练户2")
    paying_back.agree_plan(recovery.no, agreement, actor=cast.staff, on=LATER)
    rows = list(recovery.instalments.order_by("due_on"))
    assert (len(rows), sum(r.fen for r in rows)) == (count, 68_200 - 101)
    if count > 1:
        assert rows[1].due_on == date(2027, 2, 28)
    paying_back.agree_plan(recovery.no, agreement, actor=cast.staff, on=LATER)
    assert set(recovery.instalments.values_list("edition", flat=True)) == {1, 2}


@pytest.mark.clause("20(1)")
def test_two_people_write_off_what_is_left(cast: Cast, recovery: Recovery) -> None:
    recovery = told(cast, recovery)
    receive(cast, recovery, 200)
    paying_back.ask_write_off(
        recovery.no, note="本人死亡，没有遗产", actor=cast.leader, on=LATER,
        proof=cast.proof("leader"),
    )  # fmt: skip
    with pytest.raises(PermissionDenied):
        paying_back.write_off(recovery.no, actor=cast.leader, on=LATER, proof=cast.proof("leader"))
    paying_back.write_off(recovery.no, actor=cast.bureau, on=LATER, proof=cast.proof("bureau"))
    done = fresh(recovery)
    assert (done.state, done.written_off_fen, done.received_fen) == ("DONE", 68_000, 200)
    signed = Signature.objects.filter(subject_kind="recovery").values_list("stage", "person_id")
    assert [stage for stage, _ in signed] == ["approve", "confirm"]
    assert len({person for _, person in signed}) == 2
    assert list(invariants.broken()) == []


def test_a_write_off_that_is_refused_goes_on(cast: Cast, recovery: Recovery) -> None:
    recovery = told(cast, recovery)
    paying_back.ask_write_off(
        recovery.no, note="困难", actor=cast.leader, on=LATER, proof=cast.proof("leader")
    )
    with pytest.raises(Refused, match="待核销审批"):
        receive(cast, recovery, 100)
    perform(
        Recovery, recovery.no, "refuse_write_off", actor=cast.bureau, on=LATER,
        note="可以分期",
    )  # fmt: skip
    receive(cast, recovery, 100)
    assert fresh(recovery).received_fen == 100


@pytest.mark.parametrize(
    "sql",
    [
        {"amount_fen": 1},
        {"reason": "别的"},
        {"written_off_fen": 68_201},
        {"state": "DONE"},
        {"state": "NOTHING"},
    ],
)
def test_the_database_keeps_what_was_asked(
    cast: Cast, recovery: Recovery, sql: dict[str, object]
) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        Recovery.objects.filter(pk=recovery.pk).update(**sql)
    with pytest.raises(DatabaseError), transaction.atomic():
        recovery.delete()


def test_another_office_does_not_see_it(cast: Cast, recovery: Recovery) -> None:
    with pytest.raises(Recovery.DoesNotExist):
        perform(Recovery, recovery.no, "tell", actor=cast.foreign_staff, on=TOLD)
    assert recovery.months.get().month == MONTH
