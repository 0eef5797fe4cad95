"""One household becomes another: the chain along which its files are kept (domain 3.10)."""

from django.db import models
from django.db.models import F, Q

from cases.rules.programmes import CHANGES, LEFT_REASONS
from yuquan_relief.kernel.models import Person

from .household import Household, Member

# Which people of the old household a continuing application is for.
PARTS = [("ALL", "全户"), ("REST", "原户"), ("NEW", "分出的户")]


class HouseholdChange(models.Model):
    """Why an old file ends and a linked one begins (停旧建新). Only its withdrawal is added.

    `other` is the household that is joined with `household`; those who go on apply anew, and the
    old benefit runs until that is decided.
    """

    kind = models.CharField("变更", max_length=8, choices=list(CHANGES.items()))
    household = models.ForeignKey(Household, models.PROTECT, related_name="changes")
    other = models.ForeignKey(Household, models.PROTECT, null=True, related_name="mergers")
    happened_on = models.DateField("发生日期")
    reason = models.CharField("原因", max_length=10, choices=list(LEFT_REASONS.items()))
    note = models.CharField("说明", max_length=300)
    gone = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")  # who died
    recorded_on = models.DateField("登记日期")
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField("撤销时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "户变更"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="MERGE", other__isnull=False) | ~Q(kind="MERGE") & Q(other=None),
                name="change_other_of_merger",
            ),
            models.CheckConstraint(
                condition=~Q(note="")
                & Q(recorded_on__gte=F("happened_on"))
                & (Q(other=None) | ~Q(other=F("household"))),
                name="change_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.household_id}"
