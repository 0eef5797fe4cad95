"""Ten thousand steps over the money of an office, by Hypothesis, with faults in between.

Nobody is paid twice or forgotten: after each run everything is settled, and what each household
got equals what decisions alone say, by an SQL that shares nothing with the product's.
"""

from collections import Counter
from random import Random
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from funds.models import selection
from tests.cast import Cast, make_cast
from tests.databases import as_owner
from tests.deep import is_small, within_bounds
from tests.funds import machine
from tests.funds.machine import STEPS, Office

STEPS_A_RUN = 50
taken: Counter[str] = Counter()


class Money(RuleBasedStateMachine):
    """One run; Hypothesis chooses the acts and the chances, and makes a failing run short."""

    cast: Cast

    @initialize(seed=st.integers(0, 2**32))
    def begin(self, seed: int) -> None:
        """The office begins in February 2026."""
        self.frame = transaction.atomic()
        self.frame.__enter__()
        self.office = Office(self.cast, Random(seed))

    @rule(name=st.sampled_from(STEPS))
    def act(self, name: str) -> None:
        """One step."""
        taken[name] += 1
        self.office.step(name)

    def teardown(self) -> None:
        """Everything is settled and compared; then the run is rolled back."""
        if not hasattr(self, "office"):
            return
        try:
            self.office.settle()
            assert machine.unpaid(self.office) == []
            assert machine.broken() == []
        finally:
            transaction.set_rollback(True)
            self.frame.__exit__(None, None, None)


def walk(cast: Cast, steps: int, seed: int) -> None:
    """So many steps; the same seed gives the same runs."""
    Money.cast = cast
    bounds: dict[str, Any] = {
        "max_examples": max(steps // STEPS_A_RUN, 1),
        "stateful_step_count": STEPS_A_RUN,
        "deadline": None,
        "database": None,
        "derandomize": False,
        "suppress_health_check": list(HealthCheck),
        "phases": (Phase.generate,),  # to make a failing run short, add Phase.shrink
        "print_blob": True,
    }
    test = type(f"Money{seed}", (Money,), {})
    test._hypothesis_internal_use_seed = seed  # type: ignore[attr-defined]
    run_state_machine_as_test(test, settings=settings(**bounds))  # type: ignore[no-untyped-call]


def by_chance(cast: Cast, seed: int, steps: int) -> Office:
    """A run without Hypothesis, for the controls: the same acts out of one seed."""
    chance = Random(seed)
    office = Office(cast, chance)
    for _ in range(steps):
        office.step(chance.choice(STEPS))
    return office


def test_some_hundred_steps(cast: Cast) -> None:
    walk(cast, 400, 1)


# In small bounds a third of the steps, of two seeds.
LENGTH = 1_400 if is_small() else 4_200


@pytest.mark.deep
@pytest.mark.parametrize("seed", within_bounds(range(2, 5), 2))
def test_ten_thousand_steps(cast: Cast, seed: int) -> None:
    taken.clear()
    walk(cast, LENGTH, seed)
    assert sum(taken.values()) >= LENGTH * 3 // 4
    assert set(taken) == set(STEPS)


def test_the_machine_reaches_every_way_of_money(cast: Cast) -> None:
    """Not all steps are refused: each kind of list and each outcome comes up in one long run."""
    office = by_chance(cast, 7, 400)
    kinds = machine.rows("SELECT DISTINCT kind FROM funds_payoutbatch")
    assert {kind for (kind,) in kinds} >= {"NORMAL", "REISSUE", "ADVANCE"}
    states = machine.rows("SELECT DISTINCT state FROM funds_payoutline")
    assert {state for (state,) in states} >= {"PAID", "RETURNED"}
    assert office.crashed
    assert office.refused < 400
    office.settle()
    assert machine.unpaid(office) == []


def test_without_a_guard_the_independent_sum_tells(
    own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: a list that pays what another has paid is seen by the sum, not by the product."""
    cast = make_cast()
    for part in ("MONTH", "MONTHS"):
        weak = selection.PARTS[part].replace("%(batch)s)", "%(batch)s AND false)")
        monkeypatch.setitem(selection.PARTS, part, weak)
    as_owner("DROP INDEX line_one_effective_a_month", database=own_database)
    with pytest.raises(AssertionError):
        by_chance(cast, 7, 200)
