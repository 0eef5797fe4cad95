"""The clock's part of reviews: those that are due and those that life asks for are opened."""

import logging
from datetime import date, timedelta

from cases.models import Benefit, Review
from cases.models.life_events import happenings
from cases.rules.reviews import FINAL_STATES
from yuquan_relief.kernel.actor import ROBOT, Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.rulebook_values import rules

from .review_calendar import schedule
from .reviews import Opening, open_review

logger = logging.getLogger(__name__)


def open_due(on: date, *, actor: Actor = ROBOT, village_id: int = 0) -> int:
    """A review is open for each benefit that is due within the lead time; how many are new.

    `village_id`: only those of one village. Whoever is being reviewed already is left.
    """
    schedule(on)
    ahead = on + timedelta(days=int(rules(on)["review.lead_days"]))
    under_way = Review.objects.exclude(state__in=FINAL_STATES).values("benefit")
    due = Benefit.objects.visible_to(actor).filter(review_due_on__lte=ahead, end_month__isnull=True)
    if village_id:
        due = due.filter(village_id=village_id)
    done = 0
    for key, due_on in due.exclude(pk__in=under_way).values_list("key", "review_due_on"):
        opening = Opening(trigger="PERIODIC", due_on=due_on, cause=f"PERIODIC:{due_on}")
        done += _open(key, opening, actor, on)
    return done


def open_happenings(on: date) -> int:
    """A review is open for each death match, birthday, graduation, paper that ends; how many."""
    done = 0
    for found in happenings(on):
        opening = Opening(
            trigger=found.trigger, what=found.what, cause=found.cause, member_id=found.member_id
        )
        done += _open(found.benefit_key, opening, ROBOT, on)
    return done


def _open(key: str, opening: Opening, actor: Actor, on: date) -> int:
    try:
        open_review(key, opening, actor=actor, on=on)
    except Refused as refused:
        logger.info("review of %s stays: %s", key, refused.code)
        return 0
    return 1
