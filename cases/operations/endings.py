"""拟终止 of 特困供养: proposed, told for seven days, withdrawn or left (N3 第二十五条)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from cases.models import Case, Notice, Objection
from cases.models.entitlement import amounts_of
from cases.models.record import CaseRecord
from cases.rules.destitution import ENDINGS
from yuquan_relief.kernel.actor import ROBOT, Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event

from .notices import keep_photo, new_notice, snapshot_of
from .steps import perform


def propose_ending(no: str, *, ground: str, note: str, actor: Actor, on: date) -> Event:
    """The office means to end the support on one of the lawful grounds; nothing changes by it.

    Raises Refused for an unknown ground, and when nothing is given any more.
    """

    def write(case: Case) -> Mapping[str, Any]:
        if ground not in ENDINGS:
            raise Refused("请选择拟终止的情形")
        if not case.household.benefits.filter(end_month__isnull=True).exists():
            raise Refused("本人已不在享，不用提出拟终止")
        case.ending = ground
        return {"ending": ground}

    return perform(no, "propose_ending", actor=actor, on=on, note=note, write=write)


def withdraw_ending(no: str, *, note: str, actor: Actor, on: date) -> Event:
    """The office no longer means to end it; a notice that hangs has ended."""

    def write(case: Case) -> Mapping[str, Any]:
        _end(case, on)
        return {}

    return perform(no, "withdraw_ending", actor=actor, on=on, note=note, write=write)


def post_ending_notice(
    no: str, *, place: str, photo: bytes | None, actor: Actor, on: date
) -> Event:
    """拟终止公示 hangs from today for its days; it shows no reason (domain 7.2)."""

    def write(case: Case) -> Mapping[str, Any]:
        earlier = case.notices.filter(kind=Notice.Kind.ENDING).count()
        notice = new_notice(
            case, Notice.Kind.ENDING, place=place, actor=actor, on=on, round=earlier + 1
        )
        notice.snapshot = snapshot_of(CaseRecord(case, on)) | {"ending": True}
        notice.snapshot |= _given_now(case, on)
        if photo:
            notice.photo = keep_photo(notice, photo, actor)
        notice.save()
        return {"notice": notice.no, "last_day": str(notice.last_day)}

    return perform(no, "post_ending_notice", actor=actor, on=on, write=write)


def _given_now(case: Case, on: date) -> Mapping[str, Any]:
    """What the person is given now, which reviews may have changed since the decision."""
    benefit = case.household.benefits.filter(end_month__isnull=True).first()
    if benefit is None:
        return {}
    now = amounts_of(benefit, on.replace(day=1))
    return {"persons": now.persons, "monthly_fen": now.total_fen}


def uphold_ending_objection(no: str, *, note: str, actor: Actor, on: date) -> Event:
    """The open objections are right: the notice has ended and the support goes on (9)."""

    def write(case: Case) -> Mapping[str, Any]:
        upheld = Objection.objects.filter(
            notice__in=_hanging(case), answered_on__isnull=True
        ).update(answer=note.strip()[:500], answered_on=on, is_upheld=True)
        if not upheld:
            raise Refused("还没有登记待处理的异议，请先登记")
        _end(case, on)
        return {"objections": upheld}

    return perform(no, "uphold_ending_objection", actor=actor, on=on, note=note, write=write)


def close_ending_notice(no: str, *, on: date) -> Event:
    """The robot ends the notice after its last day, with proof; the decision may be made (3(4))."""

    def write(case: Case) -> Mapping[str, Any]:
        _hanging(case).update(closed_on=on)
        case.ending_noticed_on = on
        return {}

    return perform(no, "close_ending_notice", actor=ROBOT, on=on, write=write)


def _hanging(case: Case) -> Any:
    return Notice.objects.filter(case=case, kind=Notice.Kind.ENDING, closed_on__isnull=True)


def _end(case: Case, on: date) -> None:
    _hanging(case).update(closed_on=on)
    case.ending, case.ending_noticed_on = "", None
