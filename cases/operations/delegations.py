"""授权代签: given, ended early, and looked at before the delegate decides (4(1).1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction

from cases.models import Case, Delegation
from cases.rules.programmes import Programme
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.models import Person, Post

LONGEST = 60  # days; a longer absence is a change of post


@dataclass(frozen=True, kw_only=True)
class Mandate:
    """To whom, from when to when, for what, on which paper."""

    taker_id: int
    starts_on: date
    ends_on: date
    programmes: Sequence[str]
    basis: str


def takers(actor: Actor, on: date) -> dict[int, str]:
    """Person id → name of the other leaders of the office, who sign no earlier stage."""
    posts = Post.objects.held_on(on).filter(
        unit_id=actor.unit_id or 0,
        role__in=("deputy_leader", "chief_leader"),
        delegation__isnull=True,
    )
    return {
        p.person_id: f"{p.person.name}（{p.title}）"
        for p in posts.exclude(person_id=actor.human_id).select_related("person")
    }


@transaction.atomic
def delegate(mandate: Mandate, *, actor: Actor, on: date) -> Delegation:
    """The other leader may sign in the actor's place in those days.

    Raises Refused for somebody who is no leader of the office, for days that overlap another
    delegation, and for a delegate who would pass on what was delegated.
    """
    if not actor.can("cases.decide"):
        raise PermissionDenied("cases.decide")
    assert actor.unit_id is not None
    if Delegation.objects.filter(post_id=actor.post_id or 0).exists():
        raise Refused("受委托签批的人不能再委托别人")
    one_at_a_time(actor)
    if mandate.taker_id not in takers(actor, on):
        raise Refused("请选择本镇、街道在岗的其他领导")
    _check_days(mandate, actor, on)
    if not mandate.programmes or set(mandate.programmes) - set(Programme):
        raise Refused("请选择授权的救助类别")
    if not mandate.basis.strip():
        raise Refused("请写明书面授权依据")
    post = Post.objects.create(
        person_id=mandate.taker_id,
        unit_id=actor.unit_id,
        role="deputy_leader",
        title=f"代签（受{actor.name}委托）"[:40],
        starts_on=mandate.starts_on,
        ends_on=mandate.ends_on,
    )
    row = Delegation.objects.create(
        office_id=actor.unit_id,
        giver_id=actor.human_id,
        taker_id=mandate.taker_id,
        post=post,
        starts_on=mandate.starts_on,
        ends_on=mandate.ends_on,
        programmes=" ".join(mandate.programmes),
        basis=mandate.basis.strip()[:200],
    )
    _tell(row, "delegate", actor, on)
    return row


def one_at_a_time(actor: Actor) -> None:
    """The second click waits here, and then finds the days taken."""
    Person.objects.select_for_update().get(pk=actor.human_id)


def _check_days(mandate: Mandate, actor: Actor, on: date) -> None:
    if not on <= mandate.starts_on <= mandate.ends_on:
        raise Refused("授权日期应从今天或以后开始，结束不早于开始，请核对")
    if (mandate.ends_on - mandate.starts_on).days >= LONGEST:
        raise Refused(f"一次授权不超过 {LONGEST} 天；时间更长的请变更岗位")
    overlapping = Delegation.objects.filter(
        giver_id=actor.human_id,
        starts_on__lte=mandate.ends_on,
        post__ends_on__gte=mandate.starts_on,
    )
    if overlapping.exists():
        raise Refused("这段时间已经授权过，请先结束原来的授权")


@transaction.atomic
def end_delegation(pk: int, *, actor: Actor, on: date) -> None:
    """The delegate signs no more from today; what was signed stands."""
    row = (
        Delegation.objects.select_for_update(of=("self",))
        .select_related("post")
        .get(pk=pk, giver_id=actor.human_id)
    )
    last = max(on - timedelta(days=1), row.starts_on)
    if row.post.ends_on is None or row.post.ends_on <= last:
        raise Refused("这次授权已经结束")
    row.post.ends_on = last
    row.post.save(update_fields=["ends_on"])
    _tell(row, "end_delegation", actor, on)


def require_in_scope(case: Case, actor: Actor, on: date) -> None:
    """Raise Refused when the actor signs for another and the case is not among what was given."""
    row = Delegation.objects.filter(post_id=actor.post_id or 0).first()
    if row is None:
        return
    if case.programme not in row.programmes.split():
        raise Refused(f"您受委托签批的是{'、'.join(row.labels)}，不包括本类救助")
    if not row.starts_on <= on <= row.ends_on:
        raise Refused("委托签批的期限已过")


def _tell(row: Delegation, action: str, actor: Actor, on: date) -> None:
    record(
        "delegation",
        str(row.pk),
        action,
        actor=actor,
        on=on,
        unit_id=row.office_id,
        body={"taker": row.taker_id, "programmes": row.programmes, "ends_on": str(row.ends_on)},
    )
