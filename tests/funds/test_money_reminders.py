"""Who hears of papers of money and of what came back: near the day, late, once."""

from datetime import date

from funds import tasks
from funds.inbox import papers, returns
from funds.models import FlowProof
from funds.operations import planning, proofs
from tests.cast import Cast
from tests.funds import payouts
from tests.funds.payouts import MONTH, PAID
from yuquan_relief.kernel.models import Reminder


def heard(kind: str) -> list[tuple[str, str]]:
    """(role, rule) of the reminders."""
    found = Reminder.objects.filter(subject_kind=kind).order_by("id")
    return list(found.values_list("role_code", "rule"))


def test_a_proof_that_nobody_sends_reaches_the_office_and_then_the_centre(cast: Cast) -> None:
    payouts.through(cast, payouts.opened(cast), PAID)
    proofs.draw_month(MONTH, PAID)
    assert FlowProof.objects.get().due_on == date(2026, 12, 11)
    assert tasks.remind_papers(date(2026, 12, 10)) == 1
    assert tasks.remind_papers(date(2026, 12, 10)) == 0
    tasks.remind_papers(date(2026, 12, 14))
    assert heard("proof") == [
        ("office_staff", "proof.DRAWN.1"),
        ("office_staff", "proof.DRAWN.-1"),
        ("supervisor", "proof.DRAWN.-1"),
    ]
    (message,) = papers(cast.staff, date(2026, 12, 14))
    assert message.text == "流水凭证待上传，已超期"
    assert papers(cast.foreign_staff, date(2026, 12, 14)) == []


def test_what_came_back_is_not_forgotten(cast: Cast) -> None:
    payouts.through(cast, payouts.opened(cast), PAID, returned=(1, 2))
    assert tasks.remind_returns(date(2026, 12, 10)) == 0
    assert tasks.remind_returns(date(2026, 12, 14)) == 1
    assert tasks.remind_returns(date(2026, 12, 16)) == 2
    assert tasks.remind_returns(date(2026, 12, 16)) == 0
    assert [role for role, _ in heard("returns")] == ["office_staff", "office_staff", "supervisor"]
    (message,) = returns(cast.staff, date(2026, 12, 16))
    assert message.text == "城市低保退回 2 笔待重发，已超期"


def test_a_budget_waits_with_whoever_holds_it(cast: Cast) -> None:
    payouts.in_benefit(cast, 1)
    planning.make_budget(2027, 1, actor=cast.staff, on=date(2026, 12, 1))
    assert tasks.remind_papers(date(2026, 12, 1)) == 0
    assert tasks.remind_papers(date(2026, 12, 18)) == 1
    assert heard("budget") == [("office_staff", "budget.OPEN.0")]
