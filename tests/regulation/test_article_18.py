"""第十八条 镇、街道责任事项."""

import pytest

from cases.operations import investigation
from cases.operations.steps import perform
from tests import road
from tests.cast import Cast
from yuquan_relief.kernel.errors import Refused


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
