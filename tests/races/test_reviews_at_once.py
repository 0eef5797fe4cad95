"""Reviews at the same moment: one is opened, one letter counts, one account is started."""

from datetime import date
from typing import Any

import pytest

from cases.models import Benefit, Entitlement, Review
from cases.operations import reviews, telling
from cases.operations.reviews import Opening
from funds.models import Recovery
from funds.operations import recoveries
from tests.benefit import walks
from tests.benefit.test_standards import money, paid
from tests.cast import Cast, make_cast
from tests.funds import payouts
from tests.races.arena import CERTAIN, drop_uniques, meeting_at, together, without_row_locks
from yuquan_relief.kernel.errors import Refused

DAY = date(2026, 11, 10)


@pytest.fixture
def house(own_database: str) -> Cast:
    """People in a database of their own, to which threads commit."""
    return make_cast()


@pytest.fixture
def benefit(house: Cast) -> Benefit:
    return payouts.in_benefit(house, 1)


def opening(cast: Cast, benefit: Benefit) -> Any:
    given = Opening(trigger="HAND", what="邻居反映")
    return lambda: reviews.open_review(benefit.key, given, actor=cast.staff, on=DAY)


def failures(outcomes: list[Any]) -> list[Exception]:
    """Those who met something that nobody foresaw."""
    return [o for o in outcomes if isinstance(o, Exception) and not isinstance(o, Refused)]


def test_of_two_who_open_a_review_one_does(house: Cast, benefit: Benefit) -> None:
    with meeting_at("cases.operations.reviews._new"):
        outcomes = together(*[opening(house, benefit)] * 2)
    assert failures(outcomes) == []
    assert [type(o).__name__ for o in outcomes].count("Review") == 1
    assert Review.objects.count() == 1


def test_control_without_lock_and_constraint_two_are_open(
    house: Cast, benefit: Benefit, own_database: str
) -> None:
    drop_uniques(own_database, "cases_review")
    with meeting_at("cases.operations.reviews._new"), without_row_locks():
        outcomes = together(*[opening(house, benefit)] * 2)
    assert failures(outcomes) == []
    assert Review.objects.count() == 2


def telling_of(cast: Cast, review: Review) -> Any:
    told = telling.Told(told_on=DAY, method="DIRECT", receiver="演练甲")
    return lambda: telling.tell(review.no, told, actor=cast.clerk, on=DAY)


def test_of_two_letters_one_counts(house: Cast, benefit: Benefit) -> None:
    review = walks.agreed(house, benefit, DAY, walks.from_roster(annual=15_000))
    with meeting_at("cases.operations.telling._take_effect"):
        outcomes = together(*[telling_of(house, review)] * 2)
    assert failures(outcomes) == []
    assert sum(isinstance(o, Refused) for o in outcomes) == 1
    assert Entitlement.objects.count() == 1


def test_two_clocks_open_one_recovery(house: Cast, benefit: Benefit) -> None:
    money(house)
    for month in (1, 2, 3):
        paid(house, date(2027, month, 1))
    Benefit.objects.filter(pk=benefit.pk).update(end_month=date(2027, 1, 1))
    on = date(2027, 3, 20)
    with meeting_at("funds.operations.recoveries._held"):
        outcomes = together(*[lambda: recoveries.open_recoveries(on)] * 2)
    assert failures(outcomes) == []
    assert sorted(outcomes) == [0, 1]
    assert Recovery.objects.count() == 1


def test_control_without_the_lock_two_are_opened(house: Cast, benefit: Benefit) -> None:
    money(house)
    for month in (1, 2, 3):
        paid(house, date(2027, month, 1))
    Benefit.objects.filter(pk=benefit.pk).update(end_month=date(2027, 1, 1))
    on = date(2027, 3, 20)
    with (
        meeting_at("funds.operations.recoveries._held", patience=CERTAIN),
        without_row_locks(),
    ):
        outcomes = together(*[lambda: recoveries.open_recoveries(on)] * 2)
    assert failures(outcomes) == []
    assert Recovery.objects.count() == 2
