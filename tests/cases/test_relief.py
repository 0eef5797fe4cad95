"""临时救助: sums, who is in benefit, splitting, and who decides (4(2))."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from cases.models import Case
from cases.models.checks import check_facts
from cases.models.record import CaseRecord
from cases.operations import decisions, investigation
from cases.rules.checks import hits
from tests import road
from tests import road_relief as roads
from tests.cases.guards import without
from tests.cast import Cast
from yuquan_relief.kernel.errors import Refused

ON = roads.START


@pytest.mark.clause("4(2)")
def test_expenses_take_twenty_two_working_days(cast: Cast) -> None:
    assert roads.expense(cast).due_on == date(2026, 10, 28)  # domain 6.3


def test_who_is_in_benefit_proves_spending_only(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
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
    without(monkeypatch, ordinary, "settle_relief", "means_if_unknown")
    roads.propose_sum(cast, ordinary)  # the twin
    assert CaseRecord(road.fresh(ordinary), ON).account is not None


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


def test_twin_without_the_limit_the_office_approves_what_is_above_it(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = roads.expense_to_decide(cast, amount_fen=1_009_300)
    with pytest.raises(Refused, match="须由区民政局审批"):
        roads.approve(cast, case)
    without(monkeypatch, case, "approve", "within_office_limit")
    assert roads.approve(cast, case).state == "APPROVED"


def test_a_small_award_is_not_for_the_bureau(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    case = roads.expense_to_decide(cast)

    def by_the_bureau() -> None:
        assert case.state_since is not None
        decisions.approve(
            case.no, actor=cast.bureau, on=case.state_since, proof=cast.proof("bureau"),
            code="approve_large",
        )  # fmt: skip

    with pytest.raises(Refused, match="由分管领导审批"):
        by_the_bureau()
    without(monkeypatch, case, "approve_large", "above_office_limit")
    by_the_bureau()  # the twin
    assert road.fresh(case).state == "APPROVED"


def test_the_office_against_it_cannot_be_overruled(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
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
    without(monkeypatch, case, "approve", "not_opposed")
    assert roads.approve(cast, road.fresh(case)).state == "APPROVED"  # the twin


def test_the_bureau_answers_what_is_above_the_limit(cast: Cast) -> None:
    case = roads.expense_to_decide(cast, amount_fen=1_009_300)
    assert case.state_since is not None
    with pytest.raises(Refused, match="须由区民政局审批"):
        decisions.send_back(case.no, note="补", actor=cast.leader, on=case.state_since)
    decisions.send_back(
        case.no, note="补", actor=cast.bureau, on=case.state_since, code="send_back_large"
    )
    assert road.fresh(case).state == "INVESTIGATING"


def test_twin_without_the_limit_the_office_sends_it_back(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = roads.expense_to_decide(cast, amount_fen=1_009_300)
    assert case.state_since is not None
    without(monkeypatch, case, "send_back", "within_office_limit")
    decisions.send_back(case.no, note="补", actor=cast.leader, on=case.state_since)
    assert road.fresh(case).state == "INVESTIGATING"


@pytest.mark.parametrize(("days", "found"), [(21, False), (22, True)])
def test_after_twenty_two_calendar_days_it_is_said(cast: Cast, days: int, found: bool) -> None:
    case = roads.expense(cast)
    roads.propose_sum(cast, case)
    record = CaseRecord(case, ON + timedelta(days=days))
    words = "".join(hit.text for hit in hits(check_facts(record)))
    assert ("已满 22 个自然日" in words) is found
