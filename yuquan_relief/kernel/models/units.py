"""Units as a dated tree: district → office → village or community."""

from datetime import date

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords


class UnitQuerySet(models.QuerySet["Unit"]):
    """Reads of the tree."""

    def valid_on(self, day: date) -> "UnitQuerySet":
        """Units that exist on `day` (both ends included)."""
        return self.filter(
            Q(valid_from__lte=day) & (Q(valid_to__isnull=True) | Q(valid_to__gte=day))
        )

    def offices(self) -> "UnitQuerySet":
        """Towns and streets (镇、街道)."""
        return self.filter(kind=Unit.Kind.OFFICE)

    def villages(self) -> "UnitQuerySet":
        """Villages and communities (村、社区)."""
        return self.filter(kind__in=(Unit.Kind.VILLAGE, Unit.Kind.COMMUNITY))


class Unit(models.Model):
    """One administrative unit as one official list names it.

    A code means nothing without its list: two lists in force use 150104001 for different
    streets (domain.md 11.4), so the key is (code_source, code, valid_from).
    """

    class Kind(models.TextChoices):
        DISTRICT = "DISTRICT", "区"
        OFFICE = "OFFICE", "镇、街道"
        VILLAGE = "VILLAGE", "行政村"
        COMMUNITY = "COMMUNITY", "社区"

    name = models.CharField("名称", max_length=50)
    short_name = models.CharField("简称", max_length=20)
    kind = models.CharField("类型", max_length=10, choices=Kind)
    code = models.CharField("代码", max_length=12)
    code_source = models.CharField("代码来源", max_length=60)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级"
    )
    valid_from = models.DateField("启用日期")
    valid_to = models.DateField("停用日期", null=True, blank=True)
    is_synthetic = models.BooleanField("演练名称", default=False)
    history = HistoricalRecords()

    objects = UnitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "单位"
        constraints = [
            models.UniqueConstraint(
                fields=["code_source", "code", "valid_from"], name="unit_code_of_its_list"
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=models.F("valid_from")),
                name="unit_valid_period",
            ),
            models.CheckConstraint(
                condition=Q(kind="DISTRICT", parent__isnull=True)
                | (~Q(kind="DISTRICT") & Q(parent__isnull=False)),
                name="unit_parent_unless_district",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_village(self) -> bool:
        """Whether the unit is a village or community."""
        return self.kind in (self.Kind.VILLAGE, self.Kind.COMMUNITY)
