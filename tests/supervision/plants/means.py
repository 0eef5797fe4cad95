"""Income and property: R20-R27; what is beside a settlement in means_beside: R28-R32."""

from collections.abc import Callable
from datetime import date
from typing import Any

from cases.models import (
    Benefit,
    Case,
    Household,
    IncomeLine,
    MeansFinding,
    Member,
    Obligor,
    PropertyItem,
)
from tests.supervision.ground import ON, STANDARD, Ground
from tests.supervision.plants import means_beside
from tests.supervision.plants.roads import correct
from tests.supervision.plants.shape import Plant
from yuquan_relief.kernel.inputs import identity_numbers

LAST_MONTH = date(2026, 10, 1)
LIMIT = 36 * STANDARD
GONE: dict[str, Any] = {"left_on": ON, "left_reason": "APART"}
BESIDE: dict[str, Any] = {
    "counts_for_income": False,
    "is_insured": False,
    "not_counted": "APART",
}


def _open(ground: Ground, home: Household | None = None, **changes: Any) -> Case:
    return ground.case(home, state="INVESTIGATING", **changes)


def _item(case: Case, kind: str, **changes: Any) -> str:
    values = {"note": "轿车一辆", "value_fen": 50_000_00, "area": 0, "is_exempt": False}
    PropertyItem.objects.create(case=case, kind=kind, **values | changes)
    return str(case.no)


def _owns(ground: Ground, kind: str, **changes: Any) -> str:
    return _item(ground.case(), kind, **changes)


def _owned_before(ground: Ground, kind: str) -> tuple[str, str]:
    """Of a family that is in benefit no more; of one that was refused."""
    case = ground.case()
    Benefit.objects.filter(source_case=case).update(end_month=LAST_MONTH)
    refused = ground.case(state="REFUSED", decision={"persons": 0})
    return _item(case, kind), _item(refused, kind)


def _exempt(ground: Ground, kind: str, note: str = "轿车一辆") -> str:
    return _owns(ground, kind, note=note, is_exempt=True, reason="已核实，可以不计")


def _superseded(ground: Ground, no: str) -> str:
    """What the family owns was found by a report, and the next report has found nothing."""
    case = Case.objects.get(no=no)
    case.property_items.update(means_check=case.means_checks.get())
    ground.means(case, attempt=2)
    return no


def _reported_again(ground: Ground, no: str) -> str:
    """The second report has found it as well."""
    case = Case.objects.get(no=no)
    case.property_items.update(means_check=ground.means(case, attempt=2))
    return no


def _whose(ground: Ground, no: str, **member: Any) -> str:
    """It is the property of one more person."""
    case = Case.objects.get(no=no)
    case.property_items.update(member=ground.member(case.household, **member))
    return no


def _of_corrected(ground: Ground, no: str) -> str:
    """The owner's role was corrected since; the item names the row of before."""
    case = Case.objects.get(no=no)
    person = ground.member(case.household)
    case.property_items.update(member=person)
    correct(ground, person, relation="SIBLING")
    return no


def _not_theirs(ground: Ground, make: Callable[[], str]) -> tuple[str, ...]:
    """The same three times: found by an earlier report, of one who left, of one not counted."""
    return (
        _superseded(ground, make()),
        _whose(ground, make(), **GONE),
        _whose(ground, make(), **BESIDE),
    )


# ---------------------------------------------------------------------- R21, R23, R24


def _family(ground: Ground, *others: dict[str, Any]) -> Household:
    home = ground.home()
    for other in others:
        ground.member(home, **other)
    return home


def _dwells(ground: Ground, *areas: int, apart: int = 0) -> str:
    """Two who are counted and one who is not own so many square metres; `apart`: not counted."""
    case = _open(ground, _family(ground, {}, BESIDE))
    for area in areas:
        _item(case, "DWELLING", note="住房", area=area)
    if apart:
        _item(case, "DWELLING", note="危房", area=apart, is_exempt=True, reason="已鉴定为危房")
    return str(case.no)


def _reported(
    ground: Ground, kind: str, *, again: bool = False, corrected: bool = False, **member: Any
) -> str:
    """The report says it of a second member; `again`: the next report no more."""
    home = ground.home()
    person = ground.member(home, **member)
    case = _open(ground, home)
    MeansFinding.objects.create(check_of=case.means_checks.get(), member=person, kind=kind)
    if again:
        ground.means(case, attempt=2)
    if corrected:
        correct(ground, person, relation="SIBLING")
    return str(case.no)


def _earns(
    ground: Ground,
    kind: str,
    checked: int | None,
    *,
    declared: int = 0,
    months: int = 12,
    **member: Any,
) -> str:
    """A second member's income of a year."""
    home = ground.home()
    person = ground.member(home, **member)
    case = _open(ground, home)
    IncomeLine.objects.create(
        case=case,
        member=person,
        kind=kind,
        months=months,
        declared_fen=declared,
        checked_fen=checked,
    )
    return str(case.no)


def _earned_before(ground: Ground, checked: int) -> str:
    """The role was corrected since; the income names the row of before."""
    no = _earns(ground, "TRANSFER", checked)
    correct(ground, IncomeLine.objects.get(case__no=no).member, relation="SIBLING")
    return no


def _saved(ground: Ground, *sums: int, programme: str = "URBAN_ALLOWANCE", **free: Any) -> str:
    """Two insured persons with so much money; `free`: what may be left out."""
    case = _open(ground, _family(ground, {}), programme=programme, without="account")
    ground.income_account(case, persons=2, insured=2)
    for fen in sums:
        _item(case, "MONEY", note="存款", value_fen=fen)
    if free:
        _item(case, "MONEY", note="抚恤金", is_exempt=True, reason="抚恤金不计入", **free)
    return str(case.no)


# ---------------------------------------------------------------------- R25-R27


def _wages(ground: Ground, checked: int, declared: int, persons: int = 1, **line: Any) -> str:
    """Wages of the head; so many are counted."""
    home = _family(ground, *[{} for _ in range(persons - 1)])
    case = _open(ground, home, without="account")
    ground.income_account(case, persons=persons, insured=persons)
    IncomeLine.objects.create(
        case=case, member=ground.head(home), kind="WAGES", declared_fen=declared,
        checked_fen=checked, **line,
    )  # fmt: skip
    return str(case.no)


def _able(ground: Ground, born: date, **changes: Any) -> tuple[Case, Member]:
    number = identity_numbers.synthetic(next(ground.serial), birth_on=born, is_male=True)
    home = ground.home()
    person = ground.member(home, id_no=number, relation="CHILD", **changes)
    return _open(ground, home), person


def _idle(ground: Ground, born: date = date(1990, 3, 4), **changes: Any) -> str:
    return str(_able(ground, born, **changes)[0].no)


def _with_line(ground: Ground, **line: Any) -> str:
    case, person = _able(ground, date(1990, 3, 4))
    IncomeLine.objects.create(case=case, member=person, kind="WAGES", **{"declared_fen": 0} | line)
    return str(case.no)


def _destitute_idle(ground: Ground) -> str:
    home = ground.home()
    ground.member(home, born=date(1990, 3, 4), relation="CHILD")
    return str(_open(ground, home, programme="URBAN_DESTITUTE").no)


def _child_who(ground: Ground, month_fen: int, **changes: Any) -> str:
    case = _open(ground)
    values = {"name": "演练子", "relation": "CHILD", "persons": 1, "ground": "ABLE"}
    Obligor.objects.create(case=case, month_fen=month_fen, **values | changes)
    return str(case.no)


PLANTS = [
    Plant(
        "R20",
        "轿车一辆",
        hit=lambda g: (
            _owns(g, "VEHICLE"),
            _item(_open(g), "VEHICLE", value_fen=0),
            _reported_again(g, _owns(g, "VEHICLE")),
            _whose(g, _owns(g, "VEHICLE")),
            _of_corrected(g, _owns(g, "VEHICLE")),
        ),
        near=lambda g: (
            _exempt(g, "VEHICLE"),
            *_owned_before(g, "VEHICLE"),
            *_not_theirs(g, lambda: _owns(g, "VEHICLE")),
        ),
    ),
    Plant(
        "R21",
        "商铺（非居住用房）",
        hit=lambda g: _owns(g, "PREMISES", note="商铺"),
        near=lambda g: (
            _exempt(g, "PREMISES", "商铺"),
            *_not_theirs(g, lambda: _owns(g, "PREMISES", note="商铺")),
        ),
    ),
    Plant(
        "R21",
        "处，人均",
        hit=lambda g: _dwells(g, 30, 30),
        near=lambda g: (
            _dwells(g, 30, 29),
            _dwells(g, 500),
            _dwells(g, 59, apart=60),
            *_not_theirs(g, lambda: _dwells(g, 30, 30)),
        ),
    ),
    Plant(
        "R22",
        "个体工商户",
        hit=lambda g: _owns(g, "BUSINESS", note="个体工商户"),
        near=lambda g: (
            _exempt(g, "BUSINESS", "个体工商户"),
            _owns(g, "OTHER", note="个体工商户的旧货架"),
            *_not_theirs(g, lambda: _owns(g, "BUSINESS", note="个体工商户")),
        ),
    ),
    Plant(
        "R23",
        "是财政供养人员",
        hit=lambda g: (_reported(g, "PAYROLL"), _reported(g, "PAYROLL", corrected=True)),
        near=lambda g: (
            _reported(g, "STUDENT"),
            _reported(g, "PAYROLL", again=True),
            _reported(g, "PAYROLL", **GONE),
        ),
    ),
    Plant(
        "R23",
        "元，高于标准",
        hit=lambda g: (
            _earns(g, "TRANSFER", 12 * STANDARD + 12),
            _earns(g, "TRANSFER", 6 * STANDARD + 6, months=6),
        ),
        near=lambda g: (
            _earns(g, "TRANSFER", 12 * STANDARD, declared=12 * STANDARD),
            _earns(g, "TRANSFER", 6 * STANDARD, months=6),
            _earns(g, "TRANSFER", 12 * STANDARD + 12, **GONE),
            _earns(g, "OLD_AGE", 12 * STANDARD + 12),
        ),
    ),
    Plant(
        "R23",
        "元，高于标准",
        hit=lambda g: (
            _earns(g, "TRANSFER", None, declared=12 * STANDARD + 12),
            _earned_before(g, 12 * STANDARD + 12),
        ),
        near=lambda g: _earns(g, "TRANSFER", None, declared=12 * STANDARD),
    ),
    Plant(
        "R24",
        "超过人均 36 个月标准",
        hit=lambda g: (
            _saved(g, LIMIT, LIMIT + 1),
            _saved(g, 2 * LIMIT + 1, value_fen=10_000_00),
        ),
        near=lambda g: (
            _saved(g, LIMIT, LIMIT),
            _saved(g, 2 * LIMIT, value_fen=1),
            *_not_theirs(g, lambda: _saved(g, LIMIT, LIMIT + 1)),
        ),
    ),
    Plant(
        "R24",
        "超过人均 36 个月标准",
        hit=lambda g: _saved(g, 2 * LIMIT + 1, programme="URBAN_DESTITUTE"),
        near=lambda g: _saved(g, 2 * LIMIT, programme="URBAN_DESTITUTE"),
    ),
    Plant(
        "R25",
        "少报五分之一以上",
        hit=lambda g: (
            _wages(g, 12 * 850_00, 12 * 680_00 - 1),
            _wages(g, 12 * STANDARD + 12, 0),
            _wages(g, 24 * STANDARD + 24, 0, persons=2),
            _wages(g, 6 * 850_00, 0, months=6),
        ),
        near=lambda g: (
            _wages(g, 12 * 850_00, 12 * 680_00),
            _wages(g, 12 * 850_00, 13 * 850_00),
        ),
    ),
    Plant(
        "R25",
        "少报五分之一以上",
        hit=lambda g: _wages(g, 12 * STANDARD + 12, 12 * 600_00),
        near=lambda g: (
            _wages(g, 12 * STANDARD, 0),
            _wages(g, 24 * STANDARD, 0, persons=2),
        ),
    ),
    Plant(
        "R26",
        "没有申报收入，也没有写明原因",
        hit=lambda g: (
            _idle(g, date(2008, 11, 27)),
            _idle(g, date(1966, 11, 28)),
            _idle(g, studies_until=date(2026, 11, 26)),
            _with_line(g),
        ),
        near=lambda g: (
            _idle(g, date(2008, 11, 28)),
            _idle(g, date(1966, 11, 27)),
            _idle(g, studies_until=ON),
            _idle(g, condition="ILL"),
            _idle(g, **GONE),
            _with_line(g, reason="照料瘫痪的母亲"),
            _with_line(g, declared_fen=1),
            _destitute_idle(g),
        ),
    ),
    Plant(
        "R27",
        "应付费用为 0",
        hit=lambda g: (
            _child_who(g, 2 * STANDARD + 1),
            _child_who(g, 6 * STANDARD + 3, persons=3),
            _child_who(g, 2 * STANDARD + 1, support_fen=1200_00, adopted_fen=0),
        ),
        near=lambda g: (
            _child_who(g, 2 * STANDARD),
            _child_who(g, 6 * STANDARD, persons=3),
            _child_who(g, 2 * STANDARD + 1, support_fen=1),
            _child_who(g, 2 * STANDARD + 1, adopted_fen=1),
        ),
    ),
    *means_beside.PLANTS,
]
