"""Deciding at the same time: one signature, one decision, one benefit, one event."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import Count

from cases.models import Benefit, Case, Decision, HeldAnswer, Survey
from cases.models.record import CaseRecord
from cases.operations import decisions, investigation
from cases.operations.content import content_of
from tests import road
from tests.cases.days import at
from tests.cast import SIGN_CODE, Cast, make_cast
from tests.races.arena import CERTAIN, drop_uniques, meeting_at, together, without_row_locks
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event, Signature
from yuquan_relief.kernel.signing import content_digest

MOMENT = "cases.operations.steps.facts_of"  # just after all that is judged was read
LATE = "yuquan_relief.kernel.signing._last_hash"  # just after nobody was found to have signed
GUARDED_TABLES = ("kernel_signature", "cases_decision", "cases_benefit")


@pytest.fixture
def house(own_database: str) -> Cast:
    """People in a database of their own, to which threads commit."""
    return make_cast()


def counts(case: Case) -> dict[str, int]:
    """What a decision leaves, counted."""
    return {
        "events": Event.objects.of("case", case.no).filter(action="approve").count(),
        "signatures": Signature.objects.filter(subject_key=case.no, stage="decide").count(),
        "decisions": Decision.objects.filter(case=case).count(),
        "benefits": Benefit.objects.filter(source_case=case).count(),
    }


def approving(cast: Cast, case: Case) -> Callable[[], Any]:
    """The leader's signature under the case."""
    return lambda: decisions.approve(
        case.no, actor=cast.leader, on=day(case), proof=cast.proof("leader", "同意")
    )


def day(case: Case) -> Any:
    """The day on which the case came to its state."""
    assert case.state_since is not None
    return case.state_since


def refused(outcomes: list[Any]) -> list[Any]:
    """Those who were told why not."""
    return [o for o in outcomes if isinstance(o, Refused)]


def failed(outcomes: list[Any]) -> list[Any]:
    """Those who met an error that nobody foresaw."""
    return [o for o in outcomes if isinstance(o, Exception) and not isinstance(o, Refused)]


ONE = {"events": 1, "signatures": 1, "decisions": 1, "benefits": 1}


def test_of_two_signatures_of_one_leader_one_counts(house: Cast) -> None:
    case = road.to_decide(house)
    with meeting_at(MOMENT):
        outcomes = together(approving(house, case), approving(house, case))
    assert (len(refused(outcomes)), failed(outcomes)) == (1, [])
    assert counts(case) == ONE
    assert road.fresh(case).version == case.version + 1


def test_control_without_the_lock_the_constraints_still_hold(house: Cast) -> None:
    case = road.to_decide(house)
    with meeting_at(LATE, patience=CERTAIN), without_row_locks():
        outcomes = together(approving(house, case), approving(house, case))
    assert len(failed(outcomes)) == 1
    assert counts(case) == ONE


def test_control_without_lock_and_constraints_the_double_is_seen(
    house: Cast, own_database: str
) -> None:
    case = road.to_decide(house)
    drop_uniques(own_database, *GUARDED_TABLES)
    with meeting_at(LATE, patience=CERTAIN), without_row_locks():
        outcomes = together(approving(house, case), approving(house, case))
    assert [o for o in outcomes if isinstance(o, Exception)] == []
    assert counts(case) == dict.fromkeys(ONE, 2)


def test_in_two_tabs_one_page_goes_on_and_the_other_says_409(house: Cast) -> None:
    case = road.to_decide(house)
    tabs = [house.client("leader"), house.client("leader")]
    form = {
        "act": "agree",
        "opinion": "同意",
        "code": SIGN_CODE,
        "vouched": "1",
        "content_sha256": content_digest(content_of(CaseRecord(case, road.START), "decide")),
    }
    with at(day(case)), meeting_at(MOMENT):
        answers = together(
            *[lambda tab=tab: tab.post(f"/desk/sign/{case.no}/", form) for tab in tabs]
        )
    assert sorted(a.status_code for a in answers) == [302, 409]
    assert HeldAnswer.objects.filter(case=case).count() == 1
    assert road.in_effect(case).state == "APPROVED"
    assert counts(case) == ONE


def sending_back(cast: Cast, case: Case) -> Callable[[], Any]:
    """The leader wants it mended."""
    return lambda: decisions.send_back(
        case.no, note="请补充邻里访问", actor=cast.leader, on=day(case)
    )


def test_of_approving_and_sending_back_one_wins(house: Cast) -> None:
    case = road.to_decide(house)
    with meeting_at(MOMENT):
        outcomes = together(approving(house, case), sending_back(house, case))
    assert (len(refused(outcomes)), failed(outcomes)) == (1, [])
    now = road.fresh(case)
    approved = now.state == "APPROVED"
    assert counts(case) == (ONE if approved else dict.fromkeys(ONE, 0))
    assert now.state in ("APPROVED", "INVESTIGATING")


def test_control_without_the_lock_both_are_done(house: Cast) -> None:
    case = road.to_decide(house)
    with meeting_at(MOMENT, patience=CERTAIN), without_row_locks():
        outcomes = together(approving(house, case), sending_back(house, case))
    assert [o for o in outcomes if isinstance(o, Exception)] == []
    done = Event.objects.of("case", case.no).filter(action__in=("approve", "send_back"))
    assert done.count() == 2


def surveying(cast: Cast, case: Case, name: str) -> Callable[[], Any]:
    """One of the two investigators writes down the visit, whose photos are there."""
    road.add_file(cast, case, "survey_photo", "入户照片", (9, 9, 9))
    findings = investigation.SurveyFindings(
        visited_on=road.START,
        present="演练甲",
        housing="自有住房",
        living="陈设简单",
        neighbours="",
        is_true=True,
    )
    return lambda: investigation.record_survey(
        case.no, findings, actor=cast.actors[name], on=road.START, proof=cast.proof(name)
    )


def test_of_two_investigators_one_records_and_the_other_is_told_to_cosign(house: Cast) -> None:
    case = road.accepted(house)
    with meeting_at(MOMENT):
        outcomes = together(surveying(house, case, "clerk"), surveying(house, case, "surveyor"))
    (told,) = refused(outcomes)
    assert "第二名调查人" in told.reason
    assert failed(outcomes) == []
    assert Survey.objects.filter(case=case).count() == 1
    assert Signature.objects.filter(subject_key=case.no).count() == 1


def test_control_without_lock_and_constraint_there_are_two_surveys(
    house: Cast, own_database: str
) -> None:
    case = road.accepted(house)
    drop_uniques(own_database, "cases_survey")
    with meeting_at(MOMENT, patience=CERTAIN), without_row_locks():
        together(surveying(house, case, "clerk"), surveying(house, case, "surveyor"))
    assert Survey.objects.filter(case=case).count() == 2


def accepting(cast: Cast, case: Case) -> Callable[[], Any]:
    """The office accepts the application."""
    return lambda: investigation.accept(case.no, actor=cast.staff, on=road.START)


def test_of_eight_that_accept_one_wins(house: Cast) -> None:
    case = road.submitted(house)
    with meeting_at(MOMENT, 8):
        outcomes = together(*[accepting(house, case)] * 8)
    assert (len(refused(outcomes)), failed(outcomes)) == (7, [])
    assert Event.objects.of("case", case.no).filter(action="accept").count() == 1


def test_control_without_the_lock_many_accept(house: Cast) -> None:
    case = road.submitted(house)
    with meeting_at(MOMENT, 8, CERTAIN), without_row_locks():
        outcomes = together(*[accepting(house, case)] * 8)
    assert refused(outcomes) == []
    assert Event.objects.of("case", case.no).filter(action="accept").count() == 8


def test_every_step_and_round_stands_once_after_many_rounds(house: Cast) -> None:
    case = road.to_decide(house)
    for _ in range(3):
        together(*[approving(house, case)] * 4)
    doubles = (
        Signature.objects.values("subject_key", "stage", "round", "person")
        .annotate(n=Count("id"))
        .filter(n__gt=1)
    )
    assert list(doubles) == []
    assert counts(case) == ONE
