"""预算、备用金请款、年度计划: what is asked for, line by line (fen)."""

from django.db import models
from django.db.models import Q

from cases.rules.programmes import CHOICES
from yuquan_relief.kernel.models import Unit

from .ledger import Allocation
from .paper import Paper, known_states


class QuarterBudget(Paper):
    """季度预算: what an office needs in a quarter (4(1).3)."""

    SUBJECT = "budget"

    year = models.PositiveSmallIntegerField("年度")
    quarter = models.PositiveSmallIntegerField("季度")

    class Meta:
        verbose_name = verbose_name_plural = "季度预算"
        constraints = [
            known_states("budget", "budget_known_state"),
            models.CheckConstraint(
                condition=Q(quarter__range=(1, 4), office__isnull=False), name="budget_quarter"
            ),
            models.UniqueConstraint(
                fields=["office", "year", "quarter"], name="budget_once_a_quarter"
            ),
        ]


class BudgetLine(models.Model):
    """One programme of a budget. `generated_fen` follows from the parts; `asked_fen` is asked for,
    with a reason where it differs."""

    budget = models.ForeignKey(QuarterBudget, models.CASCADE, related_name="lines")
    programme = models.CharField("类别", max_length=20, choices=CHOICES)
    households = models.PositiveIntegerField("在享户数")
    persons = models.PositiveIntegerField("在享人数")
    monthly_fen = models.BigIntegerField("月应发")
    new_fen = models.BigIntegerField("预计新增")
    exit_fen = models.BigIntegerField("预计减少")
    reserve_fen = models.BigIntegerField("临时救助预留")
    generated_fen = models.BigIntegerField("测算数")
    asked_fen = models.BigIntegerField("申报数")
    reason = models.CharField("调整理由", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "预算明细"
        constraints = [
            models.UniqueConstraint(fields=["budget", "programme"], name="budget_line_once"),
            models.CheckConstraint(
                condition=Q(asked_fen__gte=0, generated_fen__gte=0), name="budget_line_amount"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.budget_id} {self.programme}"


class ImprestRequest(Paper):
    """备用金请款: money for 临时救助, asked for a month ahead (4(2))."""

    SUBJECT = "imprest"

    month = models.DateField("用款月")
    programme = models.CharField("类别", max_length=20, choices=CHOICES)
    balance_fen = models.BigIntegerField("请款时余额")
    forecast_fen = models.BigIntegerField("预计用款")
    amount_fen = models.BigIntegerField("请款金额")
    reason = models.CharField("请款理由", max_length=300)
    allocation = models.OneToOneField(Allocation, models.PROTECT, null=True, related_name="imprest")

    class Meta:
        verbose_name = verbose_name_plural = "备用金请款"
        constraints = [
            known_states("imprest", "imprest_known_state"),
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0, month__day=1, office__isnull=False),
                name="imprest_amount",
            ),
            models.CheckConstraint(
                condition=Q(state="GRANTED", allocation__isnull=False)
                | ~Q(state="GRANTED") & Q(allocation=None),
                name="imprest_granted_with_money",
            ),
        ]


class YearPlan(Paper):
    """年度资金计划: heads × amounts under named assumptions; a new version is a new row (5(2))."""

    SUBJECT = "plan"

    year = models.PositiveSmallIntegerField("年度")
    edition = models.PositiveSmallIntegerField("第几版")
    name = models.CharField("方案名称", max_length=60)
    growth_permille = models.SmallIntegerField("对象增减（‰）", default=0)
    raise_permille = models.SmallIntegerField("标准提高（‰）", default=0)
    raise_from = models.PositiveSmallIntegerField("从几月起提高", default=1)
    reserve_fen = models.BigIntegerField("临时救助")

    class Meta:
        verbose_name = verbose_name_plural = "年度资金计划"
        constraints = [
            known_states("plan", "plan_known_state"),
            models.UniqueConstraint(
                fields=["district", "year", "edition"], name="plan_edition_once"
            ),
            models.CheckConstraint(
                condition=Q(raise_from__range=(1, 12), reserve_fen__gte=0, office=None)
                & Q(growth_permille__range=(-500, 500), raise_permille__range=(0, 500)),
                name="plan_assumptions",
            ),
        ]


class PlanLine(models.Model):
    """One office and programme of a plan. Written once."""

    plan = models.ForeignKey(YearPlan, models.PROTECT, related_name="lines")
    office = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    programme = models.CharField("类别", max_length=20, choices=CHOICES)
    households = models.PositiveIntegerField("户数")
    persons = models.PositiveIntegerField("人数")
    monthly_fen = models.BigIntegerField("月应发")
    year_fen = models.BigIntegerField("全年需要")

    class Meta:
        verbose_name = verbose_name_plural = "计划明细"
        constraints = [
            models.UniqueConstraint(fields=["plan", "office", "programme"], name="plan_line_once"),
            models.CheckConstraint(condition=Q(year_fen__gte=0), name="plan_line_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.office_id} {self.programme}"
