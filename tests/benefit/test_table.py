"""The table of reviews: no way around a signature or around telling; every state has a way out."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from cases.rules import reviews, standards
from cases.rules.clause_words import clause_text
from cases.rules.reviews import NEEDS, ReviewFacts, Step
from yuquan_relief.kernel.roles import ROLES

TABLES = {
    "review": (reviews.STEPS, reviews.STATES),
    "standard": (standards.STEPS, standards.STATES),
}
FINAL = reviews.FINAL_STATES


def walks(steps: dict[str, Step], at: str, most: int = 9) -> Iterator[list[Step]]:
    """Every way from a state to an end, no step taken twice."""
    for step in steps.values():
        if at not in step.sources or not step.target or most == 0:
            continue
        if step.target in FINAL:
            yield [step]
        else:
            rest = {k: s for k, s in steps.items() if k != step.code}
            yield from ([step, *way] for way in walks(rest, step.target, most - 1))


def ends(steps: dict[str, Step]) -> list[list[str]]:
    return [[s.code for s in way] for way in walks(steps, "OPEN")]


def unsigned(steps: dict[str, Step]) -> list[list[str]]:
    """Ways to an end that is a decision without both signatures."""
    found = []
    for way in walks(steps, "OPEN"):
        if way[-1].code == "withdraw":
            continue
        stages = {s.stage for s in way if s.stage}
        if stages != {"propose", "decide"}:
            found.append([s.code for s in way])
    return found


def untold(steps: dict[str, Step]) -> list[list[str]]:
    """Ways on which a change is signed and ended without the family being told."""
    return [codes for codes in ends(steps) if codes[-1] not in ("withdraw", "keep", "tell", "end")]


@pytest.mark.clause("4(1).1")
@pytest.mark.parametrize("name", TABLES)
def test_no_way_skips_a_signature(name: str) -> None:
    steps, _ = TABLES[name]
    assert len(ends(steps)) > 2
    assert unsigned(steps) == []


@pytest.mark.clause("4(1).2")
@pytest.mark.parametrize("name", TABLES)
def test_no_way_leads_from_a_signature_to_an_end_without_telling(name: str) -> None:
    steps, _ = TABLES[name]
    assert untold(steps) == []


def test_a_way_around_would_be_seen() -> None:
    """The twins: a step that ends a change when it is signed, and one that needs no signature."""
    steps = reviews.STEPS
    short = {**steps, "agree": replace(steps["agree"], target="ENDED")}
    assert ["propose", "agree"] in untold(short)
    silent = {**steps, "keep": replace(steps["keep"], stage="")}
    assert ["propose", "keep"] in unsigned(silent)


@pytest.mark.parametrize("name", TABLES)
def test_every_state_is_reached_and_left(name: str) -> None:
    steps, states = TABLES[name]
    reached = {"OPEN"} | {s.target for s in steps.values() if s.target}
    left = {state for s in steps.values() if s.target for state in s.sources}
    assert reached == set(states)
    assert left == set(states) - FINAL


@pytest.mark.parametrize("name", TABLES)
def test_every_step_has_its_clause_and_somebody_who_takes_it(name: str) -> None:
    steps, _ = TABLES[name]
    for step in steps.values():
        assert clause_text(step.cites).startswith("第")
        takers = [r for r in ROLES.values() if step.capability in r.can]
        assert takers or (step.by_robot and not step.capability), step.code
        assert set(step.needs) <= set(NEEDS)


@pytest.mark.parametrize("role", ["system_admin", "security_admin", "audit_admin"])
def test_administrators_take_no_step(role: str) -> None:
    taken = {s.capability for steps, _ in TABLES.values() for s in steps.values()}
    assert not ROLES[role].can & taken


CASES: list[tuple[str, dict[str, Any], bool]] = [
    ("propose", {}, False),
    ("propose", {"is_settled": True}, False),
    ("propose", {"is_settled": True, "is_looked_into": True}, True),
    ("propose", {"is_settled": True, "ground": "DIED"}, True),
    ("propose", {"is_settled": True, "is_looked_into": True, "is_stale": True}, False),
    ("keep", {"is_settled": True, "outcome": "KEEP"}, True),
    ("keep", {"is_settled": True, "outcome": "RAISE"}, False),
    ("agree", {"is_settled": True, "outcome": "RAISE"}, True),
    ("agree", {"is_settled": True, "outcome": "KEEP"}, False),
    ("agree", {"is_settled": True, "outcome": "STOP", "must_be_noticed": True}, False),
    (
        "agree",
        {"is_settled": True, "outcome": "STOP", "must_be_noticed": True, "is_noticed": True},
        True,
    ),
    ("tell", {"is_settled": True, "outcome": "STOP"}, True),
    ("tell", {"is_settled": True, "outcome": "STOP", "is_stale": True}, False),
]


@pytest.mark.parametrize(("code", "known", "may"), CASES)
def test_what_each_step_asks_for(code: str, known: dict[str, Any], may: bool) -> None:
    step = reviews.STEPS[code]
    facts = ReviewFacts(on=date(2026, 11, 10), **known)
    reason = step.why_not(next(iter(step.sources)), facts)
    assert (reason == "") is may
    if not may:
        assert reason.endswith("）")
