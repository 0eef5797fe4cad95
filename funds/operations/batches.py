"""The one function that moves a list, and the acts of lock, return and approval."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from funds import faults
from funds.models import PayoutBatch
from funds.models.facts import SUBJECT, content_of, facts_of, snapshot_of
from funds.models.kin import kin_of
from funds.rules.batches import STEPS, Step
from funds.rules.facts import BatchFacts
from yuquan_relief.kernel import file_store
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.models import Event, Signature
from yuquan_relief.kernel.signing import Proof, covers, sign

from . import ledger
from .bank_files import bank_file, template_in_force

DATED = {
    "LOCKED": "locked_on",
    "APPROVED": "approved_on",
    "SENT": "sent_on",
    "CLOSED": "closed_on",
}
Write = Callable[[PayoutBatch], Mapping[str, Any]]


@transaction.atomic
def perform(  # noqa: PLR0913 - the one road, with what each kind of act brings
    no: str,
    code: str,
    *,
    actor: Actor,
    on: date,
    note: str = "",
    proof: Proof | None = None,
    version: int | None = None,
    write: Write | None = None,
    conclude: Write | None = None,
) -> Event:
    """One step has been taken on the list `no` and stands in the chain of events.

    `write` records the act's own data before it is signed, `conclude` what follows from the
    signature; both return what the event should hold. `version`: the version that the person saw.
    Raises PayoutBatch.DoesNotExist outside the actor's scope, PermissionDenied without the
    capability, Refused with reason and clause when the rules do not allow it now.
    """
    batch = _held(no, actor)
    step = known_step(code)
    require(step, actor)
    if version is not None and version != batch.version:
        raise Refused("您打开后，这份名单已有新的办理，请刷新页面看清后再办", code="stale")
    needs = step.needs if batch.state in step.sources else ()
    facts = facts_of(batch, on, needs) if needs else BatchFacts(on=on)
    if reason := step.why_not(batch.state, facts):
        raise Refused(reason)
    if step.needs_note and not note.strip():
        raise Refused(f"{step.label}须写明理由，请填写后再办", code="note_needed")
    body = dict(write(batch)) if write else {}
    if step.stage:
        body |= _signed(batch, step, actor, proof)
        body |= dict(conclude(batch)) if conclude else {}
    event = _finish(batch, step, actor=actor, on=on, note=note.strip(), body=body)
    faults.point(f"funds.{code}.before_commit")
    return event


def _held(no: str, actor: Actor) -> PayoutBatch:
    return PayoutBatch.objects.visible_to(actor).select_for_update(of=("self",)).get(no=no)


def known_step(code: str) -> Step:
    """The step; raises Refused for a code that lists do not have."""
    if code not in STEPS:
        raise Refused("发放名单没有这个环节", code="unknown_step")
    return STEPS[code]


def require(step: Step, actor: Actor) -> None:
    """Raise PermissionDenied unless the step is the robot's or the actor's post carries it."""
    allowed = step.by_robot if actor.is_robot else actor.can(step.capability)
    if not allowed:
        raise PermissionDenied(step.label)


def signatures_of(batch: PayoutBatch, *stages: str) -> list[Signature]:
    """The list's signatures of the stages, oldest first."""
    mine = Signature.objects.filter(subject_kind=SUBJECT, subject_key=batch.no)
    return list(mine.filter(stage__in=stages).order_by("id"))


def _signed(batch: PayoutBatch, step: Step, actor: Actor, proof: Proof | None) -> dict[str, Any]:
    if proof is None:
        raise Refused(f"{step.label}须签字，请输入签批码", code="signature_needed")
    earlier = len(signatures_of(batch, step.stage))
    signature = sign(
        SUBJECT,
        batch.no,
        step.stage,
        content_of(batch),
        actor=actor,
        proof=proof,
        round=earlier + 1,
    )
    return {"signature": signature.pk, "content_sha256": signature.content_sha256}


def _finish(
    batch: PayoutBatch,
    step: Step,
    *,
    actor: Actor,
    on: date,
    note: str,
    body: Mapping[str, Any],
) -> Event:
    before = batch.state
    if step.target and step.target != before:
        batch.state, batch.state_since = step.target, on
        if step.target in DATED:
            setattr(batch, DATED[step.target], on)
    batch.version += 1
    batch.save()
    return record(
        SUBJECT,
        batch.no,
        step.code,
        actor=actor,
        on=on,
        unit_id=batch.office_id,
        before=before,
        after=batch.state,
        due_on=batch.pay_by if batch.state != "CLOSED" else None,
        note=note,
        body={"round": batch.round, "version": batch.version, **body},
    )


def lock(no: str, *, actor: Actor, on: date, proof: Proof, version: int | None = None) -> Event:
    """The list stands: totals, digest of the lines, and the bank file itself, signed by the maker.

    Refused when a household has no account, when totals or benefits have changed since the list was
    made, or when the money allocated does not reach (4(1).3).
    """

    def write(batch: PayoutBatch) -> Mapping[str, Any]:
        batch.snapshot_sha256 = snapshot_of(batch)
        batch.template = template_in_force(batch.programme, on)
        batch.file_sha256 = file_store.keep(bank_file(batch))
        faults.point("funds.lock.file_kept")
        return _figures(batch)

    event = perform(no, "lock", actor=actor, on=on, proof=proof, version=version, write=write)
    faults.point("funds.lock.after_commit")
    return event


def _figures(batch: PayoutBatch) -> dict[str, Any]:
    return {
        "lines": batch.line_count,
        "total_fen": batch.total_fen,
        "template": batch.template,
        "file_sha256": batch.file_sha256,
        "snapshot_sha256": batch.snapshot_sha256,
    }


def send_back(no: str, *, note: str, actor: Actor, on: date, version: int | None = None) -> Event:
    """The list is open again, with what must be mended; its file no longer counts."""

    def write(batch: PayoutBatch) -> Mapping[str, Any]:
        given_up = _figures(batch)
        batch.file_sha256 = batch.snapshot_sha256 = ""
        batch.locked_on = None
        batch.round += 1
        return given_up

    return perform(no, "send_back", actor=actor, on=on, note=note, version=version, write=write)


def approve(no: str, *, actor: Actor, on: date, proof: Proof, version: int | None = None) -> Event:
    """The leader has signed the very bytes that the bank will get, and the money is set aside.

    The maker cannot be the one who approves: the database refuses a second stage by one person.
    """

    def write(batch: PayoutBatch) -> Mapping[str, Any]:
        _require_cover(batch)
        found = kin_of(batch, on)
        unseen = [row.certificate_no for row in found if not row.is_visited]
        return {**_figures(batch), "kin": len(found), "kin_not_visited": unseen}

    def conclude(batch: PayoutBatch) -> Mapping[str, Any]:
        return {"ledger_group": ledger.commit(batch, on=on).pk}

    event = perform(
        no,
        "approve",
        actor=actor,
        on=on,
        note=proof.opinion,
        proof=proof,
        version=version,
        write=write,
        conclude=conclude,
    )
    faults.point("funds.approve.after_commit")
    return event


def _require_cover(batch: PayoutBatch) -> None:
    made = signatures_of(batch, "prepare")
    if not made or not covers(made[-1], content_of(batch)):
        raise Refused(
            "锁定签字后名单有变化，制单人的签字不再覆盖现在的内容，请退回重新锁定"
            "（第四条“谁签字，谁负责”）",
            code="signature_uncovered",
        )


def take_file(no: str, *, actor: Actor, on: date, proof: Proof, reason: str = "") -> Event:
    """The taker has signed for the bank file; from the first taking on the list counts as sent.

    Taking it again needs a reason. The bytes themselves are served by file_for, and are those
    whose digest the leader signed.
    """

    def write(batch: PayoutBatch) -> Mapping[str, Any]:
        if batch.state == "SENT" and not reason.strip():
            raise Refused("银行文件已经领取过，再次领取须写明原因", code="reason_needed")
        _require_approval(batch)
        return _figures(batch)

    event = perform(no, "take_file", actor=actor, on=on, note=reason, proof=proof, write=write)
    faults.point("funds.take_file.after_commit")
    return event


def _require_approval(batch: PayoutBatch) -> None:
    approved = signatures_of(batch, "approve")
    if not approved or not covers(approved[-1], content_of(batch)):
        raise Refused("分管领导的签字没有覆盖现在的银行文件，不能领取", code="signature_uncovered")
