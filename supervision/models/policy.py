"""政策: what was published, since when it holds, and what a change would do (5(1))."""

from django.db import models
from django.db.models import F, Q

from yuquan_relief.kernel.models import Attachment, Person, Unit


class Publication(models.Model):
    """A policy, guide or answered question. What was published is not changed, but ended."""

    class Kind(models.TextChoices):
        POLICY = "POLICY", "政策文件"
        GUIDE = "GUIDE", "办事指南"
        ANSWER = "ANSWER", "常见问题"

    no = models.CharField("编号", max_length=40, unique=True)
    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    kind = models.CharField("类别", max_length=8, choices=Kind)
    title = models.CharField("题目", max_length=120)
    document_no = models.CharField("文号", max_length=80, blank=True)
    text = models.CharField("内容", max_length=4000)
    published_on = models.DateField("发布日期")
    effective_on = models.DateField("生效日期")
    ends_on = models.DateField("失效日期", null=True)
    is_public = models.BooleanField("对外公开", default=True)
    file = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+")
    replaces = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="replaced_by", verbose_name="替代"
    )
    published_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "政策发布"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("effective_on")),
                name="publication_period",
            )
        ]

    def __str__(self) -> str:
        return self.no


class Simulation(models.Model):
    """What a changed standard or ceiling would have done on one day; kept as it came out."""

    no = models.CharField("编号", max_length=40, unique=True)
    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    title = models.CharField("方案", max_length=100)
    made_on = models.DateField("测算日期")
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    changes = models.JSONField("调整")
    result = models.JSONField("结果")

    class Meta:
        verbose_name = verbose_name_plural = "政策测算"

    def __str__(self) -> str:
        return self.no
