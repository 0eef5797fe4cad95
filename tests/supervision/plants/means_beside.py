"""Spending, the platform's report, amounts, bunching: R28-R32."""

from datetime import date, timedelta
from itertools import count
from typing import Any

from cases.models import Benefit, Case, Entitlement, Review
from tests.cast import unit
from tests.supervision.ground import ACCEPTED, DECIDED, ON, STANDARD, Ground, moment
from tests.supervision.plants.roads import correct
from tests.supervision.plants.shape import Plant
from yuquan_relief.kernel.models import RuleValue, Unit

DAY = timedelta(days=1)
DATA_UPTO = date(2026, 8, 1)
PERCENT = STANDARD // 100
RURAL, RURAL_BEFORE = 621_00, 575_00
BARE = "survey means account appraisal notices"
STREETS = count(801)
KEPT: dict[str, str] = {}  # what a hit has made for the near miss


# ---------------------------------------------------------------------- R28


def _luxury(ground: Ground, earlier: str = "", now: str = "") -> str:
    """Of two rounds of investigation."""
    case = ground.case(state="INVESTIGATING", without="survey")
    ground.survey(case, luxury=earlier)
    Case.objects.filter(pk=case.pk).update(round=2)
    case.refresh_from_db()
    ground.survey(case, luxury=now)
    return str(case.no)


def _street(ground: Ground) -> Unit:
    n = next(STREETS)
    street = unit(f"演练街道{n}", "OFFICE", f"159900{n}", ground.cast.district)
    return unit(f"演练社区{n}", "COMMUNITY", f"159900{n}001", street)


def _utilities(ground: Ground, *bills: int) -> list[str]:
    """The cases of a street of their own, each with its monthly bill."""
    village, found = _street(ground), []
    for fen in bills:
        case = ground.case(village=village, state="INVESTIGATING", without=BARE)
        ground.survey(case, utilities_fen=fen)
        found.append(str(case.no))
    return found


def _high(ground: Ground) -> tuple[str, str]:
    """The last of twenty is above; of twenty-one the last but one is the percentile itself."""
    twenty = _utilities(ground, *[100_00] * 19, 100_01)
    more = _utilities(ground, *[100_00] * 19, 150_00, 200_00)
    KEPT["p95"] = more[19]
    return twenty[19], more[20]


def _not_high(ground: Ground) -> tuple[str, str]:
    """The percentile itself; nineteen surveys are too few."""
    return KEPT["p95"], _utilities(ground, *[100_00] * 18, 900_00)[18]


# ---------------------------------------------------------------------- R29, R30


def _valid_until(ground: Ground, day: date, state: str = "INVESTIGATING") -> str:
    case = ground.case(state=state, without="means")
    ground.means(case, valid_until=day)
    return str(case.no)


def _joined(ground: Ground, day: date, state: str = "INVESTIGATING", **check: Any) -> str:
    """A second member since that day; asked on the fourth, with data up to the first."""
    home = ground.home()
    ground.member(home, joined_on=day)
    case = ground.case(home, state=state, without="means")
    ground.means(case, **check)
    return str(case.no)


def _joined_and_corrected(ground: Ground, day: date) -> str:
    """The same, and the role was corrected today."""
    no = _joined(ground, day)
    home = Case.objects.select_related("household").get(no=no).household
    correct(ground, home.members.get(joined_on=day), relation="SIBLING")
    return no


def _concluded(ground: Ground, conclusion: str, **choices: str) -> str:
    case = ground.case(without="means account")
    ground.means(case, conclusion=conclusion)
    ground.income_account(case, facts={"choices": choices} if choices else {})
    return str(case.no)


# ---------------------------------------------------------------------- R31


def _settled(
    ground: Ground,
    decided: int,
    settled: int,
    *,
    persons: int = 1,
    programme: str = "URBAN_ALLOWANCE",
    days: dict[str, date] | None = None,
    **account: Any,
) -> str:
    """What was decided a month beside what was settled."""
    case = ground.case(
        programme=programme, without="account benefit",
        decision={"monthly_fen": decided, "persons": persons}, **days or {},
    )  # fmt: skip
    ground.income_account(case, monthly_fen=settled, persons=persons, insured=persons, **account)
    return str(case.no)


def _nothing(ground: Ground, programme: str) -> str:
    """Approved with 0 yuan, which the database refuses by itself."""
    ground.lift("cases_decision", "decision_complete")
    return _settled(ground, 0, 1, programme=programme)


def _tiers(ground: Ground) -> None:
    """The district pays by tiers: 600, 500 or 300 a person."""
    sums = {"A": 600_00, "B": 500_00, "C": 300_00}
    RuleValue.objects.get_or_create(
        parameter="allowance.tiers", rule_set="*", valid_from=date(2026, 1, 1),
        defaults={
            "value": [{"code": c, "label": f"{c} 档", "fen": fen} for c, fen in sums.items()],
            "unit": "分", "source": "演练",
        },
    )  # fmt: skip


def _by_tiers(ground: Ground, fen: int, persons: int = 1, now: int = 0) -> str:
    """Paid by tiers from the start; `now`: changed by a review since."""
    _tiers(ground)
    benefit = ground.benefit(persons=persons, monthly_fen=fen, method="tiers")
    if now:
        _changed(ground, benefit, now)
    return str(benefit.key)


def _changed(ground: Ground, benefit: Benefit, fen: int) -> None:
    day, month = date(2026, 9, 8), date(2026, 10, 1)
    place = {n: getattr(benefit, n) for n in ("district", "office", "village")}
    review = Review.objects.create(
        no=f"FH-{benefit.key}", benefit=benefit, trigger="HAND", state="ENDED", opened_on=day,
        due_on=day, outcome="RAISE", decided_on=day, told_on=day, told_method="DIRECT",
        told_to="本人", ended_on=day, from_month=month, **place,
    )  # fmt: skip
    Entitlement.objects.create(
        benefit=benefit, review=review, from_month=month, paid_with=month, persons=benefit.persons,
        monthly_fen=fen, supplement_fen=0, method="tiers", recorded_on=day,
    )  # fmt: skip


def _under(ground: Ground, standard: int, **account: Any) -> str:
    """A family in the country whose income was measured by that standard."""
    return _settled(
        ground, 100_00, 100_00, programme="RURAL_ALLOWANCE", standard_fen=standard, **account
    )


def _entered_late(ground: Ground) -> str:
    """A new standard holds since June, and was entered in November: nobody knew it in August."""
    staff, leader = ground.person("staff"), ground.person("leader")
    RuleValue.objects.create(
        parameter="standard.RURAL_ALLOWANCE", rule_set="*", valid_from=date(2026, 6, 1),
        value=650_00, unit="分", source="演练", entered_by_id=staff, confirmed_by_id=leader,
        confirmed_at=moment(date(2026, 11, 20)),
    )  # fmt: skip
    return _under(ground, RURAL)


def _over_new_year(ground: Ground, standard: int) -> str:
    """Accepted on the last day of the standard of 2021, settled under that of 2022."""
    days = {"submitted_on": date(2021, 12, 30), "accepted_on": date(2021, 12, 31)}
    return _under(ground, standard, settled_on=date(2022, 1, 11), days=days)


# ---------------------------------------------------------------------- R32


def _near_the_line(ground: Ground, who: str, *incomes: int) -> tuple[str, ...]:
    """Cases of one investigator, with the income a head of each."""
    found = []
    for fen in incomes:
        case = ground.case(state="INVESTIGATING", without="survey account")
        ground.survey(case, recorded_by_id=ground.person(who))
        ground.income_account(case, per_capita_fen=fen)
        found.append(str(case.no))
    return tuple(found)


def _two_only(ground: Ground) -> tuple[str, ...]:
    """The third is a fen below the percent; of a fourth it was so only at first."""
    who = "neighbour_clerk"
    found = _near_the_line(ground, who, STANDARD, STANDARD, STANDARD - PERCENT - 1)
    case = ground.case(state="INVESTIGATING", without="survey account")
    ground.survey(case, recorded_by_id=ground.person(who))
    ground.income_account(case, per_capita_fen=STANDARD)
    ground.income_account(case)
    return (*found, str(case.no))


PLANTS = [
    Plant(
        "R28",
        "入户调查登记了高消费：出国旅游",
        hit=lambda g: _luxury(g, now="出国旅游"),
        near=lambda g: _luxury(g, earlier="出国旅游"),
    ),
    Plant("R28", "高于本镇街 95% 的调查户", hit=_high, near=_not_high),
    Plant(
        "R29",
        "已经过期",
        hit=lambda g: _valid_until(g, ON - DAY),
        near=lambda g: _valid_until(g, ON),
    ),
    Plant(
        "R29",
        "作决定时已经过期",
        hit=lambda g: _valid_until(g, DECIDED - DAY, "APPROVED"),
        near=lambda g: _valid_until(g, DECIDED, "APPROVED"),
    ),
    Plant(
        "R29",
        "没有包括",
        hit=lambda g: (
            _joined(g, ACCEPTED + DAY, data_upto=ACCEPTED + 2 * DAY),
            _joined_and_corrected(g, ACCEPTED + DAY),
        ),
        near=lambda g: (  # data are always older than the application
            _joined(g, DATA_UPTO + DAY),
            _joined(g, ACCEPTED, data_upto=ACCEPTED),
            _joined_and_corrected(g, ACCEPTED),
        ),
    ),
    Plant(
        "R29",
        "没有包括",
        hit=lambda g: _joined(g, DECIDED, "APPROVED"),
        near=lambda g: _joined(g, DECIDED + DAY, "APPROVED"),
    ),
    Plant(
        "R30",
        "超标，批准时没有写明说明和依据",
        hit=lambda g: (_concluded(g, "SUSPECT"), _concluded(g, "OVER", explained="")),
        near=lambda g: (_concluded(g, "WITHIN"), _concluded(g, "OVER", explained="抚恤金不计入")),
    ),
    Plant(
        "R31",
        "，核算为 400.00 元",
        hit=lambda g: (_settled(g, 401_01, 400_00), _settled(g, 398_99, 400_00)),
        near=lambda g: (_settled(g, 401_00, 400_00), _settled(g, 399_00, 400_00)),
    ),
    Plant(
        "R31",
        "标准与保障人数之积为",
        hit=lambda g: (
            _settled(g, STANDARD + 1, STANDARD + 1),
            _settled(g, 2 * STANDARD + 1, 2 * STANDARD + 1, persons=2),
        ),
        near=lambda g: (
            _settled(g, STANDARD, STANDARD),
            _settled(g, 2 * STANDARD, 2 * STANDARD, persons=2),
            _settled(g, STANDARD + 1, STANDARD + 1, programme="URBAN_DESTITUTE"),
        ),
    ),
    Plant(
        "R31",
        "标准与保障人数之积为",
        hit=lambda g: (_nothing(g, "URBAN_ALLOWANCE"), _nothing(g, "URBAN_DESTITUTE")),
        near=lambda g: _settled(g, 1, 1),
    ),
    Plant(
        "R31",
        "不在档次表里",
        hit=lambda g: (_by_tiers(g, 600_01), _by_tiers(g, 1_199_99, 2)),
        near=lambda g: (_by_tiers(g, 600_00), _by_tiers(g, 1_200_00, 2)),
    ),
    Plant(
        "R31",
        "不在档次表里",
        hit=lambda g: _by_tiers(g, 500_00, now=600_01),
        near=lambda g: (_by_tiers(g, 900_00, 2), _by_tiers(g, 500_01, now=600_00)),
    ),
    Plant(
        "R31",
        "不是当时执行的标准",
        hit=lambda g: (
            _under(g, RURAL_BEFORE),
            _under(g, RURAL + 1),
            _under(g, RURAL_BEFORE, settled_on=DECIDED),
            _over_new_year(g, RURAL),
        ),
        near=lambda g: (_under(g, RURAL), _entered_late(g), _over_new_year(g, RURAL_BEFORE)),
    ),
    Plant(
        "R32",
        "恰好低于标准百分之一以内",
        hit=lambda g: _near_the_line(g, "surveyor", STANDARD, STANDARD - 1, STANDARD - PERCENT),
        near=_two_only,
    ),
]
