"""临时救助: help first, hours, sums, splitting, and what reaches the household (4(2))."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from cases.invariants import broken
from cases.models import Case, Decision, FirstRelief, HandOver
from cases.models.checks import check_facts
from cases.models.record import CaseRecord
from cases.operations import decisions, investigation, relief
from cases.operations.steps import perform
from cases.reports.clock import clock_of, hours_text
from cases.rules.checks import hits
from tests import road
from tests import road_relief as roads
from tests.cast import Cast
from yuquan_relief.kernel.errors import Refused

ON = roads.START
NOW = datetime(2026, 9, 22, 9, 0, tzinfo=timezone.get_default_timezone())


@pytest.fixture(autouse=True)
def _morning_after(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cases.operations.relief.now", lambda: NOW)


@pytest.mark.clause("4(2)")
def test_an_emergency_is_due_in_three_days_from_the_request(cast: Cast) -> None:
    case = roads.urgent(cast)
    assert (case.state, case.accepted_on, case.due_on) == ("URGENT", ON, date(2026, 9, 24))
    clock = clock_of(CaseRecord(case, ON))
    assert clock.text == "剩 96 小时"  # from the beginning of the day
    assert "从提出申请起计算" in clock.explain[0]


@pytest.mark.parametrize(
    ("due", "said"),
    [(ON, "剩 24 小时"), (ON + timedelta(3), "剩 96 小时"), (ON - timedelta(1), "已超 1 小时")],
)
def test_hours_run_to_the_end_of_the_due_day(due: date, said: str) -> None:
    assert hours_text(due, ON)[0] == said


@pytest.mark.clause("3(6)")
@pytest.mark.clause("4(2)")
def test_help_first_and_the_paper_with_its_own_limit(cast: Cast) -> None:
    case = roads.relieved(cast)
    first = FirstRelief.objects.get(case=case)
    assert (first.approver_id, first.how) == (cast.leader.person_id, "PHONE")
    assert case.state_label == "已先行救助，待补手续"
    assert case.due_on == date(2026, 10, 12)  # ten working days from 2026-09-21, domain 6.3
    case = roads.approve(cast, roads.urgent_to_decide(cast, case), ON)
    assert Decision.objects.get(case=case).once_fen == 600_000
    assert list(broken()) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"amount_fen": 0}, "应大于 0，不超过 5,046.00 元"),
        ({"amount_fen": 504_601}, "应大于 0，不超过 5,046.00 元"),
        ({"approver_id": -1}, "在岗的分管领导"),
        ({"approved_at": NOW + timedelta(minutes=1)}, "不能晚于现在"),
    ],
)
def test_first_help_is_limited_and_named(cast: Cast, changes: dict[str, Any], said: str) -> None:
    case = roads.urgent(cast)
    with pytest.raises(Refused, match=said):
        relief.relieve_first(
            case.no, roads.agreed(cast, **changes), actor=cast.surveyor, on=ON,
            proof=cast.proof("surveyor"),
        )  # fmt: skip
    assert not FirstRelief.objects.exists()


def test_first_help_once_and_then_no_more_declining(cast: Cast) -> None:
    case = roads.relieved(cast)
    with pytest.raises(Refused, match="已经先行救助"):
        relief.relieve_first(
            case.no, roads.agreed(cast), actor=cast.staff, on=ON, proof=cast.proof("staff")
        )


@pytest.mark.clause("4(2)")
def test_cash_only_in_an_emergency_with_reason_and_receipt(cast: Cast) -> None:
    case = roads.relieved(cast)
    cash = {"method": "CASH", "cash_reason": "银行已下班", "receipt": road.photo((5, 5, 5))}
    for missing in ("cash_reason", "receipt"):
        without = {**cash, missing: "" if missing == "cash_reason" else None}
        with pytest.raises(Refused, match=r"理由|收条"):
            relief.hand_over(case.no, roads.handed(ON, **without), actor=cast.staff, on=ON)
    relief.hand_over(case.no, roads.handed(ON, **cash), actor=cast.staff, on=ON)
    row = HandOver.objects.get(case=case)
    assert (row.amount_fen, row.receipt is not None) == (100_000, True)


@pytest.mark.clause("4(2)")
def test_no_cash_for_expenses(cast: Cast) -> None:
    case = roads.approve(cast, roads.expense_to_decide(cast))
    assert case.decided_on is not None
    cash = roads.handed(
        case.decided_on, method="CASH", cash_reason="本人要求", receipt=road.photo((5, 5, 5))
    )
    with pytest.raises(Refused, match="只有急难型可以发放现金"):
        relief.hand_over(case.no, cash, actor=cast.staff, on=case.decided_on)


def test_no_more_than_was_granted_reaches_the_household(cast: Cast) -> None:
    case = roads.relieved(cast)
    relief.hand_over(case.no, roads.handed(ON, amount_fen=299_999), actor=cast.staff, on=ON)
    with pytest.raises(Refused, match=r"还可发放的 0\.01 元"):
        relief.hand_over(case.no, roads.handed(ON, amount_fen=2), actor=cast.staff, on=ON)
    relief.hand_over(case.no, roads.handed(ON, amount_fen=1), actor=cast.staff, on=ON)
    with pytest.raises(Refused, match="已经全部发放"):
        relief.hand_over(case.no, roads.handed(ON, amount_fen=1), actor=cast.staff, on=ON)


def test_goods_and_referrals_say_what_they_are(cast: Cast) -> None:
    case = roads.relieved(cast)
    for method in ("GOODS", "REFERRAL"):
        with pytest.raises(Refused, match="请写明物品，或转介到哪里"):
            relief.hand_over(case.no, roads.handed(ON, method=method), actor=cast.staff, on=ON)
        named = roads.handed(ON, method=method, what="棉被两床", amount_fen=0)
        relief.hand_over(case.no, named, actor=cast.staff, on=ON)
    assert HandOver.objects.filter(case=case).count() == 2


@pytest.mark.clause("4(2)")
def test_expenses_take_twenty_two_working_days(cast: Cast) -> None:
    assert roads.expense(cast).due_on == date(2026, 10, 28)  # domain 6.3


def test_who_is_in_benefit_proves_spending_only(cast: Cast) -> None:
    road.approved(cast)  # the family of serial 1 is in 低保
    data = roads.relief_application(claim_class="ALLOWANCE")
    case = roads.submitted(cast, data, roads.RELIEF_SLOTS, key="relief")
    investigation.accept(case.no, actor=cast.staff, on=ON)
    road.survey(cast, case, ON)
    roads.propose_sum(cast, case)
    case = road.through_notice(cast, road.fresh(case), "post_review_notice", ON)
    assert case.state == "TO_PROPOSE"
    data = roads.relief_application(5, claim_class="ALLOWANCE")  # says so, and is not
    ordinary = roads.submitted(cast, data, roads.RELIEF_SLOTS)
    investigation.accept(ordinary.no, actor=cast.staff, on=ON)
    with pytest.raises(Refused, match="核对报告还没有返回"):
        roads.propose_sum(cast, ordinary)


@pytest.mark.parametrize(
    ("amount", "special", "said"),
    [
        (504_599, "", "低于月标准的 3 倍 5,046.00 元，须一事一议"),
        (504_600, "", ""),
        (2_018_400, "", ""),
        (2_018_401, "", "高于月标准的 12 倍 20,184.00 元，须一事一议"),
        (3_000_000, "2026-09-22 区协调会议定", ""),
    ],
)
def test_multiples_of_the_standard(cast: Cast, amount: int, special: str, said: str) -> None:
    case = roads.expense(cast)
    roads.propose_sum(cast, case, amount, special=special)
    account = CaseRecord(case, ON).account
    assert account is not None
    assert account.is_eligible == (not said)
    assert said in "".join(account.sentences)


@pytest.fixture
def helped(cast: Cast) -> Case:
    """The same family was given 8,000 for the same cause."""
    return roads.approve(cast, roads.expense_to_decide(cast))


def test_the_same_cause_within_twelve_months_needs_a_new_reason(cast: Cast, helped: Case) -> None:
    assert helped.decided_on is not None
    later = helped.decided_on + timedelta(days=30)
    case = roads.expense(cast, on=later, key="again")
    roads.propose_sum(cast, case, 600_000, later)
    account = CaseRecord(case, later).account
    assert account is not None
    assert not account.is_eligible
    assert f"十二个月内已因同一事由救助（{helped.no}）" in "".join(account.sentences)
    roads.propose_sum(cast, case, 600_000, later, new_reason="再次住院手术")
    renewed = CaseRecord(case, later).account
    assert renewed is not None
    assert renewed.is_eligible


@pytest.mark.parametrize(("days", "counted"), [(360, 800_000), (370, 0)])
def test_earlier_help_counts_for_twelve_months(
    cast: Cast, helped: Case, days: int, counted: int
) -> None:
    assert helped.decided_on is not None
    later = helped.decided_on + timedelta(days=days)
    case = roads.expense(cast, on=later, key="again", claim_cause="EDUCATION")
    roads.propose_sum(cast, case, 600_000, later)
    account = CaseRecord(case, later).account
    assert account is not None
    assert account.facts["earlier_fen"] == counted


@pytest.mark.clause("4(2)")
def test_small_awards_together_go_to_the_bureau(cast: Cast, helped: Case) -> None:
    assert helped.decided_on is not None
    later = helped.decided_on + timedelta(days=30)
    case = roads.expense_to_decide(
        cast, on=later, key="again", claim_cause="EDUCATION", amount_fen=600_000
    )
    assert case.above_office
    assert case.state_since is not None
    with pytest.raises(Refused, match="须由区民政局审批"):
        roads.approve(cast, case)
    with pytest.raises(PermissionDenied):
        decisions.approve(
            case.no, actor=cast.leader, on=case.state_since, proof=cast.proof("leader"),
            code="approve_large",
        )  # fmt: skip
    decisions.approve(
        case.no, actor=cast.bureau, on=case.state_since, proof=cast.proof("bureau"),
        code="approve_large",
    )  # fmt: skip
    assert road.fresh(case).state == "APPROVED"


def test_a_small_award_is_not_for_the_bureau(cast: Cast) -> None:
    case = roads.expense_to_decide(cast)
    assert case.state_since is not None
    with pytest.raises(Refused, match="由分管领导审批"):
        decisions.approve(
            case.no, actor=cast.bureau, on=case.state_since, proof=cast.proof("bureau"),
            code="approve_large",
        )  # fmt: skip


def test_the_sum_is_not_less_than_what_went_out(cast: Cast) -> None:
    case = roads.relieved(cast)
    roads.looked_into(cast, case)
    with pytest.raises(Refused, match=r"不能少于已经先行救助的 3,000\.00 元"):
        roads.propose_sum(cast, case, 299_999)


def test_the_papers_must_be_there_before_the_opinion(cast: Cast) -> None:
    case = roads.relieved(cast)
    roads.looked_into(cast, case)
    roads.propose_sum(cast, case, 600_000)
    with pytest.raises(Refused, match="还缺"):
        decisions.propose(case.no, actor=cast.staff, on=ON, proof=cast.proof("staff"))


def test_who_records_the_first_help_is_not_its_approver(cast: Cast) -> None:
    case = roads.urgent(cast)
    agreed = roads.agreed(cast, approver_id=cast.surveyor.person_id)
    with pytest.raises(Refused, match="在岗的分管领导"):
        relief.relieve_first(
            case.no, agreed, actor=cast.surveyor, on=ON, proof=cast.proof("surveyor")
        )


def test_the_office_against_it_cannot_be_overruled(cast: Cast) -> None:
    case = roads.expense(cast)
    roads.propose_sum(cast, case)
    case = road.through_notice(cast, case, "post_review_notice", ON)
    assert case.state_since is not None
    decisions.propose_refusal(
        case.no, note="已有商业保险赔付", actor=cast.staff, on=case.state_since,
        proof=cast.proof("staff"),
    )  # fmt: skip
    with pytest.raises(Refused, match="社救办提出的是不予批准意见"):
        roads.approve(cast, road.fresh(case))


def test_first_help_is_not_above_what_is_already_proposed(cast: Cast) -> None:
    case = roads.urgent(cast)
    roads.propose_sum(cast, case, 20_000, special="区协调会议定")
    with pytest.raises(Refused, match=r"不能超过已经提出的 200\.00 元"):
        relief.relieve_first(
            case.no, roads.agreed(cast), actor=cast.surveyor, on=ON, proof=cast.proof("surveyor")
        )


def test_what_went_out_can_still_be_recorded_after_a_refusal(cast: Cast) -> None:
    case = roads.relieved(cast)
    roads.looked_into(cast, case)
    decisions.propose_refusal(
        case.no, note="不属实", actor=cast.staff, on=ON, proof=cast.proof("staff")
    )
    decisions.refuse(
        case.no, ground="OTHER", note="不属实", actor=cast.leader, on=ON,
        proof=cast.proof("leader"),
    )  # fmt: skip
    relief.hand_over(case.no, roads.handed(ON, amount_fen=300_000), actor=cast.staff, on=ON)
    assert HandOver.objects.filter(case=case).count() == 1


def test_an_emergency_that_was_looked_into_is_not_declined(cast: Cast) -> None:
    case = roads.urgent(cast)
    roads.looked_into(cast, case)
    with pytest.raises(Refused, match="不能不予受理"):
        perform(case.no, "decline", actor=cast.staff, on=ON, note="不符合")


def test_the_bureau_answers_what_is_above_the_limit(cast: Cast) -> None:
    case = roads.expense_to_decide(cast, amount_fen=1_009_300)
    assert case.state_since is not None
    with pytest.raises(Refused, match="须由区民政局审批"):
        decisions.send_back(case.no, note="补", actor=cast.leader, on=case.state_since)
    decisions.send_back(
        case.no, note="补", actor=cast.bureau, on=case.state_since, code="send_back_large"
    )
    assert road.fresh(case).state == "INVESTIGATING"


@pytest.mark.parametrize(("days", "found"), [(21, False), (22, True)])
def test_after_twenty_two_calendar_days_it_is_said(cast: Cast, days: int, found: bool) -> None:
    case = roads.expense(cast)
    roads.propose_sum(cast, case)
    record = CaseRecord(case, ON + timedelta(days=days))
    words = "".join(hit.text for hit in hits(check_facts(record)))
    assert ("已满 22 个自然日" in words) is found
