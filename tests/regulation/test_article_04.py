"""第四条 镇、街道工作责任."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from cases.models import Benefit, Decision
from cases.models.record import CaseRecord
from cases.operations import decisions
from cases.operations.content import content_of
from cases.operations.steps import perform
from cases.reports.clock import clock_of
from tests import road
from tests.cases import held
from tests.cast import Cast
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Signature
from yuquan_relief.kernel.signing import covers


@pytest.mark.clause("4(1).1")
def test_thirty_working_days_without_the_notices(cast: Cast) -> None:
    case = road.accepted(cast, on=date(2026, 9, 21))
    assert case.due_on == date(2026, 11, 9)
    clock = clock_of(CaseRecord(case, date(2026, 9, 21)))
    assert clock.limit == 30
    assert sum("第 " in line for line in clock.explain) == 30


@pytest.mark.clause("4(1).1")
def test_notice_days_are_not_counted(cast: Cast) -> None:
    case = road.to_decide(cast, on=date(2026, 9, 21))
    windows = list(case.notices.values_list("first_day", "last_day"))
    assert len(windows) == 2
    assert case.due_on is not None
    assert case.due_on > date(2026, 11, 9)


@pytest.mark.clause("4(1).1")
def test_only_the_deputy_leader_decides(cast: Cast) -> None:
    case = road.to_decide(cast)
    assert case.state_since is not None
    for name in ("staff", "chief", "clerk", "supervisor"):
        with pytest.raises(PermissionDenied):
            perform(
                case.no,
                "approve",
                actor=cast.actors[name],
                on=case.state_since,
                proof=cast.proof(name),
            )


@pytest.mark.clause("4(1).1")
def test_who_signs_answers_for_exactly_what_was_signed(cast: Cast) -> None:
    case = road.approved(cast)
    stages = dict(Signature.objects.values_list("stage", "name"))
    assert set(stages) == {"survey", "witness", "propose", "decide"}
    signature = Signature.objects.get(stage="decide")
    content = content_of(CaseRecord(case, road.START), "decide")
    assert covers(signature, content)
    content["assessment"]["monthly_fen"] += 1
    assert not covers(signature, content)


@pytest.mark.clause("4(1).1")
def test_nobody_signs_two_stages(cast: Cast) -> None:
    case = road.to_propose(cast)
    assert case.state_since is not None
    with pytest.raises(Refused, match="同一人不能签两个环节"):
        decisions.propose(
            case.no, actor=cast.surveyor, on=case.state_since, proof=cast.proof("surveyor")
        )


@pytest.mark.clause("4(1).1")
def test_who_signed_may_take_it_back_until_it_is_in_effect_and_then_answers_for_it(
    cast: Cast,
) -> None:
    case = held.waiting(cast)
    assert held.followed(case) == held.NOTHING
    held.recalled(cast, case)
    held.answered(cast, road.fresh(case))
    assert held.followed(road.in_effect(case)) == held.ONE
    with pytest.raises(Refused, match="不能取回签字"):
        held.recalled(cast, case)
    signature = Signature.objects.get(subject_key=case.no, stage="decide")
    assert signature.person_id == cast.leader.person_id


@pytest.mark.clause("4(1).1")
@pytest.mark.parametrize(
    ("decided_on", "start", "paid_with"),
    [
        (date(2026, 11, 20), date(2026, 12, 1), date(2026, 12, 1)),
        (date(2026, 11, 21), date(2026, 12, 1), date(2027, 1, 1)),
    ],
)
def test_decisions_by_the_twentieth_reach_next_months_list(
    cast: Cast, decided_on: date, start: date, paid_with: date
) -> None:
    case = road.to_decide(cast)
    decisions.approve(case.no, actor=cast.leader, on=decided_on, proof=cast.proof("leader"))
    decision = Decision.objects.get(case=case)
    assert (decision.start_month, decision.paid_with) == (start, paid_with)
    assert Benefit.objects.get(source_case=case).paid_with == paid_with


@pytest.mark.clause("4(1).2")
def test_decision_is_told_to_the_household(cast: Cast) -> None:
    case = road.approved(cast)
    assert case.decided_on is not None
    decisions.serve_letter(
        case.no,
        served_on=case.decided_on,
        method="DIRECT",
        receiver="演练甲",
        actor=cast.clerk,
        on=case.decided_on,
    )
    assert road.fresh(case).letter.receiver == "演练甲"
