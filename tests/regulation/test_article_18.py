"""第十八条 镇、街道责任事项."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from cases.models import Case, Deferral
from cases.operations import decisions, investigation
from cases.operations.deferrals import defer_document
from cases.operations.documents import Paper, add_to_case
from cases.operations.steps import perform
from cases.rules.procedures import PROCEDURES
from cases.tasks import deferred_papers
from tests import road
from tests import road_relief as roads
from tests.cast import Cast
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.inbox import messages_for

ON = road.START
BOOK = "household_book"
PROMISED = date(2026, 10, 12)
LAST = date(2026, 10, 26)  # twenty working days from 2026-09-21, over the holidays of October


@pytest.mark.clause("18(2)")
def test_corrections_are_told_once_and_completely(cast: Cast) -> None:
    case = road.submitted(cast)
    investigation.request_corrections(
        case.no, items="缺户口簿首页", actor=cast.staff, on=road.START
    )
    perform(case.no, "resubmit", actor=cast.clerk, on=road.START)
    with pytest.raises(Refused, match="只能一次性告知"):
        investigation.request_corrections(
            case.no, items="又缺一样", actor=cast.staff, on=road.START
        )


# ------------------------------------------------------------------ 容缺


def short(cast: Cast) -> Case:
    """Submitted without the household book and without the authorisation."""
    return roads.submitted(cast, road.application(), {"id_card": "身份证"})


def defer(cast: Cast, case: Case, promised_on: date = PROMISED, slot: str = BOOK) -> None:
    """The office lets a document come later."""
    defer_document(
        case.no, slot=slot, promised_on=promised_on, reason="在外地补办", actor=cast.staff, on=ON
    )


def accepted(cast: Cast) -> Case:
    """Accepted, although both documents are only promised."""
    case = short(cast)
    defer(cast, case)
    defer(cast, case, LAST, "authorisation")
    investigation.accept(case.no, actor=cast.staff, on=ON)
    return road.fresh(case)


def bring(cast: Cast, case: Case, slot: str) -> None:
    """The document is here."""
    paper = Paper(slot, road.SLOTS[slot], road.photo((len(slot), 77, 7)))
    add_to_case(case.no, paper, actor=cast.clerk)


def to_propose(cast: Cast) -> Case:
    """Looked into and its notice over, and the documents have not come."""
    case = accepted(cast)
    road.survey(cast, case, ON)
    road.means_check(cast, case, ON)
    road.settle(cast, case, ON)
    road.appraise(cast, case, ON)
    return road.through_notice(cast, road.fresh(case), "post_review_notice", ON)


def propose(cast: Cast, case: Case) -> str:
    """The office's opinion; the state that the case comes to."""
    assert case.state_since is not None
    decisions.propose(case.no, actor=cast.staff, on=case.state_since, proof=cast.proof("staff"))
    return road.fresh(case).state


@pytest.mark.clause("18(2)")
def test_a_document_is_deferred_once_for_a_day_within_twenty_working_days(cast: Cast) -> None:
    case = short(cast)
    for day in (ON, LAST + timedelta(1)):
        with pytest.raises(Refused, match=f"补交日期应在明天到 {LAST} 之间"):
            defer(cast, case, day)
    defer(cast, case, LAST)
    with pytest.raises(Refused, match="不在缺少的必交材料中"):
        defer(cast, case, PROMISED)
    row = Deferral.objects.get(case=case)
    assert (row.slot, row.promised_on, row.reason) == (BOOK, LAST, "在外地补办")
    with pytest.raises(Refused, match="还缺：核对授权书（"):
        investigation.accept(case.no, actor=cast.staff, on=ON)


@pytest.mark.clause("18(2)")
def test_clerk_and_office_are_reminded_of_each_document_on_its_own_day(cast: Cast) -> None:
    accepted(cast)
    days = (PROMISED - timedelta(1), PROMISED, LAST - timedelta(1), LAST, LAST + timedelta(1))
    assert [deferred_papers(day) for day in days] == [0, 2, 0, 2, 0]
    for who in ("clerk", "staff"):
        texts = [m.text for m in messages_for(cast.actors[who], LAST)]
        assert [t for t in texts if t.startswith("容缺")] == [
            f"容缺材料户口簿应在 {PROMISED} 前补交",
            f"容缺材料核对授权书应在 {LAST} 前补交",
        ]


@pytest.mark.clause("18(2)")
def test_the_opinion_waits_for_every_deferred_document_also_after_its_day(cast: Cast) -> None:
    case = to_propose(cast)
    with pytest.raises(Refused, match="容缺材料还没有补齐：户口簿、核对授权书"):
        propose(cast, case)
    bring(cast, case, BOOK)
    with pytest.raises(Refused, match="容缺材料还没有补齐：核对授权书（"):
        propose(cast, case)
    late = LAST + timedelta(30)
    with pytest.raises(Refused, match="容缺材料还没有补齐：核对授权书（"):
        decisions.propose(case.no, actor=cast.staff, on=late, proof=cast.proof("staff"))
    bring(cast, case, "authorisation")
    assert propose(cast, case) == "APPROVAL_NOTICE"


def test_twin_without_its_need_the_opinion_is_signed_while_both_are_missing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = to_propose(cast)
    steps = PROCEDURES[case.programme]
    needs = tuple(need for need in steps["propose"].needs if need != "deferred_here")
    monkeypatch.setitem(steps, "propose", replace(steps["propose"], needs=needs))
    assert propose(cast, case) == "APPROVAL_NOTICE"
