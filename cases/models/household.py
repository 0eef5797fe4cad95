"""The household: where it lives, who belongs to it, which account it is paid to."""

from datetime import date

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from cases.rules.programmes import (
    CONDITIONS,
    LEFT_REASONS,
    NOT_COUNTED,
    REGISTER_KINDS,
    REGISTERED,
    RELATIONS,
)
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.fields import SealedTextField
from yuquan_relief.kernel.models import Unit

from .scope import scope_of


class HouseholdQuerySet(models.QuerySet["Household"]):
    """Reads of households."""

    def visible_to(self, actor: Actor) -> "HouseholdQuerySet":
        """Households of the actor's village, office or district."""
        return self.filter(scope_of(actor))


class Household(models.Model):
    """One household as it is known in the district. `key` is public, random and never reused.

    `change`: what it came from (domain 3.10); `closed_on`: when another took its place.
    """

    key = models.CharField("户编号", max_length=20, unique=True)
    head_name = models.CharField("户主姓名", max_length=100)
    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    office = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="镇、街道")
    village = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="村、社区")
    address = SealedTextField("住址", blank=True)
    registered_address = SealedTextField("户籍地址", blank=True)  # "": the same as where they live
    registered_kind = models.CharField(
        "户口性质", max_length=10, choices=list(REGISTER_KINDS.items()), default="RESIDENT"
    )
    phone = SealedTextField("联系电话", blank=True)
    phone_tail = models.CharField(max_length=4, blank=True)
    change = models.ForeignKey(
        "HouseholdChange", models.PROTECT, null=True, related_name="successors"
    )
    closed_on = models.DateField("停用日期", null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    history = HistoricalRecords()

    objects = HouseholdQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "家庭"
        indexes = [models.Index(fields=["office", "village"], name="household_place")]

    def __str__(self) -> str:
        return self.key


class MemberQuerySet(models.QuerySet["Member"]):
    """Reads of members."""

    def living_on(self, day: date) -> "MemberQuerySet":
        """Members who belong to their household on `day`."""
        return self.filter(joined_on__lte=day).filter(Q(left_on__isnull=True) | Q(left_on__gt=day))


class Member(models.Model):
    """A person in one role in a household, from one day to another. The number stands sealed.

    Another role (relation, counted or not, insured or not) is another row of the same person.
    """

    household = models.ForeignKey(Household, models.PROTECT, related_name="members")
    name = models.CharField("姓名", max_length=100)
    initials = models.CharField("拼音", max_length=400, blank=True)
    sort_key = models.CharField(max_length=200, blank=True)
    id_no = SealedTextField("身份证号")
    id_digest = models.CharField(max_length=64, db_index=True)
    id_tail = models.CharField(max_length=4)
    birth_on = models.DateField("出生日期")
    is_male = models.BooleanField("男")
    relation = models.CharField("与户主关系", max_length=20, choices=list(RELATIONS.items()))
    counts_for_income = models.BooleanField("计入家庭人口", default=True)
    is_insured = models.BooleanField("保障对象", default=True)
    not_counted = models.CharField(
        "不计入的理由", max_length=12, choices=list(NOT_COUNTED.items()), blank=True
    )
    condition = models.CharField(
        "健康状况", max_length=12, choices=list(CONDITIONS.items()), default="HEALTHY"
    )
    registered = models.CharField(
        "户籍所在", max_length=10, choices=list(REGISTERED.items()), default="HERE"
    )
    studies_until = models.DateField("预计毕业日期", null=True, blank=True)
    papers_until = models.DateField("残疾证、身份证有效期至", null=True, blank=True)
    joined_on = models.DateField("加入日期")
    left_on = models.DateField("离开日期", null=True, blank=True)
    left_reason = models.CharField(
        "离开原因", max_length=10, choices=list(LEFT_REASONS.items()), blank=True
    )
    history = HistoricalRecords()

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "家庭成员"
        constraints = [
            models.UniqueConstraint(
                fields=["household", "id_digest"],
                condition=Q(left_on__isnull=True),
                name="member_once_in_household",
            ),
            models.CheckConstraint(
                condition=Q(left_on__isnull=True) | Q(left_on__gte=models.F("joined_on")),
                name="member_period",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.household_id}-{self.pk}"

    @property
    def role_label(self) -> str:
        """What the person is in the household, in the regulation's words (N1 第七条)."""
        if self.relation == "SELF":
            return "申请人（户主）"
        if not self.counts_for_income:
            return f"不计入成员：{self.get_not_counted_display() or '其他情形'}"
        return "共同生活成员" if self.is_insured else "共同生活成员，不是保障对象"


class PayeeAccount(models.Model):
    """Where the household's money goes. A change is a new row; one is current."""

    household = models.ForeignKey(Household, models.PROTECT, related_name="accounts")
    holder = models.CharField("户名", max_length=100)
    bank = models.CharField("开户银行", max_length=60)
    kind = models.CharField(
        "类型", max_length=10, choices=[("card", "银行卡"), ("passbook", "存折")], default="card"
    )
    number = SealedTextField("账号")
    number_digest = models.CharField(max_length=64, db_index=True)
    number_tail = models.CharField(max_length=4)
    valid_from = models.DateField("启用日期")
    is_current = models.BooleanField(default=True)

    class Meta:
        verbose_name = verbose_name_plural = "收款账户"
        constraints = [
            models.UniqueConstraint(
                fields=["household"], condition=Q(is_current=True), name="account_one_current"
            )
        ]

    def __str__(self) -> str:
        return f"…{self.number_tail}"
