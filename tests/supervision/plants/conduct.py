"""Samples, complaints, looks at people: R71-R73; R70 and R74 are in offices, R75-R76 in unasked."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from supervision.models import (
    Complaint,
    ComplaintSubject,
    FrameLine,
    Sample,
    SampleItem,
    Sheet,
)
from supervision.rules.sampling import Drawn, FrameRow, draw, frame_digest, ordered, quota, rank
from tests.supervision.ground import ON, Ground, moment
from tests.supervision.plants import offices, unasked
from tests.supervision.plants.books import branch
from tests.supervision.plants.shape import Plant
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.models import Account, Event, Look, Post

DRAWN_ON, CHECKED_ON = date(2026, 11, 3), date(2026, 11, 10)
IN_ALL = 10

# ---------------------------------------------------------------- R71


def _sample(ground: Ground, chosen: list[Drawn] | None = None, **changes: Any) -> Sample:
    """A sample of three out of ten by its seed, unless others were `chosen`."""
    n = next(ground.serial)
    changes.setdefault("no", f"CC-{n}")
    who = ground.cast.actors["supervisor"]
    with transaction.atomic():
        event = record("sample", changes["no"], "open", actor=who, on=DRAWN_ON)
    seed = bytes(Event.objects.get(seq=event.seq).hash).hex()
    rows = _rows()
    drawn = draw(rows, changes.get("seed", seed), 30) if chosen is None else chosen
    values = {
        "district": ground.cast.district, "kind": "NEW", "state": "DRAWN", "percent": 30,
        "period_from": date(1950, 1, 1) + timedelta(days=n), "period_to": date(2026, 10, 31),
        "opened_on": DRAWN_ON, "opened_by_id": ground.person("supervisor"), "seed": seed,
        "seed_event": event.seq, "frame_count": IN_ALL, "frame_sha256": frame_digest(rows),
        "target_count": quota(IN_ALL, 30), "drawn_count": len(drawn), "drawn_on": DRAWN_ON,
    }  # fmt: skip
    made = Sample.objects.create(**values | changes)
    FrameLine.objects.bulk_create(
        FrameLine(sample=made, number=row.number, stratum=row.stratum) for row in rows
    )
    benefit = ground.benefit()
    place = {"household": benefit.household, "office": benefit.office, "village": benefit.village}
    SampleItem.objects.bulk_create(
        SampleItem(
            sample=made, number=one.row.number, stratum=one.row.stratum, rank=one.rank,
            place=one.place, quota=quota(IN_ALL, 30), why=one.why, benefit=benefit, **place,
        )
        for one in drawn
    )  # fmt: skip
    return made


def _rows() -> list[FrameRow]:
    return [FrameRow(f"N{n}", "甲") for n in range(IN_ALL)]


def _few(ground: Ground, **changes: Any) -> str:
    ground.lift("supervision_sample", "sample_percent")
    return str(_sample(ground, **changes).no)


def _fewer(ground: Ground, percent: int) -> str:
    """So many of a hundred were asked for, and drawn as they had to be."""
    ground.lift("supervision_sample", "sample_percent")
    made = _sample(ground)
    target = quota(IN_ALL, percent)
    items = made.items.filter(place__gte=target)
    with ground.past("supervision_sample", "supervision_sampleitem"):
        items.update(state="REPLACED")
        Sample.objects.filter(pk=made.pk).update(
            percent=percent, target_count=target, drawn_count=target
        )
    return str(made.no)


def _picked(ground: Ground, *, honest: bool) -> str:
    """The three last of the order stand as if they had been drawn first."""
    made = _sample(ground, [])
    order = ordered(_rows(), made.seed)["甲"]
    benefit = ground.benefit()
    place = {"household": benefit.household, "office": benefit.office, "village": benefit.village}
    for at, one in enumerate(order[:3] if honest else order[-3:]):
        SampleItem.objects.create(
            sample=made, number=one.row.number, stratum="甲", rank=rank(made.seed, one.row.number),
            place=at, quota=3, why="DRAWN", benefit=benefit, **place,
        )  # fmt: skip
    with ground.past("supervision_sample"):
        Sample.objects.filter(pk=made.pk).update(drawn_count=3)
    return str(made.no)


def _beyond(ground: Ground, *, exchanged: bool) -> str:
    """The fourth of the order stands beside the three: drawn, or for one that was not there."""
    made = _sample(ground)
    fourth = ordered(_rows(), made.seed)["甲"][3]
    first = made.items.get(place=0)
    SampleItem.objects.create(
        sample=made, number=fourth.row.number, stratum="甲", rank=fourth.rank, place=3, quota=3,
        why="REPLACEMENT" if exchanged else "DRAWN", benefit=first.benefit,
        household=first.household, office=first.office, village=first.village,
        replaces=first if exchanged else None, replace_reason="外出" if exchanged else "",
    )  # fmt: skip
    if exchanged:
        SampleItem.objects.filter(pk=first.pk).update(state="REPLACED")
    return str(made.no)


def _checked(ground: Ground, who: str, *, second: bool = False, left_on: date | None = None) -> str:
    """A household of 甲街道 was checked by somebody (or as the second), whose post may be over."""
    made = _sample(ground)
    item = made.items.get(place=0)
    by = ground.person(who)
    if left_on:
        Post.objects.filter(person_id=by).update(ends_on=left_on)
    chief = ground.person("supervisor")
    Sheet.objects.create(
        no=f"JC-{next(ground.serial)}", district=made.district, office=item.office,
        village=item.village, kind="SITE", item=item, benefit=item.benefit, opened_on=CHECKED_ON,
        checked_on=CHECKED_ON, checked_by_id=chief if second else by,
        second_id=by if second else chief,
    )  # fmt: skip
    return str(made.no)


def _moved(ground: Ground, left_on: date) -> str:
    """The checker was of the office until a day, and is of the bureau now."""
    name = f"mover{next(ground.serial)}"
    ground.cast.add(name, "office_staff", ground.cast.office, name)
    return _checked(ground, name, left_on=left_on)


# ---------------------------------------------------------------- R72


def _complaint(ground: Ground, **changes: Any) -> Complaint:
    n = next(ground.serial)
    values = {
        "no": f"XF-{n}", "district": ground.cast.district, "state": "HANDLING",
        "opened_on": date(2026, 11, 2), "received_on": date(2026, 11, 2), "due_on": ON,
        "kind": "REPORT", "channel": "BOX", "key": f"K{n}", "content": "内容",
    }  # fmt: skip
    return Complaint.objects.create(**values | changes)


def _late(ground: Ground, **changes: Any) -> str:
    return str(_complaint(ground, **changes).no)


OVER = {"state": "CLOSED", "closed_on": date(2026, 11, 20), "feedback_on": date(2026, 11, 20),
        "result": "UNTRUE"}  # fmt: skip


def _cluster(ground: Ground, days: tuple[int, int, int], **third: Any) -> str:
    """Three came about a village, so many days ago; the number of the last."""
    village = branch(ground)
    made = [
        _complaint(
            ground, village=village, received_on=ON - timedelta(days=ago),
            **{"is_anonymous": True} | (third if at == 0 else {}),
        )
        for at, ago in enumerate(days)
    ]  # fmt: skip
    return str(made[-1].no)


def _seen(ground: Ground, who: str) -> str:
    """A complaint about the office's staff was looked at by somebody."""
    made = _complaint(ground)
    ComplaintSubject.objects.create(complaint=made, person_id=ground.person("staff"))
    _look(ground, ground.person(who), made.no, moment(date(2026, 11, 5)), kind="complaint")
    return str(made.no)


# ---------------------------------------------------------------- R73


def _look(ground: Ground, person: int, key: str, at: datetime, **changes: Any) -> None:
    values = {
        "person_id": person, "account_id": person, "name": "名", "post": "职务", "unit": "单位",
        "address": "10.0.0.1", "request_id": "", "kind": "case", "what": "案件",
    }  # fmt: skip
    Look.objects.create(at=at, key=key, **values | changes)


def _looker(ground: Ground, role: str = "office_staff") -> int:
    """Somebody new of 甲街道, or of the bureau."""
    name = f"looker{next(ground.serial)}"
    place = ground.cast.office if role == "office_staff" else ground.cast.district
    ground.cast.add(name, role, place, name)
    return ground.person(name)


def _looks(ground: Ground, *times: tuple[datetime, int]) -> str:
    """Somebody looked at so many, beginning at these times, one each second."""
    person = _looker(ground)
    for start, many in times:
        for n in range(many):
            key = f"L{next(ground.serial)}"
            _look(ground, person, key, start + timedelta(seconds=n))
    return str(person)


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    return moment(date(2026, 11, day), hour) + timedelta(minutes=minute)


def _addresses(ground: Ground, *minutes: int) -> str:
    """The account was used at these minutes after nine, each time from another address."""
    person = _looker(ground)
    for at, minute in enumerate(minutes):
        _look(ground, person, f"A{at}", _at(25, 9, minute), address=f"10.0.0.{at + 1}")
    return str(person)


def _elsewhere(ground: Ground, *, own: bool, role: str = "office_staff") -> str:
    """A case of 乙街道 (or of their own) was looked at."""
    person = _looker(ground, role)
    village = ground.cast.village if own else ground.cast.foreign_village
    _look(ground, person, ground.case(village=village).no, _at(25, 9))
    return str(person)


def _asleep(ground: Ground, days: int, role: str = "auditor", **changes: Any) -> str:
    """An account in which nobody has signed in for so many days."""
    person = _looker(ground, role)
    then = moment(ON - timedelta(days=days))
    Account.objects.filter(person_id=person).update(
        **{"last_login": then, "password_set_at": moment(date(2020, 1, 2))} | changes
    )
    return str(person)


def _post_over(ground: Ground) -> str:
    person = _asleep(ground, 200)
    Post.objects.filter(person_id=person).update(ends_on=ON - timedelta(days=1))
    return person


YESTERDAY = ON - timedelta(days=1)
PLANTS = [
    Plant("R71", "应抽", hit=lambda g: _few(g, target_count=4),
          near=lambda g: _few(g, target_count=3)),
    Plant("R71", "抽查", hit=lambda g: _fewer(g, 20), near=lambda g: _fewer(g, 30)),
    Plant("R71", "不在抽中位置", hit=lambda g: _picked(g, honest=False),
          near=lambda g: _picked(g, honest=True)),
    Plant("R71", "不在抽中位置", hit=lambda g: _beyond(g, exchanged=False),
          near=lambda g: _beyond(g, exchanged=True)),
    Plant("R71", "种子", hit=lambda g: _few(g, seed="5" * 64), near=_few),
    Plant("R71", "检查人", hit=lambda g: _checked(g, "clerk"),
          near=lambda g: _checked(g, "foreign_staff")),
    Plant("R71", "检查人", hit=lambda g: _checked(g, "staff", second=True),
          near=lambda g: _checked(g, "neighbour_clerk", second=True)),
    Plant("R71", "检查人", hit=lambda g: _moved(g, CHECKED_ON),
          near=lambda g: _moved(g, CHECKED_ON - timedelta(days=1))),
    Plant("R72", "办结", hit=lambda g: _late(g, due_on=YESTERDAY), near=_late),
    Plant("R72", "办结", hit=lambda g: _late(g, due_on=YESTERDAY, state="FOUND"),
          near=lambda g: _late(g, due_on=YESTERDAY, **OVER)),
    Plant("R72", "匿名举报", hit=lambda g: _cluster(g, (89, 40, 1)),
          near=lambda g: _cluster(g, (90, 40, 1))),
    Plant("R72", "匿名举报", hit=lambda g: _cluster(g, (3, 2, 1), kind="PETITION"),
          near=lambda g: _cluster(g, (3, 2, 1), is_anonymous=False)),
    Plant("R72", "匿名举报", hit=lambda g: _cluster(g, (0, 0, 0)),
          near=lambda g: _cluster(g, (3, 2, 1), kind="ENQUIRY")),
    Plant("R72", "查看", hit=lambda g: _seen(g, "staff"), near=lambda g: _seen(g, "leader")),
    Plant("R73", "查看了 201 件", hit=lambda g: _looks(g, (_at(25, 9), 201)),
          near=lambda g: _looks(g, (_at(25, 9), 200))),
    Plant("R73", "查看了 10 件", hit=lambda g: _looks(g, (_at(25, 22), 10)),
          near=lambda g: _looks(g, (_at(25, 21, 59), 10))),
    Plant("R73", "查看了 10 件", hit=lambda g: _looks(g, (_at(26, 5, 59), 10)),
          near=lambda g: _looks(g, (_at(26, 6), 10), (_at(25, 22), 9))),
    Plant("R73", "查看了 10 件", hit=lambda g: _looks(g, (_at(25, 23), 5), (_at(26, 1), 5)),
          near=lambda g: _looks(g, (_at(24, 23), 5), (_at(26, 1), 5))),
    Plant("R73", "查看了 10 件", hit=lambda g: _looks(g, (_at(22, 10), 10)),
          near=lambda g: _looks(g, (_at(22, 10), 9), (_at(23, 10), 10))),
    Plant("R73", "地址", hit=lambda g: _addresses(g, 0, 20, 40),
          near=lambda g: _addresses(g, 0, 20, 61)),
    Plant("R73", "辖区", hit=lambda g: _elsewhere(g, own=False),
          near=lambda g: _elsewhere(g, own=True)),
    Plant("R73", "辖区", hit=lambda g: _elsewhere(g, own=False),
          near=lambda g: _elsewhere(g, own=False, role="supervisor")),
    Plant("R73", "没有登录", hit=lambda g: _asleep(g, 91), near=lambda g: _asleep(g, 90)),
    Plant("R73", "没有登录", hit=lambda g: _asleep(g, 200, "security_admin", last_login=None),
          near=lambda g: _asleep(g, 200, is_active=False)),
    Plant("R73", "没有登录", hit=lambda g: _asleep(g, 200, "bureau_leader"), near=_post_over),
    Plant("R73", "没有登录", hit=lambda g: _asleep(g, 91, "accounting"),
          near=lambda g: _asleep(g, 200, last_login=None, password_set_at=timezone.now())),
    *unasked.PLANTS,
    *offices.PLANTS,
]  # fmt: skip
