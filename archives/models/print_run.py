"""成批打印: covers of many files, made by the worker piece by piece."""

from django.db import models
from django.db.models import Q

from yuquan_relief.kernel.models import Person


class PrintRun(models.Model):
    """One asking for many papers. `keys`: numbers of files; `pieces`: PDFs made so far; `lacks`:
    what could not be printed and why. The bytes go after a week; the row stays.
    """

    class State(models.TextChoices):
        RUNNING = "RUNNING", "正在生成"
        DONE = "DONE", "可以打印"
        EXPIRED = "EXPIRED", "已过期"

    no = models.CharField("编号", max_length=40, unique=True)
    title = models.CharField("内容", max_length=100)
    keys = models.JSONField("档号")
    pieces = models.JSONField("已生成", default=list)
    lacks = models.JSONField("未能生成", default=list)
    made = models.PositiveIntegerField("已完成", default=0)
    state = models.CharField("状态", max_length=10, choices=State, default=State.RUNNING)
    sha256 = models.CharField("文件摘要", max_length=64, blank=True)
    asked_on = models.DateField("申请日期")
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "成批打印"
        constraints = [
            models.CheckConstraint(
                condition=Q(state="RUNNING", sha256="") | ~Q(state="RUNNING"),
                name="print_run_done_with_file",
            )
        ]

    def __str__(self) -> str:
        return self.no

    @property
    def total(self) -> int:
        """How many papers were asked for."""
        return len(self.keys)
