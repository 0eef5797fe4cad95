"""Driving a benefit through its reviews, through operations only."""

from datetime import date
from typing import Any

from cases.models import Benefit, Review
from cases.operations import contacts, review_settlement, reviews, telling
from cases.operations.review_settlement import Found
from cases.operations.reviews import Opening
from cases.operations.telling import Told
from tests.cast import Cast
from tests.road import photo


def opened(cast: Cast, benefit: Benefit, on: date, **more: Any) -> Review:
    """A review by hand."""
    opening = Opening(**{"trigger": "HAND", "what": "邻居反映已就业", **more})
    return reviews.open_review(benefit.key, opening, actor=cast.staff, on=on)


def visited(cast: Cast, benefit: Benefit, on: date, **more: Any) -> None:
    """Two people went there."""
    seen = {"kind": "VISIT", "on_day": on, "means": "HOME", "place": "家中", "met": "演练甲",
            "companion": "演练社区主任"}  # fmt: skip
    contacts.record_contact(benefit.key, contacts.Seen(**{**seen, **more}), actor=cast.clerk, on=on)


def settled(cast: Cast, benefit: Benefit, on: date, found: Found, **more: Any) -> Review:
    """Opened, visited and settled as found."""
    review = opened(cast, benefit, on, **more)
    visited(cast, benefit, on)
    review_settlement.settle(review.no, found, actor=cast.staff, on=on)
    return fresh(review)


def proposed(cast: Cast, benefit: Benefit, on: date, found: Found, **more: Any) -> Review:
    """On the leader's desk."""
    review = settled(cast, benefit, on, found, **more)
    reviews.propose(review.no, actor=cast.staff, on=on, proof=cast.proof("staff", "建议调整"))
    return fresh(review)


def agreed(cast: Cast, benefit: Benefit, on: date, found: Found, **more: Any) -> Review:
    """Signed, and the family is not told yet."""
    review = proposed(cast, benefit, on, found, **more)
    reviews.agree(review.no, actor=cast.leader, on=on, proof=cast.proof("leader", "同意"))
    return fresh(review)


def told(cast: Cast, benefit: Benefit, on: date, found: Found, **more: Any) -> Review:
    """Signed and told on one day."""
    review = agreed(cast, benefit, on, found, **more)
    tell(cast, review, on)
    return fresh(review)


def tell(cast: Cast, review: Review, on: date, **more: Any) -> None:
    """The family has the letter."""
    values = {"told_on": on, "method": "DIRECT", "receiver": "演练甲"}
    telling.tell(review.no, Told(**{**values, **more}), actor=cast.clerk, on=on)


def fresh(review: Review) -> Review:
    """The review as it stands in the database."""
    found = Review.objects.select_related("benefit__household", "benefit__source_case")
    return found.get(pk=review.pk)


def from_roster(persons: int = 2, annual: int = 0, **more: Any) -> Found:
    """What a review finds of a household that came with the roster (yuan a year)."""
    return Found(**{"persons": persons, "insured": persons, "annual_fen": annual * 100, **more})


PHOTO = photo((3, 4, 5))
