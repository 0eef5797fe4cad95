"""What a household declares beside its members: obligors, property, the cause of a relief."""

from django.db import models
from django.db.models import F, Q

from cases.rules.destitution import OBLIGOR_GROUNDS
from cases.rules.programmes import PROPERTY_KINDS, RELATIONS
from cases.rules.relief import CAUSES, CLASSES

from .case import Case
from .evidence import MeansCheck
from .household import Member


class Obligor(models.Model):
    """赡养、抚养、扶养义务人 living apart (F03): declared, and what the office adopts. Fen."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="obligors")
    name = models.CharField("姓名", max_length=100)
    relation = models.CharField("是申请人的", max_length=20, choices=list(RELATIONS.items()))
    persons = models.PositiveSmallIntegerField("家庭人口", default=1)
    month_fen = models.BigIntegerField("家庭月收入", default=0)
    ground = models.CharField("情况", max_length=20, choices=list(OBLIGOR_GROUNDS.items()))
    support_fen = models.BigIntegerField("申报年付", default=0)
    adopted_ground = models.CharField(
        "认定情况", max_length=20, choices=list(OBLIGOR_GROUNDS.items()), blank=True
    )
    adopted_fen = models.BigIntegerField("认定年应付", null=True)
    reason = models.CharField("认定理由", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "法定义务人"
        constraints = [
            models.CheckConstraint(
                condition=Q(persons__gt=0, month_fen__gte=0, support_fen__gte=0)
                & (Q(adopted_fen__isnull=True) | Q(adopted_fen__gte=0)),
                name="obligor_not_negative",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id}-{self.pk}"

    @property
    def ground_in_force(self) -> str:
        """What holds: what was adopted, else what was declared."""
        return self.adopted_ground or self.ground


class PropertyItem(models.Model):
    """One thing that the family owns: declared by it, or found by the verification centre. Fen."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="property_items")
    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    kind = models.CharField("类别", max_length=20, choices=list(PROPERTY_KINDS.items()))
    note = models.CharField("说明", max_length=100)
    value_fen = models.BigIntegerField("价值", default=0)
    area = models.PositiveIntegerField("面积（平方米）", default=0)
    means_check = models.ForeignKey(
        MeansCheck, models.PROTECT, null=True, related_name="property_items"
    )
    is_exempt = models.BooleanField("不计入", default=False)
    reason = models.CharField("不计入理由", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "家庭财产"
        constraints = [
            models.CheckConstraint(
                condition=Q(value_fen__gte=0) & (Q(is_exempt=False) | ~Q(reason="")),
                name="property_exempt_with_reason",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id}-{self.kind}"

    @property
    def source_label(self) -> str:
        """Who says so."""
        return "核对" if self.means_check_id else "申报"


class Claim(models.Model):
    """事由 of a 临时救助 (F27): what happened, when, where, and what it costs. Fen."""

    case = models.OneToOneField(Case, models.PROTECT, related_name="claim")
    cause = models.CharField("困难原因", max_length=20, choices=list(CAUSES.items()))
    happened_on = models.DateField("发生日期")
    place = models.CharField("发生地点", max_length=100)
    household_class = models.CharField("家庭类别", max_length=20, choices=list(CLASSES.items()))
    total_fen = models.BigIntegerField("总支出")
    covered_fen = models.BigIntegerField("报销和补偿")
    asked_fen = models.BigIntegerField("申请金额")

    class Meta:
        verbose_name = verbose_name_plural = "救助事由"
        constraints = [
            models.CheckConstraint(
                condition=Q(covered_fen__gte=0, asked_fen__gte=0, covered_fen__lte=F("total_fen")),
                name="claim_costs",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id}"
