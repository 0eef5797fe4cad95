"""The one function that moves a case."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from cases.models import Case
from cases.models.facts import facts_of
from cases.models.limits import due_of
from cases.models.record import SUBJECT, CaseRecord
from cases.rules.procedures import (
    CLOCK_STATES,
    FINAL_STATES,
    PROCEDURES,
    Step,
    step_of,
)
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.calendars import work_calendar
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record as tell
from yuquan_relief.kernel.models import Event, Signature
from yuquan_relief.kernel.rulebook_values import RULE_SET, Rules
from yuquan_relief.kernel.signing import Proof, sign
from yuquan_relief.kernel.workdays import Window

from .content import content_of

STEPS_TO_START = {programme: steps["submit"] for programme, steps in PROCEDURES.items()}
Write = Callable[[Case], Mapping[str, Any]]
Conclude = Callable[[Case, Signature], Mapping[str, Any]]


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
    conclude: Conclude | None = None,
) -> Event:
    """One step of the procedure has been taken and stands in the chain of events.

    `write` records the act's own data before it is signed, `conclude` what follows from the
    signature; both return what the event should hold. `version`: the version of the case that
    the person saw. Raises Case.DoesNotExist outside the actor's scope, PermissionDenied without
    the capability, Refused with the reason and clause when the rules do not allow it now.
    """
    case = Case.objects.visible_to(actor).select_for_update(of=("self",)).get(no=no)
    step = known_step(case, code)
    require(step, actor)
    if version is not None and version != case.version:
        raise Refused("您打开后，本件已有新的办理，请刷新页面看清后再办", code="stale")
    record = CaseRecord(case, on)
    if reason := step.why_not(case.state, facts_of(record, step.reads)):
        raise Refused(reason)
    if step.needs_note and not note.strip():
        raise Refused(f"{step.label}须写明理由，请填写后再办")
    body = dict(write(case)) if write else {}
    body |= _signed(case, step, on, actor, proof, conclude)
    return _finish(case, step, record, actor=actor, note=note.strip(), body=body)


def start(case: Case, *, actor: Actor, on: date, write: Write) -> Event:
    """A case that is not stored yet has taken its first step and stands in the chain.

    `write` records what hangs on the case. Call it in the transaction that makes the household.
    """
    step = STEPS_TO_START[case.programme]
    require(step, actor)
    case.state = step.target
    case.version = 1
    if case.state in CLOCK_STATES:  # an emergency: its clock runs from the request (4(2))
        record = CaseRecord(case, on)
        case.accepted_on, case.rule_set = on, record.rulebook[RULE_SET]
        _wind(case, record.rulebook, [])
    case.save(force_insert=True)
    body = dict(write(case))
    return _tell(case, step, actor=actor, on=on, before="DRAFT", note="", body=body)


def known_step(case: Case, code: str) -> Step:
    """The step of the case's procedure; raises Refused for a code that it does not have."""
    try:
        return step_of(case.programme, code)
    except KeyError:
        raise Refused(f"{case.programme_label}没有这个环节", code="unknown_step") from None


def require(step: Step, actor: Actor) -> None:
    """Raise PermissionDenied unless the step is the robot's or the actor's post carries it."""
    allowed = actor.is_robot if step.by_robot else actor.can(step.capability)
    if not allowed:
        raise PermissionDenied(step.label)


def _signed(
    case: Case,
    step: Step,
    on: date,
    actor: Actor,
    proof: Proof | None,
    conclude: Conclude | None,
) -> dict[str, Any]:
    if not step.stage:
        return {}
    if proof is None:
        raise Refused(f"{step.label}须签字，请输入签批码", code="signature_needed")
    signature = sign(
        SUBJECT,
        case.no,
        step.stage,
        content_of(CaseRecord(case, on), step.stage),  # as it stands after writing
        actor=actor,
        proof=proof,
        round=case.round,
    )
    body = {"signature": signature.pk, "content_sha256": signature.content_sha256}
    return body | dict(conclude(case, signature) if conclude else {})


def _finish(
    case: Case,
    step: Step,
    record: CaseRecord,
    *,
    actor: Actor,
    note: str,
    body: Mapping[str, Any],
) -> Event:
    before, on = case.state, record.on
    if step.target:
        case.state, case.state_since = step.target, on
    if step.target in ("INVESTIGATING", "URGENT") and before in CLOCK_STATES:
        case.round += 1
        case.is_opposed = False
    if step.code == "accept":
        case.accepted_on, case.rule_set = on, record.rulebook[RULE_SET]
    if step.target in FINAL_STATES:
        case.decided_on = on
    _wind(case, record.rulebook)
    case.held_note = ""
    case.version += 1
    case.save()
    return _tell(case, step, actor=actor, on=on, before=before, note=note, body=body)


def _wind(case: Case, rulebook: Rules, windows: list[Window] | None = None) -> None:
    """The case's due date is that of its state; none while no clock runs."""
    is_running = case.state in CLOCK_STATES
    due = (
        due_of(case, rulebook.under(case.rule_set), work_calendar(), windows)
        if is_running
        else None
    )
    case.due_on = due.on if due else None
    case.due_is_provisional = bool(due and due.is_provisional)


def _tell(  # noqa: PLR0913 - one fact each
    case: Case,
    step: Step,
    *,
    actor: Actor,
    on: date,
    before: str,
    note: str,
    body: Mapping[str, Any],
) -> Event:
    return tell(
        SUBJECT,
        case.no,
        step.code,
        actor=actor,
        on=on,
        unit_id=case.village_id,
        before=before,
        after=case.state,
        due_on=case.due_on,
        note=note,
        body={"round": case.round, **body},
    )
