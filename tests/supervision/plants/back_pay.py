"""补发: R55."""

from datetime import date, timedelta
from typing import Any

from cases.models import Benefit, Case, HouseholdChange
from tests.supervision.ground import MONTH, Ground
from tests.supervision.plants.shape import Plant

DAY = timedelta(days=1)
OCT_20, NOV_1, DEC_1 = date(2026, 10, 20), date(2026, 11, 1), date(2026, 12, 1)


def paid(g: Ground, benefit: Benefit, month: date, **changes: Any) -> None:
    """The benefit's line of that month, in a list of its own of November."""
    made = g.batch(
        programme=benefit.programme, kind="BACK_PAY", state="OPEN", sent_on=None, closed_on=None,
        locked_on=None, approved_on=None,
    )  # fmt: skip
    g.line(made, benefit, month=month, **changes)


def _late(g: Ground, decided: date, start: date, paid_with: date, **changes: Any) -> Case:
    """A case (低保 of the country) of a benefit that begins and is first paid as given."""
    months = {"start_month": start, "paid_with": paid_with}
    values: dict[str, Any] = {"programme": "RURAL_ALLOWANCE", "decided_on": decided}
    return g.case(decision=months, **values | changes)


def _continued(g: Ground) -> str:
    """A widow's own benefit begins with the list that pays it: the old one runs until then."""
    change = HouseholdChange.objects.create(
        kind="HEAD", household=g.home(), reason="DIED", note="户主死亡",
        happened_on=date(2026, 8, 1),
        recorded_on=date(2026, 8, 3), recorded_by_id=g.person("staff"),
    )  # fmt: skip
    return str(_late(g, OCT_20 + DAY, DEC_1, DEC_1, change=change, part="REST").no)


def _begun(g: Ground, **changes: Any) -> Case:
    """Approved on 21 August, so that September comes as 补发 with the list of October."""
    end, asked = changes.pop("end_month", None), date(2026, 7, 13)
    values: dict[str, Any] = {
        "without": "survey appraisal notices", "submitted_on": asked, "accepted_on": asked,
    }  # fmt: skip
    months = date(2026, 9, 1), date(2026, 10, 1)
    case = _late(g, date(2026, 8, 21), *months, **values | changes)
    g.survey(case, visited_on=asked + 2 * DAY)
    g.appraisal(case, held_on=asked + 3 * DAY)
    g.notice(case, "REVIEW", posted_on=asked + 4 * DAY)
    g.notice(case, "APPROVAL", posted_on=asked + 14 * DAY)
    if end:
        Benefit.objects.filter(source_case=case).update(end_month=end)
    return case


def _back_paid(g: Ground, kind: str, **changes: Any) -> str:
    case = _begun(g, **changes)
    paid(g, Benefit.objects.get(source_case=case), date(2026, 9, 1), kind=kind)
    return str(case.no)


BACK_PAY = [
    Plant(
        "R55", "没有安排补发",
        hit=lambda g: _late(g, OCT_20 + DAY, NOV_1, NOV_1).no,
        near=lambda g: (
            _late(g, OCT_20, NOV_1, NOV_1).no,
            _late(g, OCT_20 + DAY, NOV_1, DEC_1).no,
            _continued(g),
        ),
    ),
    Plant(  # a list later than the next, or a month that was taken away
        "R55", "没有安排补发",
        hit=lambda g: (
            _late(g, OCT_20 + DAY, NOV_1, date(2027, 1, 1)).no,
            _late(g, OCT_20 + DAY, DEC_1, date(2027, 1, 1)).no,
        ),
        near=lambda g: _late(g, OCT_20 + DAY, NOV_1, DEC_1).no,
    ),
    Plant(
        "R55", "还没有补发",
        hit=lambda g: _begun(g).no,
        near=lambda g: (
            _back_paid(g, "BACK_PAY"),
            _late(g, date(2026, 9, 21), date(2026, 10, 1), MONTH).no,
        ),
    ),
    Plant(  # who has left since is still owed it; who was gone before it began is not
        "R55", "还没有补发",
        hit=lambda g: _begun(g, end_month=date(2026, 10, 1)).no,
        near=lambda g: _begun(g, end_month=date(2026, 8, 1)).no,
    ),
    Plant(  # care is another sum
        "R55", "还没有补发",
        hit=lambda g: _back_paid(g, "CARE", programme="RURAL_DESTITUTE"),
        near=lambda g: _back_paid(g, "BACK_PAY", programme="RURAL_DESTITUTE"),
    ),
]  # fmt: skip
