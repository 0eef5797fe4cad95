"""The decision on frozen facts, and the benefit that follows from it."""

from datetime import date, timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from cases.rules.destitution import TIERS
from cases.rules.programmes import CHOICES, SUPPORT_MODES, Programme
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.models import Attachment, Unit

from .case import Case
from .household import Household
from .scope import scope_of


class Decision(models.Model):
    """What the deputy leader signed (4(1).1). Append-only by trigger."""

    case = models.OneToOneField(Case, models.PROTECT, related_name="decision")
    outcome = models.CharField(
        "决定", max_length=10, choices=[("APPROVED", "批准"), ("REFUSED", "不予批准")]
    )
    decided_on = models.DateField("决定日期")
    persons = models.PositiveSmallIntegerField("保障人口", default=0)
    monthly_fen = models.BigIntegerField("月保障金", default=0)
    supplement_fen = models.BigIntegerField("分类施保金", default=0)
    once_fen = models.BigIntegerField("一次性救助金", default=0)
    start_month = models.DateField("起始月", null=True)
    paid_with = models.DateField("首次发放月", null=True)
    reason = models.CharField("理由与依据", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "决定"
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="APPROVED", monthly_fen__gt=0, persons__gt=0, once_fen=0)
                & Q(start_month__isnull=False, paid_with__isnull=False)
                & Q(paid_with__gte=F("start_month"), supplement_fen__gte=0)
                | Q(outcome="APPROVED", once_fen__gt=0, monthly_fen=0, supplement_fen=0)
                & Q(persons__gt=0, start_month__isnull=True, paid_with__isnull=True)
                | Q(outcome="REFUSED", monthly_fen=0, supplement_fen=0, once_fen=0, persons=0)
                & Q(start_month__isnull=True, paid_with__isnull=True)
                & ~Q(reason=""),
                name="decision_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.outcome}"

    @property
    def total_fen(self) -> int:
        """What the household is given a month, or once."""
        return self.monthly_fen + self.supplement_fen + self.once_fen


class Letter(models.Model):
    """That the decision letter reached the household: when, how, who took it (4(1).2)."""

    METHODS = [("DIRECT", "直接送达"), ("LEFT", "留置送达"), ("POST", "邮寄"), ("NOTICE", "公告")]

    case = models.OneToOneField(Case, models.PROTECT, related_name="letter")
    served_on = models.DateField("送达日期")
    method = models.CharField(
        "方式",
        max_length=10,
        choices=[
            ("DIRECT", "直接送达"),
            ("LEFT", "留置送达"),
            ("POST", "邮寄"),
            ("NOTICE", "公告"),
        ],
    )
    receiver = models.CharField("签收人", max_length=100)
    proof = models.ForeignKey(
        Attachment, models.PROTECT, null=True, related_name="+", verbose_name="送达证明"
    )

    class Meta:
        verbose_name = verbose_name_plural = "文书送达"

    def __str__(self) -> str:
        return f"{self.case_id}"


class BenefitQuerySet(models.QuerySet["Benefit"]):
    """Reads of benefits."""

    def visible_to(self, actor: Actor) -> "BenefitQuerySet":
        """Benefits of the actor's village, office or district."""
        return self.filter(scope_of(actor))

    def running_on(self, day: date) -> "BenefitQuerySet":
        """Benefits that give something after the month of `day` too: 渐退 runs to its end."""
        month = day.replace(day=1)
        return self.filter(Q(end_month__isnull=True) | Q(end_month__gt=month))

    def in_month(self, month: date) -> "BenefitQuerySet":
        """Benefits that are due for the month that begins on `month`."""
        return self.filter(start_month__lte=month).filter(
            Q(end_month__isnull=True) | Q(end_month__gte=month)
        )


class Benefit(models.Model):
    """保障: what a household is given each month, from one month to another (fen).

    `source_case` is null for a household taken over from the district's roster. What `continues`
    another benefit is no new entry in statistics (domain 3.10).
    """

    key = models.CharField("保障编号", max_length=30, unique=True)
    certificate_no = models.CharField("低保证号", max_length=30, unique=True)
    household = models.ForeignKey(Household, models.PROTECT, related_name="benefits")
    programme = models.CharField("类别", max_length=20, choices=CHOICES)
    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    office = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    village = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    persons = models.PositiveSmallIntegerField("保障人口")
    monthly_fen = models.BigIntegerField("月保障金")
    supplement_fen = models.BigIntegerField("分类施保金", default=0)
    year_fen = models.BigIntegerField("全年基本生活费", default=0)  # 0: twelve equal months
    support = models.CharField(
        "供养方式", max_length=10, choices=list(SUPPORT_MODES.items()), blank=True
    )
    care_tier = models.CharField("自理能力", max_length=10, choices=list(TIERS.items()), blank=True)
    start_month = models.DateField("起始月")
    paid_with = models.DateField("首次发放月")
    end_month = models.DateField("终止月", null=True, blank=True)
    source_case = models.OneToOneField(
        Case, models.PROTECT, null=True, blank=True, related_name="benefit"
    )
    continues = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="continued_by"
    )
    source = models.CharField("来源", max_length=120)
    # On what the figures rest, for a standard that is raised for everybody at once (domain 3.7):
    # counted income of a year in fen, heads counted, percent of 分类施保 of each insured; null for
    # a household taken over from the roster, whose income is not known here.
    annual_fen = models.BigIntegerField("年收入", null=True)
    counted = models.PositiveSmallIntegerField("家庭人口", null=True)
    percents = ArrayField(models.PositiveSmallIntegerField(), db_default=[], default=list)
    method = models.CharField("核算方式", max_length=20, default="", db_default="", blank=True)
    category = models.CharField("复核类别", max_length=1, default="B", db_default="B")
    review_due_on = models.DateField("下次复核日期", null=True)
    history = HistoricalRecords()

    objects = BenefitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "保障"
        constraints = [
            models.CheckConstraint(
                condition=Q(monthly_fen__gt=0) & Q(supplement_fen__gte=0) & Q(persons__gt=0),
                name="benefit_amount",
            ),
            models.CheckConstraint(
                # The month before its first: of somebody who died before it, it gives nothing.
                condition=Q(end_month__isnull=True)
                | Q(end_month__gte=F("start_month") - timedelta(days=31)),
                name="benefit_period",
            ),
            models.UniqueConstraint(
                fields=["household", "programme"],
                condition=Q(end_month__isnull=True),
                name="benefit_one_active",
            ),
        ]
        indexes = [
            models.Index(fields=["office", "programme"], name="benefit_office_programme"),
            models.Index(fields=["village", "review_due_on"], name="benefit_review_due"),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def programme_label(self) -> str:
        """The programme's name."""
        return Programme(self.programme).label
