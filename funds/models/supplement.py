"""一次性补贴: what the district gives once to those in benefit in a month (domain 10.2)."""

from django.db import models
from django.db.models import Q

from yuquan_relief.kernel.models import Person, Unit

BASES = {"HOUSEHOLD": "每户", "PERSON": "每人"}


class Supplement(models.Model):
    """One measure with its document: to whom, of which month, how much (fen). Append-only."""

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    name = models.CharField("补贴名称", max_length=60)
    document = models.CharField("依据文件", max_length=100)
    month = models.DateField("按哪个月的在享对象")
    basis = models.CharField("计算方式", max_length=10, choices=list(BASES.items()))
    amount_fen = models.BigIntegerField("补贴标准")
    entered_on = models.DateField("登记日期")
    entered_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    key = models.CharField("提交标识", max_length=64, unique=True)

    class Meta:
        verbose_name = verbose_name_plural = "一次性补贴"
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0, month__day=1, basis__in=list(BASES))
                & ~Q(name="")
                & ~Q(document=""),
                name="supplement_complete",
            )
        ]

    def __str__(self) -> str:
        return self.name
