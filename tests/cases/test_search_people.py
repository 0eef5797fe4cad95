"""One box finds people with or without a case, and pages of one's own menu (IR-28)."""

from typing import Any

import pytest

from cases.models import Household, Member
from cases.operations.applications import searchable
from cases.reports.search import find
from tests import road
from tests.cast import Cast
from yuquan_relief.kernel.fields import digest
from yuquan_relief.kernel.roles import ROLES

NUMBER = road.number(700, is_male=False)


def resident(cast: Cast, name: str = "阿拉坦花", number: str = NUMBER, **changes: Any) -> Member:
    """Somebody of a household that came with the roster: there is no case of it."""
    home = Household.objects.create(
        key=f"H-{number[-6:]}", head_name="演练户主", district=cast.district,
        office=changes.pop("office", cast.office), village=changes.pop("village", cast.village),
        phone="19912340000", phone_tail="0000",
    )  # fmt: skip
    values: dict[str, Any] = {
        "name": name, "initials": searchable(name), "sort_key": name, "id_no": number,
        "id_digest": digest(number), "id_tail": number[-4:], "birth_on": "1961-03-04",
        "is_male": False, "relation": "SPOUSE", "joined_on": road.START,
    }  # fmt: skip
    return Member.objects.create(household=home, **values | changes)


def people(words: str, cast: Cast, who: str = "staff") -> list[str]:
    """Names of those who are found."""
    return [hit.name for hit in find(words, cast.actors[who]).people]


@pytest.mark.parametrize(
    "words",
    ["阿拉坦花", "拉坦", "ALTH", "alth", "alatanhua", NUMBER, NUMBER[-4:], f" {NUMBER} ",
     NUMBER.translate(str.maketrans("0123456789", "０１２３４５６７８９"))],
)  # fmt: skip
def test_a_person_without_a_case_is_found_with_the_household(cast: Cast, words: str) -> None:
    member = resident(cast)
    found = find(words, cast.staff)
    assert found.hits == []
    (hit,) = found.people
    assert (hit.name, hit.id_tail) == ("阿拉坦花", NUMBER[-4:])
    assert (hit.role, hit.household) == ("配偶", "演练户主")
    assert (hit.url, hit.village) == (f"/households/{member.household.key}/", "甲一社区")
    assert not found.is_empty


@pytest.mark.parametrize(
    "words", ["树", "X", "阿拉坦树", "ZZZZ", road.number(701), "9999", "%%", "__"]
)
def test_what_does_not_fit_finds_nobody(cast: Cast, words: str) -> None:
    resident(cast)
    assert people(words, cast) == []


def test_a_case_number_names_no_people(cast: Cast) -> None:
    case = road.submitted(cast)
    found = find(case.no, cast.staff)
    assert [hit.no for hit in found.hits] == [case.no]
    assert found.people == []


def test_who_has_a_case_is_found_as_person_and_as_case(cast: Cast) -> None:
    case = road.submitted(cast)
    found = find("演练乙", cast.staff)  # the spouse: the case stands under the head's name
    assert [hit.no for hit in found.hits] == [case.no]
    assert [hit.name for hit in found.people] == ["演练乙"]


def test_who_has_left_is_not_found(cast: Cast) -> None:
    member = resident(cast)
    assert people("阿拉坦花", cast) == ["阿拉坦花"]
    member.left_on, member.left_reason = road.START, "DIED"
    member.save()
    assert people("阿拉坦花", cast) == []


@pytest.mark.parametrize(
    ("who", "is_found"),
    [
        ("clerk", True), ("staff", True), ("leader", True), ("supervisor", True),
        ("neighbour_clerk", False), ("foreign_clerk", False), ("foreign_staff", False),
        ("sysadmin", False),
    ],
)  # fmt: skip
def test_people_are_found_where_one_works(cast: Cast, who: str, is_found: bool) -> None:
    resident(cast)
    for words in ("阿拉坦花", "ALTH", NUMBER, NUMBER[-4:]):
        assert bool(people(words, cast, who)) is is_found


def test_many_of_one_name_are_shown_in_order_and_not_too_many(cast: Cast) -> None:
    for serial in range(25):
        resident(cast, f"演练{chr(0x4E00 + serial)}", road.number(600 + serial))
    found = find("演练", cast.staff, most=20).people
    assert len(found) == 20
    assert [hit.name for hit in found] == sorted(hit.name for hit in found)


# ------------------------------------------------------------------ pages


@pytest.mark.parametrize(
    ("who", "words", "url"),
    [
        ("staff", "工作台", "/"),
        ("staff", "近亲属", "/kin/"),
        ("staff", "GZT", "/"),
        ("staff", "zdfx", "/leads/"),
        ("supervisor", "供养", "/institutions/"),
        ("supervisor", "GYFWJG", "/institutions/"),
        ("leader", "待我", "/desk/sign/"),
        ("verifier", "核对", "/checks/"),
    ],
)
def test_a_page_of_ones_menu_is_found(cast: Cast, who: str, words: str, url: str) -> None:
    found = find(words, cast.actors[who])
    assert url in {address for _, address in found.pages}
    assert not found.is_empty


@pytest.mark.parametrize("role", ROLES)
def test_nobody_finds_a_page_that_is_not_on_the_menu(cast: Cast, role: str) -> None:
    actor = cast.add(f"probe-{role}", role, cast.office, "演练岗位")
    labels = {label for other in ROLES.values() for label, _ in other.nav}
    found = {page for label in labels for page in find(label, actor).pages}
    assert found <= set(ROLES[role].nav)
    assert found  # the control: one's own are found


@pytest.mark.parametrize("words", ["", " ", "台", "没有这一页", "\u3000"])
def test_too_little_or_nothing_that_is_there_finds_no_page(cast: Cast, words: str) -> None:
    assert find(words, cast.staff).pages == []


# ------------------------------------------------------------------ in the browser

NASTY = [
    *("' OR 1=1 --", "%", "_", "\\", "<img src=x onerror=alert(1)>", "{{7*7}}", "٣٣٣٣", "²²²²"),
    *("\u202e甲乙", "𠮷𬭊", "9" * 5000, "长" * 5000, "a" * 5000, "😀😀", "甲\t乙"),
]  # fmt: skip


def searched(cast: Cast, words: str, who: str = "staff") -> Any:
    """The page of what was found."""
    client = cast.client(who)
    client.raise_request_exception = False
    return client.post("/search/", {"q": words}, follow=True)


def test_the_page_shows_people_and_pages(cast: Cast) -> None:
    member = resident(cast, "近亲属花")
    page = searched(cast, "近亲属")
    text = page.content.decode()
    assert page.status_code == 200
    assert f'href="/households/{member.household.key}/"' in text
    assert 'href="/kin/"' in text
    assert NUMBER not in text
    assert "没有找到" not in text


@pytest.mark.parametrize("words", NASTY, ids=range(len(NASTY)))
def test_whatever_is_typed_is_searched_literally(cast: Cast, words: str) -> None:
    resident(cast)
    answer = searched(cast, words)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "<img src=x" not in text
    assert "阿拉坦花" not in text
