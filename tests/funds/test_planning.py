"""季度预算、备用金、年度计划, and the draw of clause 15: from the roster, by the rules, once."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from cases.models import Benefit
from cases.operations import relief
from funds import tasks
from funds.models import (
    Allocation,
    FlowProof,
    ImprestRequest,
    PayoutLine,
    QuarterBudget,
    YearPlan,
)
from funds.operations import ledger, planning, proofs
from funds.operations.papers import perform
from funds.operations.planning import Adjusted
from funds.paper_sheets import sheet_of
from funds.rules.budget import PlanAssumptions, generated, year_of
from funds.rules.drawing import drawn, frame_digest, seed_of
from tests import road, road_relief
from tests.cast import Cast
from tests.funds import payouts
from tests.funds.payouts import MONTH, PAID, PROGRAMME
from tests.road import photo
from yuquan_relief.kernel.errors import Refused

DAY = date(2026, 12, 14)


# ------------------------------------------------------------------ 季度预算


def budget(cast: Cast) -> QuarterBudget:
    """The first quarter of 2027, generated."""
    return planning.make_budget(2027, 1, actor=cast.staff, on=DAY)


def asked(made: QuarterBudget) -> dict[str, tuple[int, int]]:
    """Programme → (generated, asked) fen."""
    return {line.programme: (line.generated_fen, line.asked_fen) for line in made.lines.all()}


@pytest.mark.clause("4(1).3")
def test_a_budget_follows_from_the_roster(cast: Cast) -> None:
    for serial in (1, 2):
        payouts.in_benefit(cast, serial)
    payouts.in_benefit(cast, 3, start_month=date(2026, 11, 1))  # new within three months
    payouts.in_benefit(cast, 4, end_month=date(2026, 10, 1))  # left within three months
    made = budget(cast)
    line = made.lines.get()
    assert (line.households, line.persons, line.monthly_fen) == (3, 6, 3 * 68_200)
    third = 68_200 // 3
    assert (line.new_fen, line.exit_fen) == (third * 6, third * 6)
    assert line.generated_fen == 3 * 3 * 68_200
    assert made.due_on == date(2026, 12, 20)
    with pytest.raises(Refused, match="已经编制"):
        budget(cast)


def test_a_budget_goes_from_the_office_to_the_bureau_with_two_signatures(cast: Cast) -> None:
    payouts.in_benefit(cast, 1)
    made = budget(cast)
    with pytest.raises(Refused, match="须写明调整理由"):
        planning.adjust(made.no, Adjusted(PROGRAMME, 1, " "), actor=cast.staff, on=DAY)
    planning.adjust(made.no, Adjusted(PROGRAMME, 300_000, "春节前新增"), actor=cast.staff, on=DAY)
    sign(cast, made, "sign", "leader")
    with pytest.raises(Refused, match="现在是“待区局核定”"):
        planning.adjust(made.no, Adjusted(PROGRAMME, 1, "再改"), actor=cast.staff, on=DAY)
    perform(QuarterBudget, made.no, "send_back", actor=cast.supervisor, on=DAY, note="请核对")
    planning.regenerate(made.no, actor=cast.staff, on=DAY)
    assert asked(made) == {PROGRAMME: (204_600, 204_600)}
    sign(cast, made, "sign", "leader")
    sign(cast, made, "confirm", "supervisor")
    made.refresh_from_db()
    assert made.state == "CONFIRMED"


@pytest.mark.clause("4(1).3")
def test_no_more_is_allocated_than_was_budgeted_without_a_reason(cast: Cast) -> None:
    """Half a year or a quarter against the confirmed budgets of the year."""
    payouts.in_benefit(cast, 1)
    made = budget(cast)
    assert ledger.left_of_budget(cast.office.pk, PROGRAMME, 2027) == 0  # not confirmed yet
    sign(cast, made, "sign", "leader")
    sign(cast, made, "confirm", "supervisor")
    assert ledger.left_of_budget(cast.office.pk, PROGRAMME, 2027) == 204_600
    given(cast, "q1", 200_000)
    with pytest.raises(Refused, match=r"还可拨付 46\.00 元"):
        given(cast, "q2", 4_601)
    given(cast, "q3", 4_600)  # the twin: to the fen
    made_good = given(cast, "q4", 1, reason="春节前新增")
    assert made_good.reason == "春节前新增"
    assert ledger.left_of_budget(cast.office.pk, PROGRAMME, 2027) == -1
    assert given(cast, "q3", 4_600).key == "q3"  # the same form again is the same allocation


def given(cast: Cast, key: str, fen: int, reason: str = "") -> Allocation:
    """Money of 2027 for the programme."""
    grant = ledger.Grant(
        office_id=cast.office.pk, programme=PROGRAMME, source="CITY", year=2027, amount_fen=fen,
        document="玉财社〔2027〕1 号", reason=reason,
    )  # fmt: skip
    return ledger.allocate(grant, key=key, actor=cast.supervisor, on=date(2026, 12, 28))


def sign(cast: Cast, made: QuarterBudget, code: str, who: str) -> None:
    """A step that is signed."""
    perform(type(made), made.no, code, actor=cast.actors[who], on=DAY, proof=cast.proof(who))


def test_what_was_allocated_for_the_quarter_stands_beside_what_was_asked(cast: Cast) -> None:
    payouts.in_benefit(cast, 1)
    made = budget(cast)
    grant = ledger.Grant(
        office_id=cast.office.pk, programme=PROGRAMME, source="CITY", year=2027,
        amount_fen=204_600, document="玉财社〔2027〕1 号", reason="演练",
    )  # fmt: skip
    ledger.allocate(grant, key="q1", actor=cast.supervisor, on=date(2026, 12, 28))
    payouts.funded(cast)  # of another year
    (table,) = sheet_of(made, DAY).tables
    shown = dict(zip(table.heads, (cell.text for cell in table.rows[0]), strict=True))
    assert (shown["申报数"], shown["本季已拨付"]) == ("2,046.00", "2,046.00")


def test_an_empty_budget_is_not_signed(cast: Cast) -> None:
    made = budget(cast)
    with pytest.raises(Refused, match="金额为 0"):
        sign(cast, made, "sign", "leader")


def test_the_formula_in_numbers() -> None:
    class Needed:
        monthly_fen, new_fen, exit_fen, relief_fen = 100_000, 1_000, 500, 2_000

    parts = generated(Needed())
    assert parts.generated_fen == 300_000 + 6_000 - 3_000 + 6_000
    Needed.exit_fen = 10**9
    assert generated(Needed()).generated_fen == 6_000 + 6_000  # never below nothing


# ------------------------------------------------------------------ 备用金


def ask(cast: Cast, **changes: object) -> ImprestRequest:
    """Money for urgent relief in January."""
    values: dict[str, object] = {
        "programme": "URGENT_RELIEF", "month": date(2027, 1, 1), "amount_fen": 500_000,
        "reason": "冬季救急难",
    }  # fmt: skip
    found = planning.Asked(**values | changes)  # type: ignore[arg-type]
    return planning.ask_imprest(found, actor=cast.staff, on=DAY)


@pytest.mark.clause("4(2)")
def test_an_imprest_is_asked_a_month_ahead_and_granted_once(cast: Cast) -> None:
    with pytest.raises(Refused, match="须提前一个月请款"):
        ask(cast, month=MONTH)
    row = ask(cast)
    granted = planning.Granted(source="CITY", amount_fen=400_000, document="玉财社〔2027〕3 号")
    with pytest.raises(Refused, match="待签报"):
        give(cast, row, granted)
    perform(ImprestRequest, row.no, "sign", actor=cast.leader, on=DAY, proof=cast.proof("leader"))
    give(cast, row, granted)
    with pytest.raises(Refused, match="已拨付"):
        give(cast, row, granted)
    row.refresh_from_db()
    assert (row.state, row.allocation) == ("GRANTED", Allocation.objects.get())
    assert ledger.available(cast.office.pk, "URGENT_RELIEF", 2027) == 400_000


def give(cast: Cast, row: ImprestRequest, granted: planning.Granted) -> None:
    """The bureau gives the money and signs."""
    planning.grant(row.no, granted, actor=cast.supervisor, on=DAY, proof=cast.proof("supervisor"))


def test_what_was_handed_out_is_the_forecast(cast: Cast) -> None:
    case = road_relief.relieved(cast)
    handed = relief.Handed(
        handed_on=road.START, method="GOODS", amount_fen=90_000, receiver="演练甲", what="被褥"
    )
    relief.hand_over(case.no, handed, actor=cast.staff, on=road.START)
    row = planning.ask_imprest(
        planning.Asked(
            programme="URGENT_RELIEF", month=date(2026, 11, 1), amount_fen=1, reason="补足"
        ),
        actor=cast.staff, on=date(2026, 10, 9),
    )  # fmt: skip
    assert (row.forecast_fen, row.balance_fen) == (30_000, 0)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"programme": PROGRAMME}, "临时救助的类别"),
        ({"amount_fen": 0}, "大于 0"),
        ({"reason": " "}, "理由"),
        ({"month": date(2027, 1, 2)}, "用款月"),
    ],
)
def test_requests_that_make_no_sense(cast: Cast, changes: dict[str, object], said: str) -> None:
    with pytest.raises(Refused, match=said):
        ask(cast, **changes)


# ------------------------------------------------------------------ 年度计划


@pytest.mark.clause("5(2)")
def test_editions_of_a_plan_are_compared_and_one_is_signed(cast: Cast) -> None:
    payouts.in_benefit(cast, 1)
    payouts.in_benefit(cast, 2)
    plain = planning.make_plan(2027, "现状", PlanAssumptions(), actor=cast.supervisor, on=DAY)
    more = PlanAssumptions(growth_permille=50, raise_permille=80, raise_from=7, reserve_fen=100)
    second = planning.make_plan(2027, "提标 8%", more, actor=cast.supervisor, on=DAY)
    assert (plain.edition, second.edition) == (1, 2)
    assert plain.lines.get().year_fen == 136_400 * 12
    assert second.lines.get().year_fen == round(136_400 * 1.05 * (6 + 6 * 1.08))
    planning.sign_plan(second.no, actor=cast.bureau, on=DAY, proof=cast.proof("bureau"))
    assert YearPlan.objects.get(pk=second.pk).state == "SIGNED"
    with pytest.raises(PermissionDenied):
        planning.make_plan(2027, "x", more, actor=cast.staff, on=DAY)
    with pytest.raises(Refused, match="方案名称"):
        planning.make_plan(2027, " ", more, actor=cast.supervisor, on=DAY)
    with pytest.raises(Refused, match="标准提高"):
        planning.make_plan(
            2027, "x", PlanAssumptions(raise_permille=501), actor=cast.supervisor, on=DAY
        )


def test_a_year_is_rounded_once() -> None:
    assert year_of(1, PlanAssumptions()) == 12
    assert year_of(333, PlanAssumptions(growth_permille=1)) == round(333 * 12 * 1.001)
    assert year_of(100, PlanAssumptions(raise_permille=100, raise_from=12)) == 1_210


# ------------------------------------------------------------------ 第十五条


@pytest.fixture
def paid(cast: Cast) -> list[PayoutLine]:
    """Five households of 低保 were paid for December."""
    batch = payouts.through(cast, payouts.opened(cast, 5), PAID)
    return list(batch.lines.order_by("id"))


@pytest.mark.clause("15")
def test_one_is_drawn_and_anybody_can_draw_again(cast: Cast, paid: list[PayoutLine]) -> None:
    assert proofs.draw_month(MONTH, PAID) == 1
    assert proofs.draw_month(MONTH, PAID) == 0
    proof = FlowProof.objects.get()
    frame = [line.pk for line in paid]
    digest = frame_digest(frame)
    seed = seed_of("159900001", "2026-12", "ALLOWANCE", digest)
    assert (proof.seed, proof.frame_sha256, proof.frame_count) == (seed, digest, 5)
    assert frame[drawn(seed, 5)] == proof.line_id
    assert proof.due_on == date(2026, 12, 11)


def test_the_draw_is_even() -> None:
    places = [drawn(seed_of("159900001", f"{n}", "ALLOWANCE", "0" * 64), 4) for n in range(4000)]
    assert all(850 < places.count(place) < 1150 for place in range(4))
    with pytest.raises(ValueError, match="nothing"):
        drawn("x", 0)


def test_nothing_is_drawn_before_the_list_is_settled(cast: Cast) -> None:
    payouts.sent(cast)
    assert proofs.draw_month(MONTH, PAID) == 0


def test_what_was_drawn_stays(cast: Cast, paid: list[PayoutLine]) -> None:
    proofs.draw_month(MONTH, PAID)
    with pytest.raises(DatabaseError, match="line_id 不能修改"), transaction.atomic():
        FlowProof.objects.update(
            line=paid[0] if FlowProof.objects.get().line != paid[0] else paid[1]
        )
    with pytest.raises(DatabaseError), transaction.atomic():
        FlowProof.objects.all().delete()


@pytest.mark.clause("15")
def test_flow_and_voucher_are_sent_returned_and_passed(cast: Cast, paid: list[PayoutLine]) -> None:
    proofs.draw_month(MONTH, PAID)
    proof = FlowProof.objects.get()
    with pytest.raises(Refused, match="还没有上传"):
        proofs.send(proof.no, actor=cast.staff, on=DAY)
    add(cast, proof, "FLOW", 1)
    with pytest.raises(Refused, match="还缺支付凭证"):
        proofs.send(proof.no, actor=cast.staff, on=DAY)
    add(cast, proof, "VOUCHER", 2)
    proofs.send(proof.no, actor=cast.staff, on=DAY)
    with pytest.raises(Refused, match="须写明理由"):
        proofs.send_back(proof.no, note="", actor=cast.supervisor, on=DAY)
    proofs.send_back(proof.no, note="看不清户名", actor=cast.supervisor, on=DAY)
    with pytest.raises(Refused, match="还没有上传"):
        proofs.send(proof.no, actor=cast.staff, on=DAY)  # a new round of files
    add(cast, proof, "FLOW", 3)
    add(cast, proof, "VOUCHER", 4)
    proofs.send(proof.no, actor=cast.staff, on=DAY)
    with pytest.raises(PermissionDenied):
        proofs.pass_proof(proof.no, actor=cast.staff, on=DAY)
    proofs.pass_proof(proof.no, actor=cast.supervisor, on=DAY)
    proof.refresh_from_db()
    assert (proof.state, proof.round, proof.files.count()) == ("PASSED", 2, 4)


def add(cast: Cast, proof: FlowProof, kind: str, number: int) -> None:
    """One page of the proof."""
    proofs.add_file(proof.no, kind, photo((number, 7, 7)), actor=cast.staff, on=DAY)


def test_the_clock_draws(cast: Cast, paid: list[PayoutLine]) -> None:
    assert tasks.draw_proofs(DAY) == 1
    assert tasks.draw_proofs(DAY) == 0
    assert Benefit.objects.count() == 5
