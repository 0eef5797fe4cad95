"""The board at its edges: due days beside days off, lists that are late, ages, and two clicks
from a red cell to the evidence (G7)."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest

from cases.models import Case
from supervision.reports.board import LEFT, board, heat
from tests.cases.days import at
from tests.cast import Cast
from tests.supervision.district import BARE, settle
from tests.supervision.ground import ON, Ground
from yuquan_relief.kernel.calendars import work_calendar
from yuquan_relief.kernel.models import Unit

# A Wednesday before days off, a day within them, and an ordinary Friday (2026).
EVE = date(2026, 9, 30)
DAYS = {ON: "an ordinary Friday", EVE: "the eve of the holidays", date(2026, 10, 3): "within them"}


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    """The day of the ground."""
    with at(ON):
        yield


@pytest.fixture
def ground(cast: Cast) -> Ground:
    """A sound district, nothing in it."""
    return Ground(cast)


def board_of(cast: Cast) -> Any:
    """The board as the supervisor sees it; its context."""
    return cast.client("supervisor").get("/board/").context


def count_of(cast: Cast, url: str) -> int:
    """How many rows the list at the address has."""
    content = cast.client("supervisor").get(f"{url}&as=csv").content.decode("utf-8-sig")
    return len(list(csv.reader(io.StringIO(content)))) - 1


# ------------------------------------------------------------------ cards


def list_of(ground: Ground, office: Unit, village: Unit, state: str) -> None:
    """The office's list of the month with one line: paid where it is closed."""
    batch = ground.batch(office=office, state="OPEN", serial=1, closed_on=None)
    line = "PAID" if state == "CLOSED" else "PENDING"
    ground.line(batch, ground.benefit(village=village), state=line)
    settle(batch, state)


@pytest.mark.parametrize("state", ["OPEN", "LOCKED", "APPROVED", "SENT"])
def test_an_office_whose_list_is_not_paid_by_the_tenth_is_behind(
    cast: Cast, ground: Ground, state: str
) -> None:
    list_of(ground, cast.office, cast.village, "CLOSED")
    list_of(ground, cast.other_office, cast.foreign_village, state)
    card = board_of(cast)["cards"][1]
    assert (card["value"], card["note"]) == ("1 / 2", "差 乙街道")
    assert count_of(cast, card["url"] + "&whole=1") == 2


def test_an_office_that_has_people_in_benefit_and_no_list_is_behind(
    cast: Cast, ground: Ground
) -> None:
    list_of(ground, cast.office, cast.village, "CLOSED")
    ground.benefit(village=cast.foreign_village)
    card = board_of(cast)["cards"][1]
    assert (card["value"], card["note"]) == ("1 / 2", "差 乙街道")


def test_few_approvals_and_the_way_to_five_per_cent_are_told_in_words(
    cast: Cast, ground: Ground
) -> None:
    for _ in range(3):
        ground.case(without=BARE)
    assert board_of(cast)["cards"][3]["note"] == "再有 1 户达 5%（基数小）"


# ------------------------------------------------------------------ heat and ageing


def edges(ground: Ground, on: date) -> dict[str, date]:
    """Due days at the edges of every column, working day or not."""
    calendar = work_calendar()
    found = {"yesterday": on - timedelta(days=1), "today": on, "tomorrow": on + timedelta(days=1)}
    for left in (1, 3, 4, 7, 8, 15, 16):
        found[f"{left} left"] = calendar.add_workdays(on, left)
        found[f"{left} left, the day off after"] = (
            calendar.add_workdays(on, left + 1) - timedelta(days=1)
        )  # fmt: skip
    for day in found.values():
        ground.case(state="INVESTIGATING", without=BARE, due_on=day)
    return found


def slot(on: date, due: date) -> str:
    """The column by counting days one by one."""
    calendar = work_calendar()
    if due < on:
        return "已超"
    days = [on + timedelta(days=n) for n in range(1, (due - on).days + 1)]
    left = sum(1 for day in days if calendar.is_workday(day))
    for label, low, high in LEFT[1:]:
        if (low or 0) <= left and (high is None or left <= high):
            return label
    raise AssertionError(due)


@pytest.mark.parametrize("on", DAYS, ids=DAYS.values())
def test_a_heat_cell_lists_exactly_its_cases(cast: Cast, ground: Ground, on: date) -> None:
    edges(ground, on)
    ground.case(state="REVIEW_NOTICE", without=BARE, due_on=on + timedelta(days=2))
    with at(on):
        shown = heat(board(cast.supervisor, on))
        row = shown["rows"][0]
        cells = dict(zip(shown["columns"], row["cells"], strict=True))
        true = dict.fromkeys(shown["columns"], 0) | {"公示停表": 1}
        for case in Case.objects.filter(state="INVESTIGATING"):
            assert case.due_on is not None
            true[slot(on, case.due_on)] += 1
        assert {label: cell["value"] for label, cell in cells.items()} == true
        for label, cell in cells.items():
            assert cell["value"] == 0 or count_of(cast, cell["url"]) == cell["value"], label
        assert cells["已超"]["over"]


def test_the_red_cells_add_up_to_the_number_on_the_first_card(cast: Cast, ground: Ground) -> None:
    """Late is late, also while a notice hangs: the clock stands, but it had run out before."""
    ground.case(state="INVESTIGATING", without=BARE, due_on=ON - timedelta(days=2))
    ground.case(state="APPROVAL_NOTICE", without=BARE, due_on=ON - timedelta(days=1))
    context = board_of(cast)
    assert context["cards"][0]["value"] == 2
    assert sum(row["cells"][0]["value"] for row in context["heat"]["rows"]) == 2


def test_ages_add_up_to_the_open_cases_and_count_working_days(cast: Cast, ground: Ground) -> None:
    """Also what came in today and nobody has accepted yet is open."""
    calendar = work_calendar()
    ages = [0, 5, 6, 10, 11, 30, 31, 60]
    for days in ages:
        accepted = ON
        while calendar.workdays_between(accepted, ON) < days:
            accepted -= timedelta(days=1)
        ground.case(state="INVESTIGATING", without=BARE, accepted_on=accepted)
    context = board_of(cast)
    bars = {bar["label"]: bar["value"] for bar in context["ages"].bars}
    assert bars == {"0–5": 2, "6–10": 2, "11–15": 1, "16–20": 0, "21–25": 0, "26–30": 1, ">30": 2}
    ground.case(state="SUBMITTED", without=BARE, accepted_on=None, submitted_on=ON)
    context = board_of(cast)
    assert sum(bar["value"] for bar in context["ages"].bars) == context["report"].total("open") == 9


def test_from_a_red_cell_to_the_evidence_in_two_clicks(cast: Cast, ground: Ground) -> None:
    """G7: board → cell → case; the case's page leads on to its evidence, as its second tab."""
    late = ground.case(state="INVESTIGATING", due_on=ON - timedelta(days=1))
    for n in range(5):
        ground.case(state="INVESTIGATING", due_on=ON + timedelta(days=n))
    browser, clicks = cast.client("supervisor"), 0
    html = browser.get("/board/").content.decode()
    red = re.findall(r'<td class="over"><a href="([^"]+)"', html)
    assert len(red) == 1
    listed = browser.get(unescape(red[0])).content.decode()
    clicks += 1
    rows = re.findall(r'<a href="(/cases/[^"]+)"', listed)
    assert rows == [f"/cases/{late.no}/"]
    case = browser.get(rows[0])
    clicks += 1
    assert (case.status_code, clicks) == (200, 2)
    assert f"/cases/{late.no}/evidence/" in case.content.decode()
