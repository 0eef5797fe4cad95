"""Care of 特困人员: institutions and beds, agreements, and changes that ask for a reassessment."""

from django.db import models
from django.db.models import F, Q

from cases.rules.programmes import SUPPORT_MODES
from yuquan_relief.kernel.fields import SealedTextField
from yuquan_relief.kernel.models import Person, Unit

from .case import Case
from .self_care import SelfCare


class Institution(models.Model):
    """供养服务机构: where 集中供养 is given, and how many beds it has."""

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    name = models.CharField("机构名称", max_length=100, unique=True)
    address = models.CharField("地址", max_length=200)
    phone = models.CharField("电话", max_length=20)
    beds = models.PositiveSmallIntegerField("床位")
    is_open = models.BooleanField("正在接收", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "供养服务机构"

    def __str__(self) -> str:
        return self.name


class CareArrangement(models.Model):
    """Who cares for the person from one day to another: an institution, or somebody by agreement.

    集中供养 has institution and bed; 分散供养 has a carer and the day of the agreement (F25).
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="care_arrangements")
    support = models.CharField("供养方式", max_length=10, choices=list(SUPPORT_MODES.items()))
    institution = models.ForeignKey(Institution, models.PROTECT, null=True, related_name="stays")
    bed = models.CharField("床位号", max_length=20, blank=True)
    carer_name = models.CharField("照料人", max_length=100, blank=True)
    carer_relation = models.CharField("与本人关系", max_length=50, blank=True)
    carer_phone = SealedTextField("照料人电话", blank=True)
    month_fen = models.BigIntegerField("每月照料报酬", default=0)
    agreed_on = models.DateField("协议签订日期", null=True)
    began_on = models.DateField("开始日期")
    ended_on = models.DateField("结束日期", null=True)
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "照料安排"
        constraints = [
            models.CheckConstraint(
                condition=Q(support="CENTRAL", institution__isnull=False, agreed_on=None)
                & ~Q(bed="")
                | Q(support="SCATTERED", institution=None, bed="", agreed_on__isnull=False)
                & ~Q(carer_name=""),
                name="care_complete",
            ),
            models.CheckConstraint(
                condition=Q(month_fen__gte=0) & (Q(ended_on=None) | Q(ended_on__gte=F("began_on"))),
                name="care_period",
            ),
            models.UniqueConstraint(
                fields=["case"], condition=Q(ended_on=None), name="care_one_current"
            ),
            models.UniqueConstraint(
                fields=["institution", "bed"], condition=Q(ended_on=None), name="care_one_in_a_bed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}-{self.support}"


class CareReport(models.Model):
    """A reported change of self-care: to be assessed again within ten workdays (N3 第二十三条)."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="care_reports")
    reported_on = models.DateField("报告日期")
    what = models.CharField("变化情况", max_length=300)
    due_on = models.DateField("应评估日期")  # as told on that day; pages count it anew
    answer = models.OneToOneField(SelfCare, models.PROTECT, null=True, related_name="report")
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "自理能力变化报告"
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(answer=None), name="care_report_one_open"
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("reported_on")) & ~Q(what=""),
                name="care_report_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}-{self.reported_on}"
