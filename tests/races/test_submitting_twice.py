"""Submitting at the same time: a double click, a retry by program, one person in two villages."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from cases.models import Case, Household
from cases.operations import applications
from cases.rules.application import ApplicationErrors
from tests import road
from tests.api.clients import api_client
from tests.cases.answers import filled_draft
from tests.cases.days import DAY, at
from tests.cast import Cast, make_cast
from tests.races.arena import CERTAIN, drop_uniques, meeting_at, together
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event

MOMENT = "cases.operations.applications.read_application"  # after the look for an earlier one


@pytest.fixture
def house(own_database: str) -> Cast:
    """People in a database of their own, to which threads commit."""
    return make_cast()


def submitting(cast: Cast, key: str) -> Callable[[], Any]:
    """A click on 提交."""
    return lambda: applications.submit_draft(key, actor=cast.clerk, on=DAY)


def test_double_click_gives_one_case(house: Cast) -> None:
    draft = filled_draft(house)
    with meeting_at(MOMENT):
        first, second = together(submitting(house, draft.key), submitting(house, draft.key))
    assert first.no == second.no
    assert Case.objects.count() == Household.objects.count() == 1
    assert Event.objects.filter(action="submit").count() == 1


def test_control_without_the_unique_key_there_are_two(
    house: Cast, own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = filled_draft(house)
    drop_uniques(own_database, "cases_case")
    monkeypatch.setattr(
        "cases.operations.applications._compare", lambda application, on, change: False
    )
    with meeting_at(MOMENT, patience=CERTAIN):
        together(submitting(house, draft.key), submitting(house, draft.key))
    assert Case.objects.count() == 2


def test_two_clicks_on_the_page_end_on_one_receipt(house: Cast) -> None:
    draft = filled_draft(house)
    url = f"/apply/{draft.key}/check/"
    clients = [house.client("clerk"), house.client("clerk")]
    with at(), meeting_at(MOMENT):
        answers = together(*[lambda c=client: c.post(url) for client in clients])
    assert [(a.status_code, a["Location"]) for a in answers] == [
        (302, f"/apply/{draft.key}/done/")
    ] * 2
    assert Case.objects.count() == 1


def test_double_submission_by_one_key_gives_one_case(house: Cast) -> None:
    clients = [api_client(house, "clerk", name="一"), api_client(house, "clerk", name="二")]
    body = json.dumps(road.application(1) | {"key": "retry-1"})
    with at(), meeting_at(MOMENT):
        answers = together(
            *[
                lambda c=client: c.post("/api/v1/cases/", body, content_type="application/json")
                for client in clients
            ]
        )
    assert {a.status_code for a in answers} <= {200, 201}
    assert len({a.json()["no"] for a in answers}) == 1
    assert Case.objects.count() == 1


def applying(cast: Cast, name: str, serial: int) -> Callable[[], Any]:
    """One of two villages sends in the same people."""
    return lambda: applications.submit(
        road.application(1),
        submission_key=f"{name}-{serial}",
        actor=cast.actors[name],
        on=date(2026, 11, 23),
    )


def test_one_person_in_two_villages_at_once_is_in_one_case(house: Cast) -> None:
    with meeting_at("cases.operations.applications._compare"):
        outcomes = together(applying(house, "clerk", 1), applying(house, "neighbour_clerk", 2))
    told = [o for o in outcomes if isinstance(o, ApplicationErrors | Refused)]
    assert len(told) == 1
    assert Case.objects.count() == 1


def test_control_without_the_lock_on_people_there_are_two(
    house: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cases.operations.applications.hold_people", lambda digests: None)
    with meeting_at("cases.operations.applications._compare", patience=CERTAIN):
        together(applying(house, "clerk", 1), applying(house, "neighbour_clerk", 2))
    assert Case.objects.count() == 2
