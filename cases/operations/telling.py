"""The family is told, and only then the change is in force (4(1).2 严禁不通知自行调整)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from cases.models import Benefit, Entitlement, Member, Review
from cases.models.review_due import plan_review
from cases.models.review_record import SUBJECT
from cases.rules.allowance import percents_of
from cases.rules.effect import Effect, effect_of
from cases.rules.reviews import METHODS, SEEN_ONLY_BY_PROOF
from cases.rules.settlement import settle as settle_facts
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.calendars import work_calendar
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event
from yuquan_relief.kernel.operations.attachments import attach
from yuquan_relief.kernel.rulebook_values import rules

from .review_calendar import next_due
from .review_settlement import refuse_longer_exit
from .reviews import perform


@dataclass(frozen=True, kw_only=True)
class Told:
    """How the family was told: the day, the way, who took the letter, the photo that shows it."""

    told_on: date
    method: str
    receiver: str
    photo: bytes | None = None


def tell(no: str, told: Told, *, actor: Actor, on: date, version: int | None = None) -> Event:
    """The family has the letter, and the change is in force from its month (4(1).2).

    Raises Refused for a day before the signature or after today, and where nobody took the
    letter and no photo shows it.
    """

    def write(review: Review) -> Mapping[str, Any]:
        _refuse_untold(review, told, on)
        review.told_on, review.told_method = told.told_on, told.method
        review.told_to = told.receiver.strip()[:100]
        if told.photo:
            review.told_proof = attach(
                SUBJECT,
                review.no,
                "letter_proof",
                told.photo,
                title="告知凭证",
                village_id=review.village_id,
                office_id=review.office_id,
                actor=actor,
            )
        return _take_effect(review, actor, on)

    return perform(no, "tell", actor=actor, on=on, version=version, write=write)


def _refuse_untold(review: Review, told: Told, on: date) -> None:
    if told.method not in METHODS:
        raise Refused("请选择告知方式")
    if not (review.decided_on and review.decided_on <= told.told_on <= on):
        raise Refused(f"告知日期应在签批日 {review.decided_on} 到今天之间，请核对")
    if not told.receiver.strip():
        raise Refused("请填写签收人；留置、公告的，写明见证人")
    if told.method in SEEN_ONLY_BY_PROOF and not told.photo:
        raise Refused("留置送达、公告的，须上传照片作为凭证")
    if told.method == "NOBODY" and review.ground != "DIED":
        raise Refused("只有本人死亡、没有共同生活的家属时，才能这样登记")


def _take_effect(review: Review, actor: Actor, on: date) -> Mapping[str, Any]:
    assert review.decided_on is not None
    assert review.told_on is not None
    effect = _effect(review, on)
    review.from_month, review.last_month = effect.from_month, effect.last_month
    benefit = Benefit.objects.select_for_update(of=("self",)).get(pk=review.benefit_id)
    if effect.last_month and review.outcome == "EXIT":
        refuse_longer_exit(review, effect.last_month)
    if effect.last_month:
        _refuse_before_start(benefit, effect.last_month)
        benefit.end_month = effect.last_month
    if review.outcome != "STOP":
        _entitle(review, benefit, effect, actor, on)
    benefit.category = review.category or benefit.category
    due_on = None if effect.last_month else next_due(on, benefit.category)
    plan_review(benefit, due_on, since=on)
    benefit.save(update_fields=["end_month", "category", "review_due_on"])
    if review.outcome == "STOP" and review.ground == "DIED":
        _leave(benefit, review)
    return {
        "from_month": str(effect.from_month),
        "paid_with": str(effect.paid_with),
        "last_month": str(effect.last_month or ""),
        "told_on": str(review.told_on),
    }


def _effect(review: Review, on: date) -> Effect:
    """No list can know of a letter before it is recorded, so that day counts (`on`)."""
    assert review.decided_on is not None
    day = on.replace(day=int(rules(on)["decision.cut_off_day"]))
    return effect_of(
        review.outcome,
        decided_on=review.decided_on,
        told_on=on,
        cut_off=work_calendar().on_or_before(day),
        happened_on=review.changed_on,
        exit_months=review.exit_months,
    )


def _refuse_before_start(benefit: Benefit, last: date) -> None:
    if last < benefit.start_month - timedelta(days=31):
        raise Refused(f"这项保障 {benefit.start_month:%Y-%m} 才开始，请核对变化发生日期")


def _entitle(review: Review, benefit: Benefit, effect: Effect, actor: Actor, on: date) -> None:
    facts = review.facts
    net = settle_facts(facts) if "method" in facts else None
    Entitlement.objects.create(
        benefit=benefit,
        review=review,
        from_month=max(effect.from_month, benefit.start_month),
        paid_with=max(effect.paid_with, benefit.start_month),
        persons=review.persons,
        monthly_fen=review.monthly_fen,
        supplement_fen=review.supplement_fen,
        year_fen=review.year_fen,
        support=review.support,
        care_tier=review.care_tier,
        annual_fen=net.annual_fen if net else None,
        counted=net.persons if net else None,
        percents=percents_of(facts),
        method=review.method,
        recorded_on=on,
        recorded_by_id=actor.person_id,
    )


def _leave(benefit: Benefit, review: Review) -> None:
    """Of a household of one who died nobody is left in it."""
    living = Member.objects.filter(household_id=benefit.household_id, left_on__isnull=True)
    alone = living.first() if living.count() == 1 else None
    if alone and review.changed_on:
        alone.left_on, alone.left_reason = max(review.changed_on, alone.joined_on), "DIED"
        alone.save(update_fields=["left_on", "left_reason"])
