"""复核日程: by when a benefit is reviewed next, as it stood from one day to the next."""

from datetime import date

from django.db import models

from .decision import Benefit


class ReviewDue(models.Model):
    """From `since` on the next review was due on `due_on` (null: none, the benefit ends).

    The newest row says the same as the benefit itself. Append-only by trigger, so that the roster
    of a past date tells what was due then (18(5)).
    """

    benefit = models.ForeignKey(Benefit, models.PROTECT, related_name="review_dues", db_index=False)
    since = models.DateField("自")
    due_on = models.DateField("下次复核日期", null=True)
    category = models.CharField("复核类别", max_length=1)

    class Meta:
        verbose_name = verbose_name_plural = "复核日程"
        indexes = [models.Index(fields=["benefit", "-id"], name="review_due_of_benefit")]

    def __str__(self) -> str:
        return f"{self.benefit_id} {self.since}"


def plan_review(benefit: Benefit, due_on: date | None, *, since: date) -> None:
    """The benefit's next review is due on `due_on`, of its category now; the caller saves it."""
    benefit.review_due_on = due_on
    ReviewDue.objects.create(benefit=benefit, since=since, due_on=due_on, category=benefit.category)
