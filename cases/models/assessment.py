"""Reading a case into the rules of amounts and months: page and decision use the same sum."""

from datetime import date

from cases.models.case import Case
from cases.models.facts import rules_of
from cases.rules.amounts import Assessment, Household, IncomeEntry, assess
from cases.rules.months import Start, start_of
from yuquan_relief.kernel.calendars import work_calendar


def assess_case(case: Case, on: date, deductions_fen: int = 0) -> tuple[Assessment, str]:
    """The amount on today's lines (adopted, else checked, else declared) and the standard's source.

    The same function gives the trial sum on the page and the decision.
    """
    standard = rules_of(case, on).dated(f"standard.{case.programme}")
    members = list(case.household.members.filter(left_on__isnull=True))
    entries = [
        IncomeEntry(
            member=str(line.member_id),
            kind=line.kind,
            annual_fen=next(
                v for v in (line.adopted_fen, line.checked_fen, line.declared_fen) if v is not None
            ),
            is_counted=line.is_counted,
        )
        for line in case.income_lines.all()
    ]
    household = Household(
        persons=sum(m.counts_for_income for m in members),
        insured=sum(m.is_insured for m in members),
        entries=entries,
        deductions_annual_fen=deductions_fen,
    )
    return assess(household, standard_fen=standard.value), standard.source


def start_if_decided(case: Case, on: date) -> Start:
    """The first month and the month that pays it, for a decision on `on` (4(1).1).

    The cut-off (the 20th) moves to the last working day before when it is a rest day.
    """
    day = rules_of(case, on)["decision.cut_off_day"]
    return start_of(on, work_calendar().on_or_before(on.replace(day=day)))
