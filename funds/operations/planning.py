"""季度预算、备用金请款、年度计划: generated from the roster, adjusted with a reason, signed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Max

from cases.rules.months import next_month
from cases.rules.programmes import Programme
from funds.models import (
    BudgetLine,
    ImprestRequest,
    PlanLine,
    QuarterBudget,
    YearPlan,
)
from funds.models.needs import Need, needs_of, plan_needs, relief_use
from funds.rules.budget import PlanAssumptions, generated, year_of
from funds.rules.papers import BUDGET, IMPREST
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event, Unit, next_number
from yuquan_relief.kernel.signing import Proof

from .ledger import MOST_FEN, Grant, allocate, available
from .papers import begin, perform, require

RELIEF = (Programme.URGENT_RELIEF, Programme.EXPENSE_RELIEF)


def _own_office(actor: Actor) -> Unit:
    return Unit.objects.offices().get(pk=actor.unit_id or 0)


# ------------------------------------------------------------------ 季度预算


def make_budget(year: int, quarter: int, *, actor: Actor, on: date) -> QuarterBudget:
    """The office's draft stands, generated from its roster (4(1).3); a second one is Refused."""
    require(BUDGET.steps["generate"], actor)
    office = _own_office(actor)
    if not 1 <= quarter <= 4 or abs(year - on.year) > 1:
        raise Refused("请选择上年、本年或者下年的一个季度")
    assert office.parent_id is not None
    budget = QuarterBudget(
        no=f"YS{office.code[:9]}-{year}Q{quarter}",
        district_id=office.parent_id,
        office=office,
        year=year,
        quarter=quarter,
        due_on=_before_quarter(year, quarter),
    )
    try:
        with transaction.atomic():
            begin(budget, "open", actor=actor, on=on, body={"year": year, "quarter": quarter})
            _generate(budget, on)
    except IntegrityError:
        raise Refused("这个季度的预算已经编制，请打开已有的办理", code="already_open") from None
    return budget


def _before_quarter(year: int, quarter: int) -> date:
    """The budget is with the bureau ten days before the quarter begins."""
    month = quarter * 3 - 3
    return date(year if month else year - 1, month or 12, 20)


def _generate(budget: QuarterBudget, on: date) -> None:
    assert budget.office_id is not None
    BudgetLine.objects.filter(budget=budget).delete()
    BudgetLine.objects.bulk_create(
        _line(budget, need) for need in needs_of(budget.office_id, on.replace(day=1))
    )


def _line(budget: QuarterBudget, need: Need) -> BudgetLine:
    parts = generated(need)
    return BudgetLine(
        budget=budget,
        programme=need.programme,
        households=need.households,
        persons=need.persons,
        monthly_fen=need.monthly_fen,
        asked_fen=parts.generated_fen,
        **parts.__dict__,
    )


def regenerate(no: str, *, actor: Actor, on: date, version: int | None = None) -> Event:
    """The draft is made again from the roster as it is; adjustments are gone, and said to be."""

    def write(budget: QuarterBudget) -> Mapping[str, Any]:
        adjusted = budget.lines.exclude(reason="").values_list("programme", "asked_fen", "reason")
        gone = [list(row) for row in adjusted]
        _generate(budget, on)
        return {"gone": gone}

    return perform(QuarterBudget, no, "generate", actor=actor, on=on, version=version, write=write)


@dataclass(frozen=True)
class Adjusted:
    """What the office asks for a programme instead of what was generated (fen), and why."""

    programme: str
    asked_fen: int
    reason: str


def adjust(
    no: str, adjusted: Adjusted, *, actor: Actor, on: date, version: int | None = None
) -> Event:
    """One line asks for another sum than was generated, with the reason."""
    programme, asked_fen = adjusted.programme, adjusted.asked_fen
    reason = adjusted.reason.strip()[:200]

    def write(budget: QuarterBudget) -> Mapping[str, Any]:
        line = budget.lines.filter(programme=programme).first()
        if line is None or not 0 <= asked_fen <= MOST_FEN:
            raise Refused("请选择类别，申报数不能小于 0")
        if asked_fen != line.generated_fen and not reason:
            raise Refused("申报数与测算数不同的，须写明调整理由")
        line.asked_fen, line.reason = asked_fen, reason
        line.save(update_fields=["asked_fen", "reason"])
        return {"programme": programme, "asked_fen": asked_fen, "reason": line.reason}

    return perform(QuarterBudget, no, "adjust", actor=actor, on=on, version=version, write=write)


# ------------------------------------------------------------------ 备用金


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Money for 临时救助 in a month (fen)."""

    programme: str
    month: date
    amount_fen: int
    reason: str


def ask_imprest(asked: Asked, *, actor: Actor, on: date) -> ImprestRequest:
    """A request waits for the leader's signature; made a month ahead (4(2))."""
    require(IMPREST.steps["restate"], actor)
    office = _own_office(actor)
    if reason := _why_not(asked, on):
        raise Refused(reason)
    assert office.parent_id is not None
    row = ImprestRequest(
        no=next_number(f"QK{office.code[:9]}-{asked.month:%Y%m}-", digits=2),
        district_id=office.parent_id,
        office=office,
        month=asked.month,
        programme=asked.programme,
        balance_fen=available(office.pk, asked.programme, asked.month.year),
        forecast_fen=relief_use(office.pk, asked.programme, on),
        amount_fen=asked.amount_fen,
        reason=asked.reason.strip()[:300],
        due_on=asked.month,
    )
    with transaction.atomic():
        begin(row, "open", actor=actor, on=on, body={"amount_fen": asked.amount_fen})
    return row


def _why_not(asked: Asked, on: date) -> str:
    if asked.programme not in RELIEF or asked.month.day != 1:
        return "请选择临时救助的类别和用款月"
    if asked.month < next_month(on):
        return "备用金须提前一个月请款，请选择下月或者以后（第四条（二））"
    if not 0 < asked.amount_fen <= MOST_FEN or not asked.reason.strip():
        return "请填写请款金额（大于 0）和理由"
    return ""


def restate(
    no: str, amount_fen: int, reason: str, *, actor: Actor, on: date, version: int | None = None
) -> Event:
    """The request asks for another sum."""

    def write(row: ImprestRequest) -> Mapping[str, Any]:
        if not 0 < amount_fen <= MOST_FEN or not reason.strip():
            raise Refused("请填写请款金额（大于 0）和理由")
        before = row.amount_fen
        row.amount_fen, row.reason = amount_fen, reason.strip()[:300]
        return {"before_fen": before, "amount_fen": amount_fen}

    return perform(ImprestRequest, no, "restate", actor=actor, on=on, version=version, write=write)


@dataclass(frozen=True, kw_only=True)
class Granted:
    """Out of which source the request is met, by which document (fen)."""

    source: str
    amount_fen: int
    document: str


def grant(
    no: str, granted: Granted, *, actor: Actor, on: date, proof: Proof, version: int | None = None
) -> Event:
    """The money is in the office's ledger by the one way that money gets there, signed; once."""

    def write(row: ImprestRequest) -> Mapping[str, Any]:
        assert row.office_id is not None
        found = Grant(
            office_id=row.office_id,
            programme=row.programme,
            source=granted.source,
            year=row.month.year,
            amount_fen=granted.amount_fen,
            document=granted.document,
            reason=f"备用金请款 {row.no}",
        )
        row.allocation = allocate(found, key=f"imprest-{row.no}", actor=actor, on=on)
        return {"allocation": row.allocation.pk, "amount_fen": granted.amount_fen}

    return perform(
        ImprestRequest, no, "grant", actor=actor, on=on, proof=proof, version=version, write=write
    )


# ------------------------------------------------------------------ 年度计划


def make_plan(
    year: int, name: str, assumed: PlanAssumptions, *, actor: Actor, on: date
) -> YearPlan:
    """A new edition of the district's plan stands, computed from the roster under its assumptions;
    earlier editions stay and are compared with it (5(2))."""
    if not actor.can("funds.allocate"):
        raise PermissionDenied("funds.allocate")
    if not on.year - 1 <= year <= on.year + 1 or not name.strip() or assumed.wrong():
        raise Refused(assumed.wrong() or "请填写方案名称，年度只能是上年、本年或者下年")
    assert actor.district_id is not None
    with transaction.atomic():
        made = YearPlan.objects.filter(district_id=actor.district_id, year=year)
        edition = (made.aggregate(most=Max("edition"))["most"] or 0) + 1
        plan = YearPlan(
            no=f"JH{year}-{edition:02d}",
            district_id=actor.district_id,
            year=year,
            edition=edition,
            name=name.strip()[:60],
            **assumed.__dict__,
        )
        begin(plan, "open", actor=actor, on=on, body={"year": year, "edition": edition})
        PlanLine.objects.bulk_create(_plan_lines(plan, assumed, on))
    return plan


def _plan_lines(plan: YearPlan, assumed: PlanAssumptions, on: date) -> Iterable[PlanLine]:
    for office_id, need in plan_needs(plan.district_id, on.replace(day=1)):
        yield PlanLine(
            plan=plan,
            office_id=office_id,
            programme=need.programme,
            households=need.households,
            persons=need.persons,
            monthly_fen=need.monthly_fen,
            year_fen=year_of(need.monthly_fen, assumed),
        )


def sign_plan(no: str, *, actor: Actor, on: date, proof: Proof) -> Event:
    """The bureau's leader signs the edition that is sent to the level above."""
    return perform(YearPlan, no, "sign", actor=actor, on=on, proof=proof)
