"""The register of relatives of those in office: entered, withdrawn, never changed."""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q

from cases.models import StaffRelative
from cases.models.locks import hold_people
from cases.rules.kin import RELATIONS
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.fields import digest
from yuquan_relief.kernel.inputs.identity_numbers import IdentityNumber
from yuquan_relief.kernel.models import Post
from yuquan_relief.kernel.roles import Reach


@dataclass(frozen=True, kw_only=True)
class Relative:
    """One relative as declared; `post_id`: the post of the person in office."""

    post_id: int
    name: str
    relation: str
    identity: IdentityNumber


def posts_of(actor: Actor, on: date) -> list[Post]:
    """Posts in the actor's own unit and below, whose holders may be registered."""
    if actor.unit_id is None:
        return []
    mine = Q(unit_id=actor.unit_id) | Q(unit__parent_id=actor.unit_id)
    if actor.reach == Reach.DISTRICT:
        mine |= Q(unit__parent__parent_id=actor.unit_id)
    posts = Post.objects.held_on(on).filter(mine)
    return list(posts.select_related("person", "unit__parent").order_by("unit__code", "id"))


@transaction.atomic
def register_relative(relative: Relative, *, actor: Actor, on: date) -> StaffRelative:
    """The relative stands in the register and is looked for in every case from now on (9).

    Raises Refused for a post outside the actor's unit, or an entry that is there already.
    """
    _require(actor)
    assert actor.district_id is not None
    post = next((p for p in posts_of(actor, on) if p.pk == relative.post_id), None)
    if post is None:
        raise Refused("请选择本单位在岗的人员")
    if relative.relation not in RELATIONS:
        raise Refused("请选择亲属关系")
    number = digest(relative.identity.number)
    hold_people([number])
    there = StaffRelative.objects.filter(
        staff_id=post.person_id, id_digest=number, withdraws__isnull=True, withdrawn_by=None
    )
    if there.exists():
        raise Refused("这位亲属已经备案，不用重复登记")
    unit = post.unit
    village = unit if unit.kind in ("COMMUNITY", "VILLAGE") else None
    office = village.parent if village else unit if unit.kind == "OFFICE" else None
    row = StaffRelative.objects.create(
        staff_id=post.person_id,
        district_id=actor.district_id,
        office=office,
        village=village,
        name=relative.name,
        relation=relative.relation,
        id_no=relative.identity.number,
        id_digest=number,
        id_tail=relative.identity.number[-4:],
        declared_on=on,
        recorded_by_id=actor.human_id,
    )
    record("kin", str(row.pk), "register_relative", actor=actor, on=on, body={"post": post.pk})
    return row


@transaction.atomic
def withdraw_relative(pk: int, *, reason: str, actor: Actor, on: date) -> StaffRelative:
    """The entry no longer counts; both stand in the register."""
    _require(actor)
    row = StaffRelative.objects.visible_to(actor).get(pk=pk, withdraws__isnull=True)
    hold_people([row.id_digest])
    if not reason.strip():
        raise Refused("请写明撤销备案的理由")
    if StaffRelative.objects.filter(withdraws=row).exists():
        raise Refused("这条备案已经撤销")
    again = StaffRelative.objects.create(
        staff_id=row.staff_id,
        district_id=row.district_id,
        office_id=row.office_id,
        village_id=row.village_id,
        name=row.name,
        relation=row.relation,
        id_no=row.id_no,
        id_digest=row.id_digest,
        id_tail=row.id_tail,
        declared_on=on,
        withdraws=row,
        reason=reason.strip()[:200],
        recorded_by_id=actor.human_id,
    )
    record("kin", str(row.pk), "withdraw_relative", actor=actor, on=on, note=reason)
    return again


def _require(actor: Actor) -> None:
    if not actor.can("cases.register_kin"):
        raise PermissionDenied("cases.register_kin")
