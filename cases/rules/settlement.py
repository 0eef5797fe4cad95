"""From frozen facts to an amount: what was decided can be computed anew, to the fen, years later.

The facts are what a settlement stores beside its result: plain values out of the case and the
rulebook, with the source of each rule. `settle` reads nothing else, so `replay` of an old decision
needs no rulebook, no calendar and no case.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .allowance import by_difference, by_tiers, for_one_person
from .destitution import for_destitute
from .outcome import Outcome
from .relief import for_relief

Facts = Mapping[str, Any]

METHODS: dict[str, Callable[[Facts], Outcome]] = {
    "difference": by_difference,
    "tiers": by_tiers,
    "single": for_one_person,
    "destitute": for_destitute,
    "relief": for_relief,
}


def settle(facts: Facts) -> Outcome:
    """The outcome of the facts. Raises KeyError for a method that no version ever had."""
    return METHODS[str(facts["method"])](facts)


@dataclass(frozen=True)
class Replay:
    """A settlement computed anew beside what was stored."""

    again: Outcome
    differences: tuple[str, ...]


def replay(facts: Facts, stored: Mapping[str, int]) -> Replay:
    """The outcome of the frozen facts, and in words each figure that is not what was stored.

    `stored`: names of Outcome's figures (fen, persons) → value.
    """
    again = settle(facts)
    found = tuple(
        f"{name} 当时为 {value}，重算为 {getattr(again, name)}"
        for name, value in stored.items()
        if getattr(again, name) != value
    )
    return Replay(again, found)
