"""The roster of any date, and stock and flow (domain 12.1)."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from cases.models import Benefit, Household, Member, ReviewDue
from cases.operations import reviews
from cases.operations.review_calendar import schedule
from cases.reports.flow import FlowRow, flow_of
from cases.reports.roster import RosterRow, roster_page
from tests.benefit import walks
from tests.cases.days import at
from tests.cast import Cast
from tests.funds import payouts

DAY = date(2026, 11, 10)
OCTOBER, NOVEMBER, DECEMBER = (date(2026, m, 1) for m in (10, 11, 12))


@pytest.fixture
def benefit(cast: Cast) -> Benefit:
    return payouts.in_benefit(cast, 1, village=cast.village)


def shown(cast: Cast, month: date, name: str = "staff", **query: str) -> list[tuple[str, int, int]]:
    page = roster_page(cast.actors[name], query, month)
    return [(row.key, row.persons, row.total_fen) for row in page.rows]


def test_each_month_shows_what_was_given_in_it(cast: Cast, benefit: Benefit) -> None:
    walks.told(cast, benefit, DAY, walks.from_roster(annual=15_000))
    assert shown(cast, NOVEMBER) == [("B1", 2, 682_00)]
    assert shown(cast, DECEMBER) == [("B1", 2, 432_00)]
    assert shown(cast, date(2025, 12, 1)) == []


def test_who_has_left_is_in_the_past_months_only(cast: Cast, benefit: Benefit) -> None:
    walks.told(cast, benefit, DAY, walks.from_roster(how="STOP", ground="MOVED", reason="迁出"))
    assert shown(cast, NOVEMBER) == [("B1", 2, 682_00)]
    assert shown(cast, DECEMBER) == []


def test_a_year_that_is_not_divisible_is_shown_by_its_month_table(cast: Cast) -> None:
    payouts.in_benefit(cast, 1, year_fen=9_688_00, monthly_fen=807_33, persons=1)
    months = [date(2026, m, 1) for m in range(1, 13)]
    assert sum(shown(cast, month)[0][2] for month in months) == 9_688_00


def test_scope_filters_and_totals(cast: Cast, benefit: Benefit) -> None:
    payouts.in_benefit(cast, 2, village=cast.other_village, programme="RURAL_ALLOWANCE")
    payouts.in_benefit(cast, 3, village=cast.foreign_village)
    assert [k for k, *_ in shown(cast, NOVEMBER, "clerk")] == ["B1"]
    assert [k for k, *_ in shown(cast, NOVEMBER)] == ["B1", "B2"]
    assert len(shown(cast, NOVEMBER, "supervisor")) == 3
    assert shown(cast, NOVEMBER, "sysadmin") == []
    assert [k for k, *_ in shown(cast, NOVEMBER, programme="RURAL_ALLOWANCE")] == ["B2"]
    assert [k for k, *_ in shown(cast, NOVEMBER, village=str(cast.other_village.pk))] == ["B2"]
    assert len(shown(cast, NOVEMBER, village="x", programme="Z", category="Q")) == 2
    page = roster_page(cast.supervisor, {}, NOVEMBER)
    assert (page.households, page.persons, page.total_fen) == (3, 6, 3 * 682_00)


def test_pages_go_both_ways(cast: Cast) -> None:
    for serial in range(1, 8):
        payouts.in_benefit(cast, serial)
    first = roster_page(cast.staff, {}, NOVEMBER, size=3)
    assert (len(first.rows), first.previous_url, first.households) == (3, "", 7)
    assert "from=3" in first.next_url
    last = roster_page(cast.staff, {"from": "6"}, NOVEMBER, size=3)
    assert (len(last.rows), last.next_url) == (1, "")
    assert "from=3" in last.previous_url
    past = roster_page(cast.staff, {"from": "99"}, NOVEMBER, size=3)
    assert (past.rows, past.households) == ([], 7)


def on(cast: Cast, day: date) -> RosterRow:
    """The only household as it stood on the day; the clock shows the end of January."""
    with at(date(2027, 1, 27)):
        return roster_page(cast.staff, {}, day).rows[0]


def test_last_contacts_are_those_up_to_the_day(cast: Cast, benefit: Benefit) -> None:
    walks.visited(cast, benefit, DAY)
    walks.visited(cast, benefit, DAY, kind="SIGN_IN", means="PHONE")
    row = on(cast, DAY)
    assert (row.visited_on, row.seen_on, row.reported_on) == (DAY, DAY, None)
    assert on(cast, DAY - timedelta(1)).visited_on is None


@pytest.mark.clause("18(5)")
def test_what_was_due_on_a_past_day_is_what_was_due_then(cast: Cast, benefit: Benefit) -> None:
    first, day = date(2026, 11, 2), date(2026, 12, 10)
    assert schedule(first) == 1
    benefit.refresh_from_db()
    was = benefit.review_due_on
    review = walks.proposed(cast, benefit, day, walks.from_roster(annual=12_000))
    assert (on(cast, day).review_no, on(cast, day - timedelta(1)).review_no) == (review.no, None)
    reviews.keep(review.no, actor=cast.leader, on=day, proof=cast.proof("leader", "维持"))
    benefit.refresh_from_db()
    assert benefit.review_due_on == date(2027, 6, 30) != was
    assert on(cast, day - timedelta(1)).due_on == was
    assert on(cast, day).due_on == on(cast, date(2027, 2, 1)).due_on == date(2027, 6, 30)
    assert on(cast, first - timedelta(1)).due_on is None  # nothing was planned yet
    assert on(cast, day).review_no is None


def test_without_its_rows_a_past_day_would_show_what_is_due_now(
    cast: Cast, benefit: Benefit
) -> None:
    """The twin: the same query on the benefit's own date."""
    schedule(date(2026, 11, 2))
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        ReviewDue.objects.all().update(due_on=None)
    Benefit.objects.update(review_due_on=date(2030, 1, 31))  # past the one road
    assert on(cast, DAY).due_on != date(2030, 1, 31)
    assert on(cast, date(2027, 2, 1)).due_on == date(2030, 1, 31)


def test_the_head_of_a_past_day_is_who_was_head_then(cast: Cast, benefit: Benefit) -> None:
    old = benefit.household.members.get()
    Member.objects.filter(pk=old.pk).update(
        joined_on=date(2026, 1, 1), left_on=DAY, left_reason="DIED"
    )
    payouts.member(benefit.household, 77, "演练新户主", joined_on=DAY)
    Household.objects.filter(pk=benefit.household_id).update(head_name="演练新户主")
    assert on(cast, DAY - timedelta(1)).head_name == old.name
    assert on(cast, DAY).head_name == "演练新户主"


def test_one_statement_whatever_the_number(cast: Cast) -> None:
    counts = []
    for serial in (1, 30):
        for n in range(serial * 100, serial * 100 + serial):
            payouts.in_benefit(cast, n)
        with CaptureQueriesContext(connection) as seen:
            roster_page(cast.staff, {}, NOVEMBER)
            flow_of(cast.staff, NOVEMBER)
        counts.append(len(seen))
    assert counts == [2, 2]


def test_stock_and_flow_add_up(cast: Cast, benefit: Benefit) -> None:
    leaves, grows = payouts.in_benefit(cast, 2), payouts.in_benefit(cast, 3)
    payouts.in_benefit(cast, 4, start_month=DECEMBER, paid_with=DECEMBER, persons=3)
    walks.told(cast, leaves, DAY, walks.from_roster(how="STOP", ground="MOVED", reason="迁出"))
    walks.told(cast, grows, DAY, walks.from_roster(persons=3))
    old = payouts.in_benefit(cast, 5, end_month=NOVEMBER)
    payouts.in_benefit(cast, 6, start_month=DECEMBER, paid_with=DECEMBER, continues=old,
                       programme="RURAL_ALLOWANCE")  # fmt: skip
    rows = {r.programme: r for r in flow_of(cast.staff, DECEMBER)}
    urban, rural = rows["URBAN_ALLOWANCE"], rows["RURAL_ALLOWANCE"]
    assert (urban.before, urban.new, urban.left, urban.moved_out, urban.after) == (4, 1, 1, 1, 3)
    assert (urban.persons_before, urban.persons_new, urban.persons_left) == (8, 3, 2)
    assert (urban.persons_moved_out, urban.persons_grown, urban.persons_after) == (2, 1, 8)
    assert (rural.before, rural.new, rural.moved_in, rural.after) == (0, 0, 1, 1)
    assert urban.adds_up
    assert rural.adds_up


def test_without_the_chain_a_move_would_be_an_exit_and_an_entry(cast: Cast) -> None:
    """The twin: the same two benefits that nothing joins."""
    payouts.in_benefit(cast, 5, end_month=NOVEMBER)
    payouts.in_benefit(cast, 6, start_month=DECEMBER, paid_with=DECEMBER)
    row = flow_of(cast.staff, DECEMBER)[0]
    assert (row.new, row.left, row.moved_in, row.moved_out) == (1, 1, 0, 0)


def test_flow_that_does_not_add_up_says_so() -> None:
    values: dict[str, Any] = dict.fromkeys(FlowRow.__dataclass_fields__, 0)
    assert FlowRow(**{**values, "programme": "URBAN_ALLOWANCE"}).adds_up
    assert not FlowRow(**{**values, "programme": "URBAN_ALLOWANCE", "after": 1}).adds_up
    assert not FlowRow(**{**values, "programme": "URBAN_ALLOWANCE", "persons_left": 1}).adds_up


@pytest.mark.clause("17(4)")
def test_who_was_not_seen_for_half_a_year_is_listed(cast: Cast, benefit: Benefit) -> None:
    """R15: signed in, certified or visited; who began later is not asked for yet."""
    seen = payouts.in_benefit(cast, 2)
    payouts.in_benefit(cast, 3, start_month=OCTOBER, paid_with=OCTOBER)
    walks.visited(cast, benefit, date(2026, 5, 9))
    walks.visited(cast, seen, date(2026, 5, 10), kind="SIGN_IN", means="PHONE")
    assert [key for key, *_ in shown(cast, DAY, unseen="1")] == ["B1"]
    assert shown(cast, date(2026, 6, 1), unseen="1") == []  # a month after the last time
