"""The amount, refusals, and what a new round asks for."""

import json

import pytest

from cases.models import (
    IncomeAccount,
    IncomeLine,
)
from cases.models.checks import against_approval
from cases.models.record import CaseRecord
from cases.operations import decisions, investigation, notices, settlement
from tests import road
from tests.cases.stages import (
    ON,
    checked,
    late,
    posting,
)
from tests.cast import Cast
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Signature


def test_income_reasons_and_lines_are_asked_for(cast: Cast) -> None:
    case = checked(cast)
    line = IncomeLine.objects.get(case=case)
    other = settlement.Adopted(line_id=line.pk, adopted_fen=1)
    with pytest.raises(Refused, match="理由"):
        settlement.settle_income(
            case.no, settlement.Adoption(lines=[other]), actor=cast.staff, on=ON
        )
    with pytest.raises(Refused, match="有变化"):
        settlement.settle_income(case.no, settlement.Adoption(), actor=cast.staff, on=ON)


def test_income_a_fen_below_the_standard_is_settled_without_a_failure(cast: Cast) -> None:
    members = [
        {
            "name": "演练甲",
            "id_no": road.number(77),
            "relation": "SELF",
            "incomes": [{"kind": "WAGES", "annual": "10091.99"}],
        }
    ]
    case = road.accepted(cast, members=members)
    road.means_check(cast, case, ON)
    road.settle(cast, case, ON)
    assert IncomeAccount.objects.filter(case=case).exists()


RICH = [
    {
        "name": "演练甲",
        "id_no": road.number(77),
        "relation": "SELF",
        "incomes": [{"kind": "WAGES", "annual": "99999"}],
    }
]


def test_ineligible_household_is_not_published_but_can_be_refused(cast: Cast) -> None:
    case = road.investigated(cast, members=RICH)
    with pytest.raises(Refused, match="不符合条件"):
        notices.post_notice(
            case.no, "post_review_notice", place="公示栏", photo=None, actor=cast.clerk, on=ON
        )
    decisions.propose_refusal(
        case.no, note="月人均收入高于标准", actor=cast.staff, on=ON, proof=cast.proof("staff")
    )
    with pytest.raises(Refused, match="不符合条件"):
        decisions.approve(case.no, actor=cast.leader, on=ON, proof=cast.proof("leader"))
    decisions.refuse(
        case.no,
        ground="INCOME",
        note="月人均 8333.25 元，高于标准。",
        actor=cast.leader,
        on=ON,
        proof=cast.proof("leader"),
    )
    reason = road.fresh(case).decision.reason
    assert reason.startswith("月人均收入不低于低保标准（《社会救助暂行办法》第九条）。月人均")


def test_a_refusal_on_an_unknown_ground_is_refused(cast: Cast) -> None:
    case = road.to_decide(cast)
    with pytest.raises(Refused, match="请选择不予批准的情形"):
        decisions.refuse(
            case.no,
            ground="WHIM",
            note="不符",
            actor=cast.leader,
            on=late(case),
            proof=cast.proof("leader"),
        )
    assert road.fresh(case).state == "TO_DECIDE"


def test_a_case_proposed_for_refusal_cannot_be_approved_without_its_notices(cast: Cast) -> None:
    case = road.investigated(cast)
    decisions.propose_refusal(
        case.no, note="住房闲置", actor=cast.staff, on=ON, proof=cast.proof("staff")
    )
    with pytest.raises(Refused, match="审核公示还没有张贴"):
        decisions.approve(case.no, actor=cast.leader, on=ON, proof=cast.proof("leader"))


def test_of_two_accounts_in_one_round_the_later_is_published_signed_and_granted(cast: Cast) -> None:
    case = road.investigated(cast)
    first = case.income_accounts.get()
    line = case.income_lines.get()
    more = settlement.Adopted(
        line_id=line.pk, adopted_fen=(line.checked_fen or 0) + 240_000, reason="另有零工收入"
    )
    settlement.settle_income(case.no, settlement.Adoption(lines=[more]), actor=cast.staff, on=ON)
    last = case.income_accounts.latest("id")
    assert last.monthly_fen < first.monthly_fen
    case = road.through_notice(cast, case, "post_review_notice", ON)
    decisions.propose(case.no, actor=cast.staff, on=late(case), proof=cast.proof("staff"))
    case = road.through_notice(cast, case, "post_approval_notice", late(case))
    decisions.approve(case.no, actor=cast.leader, on=late(case), proof=cast.proof("leader"))
    signed = Signature.objects.get(subject_key=case.no, stage="decide")
    amounts = {
        case.notices.first().snapshot["monthly_fen"],  # type: ignore[union-attr]
        json.loads(signed.content)["assessment"]["monthly_fen"],
        road.fresh(case).decision.monthly_fen,
        road.fresh(case).benefit.monthly_fen,
    }
    assert amounts == {last.monthly_fen}


def test_a_case_that_came_back_is_looked_into_again_before_it_is_published(cast: Cast) -> None:
    case = road.to_propose(cast)
    decisions.reopen(case.no, note="补查租金收入", actor=cast.staff, on=late(case))
    post = posting("post_review_notice")
    with pytest.raises(Refused, match="还没有重新调查"):
        post(road.fresh(case), cast.clerk, cast.proof("clerk"), late(case))
    road.settle(cast, case, late(case))
    post(road.fresh(case), cast.clerk, cast.proof("clerk"), late(case))
    assert road.fresh(case).state == "REVIEW_NOTICE"


def test_in_a_new_round_the_means_are_checked_anew_and_nobody_signs_old_papers(cast: Cast) -> None:
    case = road.to_propose(cast)
    on = late(case)
    decisions.reopen(case.no, note="漏报收入", actor=cast.staff, on=on)
    with pytest.raises(Refused, match="本轮还没有登记入户调查"):
        investigation.cosign_survey(
            case.no, actor=cast.surveyor, on=on, proof=cast.proof("surveyor")
        )
    with pytest.raises(Refused, match="本轮还没有登记民主评议"):
        investigation.sign_appraisal(case.no, actor=cast.head, on=on, proof=cast.proof("head"))
    investigation.request_means_check(case.no, actor=cast.staff, on=on)
    with pytest.raises(Refused, match="等待报告"):
        investigation.request_means_check(case.no, actor=cast.staff, on=on)
    with pytest.raises(Refused, match="报告还没有返回"):
        posting("post_review_notice")(road.fresh(case), cast.clerk, cast.proof("clerk"), on)


def test_two_benefits_or_another_sum_are_found_once_more_at_the_decision(cast: Cast) -> None:
    case = road.to_decide(cast)
    IncomeLine.objects.filter(case=case).update(is_counted=False)
    with pytest.raises(Refused, match="不再覆盖"):  # the signature sees it first
        decisions.approve(case.no, actor=cast.leader, on=late(case), proof=cast.proof("leader"))
    assert against_approval(CaseRecord(road.fresh(case), late(case))) == [
        "重算金额与核算结果不一致，请退回重新核算"
    ]
