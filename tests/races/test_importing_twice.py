"""Two imports of a roster at the same time: the second sees what the first has done."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from unittest import mock

import pytest
from django.db import IntegrityError

from cases.models import Benefit, Household
from cases.operations import applications, roster
from cases.operations.roster import Imported, RosterErrors, import_roster
from cases.rules.application import ApplicationErrors
from tests import road
from tests.cast import Cast, make_cast
from tests.imports.rosters import ON, as_csv, line, lines
from tests.races.arena import CERTAIN, PATIENCE, drop_uniques, meeting_at, together
from yuquan_relief.kernel.models import Event

MOMENT = "cases.operations.roster.preview"  # after the look for what is there already
COUNT = 20


@pytest.fixture
def house(own_database: str) -> Cast:
    """People in a database of their own, to which threads commit."""
    return make_cast()


@pytest.fixture
def without_the_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard taken away: imports do not wait for each other."""
    monkeypatch.setattr("cases.operations.roster.hold_roster", lambda: None)


def importing(cast: Cast, *rows: list[str]) -> Callable[[], Any]:
    """The office's staff import these rows."""
    content = as_csv(rows)
    return lambda: import_roster(content, name="名册.csv", actor=cast.staff, on=ON)


def counts() -> dict[str, int]:
    """What imports leave, counted."""
    return {
        "households": Household.objects.count(),
        "benefits": Benefit.objects.count(),
        "events": Event.objects.filter(action="import_roster").count(),
    }


ONCE = {"households": COUNT, "benefits": COUNT, "events": 1}


def test_of_two_imports_of_one_roster_one_counts(house: Cast) -> None:
    with meeting_at(MOMENT):
        outcomes = together(*[importing(house, *lines(COUNT))] * 2)
    assert sorted((o.households, o.unchanged) for o in outcomes) == [(0, COUNT), (COUNT, 0)]
    assert counts() == ONCE


@pytest.mark.usefixtures("without_the_lock")
def test_control_without_the_lock_the_certificate_still_stands_once(house: Cast) -> None:
    with meeting_at(MOMENT, patience=CERTAIN):
        outcomes = together(*[importing(house, *lines(COUNT))] * 2)
    assert [type(o) for o in outcomes if isinstance(o, Exception)] == [IntegrityError]
    assert counts() == ONCE


@pytest.mark.usefixtures("without_the_lock")
def test_control_without_lock_and_constraint_every_household_is_there_twice(
    house: Cast, own_database: str
) -> None:
    drop_uniques(own_database, "cases_benefit")
    with meeting_at(MOMENT, patience=CERTAIN):
        outcomes = together(*[importing(house, *lines(COUNT))] * 2)
    assert [o.households for o in outcomes if isinstance(o, Imported)] == [COUNT, COUNT]
    assert counts() == {name: 2 * n for name, n in ONCE.items()}


def twice_the_same_person(cast: Cast) -> list[Any]:
    """Two rosters bring one person under two certificates, at the same time."""
    second = line(1, 低保证号=line(2)[3])
    return together(importing(cast, line(1)), importing(cast, second))


def test_one_person_in_two_rosters_at_once_is_in_benefit_once(house: Cast) -> None:
    with meeting_at(MOMENT):
        outcomes = twice_the_same_person(house)
    (told,) = [o for o in outcomes if isinstance(o, Exception)]
    assert isinstance(told, RosterErrors)
    assert [e.column for e in told.errors] == ["身份证号"]
    assert Benefit.objects.count() == 1


@pytest.mark.usefixtures("without_the_lock")
def test_control_without_the_lock_the_person_is_in_benefit_twice(house: Cast) -> None:
    with meeting_at(MOMENT, patience=CERTAIN):
        outcomes = twice_the_same_person(house)
    assert [o for o in outcomes if isinstance(o, Exception)] == []
    assert Benefit.objects.count() == 2


SUBMITTED = "cases.operations.applications._compare"  # where an application has looked


@contextmanager
def both_having_looked(patience: float) -> Iterator[None]:
    """The import and the application wait for each other after they have looked."""
    barrier = threading.Barrier(2)

    def meeting(real: Callable[..., Any]) -> Callable[..., Any]:
        def met(*args: Any, **kwargs: Any) -> Any:
            result = real(*args, **kwargs)
            with suppress(threading.BrokenBarrierError):
                barrier.wait(patience)
            return result

        return met

    with (
        mock.patch(MOMENT, meeting(roster.preview)),
        mock.patch(SUBMITTED, meeting(applications._compare)),
    ):
        yield


def applying_beside_an_import(cast: Cast) -> list[Any]:
    """A person applies while a roster brings the same person."""
    return together(
        importing(cast, line(1, 身份证号=road.number(2))),
        lambda: applications.submit(
            road.application(1), submission_key="k", actor=cast.clerk, on=ON
        ),
    )


def test_nobody_is_taken_over_and_applies_at_once(house: Cast) -> None:
    with both_having_looked(PATIENCE):
        outcomes = applying_beside_an_import(house)
    (told,) = [o for o in outcomes if isinstance(o, Exception)]
    assert isinstance(told, RosterErrors | ApplicationErrors)
    assert Household.objects.count() == 1


@pytest.mark.usefixtures("without_the_lock")
def test_control_without_the_lock_one_person_is_in_two_households(house: Cast) -> None:
    with both_having_looked(CERTAIN):
        outcomes = applying_beside_an_import(house)
    assert [o for o in outcomes if isinstance(o, Exception)] == []
    assert Household.objects.count() == 2
