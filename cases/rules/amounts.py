"""How much: the income account and the two lawful methods (domain 3.5, 3.7). Integer fen."""

from collections.abc import Sequence
from dataclasses import dataclass

from yuquan_relief.kernel.inputs.money import divide, show


@dataclass(frozen=True, kw_only=True)
class IncomeEntry:
    """One adopted income of one member for a year; `is_counted` by rule and date."""

    member: str
    kind: str
    annual_fen: int
    is_counted: bool = True


@dataclass(frozen=True, kw_only=True)
class Household:
    """What the amount depends on."""

    persons: int  # counted for income
    insured: int  # who would be given the allowance
    entries: Sequence[IncomeEntry]
    deductions_annual_fen: int = 0


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """The result with its sentences; `monthly_fen` is 0 when the household is not eligible."""

    annual_fen: int
    per_capita_month_fen: int
    standard_fen: int
    is_eligible: bool
    monthly_fen: int
    sentences: tuple[str, ...]


def assess(household: Household, *, standard_fen: int) -> Assessment:
    """The monthly allowance by difference (补差): (standard − income per head) × insured persons.

    The year's income comes first and is divided once: the amount is
    (12 × persons × standard − annual) × insured ÷ (12 × persons), rounded half up to the fen,
    so that a rounded monthly figure is never multiplied again. Strictly lower than the standard
    is eligible; equal is not.
    """
    counted = sum(e.annual_fen for e in household.entries if e.is_counted)
    annual = max(counted - household.deductions_annual_fen, 0)
    shares = 12 * household.persons
    per_capita = divide(annual, shares)
    gap = shares * standard_fen - annual
    is_eligible = gap > 0 and household.insured > 0
    # A gap of less than half a fen is still a gap: who is eligible is paid at least one fen.
    monthly = max(divide(gap * household.insured, shares), 1) if is_eligible else 0
    return Assessment(
        annual_fen=annual,
        per_capita_month_fen=per_capita,
        standard_fen=standard_fen,
        is_eligible=is_eligible,
        monthly_fen=monthly,
        sentences=_sentences(household, annual, per_capita, standard_fen, monthly, counted),
    )


def _sentences(
    household: Household, annual: int, per_capita: int, standard: int, monthly: int, counted: int
) -> tuple[str, ...]:
    first = f"全家一年计入收入 {show(counted)} 元"
    if household.deductions_annual_fen:
        first += f"，扣减 {show(household.deductions_annual_fen)} 元，按 {show(annual)} 元计算"
    second = f"{show(annual)} ÷ 12 个月 ÷ {household.persons} 人 = 月人均 {show(per_capita)} 元"
    if not monthly:
        third = f"月人均收入不低于标准 {show(standard)} 元，不符合条件"
        return (f"{first}。", f"{second}。", f"{third}。")
    third = f"低于标准 {show(standard)} 元，差额 {show(standard - per_capita)} 元"
    fourth = f"{household.insured} 人享受，每月 {show(monthly)} 元"
    return (f"{first}。", f"{second}。", f"{third}。", f"{fourth}。")
