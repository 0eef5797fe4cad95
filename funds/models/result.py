"""What the bank answered, and what in it a person has to look at."""

from django.db import models
from django.db.models import Q

from funds.rules.matching import EXCEPTIONS
from yuquan_relief.kernel.models import Person

from .batch import PayoutBatch
from .line import PayoutLine


class BankResult(models.Model):
    """One file of the bank, kept under its hash; the same file counts once. Append-only."""

    batch = models.ForeignKey(PayoutBatch, models.PROTECT, related_name="results")
    sha256 = models.CharField("摘要", max_length=64)
    rows = models.PositiveIntegerField("行数")
    paid_count = models.PositiveIntegerField("到账笔数")
    paid_fen = models.BigIntegerField("到账金额")
    returned_count = models.PositiveIntegerField("退回笔数")
    returned_fen = models.BigIntegerField("退回金额")
    exception_count = models.PositiveIntegerField("差异")
    imported_on = models.DateField("导入日期")
    imported_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "银行结果"
        constraints = [
            models.UniqueConstraint(fields=["batch", "sha256"], name="bank_result_once"),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.sha256[:8]}"


class ResultException(models.Model):
    """One difference. Nobody but a person resolves it, with a reason."""

    result = models.ForeignKey(BankResult, models.PROTECT, related_name="exceptions")
    batch = models.ForeignKey(PayoutBatch, models.PROTECT, related_name="exceptions")
    line = models.ForeignKey(PayoutLine, models.PROTECT, null=True, related_name="exceptions")
    kind = models.CharField("种类", max_length=20, choices=list(EXCEPTIONS.items()))
    row_number = models.PositiveIntegerField("文件行号")
    detail = models.CharField("说明", max_length=300)
    resolution = models.CharField("处理情况", max_length=300, blank=True)
    resolved_on = models.DateField("处理日期", null=True)
    resolved_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "银行结果差异"
        constraints = [
            models.CheckConstraint(
                condition=Q(resolved_on__isnull=True, resolution="", resolved_by__isnull=True)
                | Q(resolved_on__isnull=False, resolved_by__isnull=False) & ~Q(resolution=""),
                name="exception_resolved_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=list(EXCEPTIONS)), name="exception_known_kind"
            ),
            models.UniqueConstraint(
                fields=["line"],
                condition=Q(kind="MISSING", resolved_on__isnull=True),
                name="exception_missing_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["batch"],
                name="exception_open",
                condition=Q(resolved_on__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
