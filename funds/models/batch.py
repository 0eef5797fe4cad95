"""The month's list of one office and one programme."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from cases.rules.programmes import CHOICES, Programme
from funds.rules.batches import STATES, UNSENT
from funds.rules.lists import CHOICES as LIST_CHOICES
from funds.rules.lists import LIST_KINDS, MOST_MONTHS, NORMAL, ListKind, named, slug
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.models import Unit
from yuquan_relief.kernel.roles import Reach


def office_scope(actor: Actor, *, district: str = "district_id") -> Q:
    """Rows of the office or district of the actor's post; a village sees no lists.

    `district`: the way from the row to its district.
    """
    if actor.is_robot:
        return Q()
    field = {Reach.OFFICE: "office_id", Reach.DISTRICT: district}.get(actor.reach)
    return Q(**{field: actor.unit_id}) if field else Q(pk__in=[])


class PayoutBatchQuerySet(models.QuerySet["PayoutBatch"]):
    """Reads of lists."""

    def visible_to(self, actor: Actor) -> "PayoutBatchQuerySet":
        """Lists of the actor's office or district. Outside it, nothing exists."""
        return self.filter(office_scope(actor))

    def in_month(self, month: date) -> "PayoutBatchQuerySet":
        """Lists of the month that begins on `month`."""
        return self.filter(month=month)

    def named(self, month: date, office_code: str, name: str) -> "PayoutBatchQuerySet":
        """The one list that an address names (rules.lists.slug), or nothing."""
        found = named(name)
        if found is None:
            return self.none()
        programme, kind, serial = found
        return self.filter(
            month=month, office__code=office_code, programme=programme, kind=kind, serial=serial
        )

    def normal(self) -> "PayoutBatchQuerySet":
        """The lists that every month has, of each office and programme one."""
        return self.filter(kind=NORMAL)

    def unsent(self) -> "PayoutBatchQuerySet":
        """Lists that the bank has not been given."""
        return self.filter(state__in=UNSENT)

    def open(self) -> "PayoutBatchQuerySet":
        """Lists that are not settled."""
        return self.exclude(state="CLOSED")


class PayoutBatch(models.Model):
    """One list. Only funds.operations.batches.perform moves `state`; amounts are fen.

    From the lock on, totals and digests are frozen by trigger: what the leader signs, what the
    bank gets and what is archived are the same bytes.
    """

    no = models.CharField("批次号", max_length=40, unique=True)
    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    office = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    programme = models.CharField("类别", max_length=20, choices=CHOICES)
    month = models.DateField("发放月")
    kind = models.CharField("种类", max_length=10, choices=LIST_CHOICES, default=NORMAL)
    serial = models.PositiveSmallIntegerField("本月第几份", default=1)
    months = models.PositiveSmallIntegerField("发放月数", default=1)
    care_from = models.DateField("照料护理费单独列的起始月", null=True)  # null: with the month
    fund_year = models.PositiveSmallIntegerField("资金年度")
    supplement = models.ForeignKey(
        "funds.Supplement", models.PROTECT, null=True, related_name="batches"
    )
    state = models.CharField("状态", max_length=10, choices=list(STATES.items()), default="OPEN")
    state_since = models.DateField("进入本状态日期")
    round = models.PositiveSmallIntegerField("轮次", default=1)
    version = models.PositiveIntegerField("版本", default=0)
    opened_on = models.DateField("生成日期")
    pay_by = models.DateField("发放到户期限")
    pay_by_is_provisional = models.BooleanField("期限暂定", default=False)
    line_count = models.PositiveIntegerField("笔数", default=0)
    household_count = models.PositiveIntegerField("户数", default=0)
    person_count = models.PositiveIntegerField("保障人数", default=0)
    total_fen = models.BigIntegerField("合计", default=0)
    back_pay_count = models.PositiveIntegerField("补发笔数", default=0)
    back_pay_fen = models.BigIntegerField("补发合计", default=0)
    paid_count = models.PositiveIntegerField("到账笔数", default=0)
    paid_fen = models.BigIntegerField("到账合计", default=0)
    returned_count = models.PositiveIntegerField("退回笔数", default=0)
    returned_fen = models.BigIntegerField("退回合计", default=0)
    template = models.CharField("银行文件模板", max_length=40, blank=True)
    file_sha256 = models.CharField("银行文件摘要", max_length=64, blank=True)
    snapshot_sha256 = models.CharField("明细摘要", max_length=64, blank=True)
    locked_on = models.DateField("锁定日期", null=True)
    approved_on = models.DateField("签批日期", null=True)
    sent_on = models.DateField("报送日期", null=True)
    closed_on = models.DateField("结清日期", null=True)

    objects = PayoutBatchQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "发放名单"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(STATES)), name="batch_known_state"),
            models.CheckConstraint(condition=Q(month__day=1), name="batch_first_of_month"),
            models.UniqueConstraint(
                fields=["office", "programme", "month", "kind", "serial"],
                name="batch_once_a_month",
            ),
            models.CheckConstraint(
                condition=Q(kind=NORMAL, serial=1, months=1)
                | Q(kind="ADVANCE", months__range=(2, MOST_MONTHS))
                | ~Q(kind__in=(NORMAL, "ADVANCE")) & Q(months=1),
                name="batch_months_of_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind="ONE_OFF", supplement__isnull=False)
                | ~Q(kind="ONE_OFF") & Q(supplement=None),
                name="batch_one_off_has_its_paper",
            ),
            models.UniqueConstraint(fields=["id", "office"], name="batch_of_office"),
            models.CheckConstraint(
                condition=Q(state="OPEN", file_sha256="", snapshot_sha256="")
                | ~Q(state="OPEN") & Q(file_sha256__regex="^[0-9a-f]{64}$", line_count__gt=0),
                name="batch_frozen_with_file",
            ),
            models.CheckConstraint(
                condition=Q(total_fen__gte=0)
                & Q(total_fen__gte=F("paid_fen") + F("returned_fen"))
                & Q(line_count__gte=F("paid_count") + F("returned_count")),
                name="batch_not_overpaid",
            ),
            models.CheckConstraint(
                condition=~Q(state="CLOSED")
                | Q(total_fen=F("paid_fen") + F("returned_fen"), closed_on__isnull=False)
                & Q(line_count=F("paid_count") + F("returned_count")),
                name="batch_closed_when_settled",
            ),
        ]
        indexes = [
            models.Index(fields=["district", "month"], name="batch_district_month"),
            models.Index(fields=["pay_by"], name="batch_not_closed", condition=~Q(state="CLOSED")),
        ]

    def __str__(self) -> str:
        return self.no

    @property
    def programme_label(self) -> str:
        """The programme's name."""
        return Programme(self.programme).label

    @property
    def rules(self) -> ListKind:
        """What is particular to its kind."""
        return LIST_KINDS[self.kind]

    @property
    def slug(self) -> str:
        """How addresses name it, beside month and office."""
        return slug(self.programme, self.kind, self.serial)

    @property
    def title(self) -> str:
        """`城市低保`, `城市低保退回重发（第 2 份）`."""
        if self.kind == NORMAL:
            return self.programme_label
        more = f"（第 {self.serial} 份）" if self.serial > 1 else ""
        return f"{self.programme_label}{self.rules.label}{more}"

    @property
    def state_label(self) -> str:
        """The state's name."""
        return STATES[self.state]

    @property
    def pending_fen(self) -> int:
        """What has no result yet."""
        return self.total_fen - self.paid_fen - self.returned_fen

    def is_late(self, on: date) -> bool:
        """Whether the households' day has passed and the list is not settled (4(1).3, 11)."""
        return self.state != "CLOSED" and self.pay_by < on
