"""Dates of the steps: R44. Its plants are among those of procedure."""

from datetime import date, timedelta
from typing import Any

from django.db import transaction

from cases.models import Case, Letter
from tests.supervision.ground import (
    ACCEPTED,
    APPRAISED,
    DECIDED,
    POSTED,
    SURVEYED,
    Ground,
    moment,
)
from tests.supervision.plants.roads import (
    DAY,
    REFUSED,
    expense,
    held,
    in_round,
    owner,
    posted,
    urgent,
)
from tests.supervision.plants.shape import Plant

STEPS = ("accept", "record_survey", "record_appraisal", "propose")
OF_EXPENSE = ("accept", "record_survey", "propose")


def _visited(ground: Ground, day: date, *, of_two: bool = False, **changes: Any) -> str:
    """Visited on the day, in the only round or in the first of two."""
    case = ground.case(without="survey", round=2 if of_two else 1, **changes)
    ground.survey(in_round(case, 1), visited_on=day)
    return str(case.no)


def _expense_visited(ground: Ground, day: date) -> str:
    return _visited(ground, day, programme="EXPENSE_RELIEF", **REFUSED)


def _served(ground: Ground, day: date) -> str:
    case = ground.case(without="letter")
    Letter.objects.create(case=case, served_on=day, method="DIRECT", receiver="本人")
    return str(case.no)


def _entered(ground: Ground, action: str, day: date) -> str:
    case = ground.case()
    with transaction.atomic():
        ground.event(case, action, day, "clerk")
    return str(case.no)


def _done(ground: Ground, case: Case, steps: tuple[str, ...], seconds: int) -> str:
    """People took all steps; the last of them came so many seconds after the others."""
    with transaction.atomic():
        for step in steps:
            ground.event(case, step, SURVEYED, "staff")
    for step in steps:
        at = moment(SURVEYED) + timedelta(seconds=seconds if step == "propose" else 0)
        owner(
            f"UPDATE kernel_event SET at = '{at.isoformat()}'"
            f" WHERE subject_key = '{case.no}' AND action = '{step}'",
            past="kernel_event",
        )
    return str(case.no)


DATES = [
    Plant(
        "R44",
        "受理 2026-08-04 早于提交申请",
        hit=lambda g: g.case(submitted_on=ACCEPTED + DAY).no,
        near=lambda g: g.case(submitted_on=ACCEPTED).no,
    ),
    Plant(
        "R44",
        "早于受理 2026-08-05",
        hit=lambda g: (
            _visited(g, ACCEPTED, accepted_on=ACCEPTED + DAY),
            _visited(g, ACCEPTED, accepted_on=ACCEPTED + DAY, of_two=True),
        ),
        near=lambda g: _visited(g, ACCEPTED),
    ),
    Plant(
        "R44",
        "评议 2026-08-05 早于入户",
        hit=lambda g: held(g, held_on=SURVEYED - DAY),
        near=lambda g: held(g, held_on=SURVEYED),
    ),
    Plant(
        "R44",
        "公示 2026-08-11 早于评议",
        hit=lambda g: held(g, held_on=POSTED + DAY),
        near=lambda g: held(g, held_on=POSTED),
    ),
    Plant(  # the first hangs until the 18th and ends the day after
        "R44",
        "拟批准公示 2026-08-18 早于",
        hit=lambda g: posted(g, POSTED + 7 * DAY),
        near=lambda g: posted(g, POSTED + 8 * DAY),
    ),
    Plant(
        "R44",
        "决定 2026-09-10 早于评议",
        hit=lambda g: held(g, case=REFUSED, held_on=DECIDED + DAY),
        near=lambda g: held(g, case=REFUSED, held_on=DECIDED),
    ),
    Plant(  # without an appraisal in between
        "R44",
        "决定 2026-09-10 早于入户",
        hit=lambda g: _expense_visited(g, DECIDED + DAY),
        near=lambda g: _expense_visited(g, DECIDED),
    ),
    Plant(
        "R44",
        "送达 2026-09-09 早于决定",
        hit=lambda g: _served(g, DECIDED - DAY),
        near=lambda g: _served(g, DECIDED),
    ),
    Plant(  # a Saturday; the Sunday is worked
        "R44",
        "2026-09-12 是休息日，当天作出决定",
        hit=lambda g: (
            g.case(decided_on=date(2026, 9, 12)).no,
            expense(g, decided_on=date(2026, 9, 12)).no,
        ),
        near=lambda g: (
            g.case(decided_on=date(2026, 9, 20)).no,
            str(urgent(g, date(2026, 9, 12)).no),
        ),
    ),
    Plant(  # 端午, a Friday; the Saturday is worked
        "R44",
        "2026-06-19 是休息日",
        hit=lambda g: g.case(submitted_on=date(2026, 6, 18), accepted_on=date(2026, 6, 19)).no,
        near=lambda g: g.case(submitted_on=date(2026, 5, 8), accepted_on=date(2026, 5, 9)).no,
    ),
    Plant(
        "R44",
        "2026-08-17 才登记",
        hit=lambda g: _entered(g, "record_survey", SURVEYED + 11 * DAY),
        near=lambda g: _entered(g, "record_survey", SURVEYED + 10 * DAY),
    ),
    Plant(
        "R44",
        "2026-08-21 才登记",
        hit=lambda g: _entered(g, "record_appraisal", APPRAISED + 11 * DAY),
        near=lambda g: _entered(g, "record_appraisal", APPRAISED + 10 * DAY),
    ),
    Plant(
        "R44",
        "一分钟内",
        hit=lambda g: _done(g, g.case(), STEPS, 60),
        near=lambda g: _done(g, g.case(), STEPS, 61),
    ),
    Plant(
        "R44",
        "一分钟内",
        hit=lambda g: _done(g, expense(g), OF_EXPENSE, 60),
        near=lambda g: (
            _done(g, expense(g), OF_EXPENSE, 61),
            _done(g, g.case(), OF_EXPENSE, 60),
        ),
    ),
]
