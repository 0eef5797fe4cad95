"""待遇: what a benefit gives from one month on."""

from dataclasses import dataclass
from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from yuquan_relief.kernel.models import Person

from .decision import Benefit
from .review import Review
from .standard import StandardLine


class Entitlement(models.Model):
    """What a benefit gives from one month on, after a letter was served (fen a month).

    Of those that reach a month the latest row holds; before the first one the benefit's own
    figures, which are those of the decision. Append-only by trigger.
    """

    benefit = models.ForeignKey(
        Benefit, models.PROTECT, related_name="entitlements", db_index=False
    )
    review = models.OneToOneField(Review, models.PROTECT, null=True, related_name="entitlement")
    line = models.OneToOneField(StandardLine, models.PROTECT, null=True, related_name="entitlement")
    from_month = models.DateField("执行月")
    paid_with = models.DateField("首次发放月")
    persons = models.PositiveSmallIntegerField("保障人口")
    monthly_fen = models.BigIntegerField("月保障金")
    supplement_fen = models.BigIntegerField("分类施保金")
    year_fen = models.BigIntegerField("全年基本生活费", default=0)
    support = models.CharField(max_length=10, blank=True)
    care_tier = models.CharField(max_length=10, blank=True)
    annual_fen = models.BigIntegerField("年收入", null=True)
    counted = models.PositiveSmallIntegerField("家庭人口", null=True)
    percents = ArrayField(models.PositiveSmallIntegerField(), db_default=[], default=list)
    method = models.CharField("核算方式", max_length=20, default="", db_default="", blank=True)
    recorded_on = models.DateField("登记日期")
    recorded_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "待遇"
        constraints = [
            models.CheckConstraint(
                condition=Q(monthly_fen__gt=0, supplement_fen__gte=0, persons__gt=0),
                name="entitlement_amount",
            ),
            models.CheckConstraint(
                condition=Q(review__isnull=False, line__isnull=True)
                | Q(review__isnull=True, line__isnull=False),
                name="entitlement_has_one_source",
            ),
            models.CheckConstraint(
                condition=Q(from_month__day=1, paid_with__day=1, paid_with__gte=F("from_month")),
                name="entitlement_months",
            ),
        ]
        indexes = [
            models.Index(fields=["benefit", "-id", "from_month"], name="entitlement_of_benefit")
        ]

    def __str__(self) -> str:
        return f"{self.benefit_id} {self.from_month:%Y-%m}"


AMOUNTS = "persons monthly_fen supplement_fen year_fen support care_tier"


def with_amounts(benefits: "QuerySet[Benefit]", month: date) -> "QuerySet[Benefit]":
    """Each benefit with what it gives in `month`: now_persons, now_monthly_fen and so on."""
    latest = Entitlement.objects.filter(benefit=OuterRef("pk"), from_month__lte=month)
    newest = latest.order_by("-id")
    return benefits.annotate(
        **{
            f"now_{name}": Coalesce(Subquery(newest.values(name)[:1]), F(name))
            for name in AMOUNTS.split()
        }
    )


@dataclass(frozen=True)
class Amounts:
    """What a benefit gives in one month (fen)."""

    persons: int
    monthly_fen: int
    supplement_fen: int
    year_fen: int
    support: str
    care_tier: str

    @property
    def total_fen(self) -> int:
        """With 分类施保 or care."""
        return self.monthly_fen + self.supplement_fen


def amounts_of(benefit: Benefit, month: date) -> Amounts:
    """What the benefit gives in `month`; one statement."""
    latest = benefit.entitlements.filter(from_month__lte=month).order_by("-id").first()
    source = latest or benefit
    return Amounts(**{name: getattr(source, name) for name in AMOUNTS.split()})
