"""Reports by file meet other acts: each case has one report, and nobody meets a failure."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from unittest import mock

import pytest

from cases.models import Case, MeansCheck, MeansFinding
from cases.operations import exchange
from cases.operations.exchange import Imported, import_reports
from cases.operations.steps import perform
from tests.cases.exchanged import ON, asked, full, line, written
from tests.cast import Cast, make_cast
from tests.races.arena import (
    CERTAIN,
    PATIENCE,
    drop_uniques,
    meeting_at,
    together,
    without_row_locks,
)
from yuquan_relief.kernel.errors import Refused

MOMENT = "cases.operations.exchange._as_report"  # after the report was found not to be there


@pytest.fixture
def house(own_database: str) -> Cast:
    """People in a database of their own, to which threads commit."""
    return make_cast()


def importing(cast: Cast, *rows: list[Any]) -> Callable[[], Any]:
    """The centre takes these lines in."""
    content = written(rows)
    return lambda: import_reports(content, name="a.csv", actor=cast.verifier, on=ON)


def failures(outcomes: list[Any]) -> list[Exception]:
    """Those who met something that nobody foresaw."""
    return [o for o in outcomes if isinstance(o, Exception) and not isinstance(o, Refused)]


def test_of_two_imports_of_one_file_one_counts(house: Cast) -> None:
    case = asked(house)
    with meeting_at(MOMENT):
        outcomes = together(*[importing(house, *full(case))] * 2)
    assert failures(outcomes) == []
    found = [o for o in outcomes if isinstance(o, Imported)]
    assert sorted(found, key=lambda o: o.returned) == [Imported(0, 1), Imported(1, 0)]
    assert MeansFinding.objects.count() == 1


def test_control_without_lock_and_constraint_it_is_returned_twice(
    house: Cast, own_database: str
) -> None:
    case = asked(house)
    drop_uniques(own_database, "cases_meansfinding")
    with (
        meeting_at(MOMENT, patience=CERTAIN),
        meeting_at("cases.operations.steps.facts_of", patience=CERTAIN),
        without_row_locks(),
    ):
        outcomes = together(*[importing(house, *full(case))] * 2)
    assert outcomes == [Imported(1, 0)] * 2
    assert MeansFinding.objects.count() == 2


@contextmanager
def waiting_before_the_second(barrier: threading.Barrier) -> Iterator[None]:
    """The import has taken in its first report and waits before the second."""
    calls, real = [], exchange._as_report

    def as_report(*args: Any) -> Any:
        calls.append(args)
        if len(calls) == 2:
            with suppress(threading.BrokenBarrierError):
                barrier.wait(PATIENCE)
        return real(*args)

    with mock.patch.object(exchange, "_as_report", as_report):
        yield


def acting(cast: Cast, case: Case, barrier: threading.Barrier) -> Callable[[], Any]:
    """The office writes something down of the case, at that moment."""

    def write(case: Case) -> dict[str, Any]:
        with suppress(threading.BrokenBarrierError):
            barrier.wait(PATIENCE)
        return {}

    return lambda: perform(
        case.no, "record_failure", actor=cast.staff, on=ON, note="平台慢", write=write
    )


def test_an_act_on_one_of_its_cases_and_an_import_do_not_wait_for_each_other(
    house: Cast,
) -> None:
    """Who holds the chain's head locks no further row: else both wait until one is thrown out."""
    first, second = asked(house, 1), asked(house, 2)
    barrier = threading.Barrier(2)
    with waiting_before_the_second(barrier):
        outcomes = together(
            importing(house, line(first), line(second)), acting(house, second, barrier)
        )
    assert failures(outcomes) == []
    assert MeansCheck.objects.filter(returned_on=ON).count() == 2
