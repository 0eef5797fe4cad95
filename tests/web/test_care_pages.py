"""供养服务机构 in the browser: the district's list, and who lives in each."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import CareArrangement, Case, Institution
from tests import road_relief as roads
from tests.cases.days import at
from tests.cast import Cast

ON = roads.START
URL = "/institutions/"
HOME = {
    "name": "演练敬老院", "address": "甲街道演练路 2 号", "phone": "0471-5900000", "beds": "2",
    "is_open": "on",
}  # fmt: skip


def posted(cast: Cast, who: str = "supervisor", query: str = "", **changes: str) -> Any:
    """The form as somebody sends it."""
    client = cast.client(who)
    client.raise_request_exception = False
    return client.post(URL + query, HOME | changes)


@pytest.fixture
def home(cast: Cast) -> Institution:
    posted(cast)
    return Institution.objects.get()


def moved_in(cast: Cast, home: Institution, serial: int = 1, bed: str = "101") -> Case:
    """The clerk gives somebody a bed, by the page of the step."""
    case = roads.destitute(cast, serial)
    sent = {"support": "CENTRAL", "began_on": str(ON), "institution": str(home.pk), "bed": bed}
    with at(ON):
        answer = cast.client("clerk").post(f"/cases/{case.no}/arrange_care/", sent)
    assert answer.status_code == 302
    return case


def page(cast: Cast, url: str = URL, who: str = "supervisor") -> str:
    """What stands there."""
    return str(cast.client(who).get(url).content.decode())


def test_the_district_writes_one_down_and_everybody_concerned_sees_it(
    cast: Cast, home: Institution
) -> None:
    assert (home.name, home.beds, home.is_open) == ("演练敬老院", 2, True)
    for who in ("supervisor", "staff", "surveyor"):
        assert "演练敬老院" in page(cast, who=who)
    assert "登记机构" in page(cast)
    assert "登记机构" not in page(cast, who="staff")


@pytest.mark.parametrize("who", ["clerk", "leader", "verifier", "auditor", "sysadmin"])
def test_nobody_else_comes_in(cast: Cast, home: Institution, who: str) -> None:
    assert cast.client(who).get(URL).status_code == 403
    assert cast.client(who).get(f"{URL}{home.pk}/").status_code == 403
    assert posted(cast, who, name="另一家").status_code == 403
    assert Institution.objects.count() == 1


def test_the_office_looks_and_does_not_write(cast: Cast, home: Institution) -> None:
    assert posted(cast, "staff", name="另一家").status_code == 403
    assert posted(cast, "staff", f"?edit={home.pk}", beds="9").status_code == 403
    home.refresh_from_db()
    assert home.beds == 2


def test_one_is_changed_and_a_name_stands_once(cast: Cast, home: Institution) -> None:
    assert "修改 演练敬老院" in page(cast, f"{URL}?edit={home.pk}")
    assert posted(cast, query=f"?edit={home.pk}", beds="5").status_code == 302
    home.refresh_from_db()
    assert home.beds == 5
    again = posted(cast)
    assert again.status_code == 409
    assert "已经有同名的机构" in again.content.decode()


@pytest.mark.parametrize("edit", ["0", "999999", "x", "²", "-1", "1.0", "' OR 1=1", "９"])
def test_one_that_is_none_is_not_found(cast: Cast, home: Institution, edit: str) -> None:
    client = cast.client("supervisor")
    client.raise_request_exception = False
    assert client.get(URL, {"edit": edit}).status_code == 404
    assert client.get(f"{URL}999999/").status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"beds": "0"}, "beds"), ({"beds": "2001"}, "beds"), ({"beds": "两张"}, "beds"),
        ({"beds": ""}, "beds"), ({"name": ""}, "name"), ({"name": "长" * 101}, "name"),
        ({"phone": "12345"}, "phone"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field(
    cast: Cast, changes: dict[str, str], field: str
) -> None:
    answer = posted(cast, **changes)
    assert answer.status_code == 422
    assert f'href="#id_{field}"' in answer.content.decode()
    assert not Institution.objects.exists()


def test_who_lives_there_is_shown_as_far_as_one_sees(cast: Cast, home: Institution) -> None:
    case = moved_in(cast, home)
    for who in ("supervisor", "staff"):
        text = page(cast, f"{URL}{home.pk}/", who)
        assert "演练丙" in text
        assert case.no in text
    other = page(cast, f"{URL}{home.pk}/", "foreign_staff")
    assert "演练丙" not in other
    assert case.no not in other
    assert "本辖区没有人在这里" in other


def test_a_full_one_says_so_and_takes_nobody(cast: Cast, home: Institution) -> None:
    moved_in(cast, home)
    assert "正在接收" in page(cast)
    moved_in(cast, home, 2, "102")
    assert "已满" in page(cast)
    third = roads.destitute(cast, 3)
    sent = {"support": "CENTRAL", "began_on": str(ON), "institution": str(home.pk), "bed": "103"}
    with at(ON):
        answer = cast.client("clerk").post(f"/cases/{third.no}/arrange_care/", sent)
    assert answer.status_code == 409
    assert "2 张床位已满" in answer.content.decode()
    assert CareArrangement.objects.count() == 2


def test_fewer_beds_than_people_are_refused(cast: Cast, home: Institution) -> None:
    moved_in(cast, home)
    moved_in(cast, home, 2, "102")
    answer = posted(cast, query=f"?edit={home.pk}", beds="1")
    assert answer.status_code == 409
    assert "床位少于在住人数" in answer.content.decode()


def test_a_closed_one_is_not_offered(cast: Cast, home: Institution) -> None:
    case = roads.destitute(cast)
    url = f"/cases/{case.no}/arrange_care/"
    assert "演练敬老院（2 张床位，在住 0 人）" in page(cast, url, "clerk")
    sent = HOME | {"is_open": ""}
    cast.client("supervisor").post(f"{URL}?edit={home.pk}", sent)
    assert "演练敬老院" not in page(cast, url, "clerk")


def test_who_has_left_stands_among_those_who_left(cast: Cast, home: Institution) -> None:
    case = moved_in(cast, home)
    sent = {
        "support": "SCATTERED", "began_on": str(ON), "carer_name": "演练邻居",
        "agreed_on": str(ON),
    }  # fmt: skip
    with at(ON):
        assert cast.client("clerk").post(f"/cases/{case.no}/arrange_care/", sent).status_code == 302
    text = page(cast, f"{URL}{home.pk}/")
    assert "已离开" in text
    assert case.no not in text


def test_the_list_takes_no_more_statements_for_more_institutions(cast: Cast) -> None:
    client = cast.client("supervisor")
    client.get(URL)
    counts = []
    for name in ("甲院", "乙院", "丙院"):
        posted(cast, name=name)
        with CaptureQueriesContext(connection) as captured:
            client.get(URL)
        counts.append(len(captured))
    assert len(set(counts)) == 1


def test_a_bed_is_the_same_however_its_number_is_typed(cast: Cast, home: Institution) -> None:
    moved_in(cast, home, bed="101")
    other = roads.destitute(cast, 2)
    sent = {"support": "CENTRAL", "began_on": str(ON), "institution": str(home.pk), "bed": "１０１"}
    with at(ON):
        answer = cast.client("clerk").post(f"/cases/{other.no}/arrange_care/", sent)
    assert answer.status_code == 409
    assert CareArrangement.objects.count() == 1
