"""Papers of drafts and cases: taken in and taken off, never beside somebody's signature."""

from datetime import datetime
from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import transaction

from cases.models import Case, Survey
from cases.rules.documents import why_closed
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Attachment
from yuquan_relief.kernel.operations.attachments import attach, withdraw_attachment

from .applications import drafts_of


class Paper(NamedTuple):
    """One file as it came: where it belongs, what it is called, its bytes, when it was taken."""

    slot: str
    title: str
    content: bytes
    taken_at: datetime | None = None
    place: str = ""


@transaction.atomic
def add_to_case(no: str, paper: Paper, *, actor: Actor) -> Attachment:
    """The paper stands in its slot. Nobody signs the case in the same moment: its row is held.

    Raises Refused when the case takes no more papers there, Case.DoesNotExist outside the scope.
    """
    _require(actor)
    case = _held(no, paper.slot, actor)
    return attach(
        "case",
        case.no,
        paper.slot,
        paper.content,
        title=paper.title,
        village_id=case.village_id,
        office_id=case.office_id,
        actor=actor,
        taken_at=paper.taken_at,
        place=paper.place,
    )


@transaction.atomic
def withdraw_from_case(no: str, attachment: Attachment, *, actor: Actor) -> None:
    """The paper no longer counts; the timeline keeps it."""
    _require(actor)
    _held(no, attachment.slot, actor)
    withdraw_attachment(attachment, reason="经办人撤下", actor=actor)


@transaction.atomic
def add_to_draft(key: str, paper: Paper, *, actor: Actor) -> Attachment:
    """The paper stands with the draft, and goes with it when it is submitted in that moment."""
    _require(actor)
    draft = drafts_of(actor).select_for_update(of=("self",)).get(key=key)
    if draft.case_no:
        raise Refused("这份申请已经提交，请到案件的“材料”里上传")
    return attach(
        "draft",
        key,
        paper.slot,
        paper.content,
        title=paper.title,
        village_id=draft.village_id,
        office_id=actor.office_id,
        actor=actor,
        taken_at=paper.taken_at,
        place=paper.place,
    )


def _require(actor: Actor) -> None:
    if not actor.can("files.upload"):
        raise PermissionDenied("files.upload")


def _held(no: str, slot: str, actor: Actor) -> Case:
    case = Case.objects.visible_to(actor).select_for_update(of=("self",)).get(no=no)
    survey = Survey.objects.filter(case=case, round=case.round).exists()
    promised = case.has_deferrals and case.deferrals.filter(slot=slot).exists()
    if reason := why_closed(case.state, slot, survey_this_round=survey, is_promised=promised):
        raise Refused(reason)
    return case
