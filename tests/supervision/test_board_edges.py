"""The board at its edges: due days beside days off, lists that are late, ages, and two clicks
from a red cell to the evidence (G7)."""

import csv
import io
import re
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest

from cases.models import Case
from supervision.models import Finding
from supervision.operations.checking import run_checks
from supervision.reports.accountability import lines_of
from supervision.reports.board import LEFT, board, heat
from supervision.reports.figures import figure, figure_rows, months
from tests.cases.days import at
from tests.cast import Cast
from tests.supervision.district import BARE, settle
from tests.supervision.ground import ON, Ground
from yuquan_relief.kernel.actor import ROBOT
from yuquan_relief.kernel.calendars import work_calendar
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.models import Unit

# A Wednesday before days off, a day within them, and an ordinary Friday (2026).
EVE = date(2026, 9, 30)
DAYS = {ON: "an ordinary Friday", EVE: "the eve of the holidays", date(2026, 10, 3): "within them"}


pytestmark = pytest.mark.usefixtures("that_day")


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


# ------------------------------------------------------------------ a day that is over


def told(key: str, *acts: tuple[date, str, date | None], of: str = "case") -> None:
    """What the chain says: on which day, the state (or none), the due day (or none)."""
    for day, after, due in acts:
        record(of, key, "act", actor=ROBOT, on=day, after=after, due_on=due)


def then(cast: Cast, code: str) -> tuple[int, int]:
    """The number of the month that is over, as tables and the interface have it, and its rows."""
    asked = months(LAST, LAST)
    rows = figure_rows(code, cast.supervisor, asked)
    return figure(code, cast.supervisor, asked).numerator, len(rows)


LAST = date(2026, 10, 31)
AWAKE, LATER = "INVESTIGATING", date(2026, 11, 20)
CLOCKS: dict[str, tuple[int, list[tuple[date, str, date | None]]]] = {
    "late": (1, [(date(2026, 9, 1), AWAKE, LAST - timedelta(days=1))]),
    "due that day": (0, [(date(2026, 9, 1), AWAKE, LAST)]),
    "moved before": (0, [(date(2026, 9, 1), AWAKE, date(2026, 10, 9)), (LAST, "", LATER)]),
    "moved after": (1, [(date(2026, 9, 1), AWAKE, date(2026, 10, 9)), (LATER, "", LATER)]),
    "no clock": (0, [(date(2026, 9, 1), AWAKE, date(2026, 10, 9)), (LAST, "CORRECTING", None)]),
    "looked at": (1, [(date(2026, 9, 1), AWAKE, date(2026, 10, 9)), (LAST, "", None)]),
    "not yet accepted": (0, [(date(2026, 11, 2), AWAKE, date(2026, 10, 9))]),
}


@pytest.mark.parametrize("decided", [None, LAST, LAST + timedelta(days=1)])
@pytest.mark.parametrize(("number", "acts"), CLOCKS.values(), ids=CLOCKS)
def test_late_of_a_month_that_is_over_is_what_was_late_then(
    cast: Cast, ground: Ground, number: int, acts: list[Any], decided: date | None
) -> None:
    """Whatever became of it since: what was decided after, or has another day now."""
    state = {"state": "APPROVED", "decided_on": decided} if decided else {"state": AWAKE}
    case = ground.case(without=BARE, **state)
    told(case.no, *acts)
    true = 0 if decided == LAST else number
    assert then(cast, "late") == (true, true)
    assert board(cast.supervisor, ON).total("late") == 0


def test_findings_of_a_month_that_is_over_are_those_open_then(cast: Cast, ground: Ground) -> None:
    """One ended before, one after, one ended and was judged anew, one was not there yet."""
    day = timedelta(days=1)
    ends: list[list[tuple[date, str, date | None]]] = [
        [(LAST, "DONE", None)], [(LAST + day, "DONE", None)],
        [(LAST - day, "DONE", None), (LAST, "ANSWERED", None), (ON, "DONE", None)], [],
    ]  # fmt: skip
    for n, acts in enumerate(ends):
        opened = LAST - 9 * day if acts else LAST + day
        Finding.objects.create(
            no=f"HC-{n}", district=cast.district, office=cast.office, state="DONE", source="HAND",
            opened_on=opened, severity="M", cites="8", subject_kind="office",
            subject_key=cast.office.code, mark=str(n), what="发现", owner="office_staff",
            last_seen_on=opened,
        )  # fmt: skip
        told(f"HC-{n}", *acts, of="finding")
    assert then(cast, "findings_open") == (2, 2)
    assert board(cast.supervisor, ON).total("findings_open") == 0


# ------------------------------------------------------------------ families, visits


def test_who_applied_again_is_one_family_of_the_five_per_cent(cast: Cast, ground: Ground) -> None:
    """Each application makes a household: the same head is the same family (18(4))."""
    home = ground.home()
    again = ground.home(head={"id_no": ground.head(home).id_no})
    for one in (home, home, again, ground.home()):
        case = ground.case(one, without=BARE, decided_on=date(2026, 9, 1))
        Finding.objects.create(
            no=f"HC-{case.no}", district=cast.district, office=cast.office, state="DONE",
            source="HAND", opened_on=ON, severity="M", cites="8", subject_kind="case",
            subject_key=case.no, what="发现", owner="office_staff", last_seen_on=ON,
            household=one, outcome="TRUE", verdict="属实", judged_on=ON, is_error=True,
            error_year=ON.year,
        )  # fmt: skip
    shown = board(cast.supervisor, ON)
    line = shown.error_line()
    assert (line.wrong, line.approved) == (2, 2)
    assert count_of(cast, shown.url("errors")) == 2
    assert count_of(cast, shown.url("errors", whole=True)) == 2
    assert lines_of(cast.supervisor, ON.year)[cast.office.pk] == line
    run_checks(cast.district, actor=ROBOT, on=ON, rules=["R74"])
    assert Finding.objects.get(rule="R74").evidence == {"wrong": 2, "approved": 2}


@pytest.mark.parametrize("of", ["itself", "the one before", "the one before that"])
@pytest.mark.parametrize("way", ["visit", "survey"])
@pytest.mark.parametrize("day", [date(2026, 1, 1), date(2025, 12, 31)])
def test_a_visit_of_the_year_counts_for_figure_and_rule(
    cast: Cast, ground: Ground, way: str, of: str, day: date
) -> None:
    """By a contact or to survey the case, also while the benefit was another one."""
    names = ("the one before that", "the one before", "itself")
    before = None
    for at_month, name in enumerate(names, 1):
        last = None if name == "itself" else date(2026, at_month, 1)
        before = ground.benefit(
            before.household if before else None, visited=None, continues=before,
            start_month=date(2026, at_month, 1), paid_with=date(2026, at_month, 1),
            end_month=last,
        )  # fmt: skip
        if name == of and way == "visit":
            ground.contact(before, day)
        elif name == of:
            case = ground.case(before.household, without=BARE)
            ground.survey(case, visited_on=day)
            type(before).objects.filter(pk=before.pk).update(source_case=case)
    counts = day.year == ON.year and of != "the one before that"
    shown = board(cast.supervisor, ON)
    assert (shown.values["visited"].numerator, shown.values["visited"].denominator) == (counts, 1)
    run_checks(cast.district, actor=ROBOT, on=ON, rules=["R50"])
    found = Finding.objects.filter(rule="R50", what__contains="没有入户")
    assert found.exists() is not counts


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
