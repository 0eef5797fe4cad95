"""Which limit runs for a case, and the day by which it must be decided (4(1).1, 4(2))."""

from dataclasses import dataclass
from datetime import date

from cases.rules.procedures import LIMIT_PARAMETER, PAPERS_LIMIT
from yuquan_relief.kernel.rulebook_values import Dated, Rules, rules
from yuquan_relief.kernel.workdays import Due, LimitUnit, Window, WorkCalendar

from .care import CareReport
from .case import Case
from .facts import notice_windows


@dataclass(frozen=True)
class Limit:
    """From which day how many days of which unit, and where that is written."""

    start: date
    days: int
    unit: LimitUnit
    source: str


def limit_of(case: Case, rulebook: Rules) -> Limit:
    """The limit that runs: of the programme, extended if it was, or that of the late papers."""
    assert case.accepted_on is not None
    if case.relieved_on:
        papers = rulebook.dated(PAPERS_LIMIT)
        return _limit(case.relieved_on, papers, None)
    total = rulebook.dated(LIMIT_PARAMETER[case.programme])
    return _limit(case.accepted_on, total, case.extended_to)


def _limit(start: date, dated: Dated, extended_to: int | None) -> Limit:
    days = extended_to or dated.value["days"]
    return Limit(start, days, LimitUnit(dated.value["unit"]), dated.source)


def due_of(
    case: Case, rulebook: Rules, calendar: WorkCalendar, windows: list[Window] | None = None
) -> Due:
    """The day by which the case must be decided: the limit without the notices (4(1).1)."""
    limit = limit_of(case, rulebook)
    skipped = notice_windows(case) if windows is None else windows
    return calendar.due(limit.start, limit.days, limit.unit, skipped)


REASSESS = "limit.self_care.reassess"


def due_to_assess(report: CareReport, calendar: WorkCalendar) -> Due:
    """The day by which a reported change must be assessed again, as the calendar now says."""
    days = int(rules(report.reported_on, report.case.rule_set)[REASSESS])
    return calendar.due(report.reported_on, days, LimitUnit.WORKDAY)
