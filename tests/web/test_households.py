"""The page of a household and its changes, in the browser."""

import re
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Case, Draft, Household, HouseholdChange, Member
from tests import road
from tests import road_household as homes
from tests.access.matrix import plain
from tests.access.world import casts
from tests.cases.days import DAY, at
from tests.cast import Cast
from yuquan_relief.kernel.inputs import identity_numbers

NOWHERE = "H000000000000"
HEAD = {
    "happened_on": "2026-11-16",
    "reason": "DIED",
    "programme": "URBAN_ALLOWANCE",
    "note": "户主病故",
}


@pytest.fixture(autouse=True)
def today() -> Any:
    """One day for all."""
    with at():
        yield


@pytest.fixture
def home(cast: Cast) -> Household:
    """演练户1, 妻, 子: in benefit, from the roster."""
    return homes.roster(cast)


def text_of(response: Any) -> str:
    """The page."""
    return str(response.content.decode())


def bytes_of(response: Any, key: str) -> bytes:
    """The answer without tokens and without the very words of the address."""
    return plain(response, response.wsgi_request.path, {}).replace(key.encode(), b"KEY")


def get(cast: Cast, who: str, home: Household, query: str = "") -> Any:
    """The household's page, or what is answered instead."""
    return cast.client(who).get(f"/households/{home.key}/{query}")


def shown(cast: Cast, who: str, home: Household, query: str = "") -> str:
    """The household's page as that person sees it."""
    response = get(cast, who, home, query)
    assert response.status_code == 200
    return text_of(response)


def send(cast: Cast, home: Household, kind: str, values: dict[str, Any], who: str = "clerk") -> Any:
    """A change through the page."""
    return cast.client(who).post(f"/households/{home.key}/change/{kind}/", values)


def died(home: Household, **changes: Any) -> dict[str, Any]:
    """The head died and the wife is head, as the page sends it."""
    return HEAD | {"head": str(homes.member(home, "妻").pk)} | changes


# ------------------------------------------------------------------ on any day


def on_the_page(page: str) -> list[str]:
    """Names in the table of members, not in that of all roles."""
    table = page.partition("<caption>")[2].partition("</table>")[0]
    return re.findall(r'<th scope="row">(.+?)</th>', table)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["演练户1", "妻"]),
        ("?on=", ["演练户1", "妻"]),
        ("?on=2026-11-23", ["演练户1", "妻"]),
        ("?on=2026-11-01", ["演练户1", "妻"]),
        ("?on=2026-10-31", ["演练户1", "妻", "子"]),
        ("?on=20261031", ["演练户1", "妻", "子"]),
        ("?on=2026年10月31日", ["演练户1", "妻", "子"]),
        ("?on=2020-01-01", ["演练户1", "妻", "子"]),
        ("?on=2019-12-31", []),
        ("?on=2030-01-01", ["演练户1", "妻"]),
    ],
)
def test_who_belonged_to_it_on_any_day(
    cast: Cast, home: Household, query: str, names: list[str]
) -> None:
    Member.objects.filter(name="子").update(left_on=date(2026, 11, 1), left_reason="MARRIED")
    page = shown(cast, "clerk", home, query)
    assert on_the_page(page) == names
    assert ("这一天没有成员。" in page) == (not names)
    assert "结婚离家" in page  # among all roles


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("昨天", "请按“年-月-日”填写日期"),
        ("2026-02-30", "日"),
        ("49-08-17", "年份请写满四位"),
        ("2026-13-01", "月"),
        ("' OR 1=1", "请按“年-月-日”填写日期"),
    ],
)
def test_a_day_that_is_none_is_said_and_kept(
    cast: Cast, home: Household, typed: str, said: str
) -> None:
    response = cast.client("clerk").get(f"/households/{home.key}/", {"on": typed})
    assert response.status_code == 422
    page = text_of(response)
    error = page.partition('id="on-error">')[2].partition("</p>")[0]
    assert said in error
    assert f'value="{typed}"'.replace("'", "&#x27;", 1) in page
    assert on_the_page(page) == ["演练户1", "妻", "子"]  # today's


def test_roles_of_a_case_are_shown_with_their_days(cast: Cast) -> None:
    case = road.accepted(cast)
    page = shown(cast, "clerk", case.household)
    assert "申请人（户主）" in page
    assert f'href="/cases/{case.no}/"' in page
    assert f'href="/households/{case.household.key}/"' in text_of(
        cast.client("clerk").get(f"/cases/{case.no}/family/")
    )


def test_numbers_are_masked(cast: Cast, home: Household) -> None:
    page = shown(cast, "clerk", home)
    for row in home.members.all():
        assert row.id_no not in page
        assert row.id_no[6:14] not in page
        assert identity_numbers.mask(row.id_no) in page


# ------------------------------------------------------------------ who sees it


@pytest.mark.parametrize("who", ["neighbour_clerk", "foreign_clerk", "foreign_staff"])
def test_elsewhere_it_is_answered_like_a_key_that_is_none(
    cast: Cast, home: Household, who: str
) -> None:
    client = cast.client(who)
    row = homes.head_died(cast, home, "妻")
    for address in ("/households/{}/", "/households/{}/change/head/"):
        one, other = (client.get(address.format(key)) for key in (home.key, NOWHERE))
        assert (one.status_code, other.status_code) == (404, 404)
        assert bytes_of(one, home.key) == bytes_of(other, NOWHERE)
    one, other = (client.post(f"/changes/{pk}/withdraw/") for pk in (row.pk, 987654321))
    assert (one.status_code, other.status_code) == (404, 404)
    assert plain(one, f"/changes/{row.pk}/withdraw/", {}) == plain(
        other, "/changes/987654321/withdraw/", {}
    )


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("clerk", 200),
        ("head", 200),
        ("staff", 200),
        ("leader", 200),
        ("supervisor", 200),
        ("auditor", 200),
        ("verifier", 403),
        ("accountant", 403),
        ("sysadmin", 403),
    ],
)
def test_who_opens_the_page(cast: Cast, home: Household, who: str, status: int) -> None:
    assert get(cast, who, home).status_code == status


@pytest.mark.parametrize(
    ("who", "status"),
    [("clerk", 200), ("staff", 200), ("leader", 403), ("supervisor", 403), ("verifier", 403)],
)
def test_who_may_change_it(cast: Cast, home: Household, who: str, status: int) -> None:
    client = cast.client(who)
    assert client.get(f"/households/{home.key}/change/head/").status_code == status
    link = f'href="/households/{home.key}/change/head/"'
    assert (link in text_of(get(cast, who, home))) == (status == 200)


def test_a_household_in_no_benefit_is_offered_no_change(cast: Cast) -> None:
    assert "/change/head/" not in shown(cast, "clerk", homes.without_benefit(cast))


# ------------------------------------------------------------------ recording


def test_a_change_is_recorded_and_its_draft_is_ready(cast: Cast, home: Household) -> None:
    response = send(cast, home, "head", died(home))
    assert (response.status_code, response["Location"]) == (302, f"/households/{home.key}/")
    row = HouseholdChange.objects.get()
    assert (row.kind, row.happened_on, row.recorded_on) == ("HEAD", date(2026, 11, 16), DAY)
    page = shown(cast, "clerk", home)
    assert f'href="/apply/{homes.draft_of(row).key}/"' in page
    assert "户主病故" in page
    assert on_the_page(page) == ["妻", "子"]
    draft = shown_draft(cast, homes.draft_of(row))
    assert "妻" in draft
    assert "演练户1" not in draft


def shown_draft(cast: Cast, draft: Draft) -> str:
    """The members as the draft's page asks for them."""
    response = cast.client("clerk").get(f"/apply/{draft.key}/members/")
    assert response.status_code == 200
    return text_of(response)


@pytest.mark.parametrize("kind", ["head", "split", "merge", "move"])
def test_an_empty_form_says_what_is_missing(cast: Cast, home: Household, kind: str) -> None:
    response = send(cast, home, kind, {})
    assert response.status_code == 422
    assert "请" in text_of(response).partition('id="error-summary"')[2]
    assert not HouseholdChange.objects.exists()


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"happened_on": "2026-11-31"}, 422, "日"),
        ({"happened_on": "2026-11-24"}, 409, "发生日期不能晚于今天"),
        ({"head": ""}, 422, "新户主"),
        ({"reason": "MARRIED"}, 422, ""),
        ({"programme": "URGENT_RELIEF"}, 422, ""),
    ],
)
def test_what_was_typed_is_kept_when_something_is_wrong(
    cast: Cast, home: Household, changes: dict[str, str], status: int, said: str
) -> None:
    values = died(home, **changes)
    response = send(cast, home, "head", values)
    assert response.status_code == status
    page = text_of(response)
    assert said in page
    assert "户主病故</textarea>" in page
    assert f'value="{values["happened_on"]}"' in page
    assert not values["head"] or f'value="{values["head"]}" selected' in page
    assert not HouseholdChange.objects.exists()


def test_a_second_change_is_said_and_kept(cast: Cast, home: Household) -> None:
    send(cast, home, "head", died(home))
    wife = str(homes.member(home, "妻").pk)
    values = HEAD | {"reason": "APART", "head": wife, "goes": [wife]}
    response = send(cast, home, "split", values)
    assert response.status_code == 409
    assert "这户已登记过变更" in text_of(response)
    assert HouseholdChange.objects.count() == 1


def test_a_split_asks_who_goes(cast: Cast, home: Household) -> None:
    wife = str(homes.member(home, "妻").pk)
    values = HEAD | {"reason": "APART", "head": wife}
    response = send(cast, home, "split", values)
    assert (response.status_code, "请选择分出去的成员" in text_of(response)) == (422, True)
    assert send(cast, home, "split", values | {"goes": [wife]}).status_code == 302
    assert Draft.objects.count() == 2


def test_the_other_household_is_named_by_its_heads_number(cast: Cast, home: Household) -> None:
    homes.on_the_roster(cast, 2)
    values = HEAD | {"reason": "MARRIED", "other_id_no": road.number(2)[:-1]}
    response = send(cast, home, "merge", values)
    assert (response.status_code, "身份证" in text_of(response)) == (422, True)
    response = send(cast, home, "merge", values | {"other_id_no": road.number(77)})
    assert (response.status_code, "没有找到并入的户" in text_of(response)) == (409, True)
    assert send(cast, home, "merge", values | {"other_id_no": road.number(2)}).status_code == 302


def test_a_move_offers_every_other_village_of_the_district(cast: Cast, home: Household) -> None:
    abroad = casts(cast)["abroad"].village
    page = text_of(cast.client("clerk").get(f"/households/{home.key}/change/move/"))
    offered = {
        village.name: f'<option value="{village.pk}"' in page
        for village in (cast.village, cast.other_village, cast.foreign_village, abroad)
    }
    assert list(offered.values()) == [False, True, True, False]


@pytest.mark.parametrize("kind", ["death", "HEADS", "1"])
def test_there_are_four_changes(cast: Cast, home: Household, kind: str) -> None:
    assert send(cast, home, kind, died(home)).status_code == 404


# ------------------------------------------------------------------ taking back


def test_a_change_is_withdrawn_on_the_page(cast: Cast, home: Household) -> None:
    row = homes.head_died(cast, home, "妻")
    url = f"/changes/{row.pk}/withdraw/"
    assert f'action="{url}"' in shown(cast, "clerk", home)
    client = cast.client("clerk")
    assert client.get(url).status_code == 405
    page = text_of(client.post(url, follow=True))
    assert "已撤销变更，草稿已放入回收箱" in page
    assert "（已撤销）" in page
    assert url not in page
    assert on_the_page(page) == ["演练户1", "妻", "子"]
    assert "这次变更已经撤销" in text_of(client.post(url, follow=True))


@pytest.mark.parametrize("who", ["leader", "supervisor", "verifier"])
def test_other_posts_withdraw_nothing(cast: Cast, home: Household, who: str) -> None:
    row = homes.head_died(cast, home, "妻")
    assert cast.client(who).post(f"/changes/{row.pk}/withdraw/").status_code == 403
    row.refresh_from_db()
    assert row.withdrawn_at is None


def test_with_its_draft_in_the_bin_a_change_can_still_be_withdrawn(
    cast: Cast, home: Household
) -> None:
    row = homes.head_died(cast, home, "妻")
    draft = homes.draft_of(row)
    assert cast.client("clerk").post(f"/apply/{draft.key}/discard/").status_code == 302
    assert f'action="/changes/{row.pk}/withdraw/"' in shown(cast, "clerk", home)


# ------------------------------------------------------------------ the chain


def moved_away(cast: Cast) -> tuple[Household, Case]:
    """A household of 甲一社区 that has applied in 乙一社区."""
    home = homes.in_benefit(cast)
    foreign = casts(cast)["foreign"]
    draft = homes.draft_of(homes.record(cast, home, homes.moved(cast.foreign_village)))
    return home, homes.submit(foreign, draft, address="乙街道演练路 2 号")


def test_elsewhere_a_draft_is_named_by_its_village_alone(cast: Cast, home: Household) -> None:
    row = homes.record(cast, home, homes.moved(cast.foreign_village))
    page = shown(cast, "clerk", home)
    assert "在 乙一社区 的“代办申请”里" in page
    key = homes.draft_of(row).key
    assert key not in page
    assert cast.client("clerk").get(f"/apply/{key}/").status_code == 404
    assert cast.client("foreign_clerk").get(f"/apply/{key}/").status_code == 200


def test_out_of_sight_the_next_household_has_no_name_and_no_address(cast: Cast) -> None:
    home, case = moved_away(cast)
    for who, here, there in (
        ("clerk", home, case.household),
        ("foreign_clerk", case.household, home),
    ):
        page = shown(cast, who, here)
        chain = page.partition('<ol class="chain">')[2].partition("</ol>")[0]
        assert "外辖区的户" in chain
        assert chain.count("演练甲") == 1  # the own one
        assert there.key not in page
        assert there.village.name in chain


def test_the_district_sees_both(cast: Cast) -> None:
    home, case = moved_away(cast)
    page = shown(cast, "supervisor", home)
    assert f'href="/households/{case.household.key}/"' in page
    assert "外辖区的户" not in page
    assert "2026-07-16 迁移" in page


def test_afterwards_the_old_file_says_that_another_took_its_place(cast: Cast) -> None:
    home = homes.in_benefit(cast)
    draft = homes.draft_of(homes.head_died(cast, home))
    more = homes.ACCOUNT | {"members__1__relation": "CHILD"}
    new = homes.approve(cast, homes.to_decide(cast, draft, **more))
    old = shown(cast, "clerk", home)
    assert "已由接续的户取代" in old
    assert "/change/head/" not in old
    assert f'href="/households/{new.household.key}/"' in old
    assert "2026-07 至 2026-08" in old
    page = shown(cast, "clerk", new.household)
    assert f'href="/households/{home.key}/"' in page
    assert "2026-09 至 今，2 人，每月 1,182.00 元，接续" in page


def chain_of(cast: Cast, length: int, serial: int) -> Household:
    """So many households, each of which became the next; the first of them."""
    first = last = homes.on_the_roster(cast, serial, "妻")
    for i in range(1, length):
        change = HouseholdChange.objects.create(
            kind="HEAD", household=last, happened_on=DAY, reason="OTHER", note="演练情况",
            recorded_on=DAY, recorded_by_id=cast.clerk.human_id,
        )  # fmt: skip
        last = Household.objects.create(
            key=f"HC{serial}-{i}", head_name=f"演练第{i}", change=change,
            district=first.district, office=first.office, village=first.village,
        )  # fmt: skip
    return first


def statements(cast: Cast, home: Household) -> int:
    """How many statements the page takes."""
    client = cast.client("clerk")
    client.get(f"/households/{home.key}/")
    with CaptureQueriesContext(connection) as captured:
        assert client.get(f"/households/{home.key}/").status_code == 200
    return len([q for q in captured if "SAVEPOINT" not in q["sql"]])


def test_the_page_takes_so_many_statements(cast: Cast, home: Household) -> None:
    assert statements(cast, home) <= 10


def test_members_and_roles_add_no_statement(cast: Cast, home: Household) -> None:
    few = statements(cast, home)
    for serial in range(700, 706):
        homes.add(home, serial, "亲属", relation="OTHER")
    assert statements(cast, home) == few


def test_a_longer_chain_takes_no_more_statements(cast: Cast) -> None:
    assert statements(cast, chain_of(cast, 6, 31)) == statements(cast, chain_of(cast, 2, 32))


def test_the_whole_chain_is_shown_in_its_order(cast: Cast) -> None:
    first = chain_of(cast, 4, 31)
    middle = Household.objects.get(key="HC31-2")
    page = shown(cast, "clerk", middle)
    chain = page.partition('<ol class="chain">')[2].partition("</ol>")[0]
    places = [chain.index(name) for name in (first.head_name, "演练第1", "演练第2", "演练第3")]
    assert places == sorted(places)
    assert chain.count('aria-current="true"') == 1
