"""Families whom nobody has helped to apply, and raised standards that reach nobody: R75, R76."""

from datetime import date, timedelta
from typing import Any

from cases.models import Benefit, Claim, Lead, Review, StandardLine, StandardRun
from tests.supervision.ground import Ground, moment
from tests.supervision.plants.books import branch, office_of
from tests.supervision.plants.shape import Plant
from yuquan_relief.kernel.models import RuleValue, Unit

YEAR_AGO = date(2025, 11, 27)
RAISED = date(2025, 12, 15)
RURAL = "RURAL_ALLOWANCE"

# ---------------------------------------------------------------- R75


def _lead(ground: Ground, found: date, **changes: Any) -> str:
    made = Lead.objects.create(
        **ground.place(), found_on=found, source="LIST", name="演练线索", difficulty="困难",
        recorded_by_id=ground.person("clerk"), **changes,
    )  # fmt: skip
    return str(made.pk)


def _relieved(
    ground: Ground, household_class: str = "EDGE", condition: str = "ILL", **changes: Any
) -> str:
    """Relief was given to a family of a class in which somebody is gravely ill."""
    home = ground.home(head={"condition": condition})
    case = ground.case(home, programme="EXPENSE_RELIEF", **changes)
    Claim.objects.create(
        case=case, cause="MEDICAL", happened_on=date(2026, 7, 1), place="医院", total_fen=1,
        household_class=household_class, covered_fen=0, asked_fen=1,
    )  # fmt: skip
    return str(case.no)


def _relieved_on(ground: Ground, day: date) -> str:
    """The same, with every step so long before as it has to be."""
    first = day - timedelta(days=30)
    days: dict[str, Any] = {"submitted_on": first, "accepted_on": first, "decided_on": day}
    no = _relieved(ground, without="survey notices", **days)
    case = Claim.objects.select_related("case__village").get(case__no=no).case
    ground.survey(case, visited_on=first + timedelta(days=3))
    ground.notice(case, "REVIEW", posted_on=first + timedelta(days=10))
    return no


def _relieved_and(ground: Ground, state: str) -> str:
    """The same, and the family has asked for 低保, with this end."""
    no = _relieved(ground)
    if state == "BENEFIT":
        ground.benefit(_home(no))
    else:
        ground.case(_home(no), state=state, corrections="身份证明")
    return no


def _home(no: str) -> Any:
    return Claim.objects.select_related("case__household").get(case__no=no).case.household


def _elsewhere(ground: Ground, state: str) -> str:
    """The same, as another household, which each application is: the people are known by their
    numbers."""
    no = _relieved(ground)
    head = ground.head(_home(no))
    same = {"name": head.name, "id_no": head.id_no, "condition": "ILL"}
    home = ground.home(head=same)
    if state == "BENEFIT":
        ground.benefit(home)
    else:
        ground.case(home, state=state)
    return no


def _was_in_benefit(ground: Ground) -> str:
    """The approval of before is a benefit that is over."""
    no = _relieved(ground)
    case = ground.case(_home(no))
    Benefit.objects.filter(source_case=case).update(end_month=date(2026, 10, 1))
    return no


def _approved_and_stopped(ground: Ground) -> str:
    """The benefit came from a case, which is no application since."""
    case = ground.case(ground.home(head={"condition": "ILL"}))
    benefit = Benefit.objects.get(source_case=case)
    last = date(2026, 10, 1)
    Benefit.objects.filter(pk=benefit.pk).update(end_month=last)
    made = ground.review(
        benefit, outcome="STOP", ground="INCOME", opened_on=date(2026, 10, 12),
        decided_on=date(2026, 10, 19), from_month=date(2026, 11, 1), last_month=last,
    )  # fmt: skip
    return str(made.no)


def _stopped(ground: Ground, ended: date, condition: str = "DISABLED_1", /, **changes: Any) -> str:
    """A family with a gravely disabled head left for its income; the review's number."""
    home = ground.home(head={"condition": condition})
    following = (ended.replace(day=1) + timedelta(days=31)).replace(day=1)
    last = changes.pop("last", ended.replace(day=1))
    since = date(2025, 1, 1)
    benefit = ground.benefit(home, start_month=since, paid_with=since, end_month=last)
    values = {"outcome": "STOP", "ground": "INCOME", "from_month": following, "last_month": last}
    made = ground.review(
        benefit, opened_on=ended - timedelta(days=7), decided_on=ended, **values | changes
    )
    return str(made.no)


def _asked_again_elsewhere(ground: Ground) -> str:
    no = _stopped(ground, date(2026, 9, 15))
    head = ground.head(Review.objects.get(no=no).benefit.household)
    same = {"name": head.name, "id_no": head.id_no, "condition": "DISABLED_1"}
    ground.case(ground.home(head=same), state="INVESTIGATING")
    return no


def _leaving(ground: Ground) -> str:
    """渐退 until the end of the year: the family is still paid."""
    return _stopped(
        ground, date(2026, 9, 15), outcome="EXIT", exit_months=3, last=date(2026, 12, 1)
    )


# ---------------------------------------------------------------- R76


def _standard(ground: Ground, programme: str, entered: date) -> None:
    """The standard is entered again for RAISED, with the sum that is in force anyhow."""
    parameter = f"standard.{programme}"
    if RuleValue.objects.filter(parameter=parameter, valid_from=RAISED).exists():
        return
    before = RuleValue.objects.filter(parameter=parameter, valid_from__lt=RAISED)
    RuleValue.objects.create(
        parameter=parameter, rule_set="*", valid_from=RAISED, unit="分", source="演练文件",
        value=before.latest("valid_from").value, entered_by_id=ground.person("supervisor"),
        confirmed_by_id=ground.person("bureau"), confirmed_at=moment(entered, 12),
    )  # fmt: skip


def _in_benefit(ground: Ground, programme: str, **changes: Any) -> Benefit:
    since = date(2025, 12, 1)
    values: dict[str, Any] = {"start_month": since, "paid_with": since, "programme": programme}
    return ground.benefit(village=branch(ground), **values | changes)


def _raised(
    ground: Ground, programme: str = RURAL, entered: date = date(2026, 10, 28), **changes: Any
) -> str:
    """An office with somebody in benefit since before the standard; nothing was computed."""
    _standard(ground, programme, entered)
    return str(_in_benefit(ground, programme, **changes).office.code)


def _run(ground: Ground, office: Unit, state: str) -> StandardRun:
    return StandardRun.objects.create(
        no=f"TB-{next(ground.serial)}", district=ground.cast.district, office=office,
        programme=RURAL, valid_from=RAISED, source="演练文件", before_fen=1, after_fen=2,
        state=state, opened_on=date(2026, 11, 2), computed_for=date(2026, 11, 1), left_out=1,
    )  # fmt: skip


def _computed(ground: Ground, state: str) -> str:
    """As before, and the list is in this state with the benefit in it."""
    _standard(ground, RURAL, date(2026, 10, 28))
    benefit = _in_benefit(ground, RURAL)
    _in_line(_run(ground, benefit.office, state), benefit)
    return str(benefit.office.code)


def _in_line(run: StandardRun, benefit: Benefit) -> None:
    StandardLine.objects.create(
        run=run, benefit=benefit, village=benefit.village, from_month=date(2026, 11, 1),
        is_latest=True, persons=1, before_monthly_fen=400_00, before_supplement_fen=0,
        monthly_fen=400_00, supplement_fen=0,
    )  # fmt: skip


def _left_out(ground: Ground, **of: bool) -> str:
    """The office's list is over; this benefit was left out of it, to be reviewed by itself."""
    _standard(ground, RURAL, date(2026, 10, 28))
    benefit = _in_benefit(ground, RURAL)
    run = _run(ground, office_of(benefit.village), "ENDED")
    if of.get("listed"):
        _in_line(run, benefit)
    if of.get("reviewed"):
        ground.review(
            benefit, outcome="KEEP", opened_on=date(2026, 11, 3), decided_on=date(2026, 11, 12)
        )
    return str(benefit.key)


PLANTS = [
    Plant("R75", "没有结果", hit=lambda g: _lead(g, date(2026, 10, 27)),
          near=lambda g: _lead(g, date(2026, 10, 28))),
    Plant("R75", "没有结果", hit=lambda g: _lead(g, date(2026, 6, 1)),
          near=lambda g: _lead(g, date(2026, 6, 1), result="NOT_ELIGIBLE", reason="超标",
                               closed_on=date(2026, 6, 9))),
    Plant("R75", "没有申请低保", hit=_relieved, near=lambda g: _relieved(g, "OUTSIDER")),
    Plant("R75", "没有申请低保", hit=lambda g: _relieved(g, "RIGID", "DISABLED_3M"),
          near=lambda g: _relieved(g, "RIGID", "HEALTHY")),
    Plant("R75", "没有申请低保", hit=lambda g: _relieved_on(g, YEAR_AGO + timedelta(days=1)),
          near=lambda g: _relieved_on(g, YEAR_AGO)),
    Plant("R75", "没有申请低保", hit=lambda g: _relieved(g, "ORDINARY", "DISABLED_2"),
          near=lambda g: _relieved_and(g, "REFUSED")),
    Plant("R75", "没有申请低保", hit=lambda g: _relieved_and(g, "DECLINED"),
          near=lambda g: _relieved_and(g, "BENEFIT")),
    Plant("R75", "没有申请低保", hit=_was_in_benefit,
          near=lambda g: (_elsewhere(g, "BENEFIT"), _elsewhere(g, "INVESTIGATING"))),
    Plant("R75", "停保", hit=_approved_and_stopped,
          near=_asked_again_elsewhere),
    Plant("R75", "停保", hit=lambda g: _stopped(g, date(2026, 10, 28)),
          near=lambda g: _stopped(g, date(2026, 10, 29))),
    Plant("R75", "停保", hit=lambda g: _stopped(g, YEAR_AGO),
          near=lambda g: _stopped(g, YEAR_AGO - timedelta(days=1))),
    Plant("R75", "停保", hit=lambda g: _stopped(g, date(2026, 9, 15), "ILL", ground="PROPERTY"),
          near=_leaving),
    Plant("R75", "停保", hit=lambda g: _stopped(g, date(2026, 9, 15), "DISABLED_2"),
          near=lambda g: _stopped(g, date(2026, 9, 15), ground="OWN")),
    Plant("R76", "重新核算", hit=_raised,
          near=lambda g: _raised(g, "URBAN_ALLOWANCE", date(2026, 10, 29))),
    Plant("R76", "重新核算", hit=lambda g: _computed(g, "TO_DECIDE"),
          near=lambda g: _computed(g, "ENDED")),
    Plant("R76", "重新核算", hit=lambda g: _computed(g, "OPEN"),
          near=lambda g: _computed(g, "TO_TELL")),
    Plant("R76", "重新核算", hit=lambda g: _raised(g, end_month=date(2026, 11, 1)),
          near=lambda g: _raised(g, end_month=date(2026, 10, 1))),
    Plant("R76", "重新核算", hit=_raised,
          near=lambda g: _raised(g, start_month=date(2026, 1, 1), paid_with=date(2026, 1, 1))),
    Plant("R76", "重新核算", hit=_left_out, near=lambda g: _left_out(g, listed=True)),
    Plant("R76", "重新核算", hit=_left_out, near=lambda g: _left_out(g, reviewed=True)),
]  # fmt: skip
