"""A reported change of self-care: assessed anew within ten workdays, and nothing overwritten."""

from datetime import date, timedelta

import chinese_calendar
import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from cases.invariants import broken
from cases.models import Benefit, CareReport, Case, SelfCare
from cases.models.limits import due_to_assess
from cases.models.record import CaseRecord
from cases.operations import care
from cases.operations.destitution import Assessed
from cases.reports.inbox import care_to_assess, told
from cases.rules.destitution import SELF_CARE
from tests import road
from tests import road_relief as roads
from tests.cases.guards import without
from tests.cast import Cast
from yuquan_relief.kernel.calendars import work_calendar
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event
from yuquan_relief.kernel.operations.calendars import enter as change_year

EARLY = date(2026, 8, 17)  # approved in the first days of September, before the holidays
FRIDAY = date(2026, 9, 18)
DAY = timedelta(days=1)


@pytest.fixture
def approved(cast: Cast) -> Case:
    return roads.approve(cast, roads.destitute_to_decide(cast, on=EARLY))


def reported(cast: Cast, case: Case, day: date = FRIDAY, on: date | None = None) -> CareReport:
    """The clerk writes down what a neighbour has told."""
    care.report_care_change(
        case.no, reported_on=day, what="摔伤后不能行走", actor=cast.clerk, on=on or day
    )
    return CareReport.objects.get(case=case, answer__isnull=True)


def reassessed(
    cast: Cast, case: Case, on: date = FRIDAY + 3 * DAY, *, failed: int = 5, day: date | None = None
) -> SelfCare:
    """The person is assessed again."""
    able = frozenset(list(SELF_CARE)[failed:])
    found = Assessed(assessed_on=day or on, assessor="演练评估机构", able=able)
    care.reassess_self_care(case.no, found, actor=cast.clerk, on=on)
    return SelfCare.objects.filter(case=case).latest("again")


def workdays_later(day: date, number: int) -> date:
    """Counted day by day from the notices of the State Council, as another package has them."""
    while number:
        day += DAY
        number -= chinese_calendar.is_workday(day)
    return day


@pytest.mark.clause("4(3)")
@pytest.mark.parametrize(
    ("day", "due"),
    [
        (FRIDAY, date(2026, 10, 9)),  # a Sunday worked, Mid-Autumn and National Day between
        (date(2026, 9, 24), date(2026, 10, 15)),
        (date(2026, 9, 30), date(2026, 10, 20)),
        (date(2026, 10, 1), date(2026, 10, 20)),  # reported on a holiday
        (date(2026, 11, 2), date(2026, 11, 16)),
    ],
)
def test_ten_working_days_from_the_report(cast: Cast, approved: Case, day: date, due: date) -> None:
    assert workdays_later(day, 10) == reported(cast, approved, day).due_on == due
    plain = day + timedelta(days=14)  # the control: by weekends alone it is another day
    assert (plain == due) is (day.month == 11)


@pytest.mark.parametrize(("day", "on"), [(EARLY, FRIDAY), (FRIDAY + DAY, FRIDAY)])
def test_a_report_lies_between_the_approval_and_today(
    cast: Cast, approved: Case, day: date, on: date
) -> None:
    with pytest.raises(Refused, match="报告日期应在批准日"):
        reported(cast, approved, day, on)
    assert not CareReport.objects.exists()
    assert approved.decided_on is not None
    reported(cast, approved, approved.decided_on)  # the control: its first day


def test_before_the_approval_nothing_is_reported(cast: Cast) -> None:
    with pytest.raises(Refused, match="现在是“调查中”"):
        reported(cast, roads.destitute(cast), roads.START)


def test_one_report_waits_at_a_time(
    cast: Cast, approved: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = reported(cast, approved)
    with pytest.raises(Refused, match="已登记过变化，请先重新评估"):
        reported(cast, approved)
    without(monkeypatch, approved, "report_care_change", "care_not_reported")
    with pytest.raises(IntegrityError, match="care_report_one_open"), transaction.atomic():
        reported(cast, approved)  # the twin: the last net
    assert CareReport.objects.get() == first


def test_a_report_is_not_rewritten(cast: Cast, approved: Case) -> None:
    row = reported(cast, approved)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        CareReport.objects.filter(pk=row.pk).update(due_on=row.due_on + DAY)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        row.delete()


def test_it_stands_in_the_inbox_until_it_is_assessed(cast: Cast, approved: Case) -> None:
    assert care_to_assess(cast.clerk, FRIDAY) == []
    reported(cast, approved)
    for who in ("clerk", "staff", "surveyor"):
        (message,) = care_to_assess(cast.actors[who], FRIDAY)
        assert message.text == "自理能力变化，2026-10-09 前重新评估"
        assert message.must_act
    for who in ("leader", "foreign_staff", "foreign_clerk", "neighbour_clerk", "verifier"):
        assert care_to_assess(cast.actors[who], FRIDAY) == []
    page = cast.client("clerk").get("/inbox/").content.decode()
    assert f"/cases/{approved.no}/reassess_self_care/" in page
    reassessed(cast, approved)
    assert care_to_assess(cast.clerk, FRIDAY) == []
    assert "reassess_self_care" not in cast.client("clerk").get("/inbox/").content.decode()


@pytest.mark.clause("4(3)")
def test_a_new_assessment_answers_and_the_first_one_stands(cast: Cast, approved: Case) -> None:
    first = SelfCare.objects.get(case=approved)
    before = SelfCare.objects.filter(pk=first.pk).values().get()
    report = reported(cast, approved)
    second = reassessed(cast, approved)
    report.refresh_from_db()
    assert report.answer == second
    assert SelfCare.objects.filter(pk=first.pk).values().get() == before
    assert (first.again, first.tier, second.again, second.tier) == (0, "PARTIAL", 1, "FULL")
    assert second.round == first.round
    now = road.fresh(approved)
    assert (now.state, now.care_reported_on) == ("APPROVED", None)
    assert CaseRecord(now, FRIDAY).self_care == second


def test_the_tier_before_and_after_is_told(cast: Cast, approved: Case) -> None:
    reported(cast, approved)
    reassessed(cast, approved)
    event = Event.objects.of("case", approved.no).filter(action="reassess_self_care").get()
    assert (event.body["tier_before"], event.body["tier"]) == ("PARTIAL", "FULL")
    texts = [message.text for message in told(cast.staff, FRIDAY + 3 * DAY)]
    assert any(text.startswith("登记重新评估") for text in texts)


def test_what_is_paid_does_not_change_by_it(cast: Cast, approved: Case) -> None:
    before = Benefit.objects.filter(source_case=approved).values().get()
    reported(cast, approved)
    reassessed(cast, approved)
    assert Benefit.objects.filter(source_case=approved).values().get() == before
    assert list(broken()) == []


def test_without_a_report_nobody_is_assessed_again(
    cast: Cast, approved: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Refused, match="没有待评估的变化"):
        reassessed(cast, approved)
    without(monkeypatch, approved, "reassess_self_care", "care_reported")
    with pytest.raises(CareReport.DoesNotExist):  # the twin: there is nothing to answer
        reassessed(cast, approved)


@pytest.mark.parametrize("day", [FRIDAY - DAY, FRIDAY + 4 * DAY])
def test_it_is_assessed_between_the_report_and_today(cast: Cast, approved: Case, day: date) -> None:
    reported(cast, approved)
    with pytest.raises(Refused, match="评估日期应在报告日"):
        reassessed(cast, approved, day=day)
    assert SelfCare.objects.count() == 1
    reassessed(cast, approved, day=FRIDAY)  # the control


def test_a_change_may_be_reported_again_after_it_was_answered(cast: Cast, approved: Case) -> None:
    reported(cast, approved)
    reassessed(cast, approved)
    reported(cast, approved, FRIDAY + 5 * DAY)
    assert reassessed(cast, approved, FRIDAY + 6 * DAY, failed=0).again == 2
    assert CareReport.objects.filter(answer__isnull=True).count() == 0


def test_the_day_follows_the_calendar_when_the_year_is_entered(cast: Cast, approved: Case) -> None:
    """Counted by the week while 2027 was unknown, it moves with its holidays (ADR 0015)."""
    report = reported(cast, approved, date(2026, 12, 28))
    assert due_to_assess(report, work_calendar()).on == date(2027, 1, 11)
    holiday = {date(2027, 1, 1): (False, "元旦")}
    change_year(2027, holiday, source="国办发明电〔2026〕演练号", actor=cast.supervisor)
    assert due_to_assess(report, work_calendar()).on == date(2027, 1, 12)
