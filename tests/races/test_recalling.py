"""Release and recall at the same time: an answer has one end, and one effect at most."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from unittest import mock

import pytest

from cases.models import Case, HeldAnswer
from cases.operations import answers
from tests import databases, road
from tests.cases.held import LATER, NOTHING, ONE, answered, followed, last, recalled, waiting
from tests.cast import Cast, make_cast
from tests.races.arena import CERTAIN, PATIENCE, drop_uniques, together, without_row_locks
from tests.races.test_signing_twice import failed, refused
from yuquan_relief.kernel.clock import now
from yuquan_relief.kernel.models import Event


@pytest.fixture
def house(own_database: str) -> Cast:
    """People in a database of their own, to which threads commit."""
    return make_cast()


@pytest.fixture
def case(house: Cast) -> Case:
    """A case whose answer waits."""
    return waiting(house)


@contextmanager
def both_having_looked(patience: float = PATIENCE) -> Iterator[None]:
    """Each thread waits once for the other, after it has seen that the answer waits.

    A release has looked when the row is read again, a recall or an answer when it asks for the
    time.
    """
    barrier, mine = threading.Barrier(2), threading.local()

    def meet() -> None:
        if not hasattr(mine, "has_met"):
            mine.has_met = True
            with suppress(threading.BrokenBarrierError):
                barrier.wait(patience)

    def read_again(self: HeldAnswer, *args: Any, **kwargs: Any) -> None:
        real(self, *args, **kwargs)
        meet()

    def asked_for_the_time() -> Any:
        meet()
        return now()

    real = HeldAnswer.refresh_from_db
    with (
        mock.patch.object(HeldAnswer, "refresh_from_db", read_again),
        mock.patch.object(answers, "now", asked_for_the_time),
    ):
        yield


def releasing() -> int:
    """A clock after the time for recall; how many answers it ended."""
    return answers.release(now() + LATER)


def recalling(cast: Cast, case: Case) -> Callable[[], Any]:
    """Who signed presses 取回 in the last moment."""
    return lambda: recalled(cast, case)


def ends(case: Case) -> list[str]:
    """The acts after the signature, in their order."""
    acts = Event.objects.of("case", case.no).values_list("action", flat=True)
    return list(acts)[::-1][list(acts)[::-1].index("hold") + 1 :]


def test_of_two_clocks_one_puts_it_into_effect(case: Case) -> None:
    with both_having_looked():
        outcomes = together(releasing, releasing)
    assert sorted(outcomes) == [0, 1]
    assert followed(case) == ONE
    assert (last(case).state, ends(case)) == ("DONE", ["approve"])


def test_of_many_clocks_one_puts_it_into_effect(case: Case) -> None:
    outcomes = together(*[releasing] * 6)
    assert sum(outcomes) == 1
    assert (followed(case), ends(case)) == (ONE, ["approve"])


def test_control_without_the_lock_the_database_still_ends_it_once(case: Case) -> None:
    with both_having_looked(CERTAIN), without_row_locks():
        outcomes = together(releasing, releasing)
    assert sorted(outcomes) == [0, 1]  # the other is logged and holds up nobody
    assert (followed(case), last(case).state, ends(case)) == (ONE, "DONE", ["approve"])


def without_the_trigger(database: str) -> None:
    """The second guard taken away: what has ended may be written again."""
    table = HeldAnswer._meta.db_table
    sql = f"ALTER TABLE {table} DISABLE TRIGGER held_answer_update"
    databases.as_owner(sql, database=database)


def test_control_without_lock_and_trigger_it_ends_twice(case: Case, own_database: str) -> None:
    without_the_trigger(own_database)
    with both_having_looked(CERTAIN), without_row_locks():
        outcomes = together(releasing, releasing)
    assert outcomes == [1, 1]
    assert ends(case) == ["approve", "answer_fell"]
    assert last(case).state == "FELL"  # of a case that is approved


def test_of_recalling_and_taking_effect_one_wins(house: Cast, case: Case) -> None:
    with both_having_looked():
        outcomes = together(recalling(house, case), releasing)
    assert failed(outcomes) == []
    is_in_effect = last(case).state == "DONE"
    assert len(refused(outcomes)) == is_in_effect
    assert followed(case) == (ONE if is_in_effect else NOTHING)
    assert ends(case) == (["approve"] if is_in_effect else ["recall"])
    assert road.fresh(case).state == ("APPROVED" if is_in_effect else "TO_DECIDE")
    assert road.fresh(case).held_until is None


def test_control_without_the_lock_somebody_meets_what_nobody_foresaw(
    house: Cast, case: Case
) -> None:
    with both_having_looked(CERTAIN), without_row_locks():
        outcomes = together(recalling(house, case), releasing)
    assert len(failed(outcomes)) == 1
    assert ends(case) in (["approve"], ["recall"])  # the database lets no second end be written


def answering(cast: Cast, case: Case) -> Callable[[], Any]:
    """The leader presses 签字 in one of several tabs."""
    return lambda: answered(cast, case)


def test_of_many_answers_one_waits(house: Cast) -> None:
    case = road.to_decide(house)
    outcomes = together(*[answering(house, case)] * 4)
    assert (len(refused(outcomes)), failed(outcomes)) == (3, [])
    assert HeldAnswer.objects.filter(case=case).count() == 1
    assert followed(case) == NOTHING


@contextmanager
def both_having_rehearsed() -> Iterator[None]:
    """Each waits for the other before it puts its answer down."""
    barrier, real = threading.Barrier(2), answers._hold

    def hold(*args: Any, **kwargs: Any) -> Event:
        with suppress(threading.BrokenBarrierError):
            barrier.wait(CERTAIN)
        return real(*args, **kwargs)

    with mock.patch.object(answers, "_hold", hold):
        yield


def test_of_two_that_have_rehearsed_one_waits_and_the_other_is_told(house: Cast) -> None:
    case = road.to_decide(house)
    with both_having_rehearsed():
        outcomes = together(answering(house, case), answering(house, case))
    (told,) = refused(outcomes)
    assert (told.code, failed(outcomes)) == ("stale", [])
    assert HeldAnswer.objects.filter(case=case).count() == 1
    assert ends(case) == []


def test_control_without_the_lock_the_constraint_lets_one_wait(house: Cast) -> None:
    case = road.to_decide(house)
    with both_having_looked(CERTAIN), without_row_locks():
        outcomes = together(answering(house, case), answering(house, case))
    (told,) = failed(outcomes)
    assert "held_answer_one_waiting" in str(told)
    assert HeldAnswer.objects.filter(case=case).count() == 1


def test_control_without_lock_and_constraint_two_wait(house: Cast, own_database: str) -> None:
    case = road.to_decide(house)
    drop_uniques(own_database, HeldAnswer._meta.db_table)
    with both_having_looked(CERTAIN), without_row_locks():
        outcomes = together(answering(house, case), answering(house, case))
    assert [o for o in outcomes if isinstance(o, Exception)] == []
    assert HeldAnswer.objects.filter(case=case, state="WAITING").count() == 2
