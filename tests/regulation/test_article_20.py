"""第二十条 免于承担责任的情形."""

from datetime import timedelta

import pytest

from cases.models import IncomeLine
from cases.models.record import CaseRecord
from cases.operations import investigation
from cases.reports.clock import clock_of
from tests import road
from tests.cast import Cast
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event


@pytest.mark.clause("20(4)")
def test_waiting_for_the_platform_is_kept_as_evidence_and_stops_no_clock(cast: Cast) -> None:
    case = road.accepted(cast)
    due, later = case.due_on, road.START + timedelta(days=2)
    investigation.request_means_check(case.no, actor=cast.staff, on=road.START)
    report = investigation.MeansReport(
        report_no="HD-1", data_upto=later, valid_until=later, conclusion="WITHIN"
    )
    investigation.return_means_check(case.no, report, actor=cast.verifier, on=later)
    case = road.fresh(case)
    assert case.due_on == due
    assert any("用时 2 日" in line for line in clock_of(CaseRecord(case, later)).excused)
    returned = Event.objects.of("case", case.no).get(action="return_means_check")
    assert returned.body["waited_days"] == 2


@pytest.mark.clause("20(3)")
def test_what_the_platform_found_is_kept_beside_what_was_declared(cast: Cast) -> None:
    case = road.accepted(cast)
    investigation.request_means_check(case.no, actor=cast.staff, on=road.START)
    report = investigation.MeansReport(
        report_no="HD-1", data_upto=road.START, valid_until=road.START, conclusion="WITHIN"
    )
    investigation.return_means_check(case.no, report, actor=cast.verifier, on=road.START)
    line = IncomeLine.objects.get(case=case)
    assert (line.declared_fen, line.checked_fen) == (12_000_00, 0)
    with pytest.raises(Refused, match="已返回"):
        investigation.return_means_check(case.no, report, actor=cast.verifier, on=road.START)
