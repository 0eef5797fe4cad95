"""第十七条 村（居）委会责任事项."""

import pytest

from cases.models import Case
from cases.models.facts import facts_of
from cases.models.record import CaseRecord
from cases.operations import decisions
from cases.operations.steps import perform
from cases.rules.needs import NEEDS
from tests import road
from tests.cast import Cast
from yuquan_relief.kernel.errors import Refused


@pytest.mark.clause("17(2)")
def test_refusal_to_sign_the_appraisal_is_visible_and_stops_the_case(cast: Cast) -> None:
    case = road.accepted(cast)
    road.survey(cast, case, road.START)
    facts = facts_of(CaseRecord(case, road.START))
    assert (facts.survey_signers, facts.appraisal_signed) == (2, False)
    assert "主任或书记" in NEEDS["appraisal_signed"].missing(facts)


@pytest.mark.clause("17(5)", "3(4)")
def test_no_approval_without_the_second_notice(cast: Cast) -> None:
    case = road.to_propose(cast)
    assert case.state_since is not None
    decisions.propose(case.no, actor=cast.staff, on=case.state_since, proof=cast.proof("staff"))
    assert Case.objects.get(pk=case.pk).state == "APPROVAL_NOTICE"
    with pytest.raises(Refused, match="现在是“拟批准公示”"):
        perform(
            case.no, "approve", actor=cast.leader, on=case.state_since, proof=cast.proof("leader")
        )
