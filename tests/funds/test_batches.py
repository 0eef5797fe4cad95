"""Locking, sending back, approving, taking the file: who, when, over which bytes."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from cases.models import Benefit, PayeeAccount
from funds import invariants, reports
from funds.models import LedgerEntry, PayoutBatch
from funds.models.facts import content_of, snapshot_of
from funds.operations import batches, building
from funds.operations.bank_files import bank_file
from tests.cast import Cast
from tests.funds import payouts
from tests.funds.payouts import APPROVED, LOCKED, MONTH, SENT
from yuquan_relief.kernel import file_store
from yuquan_relief.kernel.errors import ContentChanged, Refused
from yuquan_relief.kernel.models import Event, Signature
from yuquan_relief.kernel.signing import Proof, content_digest


def lock(cast: Cast, batch: PayoutBatch, name: str = "staff", **changes: object) -> None:
    """The list is locked by the named person."""
    values = {"actor": cast.actors[name], "on": LOCKED, "proof": cast.proof(name)}
    batches.lock(batch.no, **values | changes)  # type: ignore[arg-type]


def approve(cast: Cast, batch: PayoutBatch, name: str = "leader", **changes: object) -> None:
    """The list is approved by the named person."""
    values = {"actor": cast.actors[name], "on": APPROVED, "proof": cast.proof(name)}
    batches.approve(batch.no, **values | changes)  # type: ignore[arg-type]


def take(cast: Cast, batch: PayoutBatch, name: str = "accountant", reason: str = "") -> None:
    """The file is taken by the named person."""
    batches.take_file(
        batch.no, actor=cast.actors[name], on=SENT, proof=cast.proof(name), reason=reason
    )


def test_a_locked_list_has_its_file(cast: Cast) -> None:
    batch = payouts.locked(cast)
    first = file_store.read(batch.file_sha256).decode("gb18030").partition("\r\n")[0]
    assert first == f"批次号,{batch.no},总笔数,3,总金额,2046.00"
    assert batch.template == "online@2020-08-03"
    assert batch.locked_on == LOCKED
    signature = Signature.objects.get(subject_kind="payout")
    assert (signature.stage, signature.content_sha256) == (
        "prepare",
        content_digest(content_of(batch)),
    )


def test_the_file_can_be_made_again_to_the_byte(cast: Cast) -> None:
    batch = payouts.sent(cast)
    assert bank_file(batch) == file_store.read(batch.file_sha256)
    assert snapshot_of(batch) == batch.snapshot_sha256


def test_a_list_is_not_locked_without_accounts(cast: Cast) -> None:
    batch = payouts.opened(cast)
    PayeeAccount.objects.filter(household__key="H2").update(is_current=False)
    building.rebuild(batch.no, actor=cast.staff, on=LOCKED)
    with pytest.raises(Refused, match="有 1 户缺收款账户或户主身份证号：C00002"):
        lock(cast, batch)


def test_a_list_is_not_locked_when_somebody_has_changed(cast: Cast) -> None:
    batch = payouts.opened(cast)
    Benefit.objects.filter(key="B1").update(monthly_fen=700_00)
    PayeeAccount.objects.filter(household__key="H2").update(holder="另一人")
    payouts.in_benefit(cast, 9)
    with pytest.raises(Refused, match="有 3 户的待遇或账户有变动"):
        lock(cast, batch)
    building.rebuild(batch.no, actor=cast.staff, on=LOCKED)
    lock(cast, batch)


def test_a_list_is_not_locked_without_money(cast: Cast) -> None:
    batch = payouts.opened(cast, 150)
    with pytest.raises(Refused, match=r"还差 2,300\.00 元"):
        lock(cast, batch)


def test_a_wrong_total_is_found_at_the_lock(cast: Cast) -> None:
    batch = payouts.opened(cast)
    PayoutBatch.objects.update(total_fen=1)
    with pytest.raises(Refused, match="合计与逐户明细不符"):
        lock(cast, batch)


def test_what_was_seen_is_what_is_locked(cast: Cast) -> None:
    batch = payouts.opened(cast)
    building.rebuild(batch.no, actor=cast.staff, on=LOCKED)
    with pytest.raises(Refused) as refused:
        lock(cast, batch, version=batch.version)
    assert refused.value.code == "stale"


def test_a_lock_is_signed(cast: Cast) -> None:
    batch = payouts.opened(cast)
    with pytest.raises(Refused, match="须签字"):
        lock(cast, batch, proof=None)


def test_the_leader_sends_a_list_back(cast: Cast) -> None:
    batch = payouts.locked(cast)
    batches.send_back(batch.no, note="核对第 2 户", actor=cast.leader, on=APPROVED)
    batch = payouts.fresh(batch)
    assert (batch.state, batch.file_sha256, batch.round) == ("OPEN", "", 2)
    building.rebuild(batch.no, actor=cast.staff, on=APPROVED)
    lock(cast, batch)
    approve(cast, batch)
    assert list(invariants.broken()) == []


def test_sending_back_needs_a_reason(cast: Cast) -> None:
    batch = payouts.locked(cast)
    with pytest.raises(Refused, match="须写明理由"):
        batches.send_back(batch.no, note=" ", actor=cast.leader, on=APPROVED)


@pytest.mark.clause("4(1).3")
def test_an_approval_covers_the_bytes_and_sets_the_money_aside(cast: Cast) -> None:
    batch = payouts.approved(cast)
    signature = Signature.objects.get(subject_kind="payout", stage="approve")
    assert batch.file_sha256 in signature.content
    assert "204600" in signature.content
    (purse,) = reports.ledger(cast.leader, 2026)
    assert (purse.available_fen, purse.committed_fen) == (100_000_00 - 204_600, 204_600)


def test_money_of_several_sources_is_spent_in_order(cast: Cast) -> None:
    payouts.funded(cast, 1000, source="CENTRAL")
    payouts.approved(cast)
    rows = {row.source_label: row for row in reports.ledger(cast.supervisor, 2026)}
    assert rows["中央资金"].available_fen == 0
    assert rows["市级资金"].committed_fen == 204_600 - 100_000


def test_the_leader_signs_what_was_read(cast: Cast) -> None:
    batch = payouts.locked(cast)
    proof = cast.proof("leader")
    read = Proof(proof.person_id, proof.proved_at, "", "0" * 64)
    with pytest.raises(ContentChanged):
        approve(cast, batch, proof=read)
    assert payouts.fresh(batch).state == "LOCKED"


def test_a_household_that_stopped_after_the_lock_is_not_approved(cast: Cast) -> None:
    batch = payouts.locked(cast)
    Benefit.objects.filter(key="B1").update(end_month=date(2026, 11, 1))
    with pytest.raises(Refused, match="锁定后有 1 户停发"):
        approve(cast, batch)


def test_an_account_that_changed_after_the_lock_waits_for_the_next_list(cast: Cast) -> None:
    batch = payouts.locked(cast)
    PayeeAccount.objects.filter(household__key="H1").update(holder="另一人")
    approve(cast, batch)
    assert batch.lines.get(line_no=1).holder == "演练户1"


def test_a_changed_file_is_not_approved(cast: Cast) -> None:
    batch = payouts.locked(cast)
    file_store.place(batch.file_sha256).write_bytes(b"other")
    with pytest.raises(Refused, match="银行文件缺失或与签批的摘要不符"):
        approve(cast, batch)


def test_money_spent_meanwhile_is_not_spent_twice(cast: Cast) -> None:
    batch = payouts.locked(cast)
    payouts.in_benefit(cast, 50)
    november = date(2026, 11, 1)
    other = building.open_month(
        cast.office.pk, payouts.PROGRAMME, month=november, actor=cast.staff, on=LOCKED
    )
    Benefit.objects.filter(key="B50").update(monthly_fen=97_500_00)
    building.rebuild(other.no, actor=cast.staff, on=LOCKED)
    lock(cast, other)
    approve(cast, other)
    with pytest.raises(Refused, match="可用资金"):
        approve(cast, batch)


def test_the_maker_cannot_approve(cast: Cast) -> None:
    """One person with two posts: the second signature is refused by person, not by account."""
    batch = payouts.locked(cast)
    staff = cast.staff
    both = cast.leader.__class__(**cast.leader.__dict__ | {"person_id": staff.person_id})
    with pytest.raises(Refused, match="同一人不能签两个环节"):
        batches.approve(batch.no, actor=both, on=APPROVED, proof=cast.proof("staff"))


def test_the_approver_cannot_take_the_file(cast: Cast) -> None:
    batch = payouts.approved(cast)
    taker = cast.accountant
    both = taker.__class__(**taker.__dict__ | {"person_id": cast.leader.person_id})
    with pytest.raises(Refused, match="同一人不能签两个环节"):
        batches.take_file(batch.no, actor=both, on=SENT, proof=cast.proof("leader"))


def test_taking_the_file_sends_the_list(cast: Cast) -> None:
    batch = payouts.sent(cast)
    assert (batch.state, batch.sent_on) == ("SENT", SENT)
    event = Event.objects.filter(action="take_file").get()
    assert event.body["file_sha256"] == batch.file_sha256


def test_taking_it_again_needs_a_reason(cast: Cast) -> None:
    batch = payouts.sent(cast)
    with pytest.raises(Refused, match="再次领取须写明原因"):
        take(cast, batch)
    take(cast, batch, reason="网银上传时断网")
    assert Event.objects.filter(action="take_file").latest("seq").note == "网银上传时断网"


def test_a_file_that_is_gone_is_not_taken(cast: Cast) -> None:
    batch = payouts.approved(cast)
    file_store.place(batch.file_sha256).unlink()
    with pytest.raises(Refused, match="银行文件缺失"):
        take(cast, batch)


@pytest.mark.parametrize(
    ("act", "maker", "wrong"),
    [
        (lock, payouts.opened, ["leader", "accountant", "supervisor", "chief"]),
        (approve, payouts.locked, ["staff", "accountant", "chief", "supervisor"]),
        (take, payouts.approved, ["staff", "leader", "supervisor", "auditor"]),
    ],
    ids=["lock", "approve", "take_file"],
)
def test_each_step_by_its_own_post(
    cast: Cast,
    act: object,
    maker: object,
    wrong: list[str],
) -> None:
    batch = maker(cast)  # type: ignore[operator]
    for name in wrong:
        with pytest.raises(PermissionDenied):
            act(cast, batch, name)  # type: ignore[operator]


@pytest.mark.parametrize("name", ["clerk", "foreign_staff", "foreign_leader", "sysadmin"])
def test_outside_the_office_a_list_does_not_exist(cast: Cast, name: str) -> None:
    batch = payouts.opened(cast)
    with pytest.raises(PayoutBatch.DoesNotExist):
        lock(cast, batch, name)


@pytest.mark.parametrize(
    ("act", "maker"),
    [(lock, payouts.locked), (approve, payouts.approved)],
    ids=["lock", "approve"],
)
def test_a_step_twice_in_a_row(cast: Cast, act: object, maker: object) -> None:
    batch = maker(cast)  # type: ignore[operator]
    entries = LedgerEntry.objects.count()
    with pytest.raises(Refused, match="现在是"):
        act(cast, batch)  # type: ignore[operator]
    assert LedgerEntry.objects.count() == entries


def test_an_unknown_step(cast: Cast) -> None:
    batch = payouts.opened(cast)
    with pytest.raises(Refused, match="没有这个环节"):
        batches.perform(batch.no, "pay_twice", actor=cast.staff, on=LOCKED)


def test_nobody_closes_by_hand(cast: Cast) -> None:
    batch = payouts.sent(cast)
    with pytest.raises(PermissionDenied):
        batches.perform(batch.no, "close", actor=cast.accountant, on=SENT)


def test_differences_against_last_month(cast: Cast) -> None:
    for serial in (1, 2, 3, 4):
        payouts.in_benefit(cast, serial)
    building.open_month(
        cast.office.pk,
        payouts.PROGRAMME,
        month=date(2026, 11, 1),
        actor=cast.staff,
        on=date(2026, 11, 2),
    )
    Benefit.objects.filter(key="B1").update(end_month=date(2026, 11, 1))
    Benefit.objects.filter(key="B2").update(monthly_fen=700_00)
    payouts.account(Benefit.objects.get(key="B3").household, 33, "演练户3")
    payouts.in_benefit(cast, 5)
    batch = building.open_month(
        cast.office.pk, payouts.PROGRAMME, month=MONTH, actor=cast.staff, on=payouts.OPENED
    )
    found = reports.differences(batch)
    assert found.counts == {"NEW": 1, "STOPPED": 1, "AMOUNT": 1, "ACCOUNT": 1}
    assert found.summary == "新增 1 户，停发 1 户，金额调整 1 户，账户变更 1 户"
    assert [(c.what, c.certificate_no) for c in found.changes] == [
        ("ACCOUNT", "C00003"),
        ("AMOUNT", "C00002"),
        ("NEW", "C00005"),
        ("STOPPED", "C00001"),
    ]
