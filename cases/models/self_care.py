"""自理能力评估 (F24): six items, what a person does without help (N3 第二十一条)."""

from django.db import models
from django.db.models import IntegerField, Q
from django.db.models.functions import Cast

from cases.rules.destitution import SELF_CARE, TIERS
from yuquan_relief.kernel.models import Person

from .case import Case

SMALL = IntegerField()


class SelfCare(models.Model):
    """One assessment; the tier follows from the number of items that fail."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="self_care")
    round = models.PositiveSmallIntegerField()
    again = models.PositiveSmallIntegerField("第几次重新评估", default=0)
    assessed_on = models.DateField("评估日期")
    assessor = models.CharField("评估人或机构", max_length=100)
    eats = models.BooleanField("自主吃饭")
    dresses = models.BooleanField("自主穿衣")
    gets_up = models.BooleanField("自主上下床")
    toilets = models.BooleanField("自主如厕")
    walks = models.BooleanField("室内自主行走")
    bathes = models.BooleanField("自主洗澡")
    failed = models.PositiveSmallIntegerField("不能自主完成的项数")
    tier = models.CharField("自理能力", max_length=10, choices=list(TIERS.items()))
    note = models.CharField("备注", max_length=300, blank=True)
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "自理能力评估"
        constraints = [
            models.UniqueConstraint(fields=["case", "round", "again"], name="self_care_once"),
            models.CheckConstraint(
                condition=Q(failed=len(SELF_CARE) - sum(Cast(n, SMALL) for n in SELF_CARE)),
                name="self_care_counts_the_items",
            ),
            models.CheckConstraint(
                condition=Q(failed=0, tier="SELF")
                | Q(failed__gte=1, failed__lte=3, tier="PARTIAL")
                | Q(failed__gte=4, failed__lte=6, tier="FULL"),
                name="self_care_tier_by_items",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}-{self.round}"

    @property
    def items(self) -> list[tuple[str, bool]]:
        """(label, without help) of the six items."""
        return [(label, getattr(self, name)) for name, label in SELF_CARE.items()]
