"""Reviews of those in benefit: opened, settled, signed by two, told to the family, in force.

One function moves a review; a change is in force only out of `tell` (4(1).2 严禁不通知自行调整).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from cases.models import Benefit, Review
from cases.models.review_due import plan_review
from cases.models.review_record import SUBJECT, ReviewRecord
from cases.rules.reviews import (
    FINAL_STATES,
    STEPS,
    TRIGGERS,
    Step,
)
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.models import Event, Signature, Unit, next_number
from yuquan_relief.kernel.rulebook_values import rules
from yuquan_relief.kernel.signing import Proof, covers, sign

from .review_calendar import next_due

Write = Callable[[Review], Mapping[str, Any]]


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
    """One step has been taken on the review `no` and stands in the chain of events.

    As cases.operations.steps.perform, for reviews. Raises Review.DoesNotExist outside the actor's
    scope, PermissionDenied without the capability, Refused with reason and clause.
    """
    review = (
        Review.objects.visible_to(actor)
        .select_for_update(of=("self",))
        .select_related("benefit__household", "benefit__source_case")
        .get(no=no)
    )
    step = known_step(code)
    require(step, actor)
    if version is not None and version != review.version:
        raise Refused("您打开后，这份复核已有新的办理，请刷新页面看清后再办", code="stale")
    if reason := step.why_not(review.state, ReviewRecord(review, on).judged()):
        raise Refused(reason)
    if step.needs_note and not note.strip():
        raise Refused(f"{step.label}须写明理由，请填写后再办", code="note_needed")
    body = dict(write(review)) if write else {}
    if step.stage:
        body |= _signed(review, step, on, actor, proof)
    body |= dict(conclude(review)) if conclude else {}
    return _finish(review, step, actor=actor, on=on, note=note.strip(), body=body)


def known_step(code: str) -> Step:
    """The step; raises Refused for a code that reviews do not have."""
    if code not in STEPS:
        raise Refused("复核没有这个环节", code="unknown_step")
    return STEPS[code]


def require(step: Step, actor: Actor) -> None:
    """Raise PermissionDenied unless the step is the robot's or the actor's post carries it."""
    allowed = step.by_robot if actor.is_robot else actor.can(step.capability)
    if not allowed:
        raise PermissionDenied(step.label)


def signatures_of(review: Review, *stages: str) -> list[Signature]:
    """The review's signatures of the stages, oldest first."""
    mine = Signature.objects.filter(subject_kind=SUBJECT, subject_key=review.no)
    return list(mine.filter(stage__in=stages).order_by("id"))


def _signed(
    review: Review, step: Step, on: date, actor: Actor, proof: Proof | None
) -> dict[str, Any]:
    if proof is None:
        raise Refused(f"{step.label}须签字，请输入签批码", code="signature_needed")
    signature = sign(
        SUBJECT,
        review.no,
        step.stage,
        ReviewRecord(review, on).content(step.stage),
        actor=actor,
        proof=proof,
        round=review.round,
    )
    return {"signature": signature.pk, "content_sha256": signature.content_sha256}


def _finish(
    review: Review, step: Step, *, actor: Actor, on: date, note: str, body: Mapping[str, Any]
) -> Event:
    before = review.state
    if step.target:
        review.state = step.target
        if step.target in FINAL_STATES:
            review.ended_on = on
    review.version += 1
    review.save()
    return record(
        SUBJECT,
        review.no,
        step.code,
        actor=actor,
        on=on,
        unit_id=review.village_id,
        before=before,
        after=review.state,
        due_on=None if review.state in FINAL_STATES else review.due_on,
        note=note,
        body={"round": review.round, "benefit": review.benefit.key, **body},
    )


@dataclass(frozen=True, kw_only=True)
class Opening:
    """Why a benefit is looked at again. `cause` names one happening, which is found only once."""

    trigger: str
    what: str = ""
    cause: str = ""
    member_id: int | None = None
    due_on: date | None = None


@transaction.atomic
def open_review(benefit_key: str, opening: Opening, *, actor: Actor, on: date) -> Review:
    """A review of the benefit waits for the clerk; of one benefit only one is open at a time.

    Raises Benefit.DoesNotExist outside the actor's scope, Refused when the benefit has ended or
    is being reviewed, or the same happening was reviewed before.
    """
    step = STEPS["open"]
    require(step, actor)
    if opening.trigger not in TRIGGERS:
        raise Refused("请选择复核的起因")
    benefit = Benefit.objects.visible_to(actor).select_for_update(of=("self",)).get(key=benefit_key)
    if benefit.end_month and benefit.end_month < on.replace(day=1):
        raise Refused("这项保障已经终止，不用复核")
    review = _new(benefit, opening, on)
    try:
        with transaction.atomic():
            review.save(force_insert=True)
    except IntegrityError:
        raise Refused("这户正在复核，或者这一情况已经复核过", code="already_open") from None
    record(
        SUBJECT,
        review.no,
        "open",
        actor=actor,
        on=on,
        unit_id=review.village_id,
        after=review.state,
        due_on=review.due_on,
        note=review.what,
        body={"benefit": benefit.key, "trigger": review.trigger, "cause": review.cause},
    )
    return review


def _new(benefit: Benefit, opening: Opening, on: date) -> Review:
    office = Unit.objects.only("code").get(pk=benefit.office_id)
    return Review(
        no=next_number(f"FH-{office.code[:9]}-{on:%Y%m}-"),
        benefit=benefit,
        district_id=benefit.district_id,
        office_id=benefit.office_id,
        village_id=benefit.village_id,
        trigger=opening.trigger,
        cause=opening.cause[:40],
        member_id=opening.member_id,
        what=opening.what.strip()[:300],
        opened_on=on,
        due_on=opening.due_on or on + timedelta(days=int(rules(on)["review.days"])),
    )


def propose(no: str, *, actor: Actor, on: date, proof: Proof, version: int | None = None) -> Event:
    """The office's opinion is signed on the whole content; the leader decides."""

    def write(review: Review) -> Mapping[str, Any]:
        review.proposed_on = on
        return {"outcome": review.outcome}

    return perform(no, "propose", actor=actor, on=on, proof=proof, version=version, write=write)


def send_back(no: str, *, note: str, actor: Actor, on: date, version: int | None = None) -> Event:
    """The review is open again, with what must be mended; a new round of signatures begins."""

    def write(review: Review) -> Mapping[str, Any]:
        new_round(review)
        return {}

    return perform(no, "send_back", actor=actor, on=on, note=note, version=version, write=write)


def reopen(no: str, *, note: str, actor: Actor, on: date, version: int | None = None) -> Event:
    """What was signed and not told yet is looked at again; a new round of signatures begins."""

    def write(review: Review) -> Mapping[str, Any]:
        new_round(review)
        return {}

    return perform(no, "reopen", actor=actor, on=on, note=note, version=version, write=write)


def new_round(review: Review) -> None:
    """What was signed and posted counts no more; the caller saves it."""
    review.round += 1
    review.proposed_on = review.decided_on = None


def keep(no: str, *, actor: Actor, on: date, proof: Proof, version: int | None = None) -> Event:
    """The benefit goes on as it is; the next review is due after its cycle."""

    def write(review: Review) -> Mapping[str, Any]:
        _require_cover(review, on)
        review.decided_on = on
        _plan_next(review, on)
        return {"outcome": review.outcome}

    return perform(no, "keep", actor=actor, on=on, proof=proof, version=version, write=write)


def agree(no: str, *, actor: Actor, on: date, proof: Proof, version: int | None = None) -> Event:
    """The change is signed; it is not in force before the family was told (4(1).2)."""

    def write(review: Review) -> Mapping[str, Any]:
        _require_cover(review, on)
        review.decided_on = on
        return {"outcome": review.outcome, "after_fen": review.after_fen}

    return perform(no, "agree", actor=actor, on=on, proof=proof, version=version, write=write)


def _require_cover(review: Review, on: date) -> None:
    made = [s for s in signatures_of(review, "propose") if s.round == review.round]
    content = ReviewRecord(review, on).content("propose")
    if not made or not covers(made[-1], content):
        raise Refused(
            "提出意见后复核内容有变化，经办人的签字不再覆盖现在的内容，请退回重新核算、重新签字"
            "（第四条“谁签字，谁负责”）",
            code="signature_uncovered",
        )


def _plan_next(review: Review, on: date) -> None:
    benefit = review.benefit
    benefit.category = review.category or benefit.category
    plan_review(benefit, next_due(on, benefit.category), since=on)
    benefit.save(update_fields=["category", "review_due_on"])


def withdraw(no: str, *, note: str, actor: Actor, on: date, version: int | None = None) -> Event:
    """A review that was opened by hand by mistake is closed; nothing has changed."""
    return perform(no, "withdraw", actor=actor, on=on, note=note, version=version)
