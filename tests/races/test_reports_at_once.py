"""Reports by file meet other acts: each case has one report, and nobody meets a failure."""

from collections.abc import Callable
from typing import Any

import pytest

from cases.models import MeansFinding
from cases.operations.exchange import Imported, WrongRows, import_reports
from tests.cases.exchanged import ON, asked, full, written
from tests.cast import Cast, make_cast
from tests.races.arena import CERTAIN, drop_uniques, meeting_at, together, without_row_locks
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
    assert [o for o in outcomes if isinstance(o, Imported)] == [Imported(1, 0)]
    (told,) = [o for o in outcomes if isinstance(o, WrongRows)]
    assert "核对报告已返回" in told.errors[0].message
    assert MeansFinding.objects.count() == 1


def test_control_without_lock_and_constraint_it_is_returned_twice(
    house: Cast, own_database: str
) -> None:
    case = asked(house)
    drop_uniques(own_database, "cases_meansfinding")
    with (
        meeting_at(MOMENT, patience=CERTAIN),
        meeting_at("cases.operations.steps.known_step", patience=CERTAIN),
        without_row_locks(),
    ):
        outcomes = together(*[importing(house, *full(case))] * 2)
    assert outcomes == [Imported(1, 0)] * 2
    assert MeansFinding.objects.count() == 2
