"""固定性核验: which part of the store was read when, and what was not as it must be (6.3, 6.4)."""

from django.db import models
from django.db.models import Q


class FixityShelf(models.Model):
    """All files whose digest begins with `prefix`, read through last on `checked_on`."""

    prefix = models.CharField("摘要前两位", max_length=2, primary_key=True)
    checked_on = models.DateField("核验日期")
    files = models.PositiveIntegerField("文件数")
    bytes = models.PositiveBigIntegerField("字节数")

    class Meta:
        verbose_name = verbose_name_plural = "核验进度"

    def __str__(self) -> str:
        return self.prefix


class FixityProblem(models.Model):
    """A file that was changed, is missing, or that nothing refers to; `mended_on` when it is right
    again. Rows stay."""

    class Kind(models.TextChoices):
        CHANGED = "CHANGED", "内容被改动"
        MISSING = "MISSING", "文件丢失"
        UNTRACKED = "UNTRACKED", "没有登记的文件"

    name = models.CharField("文件", max_length=200)  # its digest, or its path in the store
    kind = models.CharField("问题", max_length=10, choices=Kind)
    what = models.CharField("用于", max_length=200, blank=True)
    sound_on = models.DateField("上次完好", null=True)
    found_on = models.DateField("发现日期")
    mended_on = models.DateField("恢复日期", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "核验问题"
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(mended_on__isnull=True), name="fixity_problem_once"
            ),
            models.CheckConstraint(
                condition=Q(mended_on__isnull=True) | Q(mended_on__gte=models.F("found_on")),
                name="fixity_mended_after_found",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"
