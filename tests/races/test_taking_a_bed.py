"""Two people are given the last bed at the same moment: one of them lives there."""

from collections.abc import Callable
from typing import Any

import pytest

from cases.models import CareArrangement, Case, Institution
from cases.operations import care
from tests import road_relief as roads
from tests.cast import Cast, make_cast
from tests.races.arena import CERTAIN, drop_uniques, meeting_at, together, without_row_locks
from tests.races.test_signing_twice import failed, refused

ON = roads.START
MOMENT = "cases.operations.care._require_bed"  # just after a bed was found to be free


@pytest.fixture
def house(own_database: str) -> Cast:
    """People in a database of their own, to which threads commit."""
    return make_cast()


@pytest.fixture
def cases(house: Cast) -> list[Case]:
    """Two people who are to be cared for in an institution."""
    return [roads.destitute(house, serial) for serial in (1, 2)]


def kept(cast: Cast, beds: int) -> Institution:
    """An institution with so many beds."""
    facts = care.InstitutionFacts(name="演练敬老院", address="甲街道", phone="", beds=beds)
    return care.keep_institution(facts, actor=cast.supervisor, on=ON)


def taking(cast: Cast, case: Case, home: Institution, bed: str) -> Callable[[], Any]:
    """The clerk gives the person this bed."""
    given = care.Arranged(support="CENTRAL", began_on=ON, institution_id=home.pk, bed=bed)
    return lambda: care.arrange_care(case.no, given, actor=cast.clerk, on=ON)


def both(cast: Cast, cases: list[Case], home: Institution, *beds: str) -> list[Any]:
    """Each of the two is given a bed at the same moment."""
    return together(*[taking(cast, c, home, b) for c, b in zip(cases, beds, strict=True)])


def test_of_two_who_are_given_the_last_bed_one_is_refused(house: Cast, cases: list[Case]) -> None:
    home = kept(house, 1)
    with meeting_at(MOMENT):
        outcomes = both(house, cases, home, "101", "102")
    (told,) = refused(outcomes)
    assert "1 张床位已满" in told.reason
    assert (failed(outcomes), home.stays.count()) == ([], 1)


def test_control_without_the_lock_two_live_on_one_bed(house: Cast, cases: list[Case]) -> None:
    home = kept(house, 1)
    with meeting_at(MOMENT, patience=CERTAIN), without_row_locks():
        outcomes = both(house, cases, home, "101", "102")
    assert [o for o in outcomes if isinstance(o, Exception)] == []
    assert home.stays.count() == 2


def test_of_two_who_are_given_the_same_bed_one_is_refused(house: Cast, cases: list[Case]) -> None:
    home = kept(house, 2)
    with meeting_at(MOMENT):
        outcomes = both(house, cases, home, "101", "101")
    (told,) = refused(outcomes)
    assert "这个床位已有人入住" in told.reason
    assert (failed(outcomes), home.stays.count()) == ([], 1)


def test_without_the_lock_the_constraint_still_keeps_the_bed(
    house: Cast, cases: list[Case]
) -> None:
    home = kept(house, 2)
    with meeting_at(MOMENT, patience=CERTAIN), without_row_locks():
        outcomes = both(house, cases, home, "101", "101")
    (told,) = refused(outcomes)
    assert "这个床位已有人入住" in told.reason
    assert (failed(outcomes), home.stays.count()) == ([], 1)


def test_control_without_lock_and_constraint_two_lie_in_one_bed(
    house: Cast, cases: list[Case], own_database: str
) -> None:
    home = kept(house, 2)
    drop_uniques(own_database, CareArrangement._meta.db_table)
    with meeting_at(MOMENT, patience=CERTAIN), without_row_locks():
        outcomes = both(house, cases, home, "101", "101")
    assert [o for o in outcomes if isinstance(o, Exception)] == []
    assert CareArrangement.objects.filter(bed="101", ended_on__isnull=True).count() == 2


def test_of_two_clicks_one_arrangement_is_current(house: Cast, cases: list[Case]) -> None:
    home = kept(house, 2)
    outcomes = together(*[taking(house, cases[0], home, "101")] * 2)
    assert failed(outcomes) == []
    assert home.stays.filter(ended_on__isnull=True).count() == 1
