"""What a settlement must come to, worked out anew from the rules as written (domain 3-5).

It shares the shape of the facts with the product and none of its code: everything is a Fraction
until the one rounding at the end, half up to the fen. Slow and plain on purpose. Below stand facts
by chance; the cases that an official can check are in the golden_*.toml files beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import floor
from typing import Any

from hypothesis import strategies as st

Facts = Mapping[str, Any]

# 单人保 (3.4): grade one or two, grade three of mind, or a grave illness.
SINGLE = ("DISABLED_1", "DISABLED_2", "DISABLED_3M", "ILL")
# 特困 (4.1): the grades of disability that go with each ground.
GRADES = {
    "MENTAL": ("DISABLED_1", "DISABLED_2", "DISABLED_3M"),
    "LIMB": ("DISABLED_1", "DISABLED_2"),
    "SIGHT": ("DISABLED_1",),
}


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The figures that product and oracle must agree on. Fen."""

    persons: int
    insured: int
    annual_fen: int
    per_capita_fen: int
    is_eligible: bool
    monthly_fen: int = 0
    supplement_fen: int = 0
    year_fen: int = 0
    once_fen: int = 0


def figures(facts: Facts) -> Figures:
    """All figures of the facts by their method."""
    if facts["method"] == "destitute":
        return _destitute(facts)
    return _relief(facts) if facts["method"] == "relief" else _allowance(facts)


def half_up(exact: Fraction) -> int:
    """The nearest whole fen; half a fen goes up."""
    return floor(exact + Fraction(1, 2))


# 低保 (3.1-3.7)


def _allowance(facts: Facts) -> Figures:
    persons = len(_counted(facts))
    insured = _insured(facts)
    pay = {"difference": _difference, "tiers": _tiers, "single": _single}[facts["method"]](facts)
    monthly = max(half_up(pay), 1) if pay > 0 and property_fits(facts) else 0
    return Figures(
        persons=persons,
        insured=len(insured),
        annual_fen=int(annual(facts)),
        per_capita_fen=half_up(per_head(facts)),
        is_eligible=monthly > 0,
        monthly_fen=monthly,
        supplement_fen=sum(add_on(facts, m) for m in insured) if monthly else 0,
    )


def _difference(facts: Facts) -> Fraction:
    """(standard - income a head) x insured persons; nothing unless strictly below."""
    gap = _standard(facts) - per_head(facts)
    return max(gap, Fraction(0)) * len(_insured(facts))


def _tiers(facts: Facts) -> Fraction:
    """The tiers of the insured added up, if all have one and the household is below."""
    tiers = [m["tier"] for m in _insured(facts)]
    if per_head(facts) >= _standard(facts) or not all(tiers):
        return Fraction(0)
    return Fraction(sum(tier["fen"] for tier in tiers))


def _single(facts: Facts) -> Fraction:
    """Standard less own income for one ill or disabled member of a family on the edge (3.4)."""
    insured = _insured(facts)
    if len(insured) != 1 or insured[0]["condition"] not in SINGLE or not is_on_the_edge(facts):
        return Fraction(0)
    own = sum(x["fen"] for x in _lines(facts) if x["member"] == insured[0]["id"])
    return max(_standard(facts) - Fraction(own, 12), Fraction(0))


def is_on_the_edge(facts: Facts) -> bool:
    """边缘家庭: not itself in 低保, and strictly below one and a half times the standard."""
    standard = _standard(facts)
    return standard <= per_head(facts) < standard * Fraction(3, 2)


def annual(facts: Facts) -> Fraction:
    """The year's income of the household: what counts, and support, less deductions."""
    come_in = sum(x["fen"] for x in _lines(facts)) + sum(o["fen"] for o in facts["obligors"])
    return Fraction(max(come_in - sum(d["fen"] for d in facts["deductions"]), 0))


def per_head(facts: Facts) -> Fraction:
    """Income a head and month, not rounded."""
    return annual(facts) / 12 / len(_counted(facts))


def categories(age: int, condition: str) -> list[str]:
    """Targets of 分类施保 (3.7): the old, the young, the severely disabled, the gravely ill."""
    tests = {
        "ELDERLY": age >= 60,
        "MINOR": age < 18,
        "DISABLED": condition in ("DISABLED_1", "DISABLED_2"),
        "ILL": condition == "ILL",
    }
    return [name for name, fits in tests.items() if fits]


def add_on(facts: Facts, member: Mapping[str, Any]) -> int:
    """What one insured member is given on top: the highest of the rates that fit, once."""
    mine = categories(member["age"], member["condition"])
    percents = [0, *(rate["percent"] for rate in facts["supplements"] if rate["code"] in mine)]
    return half_up(_standard(facts) * Fraction(max(percents), 100))


def property_fits(facts: Facts) -> bool:
    """Whether what is not exempt stays within each ceiling (3.6)."""
    limits, persons = facts["property"]["limits"], len(_counted(facts))
    held: dict[str, list[Any]] = {}
    for item in facts["property"]["items"]:
        if not item["exempt"]:
            held.setdefault(item["kind"], []).append(item)
    money = Fraction(sum(item["fen"] for item in held.get("MONEY", [])), persons)
    homes = held.get("DWELLING", [])
    room = Fraction(sum(home["area"] for home in homes), persons)
    return (
        money <= limits["money_months"] * _standard(facts)
        and all(
            len(held.get(kind, [])) <= limits[kind.lower()]
            for kind in ("VEHICLE", "PREMISES", "BUSINESS")
        )
        and (len(homes) <= limits["dwellings"] or room < limits["dwelling_area"])
    )


def _standard(facts: Facts) -> Fraction:
    return Fraction(facts["standard"]["fen"])


def _counted(facts: Facts) -> list[Any]:
    return [m for m in facts["members"] if m["counted"]]


def _insured(facts: Facts) -> list[Any]:
    return [m for m in facts["members"] if m["insured"]]


def _lines(facts: Facts) -> list[Any]:
    """Incomes that count, of members who count (3.2)."""
    heads = {m["id"] for m in _counted(facts)}
    return [x for x in facts["lines"] if x["counted"] and x["member"] in heads]


# 特困 (4.1, 4.3, 4.4)


def _destitute(facts: Facts) -> Figures:
    income = Fraction(sum(x["fen"] for x in facts["lines"] if x["counted"]))
    fits = (
        cannot_work(facts["labour_ground"], **facts["person"])
        and income / 12 < _standard(facts)
        and facts["property_ok"]
        and all(o["ground"] != "ABLE" for o in facts["obligors"])
    )
    year = facts["basic"]["fen"] if fits else 0
    return Figures(
        persons=1,
        insured=1,
        annual_fen=int(income),
        per_capita_fen=half_up(income / 12),
        is_eligible=fits,
        monthly_fen=half_up(Fraction(year, 12)),
        supplement_fen=facts["care"]["fen"] if fits else 0,
        year_fen=year,
    )


def cannot_work(ground: str, *, age: int, condition: str, **_: object) -> bool:
    """Whether the chosen ground is true of the person."""
    if ground == "AGE60":
        return age >= 60
    if ground == "UNDER16":
        return age < 16
    return condition in GRADES.get(ground, ())


def care_tier(failed: int) -> str:
    """0 items that fail: 全自理; 1 to 3: 半护理; 4 to 6: 全护理."""
    return ["SELF", *["PARTIAL"] * 3, *["FULL"] * 3][failed]


# 临时救助 (5.1, 5.2)


def _relief(facts: Facts) -> Figures:
    least, most = relief_bounds(facts)
    amount = facts["amount_fen"]
    fits = (
        amount > 0
        and (bool(facts["special"]) or least <= amount <= most)
        and not (facts["same_cause"] and not facts["new_reason"])
    )
    own = facts["cost"]["own_fen"]
    return Figures(
        persons=facts["persons"],
        insured=facts["persons"],
        annual_fen=own,
        per_capita_fen=half_up(Fraction(own, facts["persons"])),
        is_eligible=fits,
        once_fen=amount if fits else 0,
    )


def relief_bounds(facts: Facts) -> tuple[int, int]:
    """So many times the month's standard, for each person or for the household."""
    rule = facts["rule"]
    heads = facts["persons"] if rule["per_person"] else 1
    unit = _standard(facts) * heads
    return int(unit * rule["min_times"]), int(unit * rule["max_times"])


def is_for_the_bureau(facts: Facts) -> bool:
    """Whether this award and the earlier ones of the period exceed the office's limit."""
    given: int = facts["amount_fen"] + facts["earlier_fen"]
    most: int = facts["office_most_fen"]
    return given > most


def months(year_fen: int) -> list[int]:
    """A year's sum month by month (4.4): due by the month's end, less what was due before."""
    due = [half_up(Fraction(year_fen * month, 12)) for month in range(13)]
    return [later - sooner for sooner, later in pairwise(due)]


# Facts by chance: drawn so that many stand a few fen from a limit.

CONDITIONS = (
    "HEALTHY",
    "ILL",
    "DISABLED_1",
    "DISABLED_2",
    "DISABLED_3M",
    "DISABLED_3",
    "DISABLED_4",
)
GROUNDS = ("AGE60", "UNDER16", *GRADES)
OBLIGORS = ("ABLE", "DESTITUTE", "ALLOWANCE60", "OLD70", "DISABLED", "INCAPABLE")
KINDS = ("MONEY", "VEHICLE", "DWELLING", "PREMISES", "BUSINESS", "OTHER")
TARGETS = ("ELDERLY", "MINOR", "DISABLED", "ILL")
AROUND = st.integers(-13, 13)
STANDARDS = st.sampled_from([84_100, 62_100, 84_101, 57_533]) | st.integers(100, 200_000)
AGES = st.sampled_from([0, 15, 16, 17, 18, 59, 60, 61]) | st.integers(0, 110)


@st.composite
def owned(
    draw: st.DrawFn, limits: dict[str, int], head_fen: int, persons: int
) -> list[dict[str, Any]]:
    """Nothing, or some things near the ceilings: head_fen of money, so many square metres."""
    items = []
    kind_of = st.sampled_from(KINDS)
    some = st.lists(kind_of, max_size=3) | st.builds(
        lambda k, n: [k] * n, kind_of, st.integers(1, 3)
    )
    for kind in draw(st.just([]) | some):
        edge = limits["dwelling_area"] * persons // 2 + draw(st.integers(-1, 1))
        money = head_fen * persons + draw(st.integers(-1, 1))
        items.append(
            {
                "kind": kind,
                "fen": draw(st.just(money) | st.integers(0, money)),
                "area": draw(st.just(max(edge, 0)) | st.integers(0, 200)),
                "exempt": draw(st.integers(0, 3)) == 0,
            }
        )
    return items


@st.composite
def rates(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Rates of 分类施保 in any order, some missing."""
    codes = draw(st.permutations(TARGETS))[: draw(st.integers(0, 4))]
    percent = st.sampled_from([0, 10, 15, 30]) | st.integers(0, 100)
    return [{"code": code, "label": code, "percent": draw(percent)} for code in codes]


@st.composite
def destitutes(draw: st.DrawFn) -> dict[str, Any]:
    """Facts of 特困."""
    standard, condition = draw(STANDARDS), draw(st.sampled_from(CONDITIONS))
    failed = draw(st.integers(0, 6))
    income = st.integers(0, 2_000_000) | AROUND.map(lambda fen: 12 * standard + fen)
    return {
        "method": "destitute",
        "person": {"id": 1, "name": "本人", "age": draw(AGES), "condition": condition},
        "labour_ground": draw(st.sampled_from(["", *GROUNDS])),
        "property_ok": draw(st.integers(0, 9)) > 0,
        "standard": {"fen": standard, "source": "", "from": "2022-01-01"},
        "lines": [
            {"member": 1, "kind": "OTHER", "fen": amount, "counted": draw(st.booleans())}
            for amount in draw(st.lists(income, max_size=2))
        ],
        "obligors": [
            {"name": "义务人", "ground": ground}
            for ground in draw(st.lists(st.sampled_from(OBLIGORS), max_size=2))
        ],
        "support": "CENTRAL",
        "tier": care_tier(failed),
        "failed": failed,
        "basic": {"fen": draw(st.integers(100, 2_000_000)), "source": ""},
        "care": {"fen": draw(st.integers(0, 200_000)), "source": ""},
    }


@st.composite
def reliefs(draw: st.DrawFn) -> dict[str, Any]:
    """Facts of 临时救助."""
    standard, persons = draw(STANDARDS), draw(st.integers(1, 7))
    least, most = draw(st.integers(1, 4)), draw(st.integers(4, 12))
    per_person = draw(st.booleans())
    edges = [n * standard * (persons if per_person else 1) for n in (0, least, most)]
    amount = max(draw(st.sampled_from(edges)) + draw(AROUND), 0)
    earlier, cost = draw(st.integers(0, 2_000_000)), draw(st.integers(0, 20_000_000))
    rule = {"min_times": least, "max_times": most, "per_person": per_person, "first_times": 3}
    return {
        "method": "relief",
        "urgent": draw(st.booleans()),
        "persons": persons,
        "standard": {"fen": standard, "source": "", "from": "2022-01-01"},
        "rule": rule,
        "office_most_fen": max(amount + earlier + draw(AROUND), 0),
        "amount_fen": amount,
        "special": draw(st.sampled_from(["", "", "会议纪要"])),
        "new_reason": draw(st.sampled_from(["", "再次住院"])),
        "same_cause": draw(st.sampled_from(["", "旧案"])),
        "earlier_fen": earlier,
        "cost": {"total_fen": cost, "covered_fen": 0, "own_fen": cost},
    }
