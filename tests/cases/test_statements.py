"""How many statements a page or an act takes; more than written here is a step back."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Case
from cases.operations import investigation
from tests import road
from tests.api.clients import api_client
from tests.cases.days import at
from tests.cast import Cast


@contextmanager
def at_most(number: int) -> Iterator[None]:
    """No more statements than `number`, savepoints not counted; tells which they were."""
    with CaptureQueriesContext(connection) as captured:
        yield
    sql = [q["sql"][:160] for q in captured if "SAVEPOINT" not in q["sql"]]
    print(f"\n{len(sql)} statements")  # noqa: T201 - shown by pytest -s
    assert len(sql) <= number, "\n".join(sql)


def many(cast: Cast, number: int) -> None:
    """Cases of so many households, as quickly as they can be made."""
    case = road.submitted(cast, 1)
    for serial in range(2, number + 1):
        household = case.household
        household.pk, household.key = None, f"H{serial}"
        household._state.adding = True
        household.save()
        Case.objects.create(
            no=f"{case.no}-{serial}",
            household=household,
            programme=case.programme,
            district=case.district,
            office=case.office,
            village=case.village,
            state="SUBMITTED",
            rule_set=case.rule_set,
            submission_key=f"many-{serial}",
            submitted_on=case.submitted_on,
            state_since=case.submitted_on,
        )


def test_the_list_of_sixty_cases(cast: Cast) -> None:
    many(cast, 60)
    client = cast.client("clerk")
    client.get("/cases/")
    with at_most(6):
        assert client.get("/cases/?state=SUBMITTED").status_code == 200


def test_a_step_by_operation(cast: Cast) -> None:
    case = road.submitted(cast)
    with at_most(15):
        investigation.accept(case.no, actor=cast.staff, on=road.START)


def test_a_new_case_by_interface(cast: Cast) -> None:
    client = api_client(cast, "clerk")
    body = json.dumps(road.application(1) | {"key": "k"})
    with at(), at_most(15):
        response = client.post("/api/v1/cases/", body, content_type="application/json")
    assert response.status_code == 201


# Pages of one case keep who looked at it: one statement of each (kernel.looks).
PAGES: list[tuple[str, Callable[[Cast], Any], str, int]] = [
    ("leader", road.to_decide, "/desk/sign/", 7),
    ("leader", road.to_decide, "/desk/sign/{}/", 23),
    ("staff", road.to_decide, "/cases/{}/", 16),
    ("clerk", road.accepted, "/", 9),
]


@pytest.mark.parametrize(("who", "before", "url", "number"), PAGES, ids=[p[2] for p in PAGES])
def test_pages(cast: Cast, who: str, before: Callable[[Cast], Case], url: str, number: int) -> None:
    case = before(cast)
    client = cast.client(who)
    client.get("/help/")
    with at(), at_most(number):
        assert client.get(url.format(case.no)).status_code == 200


def test_the_desk_takes_no_more_for_more_cases(cast: Cast) -> None:
    def statements() -> int:
        with at(), CaptureQueriesContext(connection) as captured:
            assert client.get("/desk/sign/").status_code == 200
        return len(captured)

    road.to_decide(cast, 1)
    client = cast.client("leader")
    client.get("/help/")
    one = statements()
    for serial in (2, 3, 4):
        road.to_decide(cast, serial)
    assert statements() == one
