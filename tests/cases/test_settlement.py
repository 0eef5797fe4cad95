"""Every amount worked out twice: by the product, and by an oracle that shares no code with it."""

import json
import tomllib
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.rules.allowance import categories_of
from cases.rules.destitution import LABOUR_GROUNDS, OBLIGOR_GROUNDS, SELF_CARE, TIERS, tier_of
from cases.rules.outcome import Outcome, month_table
from cases.rules.programmes import CONDITIONS, PROPERTY_KINDS
from cases.rules.relief import bounds, needs_bureau
from cases.rules.settlement import replay, settle
from tests.cases import oracle
from yuquan_relief.kernel.inputs.money import parse, show

Facts = dict[str, Any]
Case = dict[str, Any]

METHODS = {"补差": "difference", "分档": "tiers", "单人保": "single"}
KINDS = {
    "存款": "MONEY", "车辆": "VEHICLE", "住房": "DWELLING",
    "非居住用房": "PREMISES", "市场主体": "BUSINESS",
}  # fmt: skip
TARGETS = {"老年人": "ELDERLY", "未成年人": "MINOR", "重度残疾人": "DISABLED", "重病患者": "ILL"}
CODES = {label: code for table in (CONDITIONS, LABOUR_GROUNDS, OBLIGOR_GROUNDS, TIERS)
         for code, label in table.items()}  # fmt: skip
FIGURES = [*oracle.Figures.__dataclass_fields__]


def golden(name: str) -> dict[str, list[Any]]:
    """The worked cases of one file, each with what is common to all of them."""
    text = Path(__file__).with_name(f"golden_{name}.toml").read_text(encoding="utf-8")
    found = tomllib.loads(text)
    common = found.pop("common")
    return {
        kind: [pytest.param(common | case, id=case["name"]) for case in cases]
        for kind, cases in found.items()
    }


ALLOWANCE, DESTITUTE, RELIEF = golden("settlement"), golden("destitute"), golden("relief")


def fen(case: Case, name: str) -> int:
    """An amount of the case; what is left out is nothing."""
    return parse(case.get(name, "0"))


def income_lines(member: int, row: Case) -> list[Facts]:
    """What somebody takes in: counted, and left out by rule."""
    return [
        {"member": member, "kind": kind, "fen": fen(row, name), "counted": name == "income"}
        for name, kind in (("income", "WAGES"), ("exempt_income", "SCHOLARSHIP"))
        if name in row
    ]


def member_facts(number: int, row: Case) -> Facts:
    """One person of a worked case."""
    condition = CODES[row.get("health", "健康或一般")]
    tier = {"code": "A", "label": "A 档", "fen": fen(row, "tier")} if "tier" in row else None
    return {
        "id": number,
        "name": row["who"],
        "counted": row.get("counted", True),
        "insured": row.get("insured", True),
        "condition": condition,
        "age": row["age"],
        "categories": oracle.categories(row["age"], condition),
        "tier": tier,
    }


def allowance_facts(case: Case) -> Facts:
    """A worked case of 低保 in the shape that a settlement freezes."""
    people = list(enumerate(case["persons"], start=1))
    owned = [
        {"kind": KINDS[x["kind"]], "fen": fen(x, "value"), "area": x.get("area", 0),
         "exempt": x.get("exempt", False)}
        for x in case.get("property", [])
    ]  # fmt: skip
    rates = case.get("rates", {}).items()
    return {
        "method": METHODS[case["method"]],
        "standard": {"fen": fen(case, "standard"), "source": "", "from": "2022-01-01"},
        "members": [member_facts(number, row) for number, row in people],
        "lines": [line for number, row in people for line in income_lines(number, row)],
        "obligors": [{"name": "义务人", "fen": parse(text)} for text in case.get("support", [])],
        "deductions": [
            {"kind": "ILLNESS", "fen": parse(text), "note": ""}
            for text in case.get("deductions", [])
        ],
        "property": {"limits": case["limits"], "source": "", "items": owned},
        "supplements": [{"code": TARGETS[x], "label": x, "percent": p} for x, p in rates],
    }


def destitute_facts(case: Case) -> Facts:
    """A worked case of 特困 in the shape that a settlement freezes."""
    condition = CODES[case.get("health", "健康或一般")]
    grounds = case.get("obligors", [])
    return {
        "method": "destitute",
        "person": {"id": 1, "name": "本人", "age": case["age"], "condition": condition},
        "labour_ground": CODES[case["ground"]] if "ground" in case else "",
        "property_ok": case.get("property_ok", True),
        "standard": {"fen": fen(case, "standard"), "source": "", "from": "2022-01-01"},
        "lines": income_lines(1, case),
        "obligors": [{"name": "义务人", "ground": CODES[ground]} for ground in grounds],
        "support": "SCATTERED",
        "tier": oracle.care_tier(case["cannot"]),
        "failed": case["cannot"],
        "basic": {"fen": fen(case, "basic"), "source": ""},
        "care": {"fen": parse(case["care"][case["tier"]]), "source": ""},
    }


def relief_facts(case: Case) -> Facts:
    """A worked case of 临时救助 in the shape that a settlement freezes."""
    least, most = case["times"]
    return {
        "method": "relief",
        "urgent": False,
        "persons": case.get("persons", 1),
        "standard": {"fen": fen(case, "standard"), "source": "", "from": "2022-01-01"},
        "rule": {
            "min_times": least,
            "max_times": most,
            "per_person": case.get("per_person", True),
            "first_times": 3,
        },
        "office_most_fen": fen(case, "office_most"),
        "amount_fen": fen(case, "amount"),
        "special": case.get("special", ""),
        "new_reason": case.get("new_reason", ""),
        "same_cause": case.get("same_cause", ""),
        "earlier_fen": fen(case, "earlier"),
        "cost": {"total_fen": 3_000_000, "covered_fen": 1_000_000, "own_fen": 2_000_000},
    }


def compared(outcome: Outcome) -> dict[str, Any]:
    """The figures of the product that the oracle has too."""
    return {name: getattr(outcome, name) for name in FIGURES}


def check_worked(case: Case, facts: Facts, names: str) -> None:
    """Oracle and product both come to what the case says; a refusal says why."""
    expected: dict[str, Any] = {f"{name}_fen": fen(case, name) for name in names.split()}
    expected["is_eligible"] = "why" not in case
    by_oracle, outcome = asdict(oracle.figures(facts)), settle(facts)
    assert {name: by_oracle[name] for name in expected} == expected
    assert {name: getattr(outcome, name) for name in expected} == expected
    assert compared(outcome) == by_oracle
    if "why" in case:
        assert [o for o in outcome.objections if case["why"] in o]
    else:
        assert outcome.objections == ()


@pytest.mark.parametrize("case", ALLOWANCE["case"])
def test_worked_allowance(case: Case) -> None:
    check_worked(case, allowance_facts(case), "per_capita monthly supplement")


@pytest.mark.parametrize("case", DESTITUTE["case"])
def test_worked_destitute(case: Case) -> None:
    assert oracle.care_tier(case["cannot"]) == CODES[case["tier"]] == tier_of(case["cannot"])
    check_worked(case, destitute_facts(case), "per_capita monthly supplement")


@pytest.mark.parametrize("case", RELIEF["case"])
def test_worked_relief(case: Case) -> None:
    facts = relief_facts(case)
    least_and_most = (fen(case, "least"), fen(case, "most"))
    assert least_and_most == oracle.relief_bounds(facts) == bounds(facts)
    by_bureau = case.get("bureau", False)
    assert by_bureau == oracle.is_for_the_bureau(facts) == needs_bureau(facts)
    check_worked(case, facts, "once")


@pytest.mark.parametrize("case", DESTITUTE["table"])
def test_worked_month_table(case: Case) -> None:
    assert Counter(show(month) for month in month_table(fen(case, "year"))) == case["months"]
    assert Counter(show(month) for month in oracle.months(fen(case, "year"))) == case["months"]


@pytest.mark.parametrize("failed", [-1, len(SELF_CARE) + 1])
def test_there_are_six_items_of_self_care(failed: int) -> None:
    with pytest.raises(ValueError, match="of 6"):
        tier_of(failed)


@pytest.mark.parametrize("condition", CONDITIONS)
def test_targets_of_add_ons_at_every_age(condition: str) -> None:
    ages = range(121)
    found = [categories_of(age=age, condition=condition) for age in ages]
    assert found == [oracle.categories(age, condition) for age in ages]


def test_oracle_draws_every_code() -> None:
    assert {*oracle.CONDITIONS} == {*CONDITIONS}
    assert {*oracle.KINDS} == {*PROPERTY_KINDS}
    assert {*oracle.GROUNDS} == {*LABOUR_GROUNDS}
    assert {*oracle.OBLIGORS} == {*OBLIGOR_GROUNDS}


# Any household: drawn so that many stand a few fen from a limit.

MANY = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FEW_ROWS = st.lists(st.integers(1, 400_000), max_size=2)


@st.composite
def people(draw: st.DrawFn, method: str) -> list[Facts]:
    """Up to seven persons, the first one counted; for 单人保 mostly one who fits."""
    size = draw(st.integers(1, 7))
    alone = draw(st.sampled_from([0, 0, 0, None])) if method == "single" else None
    found = []
    for number in range(1, size + 1):
        counted = number == 1 or draw(st.integers(0, 4)) > 0
        condition = draw(st.sampled_from(["ILL", "DISABLED_3M", *CONDITIONS]))
        row: Case = {"who": f"成员{number}", "age": draw(oracle.AGES), "counted": counted}
        if method == "tiers" and draw(st.integers(0, 9)):
            row["tier"] = draw(st.sampled_from(["0", "400", "600"]))
        wanted = draw(st.booleans()) if alone is None else number == 1
        row |= {"insured": counted and wanted, "health": CONDITIONS[condition]}
        found.append(member_facts(number, row))
    return found


@st.composite
def allowances(
    draw: st.DrawFn, method: str, *, whole: bool = False, all_earn: bool = False
) -> Facts:
    """Facts of 低保.

    `whole`: no fen to round, and not below the standard; `all_earn`: whoever is not counted has
    incomes, too.
    """
    members, standard = draw(people(method)), draw(oracle.STANDARDS)
    heads = [m["id"] for m in members if m["counted"]]
    earners = [m["id"] for m in members] if all_earn else heads
    unit = 12 * len(heads) if whole else 1
    limits = {"money_months": draw(st.integers(1, 36)), "dwellings": draw(st.integers(1, 2)),
              "dwelling_area": draw(st.integers(0, 30)), "vehicle": draw(st.integers(0, 1)),
              "premises": 0, "business": 0}  # fmt: skip
    facts = {
        "method": method,
        "standard": {"fen": standard, "source": "", "from": "2022-01-01"},
        "members": members,
        "lines": [
            {"member": draw(st.sampled_from(earners)), "kind": "WAGES", "fen": amount * unit,
             "counted": draw(st.integers(0, 4)) > 0}
            for amount in draw(FEW_ROWS)
        ],
        "obligors": [{"name": "义务人", "fen": amount * unit} for amount in draw(FEW_ROWS)],
        "deductions": [
            {"kind": "ILLNESS", "fen": amount * unit, "note": ""} for amount in draw(FEW_ROWS)
        ],
        "property": {
            "limits": limits,
            "source": "",
            "items": draw(oracle.owned(limits, limits["money_months"] * standard, len(heads))),
        },
        "supplements": draw(oracle.rates()),
    }  # fmt: skip
    bring_near_a_limit(draw, facts, heads, whole=whole)
    return facts


def bring_near_a_limit(draw: st.DrawFn, facts: Facts, heads: list[int], *, whole: bool) -> None:
    """More income, so that it comes near what decides: of the first one, or of the household."""
    standard, size, unit = facts["standard"]["fen"], len(heads), 12 * len(heads) if whole else 1

    def earn(member: int, amount: int) -> None:
        line = {"member": member, "kind": "WAGES", "fen": amount // unit * unit, "counted": True}
        facts["lines"].append(line)

    if facts["method"] == "single" and draw(st.booleans()):
        earn(heads[0], 12 * standard + draw(oracle.AROUND) * unit)
    limits = [12 * size * standard, 15 * size * standard, 18 * size * standard]
    target = draw(st.sampled_from(limits if whole else [*limits, 0])) + draw(oracle.AROUND) * unit
    if whole:
        target = max(target, limits[0])
    come_in = sum(x["fen"] for x in facts["lines"] if x["counted"] and x["member"] in heads)
    net = come_in + sum(o["fen"] for o in facts["obligors"])
    net -= sum(d["fen"] for d in facts["deductions"])
    if target > net:
        earn(heads[-1], target - net)


ANY = st.one_of(
    *(allowances(method) for method in METHODS.values()), oracle.destitutes(), oracle.reliefs()
)  # fmt: skip


def check_agreed(facts: Facts) -> None:
    """The product comes to the same as the oracle in every figure."""
    assert compared(settle(facts)) == asdict(oracle.figures(facts))


@MANY
@given(allowances("difference"))
def test_difference_agrees(facts: Facts) -> None:
    check_agreed(facts)


@MANY
@given(allowances("tiers"))
def test_tiers_agree(facts: Facts) -> None:
    check_agreed(facts)


@MANY
@given(allowances("single"))
def test_one_person_agrees(facts: Facts) -> None:
    check_agreed(facts)


@MANY
@given(allowances("single", whole=True))
def test_one_person_agrees_where_nothing_is_rounded(facts: Facts) -> None:
    check_agreed(facts)


@MANY
@given(allowances("difference", all_earn=True))
def test_income_of_who_is_not_counted_is_left_out(facts: Facts) -> None:
    check_agreed(facts)


@MANY
@given(oracle.destitutes())
def test_destitute_agrees(facts: Facts) -> None:
    check_agreed(facts)
    assert tier_of(facts["failed"]) == oracle.care_tier(facts["failed"])


@MANY
@given(oracle.reliefs())
def test_relief_agrees(facts: Facts) -> None:
    check_agreed(facts)
    assert bounds(facts) == oracle.relief_bounds(facts)
    assert needs_bureau(facts) == oracle.is_for_the_bureau(facts)


@MANY
@given(ANY | allowances("tiers"))
def test_whoever_is_refused_is_told_why_and_nobody_else(facts: Facts) -> None:
    outcome = settle(facts)
    assert outcome.is_eligible == (outcome.objections == ())


@MANY
@given(st.integers(0, 10_000_000_000))
def test_twelve_months_are_the_year(year: int) -> None:
    table = month_table(year)
    assert (len(table), sum(table)) == (12, year)
    assert max(table) - min(table) <= 1
    assert list(table) == oracle.months(year)


@MANY
@given(ANY, st.sampled_from([*FIGURES, "standard_fen"]))
def test_replay_of_what_was_stored(facts: Facts, name: str) -> None:
    outcome = settle(facts)
    stored = compared(outcome) | {"standard_fen": outcome.standard_fen}
    frozen = json.loads(json.dumps(facts, ensure_ascii=False))
    assert replay(frozen, stored).again == outcome
    assert replay(frozen, stored).differences == ()
    value = stored[name]
    wrong = not value if name == "is_eligible" else value + 1
    only = (f"{name} 当时为 {wrong}，重算为 {value}",)
    assert replay(frozen, stored | {name: wrong}).differences == only


@pytest.mark.parametrize(
    ("facts", "path", "changed"),
    [
        (allowance_facts(ALLOWANCE["case"][0].values[0]), "standard", "standard_fen monthly_fen"),
        (destitute_facts(DESTITUTE["case"][0].values[0]), "care", "supplement_fen"),
        (destitute_facts(DESTITUTE["case"][0].values[0]), "standard", "standard_fen"),
        (relief_facts(RELIEF["case"][0].values[0]), "amount_fen", "once_fen"),
    ],
)
def test_replay_notices_one_fen_in_the_facts(facts: Facts, path: str, changed: str) -> None:
    outcome = settle(facts)
    stored = compared(outcome) | {"standard_fen": outcome.standard_fen}
    held = facts[path]
    more = {path: held + 1 if isinstance(held, int) else held | {"fen": held["fen"] + 1}}
    found = replay(facts | more, stored).differences
    assert {text.split(" ")[0] for text in found} == set(changed.split())
