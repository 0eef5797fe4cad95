"""统计: sums kept when a list changes, and tables that are frozen when they are reported (5(8))."""

from django.db import models
from django.db.models import Q

from funds.models import PayoutBatch
from yuquan_relief.kernel.models import Person, Unit


class PayoutSum(models.Model):
    """What the lines of one list come to, by month, kind and state. Replaced as a whole when the
    list changes (supervision.operations.sums); a request never scans the lines."""

    batch = models.ForeignKey(PayoutBatch, models.PROTECT, related_name="+", db_index=False)
    district = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    office = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    programme = models.CharField("类别", max_length=20)
    batch_month = models.DateField("名单月份")
    month = models.DateField("所属月份")
    kind = models.CharField("种类", max_length=10)
    state = models.CharField("状态", max_length=10)
    in_time = models.BooleanField("按时到户")
    lines = models.PositiveIntegerField("笔数")
    persons = models.PositiveBigIntegerField("人次")
    fen = models.BigIntegerField("金额")
    base_fen = models.BigIntegerField("基本金额")
    supplement_fen = models.BigIntegerField("分类施保、照料金额")

    class Meta:
        verbose_name = verbose_name_plural = "发放汇总"
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "month", "kind", "state", "in_time"], name="payout_sum_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["district", "batch_month", "office", "programme"], name="payout_sum_month"
            )
        ]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.month:%Y-%m}"


class StatReport(models.Model):
    """One table of a period. `figures`: cells as generated; frozen from LOCKED on (trigger)."""

    class State(models.TextChoices):
        DRAFT = "DRAFT", "草稿"
        LOCKED = "LOCKED", "已锁定"
        REPORTED = "REPORTED", "已上报"

    no = models.CharField("编号", max_length=40, unique=True)
    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    template = models.CharField("表", max_length=40)
    template_from = models.DateField("表样生效日期")
    period = models.CharField("期", max_length=1)  # M, Q, Y
    first_month = models.DateField("起月")
    last_month = models.DateField("止月")
    edition = models.PositiveSmallIntegerField("版次", default=1)
    state = models.CharField("状态", max_length=8, choices=State, default=State.DRAFT)
    figures = models.JSONField("数据")
    figures_sha256 = models.CharField("摘要", max_length=64)
    made_at = models.DateTimeField("生成时间")
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    locked_on = models.DateField("锁定日期", null=True)
    locked_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    reported_on = models.DateField("上报日期", null=True)
    note = models.CharField("说明", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "统计报表"
        constraints = [
            models.UniqueConstraint(
                fields=["district", "template", "first_month", "last_month", "edition"],
                name="stat_report_once",
            ),
            models.CheckConstraint(
                condition=Q(first_month__day=1, last_month__day=1), name="stat_report_months"
            ),
            models.CheckConstraint(
                condition=Q(state="DRAFT", locked_on=None)
                | ~Q(state="DRAFT") & Q(locked_on__isnull=False),
                name="stat_report_locked_on",
            ),
        ]

    def __str__(self) -> str:
        return self.no


class StatQuery(models.Model):
    """What a client has asked of small groups, to keep two answers from giving away a third one."""

    client_key = models.CharField(max_length=60)
    fingerprint = models.CharField(max_length=64)
    population = models.PositiveIntegerField()
    first_day = models.DateField()
    last_day = models.DateField()
    asked_on = models.DateField()

    class Meta:
        verbose_name = verbose_name_plural = "统计查询"
        constraints = [
            models.UniqueConstraint(fields=["client_key", "fingerprint"], name="stat_query_once")
        ]

    def __str__(self) -> str:
        return self.fingerprint[:12]
