"""第九条 实地监督检查."""

import pytest

from cases.operations import notices
from tests import road
from tests.cast import Cast


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
