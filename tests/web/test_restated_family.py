"""The family of a case, restated through its page."""

from typing import Any

import pytest

from cases.models import Case
from tests import road
from tests import road_household as homes
from tests.cases.days import DAY, at
from tests.cast import Cast


@pytest.fixture(autouse=True)
def today() -> Any:
    """One day for all."""
    with at():
        yield


def restated(cast: Cast, case: Case, **changes: str) -> Any:
    """The form as it was, but for what is said, sent."""
    client, url = cast.client("clerk"), f"/cases/{case.no}/restate_family/"
    form = client.get(url).context["form"]
    values = {field.html_name: field.value() or "" for field in form}
    return client.post(url, values | {"note": "入户核实"} | changes)


@pytest.fixture
def case(cast: Cast) -> Case:
    """A family of three under investigation."""
    return road.accepted(cast, on=DAY, members=homes.three())


def at_member(case: Case, name: str, field: str) -> str:
    """The name of a member's field."""
    return f"m{homes.member(case.household, name).pk}-{field}"


def test_the_family_is_restated_through_the_page(cast: Cast, case: Case) -> None:
    left = {at_member(case, "演练丙", "left"): "MARRIED"}
    response = restated(cast, case, **left)
    assert response.status_code == 302
    assert homes.names(case.household, DAY) == ["演练甲", "演练乙"]


@pytest.mark.parametrize(
    ("name", "field", "value", "status", "said"),
    [
        ("演练甲", "left", "DIED", 409, "家庭须有一位户主"),
        ("演练乙", "relation", "SELF", 409, "家庭须有一位户主"),
        ("演练丙", "condition", "WELL", 422, ""),
        ("演练丙", "role", "", 422, ""),
    ],
)
def test_a_wrong_family_is_said_and_kept(
    cast: Cast, case: Case, name: str, field: str, value: str, status: int, said: str
) -> None:
    changes = {at_member(case, name, field): value, at_member(case, "演练乙", "condition"): "ILL"}
    response = restated(cast, case, **changes)
    assert response.status_code == status
    page = response.content.decode()
    assert said in page
    assert "入户核实</textarea>" in page
    form = response.context["form"]
    assert {name: form[name].value() for name in changes} == changes
    assert homes.names(case.household, DAY) == ["演练甲", "演练乙", "演练丙"]


def test_nothing_differs(cast: Cast, case: Case) -> None:
    response = restated(cast, case)
    assert (response.status_code, "没有变化，不用更正" in response.content.decode()) == (409, True)


JOINS = {
    "join-name": "演练母",
    "join-id_no": road.number(500),
    "join-relation": "PARENT",
    "join-registered": "HERE",
    "join-condition": "HEALTHY",
    "join-role": "INSURED",
}


def test_somebody_joins_through_the_page(cast: Cast, case: Case) -> None:
    assert restated(cast, case, **JOINS).status_code == 302
    row = homes.member(case.household, "演练母")
    assert (row.id_no, row.relation, row.is_insured) == (road.number(500), "PARENT", True)


@pytest.mark.parametrize("left_out", ["join-name", "join-id_no", "join-relation", "join-role"])
def test_who_joins_is_stated_whole(cast: Cast, case: Case, left_out: str) -> None:
    response = restated(cast, case, **JOINS | {left_out: ""})
    assert response.status_code == 422
    kept = {k: v for k, v in JOINS.items() if k != left_out}
    form = response.context["form"]
    assert {name: form[name].value() for name in kept} == kept
    assert left_out in form.errors


def test_half_a_new_member_is_not_dropped(cast: Cast, case: Case) -> None:
    changes = JOINS | {"join-name": "", "join-id_no": ""}
    ill = {at_member(case, "演练丙", "condition"): "ILL"}
    assert restated(cast, case, **changes | ill).status_code == 422


@pytest.mark.parametrize("left_out", ["bank", "holder", "number"])
def test_a_new_account_is_stated_whole(cast: Cast, case: Case, left_out: str) -> None:
    account = {"bank": "演练银行", "holder": "演练乙", "number": "6228480000000000117"}
    response = restated(cast, case, **account | {left_out: ""})
    assert response.status_code == 422
    assert left_out in response.context["form"].errors
    assert restated(cast, case, **account).status_code == 302
