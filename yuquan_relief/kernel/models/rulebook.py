"""The rulebook: values with a date, a source and two people behind each."""

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from .people import Person


class RuleValue(models.Model):
    """One value of one parameter under one rule set from one day on. Append-only by trigger.

    A delivered value (from the data files in git) has no `entered_by`; a value entered by the
    district counts only when a second person has confirmed it.
    """

    parameter = models.CharField("参数", max_length=80)
    rule_set = models.CharField("规则集", max_length=20)
    valid_from = models.DateField("生效日期")
    value = models.JSONField("值")
    unit = models.CharField("单位", max_length=20)
    source = models.CharField("依据", max_length=200)
    note = models.CharField("说明", max_length=300, blank=True)
    entered_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="录入人"
    )
    entered_at = models.DateTimeField("录入时间", auto_now_add=True)
    confirmed_by = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="复核人"
    )
    confirmed_at = models.DateTimeField("复核时间", null=True, blank=True)
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = "规则值"
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True)
                | Q(entered_by__isnull=True)
                | ~Q(confirmed_by=models.F("entered_by")),
                name="rule_value_two_people",
            ),
            models.UniqueConstraint(
                fields=["parameter", "rule_set", "valid_from"],
                condition=Q(entered_by__isnull=True) | Q(confirmed_by__isnull=False),
                name="rule_value_once_in_force",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.parameter} {self.valid_from}"
