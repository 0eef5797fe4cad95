"""追缴: the family is told, agrees to instalments, pays back, or two people write off (10.4)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, Sum

from cases.rules.months import months_after
from cases.rules.reviews import METHODS
from funds.models import Instalment, LedgerEntry, LedgerGroup, PayoutLine, Recovery, RecoveryReceipt
from funds.models.facts import fund_accounts
from funds.rules.spreading import SOURCES
from yuquan_relief.kernel.actor import ROBOT, Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.inputs import money
from yuquan_relief.kernel.models import Event
from yuquan_relief.kernel.signing import Proof

from .ledger import Posting, post
from .papers import perform

MOST_INSTALMENTS = 60


@dataclass(frozen=True, kw_only=True)
class Told:
    """How the family was told what it has to pay back."""

    told_on: date
    method: str
    receiver: str


def tell(no: str, told: Told, *, actor: Actor, on: date, version: int | None = None) -> Event:
    """The letter was served; from now on what is paid back is recorded."""

    def write(recovery: Recovery) -> Mapping[str, Any]:
        if told.method not in METHODS or not told.receiver.strip():
            raise Refused("请选择告知方式，并填写签收人")
        if not recovery.opened_on <= told.told_on <= on:
            raise Refused(f"告知日期应在 {recovery.opened_on} 到今天之间，请核对")
        recovery.told_on, recovery.told_how = told.told_on, told.method
        recovery.told_to = told.receiver.strip()[:100]
        return {"told_on": told.told_on.isoformat(), "method": told.method}

    return perform(Recovery, no, "tell", actor=actor, on=on, version=version, write=write)


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """So many monthly instalments from a day on, with who agreed to it."""

    count: int
    first_due: date
    agreed_by: str


def agree_plan(
    no: str, agreement: Agreement, *, actor: Actor, on: date, version: int | None = None
) -> Event:
    """What is left is paid back in instalments that the family agreed to; an earlier agreement is
    kept and counts no more. Nothing is deducted from benefits without consent."""

    def write(recovery: Recovery) -> Mapping[str, Any]:
        if not 1 <= agreement.count <= MOST_INSTALMENTS or not agreement.agreed_by.strip():
            raise Refused(f"请填写期数（1 至 {MOST_INSTALMENTS}）和同意人")
        if agreement.first_due <= on:
            raise Refused("首次应还日期应在今天之后，请核对")
        if recovery.left_fen < agreement.count:
            raise Refused("期数太多，每期不足一分，请减少期数")
        edition = (recovery.instalments.aggregate(most=Max("edition"))["most"] or 0) + 1
        Instalment.objects.bulk_create(_instalments(recovery, agreement, edition))
        return {"edition": edition, "count": agreement.count, "fen": recovery.left_fen}

    return perform(Recovery, no, "agree_plan", actor=actor, on=on, version=version, write=write)


def _instalments(recovery: Recovery, agreement: Agreement, edition: int) -> Iterator[Instalment]:
    """Equal parts of whole fen; what does not divide is in the first."""
    part, rest = divmod(recovery.left_fen, agreement.count)
    for number in range(agreement.count):
        yield Instalment(
            recovery=recovery,
            edition=edition,
            due_on=months_after(agreement.first_due, number),
            fen=part + (rest if number == 0 else 0),
            agreed_by=agreement.agreed_by.strip()[:100],
        )


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What was paid back (fen), with the receipt's number."""

    paid_on: date
    fen: int
    voucher_no: str
    payer: str


def receive(no: str, receipt: Receipt, *, key: str, actor: Actor, on: date) -> RecoveryReceipt:
    """The money is back in the source and year that it was paid from (10.4); the recovery ends by
    itself when nothing is left.

    `key` is the form's one-time mark: the same key again gives the receipt that is there.
    """
    there = RecoveryReceipt.objects.filter(key=key, recovery__no=no).first()
    if there:
        return there
    made: list[RecoveryReceipt] = []

    def write(recovery: Recovery) -> Mapping[str, Any]:
        if reason := _why_not(recovery, receipt, on):
            raise Refused(reason)
        row = _receipt(recovery, receipt, key, actor, on)
        row.groups.set(_back_to_their_sources(recovery, receipt.fen, on))
        recovery.received_fen += receipt.fen
        made.append(row)
        return {"receipt": row.pk, "fen": receipt.fen, "voucher_no": row.voucher_no}

    with transaction.atomic():
        perform(Recovery, no, "receive", actor=actor, on=on, write=write)
        if not Recovery.objects.get(no=no).left_fen:
            perform(Recovery, no, "close", actor=ROBOT, on=on)
    return made[0]


def _why_not(recovery: Recovery, receipt: Receipt, on: date) -> str:
    if not 0 < receipt.fen <= recovery.left_fen:
        return f"缴款金额应大于 0，不超过还没收回的 {money.show(recovery.left_fen)} 元"
    if not receipt.voucher_no.strip() or not receipt.payer.strip():
        return "请填写缴款凭证号和缴款人"
    assert recovery.told_on is not None
    if not recovery.opened_on <= receipt.paid_on <= on:
        return f"缴款日期应在 {recovery.opened_on} 到今天之间，请核对"
    return ""


def _receipt(
    recovery: Recovery, receipt: Receipt, key: str, actor: Actor, on: date
) -> RecoveryReceipt:
    row = RecoveryReceipt(
        recovery=recovery,
        paid_on=receipt.paid_on,
        fen=receipt.fen,
        voucher_no=receipt.voucher_no.strip()[:60],
        payer=receipt.payer.strip()[:100],
        key=key,
        recorded_on=on,
        recorded_by_id=actor.human_id,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Refused("这张缴款凭证已经登记过，请核对凭证号", code="known_voucher") from None
    return row


def _back_to_their_sources(recovery: Recovery, fen: int, on: date) -> list[LedgerGroup]:
    """Postings list by list, the oldest month first: out of 已支付, into 可用资金 of the source and
    year that the list was paid from. What a list took last comes back first."""
    groups: list[LedgerGroup] = []
    left = fen
    for line, most in _still_out(recovery):
        part = min(left, most)
        if part:
            groups.append(_posted(recovery, line, part, on))
            left -= part
    if left:
        raise Refused("台账里已支付的金额不够退回，请先核对台账", code="ledger_short")
    return groups


def _still_out(recovery: Recovery) -> Iterator[tuple[PayoutLine, int]]:
    """(line, fen) of the months that were paid too much, less what came back before."""
    earlier = recovery.received_fen
    for month in recovery.months.order_by("month"):
        left = month.fen
        for line in _lines(recovery, month.month):
            part = min(left, line.amount_fen)
            gone = min(earlier, part)
            left, earlier = left - part, earlier - gone
            if part > gone:
                yield line, part - gone


def _lines(recovery: Recovery, month: date) -> list[PayoutLine]:
    lines = PayoutLine.objects.filter(
        benefit_id=recovery.benefit_id, month=month, state="PAID"
    ).exclude(kind="ONE_OFF")
    return list(lines.select_related("batch").order_by("-id"))


def _posted(recovery: Recovery, line: PayoutLine, fen: int, on: date) -> LedgerGroup:
    """The list's accounts are locked: two households that pay back at once do not take one sum."""
    batch = line.batch
    list(fund_accounts(batch).filter(kind="PAID").order_by("pk").select_for_update(of=("self",)))
    entries = LedgerEntry.objects.filter(group__batch=batch, account__kind="PAID")
    paid = dict(entries.values_list("account__source").annotate(fen=Sum("amount_fen")))
    postings: list[Posting] = []
    for source in reversed(SOURCES):
        part = min(fen, max(paid.get(source, 0), 0))
        if part:
            postings += [(source, "PAID", -part), (source, "AVAILABLE", part)]
            fen -= part
    group = LedgerGroup(
        kind="RECOVERY",
        programme=batch.programme,
        office_id=batch.office_id,
        batch=batch,
        on_day=on,
        note=f"追缴收回 {recovery.no}",
    )
    return post(group, batch.fund_year, postings)


def ask_write_off(no: str, *, note: str, actor: Actor, on: date, proof: Proof) -> Event:
    """The office's leader asks the bureau to write off what is left, with the reason, signed."""
    return perform(Recovery, no, "ask_write_off", actor=actor, on=on, note=note, proof=proof)


def write_off(
    no: str,
    *,
    note: str = "",
    actor: Actor,
    on: date,
    proof: Proof,
    version: int | None = None,
) -> Event:
    """What is left is not asked for any more: the second of two signatures, by another person."""

    def write(recovery: Recovery) -> Mapping[str, Any]:
        fen = recovery.left_fen
        recovery.written_off_fen += fen
        return {"fen": fen}

    return perform(
        Recovery, no, "write_off", actor=actor, on=on, note=note, proof=proof, version=version,
        write=write,
    )  # fmt: skip
