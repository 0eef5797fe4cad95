"""A case at every stage of its road, and how to take it further."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from cases.models import (
    Case,
    IncomeLine,
)
from cases.operations import decisions, investigation, notices, settlement
from tests import road
from tests.cast import Cast
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.signing import Proof

ON = road.START
Call = Callable[[Case, Actor, Proof, date], Any]


@dataclass(frozen=True)
class Act:
    """An act, the case that it fits, and who takes it."""

    before: Callable[[Cast], Case]
    who: str
    call: Call
    again: bool = True  # whether a second time is refused


FINDINGS = investigation.SurveyFindings(
    visited_on=ON, present="演练甲", housing="自有", living="简单", neighbours="", is_true=True
)
MEETING = investigation.Meeting(
    held_on=ON, place="会议室", host="主任", expected=9, attended=9, agree=9, oppose=0, abstain=0
)


def photographed(cast: Cast) -> Case:
    """The photos of the visit are there."""
    case = road.accepted(cast)
    road.add_file(cast, case, "survey_photo", "入户照片", (1, 1, 1))
    return case


def recorded(cast: Cast) -> Case:
    """The visit is written down by the clerk."""
    case = photographed(cast)
    investigation.record_survey(
        case.no, FINDINGS, actor=cast.clerk, on=ON, proof=cast.proof("clerk")
    )
    return case


def surveyed(cast: Cast) -> Case:
    """Visited and signed by two."""
    case = road.accepted(cast)
    road.survey(cast, case, ON)
    return case


def asked(cast: Cast) -> Case:
    """The verification centre was asked."""
    case = road.accepted(cast)
    investigation.request_means_check(case.no, actor=cast.staff, on=ON)
    return case


def checked(cast: Cast) -> Case:
    """The report is there."""
    case = road.accepted(cast)
    road.means_check(cast, case, ON)
    return case


def appraised(cast: Cast) -> Case:
    """The meeting is written down."""
    case = surveyed(cast)
    investigation.record_appraisal(case.no, MEETING, actor=cast.clerk, on=ON)
    return case


def noticed(cast: Cast, photo: bytes | None = road.photo()) -> Case:
    """The first notice hangs."""
    case = road.investigated(cast)
    notices.post_notice(
        case.no, "post_review_notice", place="公示栏", photo=photo, actor=cast.clerk, on=ON
    )
    return road.fresh(case)


def objected(cast: Cast) -> Case:
    """Somebody objects to the first notice."""
    case = noticed(cast)
    notices.record_objection(
        case.notices.get().no, channel="来访", content="收入不实", actor=cast.clerk, on=ON
    )
    return case


def proposed(cast: Cast) -> Case:
    """The office has proposed."""
    case = road.to_propose(cast)
    decisions.propose(case.no, actor=cast.staff, on=late(case), proof=cast.proof("staff"))
    return road.fresh(case)


def report(case: Case) -> investigation.MeansReport:
    lines = [
        investigation.CheckedIncome(
            member_id=line.member_id, kind=line.kind, annual_fen=line.declared_fen
        )
        for line in IncomeLine.objects.filter(case=case)
    ]
    return investigation.MeansReport(
        report_no="HD-1", data_upto=ON, valid_until=ON, conclusion="WITHIN", lines=lines
    )


def adopted(case: Case) -> settlement.Adoption:
    lines = [
        settlement.Adopted(line_id=line.pk, adopted_fen=line.checked_fen or 0)
        for line in IncomeLine.objects.filter(case=case)
    ]
    return settlement.Adoption(lines=lines)


def late(case: Case) -> date:
    """The day on which the case came to its state."""
    assert case.state_since is not None
    return case.state_since


def posting(code: str) -> Call:
    return lambda case, actor, proof, on: notices.post_notice(
        case.no, code, place="公示栏", photo=None, actor=actor, on=on
    )
