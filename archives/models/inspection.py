"""Reports of the four properties: one for each time that a file was inspected (DA/T 70)."""

from django.db import models

from archives.rules.four_properties import OCCASIONS

from .dossier import Dossier


class Inspection(models.Model):
    """One inspection of one file. Append-only."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="inspections")
    occasion = models.CharField("时机", max_length=10, choices=list(OCCASIONS.items()))
    made_on = models.DateField("检测日期")
    passed = models.BooleanField("通过")
    report = models.JSONField("报告")

    class Meta:
        verbose_name = verbose_name_plural = "四性检测"
        indexes = [models.Index(fields=["dossier", "-id"], name="inspection_latest")]

    def __str__(self) -> str:
        return f"{self.dossier_id} {self.made_on}"
