"""Amounts: worked cases from the data file, and what holds for all households."""

import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from cases.rules.amounts import Household, IncomeEntry, assess
from cases.rules.months import next_month, previous_month, start_of
from tests.cases.days import DAY
from yuquan_relief.kernel.inputs.money import parse, show

GOLDEN: list[dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("golden_amounts.toml").read_text(encoding="utf-8")
)["case"]


def household(case: dict[str, Any]) -> Household:
    entries = [
        IncomeEntry(member=str(i), kind="WAGES", annual_fen=parse(text))
        for i, text in enumerate(case["annual"])
    ]
    entries += [
        IncomeEntry(member="x", kind="TRANSFER", annual_fen=parse(text), is_counted=False)
        for text in case.get("not_counted", [])
    ]
    return Household(
        persons=case["persons"],
        insured=case["insured"],
        entries=entries,
        deductions_annual_fen=parse(case.get("deductions", "0")),
    )


@pytest.mark.parametrize("case", GOLDEN, ids=[c["name"] for c in GOLDEN])
def test_worked_case(case: dict[str, Any]) -> None:
    found = assess(household(case), standard_fen=parse(case["standard"]))
    assert show(found.monthly_fen) == show(parse(case["monthly"]))
    assert show(found.per_capita_month_fen) == show(parse(case["per_capita"]))


@pytest.mark.parametrize("case", GOLDEN, ids=[c["name"] for c in GOLDEN])
def test_eligible_exactly_when_something_is_paid(case: dict[str, Any]) -> None:
    found = assess(household(case), standard_fen=parse(case["standard"]))
    assert found.is_eligible == (found.monthly_fen > 0)


@pytest.mark.parametrize("persons", [1, 2, 3, 5, 7, 11])
@pytest.mark.parametrize("annual", [0, 1, 7, 999, 123_457, 1_009_199, 5_000_001])
def test_never_further_than_half_a_fen_from_the_exact_amount(persons: int, annual: int) -> None:
    entry = IncomeEntry(member="a", kind="WAGES", annual_fen=annual)
    family = Household(persons=persons, insured=persons, entries=[entry])
    found = assess(family, standard_fen=84_100)
    exact = max((84_100 - Fraction(annual, 12 * persons)) * persons, Fraction(0))
    paid = max(exact, Fraction(1)) if exact else exact  # whoever is below gets a fen at least
    assert abs(found.monthly_fen - paid) <= Fraction(1, 2)
    assert found.monthly_fen <= 84_100 * persons


def test_months_wrap_at_the_year() -> None:
    assert [str(next_month(DAY.replace(month=12))), str(previous_month(DAY.replace(month=1)))] == [
        "2027-01-01",
        "2025-12-01",
    ]


@pytest.mark.parametrize(("day", "paid_with"), [(19, 12), (20, 12), (21, 1), (30, 1)])
def test_after_the_twentieth_the_first_month_is_paid_afterwards(day: int, paid_with: int) -> None:
    start = start_of(DAY.replace(day=day), DAY.replace(day=20))
    assert (start.month.month, start.paid_with.month) == (12, paid_with)
    assert start.is_back_pay == (paid_with == 1)
