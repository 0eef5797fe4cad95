"""特困: care, minors, obligors: R53."""

from datetime import date, timedelta
from typing import Any

from cases.models import Benefit, Case
from cases.rules.destitution import SELF_CARE
from tests.supervision.ground import ON, Ground
from tests.supervision.plants.shape import Plant

DAY = timedelta(days=1)


def _destitute(g: Ground, *, left_out: str = "", **changes: Any) -> Case:
    return g.case(programme="URBAN_DESTITUTE", without=left_out, **changes)


def _care(g: Ground, failed: int, tier: str, **changes: Any) -> Case:
    """An approved case of 特困 in which so many items cannot be done alone."""
    case = _destitute(g, left_out="self_care")
    does = {name: n >= failed for n, name in enumerate(SELF_CARE)}
    g.self_care(case, **{"failed": failed, "tier": tier, **does} | changes)
    return case


def _minor(g: Ground, adult_on: date, *, reviewed: bool = False, **head: Any) -> str:
    """特困 since January of somebody who is 18 on that day."""
    born = adult_on.replace(year=adult_on.year - 18)
    home = g.home(head={"id_no": g.number(born), **head})
    benefit = g.benefit(home, programme="URBAN_DESTITUTE")
    if reviewed:
        g.review(benefit, outcome="KEEP", opened_on=adult_on - 10 * DAY)
    return str(benefit.key)


def _assessed(g: Ground, day: date) -> str:
    case = _care(g, 0, "SELF", assessed_on=day)
    return str(Benefit.objects.get(source_case=case).key)


def _wrong_tier(g: Ground) -> tuple[str, ...]:
    g.lift("cases_selfcare", "self_care_tier_by_items")
    pairs = ((0, "PARTIAL"), (1, "SELF"), (3, "FULL"), (4, "PARTIAL"))
    return tuple(str(_care(g, failed, tier).no) for failed, tier in pairs)


def _wrong_count(g: Ground) -> str:
    """Four items cannot be done alone; the count that stands there says three."""
    g.lift("cases_selfcare", "self_care_counts_the_items")
    case = _destitute(g, left_out="self_care")
    does = {name: n >= 4 for n, name in enumerate(SELF_CARE)}
    g.self_care(case, failed=3, tier="PARTIAL", **does)
    return str(case.no)


def _paid_tier(g: Ground, tier: str) -> str:
    case = _care(g, 3, "PARTIAL")
    Benefit.objects.filter(source_case=case).update(care_tier=tier)
    return str(Benefit.objects.get(source_case=case).key)


def _no_obligors(g: Ground, **account: Any) -> str:
    case = _destitute(g, left_out="obligor account")
    g.income_account(case, **account)
    return str(case.no)


CARE = [
    Plant(
        "R53", "没有自理能力评估",
        hit=lambda g: Benefit.objects.get(source_case=_destitute(g, left_out="self_care")).key,
        near=lambda g: Benefit.objects.get(source_case=_destitute(g)).key,
    ),
    Plant(
        "R53", "已超过 12 个月",
        hit=lambda g: _assessed(g, ON.replace(year=2025) - DAY),
        near=lambda g: _assessed(g, ON.replace(year=2025)),
    ),
    Plant(
        "R53", "档次与项数不符",
        hit=_wrong_tier,
        near=lambda g: tuple(
            str(_care(g, failed, tier).no)
            for failed, tier in ((0, "SELF"), (1, "PARTIAL"), (3, "PARTIAL"), (4, "FULL"))
        ),
    ),
    Plant(
        "R53", "档次与项数不符",
        hit=_wrong_count,
        near=lambda g: str(_care(g, 3, "PARTIAL").no),
    ),
    Plant(  # what is paid goes by the benefit's tier
        "R53", "档次与项数不符",
        hit=lambda g: _paid_tier(g, "FULL"),
        near=lambda g: _paid_tier(g, "PARTIAL"),
    ),
    Plant(
        "R53", "按未成年人认定", also=("R52",),
        hit=lambda g: _minor(g, ON),
        near=lambda g: (
            _minor(g, ON + DAY),
            _minor(g, date(2026, 3, 10), reviewed=True, studies_until=ON),
            _minor(g, date(2026, 1, 1), reviewed=True),
        ),
    ),
    Plant(  # who cannot work for a disability is not there as a minor
        "R53", "按未成年人认定",
        hit=lambda g: _minor(g, date(2026, 3, 10), reviewed=True),
        near=lambda g: _minor(g, date(2026, 3, 10), reviewed=True, condition="DISABLED_1"),
    ),
    Plant(
        "R53", "没有登记法定义务人",
        hit=_no_obligors,
        near=lambda g: _no_obligors(
            g, facts={"obligors": []}, sentences=["法定义务人：没有法定义务人。"]
        ),
    ),
]  # fmt: skip
