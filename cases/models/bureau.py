"""What the bureau looked at itself: visits to families of kin, and the re-check of approvals."""

from django.db import models
from django.db.models import Q

from yuquan_relief.kernel.models import Person

from .case import Case


class BureauCheck(models.Model):
    """区局核查: a visit before the decision (9, N1 第二十条) or the re-check after it (5(9)).

    Append-only by trigger.
    """

    class Kind(models.TextChoices):
        VISIT = "VISIT", "入户核查"
        RECHECK = "RECHECK", "审批复核"

    case = models.ForeignKey(Case, models.PROTECT, related_name="bureau_checks")
    kind = models.CharField("类型", max_length=10, choices=Kind)
    checked_on = models.DateField("核查日期")
    checkers = models.CharField("核查人", max_length=100)
    is_sound = models.BooleanField("没有发现问题")
    finding = models.CharField("核查情况", max_length=500)
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "区局核查"
        constraints = [
            models.CheckConstraint(condition=~Q(finding=""), name="bureau_check_says_what"),
            models.UniqueConstraint(
                fields=["case"], condition=Q(kind="RECHECK"), name="bureau_recheck_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}-{self.kind}"
