"""The time-limit engine: domain.md 6.1 and 6.3, and a second counting written on its own."""

from collections.abc import Iterable
from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuquan_relief.kernel.calendars import known_days
from yuquan_relief.kernel.workdays import LimitUnit, Window, WorkCalendar, merged

YEARS = range(2015, 2027)
DAY = timedelta(days=1)
D = date.fromisoformat


@pytest.fixture(scope="module")
def calendar() -> WorkCalendar:
    """The calendar as delivered."""
    return delivered()


def delivered() -> WorkCalendar:
    """2015–2026 as `load_reference` enters them."""
    changed = {day: change for year in YEARS for day, change in known_days(year).items()}
    return WorkCalendar(changed, YEARS)


CALENDAR = delivered()
NOTICE = Window(D("2026-10-09"), D("2026-10-15"), "审核公示期，不计入")
SECOND = Window(D("2026-10-22"), D("2026-10-28"), "拟批准公示期，不计入")


# accepted: {limit in working days: month and day by which}; the day of acceptance not counted
VECTORS = {
    "2020-08-03": "3 08-06, 20 08-31, 22 09-02, 30 09-14, 40 09-27",
    "2026-02-10": "3 02-13, 10 03-02, 15 03-09, 20 03-16, 22 03-18, 30 03-30, 40 04-14, 45 04-21",
    "2026-04-28": "3 05-06, 10 05-14, 15 05-21, 20 05-28, 22 06-01, 30 06-11, 40 06-26, 45 07-03",
    "2026-09-21": "3 09-24, 10 10-12, 15 10-19, 20 10-26, 22 10-28, 30 11-09, 40 11-23, 45 11-30",
}


@pytest.mark.clause("4(1).1")
@pytest.mark.parametrize(
    ("start", "limit", "due"),
    [
        (start, int(entry.split()[0]), f"{start[:4]}-{entry.split()[1]}")
        for start, row in VECTORS.items()
        for entry in row.split(", ")
    ],
)
def test_limit_from_acceptance(calendar: WorkCalendar, start: str, limit: int, due: str) -> None:
    assert calendar.due(D(start), limit).on == D(due)


@pytest.mark.clause("4(1).1")
@pytest.mark.parametrize(
    ("limit", "due"),
    [
        (20, "2026-11-03"),
        (22, "2026-11-05"),
        (30, "2026-11-17"),
        (40, "2026-12-01"),
        (45, "2026-12-08"),
    ],
)
def test_one_notice_is_not_counted(calendar: WorkCalendar, limit: int, due: str) -> None:
    assert calendar.due(D("2026-09-21"), limit, excluded=[NOTICE]).on == D(due)


@pytest.mark.clause("4(1).1")
@pytest.mark.parametrize(("limit", "due"), [(30, "2026-11-24"), (40, "2026-12-08")])
def test_every_notice_is_not_counted(calendar: WorkCalendar, limit: int, due: str) -> None:
    assert calendar.due(D("2026-09-21"), limit, excluded=[SECOND, NOTICE]).on == D(due)


def test_notice_over_national_day_costs_only_its_workdays(calendar: WorkCalendar) -> None:
    over = Window(D("2026-09-29"), D("2026-10-10"), "公示")  # 29, 30 September; 8, 9, 10 October
    alone = calendar.due(D("2026-09-21"), 30).on
    assert (
        calendar.workdays_between(alone, calendar.due(D("2026-09-21"), 30, excluded=[over]).on) == 5
    )


def test_notice_wholly_inside_a_holiday_costs_nothing(calendar: WorkCalendar) -> None:
    inside = Window(D("2026-10-01"), D("2026-10-07"), "公示")
    assert calendar.due(D("2026-09-21"), 30, excluded=[inside]) == calendar.due(D("2026-09-21"), 30)


@pytest.mark.parametrize(
    ("year", "days"),
    [(2020, 249), (2021, 250), (2022, 249), (2023, 249), (2024, 251), (2025, 248), (2026, 248)],
)
def test_working_days_of_a_year(calendar: WorkCalendar, year: int, days: int) -> None:
    assert calendar.workdays_between(date(year - 1, 12, 31), date(year, 12, 31)) == days


@pytest.mark.clause("4(1).3")
@pytest.mark.parametrize(
    ("day", "earlier"),
    [
        ("2026-01-10", "2026-01-09"),
        ("2026-05-10", "2026-05-09"),
        ("2026-10-10", "2026-10-10"),
        ("2026-02-20", "2026-02-14"),
        ("2026-06-20", "2026-06-18"),
        ("2026-09-20", "2026-09-20"),
        ("2026-12-20", "2026-12-18"),
    ],
)
def test_cut_off_and_pay_day_move_earlier(calendar: WorkCalendar, day: str, earlier: str) -> None:
    assert calendar.on_or_before(D(day)) == D(earlier)


@pytest.mark.clause("3(4)")
@pytest.mark.parametrize(
    ("day", "later"),
    [("2026-10-01", "2026-10-08"), ("2026-10-10", "2026-10-10"), ("2026-02-15", "2026-02-24")],
)
def test_a_citizens_last_day_moves_later(calendar: WorkCalendar, day: str, later: str) -> None:
    assert calendar.on_or_after(D(day)) == D(later)


def test_ten_days_after_18_september_2026_jump_the_golden_week(calendar: WorkCalendar) -> None:
    assert calendar.due(D("2026-09-18"), 10).on == D("2026-10-09")


def test_calendar_days_count_every_day(calendar: WorkCalendar) -> None:
    assert calendar.due(D("2026-09-30"), 3, LimitUnit.CALENDAR_DAY).on == D("2026-10-03")
    around = Window(D("2026-10-01"), D("2026-10-02"), "公示")
    due = calendar.due(D("2026-09-30"), 3, LimitUnit.CALENDAR_DAY, [around])
    assert due.on == D("2026-10-05")


# A year without its notice


def test_a_limit_that_reaches_into_2027_is_provisional(calendar: WorkCalendar) -> None:
    due = calendar.due(D("2026-12-21"), 30)
    assert due.is_provisional
    assert due.on == D("2027-02-01")  # by the week alone: 30 weekdays
    assert "2027 年安排未录入" in list(calendar.explain(D("2026-12-21"), 30))[-1].reason


def test_the_last_workday_of_2026_is_certain(calendar: WorkCalendar) -> None:
    assert not calendar.due(D("2026-12-21"), 8).is_provisional
    assert calendar.due(D("2026-12-21"), 8).on == D("2026-12-31")
    assert calendar.due(D("2026-12-21"), 9).is_provisional


def test_entering_the_year_moves_and_settles_the_date() -> None:
    rest = {D("2027-01-01"): (False, "元旦")}
    entered = WorkCalendar(CALENDAR.changed | rest, {*YEARS, 2027})
    due = entered.due(D("2026-12-21"), 30)
    assert (due.on, due.is_provisional) == (D("2027-02-02"), False)


def test_a_gap_between_published_years_is_provisional() -> None:
    gap = WorkCalendar({}, {2024, 2026})
    assert gap.due(D("2024-12-30"), 300).is_provisional
    assert gap.due(D("2025-12-30"), 5).is_provisional
    assert not gap.due(D("2026-01-05"), 5).is_provisional
    assert not gap.due(D("2024-01-05"), 5).is_provisional


def test_no_published_year_at_all_is_provisional_throughout() -> None:
    due = WorkCalendar({}, ()).due(D("2026-09-21"), 5)
    assert (due.on, due.is_provisional) == (D("2026-09-28"), True)


# Bounds


@pytest.mark.parametrize("day", ["2013-12-31", "2046-01-01"])
def test_a_day_outside_the_calendar_is_an_error_not_a_guess(day: str) -> None:
    with pytest.raises(ValueError, match="范围"):
        CALENDAR.due(D(day), 10)
    with pytest.raises(ValueError, match="范围"):
        CALENDAR.on_or_before(D(day))


def test_a_limit_that_runs_out_of_the_calendar_is_an_error() -> None:
    with pytest.raises(ValueError, match="范围"):
        CALENDAR.due(D("2045-12-29"), 1)


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_is_at_least_one(limit: int) -> None:
    with pytest.raises(ValueError, match="至少"):
        CALENDAR.due(D("2026-09-21"), limit)
    with pytest.raises(ValueError, match="至少"):
        list(CALENDAR.explain(D("2026-09-21"), limit))


# A second counting, day by day, written without looking at the first


def counted_by_hand(start: date, limit: int, closed: Iterable[Window] = ()) -> date:
    """Walk through the days; ask chinese_calendar about each."""
    shut = {w.first + DAY * i for w in closed for i in range((w.last - w.first).days + 1)}
    day = start
    while limit:
        day += DAY
        limit -= chinese_calendar.is_workday(day) and day not in shut
    return day


def windows() -> st.SearchStrategy[Window]:
    """Notices of up to three weeks anywhere around the case: before, across, beside each other."""
    first = st.dates(D("2019-12-15"), D("2020-06-30"))
    return st.builds(
        lambda day, length: Window(day, day + DAY * length, "公示"), first, st.integers(0, 20)
    )


@given(start=st.dates(D("2015-01-01"), D("2026-08-01")), limit=st.integers(1, 60))
def test_due_equals_counting_by_hand(start: date, limit: int) -> None:
    assert CALENDAR.due(start, limit).on == counted_by_hand(start, limit)


@given(
    start=st.dates(D("2020-01-01"), D("2020-03-31")),
    limit=st.integers(1, 60),
    closed=st.lists(windows(), max_size=5),
)
def test_due_around_notices_equals_counting_by_hand(
    start: date, limit: int, closed: list[Window]
) -> None:
    assert CALENDAR.due(start, limit, excluded=closed).on == counted_by_hand(start, limit, closed)


@given(
    start=st.dates(D("2020-01-01"), D("2020-03-31")),
    limit=st.integers(1, 40),
    unit=st.sampled_from(LimitUnit),
    closed=st.lists(windows(), max_size=4),
)
def test_the_explanation_ends_on_the_due_date_with_the_limit(
    start: date, limit: int, unit: LimitUnit, closed: list[Window]
) -> None:
    days = list(CALENDAR.explain(start, limit, unit, closed))
    assert days[-1].day == CALENDAR.due(start, limit, unit, closed).on
    assert [d.number for d in days if d.number] == list(range(1, limit + 1))
    assert [d.day for d in days] == [start + DAY * i for i in range(len(days))]
    assert all(d.reason for d in days)


@pytest.mark.parametrize("year", YEARS)
def test_every_day_of_the_year_as_the_notice_has_it(year: int) -> None:
    first = date(year, 1, 1)
    days = [first + DAY * i for i in range((date(year + 1, 1, 1) - first).days)]
    wrong = [d for d in days if CALENDAR.is_workday(d) != chinese_calendar.is_workday(d)]
    assert wrong == []


# Windows


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([("01-05", "01-08"), ("01-07", "01-10")], [("01-05", "01-10")]),  # overlapping
        ([("01-05", "01-08"), ("01-09", "01-10")], [("01-05", "01-10")]),  # adjacent
        ([("01-09", "01-10"), ("01-05", "01-07")], [("01-05", "01-07"), ("01-09", "01-10")]),
        ([("01-05", "01-20"), ("01-07", "01-08")], [("01-05", "01-20")]),  # one inside the other
        ([("01-01", "01-04")], [("01-03", "01-04")]),  # begun before the start (2 January)
        ([("01-01", "01-02")], []),  # over before the start
    ],
)
def test_windows_become_disjoint_pairs(
    pairs: list[tuple[str, str]], expected: list[tuple[str, str]]
) -> None:
    given_windows = [Window(D(f"2026-{a}"), D(f"2026-{b}"), "") for a, b in pairs]
    assert merged(given_windows, D("2026-01-02")) == [
        (D(f"2026-{a}"), D(f"2026-{b}")) for a, b in expected
    ]


def test_the_start_day_inside_a_notice_is_not_counted_twice(calendar: WorkCalendar) -> None:
    over = Window(D("2026-09-20"), D("2026-09-22"), "公示")  # costs only the 22nd
    assert calendar.due(D("2026-09-21"), 1, excluded=[over]).on == D("2026-09-23")
