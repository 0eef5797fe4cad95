"""Changing a household at the same moment: one change, whoever records it."""

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from unittest import mock

import pytest
from django.db import DatabaseError

from cases.models import Case, Household, HouseholdChange
from cases.operations import applications, households
from tests import road
from tests import road_household as homes
from tests.cast import Cast, make_cast
from tests.races.arena import CERTAIN, PATIENCE, meeting_at, together, without_row_locks
from yuquan_relief.kernel import clock
from yuquan_relief.kernel.errors import Refused

MOMENT = "cases.operations.households._row"  # after every look for another change


@pytest.fixture
def house(own_database: str) -> Cast:
    """People in a database of their own, to which threads commit."""
    return make_cast()


@pytest.fixture
def home(house: Cast) -> Household:
    """演练户1, 妻, 子: in benefit."""
    return homes.on_the_roster(house, 1, "妻", "子")


def recording(cast: Cast, who: str, home: Household, what: households.Change) -> Callable[[], Any]:
    """A click on 登记."""
    return lambda: homes.record(cast, home, what, who=who)


def heir(home: Household, name: str) -> households.Change:
    """The head died and that person is head."""
    return homes.change(head=homes.member(home, name).pk)


def two(cast: Cast, home: Household) -> list[Callable[[], Any]]:
    """The clerk says the wife is head, the office says the son."""
    return [
        recording(cast, "clerk", home, heir(home, "妻")),
        recording(cast, "staff", home, heir(home, "子")),
    ]


def test_two_record_the_death_of_the_head_at_once(house: Cast, home: Household) -> None:
    with meeting_at(MOMENT):
        outcomes = together(*two(house, home))
    (told,) = [o for o in outcomes if isinstance(o, Refused)]
    row = HouseholdChange.objects.get()
    assert "这户已登记过变更" in told.reason
    assert row in outcomes
    assert row.drafts.count() == 1


def test_control_without_the_lock_on_the_household_there_are_two(
    house: Cast, home: Household
) -> None:
    with without_row_locks(), meeting_at(MOMENT, patience=CERTAIN):
        together(*two(house, home))
    assert HouseholdChange.objects.count() == 2


def joined_while_its_head_dies(house: Cast, home: Household) -> list[Callable[[], Any]]:
    """The clerk joins 演练户1 with 演练户2, in which the office records a death."""
    other = homes.on_the_roster(house, 2, "嫂")
    merger = homes.change("MERGE", other_id_no=road.number(2))
    return [
        recording(house, "clerk", home, merger),
        recording(house, "staff", other, heir(other, "嫂")),
    ]


def test_a_household_is_joined_while_its_head_dies(house: Cast, home: Household) -> None:
    with meeting_at(MOMENT):
        outcomes = together(*joined_while_its_head_dies(house, home))
    assert HouseholdChange.objects.count() == 1
    assert [type(o) for o in outcomes if isinstance(o, Exception)] == [Refused]


def test_control_without_the_locks_both_changes_are_recorded(house: Cast, home: Household) -> None:
    with without_row_locks(), meeting_at(MOMENT, patience=CERTAIN):
        together(*joined_while_its_head_dies(house, home))
    assert HouseholdChange.objects.count() == 2


def withdrawn_while_submitted(house: Cast) -> tuple[HouseholdChange, list[Any]]:
    """Both have looked before either writes: the change, and what became of the two."""
    row = homes.head_died(house, homes.in_benefit(house))
    draft = homes.draft_of(row)
    homes.fill(house, draft, **homes.ACCOUNT, members__1__relation="CHILD")
    barrier = threading.Barrier(2)

    def meeting(real: Callable[..., Any]) -> Callable[..., Any]:
        def met(*args: Any, **kwargs: Any) -> Any:
            with suppress(threading.BrokenBarrierError):
                barrier.wait(PATIENCE)
            return real(*args, **kwargs)

        return met

    with (
        mock.patch.object(applications, "_compare", meeting(applications._compare)),
        mock.patch("cases.operations.households.now", meeting(clock.now)),
    ):
        outcomes = together(
            lambda: applications.submit_draft(draft.key, actor=house.clerk, on=homes.ON),
            lambda: households.withdraw_change(row.pk, actor=house.clerk, on=homes.ON),
        )
    row.refresh_from_db()
    return row, outcomes


def test_a_change_is_either_withdrawn_or_applied_for(house: Cast) -> None:
    row, _ = withdrawn_while_submitted(house)
    assert (row.withdrawn_at is None) == Case.objects.filter(change=row).exists()


def test_who_comes_too_late_is_told_so(house: Cast) -> None:
    _, outcomes = withdrawn_while_submitted(house)
    assert not [o for o in outcomes if isinstance(o, DatabaseError)]
