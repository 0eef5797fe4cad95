"""Evidence while a case is investigated: survey, means check, income account, appraisal."""

from django.db import models
from django.db.models import F, Q

from cases.rules.programmes import ALL_INCOMES, FINDINGS
from yuquan_relief.kernel.inputs.money import show
from yuquan_relief.kernel.models import Person

from .case import Case
from .household import Member


class Survey(models.Model):
    """入户调查 (F10): who went, when, what they found. Signed by two (N1 第十六条, 3(1))."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="surveys")
    round = models.PositiveSmallIntegerField()
    visited_on = models.DateField("入户日期")
    present = models.CharField("在场家庭成员", max_length=100)
    housing = models.CharField("住房情况", max_length=300)
    living = models.CharField("生活情况", max_length=300)
    neighbours = models.CharField("邻里访问", max_length=300, blank=True)
    household_signer = models.CharField("家庭成员签字", max_length=100, blank=True)
    utilities_fen = models.BigIntegerField("水电气话费月均", null=True)
    luxury = models.CharField("高消费情况", max_length=200, blank=True)
    is_true = models.BooleanField("情况属实")
    note = models.CharField("说明", max_length=500, blank=True)
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "入户调查"
        constraints = [
            models.UniqueConstraint(fields=["case", "round"], name="survey_once_a_round"),
            models.CheckConstraint(
                condition=Q(is_true=True) | ~Q(note=""), name="survey_why_not_true"
            ),
            models.CheckConstraint(
                condition=Q(utilities_fen=None) | Q(utilities_fen__gte=0),
                name="survey_utilities_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}-{self.round}"


class MeansCheck(models.Model):
    """家庭经济状况核对 (F08, F09): asked, returned, with how long it took (20(3), 20(4))."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="means_checks")
    round = models.PositiveSmallIntegerField()
    attempt = models.PositiveSmallIntegerField("第几次核对", default=1)
    objection = models.CharField("申请人异议", max_length=300, blank=True)
    requested_on = models.DateField("委托日期")
    requested_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    returned_on = models.DateField("返回日期", null=True)
    report_no = models.CharField("报告编号", max_length=40, blank=True)
    data_upto = models.DateField("数据截止日", null=True)
    valid_until = models.DateField("有效期至", null=True)
    conclusion = models.CharField(
        "结论",
        max_length=10,
        choices=[("WITHIN", "未超标"), ("SUSPECT", "疑似超标"), ("OVER", "超标")],
        blank=True,
    )
    note = models.CharField("说明", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "经济状况核对"
        constraints = [
            models.UniqueConstraint(
                fields=["case", "round", "attempt"], name="means_check_once_a_round"
            ),
            models.CheckConstraint(
                condition=Q(returned_on__isnull=True) | Q(returned_on__gte=F("requested_on")),
                name="means_check_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}-{self.round}"


class MeansFinding(models.Model):
    """What a report says of a person beside income and property (F09). Append-only by trigger."""

    check_of = models.ForeignKey(MeansCheck, models.PROTECT, related_name="findings")
    member = models.ForeignKey(Member, models.PROTECT, related_name="+")
    kind = models.CharField("情况", max_length=12, choices=list(FINDINGS.items()))
    note = models.CharField("说明", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "核对到的人员情况"
        constraints = [
            models.UniqueConstraint(
                fields=["check_of", "member", "kind"], name="means_finding_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.check_of_id}-{self.kind}"


class PlatformFailure(models.Model):
    """核对平台没有数据、太慢或者中断: evidence for 20(3) and 20(4). Append-only by trigger."""

    KINDS = [("SLOW", "平台缓慢"), ("DOWN", "平台中断"), ("NO_DATA", "未比对出数据")]

    check_of = models.ForeignKey(MeansCheck, models.PROTECT, related_name="failures")
    kind = models.CharField("情形", max_length=10, choices=KINDS)
    first_day = models.DateField("开始日期")
    last_day = models.DateField("结束日期")
    note = models.CharField("说明", max_length=300)
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "核对平台情况"
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")) & ~Q(note=""),
                name="platform_failure_complete",
            )
        ]

    def __str__(self) -> str:
        return f"{self.check_of_id}-{self.kind}"

    @property
    def days(self) -> int:
        """Days of the failure, both ends included."""
        return (self.last_day - self.first_day).days + 1


class IncomeLine(models.Model):
    """One income of one member for a year: declared, checked and adopted side by side (fen)."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="income_lines")
    member = models.ForeignKey(Member, models.PROTECT, related_name="income_lines")
    kind = models.CharField("收入类别", max_length=20, choices=list(ALL_INCOMES.items()))
    months = models.PositiveSmallIntegerField("所属月数", default=12)
    evidence = models.CharField("凭据", max_length=100, blank=True)
    declared_fen = models.BigIntegerField("申报")
    checked_fen = models.BigIntegerField("核对", null=True)
    adopted_fen = models.BigIntegerField("采用", null=True)
    is_counted = models.BooleanField("计入", default=True)
    reason = models.CharField("差异或不计入理由", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "收入"
        constraints = [
            models.UniqueConstraint(fields=["case", "member", "kind"], name="income_line_once"),
            models.CheckConstraint(
                condition=Q(months__gte=1, months__lte=12), name="income_line_months"
            ),
            models.CheckConstraint(
                condition=Q(declared_fen__gte=0)
                & (Q(checked_fen__isnull=True) | Q(checked_fen__gte=0))
                & (Q(adopted_fen__isnull=True) | Q(adopted_fen__gte=0)),
                name="income_line_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}-{self.kind}"

    @property
    def basis_text(self) -> str:
        """Over how many months it was earned, and what shows it; "" for a year without papers."""
        period = "" if self.months == 12 else f"近一年里 {self.months} 个月"
        return "，".join(filter(None, (period, self.evidence)))


class IncomeAccount(models.Model):
    """核算 (F11): the frozen facts, the result and its sentences for one round. Fen.

    For 特困 it is the standing, for 临时救助 the sum that is proposed; `facts` holds all that the
    result rests on, so that cases.rules.settlement.replay gives the same years later.
    """

    METHODS = [
        ("difference", "补差"),
        ("tiers", "分档"),
        ("single", "单人保"),
        ("destitute", "特困供养"),
        ("relief", "临时救助"),
    ]
    FIGURES = (
        "persons insured annual_fen per_capita_fen standard_fen is_eligible monthly_fen"
        " supplement_fen year_fen once_fen"
    )

    case = models.ForeignKey(Case, models.PROTECT, related_name="income_accounts")
    round = models.PositiveSmallIntegerField()
    settled_on = models.DateField("核算日期")
    settled_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    persons = models.PositiveSmallIntegerField("家庭人口")
    insured = models.PositiveSmallIntegerField("保障人口")
    annual_fen = models.BigIntegerField("年收入")
    deductions_fen = models.BigIntegerField("扣减", default=0)
    per_capita_fen = models.BigIntegerField("月人均")
    standard_fen = models.BigIntegerField("标准")
    standard_source = models.CharField("标准依据", max_length=200)
    is_eligible = models.BooleanField("符合条件")
    monthly_fen = models.BigIntegerField("月保障金")
    supplement_fen = models.BigIntegerField("分类施保或照料护理", default=0)
    year_fen = models.BigIntegerField("全年", default=0)
    once_fen = models.BigIntegerField("一次性救助", default=0)
    method = models.CharField("方式", max_length=20, choices=METHODS, default="difference")
    facts = models.JSONField("依据", default=dict)
    sentences = models.JSONField("说明")

    class Meta:
        verbose_name = verbose_name_plural = "收入核算"
        constraints = [
            models.CheckConstraint(
                condition=Q(is_eligible=True, monthly_fen__gt=0, once_fen=0)
                & Q(supplement_fen__gte=0, year_fen__gte=0)
                | Q(is_eligible=True, monthly_fen=0, once_fen__gt=0, supplement_fen=0)
                & Q(year_fen=0)
                | Q(is_eligible=False, monthly_fen=0, once_fen=0, supplement_fen=0, year_fen=0),
                name="income_account_amount_when_eligible",
            ),
            models.CheckConstraint(
                condition=Q(insured__lte=F("persons")), name="income_account_insured_in_household"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}-{self.round}"

    @property
    def total_fen(self) -> int:
        """What the household is given a month, or once."""
        return self.monthly_fen + self.supplement_fen + self.once_fen

    @property
    def money_text(self) -> str:
        """The amount with its rhythm; what is not eligible is given nothing."""
        if self.once_fen:
            return f"一次 {show(self.once_fen)} 元"
        if not self.supplement_fen:
            return f"每月 {show(self.monthly_fen)} 元"
        parts = f"{show(self.monthly_fen)} + {show(self.supplement_fen)}"
        return f"每月 {show(self.total_fen)} 元（{parts}）"


class Appraisal(models.Model):
    """民主评议 (F12): who came, how they voted; 主任或书记 signs (3(1))."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="appraisals")
    round = models.PositiveSmallIntegerField()
    held_on = models.DateField("评议日期")
    place = models.CharField("地点", max_length=100)
    host = models.CharField("主持人", max_length=50)
    expected = models.PositiveSmallIntegerField("应到")
    attended = models.PositiveSmallIntegerField("实到")
    agree = models.PositiveSmallIntegerField("同意")
    oppose = models.PositiveSmallIntegerField("不同意")
    abstain = models.PositiveSmallIntegerField("弃权")
    opinion = models.CharField("主要意见", max_length=500, blank=True)
    roster = models.JSONField("到会名单", default=list)  # [{"name", "identity"}]
    minutes = models.TextField("会议记录", blank=True)
    dissent = models.CharField("不同意见", max_length=500, blank=True)
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "民主评议"
        constraints = [
            models.UniqueConstraint(fields=["case", "round"], name="appraisal_once_a_round"),
            models.CheckConstraint(
                condition=Q(attended=F("agree") + F("oppose") + F("abstain")),
                name="appraisal_votes_add_up",
            ),
            models.CheckConstraint(
                condition=Q(attended__lte=F("expected")) & Q(attended__gt=0),
                name="appraisal_attendance",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}-{self.round}"
