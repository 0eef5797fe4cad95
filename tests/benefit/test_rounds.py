"""The clock's part: who is due, and what happens in a life, found on any day (R07, R50-R52)."""

from collections import Counter
from datetime import date
from typing import Any

import pytest

from cases.models import Benefit, DeathRecord, Review
from cases.models.life_events import happenings
from cases.operations import deaths, reviews
from cases.operations.review_calendar import next_due, schedule
from cases.operations.review_ladder import remind
from cases.operations.review_rounds import open_due, open_happenings
from cases.reports.renewals import backlog
from cases.rules.reviews import category_of
from tests import road
from tests.benefit import walks
from tests.cast import Cast
from tests.funds import payouts
from yuquan_relief.kernel.duties import run_all
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.fields import digest
from yuquan_relief.kernel.inbox import messages_for
from yuquan_relief.kernel.spreadsheets import Unreadable

DAY = date(2026, 11, 10)


@pytest.fixture
def benefit(cast: Cast) -> Benefit:
    """The household of one, born on 4 March 1961, from the roster."""
    return payouts.in_benefit(cast, 1)


def born(benefit: Benefit, on: date, **changes: Any) -> Any:
    """One more member, born on the day."""
    serial = 800 + benefit.household.members.count()
    values = {
        "relation": "CHILD",
        "birth_on": on,
        "id_digest": digest(road.number(serial, born=on)),
        "id_no": road.number(serial, born=on),
    }
    return payouts.member(benefit.household, serial, "演练儿", **{**values, **changes})


@pytest.mark.clause("4(1).2")
def test_households_of_the_roster_are_spread_evenly_over_their_cycle(cast: Cast) -> None:
    for serial in range(1, 13):
        payouts.in_benefit(cast, serial)
    for serial in range(13, 19):
        payouts.in_benefit(cast, serial, village=cast.other_village)
    assert schedule(DAY) == 18
    here = Benefit.objects.filter(village=cast.village).values_list("review_due_on", flat=True)
    months = Counter(day.month for day in here if day)
    assert months == {12: 2, 1: 2, 2: 2, 3: 2, 4: 2, 5: 2}  # B: six months, two a month
    assert schedule(DAY) == 0


def test_without_spreading_all_would_be_due_at_once(cast: Cast) -> None:
    """The twin: the same households, each a cycle after it began."""
    for serial in range(1, 13):
        payouts.in_benefit(cast, serial)
    Benefit.objects.update(review_due_on=next_due(date(2026, 1, 1), "B"))
    assert open_due(DAY) == 12


@pytest.mark.clause("4(1).2")
def test_who_is_due_is_reviewed_once(cast: Cast, benefit: Benefit) -> None:
    Benefit.objects.filter(pk=benefit.pk).update(review_due_on=date(2026, 12, 10))
    assert open_due(date(2026, 11, 9)) == 0  # thirty-one days before
    assert open_due(DAY) == 1
    assert open_due(DAY) == 0
    review = Review.objects.get()
    assert (review.trigger, review.due_on) == ("PERIODIC", date(2026, 12, 10))


def test_after_a_review_the_next_is_a_cycle_away(cast: Cast, benefit: Benefit) -> None:
    assert next_due(date(2026, 11, 30), "A") == date(2027, 11, 30)
    assert next_due(date(2026, 11, 30), "B") == date(2027, 5, 31)
    assert next_due(date(2026, 11, 30), "C") == date(2027, 2, 28)


def test_a_periodic_review_is_not_withdrawn(cast: Cast, benefit: Benefit) -> None:
    Benefit.objects.filter(pk=benefit.pk).update(review_due_on=DAY)
    open_due(DAY)
    with pytest.raises(Refused, match="定期复核不能撤回"):
        reviews.withdraw(Review.objects.get().no, note="不想", actor=cast.staff, on=DAY)


@pytest.mark.clause("18(5)")
def test_the_backlog_of_each_village(cast: Cast, benefit: Benefit) -> None:
    Benefit.objects.filter(pk=benefit.pk).update(review_due_on=DAY)
    payouts.in_benefit(cast, 2, village=cast.other_village, review_due_on=date(2027, 3, 31))
    open_due(DAY)
    late = date(2026, 11, 11)
    found = {b.village: (b.households, b.due, b.open, b.overdue) for b in backlog(cast.staff, late)}
    assert found == {"甲一社区": (1, 1, 1, 1), "甲二村": (1, 0, 0, 0)}


@pytest.mark.parametrize("age", [16, 18, 60, 70])
@pytest.mark.parametrize(
    ("days", "is_found"), [(-121, False), (-120, True), (0, True), (30, True), (31, False)]
)
def test_birthdays_are_found_whenever_the_clock_runs(
    cast: Cast, benefit: Benefit, age: int, days: int, is_found: bool
) -> None:
    turns = date.fromordinal(DAY.toordinal() + days)
    child = born(benefit, turns.replace(year=turns.year - age))
    found = [h.cause for h in happenings(DAY)]
    assert (f"AGE{age}:{child.pk}" in found) is is_found


def test_a_birthday_is_reviewed_once(cast: Cast, benefit: Benefit) -> None:
    born(benefit, date(2008, 11, 10))
    assert open_happenings(DAY) == 1
    review = Review.objects.get()
    assert "满 18 周岁" in review.what
    walks.visited(cast, benefit, DAY)
    Review.objects.filter(pk=review.pk).update(state="WITHDRAWN")
    assert open_happenings(date(2026, 11, 20)) == 0


@pytest.mark.parametrize(
    ("column", "cause"), [("studies_until", "GRADUATED"), ("papers_until", "PAPERS")]
)
def test_graduation_and_papers_that_end(
    cast: Cast, benefit: Benefit, column: str, cause: str
) -> None:
    child = born(benefit, date(2004, 1, 1), **{column: date(2026, 12, 1)})
    assert [h.cause for h in happenings(DAY)] == [f"{cause}:{child.pk}:2026-12-01"]


@pytest.mark.clause("3(5)")
def test_somebody_in_two_benefits(cast: Cast, benefit: Benefit) -> None:
    head = benefit.household.members.get()
    other = payouts.in_benefit(cast, 2)
    payouts.member(other.household, 1, head.name, relation="PARENT")
    found = happenings(DAY)
    assert [(h.benefit_key, h.cause.split(":")[0]) for h in found] == [("B2", "TWICE")]


def test_of_who_has_left_nothing_is_found(cast: Cast, benefit: Benefit) -> None:
    born(benefit, date(2008, 11, 10), left_on=DAY)
    Benefit.objects.update(end_month=date(2026, 10, 1))
    assert happenings(DAY) == []


HEAD = "姓名,身份证号,死亡日期,来源\n"


def dead(cast: Cast, rows: str, *, head: str = HEAD, on: date = DAY) -> deaths.Imported:
    return deaths.import_deaths(
        (head + rows).encode(), name="死亡.csv", actor=cast.supervisor, on=on
    )


@pytest.mark.clause("3(5)")
@pytest.mark.clause("3(2)")
def test_a_list_of_the_dead_opens_reviews(cast: Cast, benefit: Benefit) -> None:
    done = dead(cast, f"演练户,{road.number(1)},2026-10-12,殡葬\n")
    assert (done.rows, done.new, done.in_benefit) == (1, 1, 1)
    assert open_happenings(DAY) == 1
    review = Review.objects.get()
    assert (review.trigger, review.member) == ("DEATH", benefit.household.members.get())
    assert "2026-10-12 死亡（殡葬）" in review.what


def test_the_same_list_twice_changes_nothing(cast: Cast, benefit: Benefit) -> None:
    rows = f"演练户,{road.number(1)},2026-10-12,殡葬\n"
    dead(cast, rows)
    assert dead(cast, rows).new == 0
    assert DeathRecord.objects.count() == 1


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("演练户,123,2026-10-12,殡葬", "第 2 行"),
        ("演练户,{no},2026-13-12,殡葬", "第 2 行"),
        ("演练户,{no},2026-12-12,殡葬", "晚于今天"),
        ("演练户,{no},1950-12-12,殡葬", "早于出生日期"),
        (",{no},2026-10-12,殡葬", "第 2 行"),
    ],
)
def test_a_wrong_row_keeps_the_whole_file_out(cast: Cast, row: str, sentence: str) -> None:
    good = f"演练户,{road.number(2)},2026-10-12,殡葬\n"
    with pytest.raises(Refused, match=sentence):
        dead(cast, row.format(no=road.number(1)) + "\n" + good)
    assert not DeathRecord.objects.exists()


def test_a_file_without_the_columns_or_without_rows(cast: Cast) -> None:
    with pytest.raises(Refused, match="缺少列：来源"):
        dead(cast, "a,b,c\n", head="姓名,身份证号,死亡日期\n")
    with pytest.raises(Refused, match="文件里没有人员"):
        dead(cast, "")
    with pytest.raises(Unreadable):
        deaths.import_deaths(b"\x00\x01", name="x.csv", actor=cast.supervisor, on=DAY)


def test_the_clock_does_all_of_it(cast: Cast, benefit: Benefit) -> None:
    Benefit.objects.filter(pk=benefit.pk).update(review_due_on=DAY)
    done = run_all(DAY)
    assert (done["reviews_due"], done["life_events"]) == (1, 0)


def facts(*members: tuple[int, str], earns: bool = False) -> dict[str, Any]:
    """Facts of a settlement: members by age and health, and whether somebody earns."""
    lines = [{"kind": "WAGES", "fen": 1_00}] if earns else [{"kind": "TRANSFER", "fen": 1_00}]
    people = [{"age": age, "condition": health, "counted": True} for age, health in members]
    return {"method": "difference", "members": people, "lines": lines}


@pytest.mark.parametrize(
    ("given", "category"),
    [
        (facts((70, "HEALTHY"), (12, "HEALTHY")), "A"),
        (facts((40, "DISABLED_1")), "A"),
        (facts((40, "HEALTHY")), "B"),
        (facts((40, "HEALTHY"), earns=True), "C"),
        (facts((70, "HEALTHY"), earns=True), "A"),
        ({"method": "destitute"}, "A"),
        ({}, "B"),
    ],
)
def test_categories(given: dict[str, Any], category: str) -> None:
    assert category_of(given) == category


@pytest.mark.clause("18(5)")
def test_the_ladder_tells_owner_then_leader_and_bureau(cast: Cast, benefit: Benefit) -> None:
    review = walks.opened(cast, benefit, DAY, due_on=date(2026, 11, 20))
    told = {day: remind(date(2026, 11, day)) for day in (14, 15, 17, 19, 20, 21, 22)}
    # clerk and office: 5, 3, 1 days before and on the day; then leader and bureau too, each once
    assert told == {14: 0, 15: 2, 17: 2, 19: 2, 20: 2, 21: 4, 22: 0}
    late = date(2026, 11, 22)
    for who in ("leader", "supervisor"):
        texts = [m.text for m in messages_for(cast.actors[who], late)]
        assert texts == ["城市低保复核待复核：已超期"]
    assert messages_for(cast.foreign_leader, late) == []
    Review.objects.filter(pk=review.pk).update(state="WITHDRAWN")
    assert messages_for(cast.leader, late) == []
