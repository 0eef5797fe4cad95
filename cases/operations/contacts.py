"""Visits, sign-ins, certifications and periodic reports of those in benefit (4(1).2, 3(2))."""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from cases.models import Benefit, Contact
from cases.rules.contacts import KINDS, MEANS, MEANS_OF
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.models import Attachment
from yuquan_relief.kernel.operations.attachments import attach

SUBJECT = "benefit"
CAPABILITY = "cases.investigate"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """That somebody was seen or heard of: when, in what way, where, whom, and what was found."""

    kind: str
    on_day: date
    means: str
    place: str
    met: str
    companion: str = ""
    is_changed: bool = False
    note: str = ""
    photo: bytes | None = None


@transaction.atomic
def record_contact(key: str, seen: Seen, *, actor: Actor, on: date) -> Contact:
    """The contact with the benefit `key` is on record; of a kind there is one a day.

    Raises Benefit.DoesNotExist outside the actor's scope, PermissionDenied without the right,
    Refused when the way does not fit the kind, a visit has no second person or photo, or the day
    lies in the future.
    """
    if not actor.can(CAPABILITY):
        raise PermissionDenied(CAPABILITY)
    benefit = Benefit.objects.visible_to(actor).get(key=key)
    if reason := _objection(seen, on):
        raise Refused(reason)
    row = _row(benefit, seen)
    row.recorded_on, row.recorded_by_id = on, actor.human_id
    if seen.photo:
        row.photo = _keep(benefit, seen.kind, seen.photo, actor)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Refused(
            f"{seen.on_day} 的{KINDS[seen.kind]}已经登记过", code="already_there"
        ) from None
    record(
        SUBJECT,
        benefit.key,
        f"contact_{seen.kind.lower()}",
        actor=actor,
        on=on,
        unit_id=benefit.village_id,
        note=row.note,
        body={"contact": row.pk, "on_day": str(row.on_day), "means": row.means},
    )
    return row


def _keep(benefit: Benefit, kind: str, photo: bytes, actor: Actor) -> Attachment:
    return attach(
        SUBJECT,
        benefit.key,
        "contact_photo",
        photo,
        title=f"{KINDS[kind]}照片",
        village_id=benefit.village_id,
        office_id=benefit.office_id,
        actor=actor,
    )


def _row(benefit: Benefit, seen: Seen) -> Contact:
    return Contact(
        benefit=benefit,
        district_id=benefit.district_id,
        office_id=benefit.office_id,
        village_id=benefit.village_id,
        kind=seen.kind,
        on_day=seen.on_day,
        means=seen.means,
        place=seen.place.strip()[:100],
        met=seen.met.strip()[:100],
        companion=seen.companion.strip()[:50],
        is_changed=seen.is_changed,
        note=seen.note.strip()[:500],
    )


def _objection(seen: Seen, on: date) -> str:
    """The first thing that is wrong with what was seen; "" when nothing is."""
    if seen.kind not in KINDS or seen.means not in MEANS:
        return "请选择种类和方式"
    wrong = {
        f"{KINDS[seen.kind]}不能以“{MEANS[seen.means]}”的方式办理，请核对": seen.means
        not in MEANS_OF[seen.kind],
        "日期不能晚于今天，请核对": seen.on_day > on,
        "请填写地点，以及见到（联系到）的人": not (seen.place.strip() and seen.met.strip()),
        "有变化的，请写明是什么变化": seen.is_changed and not seen.note.strip(),
        "入户走访须两人以上，请填写同行人": seen.kind == "VISIT" and not seen.companion.strip(),
    }
    return next((sentence for sentence, is_so in wrong.items() if is_so), "")
