"""在享人员长期公示: the village's list of today, posted anew when it changes (3(4))."""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from cases.models import StandingNotice
from cases.models.standing import hanging, rows_of
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.models import Attachment, Unit
from yuquan_relief.kernel.operations.attachments import attach

from .applications import Place


@transaction.atomic
def post_standing(*, place: str, photo: bytes | None, actor: Actor, on: date) -> StandingNotice:
    """The list of everybody in benefit in the clerk's village hangs from today."""
    if not actor.can("cases.post_notice"):
        raise PermissionDenied("cases.post_notice")
    where = Place.of(actor)
    if not place.strip():
        raise Refused("请填写张贴地点")
    one_at_a_time(where.village_id)
    rows: list[dict[str, Any]] = rows_of(where.village_id, on)
    if not rows:
        raise Refused("本村（社区）现在没有在享人员，不用张贴")
    _refuse_twice(where.village_id, rows, on, with_photo=photo is not None)
    notice = StandingNotice.objects.create(
        **where.keys,
        month=on.replace(day=1),
        rows=rows,
        place=place.strip()[:100],
        posted_on=on,
        posted_by_id=actor.human_id,
    )
    if photo:
        notice.photo = _proof(notice, photo, where, actor)
        notice.save(update_fields=["photo"])
    record(
        "standing",
        str(notice.pk),
        "post_standing",
        actor=actor,
        on=on,
        unit_id=where.village_id,
        body={"rows": len(rows)},
    )
    return notice


def _refuse_twice(
    village_id: int, rows: list[dict[str, Any]], on: date, *, with_photo: bool
) -> None:
    there = hanging(village_id)
    is_same = there is not None and (there.posted_on, there.rows) == (on, rows)
    if there and is_same and (there.photo_id or not with_photo):
        raise Refused("今天已登记张贴过同样的名单，不用重复登记")


def _proof(notice: StandingNotice, photo: bytes, where: Place, actor: Actor) -> Attachment:
    return attach(
        "standing",
        str(notice.pk),
        "notice_photo",
        photo,
        title="长期公示张贴照片",
        village_id=where.village_id,
        office_id=where.office_id,
        actor=actor,
    )


def one_at_a_time(village_id: int) -> None:
    """The second click waits here, and then finds the list that hangs."""
    Unit.objects.select_for_update(no_key=True).get(pk=village_id)
