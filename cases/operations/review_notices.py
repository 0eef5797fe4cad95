"""拟终止公示 of 特困 that came with the roster: there is no case, so it hangs on the review.

As cases.operations.endings for those who were approved here (N3 第二十五条, 3(4)).
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from cases.models import Notice, Objection, Review
from cases.models.people import known
from cases.models.review_record import ReviewRecord
from yuquan_relief.kernel.actor import ROBOT, Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event
from yuquan_relief.kernel.signing import Proof

from .notices import keep_photo, new_notice
from .reviews import new_round, perform


def propose_ending(
    no: str, *, actor: Actor, on: date, proof: Proof, version: int | None = None
) -> Event:
    """The office's opinion to end the support is signed; the village posts it before a decision."""

    def write(review: Review) -> Mapping[str, Any]:
        review.proposed_on = on
        return {"outcome": review.outcome}

    return perform(
        no, "propose_ending", actor=actor, on=on, proof=proof, version=version, write=write
    )


def post_ending_notice(
    no: str,
    *,
    place: str,
    photo: bytes | None,
    actor: Actor,
    on: date,
    version: int | None = None,
) -> Event:
    """The notice hangs from today for its days; it shows no reason (domain 7.2)."""

    def write(review: Review) -> Mapping[str, Any]:
        kind = Notice.Kind.ENDING
        notice = new_notice(review, kind, place=place, actor=actor, on=on, round=review.round)
        notice.snapshot = _snapshot_of(review, on)
        if photo:
            notice.photo = keep_photo(notice, photo, actor)
        notice.save()
        return {"notice": notice.no, "last_day": str(notice.last_day)}

    return perform(no, "post_ending_notice", actor=actor, on=on, version=version, write=write)


def _snapshot_of(review: Review, on: date) -> dict[str, Any]:
    """What may be shown: what the person is given now, and no reason."""
    record, benefit = ReviewRecord(review, on), review.benefit
    _, staff = known([m.id_digest for m in record.members], on)
    return {
        "applicant": benefit.household.head_name,
        "persons": record.now.persons,
        "monthly_fen": record.now.total_fen,
        "village": review.village.name,
        "category": benefit.programme_label,
        "kin": bool(staff),
        "ending": True,
    }


def uphold_ending_objection(
    no: str, *, note: str, actor: Actor, on: date, version: int | None = None
) -> Event:
    """The open objections are right: the notice has ended and the review begins anew (9)."""

    def write(review: Review) -> Mapping[str, Any]:
        hanging = hanging_on(review)
        upheld = Objection.objects.filter(notice__in=hanging, answered_on__isnull=True).update(
            answer=note.strip()[:500], answered_on=on, is_upheld=True
        )
        if not upheld:
            raise Refused("还没有登记待处理的异议，请先登记")
        hanging.update(closed_on=on)
        new_round(review)
        return {"objections": upheld}

    return perform(
        no, "uphold_ending_objection", actor=actor, on=on, note=note, version=version, write=write
    )


def withdraw_ending(
    no: str, *, note: str, actor: Actor, on: date, version: int | None = None
) -> Event:
    """The office no longer means to end it: a notice that hangs has ended, the review is open."""

    def write(review: Review) -> Mapping[str, Any]:
        hanging_on(review).update(closed_on=on)
        new_round(review)
        return {}

    return perform(
        no, "withdraw_ending", actor=actor, on=on, note=note, version=version, write=write
    )


def close_ending_notice(no: str, *, on: date) -> Event:
    """The robot ends the notice after its last day, with proof; the leader may decide (3(4))."""

    def write(review: Review) -> Mapping[str, Any]:
        hanging_on(review).update(closed_on=on)
        return {}

    return perform(no, "close_ending_notice", actor=ROBOT, on=on, write=write)


def hanging_on(review: Review) -> Any:
    """The review's notices that hang."""
    return Notice.objects.filter(review=review, closed_on__isnull=True)
