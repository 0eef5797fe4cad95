"""第二、五、六、八、九、十七、十八、二十条, as far as the road goes."""

import pytest
from django.db import Error, connection, transaction

from cases.models import Case, IncomeAccount, MeansCheck
from cases.models.assessment import assess_case
from cases.models.facts import facts_of
from cases.models.record import CaseRecord
from cases.operations import investigation, notices
from cases.operations.steps import perform
from cases.reports.clock import clock_of
from cases.rules.procedures import NEEDS
from cases.rules.programmes import Programme
from tests import road
from tests.cast import Cast
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event


@pytest.mark.clause("2")
def test_town_and_country_allowance_are_kept_apart() -> None:
    assert [p.label for p in Programme] == ["城市低保", "农村低保"]


@pytest.mark.clause("5(3)")
def test_means_check_goes_to_the_centre_and_comes_back(cast: Cast) -> None:
    case = road.accepted(cast)
    with pytest.raises(Case.DoesNotExist):  # the centre sees only what was sent to it
        perform(case.no, "return_means_check", actor=cast.verifier, on=road.START)
    road.means_check(cast, case, road.START)
    check = MeansCheck.objects.get(case=case)
    assert (check.requested_on, check.returned_on) == (road.START, road.START)


@pytest.mark.clause("6.3")
def test_decided_things_cannot_be_changed(cast: Cast) -> None:
    road.approved(cast)
    for table in ("cases_decision", "kernel_signature", "kernel_event"):
        with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table}")


@pytest.mark.clause("8")
def test_amount_is_recomputed_from_the_frozen_facts(cast: Cast) -> None:
    case = road.approved(cast)
    account = IncomeAccount.objects.get(case=case)
    again, source = assess_case(CaseRecord(case, account.settled_on))
    assert (again.monthly_fen, source) == (account.monthly_fen, account.standard_source)


@pytest.mark.clause("8")
def test_every_step_stands_in_the_system(cast: Cast) -> None:
    case = road.approved(cast)
    steps = set(Event.objects.of("case", case.no).values_list("action", flat=True))
    assert steps >= {
        "submit", "accept", "record_survey", "cosign_survey", "request_means_check",
        "return_means_check", "settle_income", "record_appraisal", "sign_appraisal",
        "post_review_notice", "close_review_notice", "propose", "post_approval_notice",
        "close_approval_notice", "approve",
    }  # fmt: skip


@pytest.mark.clause("9")
def test_objection_upheld_leads_back_to_investigation(cast: Cast) -> None:
    case = road.investigated(cast)
    notices.post_notice(
        case.no, "post_review_notice", place="公示栏", photo=road.photo(), actor=cast.clerk,
        on=road.START,
    )  # fmt: skip
    notice = case.notices.get()
    notices.record_objection(
        notice.no, channel="匿名", content="有车辆未申报", actor=cast.clerk, on=road.START
    )
    assert notices.notices_to_close(notice.last_day.replace(year=2027)) == []
    notices.uphold_objection(case.no, note="查实有车辆", actor=cast.staff, on=road.START)
    case = road.fresh(case)
    assert (case.state, case.round) == ("INVESTIGATING", 2)


@pytest.mark.clause("17(2)")
def test_refusal_to_sign_the_appraisal_is_visible_and_stops_the_case(cast: Cast) -> None:
    case = road.accepted(cast)
    road.survey(cast, case, road.START)
    facts = facts_of(CaseRecord(case, road.START))
    assert (facts.survey_signers, facts.appraisal_signed) == (2, False)
    assert "主任或书记" in NEEDS["appraisal_signed"].missing(facts)


@pytest.mark.clause("18(2)")
def test_corrections_are_told_once_and_completely(cast: Cast) -> None:
    case = road.submitted(cast)
    investigation.request_corrections(
        case.no, items="缺户口簿首页", actor=cast.staff, on=road.START
    )
    perform(case.no, "resubmit", actor=cast.clerk, on=road.START)
    with pytest.raises(Refused, match="只能一次性告知"):
        investigation.request_corrections(
            case.no, items="又缺一样", actor=cast.staff, on=road.START
        )


@pytest.mark.clause("20(4)")
def test_waiting_for_the_platform_is_kept_as_evidence_and_stops_no_clock(cast: Cast) -> None:
    case = road.accepted(cast)
    due = case.due_on
    road.means_check(cast, case, road.START)
    case = road.fresh(case)
    assert case.due_on == due
    assert any("第二十条（四）" in line for line in clock_of(CaseRecord(case, road.START)).excused)
    returned = Event.objects.of("case", case.no).get(action="return_means_check")
    assert returned.body["waited_days"] == 0
