"""主动发现 (3(3)): people who may need help and have not asked for it."""

from django.db import models
from django.db.models import Q

from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.fields import SealedTextField
from yuquan_relief.kernel.models import Person, Unit

from .draft import Draft
from .scope import scope_of

SOURCES = {
    "VISIT": "走访排查",
    "NEIGHBOUR": "群众反映",
    "WARNING": "医保、残联等预警信息",
    "HOTLINE": "热线转办",
    "LIST": "低收入人口名单",
}


class LeadQuerySet(models.QuerySet["Lead"]):
    """Reads of leads."""

    def visible_to(self, actor: Actor) -> "LeadQuerySet":
        """Leads of the actor's village, office or district."""
        return self.filter(scope_of(actor))


class Lead(models.Model):
    """One family that somebody noticed, and what came of it. Never deleted."""

    class Result(models.TextChoices):
        OPEN = "OPEN", "待处理"
        APPLIED = "APPLIED", "已转申请"
        NOT_ELIGIBLE = "NOT_ELIGIBLE", "不符合"

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    office = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    village = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    found_on = models.DateField("发现日期")
    source = models.CharField("来源", max_length=12, choices=list(SOURCES.items()))
    name = models.CharField("姓名", max_length=100)
    phone = SealedTextField("联系电话", blank=True)
    difficulty = models.CharField("困难情况", max_length=300)
    result = models.CharField("结果", max_length=12, choices=Result, default=Result.OPEN)
    reason = models.CharField("不符合的原因", max_length=300, blank=True)
    draft = models.OneToOneField(Draft, models.PROTECT, null=True, related_name="lead")
    closed_on = models.DateField("办结日期", null=True)
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    objects = LeadQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "主动发现"
        constraints = [
            models.CheckConstraint(
                condition=Q(result="OPEN", closed_on__isnull=True)
                | Q(result="APPLIED", closed_on__isnull=False, draft__isnull=False)
                | Q(result="NOT_ELIGIBLE", closed_on__isnull=False) & ~Q(reason=""),
                name="lead_closed_with_result",
            )
        ]
        indexes = [models.Index(fields=["village", "result"], name="lead_village_result")]

    def __str__(self) -> str:
        return f"{self.pk}"
