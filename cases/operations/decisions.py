"""Proposing, deciding, serving: what is signed and what follows from it (4(1).1)."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from cases.models import Benefit, CareArrangement, Case, Decision, IncomeAccount, Letter
from cases.models.assessment import start_if_decided
from cases.models.checks import against_approval
from cases.models.kin import related
from cases.models.record import CaseRecord, rules_of
from cases.rules.allowance import percents_of
from cases.rules.needs import MENDABLE
from cases.rules.programmes import Programme
from cases.rules.reviews import category_of
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Attachment, Event, Signature, Unit, next_number
from yuquan_relief.kernel.operations.attachments import attach
from yuquan_relief.kernel.signing import Proof, covers

from .content import content_of
from .delegations import require_in_scope
from .households import require_next_in_line, take_over
from .steps import perform

EVIDENCE_STAGES = ("survey", "witness", "relieve")


def propose(no: str, *, actor: Actor, on: date, proof: Proof, version: int | None = None) -> Event:
    """The office's opinion is signed on the whole content; the second notice may be posted."""

    def write(case: Case) -> Mapping[str, Any]:
        record = CaseRecord(case, on)
        case.kin_found = case.kin_found or bool(related([m.id_digest for m in record.members], on))
        require_cover(record, EVIDENCE_STAGES)
        require_nothing_found(record)
        account = settled(record)
        case.is_opposed, case.mend = False, ""
        return {"monthly_fen": account.total_fen, "persons": account.insured}

    return perform(no, "propose", actor=actor, on=on, proof=proof, version=version, write=write)


def settled(record: CaseRecord) -> IncomeAccount:
    """The income account that page, signature, decision and benefit all read."""
    assert record.account is not None  # the procedure asks for it before
    return record.account


def propose_refusal(
    no: str, *, note: str, actor: Actor, on: date, proof: Proof, version: int | None = None
) -> Event:
    """The office's opinion that the application be refused is signed; the leader decides.

    Nothing is published of a family that is not proposed (18(2), N1 第二十四条).
    """

    def write(case: Case) -> Mapping[str, Any]:
        case.is_opposed, case.mend = True, ""
        return {}

    return perform(
        no,
        "propose_refusal",
        actor=actor,
        on=on,
        note=note,
        proof=proof,
        version=version,
        write=write,
    )


def reopen(no: str, *, note: str, actor: Actor, on: date) -> Event:
    """The case is investigated anew; a new round begins, and something must be done again (9)."""
    return perform(no, "reopen", actor=actor, on=on, note=note)


def require_cover(record: CaseRecord, stages: tuple[str, ...]) -> None:
    """Raise Refused when an earlier signature no longer covers what it was given for."""
    labels = {
        "survey": "入户调查",
        "witness": "民主评议",
        "relieve": "先行救助",
        "propose": "审核意见",
    }
    for signature in record.latest_signatures(stages):
        if not covers(signature, content_of(record, signature.stage)):
            raise Refused(
                f"{labels[signature.stage]}签字后内容有变化，{signature.name}的签字不再覆盖现在的内容，"
                "请“重新调查”后再登记、再签字（第四条“谁签字，谁负责”）",
                code="signature_uncovered",
            )


def approve(
    no: str,
    *,
    actor: Actor,
    on: date,
    proof: Proof,
    version: int | None = None,
    code: str = "approve",
) -> Event:
    """The case is approved; a monthly benefit begins next month (4(1).1), a relief is given once.

    A decision after the cut-off (the 20th, moved to the last working day before) starts next
    month too and is paid as 补发 with the following month. `code`: approve_large when the sum is
    above the office's limit and the bureau decides (4(2)).
    """

    def write(case: Case) -> Mapping[str, Any]:
        require_in_scope(case, actor, on)
        require_next_in_line(case)
        require_sound(CaseRecord(case, on))
        return {}

    return perform(
        no,
        code,
        actor=actor,
        on=on,
        note=proof.opinion,
        proof=proof,
        version=version,
        write=write,
        conclude=lambda case, signature: _conclude(case, on),
    )


def _conclude(case: Case, on: date) -> Mapping[str, Any]:
    """What follows from the leader's signature: the decision, and a benefit if it is monthly."""
    decision = _decide(case, on)
    if decision.once_fen:
        return {"once_fen": decision.once_fen}
    benefit = _begin_benefit(case, decision)
    take_over(case, benefit, on)
    return {
        "benefit": benefit.key,
        "start_month": str(decision.start_month),
        "paid_with": str(decision.paid_with),
        "monthly_fen": decision.monthly_fen,
    }


def require_sound(record: CaseRecord) -> None:
    """Raise Refused unless every signature covers what stands and the result comes out anew."""
    require_cover(record, (*EVIDENCE_STAGES, "propose"))
    require_nothing_found(record)


def require_nothing_found(record: CaseRecord) -> None:
    """Raise Refused when one of the system's checks stops the act (8)."""
    if reasons := against_approval(record):
        raise Refused(f"{reasons[0]}（第八条）", code="check_failed")


def _decide(case: Case, on: date) -> Decision:
    record = CaseRecord(case, on)
    account = settled(record)
    start = None if account.once_fen else start_if_decided(record)
    return Decision.objects.create(
        case=case,
        outcome="APPROVED",
        decided_on=on,
        persons=account.insured,
        monthly_fen=account.monthly_fen,
        supplement_fen=account.supplement_fen,
        once_fen=account.once_fen,
        start_month=start.month if start else None,
        paid_with=start.paid_with if start else None,
    )


def _begin_benefit(case: Case, decision: Decision) -> Benefit:
    office = Unit.objects.only("code").get(pk=case.office_id)
    letter = Programme(case.programme).kind.certificate_letter
    account = settled(CaseRecord(case, decision.decided_on))
    assert decision.start_month is not None
    assert decision.paid_with is not None
    return Benefit.objects.create(
        key=f"B-{case.no[3:]}",
        certificate_no=next_number(f"{letter}{office.code[:9]}{decision.decided_on:%Y}", digits=5),
        household_id=case.household_id,
        programme=case.programme,
        district_id=case.district_id,
        office_id=case.office_id,
        village_id=case.village_id,
        persons=decision.persons,
        monthly_fen=decision.monthly_fen,
        supplement_fen=decision.supplement_fen,
        year_fen=account.year_fen,
        support=case.support,
        care_tier=account.facts.get("tier", ""),
        start_month=decision.start_month,
        paid_with=decision.paid_with,
        source_case=case,
        source=f"审批 {case.no}",
        annual_fen=account.annual_fen,
        counted=account.persons,
        percents=percents_of(account.facts),
        method=account.method,
        category=category_of(account.facts) if account.facts else "B",
    )


def refuse(  # noqa: PLR0913 - who decides, beside what every act brings
    no: str,
    *,
    ground: str,
    note: str,
    actor: Actor,
    on: date,
    proof: Proof,
    code: str = "refuse",
) -> Event:
    """The case is refused on one of the grounds, with its reason; the letter follows (18(2)).

    `code`: refuse_large when the sum is above the office's limit.
    """

    def conclude(case: Case, signature: Signature) -> Mapping[str, Any]:
        reason = f"{ground_text(case, on, ground)}{note.strip()}"
        Decision.objects.create(case=case, outcome="REFUSED", decided_on=on, reason=reason)
        current = CareArrangement.objects.filter(case=case, ended_on__isnull=True)
        current.update(ended_on=on)  # a bed is not kept for who is refused
        return {"ground": ground}

    def write(case: Case) -> Mapping[str, Any]:
        require_in_scope(case, actor, on)
        return {}

    return perform(
        no, code, actor=actor, on=on, note=note, proof=proof, write=write, conclude=conclude
    )


def ground_text(case: Case, on: date, code: str) -> str:
    """The ground of a refusal in words, with its clause; raises Refused for an unknown one."""
    grounds = {g["code"]: g for g in rules_of(case, on)["refusal.grounds"]}
    if code not in grounds:
        raise Refused("请选择不予批准的情形和依据")
    return f"{grounds[code]['label']}（{grounds[code]['basis']}）。"


def send_back(
    no: str,
    *,
    note: str,
    actor: Actor,
    on: date,
    mend: Sequence[str] = (),
    code: str = "send_back",
) -> Event:
    """The case goes back with what must be mended; a new round begins.

    `mend`: codes of MENDABLE, which the case page turns into links until the office proposes
    again. `code`: send_back_large when the sum is above the office's limit.
    """

    def write(case: Case) -> Mapping[str, Any]:
        require_in_scope(case, actor, on)
        case.mend = " ".join(item for item in mend if item in MENDABLE)
        return {"mend": case.mend}

    return perform(no, code, actor=actor, on=on, note=note, write=write)


SEEN_ONLY_BY_PROOF = frozenset({"LEFT", "NOTICE"})  # nobody of the family has signed


def serve_letter(  # noqa: PLR0913 - one fact each
    no: str,
    *,
    served_on: date,
    method: str,
    receiver: str,
    actor: Actor,
    on: date,
    proof: bytes | None = None,
) -> Event:
    """The household has the decision in hand (4(1).2).

    `proof`: the photo of the signed receipt, or of the letter as it was left or posted, without
    which a letter that nobody took is not served.
    """

    def write(case: Case) -> Mapping[str, Any]:
        if not (case.decided_on and case.decided_on <= served_on <= on):
            raise Refused(f"送达日期应在决定日 {case.decided_on} 到今天之间，请核对")
        if not receiver.strip():
            raise Refused("请填写签收人")
        if method in SEEN_ONLY_BY_PROOF and proof is None:
            raise Refused("留置送达、公告送达须有现场照片，请拍照上传")
        Letter.objects.create(
            case=case,
            served_on=served_on,
            method=method,
            receiver=receiver.strip()[:100],
            proof=_keep_receipt(case, proof, actor) if proof else None,
        )
        return {"method": method, "served_on": str(served_on)}

    return perform(no, "serve_letter", actor=actor, on=on, write=write)


def _keep_receipt(case: Case, photo: bytes, actor: Actor) -> Attachment:
    return attach(
        "case",
        case.no,
        "letter_proof",
        photo,
        title="送达证明",
        village_id=case.village_id,
        office_id=case.office_id,
        actor=actor,
    )
