"""追缴: what a household was paid too much, month by month (fen)."""

from django.db import models
from django.db.models import F, Q

from cases.models import Benefit, Household
from yuquan_relief.kernel.models import Person

from .ledger import LedgerGroup
from .paper import Paper, known_states


class Recovery(Paper):
    """One sum that a household was paid too much, opened when it is found (domain 10.4).

    What it asks for is frozen by trigger; what is paid back, written off or agreed hangs on it.
    """

    SUBJECT = "recovery"

    benefit = models.ForeignKey(Benefit, models.PROTECT, related_name="recoveries")
    household = models.ForeignKey(Household, models.PROTECT, related_name="+")
    reason = models.CharField("原因", max_length=200)
    amount_fen = models.BigIntegerField("应追缴")
    received_fen = models.BigIntegerField("已收回", default=0)
    written_off_fen = models.BigIntegerField("已核销", default=0)
    told_on = models.DateField("告知日期", null=True)
    told_how = models.CharField("告知方式", max_length=10, blank=True)
    told_to = models.CharField("签收人", max_length=100, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "追缴"
        constraints = [
            known_states("recovery", "recovery_known_state"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="recovery_amount"),
            models.CheckConstraint(
                condition=Q(received_fen__gte=0, written_off_fen__gte=0)
                & Q(amount_fen__gte=F("received_fen") + F("written_off_fen")),
                name="recovery_not_more_than_asked",
            ),
            models.CheckConstraint(
                condition=Q(state="OPEN", told_on=None)
                | ~Q(state="OPEN") & Q(told_on__isnull=False),
                name="recovery_told",
            ),
            models.CheckConstraint(
                condition=~Q(state="DONE") | Q(amount_fen=F("received_fen") + F("written_off_fen")),
                name="recovery_done_when_settled",
            ),
        ]

    @property
    def left_fen(self) -> int:
        """What is still asked for."""
        return self.amount_fen - self.received_fen - self.written_off_fen


class RecoveryMonth(models.Model):
    """One month of a recovery: what was paid, what was due, the difference. Append-only."""

    recovery = models.ForeignKey(Recovery, models.PROTECT, related_name="months")
    benefit = models.ForeignKey(Benefit, models.PROTECT, related_name="+")
    month = models.DateField("月份")
    paid_fen = models.BigIntegerField("已发")
    due_fen = models.BigIntegerField("应发")
    fen = models.BigIntegerField("多发")

    class Meta:
        verbose_name = verbose_name_plural = "追缴月份"
        constraints = [
            models.UniqueConstraint(fields=["recovery", "month"], name="recovery_month_once"),
            models.CheckConstraint(
                condition=Q(fen__gt=0, due_fen__gte=0) & Q(fen__lte=F("paid_fen") - F("due_fen")),
                name="recovery_month_difference",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recovery_id} {self.month:%Y-%m}"


class Instalment(models.Model):
    """What the household agreed to pay back by a day. A new agreement is a new edition."""

    recovery = models.ForeignKey(Recovery, models.PROTECT, related_name="instalments")
    edition = models.PositiveSmallIntegerField("第几次约定")
    due_on = models.DateField("应还日期")
    fen = models.BigIntegerField("应还金额")
    agreed_by = models.CharField("同意人", max_length=100)

    class Meta:
        verbose_name = verbose_name_plural = "分期约定"
        constraints = [
            models.CheckConstraint(condition=Q(fen__gt=0), name="instalment_amount"),
            models.UniqueConstraint(
                fields=["recovery", "edition", "due_on"], name="instalment_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recovery_id} {self.due_on}"


class RecoveryReceipt(models.Model):
    """What was paid back, with its receipt and posting. Append-only."""

    recovery = models.ForeignKey(Recovery, models.PROTECT, related_name="receipts")
    paid_on = models.DateField("缴款日期")
    fen = models.BigIntegerField("缴款金额")
    voucher_no = models.CharField("缴款凭证号", max_length=60)
    payer = models.CharField("缴款人", max_length=100)
    key = models.CharField("提交标识", max_length=64, unique=True)
    recorded_on = models.DateField("登记日期")
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    groups = models.ManyToManyField(LedgerGroup, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "追缴收款"
        constraints = [
            models.CheckConstraint(
                condition=Q(fen__gt=0) & ~Q(voucher_no=""), name="receipt_amount"
            ),
            models.UniqueConstraint(fields=["recovery", "voucher_no"], name="receipt_once"),
        ]

    def __str__(self) -> str:
        return self.voucher_no
