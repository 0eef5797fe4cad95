"""临时救助: the proposed sum, help before the paper, and what reached the household (4(2))."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.timezone import localtime

from cases.models import Case, FirstRelief, HandOver
from cases.models.facts import left_fen
from cases.models.record import CaseRecord
from cases.rules.programmes import Programme
from cases.rules.relief import METHODS, needs_bureau
from yuquan_relief.kernel.actor import ROBOT, Actor
from yuquan_relief.kernel.clock import now
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.inputs.money import show
from yuquan_relief.kernel.models import Event, Person, Post
from yuquan_relief.kernel.models.attachments import Attachment
from yuquan_relief.kernel.operations.attachments import attach
from yuquan_relief.kernel.signing import Proof

from .settlement import keep_account
from .steps import perform


@dataclass(frozen=True, kw_only=True)
class ProposedSum:
    """The sum that the office proposes (fen); `special`: the record of 一事一议, if any."""

    amount_fen: int
    special: str = ""
    new_reason: str = ""


def settle_relief(no: str, proposed: ProposedSum, *, actor: Actor, on: date) -> Event:
    """The proposed sum stands with what it was measured against, all frozen (4(2), 8)."""

    def write(case: Case) -> Mapping[str, Any]:
        first = CaseRecord(case, on).first_relief
        given = first.amount_fen if first else 0
        if proposed.amount_fen < given:
            raise Refused(
                f"救助金额不能少于已经先行救助的 {show(given)} 元，请核对", code="below_first"
            )
        choices = {
            "amount_fen": proposed.amount_fen,
            "special": proposed.special.strip(),
            "new_reason": proposed.new_reason.strip(),
        }
        account = keep_account(case, choices, actor=actor, on=on)
        case.above_office = needs_bureau(account.facts)
        return {"account": account.pk, "once_fen": account.once_fen}

    return perform(no, "settle_relief", actor=actor, on=on, write=write)


@dataclass(frozen=True, kw_only=True)
class Agreed:
    """Who agreed to help before the paper, how and when, to what sum (fen)."""

    amount_fen: int
    approver_id: int
    how: str
    approved_at: datetime
    reason: str


def approvers(case: Case, on: date) -> dict[int, str]:
    """Person id → name of the deputy leaders of the case's office who are in post on the day."""
    posts = Post.objects.filter(unit_id=case.office_id, role="deputy_leader")
    return {
        post.person_id: f"{post.person.name}（{post.title}）"
        for post in posts.held_on(on).select_related("person")
    }


def relieve_first(no: str, agreed: Agreed, *, actor: Actor, on: date, proof: Proof) -> Event:
    """Help may go out at once; from today the limit of the late papers runs (3(6), 4(2)).

    The named approver is a deputy leader of the office, not the person who records it, and signs
    the decision when the papers are complete. Raises Refused above the limit for first help.
    """

    def write(case: Case) -> Mapping[str, Any]:
        name = approvers(case, on).get(agreed.approver_id)
        if name is None:
            raise Refused("请选择本镇、街道在岗的分管领导为批准人")
        if agreed.approver_id == actor.person_id:
            raise Refused("登记人不能是批准人，请由经办人登记（第四条“谁签字，谁负责”）")
        if agreed.approved_at > now():
            raise Refused("批准时间不能晚于现在，请核对")
        record = CaseRecord(case, on)
        happened = record.claim.happened_on if record.claim else case.accepted_on
        if happened and localtime(agreed.approved_at).date() < happened:
            raise Refused(f"批准时间不能早于事情发生的 {happened}，请核对")
        most = most_first(record)
        if not 0 < agreed.amount_fen <= most:
            raise Refused(f"先行救助金额应大于 0，不超过 {show(most)} 元", code="first_limit")
        account = record.account
        if account and account.once_fen < agreed.amount_fen:
            raise Refused(
                f"先行救助金额不能超过已经提出的 {show(account.once_fen)} 元，请重新提出金额",
                code="above_proposed",
            )
        person = Person.objects.only("name").get(pk=agreed.approver_id)
        FirstRelief.objects.create(
            case=case, approver_name=person.name, recorded_by_id=actor.human_id, **agreed.__dict__
        )
        case.relieved_on = on
        return {"amount_fen": agreed.amount_fen, "approver": person.pk, "how": agreed.how}

    return perform(
        no, "relieve_first", actor=actor, on=on, proof=proof, note=agreed.reason, write=write
    )


def most_first(record: CaseRecord) -> int:
    """The most that may be given before the paper (fen): so many months of the standard."""
    rule = record.rulebook["relief.amount"]
    persons = sum(m.counts_for_income for m in record.members) if rule["per_person"] else 1
    return int(rule["first_times"] * record.rulebook["standard.URBAN_ALLOWANCE"] * persons)


@dataclass(frozen=True, kw_only=True)
class Handed:
    """What was handed over, to whom; `receipt`: the bytes of the signed receipt's photo."""

    handed_on: date
    method: str
    amount_fen: int
    receiver: str
    what: str = ""
    outcome: str = ""
    cash_reason: str = ""
    receipt: bytes | None = None


def hand_over(no: str, handed: Handed, *, actor: Actor, on: date) -> Event:
    """A sum, a thing or a referral reached the household.

    Raises Refused above what was granted, for cash outside an emergency, and for cash without
    its reason and signed receipt (4(2)).
    """

    def write(case: Case) -> Mapping[str, Any]:
        record = CaseRecord(case, on)
        if handed.method not in METHODS:
            raise Refused("请选择发放方式")
        if reason := why_not_handed(record, handed):
            raise Refused(reason)
        receipt = _keep_receipt(case, handed, actor) if handed.receipt else None
        row = HandOver.objects.create(
            case=case,
            recorded_by_id=actor.human_id,
            receipt=receipt,
            **{k: v for k, v in handed.__dict__.items() if k != "receipt"},
        )
        return {"hand_over": row.pk, "method": row.method, "amount_fen": row.amount_fen}

    return perform(no, "hand_over", actor=actor, on=on, write=write)


def bank_paid(no: str, amount_fen: int, *, holder: str, paid_on: date, by: int, on: date) -> Event:
    """The bank has paid `amount_fen` of the case's relief into the account of `holder` (4(2)).

    `by`: the person who took the bank's answer in. A fact: nothing of the case's state refuses it.
    """

    def write(case: Case) -> Mapping[str, Any]:
        row = HandOver.objects.create(
            case=case,
            handed_on=paid_on,
            method="BANK",
            amount_fen=amount_fen,
            receiver=holder,
            recorded_by_id=by,
        )
        return {"hand_over": row.pk, "method": row.method, "amount_fen": amount_fen}

    return perform(no, "bank_paid", actor=ROBOT, on=on, write=write)


def why_not_handed(record: CaseRecord, handed: Handed) -> str:
    """Why it cannot be handed over like this; "" if it can."""
    earliest = record.case.relieved_on or record.case.decided_on
    if not (earliest and earliest <= handed.handed_on <= record.on):
        return f"发放日期应在 {earliest} 到今天之间，请核对"
    if handed.method == "CASH":
        return _why_no_cash(record, handed) or _why_not_that_much(record, handed)
    if handed.method in ("GOODS", "REFERRAL") and not handed.what.strip():
        return "请写明物品，或转介到哪里"
    if handed.method == "REFERRAL":
        return "转介服务不填金额" if handed.amount_fen else ""
    return _why_not_that_much(record, handed)


def _why_no_cash(record: CaseRecord, handed: Handed) -> str:
    if not Programme(record.case.programme).is_urgent:
        return "临时救助须通过银行发放，只有急难型可以发放现金（第四条（二））"
    if not handed.cash_reason.strip():
        return "请写明发放现金的理由"
    return "" if handed.receipt else "发放现金须有领款人签字的收条照片，请拍照上传"


def _why_not_that_much(record: CaseRecord, handed: Handed) -> str:
    if handed.amount_fen <= 0 and handed.method != "GOODS":
        return "请填写发放金额"
    left = left_fen(record)
    if handed.amount_fen > left:
        return f"发放金额超过还可发放的 {show(left)} 元，请核对"
    return ""


def _keep_receipt(case: Case, handed: Handed, actor: Actor) -> Attachment:
    assert handed.receipt is not None
    return attach(
        "case",
        case.no,
        "receipt",
        handed.receipt,
        title="领款、领物签收单",
        village_id=case.village_id,
        office_id=case.office_id,
        actor=actor,
    )
