"""容缺: a document that may come later, with a day of its own (IR-10)."""

from django.db import models

from yuquan_relief.kernel.models import Person

from .case import Case


class Deferral(models.Model):
    """One required document that is promised for a day; settled when its file is there."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="deferrals")
    slot = models.CharField("材料", max_length=40)
    title = models.CharField("材料名称", max_length=100)
    promised_on = models.DateField("补交日期")
    reason = models.CharField("容缺理由", max_length=200)
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "容缺"
        constraints = [
            models.UniqueConstraint(fields=["case", "slot"], name="deferral_once"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="deferral_with_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}-{self.slot}"
