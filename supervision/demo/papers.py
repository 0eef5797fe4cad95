"""Papers of money in the demo: a plan, a budget, a request for imprest, proofs of the month."""

from datetime import date

from cases.rules.months import next_month
from funds.operations import planning
from funds.operations.papers import perform
from funds.operations.proofs import draw_month
from funds.rules.budget import PlanAssumptions

from .money import PaidMonth
from .staff import Cast, Desk


def fill(desk: Desk, cast: Cast, *, on: date) -> int:
    """Papers wait in different hands: with the office, the leader, the centre; how many."""
    office, leader = f"{desk.prefix}_banshi1", f"{desk.prefix}_lingdao"
    drawn = draw_month(PaidMonth.before(on).month, on)
    plan = PlanAssumptions(raise_permille=50, raise_from=4, reserve_fen=50_000_000)
    planning.make_plan(on.year + 1, "提标 5%", plan, actor=cast["qu_jiuzhu2"], on=on)
    quarter = (on.month - 1) // 3 + 2
    year, quarter = (on.year + 1, 1) if quarter > 4 else (on.year, quarter)
    planning.make_budget(year, quarter, actor=cast[office], on=on)
    asked = planning.Asked(
        programme="URGENT_RELIEF",
        month=next_month(on),
        amount_fen=2_000_000,
        reason="冬季救急难，现有余额不够一个月",
    )
    row = planning.ask_imprest(asked, actor=cast[office], on=on)
    perform(type(row), row.no, "sign", actor=cast[leader], on=on, proof=cast.proof(leader))
    return drawn + 3
