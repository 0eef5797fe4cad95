"""F29, F37 to F42: what they say, as PDF; printed on record, only within the scope."""

from collections.abc import Callable
from datetime import date

import pytest

from archives.papers.money import PAPERS, make_page, make_paper
from cases.models import Benefit
from funds.models import Allocation, PayoutBatch, Recovery
from funds.operations import planning
from funds.operations.recoveries import open_recoveries
from funds.rules.budget import PlanAssumptions
from tests.cast import Cast
from tests.funds import payouts
from tests.funds.payouts import PAID
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.models import Event

DAY = date(2026, 12, 14)


@pytest.fixture
def batch(cast: Cast) -> PayoutBatch:
    """A settled list, of which one line came back."""
    return payouts.through(cast, payouts.opened(cast), PAID, returned=(3,))


def printed(actor: Actor, code: str, key: str) -> str:
    """The page of the form, which can be printed."""
    found = PAPERS[code].find(actor, key)
    assert found is not None
    pdf = make_paper(code, found, DAY)
    assert pdf.content.startswith(b"%PDF")
    return make_page(code, found, DAY)


def test_f29_says_what_was_paid_too_much_and_what_came_back(cast: Cast, batch: PayoutBatch) -> None:
    Benefit.objects.filter(certificate_no="C00001").update(end_month=date(2026, 11, 1))
    open_recoveries(DAY)
    page = printed(cast.staff, "F29", Recovery.objects.get().no)
    for text in ("追缴资金办理单", "2026-12", "682.00", "陆佰捌拾贰元整", "还没有告知"):
        assert text in page


def test_f37_has_every_line_and_hides_numbers_of_people(cast: Cast, batch: PayoutBatch) -> None:
    page = printed(cast.leader, "F37", batch.no)
    assert page.count("演练银行") == 3
    assert "2,046.00" in page
    line = batch.lines.earliest("line_no")
    assert line.id_no not in page
    assert line.account not in page
    assert line.id_no[-4:] in page


def test_f38_f39_say_what_is_asked_for(cast: Cast) -> None:
    payouts.in_benefit(cast, 1)
    budget = planning.make_budget(2027, 1, actor=cast.staff, on=DAY)
    assert "2,046.00" in printed(cast.staff, "F39", budget.no)
    asked = planning.Asked(
        programme="URGENT_RELIEF", month=date(2027, 1, 1), amount_fen=123_45, reason="冬季救急难"
    )
    row = planning.ask_imprest(asked, actor=cast.staff, on=DAY)
    assert "123.45" in printed(cast.staff, "F38", row.no)
    plan = planning.make_plan(2027, "现状", PlanAssumptions(), actor=cast.supervisor, on=DAY)
    assert "8,184.00" in printed(cast.supervisor, "F38", plan.no)


def test_f40_f41_f42_say_what_was_given_held_and_answered(cast: Cast, batch: PayoutBatch) -> None:
    given = Allocation.objects.get()
    assert "壹拾万元整" in printed(cast.supervisor, "F40", str(given.pk))
    assert "98,636.00" not in printed(cast.staff, "F41", "2025")
    assert "97,954.00" in printed(cast.staff, "F41", "2026")
    page = printed(cast.accountant, "F42", batch.no)
    assert "账户已销户" in page
    assert "1,364.00" in page


@pytest.mark.parametrize("code", sorted(PAPERS))
def test_another_office_finds_nothing(cast: Cast, batch: PayoutBatch, code: str) -> None:
    keys = {"F37": batch.no, "F42": batch.no, "F40": str(Allocation.objects.get().pk)}
    if code == "F41":
        page = make_page(code, PAPERS[code].find(cast.foreign_staff, "2026"), DAY)
        assert "甲街道" not in page
    else:
        assert PAPERS[code].find(cast.foreign_staff, keys.get(code, "YS-1")) is None


@pytest.mark.parametrize("key", ["abc", "１２", "99999999999999", "-1", ""])
def test_keys_of_nothing(cast: Cast, key: str) -> None:
    for code, paper in PAPERS.items():
        assert paper.find(cast.supervisor, key) is None, code


def test_printing_is_on_record(
    cast: Cast, batch: PayoutBatch, on_day: Callable[[date], None]
) -> None:
    on_day(DAY)
    answer = cast.client("staff").get(f"/forms/money/F37/{batch.no}.pdf")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    event = Event.objects.get(action="print_form")
    assert event.body["form"] == "F37"
    assert cast.client("clerk").get(f"/forms/money/F37/{batch.no}.pdf").status_code == 404
    assert cast.client("staff").get("/forms/money/F99/x.pdf").status_code == 404
