"""追缴: what a household was paid too much, month by month (fen)."""

from django.db import models
from django.db.models import F, Q

from cases.models import Benefit, Household
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.models import Unit
from yuquan_relief.kernel.roles import Reach


class RecoveryQuerySet(models.QuerySet["Recovery"]):
    """Reads of recoveries."""

    def visible_to(self, actor: Actor) -> "RecoveryQuerySet":
        """Recoveries of the actor's office or district; a village sees none."""
        if actor.is_robot:
            return self
        field = {Reach.OFFICE: "office_id", Reach.DISTRICT: "district_id"}.get(actor.reach)
        return self.filter(**{field: actor.unit_id}) if field else self.none()


class Recovery(models.Model):
    """One sum that a household was paid too much, opened when it is found. Append-only by trigger.

    What is paid back is recorded against it (domain 10.4).
    """

    no = models.CharField("编号", max_length=40, unique=True)
    benefit = models.ForeignKey(Benefit, models.PROTECT, related_name="recoveries")
    household = models.ForeignKey(Household, models.PROTECT, related_name="+")
    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    office = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    opened_on = models.DateField("发现日期")
    reason = models.CharField("原因", max_length=200)
    amount_fen = models.BigIntegerField("应追缴")

    objects = RecoveryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "追缴"
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="recovery_amount")
        ]

    def __str__(self) -> str:
        return self.no


class RecoveryMonth(models.Model):
    """One month of a recovery: what was paid, what was due, the difference. Append-only."""

    recovery = models.ForeignKey(Recovery, models.PROTECT, related_name="months")
    benefit = models.ForeignKey(Benefit, models.PROTECT, related_name="+")
    month = models.DateField("月份")
    paid_fen = models.BigIntegerField("已发")
    due_fen = models.BigIntegerField("应发")
    fen = models.BigIntegerField("多发")

    class Meta:
        verbose_name = verbose_name_plural = "追缴月份"
        constraints = [
            models.UniqueConstraint(fields=["recovery", "month"], name="recovery_month_once"),
            models.CheckConstraint(
                condition=Q(fen__gt=0, due_fen__gte=0) & Q(fen__lte=F("paid_fen") - F("due_fen")),
                name="recovery_month_difference",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recovery_id} {self.month:%Y-%m}"
