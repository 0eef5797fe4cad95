"""急难型: help first, hours, the late papers, and what reaches the household (4(2))."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from cases.invariants import broken
from cases.models import Case, Decision, FirstRelief, HandOver
from cases.models.record import CaseRecord
from cases.operations import decisions, relief
from cases.operations.steps import perform
from cases.reports.clock import clock_of, hours_text
from tests import road
from tests import road_relief as roads
from tests.cases.guards import without
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


def help_first(cast: Cast, case: Case, who: str = "surveyor", **changes: Any) -> None:
    """First help, recorded by `who`."""
    relief.relieve_first(
        case.no, roads.agreed(cast, **changes), actor=cast.actors[who], on=ON, proof=cast.proof(who)
    )


@pytest.mark.parametrize(
    "changes", [{"amount_fen": 1}, {"amount_fen": 504_600}, {"approved_at": NOW}]
)
def test_first_help_reaches_to_its_limits(cast: Cast, changes: dict[str, Any]) -> None:
    help_first(cast, roads.urgent(cast), **changes)
    assert FirstRelief.objects.filter(**changes).count() == 1


@pytest.mark.parametrize(
    ("changes", "guard", "instead"),
    [
        ({"amount_fen": 504_601}, "most_first", 504_601),
        ({"approved_at": NOW + timedelta(minutes=1)}, "now", NOW + timedelta(minutes=1)),
    ],
)
def test_twin_with_another_limit_the_same_first_help_is_taken(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], guard: str, instead: Any
) -> None:
    monkeypatch.setattr(relief, guard, lambda *_: instead)
    help_first(cast, roads.urgent(cast), **changes)
    assert FirstRelief.objects.filter(**changes).count() == 1


def test_first_help_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    case = roads.relieved(cast)
    with pytest.raises(Refused, match="已经先行救助，请补办手续"):
        help_first(cast, case, "staff")
    without(monkeypatch, case, "relieve_first", "not_relieved")
    with pytest.raises(IntegrityError, match="firstrelief_case_id"):  # the twin: the last net
        help_first(cast, case, "staff")


def test_after_first_help_it_is_not_declined(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    case = roads.relieved(cast)
    with pytest.raises(Refused, match="已经核查或者先行救助，不能不予受理"):
        perform(case.no, "decline", actor=cast.staff, on=ON, note="不符合")
    without(monkeypatch, case, "decline", "declinable")
    perform(case.no, "decline", actor=cast.staff, on=ON, note="不符合")  # the twin
    assert road.fresh(case).state == "DECLINED"


@pytest.mark.clause("4(2)")
def test_cash_only_in_an_emergency_with_reason_and_receipt(cast: Cast) -> None:
    case = roads.relieved(cast)
    cash = {"method": "CASH", "cash_reason": "银行已下班", "receipt": road.photo((5, 5, 5))}
    for missing, said in (
        ({"cash_reason": " "}, "请写明发放现金的理由"),
        ({"receipt": None}, "须有领款人签字的收条照片"),
    ):
        with pytest.raises(Refused, match=said):
            relief.hand_over(case.no, roads.handed(ON, **cash | missing), actor=cast.staff, on=ON)
    assert not HandOver.objects.exists()
    relief.hand_over(case.no, roads.handed(ON, **cash), actor=cast.staff, on=ON)
    row = HandOver.objects.get(case=case)
    assert (row.amount_fen, row.receipt is not None) == (100_000, True)


@pytest.mark.parametrize("missing", [{"cash_reason": ""}, {"receipt": None}])
def test_twin_cash_without_its_guard_meets_the_database(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, missing: dict[str, Any]
) -> None:
    case = roads.relieved(cast)
    monkeypatch.setattr(relief, "_why_no_cash", lambda *_: "")
    cash = {"method": "CASH", "cash_reason": "银行已下班", "receipt": road.photo((5, 5, 5))}
    with pytest.raises(IntegrityError, match="cash_with_reason_and_receipt"), transaction.atomic():
        relief.hand_over(case.no, roads.handed(ON, **cash | missing), actor=cast.staff, on=ON)
    assert not HandOver.objects.exists()


@pytest.mark.clause("4(2)")
def test_no_cash_for_expenses(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    case = roads.approve(cast, roads.expense_to_decide(cast))
    assert case.decided_on is not None
    cash = roads.handed(
        case.decided_on, method="CASH", cash_reason="本人要求", receipt=road.photo((5, 5, 5))
    )
    with pytest.raises(Refused, match="只有急难型可以发放现金"):
        relief.hand_over(case.no, cash, actor=cast.staff, on=case.decided_on)
    monkeypatch.setattr(relief, "_why_no_cash", lambda *_: "")
    relief.hand_over(case.no, cash, actor=cast.staff, on=case.decided_on)  # the twin
    assert HandOver.objects.get(case=case).method == "CASH"


def test_no_more_than_was_granted_reaches_the_household(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = roads.relieved(cast)
    relief.hand_over(case.no, roads.handed(ON, amount_fen=299_999), actor=cast.staff, on=ON)
    with pytest.raises(Refused, match=r"还可发放的 0\.01 元"):
        relief.hand_over(case.no, roads.handed(ON, amount_fen=2), actor=cast.staff, on=ON)
    relief.hand_over(case.no, roads.handed(ON, amount_fen=1), actor=cast.staff, on=ON)
    with pytest.raises(Refused, match="已经全部发放"):
        relief.hand_over(case.no, roads.handed(ON, amount_fen=1), actor=cast.staff, on=ON)
    without(monkeypatch, case, "hand_over", "something_to_hand_over")
    with pytest.raises(Refused, match=r"还可发放的 0\.00 元"):  # the second guard
        relief.hand_over(case.no, roads.handed(ON, amount_fen=1), actor=cast.staff, on=ON)
    monkeypatch.setattr(relief, "_why_not_that_much", lambda *_: "")
    relief.hand_over(case.no, roads.handed(ON, amount_fen=1), actor=cast.staff, on=ON)  # the twin
    assert HandOver.objects.filter(case=case).count() == 3


def test_goods_and_referrals_say_what_they_are(cast: Cast) -> None:
    case = roads.relieved(cast)
    for method in ("GOODS", "REFERRAL"):
        with pytest.raises(Refused, match="请写明物品，或转介到哪里"):
            relief.hand_over(case.no, roads.handed(ON, method=method), actor=cast.staff, on=ON)
        named = roads.handed(ON, method=method, what="棉被两床", amount_fen=0)
        relief.hand_over(case.no, named, actor=cast.staff, on=ON)
    assert HandOver.objects.filter(case=case).count() == 2


def test_the_sum_is_not_less_than_what_went_out(cast: Cast) -> None:
    case = roads.relieved(cast)
    roads.looked_into(cast, case)
    with pytest.raises(Refused, match=r"不能少于已经先行救助的 3,000\.00 元"):
        roads.propose_sum(cast, case, 299_999)
    assert CaseRecord(road.fresh(case), ON).account is None
    roads.propose_sum(cast, case, 300_000)  # the control: as much may be proposed
    assert CaseRecord(road.fresh(case), ON).account is not None


def test_the_papers_must_be_there_before_the_opinion(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = roads.relieved(cast)
    roads.looked_into(cast, case)
    roads.propose_sum(cast, case, 600_000)
    with pytest.raises(Refused, match="还缺：身份证明、急难情形证明"):
        decisions.propose(case.no, actor=cast.staff, on=ON, proof=cast.proof("staff"))
    without(monkeypatch, case, "propose", "documents")
    decisions.propose(case.no, actor=cast.staff, on=ON, proof=cast.proof("staff"))  # the twin
    assert road.fresh(case).state == "TO_DECIDE"


def test_who_records_the_first_help_is_not_its_approver(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, oneself = roads.urgent(cast), cast.surveyor.person_id
    with pytest.raises(Refused, match="在岗的分管领导"):
        help_first(cast, case, approver_id=oneself)
    monkeypatch.setattr(relief, "approvers", lambda *_: {oneself: "本人"})
    with pytest.raises(Refused, match="登记人不能是批准人"):  # the second guard, for two posts
        help_first(cast, case, approver_id=oneself)
    assert not FirstRelief.objects.exists()


def test_twin_without_the_list_of_leaders_anybody_agrees(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = cast.clerk.person_id
    monkeypatch.setattr(relief, "approvers", lambda *_: {clerk: "经办"})
    help_first(cast, roads.urgent(cast), approver_id=clerk)
    assert FirstRelief.objects.get().approver_id == clerk


def test_first_help_is_not_above_what_is_already_proposed(cast: Cast) -> None:
    case = roads.urgent(cast)
    roads.propose_sum(cast, case, 20_000, special="区协调会议定")
    with pytest.raises(Refused, match=r"不能超过已经提出的 200\.00 元"):
        help_first(cast, case, amount_fen=20_001)
    help_first(cast, case, amount_fen=20_000)  # the control: as much may go out
    assert FirstRelief.objects.get().amount_fen == 20_000


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


def test_an_emergency_that_was_looked_into_is_not_declined(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = roads.urgent(cast)
    roads.looked_into(cast, case)
    with pytest.raises(Refused, match="不能不予受理"):
        perform(case.no, "decline", actor=cast.staff, on=ON, note="不符合")
    without(monkeypatch, case, "decline", "declinable")
    perform(case.no, "decline", actor=cast.staff, on=ON, note="不符合")  # the twin
    assert road.fresh(case).state == "DECLINED"
