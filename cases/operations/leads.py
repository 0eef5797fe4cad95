"""主动发现: noticed, and then either applied for or explained (3(3))."""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction

from cases.models import Draft, Lead
from cases.models.lead import SOURCES
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record

from .applications import Place, save_answers, start_draft


@dataclass(frozen=True, kw_only=True)
class Noticed:
    """Whom somebody noticed, where from, and what is the matter."""

    found_on: date
    source: str
    name: str
    phone: str
    difficulty: str


def _require(actor: Actor) -> None:
    if not actor.can("cases.submit"):
        raise PermissionDenied("cases.submit")


@transaction.atomic
def record_lead(noticed: Noticed, *, actor: Actor, on: date) -> Lead:
    """The family is on the village's list and stays there until something comes of it."""
    _require(actor)
    if noticed.source not in SOURCES:
        raise Refused("请选择来源")
    if noticed.found_on > on:
        raise Refused("发现日期不能晚于今天，请核对")
    lead = Lead.objects.create(
        **Place.of(actor).keys, recorded_by_id=actor.human_id, **noticed.__dict__
    )
    record("lead", str(lead.pk), "record_lead", actor=actor, on=on)
    return lead


@transaction.atomic
def apply_for_lead(pk: int, programme: str, *, actor: Actor, on: date) -> Draft:
    """A draft is begun for the family, with what is known of it; nothing is typed twice."""
    lead = _open(pk, actor)
    draft = start_draft(programme, actor=actor)
    known = {
        "members-0-name": lead.name,
        "members-0-relation": "SELF",
        "phone": lead.phone,
        "reason": "，".join(filter(None, map(str.strip, lead.difficulty.splitlines()))),
    }
    patches = [{"field": f, "value": v, "base_version": 0} for f, v in known.items() if v]
    save_answers(draft.key, patches, actor=actor)
    lead.result, lead.draft, lead.closed_on = Lead.Result.APPLIED, draft, on
    lead.save()
    record("lead", str(lead.pk), "apply_for_lead", actor=actor, on=on, body={"draft": draft.key})
    return draft


@transaction.atomic
def explain_lead(pk: int, *, reason: str, actor: Actor, on: date) -> None:
    """Why the family does not qualify is written down; the list keeps it."""
    lead = _open(pk, actor)
    if not reason.strip():
        raise Refused("请写明不符合的原因")
    lead.result, lead.reason, lead.closed_on = (
        Lead.Result.NOT_ELIGIBLE,
        reason.strip()[:300],
        on,
    )
    lead.save()
    record("lead", str(lead.pk), "explain_lead", actor=actor, on=on, note=reason)


def _open(pk: int, actor: Actor) -> Lead:
    _require(actor)
    lead = Lead.objects.visible_to(actor).select_for_update().get(pk=pk)
    if lead.result != Lead.Result.OPEN:
        raise Refused("这条已经办结，请刷新页面查看")
    return lead
