"""What is counted office by office, beside all offices or the year: R70 and R74."""

from datetime import date
from math import sqrt
from typing import Any

from django.db.models import Count, Q

from cases.models import Benefit, Case, Decision, Household
from cases.models.entitlement import with_amounts
from supervision.models import Finding
from tests.supervision.ground import MONTH, Ground
from tests.supervision.plants.books import LAST, branch, entitlement, office_of
from tests.supervision.plants.shape import Plant
from yuquan_relief.kernel.models import Unit

TWENTY = 20
RARE = "RURAL_DESTITUTE"  # which hardly another plant decides or pays
SINCE_MAY, SINCE_JUNE = date(2026, 5, 1), date(2026, 6, 1)
SINCE = {"start_month": SINCE_JUNE, "paid_with": SINCE_JUNE}  # counted by no rule of exits


def _decided(
    ground: Ground, approved: int, refused: int, village: Unit | None = None, **of: Any
) -> Unit:
    """An office that has approved and refused so many this year."""
    village = village or branch(ground)
    for n in range(approved + refused):
        ground.case(village=village, state="APPROVED" if n < approved else "REFUSED", **of)
    return office_of(village)


def _decisions() -> tuple[int, int]:
    """(all decisions of a year, approved ones) of 城市低保 in the district."""
    year = Decision.objects.filter(
        decided_on__gt=date(2025, 11, 27), case__programme="URBAN_ALLOWANCE"
    )
    found = year.aggregate(n=Count("pk"), yes=Count("pk", filter=Q(outcome="APPROVED")))
    return found["n"], found["yes"]


# ---------------------------------------------------------------- R70


def _refuses(ground: Ground) -> str:
    return str(_decided(ground, 11, 9).code)


def _least_within(ground: Ground) -> str:
    """An office of twenty decisions that approves as little as two standard errors allow.

    甲街道 refuses one in thirty, as everywhere: the others' plants there are nearly all approved.
    """
    here = ground.cast.office
    of = {"case__office": here, "case__programme": "URBAN_ALLOWANCE"}
    approved = Decision.objects.filter(outcome="APPROVED", **of).count()
    refused = Decision.objects.filter(outcome="REFUSED", **of).count()
    _decided(ground, 0, max(approved // 30 - refused, 0), ground.cast.village)
    n, yes = _decisions()
    for k in range(TWENTY + 1):
        rate = (yes + k) / (n + TWENTY)
        if rate - k / TWENTY < 2 * sqrt(rate * (1 - rate) / TWENTY):
            return str(_decided(ground, k, TWENTY - k).code)
    raise AssertionError("no rate is within")


def _paid(ground: Ground, fen: int, many: int = TWENTY, **changes: Any) -> str:
    """An office with so many in benefit, of so much each."""
    village = branch(ground)
    for _ in range(many):
        ground.benefit(village=village, monthly_fen=fen, **SINCE | changes)
    return str(office_of(village).code)


def _within_a_tenth(ground: Ground) -> str:
    """Twenty who get as much more as is still within a tenth of the district's mean."""
    urban = Benefit.objects.filter(end_month=None, programme="URBAN_ALLOWANCE")
    running = with_amounts(urban, MONTH)
    each = [b.now_monthly_fen / b.now_persons for b in running]  # type: ignore[attr-defined]
    fen = int(1.1 * sum(each) / (len(each) + TWENTY - 1.1 * TWENTY))
    return _paid(ground, fen - 3_00)


def _of_another_programme(ground: Ground) -> tuple[str, str]:
    """Two offices in which twenty each are in 特困, which gives three times as much."""
    return (_paid(ground, 1_200_00, programme=RARE), _paid(ground, 1_200_00, programme=RARE))


def _half_refused(ground: Ground) -> tuple[str, ...]:
    """Two offices that refuse half of what is asked for of 特困: so does everybody."""
    of = {"programme": RARE, "without": "benefit"}
    return tuple(str(_decided(ground, 10, 10, **of).code) for _ in range(2))


def _reduced(ground: Ground) -> str:
    """Twenty whose rows say 560.00, but who get 400.00 since October."""
    code = _paid(ground, 560_00)
    for benefit in Benefit.objects.filter(office__code=code):
        entitlement(ground, benefit, LAST, 400_00, "REDUCE")
    return code


def _stay(ground: Ground, many: int = TWENTY, last: date | None = None) -> str:
    """So many are in benefit since May; one more has left with its last month, if it is said."""
    village = branch(ground)
    since: dict[str, Any] = {"start_month": SINCE_MAY, "paid_with": SINCE_MAY}
    for _ in range(many):
        ground.benefit(village=village, **since)
    if last:
        ground.benefit(village=village, end_month=last, start_month=date(2026, 1, 1))
    return str(office_of(village).code)


def _one_left_here(ground: Ground) -> str:
    """The other plants' offices have had somebody who left, as every office has."""
    for village in (ground.cast.village, ground.cast.foreign_village):
        ground.benefit(village=village, end_month=date(2026, 8, 1))
    return _stay(ground, TWENTY, SINCE_MAY)


# ---------------------------------------------------------------- R74


def _wrong(ground: Ground, approved: int, wrong: int, refused: int = 1, **changes: Any) -> str:
    """An office in which so many of the year's approvals were found wrong."""
    office = _decided(ground, approved, refused)
    homes = [c.household for c in Case.objects.filter(office=office, state="APPROVED")[:wrong]]
    for home in homes:
        _finding(ground, office, home, **changes)
    return str(office.code)


def _finding(ground: Ground, office: Unit, home: Household, **changes: Any) -> Finding:
    """A person found a household wrongly recognised; one office stands as the subject of all."""
    values = {
        "no": f"HC-P-{next(ground.serial)}", "district": ground.cast.district, "office": office,
        "state": "DONE", "opened_on": date(2026, 10, 9), "source": "SITE", "rule": "",
        "severity": "H", "cites": "18(4)", "subject_kind": "office", "subject_key": SUBJECT[0],
        "what": "认定不准", "owner": "deputy_leader", "last_seen_on": date(2026, 10, 9),
        "household": home, "outcome": "TRUE", "verdict": "属实", "judged_on": date(2026, 10, 20),
        "judged_by_id": ground.person("supervisor"), "is_error": True, "error_year": 2026,
    }  # fmt: skip
    return Finding.objects.create(**values | changes)


SUBJECT = [""]


def _five(ground: Ground) -> str:
    """One in twenty; the office is also the subject of what people have found."""
    village = branch(ground)
    SUBJECT[0] = office_of(village).code
    office = _decided(ground, TWENTY, 1, village)
    home = Case.objects.filter(office=office, state="APPROVED")[0].household
    _finding(ground, office, home)
    _finding(ground, office, home)
    return str(office.code)


PLANTS = [
    Plant("R74", "占 5.00%，已达 5%", hit=_five, also=("",),
          near=lambda g: _wrong(g, 26, 1)),
    Plant("R74", "占 4.76%，接近 5%", hit=lambda g: _wrong(g, 21, 1),
          near=lambda g: _wrong(g, 20, 1, outcome="EXEMPT")),
    Plant("R74", "占 4.00%，接近 5%", hit=lambda g: _wrong(g, 25, 1, outcome="MENDED"),
          near=lambda g: _wrong(g, 51, 2)),
    Plant("R74", "占 10.00%，已达 5%", hit=lambda g: _wrong(g, 10, 1),
          near=lambda g: _wrong(g, 20, 1, error_year=2025)),
    Plant("R70", "没有一件不予批准", hit=lambda g: str(_decided(g, TWENTY, 0).code),
          near=lambda g: str(_decided(g, TWENTY - 1, 1).code)),
    Plant("R70", "没有一件不予批准", hit=lambda g: str(_decided(g, TWENTY + 1, 0).code),
          near=lambda g: str(_decided(g, TWENTY - 1, 0).code)),
    Plant("R70", "没有一户退出", hit=lambda g: _stay(g, TWENTY, date(2026, 4, 1)),
          near=_one_left_here),
    Plant("R70", "没有一户退出", hit=_stay, near=lambda g: _stay(g, TWENTY - 1)),
    Plant("R70", "批准率", hit=_refuses, near=_least_within),
    Plant("R70", "人均补助", hit=lambda g: _paid(g, 560_00), near=_within_a_tenth),
    Plant("R70", "人均补助", hit=lambda g: _paid(g, 280_00),
          near=lambda g: _paid(g, 560_00, TWENTY - 1)),
    Plant("R70", "人均补助", hit=lambda g: _paid(g, 250_00), near=_reduced),
    Plant("R70", "城市低保人均补助", hit=lambda g: _paid(g, 240_00), near=_of_another_programme),
    Plant("R70", "批准率", hit=_refuses, near=_half_refused),
]  # fmt: skip
