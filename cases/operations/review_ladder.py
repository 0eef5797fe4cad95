"""Whoever has a review hears of it as its day nears; when it is past, so do leader and bureau."""

from datetime import date

from cases.models import Review
from cases.rules.reviews import OWNER
from yuquan_relief.kernel.models import Reminder

LADDER = (0, 1, 3, 5)  # days
VILLAGE_ROLES = frozenset({"clerk", "committee_head"})
WHEN_LATE = ("deputy_leader", "supervisor")


def remind(on: date) -> int:
    """Each rung of each open review is told once (4(1).2, 18(5)); how many reminders are new."""
    reminders: list[Reminder] = []
    for review in Review.objects.open().select_related("benefit").iterator(chunk_size=500):
        left = (review.due_on - on).days
        rung = -1 if left < 0 else next((rung for rung in LADDER if left <= rung), None)
        if rung is None:
            continue
        roles = OWNER[review.state] + (WHEN_LATE if rung < 0 else ())
        reminders += [_reminder(review, left, rung, role) for role in dict.fromkeys(roles)]
    before = Reminder.objects.count()
    Reminder.objects.bulk_create(reminders, ignore_conflicts=True, batch_size=1000)
    return Reminder.objects.count() - before


def _reminder(review: Review, left: int, rung: int, role: str) -> Reminder:
    text = "已超期" if rung < 0 else "今天到期" if not left else f"剩 {left} 日"
    place = review.village_id if role in VILLAGE_ROLES else review.office_id
    return Reminder(
        rule=f"review{rung}",
        subject_kind="review",
        subject_key=review.no,
        due_on=review.due_on,
        unit_id=review.district_id if role == "supervisor" else place,
        role_code=role,
        text=f"{review.benefit.programme_label}复核{review.state_label}：{text}",
    )
