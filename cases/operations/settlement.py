"""From what was adopted to a frozen account: the same for every programme (3(1), 8)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from cases.models import Case, IncomeAccount, IncomeLine, Obligor, PropertyItem
from cases.models.assessment import facts_for
from cases.models.record import CaseRecord
from cases.rules.programmes import DEDUCTIONS, Family
from cases.rules.settlement import settle
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event
from yuquan_relief.kernel.rulebook_values import Rules

from .steps import perform


@dataclass(frozen=True, kw_only=True)
class Adopted:
    """What the office adopts for one line, with the reason when it differs."""

    line_id: int
    adopted_fen: int
    is_counted: bool = True
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class AdoptedSupport:
    """What one obligor has to pay in a year (fen); less than declared needs its reason."""

    obligor_id: int
    support_fen: int
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Exempted:
    """One thing that the family owns and that is not held against it, with the reason."""

    item_id: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class Deduction:
    """Taken off the income of a year (fen), with what it rests on."""

    kind: str
    fen: int
    note: str


@dataclass(frozen=True, kw_only=True)
class Adoption:
    """Everything that the office decides when it settles the account of a 低保."""

    lines: Sequence[Adopted] = ()
    deductions: Sequence[Deduction] = ()
    obligors: Sequence[AdoptedSupport] = ()
    exempted: Sequence[Exempted] = ()
    method: str = "difference"
    explained: str = ""  # of a report that says OVER or SUSPECT
    tiers: Mapping[str, str] | None = None  # member id as text → code of the tier


def settle_income(no: str, adoption: Adoption, *, actor: Actor, on: date) -> Event:
    """The income account is settled: adopted values, amount, sentences, all frozen (3(1), 8).

    A difference between adopted and checked, a line that counts otherwise than its rule says, a
    deduction, property left out, less support than declared: each needs its reason.
    """

    def write(case: Case) -> Mapping[str, Any]:
        record = CaseRecord(case, on)
        _check_method(record, adoption)
        adopt(record, adoption.lines)
        _adopt_support(case, adoption.obligors)
        _exempt(record.property_items, adoption.exempted)
        choices = {
            "method": adoption.method,
            "deductions": [asdict(d) for d in _sound(adoption.deductions)],
            "tiers": dict(adoption.tiers or {}),
            "explained": adoption.explained.strip(),
        }
        account = keep_account(case, choices, actor=actor, on=on)
        return {
            "account": account.pk,
            "monthly_fen": account.monthly_fen,
            "supplement_fen": account.supplement_fen,
            "per_capita_fen": account.per_capita_fen,
        }

    return perform(no, "settle_income", actor=actor, on=on, write=write)


def keep_account(
    case: Case, choices: Mapping[str, Any], *, actor: Actor, on: date
) -> IncomeAccount:
    """A new account of this round with its facts, its figures and its sentences."""
    case.must_resettle = False
    record = CaseRecord(case, on)
    facts = facts_for(record, choices)
    outcome = settle(facts)
    figures = {name: getattr(outcome, name) for name in IncomeAccount.FIGURES.split()}
    return IncomeAccount.objects.create(
        case=case,
        round=case.round,
        settled_on=on,
        settled_by_id=actor.human_id,
        standard_source=facts["standard"]["source"],
        deductions_fen=sum(d["fen"] for d in choices.get("deductions", ())),
        method=facts["method"],
        facts=facts,
        sentences=list(outcome.sentences),
        **figures,
    )


def left_out(rulebook: Rules, family: Family) -> set[str]:
    """Codes of the incomes that do not count for the programmes of a family."""
    more = rulebook["destitute.not_counted"] if family == Family.DESTITUTE else []
    return {kind["code"] for kind in (*rulebook["income.not_counted"], *more)}


def not_counted_kinds(record: CaseRecord) -> set[str]:
    """Kinds of income that the dated rules leave out; 特困 leaves out a few more (N3 第六条)."""
    return left_out(record.rulebook, record.family)


def adopt(record: CaseRecord, adopted: Sequence[Adopted]) -> None:
    """Each income stands as adopted; what counts otherwise than by rule has its reason."""
    lines = {line.pk: line for line in record.case.income_lines.all()}
    if set(lines) != {a.line_id for a in adopted}:
        raise Refused("收入项目有变化，请刷新页面后重新核算")
    without = not_counted_kinds(record)
    for choice in adopted:
        line = lines[choice.line_id]
        by_rule = line.kind not in without
        differs = choice.adopted_fen != (line.checked_fen or 0) or choice.is_counted != by_rule
        if differs and not choice.reason.strip():
            raise Refused(
                "采用数与核对数不同，或计入与规定不同的，请写明理由", code="reason_needed"
            )
        line.adopted_fen, line.is_counted = choice.adopted_fen, choice.is_counted
        line.reason = choice.reason.strip()
    IncomeLine.objects.bulk_update(
        lines.values(), ["adopted_fen", "is_counted", "reason"], batch_size=200
    )


def _adopt_support(case: Case, adopted: Sequence[AdoptedSupport]) -> None:
    rows = {o.pk: o for o in case.obligors.all()}
    if set(rows) != {a.obligor_id for a in adopted}:
        raise Refused("义务人有变化，请刷新页面后重新核算")
    for choice in adopted:
        row = rows[choice.obligor_id]
        if choice.support_fen < row.support_fen and not choice.reason.strip():
            raise Refused("认定的应付费用少于申报的，请写明理由", code="reason_needed")
        row.adopted_fen, row.reason = choice.support_fen, choice.reason.strip()
    if rows:
        Obligor.objects.bulk_update(rows.values(), ["adopted_fen", "reason"])


def _exempt(items: Sequence[PropertyItem], exempted: Sequence[Exempted]) -> None:
    reasons = {e.item_id: e.reason.strip() for e in exempted}
    if set(reasons) - {item.pk for item in items}:
        raise Refused("财产有变化，请刷新页面后重新核算")
    for item in items:
        if item.pk in reasons and not reasons[item.pk]:
            raise Refused("不计入的财产，请写明理由", code="reason_needed")
        item.is_exempt, item.reason = item.pk in reasons, reasons.get(item.pk, "")
    if items:
        PropertyItem.objects.bulk_update(items, ["is_exempt", "reason"])


def _sound(deductions: Sequence[Deduction]) -> list[Deduction]:
    for deduction in deductions:
        if deduction.kind not in DEDUCTIONS or deduction.fen <= 0:
            raise Refused("请核对扣减的项目和金额")
        if not deduction.note.strip():
            raise Refused(f"请写明“{DEDUCTIONS[deduction.kind]}”的依据", code="reason_needed")
    return list(deductions)


def _check_method(record: CaseRecord, adoption: Adoption) -> None:
    """The district says whether 补差 or 分档 is used; 单人保 may always be asked for."""
    if adoption.method not in ("single", record.rulebook["allowance.method"]):
        raise Refused("计算方式与本区规定的不同，请重新选择")
