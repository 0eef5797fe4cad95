"""Work by kind: each case stands in its queue until what it waits for is done, and no longer."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Case
from cases.operations import investigation
from cases.reports.queues import QUEUES, queue_rows
from tests import road
from tests import road_relief as roads
from tests.cast import Cast

ON = road.START


def standing(cast: Cast, name: str, who: str) -> list[tuple[str, str]]:
    """(number, what) of the queue as the person sees it."""
    return [(row.no, row.what) for row in queue_rows(name, cast.actors[who], ON)]


def test_what_came_in_waits_until_it_is_accepted(cast: Cast) -> None:
    case = road.submitted(cast)
    assert standing(cast, "intake", "staff") == [(case.no, "刚刚提交")]
    investigation.accept(case.no, actor=cast.staff, on=ON)
    assert standing(cast, "intake", "staff") == []


def test_who_is_accepted_is_visited_by_two(cast: Cast) -> None:
    case = road.accepted(cast)
    assert standing(cast, "visits", "clerk") == [(case.no, "还没有入户")]
    road.add_file(cast, case, "survey_photo", "入户照片", (9, 9, 9))
    findings = investigation.SurveyFindings(
        visited_on=ON, present="演练甲", housing="自有", living="简单", neighbours="", is_true=True
    )
    investigation.record_survey(
        case.no, findings, actor=cast.clerk, on=ON, proof=cast.proof("clerk")
    )
    assert standing(cast, "visits", "surveyor") == [(case.no, "已入户，等第二名调查人签字")]
    assert standing(cast, "reviews", "clerk") == []
    investigation.cosign_survey(case.no, actor=cast.surveyor, on=ON, proof=cast.proof("surveyor"))
    assert standing(cast, "visits", "clerk") == []
    assert standing(cast, "reviews", "clerk") == [(case.no, "还没有评议")]


def test_an_appraisal_waits_for_its_signature(cast: Cast) -> None:
    case = road.accepted(cast)
    road.survey(cast, case, ON)
    meeting = investigation.Meeting(
        held_on=ON, place="社区", host="主任", expected=9, attended=9, agree=9, oppose=0, abstain=0
    )
    investigation.record_appraisal(case.no, meeting, actor=cast.clerk, on=ON)
    assert standing(cast, "witness", "head") == [(case.no, "请看评议记录后签字")]
    assert standing(cast, "reviews", "clerk") == [(case.no, "已评议，等主任或书记签字")]
    investigation.sign_appraisal(case.no, actor=cast.head, on=ON, proof=cast.proof("head"))
    assert (standing(cast, "witness", "head"), standing(cast, "reviews", "clerk")) == ([], [])


def test_an_emergency_is_visited_by_one(cast: Cast) -> None:
    case = roads.relieved(cast)
    assert standing(cast, "visits", "clerk") == [(case.no, "还没有入户")]
    roads.looked_into(cast, case)
    assert standing(cast, "visits", "clerk") == []


def test_sent_back_it_is_visited_anew(cast: Cast) -> None:
    case = road.to_decide(cast)
    assert standing(cast, "visits", "clerk") == []
    Case.objects.filter(pk=case.pk).update(state="INVESTIGATING", round=2)
    assert standing(cast, "visits", "clerk") == [(case.no, "还没有入户")]


@pytest.mark.parametrize("name", QUEUES)
def test_elsewhere_it_does_not_stand(cast: Cast, name: str) -> None:
    road.submitted(cast, 1)
    road.accepted(cast, 2)
    for who in ("foreign_staff", "foreign_clerk"):
        assert standing(cast, name, who) == []


PAGES = [
    ("/desk/intake/", "staff", "clerk"),
    ("/visits/", "clerk", "leader"),
    ("/reviews/", "clerk", "leader"),
    ("/desk/witness/", "head", "clerk"),
]


@pytest.mark.parametrize(("url", "who", "other"), PAGES)
def test_each_opens_for_whose_work_it_is(cast: Cast, url: str, who: str, other: str) -> None:
    assert "没有" in cast.client(who).get(url).content.decode()
    assert cast.client(other).get(url).status_code == 403


def test_the_list_of_visits_says_where_and_hides_the_middle_of_the_number(cast: Cast) -> None:
    road.accepted(cast)
    page = cast.client("clerk").get("/visits/").content.decode()
    assert "甲街道演练路 1 号" in page
    assert "199…0000" in page
    assert "19900000000" not in page


@pytest.mark.parametrize("name", QUEUES)
def test_statements_do_not_grow_with_the_cases(cast: Cast, name: str) -> None:
    def sent() -> int:
        with CaptureQueriesContext(connection) as found:
            queue_rows(name, cast.staff, ON)
        return len(found)

    road.accepted(cast, 1)
    road.submitted(cast, 2)
    first = sent()
    road.accepted(cast, 3)
    road.submitted(cast, 4)
    assert sent() == first
