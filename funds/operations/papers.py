"""The one function that moves a paper of money: recovery, proof, budget, imprest, plan."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q, Sum

from funds import faults
from funds.models import FlowProof, ImprestRequest, QuarterBudget, Recovery, YearPlan
from funds.models.paper import Paper, visible
from funds.rules.papers import PaperFacts, Step
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.models import Event, Signature
from yuquan_relief.kernel.signing import Proof, sign

Write = Callable[[Any], Mapping[str, Any]]
KINDS: tuple[type[Paper], ...] = (Recovery, FlowProof, QuarterBudget, ImprestRequest, YearPlan)
MODELS: dict[str, type[Paper]] = {kind.SUBJECT: kind for kind in KINDS}


@transaction.atomic
def perform(  # noqa: PLR0913 - the one road, with what each kind of act brings
    kind: type[Paper],
    no: str,
    code: str,
    *,
    actor: Actor,
    on: date,
    note: str = "",
    proof: Proof | None = None,
    version: int | None = None,
    write: Write | None = None,
) -> Event:
    """One step has been taken on the paper `no` and stands in the chain of events.

    `write` records the act's own data before it is signed. Raises DoesNotExist outside the actor's
    scope, PermissionDenied without the capability, Refused with reason and clause.
    """
    paper = visible(kind, actor).select_for_update(of=("self",)).get(no=no)
    step = known_step(kind, code)
    require(step, actor)
    if version is not None and version != paper.version:
        raise Refused("您打开后，这一件已有新的办理，请刷新页面看清后再办", code="stale")
    if reason := step.why_not(paper.state, facts_of(paper, on)):
        raise Refused(reason)
    if step.needs_note and not note.strip():
        raise Refused(f"{step.label}须写明理由，请填写后再办", code="note_needed")
    body = dict(write(paper)) if write else {}
    body |= _signed(paper, step, actor, proof) if step.stage else {}
    event = _finish(paper, step, actor=actor, on=on, note=note.strip(), body=body)
    faults.point(f"funds.{paper.SUBJECT}.{code}.before_commit")
    return event


def known_step(kind: type[Paper], code: str) -> Step:
    """The step; raises Refused for a code that this kind of paper does not have."""
    table = kind().procedure
    if code not in table.steps:
        raise Refused(f"{table.label}没有这个环节", code="unknown_step")
    return table.steps[code]


def require(step: Step, actor: Actor) -> None:
    """Raise PermissionDenied unless the step is the robot's or the actor's post carries it."""
    allowed = actor.is_robot if step.by_robot else actor.can(step.capability)
    if not allowed:
        raise PermissionDenied(step.label)


def begin(paper: Paper, code: str, *, actor: Actor, on: date, body: Mapping[str, Any]) -> Event:
    """The new paper stands in its first state, and its first event in the chain."""
    paper.state = next(iter(paper.procedure.states))
    paper.state_since = paper.opened_on = on
    paper.save(force_insert=True)
    return _told(paper, code, actor=actor, on=on, before="", note="", body=body)


def _signed(paper: Paper, step: Step, actor: Actor, proof: Proof | None) -> dict[str, Any]:
    if proof is None:
        raise Refused(f"{step.label}须签字，请输入签批码", code="signature_needed")
    earlier = signatures_of(paper).filter(stage=step.stage).count()
    signature = sign(
        paper.SUBJECT,
        paper.no,
        step.stage,
        content_of(paper),
        actor=actor,
        proof=proof,
        round=earlier + 1,
    )
    return {"signature": signature.pk, "content_sha256": signature.content_sha256}


def signatures_of(paper: Paper) -> Any:
    """The paper's signatures, oldest first."""
    mine = Signature.objects.filter(subject_kind=paper.SUBJECT, subject_key=paper.no)
    return mine.order_by("id")


def _finish(
    paper: Paper, step: Step, *, actor: Actor, on: date, note: str, body: Mapping[str, Any]
) -> Event:
    before = paper.state
    if step.target and step.target != before:
        paper.state, paper.state_since = step.target, on
    paper.version += 1
    paper.save()
    return _told(paper, step.code, actor=actor, on=on, before=before, note=note, body=body)


def _told(  # noqa: PLR0913 - what an event holds
    paper: Paper,
    code: str,
    *,
    actor: Actor,
    on: date,
    before: str,
    note: str,
    body: Mapping[str, Any],
) -> Event:
    return record(
        paper.SUBJECT,
        paper.no,
        code,
        actor=actor,
        on=on,
        unit_id=paper.office_id or paper.district_id,
        before=before,
        after=paper.state,
        due_on=None if paper.is_over else paper.due_on,
        note=note,
        body={"version": paper.version, **body},
    )


# ------------------------------------------------------------------ what each kind tells


def facts_of(paper: Paper, on: date) -> PaperFacts:
    """What the steps of the paper look at."""
    if isinstance(paper, Recovery):
        return PaperFacts(
            on=on,
            amount_fen=paper.amount_fen,
            settled_fen=paper.received_fen + paper.written_off_fen,
        )
    if isinstance(paper, FlowProof):
        return PaperFacts(on=on, files=paper.files.filter(round=paper.round).count())
    if isinstance(paper, QuarterBudget):
        lines = paper.lines.all()
        unexplained = lines.filter(~Q(asked_fen=F("generated_fen")), reason="")
        return PaperFacts(
            on=on,
            amount_fen=lines.aggregate(fen=Sum("asked_fen", default=0))["fen"],
            unexplained=unexplained.count(),
        )
    if isinstance(paper, ImprestRequest):
        return PaperFacts(on=on, amount_fen=paper.amount_fen)
    assert isinstance(paper, YearPlan)
    return PaperFacts(on=on, amount_fen=paper.lines.aggregate(f=Sum("year_fen", default=0))["f"])


def content_of(paper: Paper) -> dict[str, Any]:
    """What a signature of the paper covers: every figure, in fen."""
    return {"subject": paper.SUBJECT, "no": paper.no, **CONTENTS[paper.SUBJECT](paper)}


def _recovery(paper: Any) -> dict[str, Any]:
    months = paper.months.order_by("month").values_list("month", "paid_fen", "due_fen", "fen")
    return {
        "benefit": paper.benefit.key,
        "amount_fen": paper.amount_fen,
        "received_fen": paper.received_fen,
        "months": [[f"{m:%Y-%m}", *fen] for m, *fen in months],
    }


def _proof(paper: Any) -> dict[str, Any]:
    files = paper.files.order_by("id").values_list("attachment__sha256", flat=True)
    return {"line": paper.line_id, "seed": paper.seed, "files": list(files)}


def _budget(paper: Any) -> dict[str, Any]:
    lines = paper.lines.order_by("programme").values_list(
        "programme", "generated_fen", "asked_fen", "reason"
    )
    return {"year": paper.year, "quarter": paper.quarter, "lines": [list(row) for row in lines]}


def _imprest(paper: Any) -> dict[str, Any]:
    return {
        "month": f"{paper.month:%Y-%m}",
        "programme": paper.programme,
        "amount_fen": paper.amount_fen,
        "reason": paper.reason,
    }


def _plan(paper: Any) -> dict[str, Any]:
    lines = paper.lines.order_by("office_id", "programme")
    values = lines.values_list("office__code", "programme", "households", "persons", "year_fen")
    return {
        "year": paper.year,
        "edition": paper.edition,
        "reserve_fen": paper.reserve_fen,
        "lines": [list(row) for row in values],
    }


CONTENTS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "recovery": _recovery,
    "proof": _proof,
    "budget": _budget,
    "imprest": _imprest,
    "plan": _plan,
}
