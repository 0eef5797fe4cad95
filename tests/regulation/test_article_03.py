"""第三条 村（居）委会工作责任."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from cases.models import Notice
from cases.operations import applications, investigation, notices
from cases.rules.application import ApplicationErrors
from tests import road
from tests.cast import Cast
from yuquan_relief.kernel.errors import Refused


@pytest.mark.clause("3(1)")
def test_appraisal_counts_only_with_the_signature_of_the_committee_head(cast: Cast) -> None:
    case = road.accepted(cast)
    road.survey(cast, case, road.START)
    road.means_check(cast, case, road.START)
    road.settle(cast, case, road.START)
    meeting = investigation.Meeting(
        held_on=road.START, place="会议室", host="主任", expected=9, attended=9, agree=9, oppose=0,
        abstain=0,
    )  # fmt: skip
    investigation.record_appraisal(case.no, meeting, actor=cast.clerk, on=road.START)
    with pytest.raises(Refused, match="主任或书记"):
        notices.post_notice(
            case.no,
            "post_review_notice",
            place="公示栏",
            photo=None,
            actor=cast.clerk,
            on=road.START,
        )
    with pytest.raises(PermissionDenied):
        investigation.sign_appraisal(
            case.no, actor=cast.staff, on=road.START, proof=cast.proof("staff")
        )


@pytest.mark.clause("3(1)")
def test_survey_needs_two_investigators(cast: Cast) -> None:
    case = road.accepted(cast)
    road.add_file(cast, case, "survey_photo", "入户照片", (1, 1, 1))
    findings = investigation.SurveyFindings(
        visited_on=road.START, present="演练甲", housing="住房", living="生活", neighbours="",
        is_true=True,
    )  # fmt: skip
    investigation.record_survey(
        case.no, findings, actor=cast.clerk, on=road.START, proof=cast.proof("clerk")
    )
    with pytest.raises(Refused, match="两名调查人签字，现有 1 人"):
        investigation.record_appraisal(
            case.no,
            investigation.Meeting(
                held_on=road.START, place="会议室", host="主任", expected=9, attended=9, agree=9,
                oppose=0, abstain=0,
            ),
            actor=cast.clerk,
            on=road.START,
        )  # fmt: skip


@pytest.mark.clause("3(3)")
def test_village_clerk_applies_for_a_household_by_proxy(cast: Cast) -> None:
    case = road.submitted(cast, is_by_proxy="on")
    assert (case.state, case.is_by_proxy) == ("SUBMITTED", True)
    with pytest.raises(PermissionDenied):
        applications.submit(
            road.application(2), submission_key="x", actor=cast.leader, on=road.START
        )


@pytest.mark.clause("3(4)")
def test_both_notices_hang_before_approval_and_end_only_with_proof(cast: Cast) -> None:
    case = road.investigated(cast)
    notices.post_notice(
        case.no, "post_review_notice", place="公示栏", photo=None, actor=cast.clerk, on=road.START
    )
    notice = Notice.objects.get(case=case)
    after = notice.last_day + timedelta(days=1)
    assert notices.notices_to_close(after) == []
    with pytest.raises(Refused, match="张贴照片"):
        notices.close_notice(case.no, on=after)
    notices.add_notice_photo(notice.no, road.photo(), actor=cast.clerk)
    assert notices.notices_to_close(notice.last_day) == []
    assert notices.notices_to_close(after) == [case.no]


@pytest.mark.clause("3(4)")
def test_notice_shows_nothing_beyond_what_may_be_public(cast: Cast) -> None:
    case = road.to_propose(cast)
    snapshot = Notice.objects.get(case=case).snapshot
    assert set(snapshot) == {"applicant", "persons", "monthly_fen", "village", "category", "kin"}


@pytest.mark.clause("3(3)")
def test_for_people_without_capacity_the_committee_applies_by_name(cast: Cast) -> None:
    data = road.application(for_incapable="on")
    with pytest.raises(ApplicationErrors) as errors:
        applications.submit(data, submission_key="k", actor=cast.clerk, on=road.START)
    assert [(e.field, e.message) for e in errors.value.errors] == [
        ("proxy_name", "请写明谁代为申请")
    ]
    case = applications.submit(
        data | {"proxy_name": "演练社区经办"}, submission_key="k", actor=cast.clerk, on=road.START
    )
    assert (case.is_by_proxy, case.for_incapable, case.proxy_name) == (True, True, "演练社区经办")
