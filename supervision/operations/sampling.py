"""A sample: opened with its seed, drawn from its frame, exchanged, closed (4(1).2, 13)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from supervision.models import FrameLine, Sample, SampleItem
from supervision.models.frames import frame_of
from supervision.models.paper import district_of
from supervision.rules.sampling import (
    KINDS,
    LEAST_PERCENT,
    Drawn,
    FrameRow,
    draw,
    frame_digest,
    ordered,
    quota,
)
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.models import Event, Unit, next_number

SUBJECT = "sample"
CAPABILITY = "supervision.check"
State = SampleItem.State


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to be sampled: a kind of rules.sampling over a period that is over, and the rate."""

    kind: str
    period_from: date
    period_to: date
    percent: int = LEAST_PERCENT


def _require(actor: Actor) -> None:
    if not actor.can(CAPABILITY):
        raise PermissionDenied(CAPABILITY)


@transaction.atomic
def open_sample(plan: Plan, *, actor: Actor, on: date) -> Sample:
    """The sample stands with its seed, before anybody is drawn.

    The seed is the hash of this act's event in the audit chain: it depends on everything that
    happened before and on the server's clock, so that nobody chooses it; and a day of a kind is
    sampled once, so that nobody tries until a list pleases. Raises PermissionDenied, Refused.
    """
    _require(actor)
    if plan.kind not in KINDS:
        raise Refused("请选择抽查类别")
    if plan.period_to >= on or plan.period_from > plan.period_to:
        raise Refused("抽查的时间段应已结束，起日在止日以前，请修改日期")
    least = LEAST_PERCENT if plan.kind != "PHONE" else 1
    if not least <= plan.percent <= 100:
        raise Refused(f"抽查比例应在 {least}% 至 100% 之间（第四条）")
    district_id = district_of(actor)
    _refuse_overlap(plan, district_id)
    row = Sample(
        no=next_number(f"CC-{on:%Y}-", digits=4), district_id=district_id,
        opened_on=on, opened_by_id=actor.human_id, seed_event=0, **plan.__dict__,
    )  # fmt: skip
    row.save()
    body = {
        "kind": plan.kind, "from": plan.period_from.isoformat(), "to": plan.period_to.isoformat(),
        "percent": plan.percent,
    }  # fmt: skip
    event = record(SUBJECT, row.no, "open", actor=actor, on=on, unit_id=row.district_id, body=body)
    row.seed_event, row.seed = event.seq, seed_of(event.seq)
    row.save(update_fields=["seed_event", "seed"])
    return row


def _refuse_overlap(plan: Plan, district_id: int) -> None:
    """Two that come at once wait for each other; then the second one finds the first."""
    list(Unit.objects.filter(pk=district_id).select_for_update(of=("self",)).values_list("pk"))
    others = Sample.objects.filter(
        district_id=district_id, kind=plan.kind,
        period_from__lte=plan.period_to, period_to__gte=plan.period_from,
    )  # fmt: skip
    if other := others.order_by("period_from").first():
        raise Refused(
            f"{other.no} 已抽查 {other.period_from} 至 {other.period_to}，时间段不能重叠，"
            "请从没有抽查过的日期起立项",
            code="once",
        )


def seed_of(seq: int) -> str:
    """The hash of an event of the chain, in hex."""
    return bytes(Event.objects.values_list("hash", flat=True).get(seq=seq)).hex()


@transaction.atomic
def draw_sample(no: str, *, actor: Actor, on: date) -> Sample:
    """Who is looked at stands with the frame that they were drawn from. A second draw is refused.

    Raises Sample.DoesNotExist outside the district, PermissionDenied, Refused.
    """
    _require(actor)
    row = Sample.objects.visible_to(actor).select_for_update().get(no=no)
    if row.state != "OPEN":
        raise Refused("已经抽取过了；同一种子只会抽出同一名单", code="once")
    found = frame_of(row)
    frame = [line.row for line in found]
    chosen = draw(frame, row.seed, row.percent)
    inside = Counter(r.stratum for r in frame if not r.must)
    FrameLine.objects.bulk_create(
        FrameLine(sample=row, number=r.number, stratum=r.stratum, must=r.must)
        for r in sorted(frame)
    )
    things = {line.row.number: line for line in found}
    SampleItem.objects.bulk_create(
        _item(row, drawn, things[drawn.row.number], inside) for drawn in chosen
    )
    row.frame_count, row.frame_sha256 = len(frame), frame_digest(frame)
    forced = sum(bool(r.must) for r in frame)
    row.target_count = forced + sum(quota(n, row.percent) for n in inside.values())
    row.drawn_count, row.drawn_on, row.state = len(chosen), on, "DRAWN"
    row.save()
    body = {"frame": row.frame_count, "frame_sha256": row.frame_sha256, "drawn": row.drawn_count}
    record(SUBJECT, no, "draw", actor=actor, on=on, unit_id=row.district_id, body=body)
    return row


def _item(row: Sample, drawn: Drawn, thing: Any, inside: Counter[str]) -> SampleItem:
    return SampleItem(
        sample=row, number=drawn.row.number, stratum=drawn.row.stratum, must=drawn.row.must,
        rank=drawn.rank, place=drawn.place, why=drawn.why,
        quota=quota(inside[drawn.row.stratum], row.percent), **thing.keys,
    )  # fmt: skip


@transaction.atomic
def replace_item(no: str, number: str, *, reason: str, actor: Actor, on: date) -> SampleItem:
    """The next of the drawn order takes the place of one that cannot be looked at, with the reason.

    Who must be looked at is not exchanged. Raises DoesNotExist, PermissionDenied, Refused.
    """
    _require(actor)
    row = Sample.objects.visible_to(actor).select_for_update().get(no=no)
    item = row.items.select_for_update().get(number=number)
    if not reason.strip():
        raise Refused("换样须写明理由，请填写后再办", code="note_needed")
    if item.why == "FORCED":
        raise Refused("必查对象不能换样")
    if item.state != State.WAITING or hasattr(item, "sheet"):
        raise Refused("已经检查或者换出的，不能再换")
    return exchange(item, reason, actor=actor, on=on)


def exchange(item: SampleItem, reason: str, *, actor: Actor, on: date) -> SampleItem:
    """The item goes out, the next of its stratum's order comes in; inside a transaction.

    Where nobody is left in the stratum it goes out alone, with its reason; it is given back itself.
    """
    # One exchange of a sample at a time: two would bring in the same household.
    row = Sample.objects.select_for_update(of=("self",)).get(pk=item.sample_id)
    there = {line.row.number: line for line in frame_of(row)}
    # Who has left the frame since it was drawn is passed over; the record says who.
    following, passed = None, []
    for drawn in _following(row, item.stratum):
        if drawn.row.number in there:
            following = drawn
            break
        passed.append(drawn.row.number)
    if following is None:
        item.state, item.replace_reason = State.REPLACED, reason.strip()[:300]
        item.save(update_fields=["state", "replace_reason"])
        record(
            SUBJECT, row.no, "replace", actor=actor, on=on, unit_id=row.district_id,
            note=reason.strip()[:300], body={"out": item.number, "in": "", "passed": passed},
        )  # fmt: skip
        return item
    thing = there[following.row.number]
    item.state = State.REPLACED
    item.save(update_fields=["state"])
    made = SampleItem.objects.create(
        sample=row, number=following.row.number, stratum=item.stratum, rank=following.rank,
        place=following.place, quota=item.quota, why="REPLACEMENT", replaces=item,
        replace_reason=reason.strip()[:300], **thing.keys,
    )  # fmt: skip
    body = {"out": item.number, "in": made.number, "place": made.place, "passed": passed}
    record(
        SUBJECT, row.no, "replace", actor=actor, on=on, unit_id=row.district_id,
        note=reason.strip()[:300], body=body,
    )  # fmt: skip
    return made


def _following(row: Sample, stratum: str) -> list[Drawn]:
    """Those of the stratum's order that are not in the sample yet, the next one first."""
    frame = (FrameRow(*values) for values in row.frame.values_list("number", "stratum", "must"))
    taken = set(row.items.values_list("number", flat=True))
    inside = ordered(frame, row.seed).get(stratum, [])
    return [drawn for drawn in inside if drawn.row.number not in taken]


@transaction.atomic
def close_sample(no: str, *, actor: Actor, on: date) -> Sample:
    """The sample is over; refused while somebody is still to be looked at."""
    _require(actor)
    row = Sample.objects.visible_to(actor).select_for_update().get(no=no)
    if row.state != "DRAWN":
        raise Refused("还没有抽取，或者已经结束")
    if waiting := row.items.filter(state=State.WAITING).count():
        raise Refused(f"还有 {waiting} 户没有检查，请检查完或换样后再结束")
    row.state, row.closed_on = "CLOSED", on
    row.save(update_fields=["state", "closed_on"])
    record(SUBJECT, no, "close", actor=actor, on=on, unit_id=row.district_id)
    return row


def is_as_drawn(row: Sample) -> bool:
    """Whether seed and frame still give the list that stands (anybody can ask)."""
    frame = [FrameRow(*v) for v in row.frame.values_list("number", "stratum", "must")]
    again = {d.row.number for d in draw(frame, row.seed, row.percent)}
    drawn = _numbers(row.items.exclude(why="REPLACEMENT").values_list("number", flat=True))
    same_seed = row.seed == seed_of(row.seed_event)
    return same_seed and frame_digest(frame) == row.frame_sha256 and again == drawn


def _numbers(found: Iterable[str]) -> set[str]:
    return set(found)
