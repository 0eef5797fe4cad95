"""A post changes hands: listed, given, looked at thing by thing, taken, watched (6.4).

What is under way belongs to the post, so it moves with it; drafts belong to the person and are
given to who takes. Nobody leaves a post, or loses the account, with things that nobody took.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Count, Q

from archives.models import Disposal, Dossier, Handover, HandoverItem, OldFile
from archives.rules.disposal import FINAL as GONE
from archives.rules.handover import ANSWERS, STEPS, HandoverFacts
from cases.models import Case, Draft, Review
from cases.rules.procedures import OPEN_STATES
from funds.models import PayoutBatch, Recovery
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.fields import digest
from yuquan_relief.kernel.models import Event, Post, next_number
from yuquan_relief.kernel.operations.people import LEAVING
from yuquan_relief.kernel.roles import Reach
from yuquan_relief.kernel.signing import Proof, canonical

from .road import Road

SUBJECT = "handover"
ROLES = ("clerk", "office_staff", "supervisor")  # posts that keep files or have cases under way
Thing = tuple[str, str, str, str]  # kind, key, title, address
# The apps above add what a post has in their rooms, and what they do when it was handed over.
MORE: list[Callable[[Post], Iterable[Thing]]] = []
PASSED_ON: list[Callable[[Handover], Mapping[str, int]]] = []


def things_of(post: Post) -> list[Thing]:
    """All that a post has: its files, what is under way, and the person's own drafts."""
    if post.role not in ROLES:
        return []
    return [*_of_archives(post), *(thing for more in MORE for thing in more(post))]


def _of_archives(post: Post) -> list[Thing]:
    if post.role == "supervisor":
        return list(_of_district(post.unit_id))
    return [*_of_cases(post), *(_of_office(post.unit_id) if post.role == "office_staff" else ())]


def _of_cases(post: Post) -> Iterator[Thing]:
    place = "village_id" if post.role == "clerk" else "office_id"
    drafts = Draft.objects.filter(owner_id=post.person_id, discarded_at__isnull=True, case_no="")
    for draft in drafts.order_by("id"):
        yield "DRAFT", draft.key, draft.get_programme_display(), f"/apply/{draft.key}/"
    cases = Case.objects.filter(**{place: post.unit_id}, state__in=OPEN_STATES)
    for case in cases.select_related("household").order_by("id"):
        title = f"{case.household.head_name}　{case.programme_label}"
        yield "CASE", case.no, title, f"/cases/{case.no}/"
    reviews = Review.objects.open().filter(**{place: post.unit_id})
    for review in reviews.select_related("benefit__household").order_by("id"):
        title = f"{review.benefit.household.head_name}　{review.benefit.programme_label}"
        yield "REVIEW", review.no, title, f"/adjustments/{review.no}/"


def _of_office(office_id: int) -> Iterator[Thing]:
    for batch in PayoutBatch.objects.open().filter(office_id=office_id).order_by("id"):
        url = f"/pay/{batch.month:%Y-%m}/{batch.office.code}/{batch.slug}/"
        yield "PAYOUT", batch.no, f"{batch.month:%Y-%m} {batch.title}", url
    recoveries = Recovery.objects.filter(office_id=office_id).exclude(
        state__in=Recovery().procedure.final
    )
    for recovery in recoveries.order_by("id"):
        yield "RECOVERY", recovery.no, recovery.reason, f"/funds/papers/{recovery.no}/"
    dossiers = Dossier.objects.filter(office_id=office_id).select_related("household")
    for dossier in dossiers.order_by("no"):
        yield "DOSSIER", dossier.no, dossier.household.head_name, f"/archive/{dossier.no}/"


def _of_district(district_id: int) -> Iterator[Thing]:
    """What the bureau has under way: lists of files that go, old files to be looked at again."""
    lists = Disposal.objects.filter(office__parent_id=district_id)
    for row in lists.exclude(state__in=sorted(GONE)).select_related("office").order_by("no"):
        yield "DISPOSAL", row.no, row.office.short_name, f"/archive/keeping/{row.no}/"
    waiting = OldFile.objects.filter(district_id=district_id, state="RECHECK")
    counted = waiting.values_list("office__short_name", "office_id", "year").annotate(n=Count("pk"))
    for name, office, year, count in counted.order_by("office_id", "year"):
        url = f"/archive/since2015/?state=RECHECK&office={office}&year={year}"
        yield "OLD", f"{office}-{year}", f"{name} {year} 年 {count} 卷", url


def why_not_leave(post: Post) -> str:
    """Why the person may not leave the post yet; "" when nothing is left, or it was handed over."""
    if Handover.objects.filter(post=post, state="DONE").exists():
        return ""
    things = things_of(post)
    if not things:
        return ""
    return (
        f"{post.unit.short_name}{post.title}还有 {len(things)} 件档案、在办事项没有移交，"
        "请先由本人和接收人办理移交，分管领导监交（第六条（四））"
    )


LEAVING.append(why_not_leave)


@transaction.atomic
def open_handover(post_id: int, taker_id: int, *, actor: Actor, on: date) -> Handover:
    """The list of all that the post has stands; who gives, or the leader, has asked for it.

    Raises Post.DoesNotExist outside the actor's office, Refused when one is under way, when there
    is nothing to hand over, or when both are one person.
    """
    post = _posts_of(actor).select_related("unit__parent", "person").get(pk=post_id)
    if not (actor.can("archives.witness") or actor.person_id == post.person_id):
        raise PermissionDenied("archives.hand_over")
    if taker_id == post.person_id:
        raise Refused("接收人不能是移交人自己，请另选一人")
    if not things_of(post):
        raise Refused("这个岗位没有档案和在办事项，不用移交")
    office = post.unit.parent if post.role == "clerk" else post.unit
    assert office is not None
    row = Handover(
        no=next_number(f"YJ-{office.code[:9]}-{on:%Y%m}-", digits=3), post=post, unit=post.unit,
        office=office, giver_id=post.person_id, taker_id=taker_id, opened_on=on,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Refused("这个岗位已有一份没有办完的移交，请在原清单上办理") from None
    _list(row)
    ROAD.tell(row, "open", actor, on, body={"items": row.items.count()})
    return row


def _posts_of(actor: Actor) -> Any:
    """Posts of the actor's office and of its villages; for the bureau those of the bureau."""
    return Post.objects.filter(here(actor), role__in=ROLES)


def here(actor: Actor) -> Q:
    """Posts at the actor's place."""
    if actor.reach == Reach.DISTRICT:
        return Q(unit_id=actor.unit_id)
    office = actor.office_id or 0
    return Q(unit_id=office) | Q(unit__parent_id=office)


def _list(row: Handover) -> None:
    HandoverItem.objects.bulk_create(
        HandoverItem(handover=row, kind=kind, key=key, title=title[:150], url=url)
        for kind, key, title, url in things_of(row.post)
    )


def facts_of(row: Handover, actor: Actor, on: date) -> HandoverFacts:
    """The plain facts that the table's needs look at."""
    items = row.items
    held = Post.objects.filter(
        person_id=row.taker_id, unit_id=row.unit_id, role=row.post.role
    ).exclude(ends_on__lt=on)
    return HandoverFacts(
        on=on,
        is_giver=actor.person_id == row.giver_id,
        is_taker=actor.person_id == row.taker_id,
        is_third=actor.person_id not in (row.giver_id, row.taker_id),
        taker_holds_post=held.exists(),
        waiting=items.filter(answer="WAITING").count(),
        lacking_unexplained=items.filter(answer="LACKING", note="").count(),
        is_current=_is_current(row),
    )


def _is_current(row: Handover) -> bool:
    listed = set(row.items.values_list("kind", "key"))
    return listed == {(kind, key) for kind, key, *_ in things_of(row.post)}


def content_of(row: Handover) -> dict[str, Any]:
    """What a signature of the handover covers: who, to whom, and every thing with its answer."""
    items = row.items.order_by("kind", "key").values_list("kind", "key", "answer", "note")
    return {
        "subject": SUBJECT,
        "no": row.no,
        "post": row.post_id,
        "giver": row.giver_id,
        "taker": row.taker_id,
        "absent": row.absent,
        "count": len(items),
        "items": digest(canonical({"items": [list(item) for item in items]})),
    }


ROAD = Road("移交", SUBJECT, Handover, STEPS, facts_of, content_of, lambda row: row.unit_id)
perform = ROAD.perform


def relist(no: str, *, actor: Actor, on: date, version: int | None = None) -> Event:
    """The list holds what the post has now; nothing of it has been looked at."""

    def write(row: Handover) -> Mapping[str, Any]:
        row.items.all().delete()
        _list(row)
        return {"items": row.items.count()}

    return perform(no, "relist", actor=actor, on=on, version=version, write=write)


def stand_in(no: str, *, note: str, actor: Actor, on: date, version: int | None = None) -> Event:
    """Who gives cannot come; the leader hands over in their place, with the reason."""

    def write(row: Handover) -> Mapping[str, Any]:
        row.absent = note.strip()[:300]
        return {}

    return perform(no, "stand_in", actor=actor, on=on, note=note, version=version, write=write)


def answer(
    no: str, ids: Iterable[int], found: str, *, note: str = "", actor: Actor, on: date
) -> Event:
    """The taker has looked at these things: there as listed, or lacking, with what is wrong.

    Raises Refused for an unknown answer, none chosen, or things of another list.
    """
    chosen = sorted(set(ids))

    def write(row: Handover) -> Mapping[str, Any]:
        if found not in ANSWERS or found == "WAITING":
            raise Refused("请选择“已接收”或者“缺少或不符”")
        if found == "LACKING" and not note.strip():
            raise Refused("缺少或不符的，请写明缺什么、哪里不符")
        items = row.items.filter(pk__in=chosen)
        if not chosen or items.count() != len(chosen):
            raise Refused("请先勾选清点的事项")
        items.update(answer=found, note=note.strip()[:200], answered_on=on)
        return {"found": found, "items": len(chosen)}

    return perform(no, "answer", actor=actor, on=on, write=write)


def send_back(no: str, *, note: str, actor: Actor, on: date, version: int | None = None) -> Event:
    """The list is to be made again; nothing of it has been looked at, and all sign anew."""

    def write(row: Handover) -> Mapping[str, Any]:
        row.round += 1
        row.absent = ""
        row.items.update(answer="WAITING", note="", answered_on=None)
        return {}

    return perform(no, "send_back", actor=actor, on=on, note=note, version=version, write=write)


def witness(no: str, *, actor: Actor, on: date, proof: Proof, version: int | None = None) -> Event:
    """It is done: who took has the person's drafts and begun checks; who gave may leave."""

    def write(row: Handover) -> Mapping[str, Any]:
        row.done_on = on
        mine = row.items.filter(kind="DRAFT").values("key")
        moved = Draft.objects.filter(key__in=mine, owner_id=row.giver_id).update(
            owner_id=row.taker_id
        )
        passed = {name: n for pass_on in PASSED_ON for name, n in pass_on(row).items()}
        return {"drafts": moved, **passed}

    return perform(no, "witness", actor=actor, on=on, proof=proof, version=version, write=write)
