"""The shape of every procedure: steps from state to state, and what must be so before each.

A procedure is a table: its states, its needs by name, its steps. Cases, reviews, standards, payout
lists, budgets and recoveries are tables of this one shape; what is special stands in their files.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from .clause_words import clause_text

FactsT = TypeVar("FactsT")


@dataclass(frozen=True)
class Need(Generic[FactsT]):
    """What must be so before a step: its name, what to say when it is not ("" when it is), and
    which part of the facts that reads, where facts are loaded by part.
    """

    label: str
    missing: Callable[[FactsT], str]
    part: str = "evidence"


def unless(holds: Callable[[FactsT], bool], sentence: str) -> Callable[[FactsT], str]:
    """The sentence when it does not hold."""
    return lambda facts: "" if holds(facts) else sentence


@dataclass(frozen=True, kw_only=True)
class Step(Generic[FactsT]):
    """One lawful act. `target` "" leaves the state; `stage` names the signature it takes."""

    code: str
    label: str
    sources: frozenset[str]
    target: str = ""
    capability: str = ""
    cites: str
    needs: tuple[str, ...] = ()
    stage: str = ""
    by_robot: bool = False
    needs_note: bool = False
    tells: tuple[str, ...] = ()
    states: Mapping[str, str] = field(repr=False, compare=False, default_factory=dict)
    known_needs: Mapping[str, Need[FactsT]] = field(repr=False, compare=False, default_factory=dict)

    def reasons(self, state: str, facts: FactsT) -> list[str]:
        """Every reason why the step may not be taken now; empty if it may."""
        if state not in self.sources:
            return [f"现在是“{self.states[state]}”，不能{self.label}"]
        return [text for need in self.needs if (text := self.known_needs[need].missing(facts))]

    def why_not(self, state: str, facts: FactsT) -> str:
        """The first reason with its clause, in words; "" if the step may be taken."""
        reasons = self.reasons(state, facts)
        return f"{reasons[0]}（{clause_text(self.cites)}）" if reasons else ""


@dataclass(frozen=True)
class Table(Generic[FactsT]):
    """What the steps of one procedure share: names of states, and needs."""

    states: Mapping[str, str]
    needs: Mapping[str, Need[FactsT]] = field(default_factory=dict)

    def step(
        self, code: str, label: str, sources: str, target: str = "", **rest: object
    ) -> Step[FactsT]:
        """A step of this procedure; `sources`: states with blanks between."""
        return Step(
            code=code,
            label=label,
            sources=frozenset(sources.split()),
            target=target,
            states=self.states,
            known_needs=self.needs,
            **rest,  # type: ignore[arg-type] # keyword table of a procedure, checked by Step itself
        )


def by_code(steps: Iterable[Step[FactsT]]) -> dict[str, Step[FactsT]]:
    """The steps of a procedure by their codes."""
    return {step.code: step for step in steps}
