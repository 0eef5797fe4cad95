"""What a review found, and what it comes to: computed on frozen facts, or a stop, or 渐退."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from cases.models import Review
from cases.models.review_record import ReviewRecord, people_of
from cases.rules.effect import add_months
from cases.rules.months import next_month
from cases.rules.reviews import (
    GROUNDS,
    MOST_EXIT_MONTHS,
    category_of,
    exit_amounts,
    outcome_of,
)
from cases.rules.settlement import settle as settle_facts
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event

from .reviews import perform


@dataclass(frozen=True, kw_only=True)
class Found:
    """What the office found. `how`: COMPUTE, STOP (with `ground`) or EXIT (with `exit_months`).

    `lines`: incomes of a year {member, kind, fen, counted}; the other figures (fen) are those of
    a household from the roster. `happened_on`: the change reaches back to the month after it.
    """

    how: str = "COMPUTE"
    ground: str = ""
    reason: str = ""
    exit_months: int = 0
    happened_on: date | None = None
    single: int = 0  # 单人保: the one member who is insured alone (N1 第八条)
    lines: tuple[Mapping[str, Any], ...] | None = None
    deductions: tuple[Mapping[str, Any], ...] | None = None
    property_ok: bool | None = None
    persons: int = 0
    insured: int = 0
    annual_fen: int = 0
    supplement_fen: int = 0


def settle(no: str, found: Found, *, actor: Actor, on: date, version: int | None = None) -> Event:
    """The review has a proposed outcome with its frozen facts, its figures and its sentences.

    Raises Refused when a stop has no ground or no reason, 渐退 is longer than six months, or the
    change is said to have happened in the future.
    """

    def write(review: Review) -> Mapping[str, Any]:
        _refuse_unsound(found, on)
        _settle(review, found, on)
        return {
            "outcome": review.outcome,
            "before_fen": review.before_fen,
            "after_fen": review.after_fen,
        }

    return perform(no, "settle", actor=actor, on=on, version=version, write=write)


def _refuse_unsound(found: Found, on: date) -> None:
    if found.how not in ("COMPUTE", "STOP", "EXIT"):
        raise Refused("请选择复核的结论")
    if found.happened_on and found.happened_on > on:
        raise Refused("变化发生日期不能晚于今天，请核对")
    if found.how == "STOP" and found.ground not in GROUNDS:
        raise Refused("请选择停发的情形")
    if found.how == "STOP" and found.ground == "DIED" and not found.happened_on:
        raise Refused("因死亡停发的，请填写死亡日期")
    if found.how != "COMPUTE" and not found.reason.strip():
        raise Refused("请写明停发或者渐退的理由", code="reason_needed")
    if found.how == "EXIT" and not 1 <= found.exit_months <= MOST_EXIT_MONTHS:
        raise Refused(f"渐退期为 1 至 {MOST_EXIT_MONTHS} 个月，请核对")


def _settle(review: Review, found: Found, on: date) -> None:
    at = ReviewRecord(review, on)
    now = at.now
    review.before_persons = now.persons
    review.before_monthly_fen = now.monthly_fen
    review.before_supplement_fen = now.supplement_fen
    review.ground, review.reason = "", found.reason.strip()[:500]
    review.exit_months, review.changed_on = 0, found.happened_on
    review.year_fen, review.support, review.care_tier = now.year_fen, now.support, now.care_tier
    if found.how == "STOP":
        return _stop(review, found.ground, {"people": people_of(at.members)})
    facts = at.facts(_changes(found))
    outcome = settle_facts(facts)
    facts["people"] = people_of(at.members)
    review.facts, review.method = facts, facts["method"]
    review.category = category_of(facts)
    review.sentences = list(outcome.sentences)
    if found.how == "EXIT":
        return _exit(review, at, found.exit_months, outcome.standard_fen)
    review.outcome = outcome_of(
        now.total_fen, outcome.monthly_fen + outcome.supplement_fen,
        is_eligible=outcome.is_eligible,
    )  # fmt: skip
    if not outcome.is_eligible:
        review.reason = review.reason or "；".join(outcome.objections)[:500]
        return _stop(review, _ground_of(outcome.objections), facts)
    if review.outcome == "KEEP" and now.persons != outcome.insured:
        review.outcome = "REDUCE" if outcome.insured < now.persons else "RAISE"
    review.persons = outcome.insured
    review.monthly_fen, review.supplement_fen = outcome.monthly_fen, outcome.supplement_fen
    review.year_fen = outcome.year_fen
    review.support = facts.get("support", now.support)
    review.care_tier = facts.get("tier", now.care_tier)
    return None


def _changes(found: Found) -> dict[str, Any]:
    changes: dict[str, Any] = {
        "persons": found.persons,
        "insured": found.insured,
        "annual_fen": found.annual_fen,
        "supplement_fen": found.supplement_fen,
    }
    if found.single:
        changes["single"] = found.single
    if found.lines is not None:
        changes["lines"] = [dict(line) for line in found.lines]
    if found.deductions is not None:
        changes["deductions"] = [dict(d) for d in found.deductions]
    if found.property_ok is not None:
        changes["property_ok"] = found.property_ok
    return changes


def _stop(review: Review, ground: str, facts: dict[str, Any]) -> None:
    review.outcome, review.ground, review.facts = "STOP", ground, facts
    review.persons = review.monthly_fen = review.supplement_fen = 0


def _ground_of(objections: tuple[str, ...]) -> str:
    """The code of the ground that the first objection names."""
    first = objections[0] if objections else ""
    words = (("收入", "INCOME"), ("财产", "PROPERTY"), ("住房", "PROPERTY"), ("名下", "PROPERTY"),
             ("义务人", "OBLIGOR"), ("情形", "ABLE"))  # fmt: skip
    return next((code for word, code in words if word in first), "OTHER")


def _exit(review: Review, at: ReviewRecord, months: int, standard_fen: int) -> None:
    """渐退: the amount goes on for a few months, for those who remain (domain 3.10)."""
    people = review.facts.get("members")
    insured = sum(m["insured"] for m in people) if people else at.now.persons
    refuse_longer_exit(review, add_months(next_month(at.on), months - 1))
    kept = settle_facts(review.facts | {"lines": []}) if at.case else None
    supplement = kept.supplement_fen if kept else at.now.supplement_fen
    monthly, extra = exit_amounts(
        monthly_fen=at.now.monthly_fen,
        supplement_fen=supplement,
        standard_fen=standard_fen,
        persons=insured,
    )
    review.outcome, review.exit_months = "EXIT", months
    review.persons, review.monthly_fen, review.supplement_fen = insured, monthly, extra


def refuse_longer_exit(review: Review, last: date) -> None:
    """Raise Refused when 渐退 would go on for more than six months in all (N7 一（三））.

    What happens within it (a death) changes the sum, and does not begin the months anew.
    """
    earlier = Review.objects.filter(benefit=review.benefit_id, state="ENDED", outcome="EXIT")
    first = earlier.exclude(pk=review.pk).order_by("id").first()
    if first is None or first.from_month is None:
        return
    longest = add_months(first.from_month, MOST_EXIT_MONTHS - 1)
    if last > longest:
        raise Refused(
            f"渐退从 {first.from_month:%Y-%m} 开始，合计不超过 {MOST_EXIT_MONTHS} 个月，"
            f"最多到 {longest:%Y-%m}，请减少月数"
        )
