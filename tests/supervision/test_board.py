"""The board of a whole district (ux 2.5): every number a link to a list that has as many, every
cell its own cases, and for an office's leaders nothing but their office."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from cases.models import Case
from supervision.reports.board import PERIODS, Asked, Board, board, heat
from supervision.reports.board_page import basis, page_of, wall_of
from supervision.rules.figures import FIGURES
from tests.supervision.district import District, standing
from tests.supervision.ground import MONTH, ON
from tests.supervision.test_board_blocks import broken
from yuquan_relief.kernel.calendars import work_calendar
from yuquan_relief.kernel.models import Unit

TARGETS = ("目标", "应查", "完成")  # follow from the numbers beside them


@pytest.fixture(scope="module")
def district(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, worker_name: str
) -> Iterator[District]:
    """The district, made once."""
    with standing(django_db_blocker, worker_name, 3) as made:
        yield made


def keys_of(district: District, url: str, who: str = "supervisor") -> list[str]:
    """The numbers of the rows of the list at the address."""
    content = district.cast.client(who).get(f"{url}&as=csv").content.decode("utf-8-sig")
    return [row[1] for row in csv.reader(io.StringIO(content))][1:]


Number = tuple[str, str, str]


def cards_of(shown: dict[str, Any]) -> Iterator[Number]:
    """(what, text, address) of cards and bars."""
    for card in [*shown["cards"], *shown["others"]]:
        yield card["label"], str(card["value"]), card["url"]
    for bar in shown["ages"].bars if shown["ages"] else []:
        yield bar["label"], bar["text"], bar.get("url", "")


def cells_of(shown: dict[str, Any]) -> Iterator[Number]:
    """The same of the heat table and the other tables."""
    for row in shown["heat"]["rows"] if shown["heat"] else []:
        for label, cell in zip(shown["heat"]["columns"], row["cells"], strict=True):
            yield f"{row['label']} {label}", str(cell["value"]), cell["url"]
    for table in (shown["samples"], shown["offices"], shown["money"]["table"]):
        for line in table.lines:
            for head, cell in line[1:]:
                if head not in TARGETS:
                    yield f"{line[0][1].text} {head}", cell.text, cell.url


def numbers(report: Board, actor: Any) -> list[Number]:
    """Every number of the page that is counted."""
    shown = page_of(report, actor, ON)
    return [*cards_of(shown), *cells_of(shown)]


# ------------------------------------------------------------------ cards and definitions


def test_the_four_numbers_of_liability_come_first_with_their_definitions(
    district: District,
) -> None:
    browser = district.cast.client("supervisor")
    answer = browser.get("/board/")
    cards = [*answer.context["cards"], *answer.context["others"]]
    codes = [card["url"].split("/")[2] for card in cards]
    assert codes[:4] == ["late", "paid_in_time", "visited", "errors"]
    html = answer.content.decode()
    order = ["超期在办", "10 日前发放", "今年入户", "红线 5%", "时限热表", "各街镇情况"]
    assert [html.index(text) for text in order] == sorted(html.index(text) for text in order)
    assert html.count("<summary>看口径") == len(cards)
    for card in cards:
        assert "《办法》" in card["basis"], card["label"]
        assert browser.get(card["url"]).status_code == 200


def test_a_definition_has_the_words_and_numbers_of_the_figure(district: District) -> None:
    report = board(district.cast.supervisor, ON)
    for code in PERIODS:
        text, value = basis(report.values[code]), report.values[code]
        assert FIGURES[code].numerator in text
        if not FIGURES[code].is_money:
            assert f"（{value.numerator:,}）" in text
            assert value.denominator is None or f"（{value.denominator:,}）" in text


def test_every_number_of_the_page_is_a_link_that_opens(district: District) -> None:
    browser = district.cast.client("supervisor")
    report = board(district.cast.supervisor, ON)
    found = [n for n in numbers(report, district.cast.supervisor) if re.search(r"[1-9]", n[1])]
    assert len(found) > 60
    assert {url for _, _, url in found if url and browser.get(url).status_code != 200} == set()
    assert [what for what, _, url in found if not url] == []


@pytest.mark.parametrize("filtered", ["nothing", "office", "programme", "month"])
def test_a_number_is_as_many_as_its_list_has(district: District, filtered: str) -> None:
    changes: dict[str, Any] = {
        "office": {"office_id": district.offices[1].pk},
        "programme": {"programme": "URGENT_RELIEF"},
        "month": {"month": MONTH.replace(month=8)},
    }.get(filtered, {})
    actor = district.cast.supervisor
    report = board(actor, ON, Asked(**{"month": MONTH} | changes))
    wrong, looked_at = [], 0
    for what, text, url in numbers(report, actor):
        if url and re.fullmatch(r"[\d,]+", text):
            looked_at += 1
            if len(keys_of(district, url)) != int(text.replace(",", "")):
                wrong.append((what, text, len(keys_of(district, url))))
    assert wrong == []
    assert looked_at > 10


def test_shares_of_offices_are_those_of_their_lists(district: District) -> None:
    report = board(district.cast.supervisor, ON)
    for code in ("decided_in_time", "visited", "errors", "files_complete", "sampled_new"):
        for office, value in report.by_office[code].items():
            assert len(keys_of(district, report.url(code, office))) == value.numerator, code
            whole = keys_of(district, report.url(code, office, whole=True))
            assert len(whole) == value.denominator, (code, office)


# ------------------------------------------------------------------ heat


def test_cells_partition_the_open_cases(district: District) -> None:
    shown, seen = heat(board(district.cast.supervisor, ON)), []
    for row in shown["rows"]:
        for cell in row["cells"]:
            assert bool(cell["url"]) == bool(cell["value"])
            keys = keys_of(district, cell["url"]) if cell["url"] else []
            assert len(keys) == cell["value"]
            seen += keys
    assert len(seen) == len(set(seen))
    assert set(seen) == {c.no for c in district.cases if c.due_on}


# ------------------------------------------------------------------ who sees what


@pytest.mark.parametrize("who", ["leader", "chief"])
def test_a_leader_sees_the_own_office_whatever_the_address_says(
    district: District, who: str
) -> None:
    mine, other = district.offices[0], district.offices[1]
    for query in ("", f"?office={other.pk}", f"?office={mine.pk}"):
        answer = district.cast.client(who).get(f"/board/{query}")
        report = answer.context["report"]
        assert [unit.pk for unit in report.offices] == [mine.pk]
        theirs = board(district.cast.supervisor, ON, Asked(month=MONTH, office_id=mine.pk))
        assert report.values == theirs.values
        assert "乙街道" not in answer.content.decode()
        assert set().union(*(rows for rows in report.by_office.values())) <= {mine.pk}


@pytest.mark.parametrize("who", ["leader", "chief"])
def test_lists_of_a_leader_have_nothing_of_another_office(district: District, who: str) -> None:
    other, browser = district.offices[1], district.cast.client(who)
    theirs = set(Case.objects.filter(office=other).values_list("no", flat=True))
    assert len(theirs) > 5
    for code in FIGURES:
        query = f"office={other.pk}&as=csv&first=2020-01-01"
        text = browser.get(f"/figures/{code}/?{query}").content.decode("utf-8-sig")
        assert "乙街道" not in text, code
        assert not theirs & set(re.findall(r"DB-\d+", text)), code


@pytest.mark.parametrize("who", ["clerk", "surveyor", "accountant", "worker", "sysadmin"])
def test_who_has_no_board_is_refused(district: District, who: str) -> None:
    browser = district.cast.client(who)
    for url in ("/board/", "/board/?as=csv", "/figures/late/", "/figures/late/?as=csv"):
        assert browser.get(url).status_code == 403
    assert district.cast.client("supervisor").get("/figures/none/").status_code == 404


@pytest.mark.parametrize("who", ["supervisor", "leader", "chief", "bureau"])
def test_rows_of_every_list_open_for_who_sees_them(district: District, who: str) -> None:
    """A row whose page is refused tells of what is kept from the reader: complaints (7.2)."""
    browser, wrong = district.cast.client(who), {}
    for code in FIGURES:
        for whole in ("", "&whole=1"):
            context = browser.get(f"/figures/{code}/?first=2020-01-01{whole}").context
            urls = [row[0].url for row in context["table"].rows]
            if code in ("satisfied", "aware") and who in ("leader", "chief") and not any(urls):
                continue  # sheets are the bureau's: an office sees how many, and opens none
            if code.startswith("petitions") and who == "chief" and not any(urls):
                continue  # nor does who only looks open what was told of the office
            got = {browser.get(url).status_code if url else 0 for url in urls[:1]}
            if got - {200}:
                wrong[code + whole] = got
    assert not wrong, "\n".join(f"{code}: {got}" for code, got in wrong.items())


def test_another_district_is_no_part_of_it(district: District) -> None:
    report = board(district.cast.supervisor, ON)
    assert report.offices == district.offices
    assert Unit.objects.offices().count() == len(report.offices) + 1
    for code, rows in report.by_office.items():
        mine = {unit.pk for unit in district.offices} | {district.cast.district.pk}
        assert set(rows) <= mine, code


# ------------------------------------------------------------------ file, addresses, cost


def test_the_file_is_the_table_of_offices(district: District) -> None:
    browser = district.cast.client("supervisor")
    answer = browser.get("/board/")
    table = answer.context["offices"]
    content = browser.get("/board/?as=csv").content.decode("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(content))
    assert tuple(head) == table.heads
    assert rows == [[cell.text for cell in row] for row in table.rows]
    assert len(rows) == 4
    assert "data-print" in answer.content.decode()


ADDRESSES = ("month=2026-07", "month=1899-01", "month=x&office=x", "month=2099-01",
             "programme=NONE", "office=999999")  # fmt: skip


@pytest.mark.parametrize("query", ADDRESSES)
def test_any_address_is_answered(district: District, query: str) -> None:
    browser = district.cast.client("supervisor")
    assert browser.get(f"/board/?{query}").status_code == 200
    for more in ("due_from=x&last=y", "first=2026-12-31&last=2026-01-01", "page=99", "paused=7"):
        assert browser.get(f"/figures/open/?{query}&{more}").status_code == 200


def test_the_board_costs_fifteen_statements_at_most(
    district: District, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    work_calendar()
    with django_assert_max_num_queries(15):
        report = board(district.cast.supervisor, ON)
        page_of(report, district.cast.supervisor, ON)


# ------------------------------------------------------------------ the wall


def test_the_wall_has_the_numbers_of_the_board(district: District) -> None:
    browser = district.cast.client("supervisor")
    wall, page = browser.get("/board/wall/").context, browser.get("/board/").context
    assert wall["cards"] == page["cards"]
    assert wall["ages"] == page["ages"]
    assert [tile["label"] for tile in wall["tiles"]] == [u.short_name for u in district.offices]
    assert sum(tile["open"] for tile in wall["tiles"]) == page["report"].total("open") > 0
    assert sum(tile["late"] for tile in wall["tiles"]) == page["report"].total("late") > 0
    for tile in wall["tiles"]:
        assert len(keys_of(district, tile["url"])) == (tile["late"] or tile["open"])
        assert tile["level"] > 0 or not tile["open"]


def test_a_square_says_in_words_what_is_late(district: District) -> None:
    answer = district.cast.client("supervisor").get("/board/wall/")
    html = answer.content.decode()
    late = [tile for tile in answer.context["tiles"] if tile["late"]]
    assert html.count('class="over"') == len(late) > 0
    for tile in late:
        assert f"✗ 超期 {tile['late']} 件" in html


@pytest.mark.parametrize("who", ["leader", "chief"])
def test_the_wall_of_a_leader_shows_the_own_office(district: District, who: str) -> None:
    answer = district.cast.client(who).get("/board/wall/")
    assert [tile["label"] for tile in answer.context["tiles"]] == [district.offices[0].short_name]
    assert "乙街道" not in answer.content.decode()


def test_the_wall_stands_without_what_cannot_be_read(district: District) -> None:
    browser = district.cast.client("supervisor")
    assert "暂时读不出来" not in browser.get("/board/wall/").content.decode()
    with connection.execute_wrapper(broken("SELECT c.office_id, c.state, c.due_on")):
        html = browser.get("/board/wall/").content.decode()
    assert 'href="/board/wall/">重新读取' in html
    assert "各街镇在办" in html


def test_the_wall_costs_less_than_the_board(
    district: District, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    work_calendar()
    with django_assert_max_num_queries(11):
        wall = wall_of(board(district.cast.supervisor, ON))
    assert len(wall["tiles"]) == len(district.offices)
