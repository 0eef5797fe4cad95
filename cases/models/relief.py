"""Help that goes out: the first help before the paper, and each sum or thing handed over (4(2))."""

from django.db import models
from django.db.models import Q

from cases.rules.relief import METHODS
from yuquan_relief.kernel.models import Attachment, Person

from .case import Case


class FirstRelief(models.Model):
    """先行救助: who agreed, how and when, to what sum (fen). Append-only by trigger."""

    case = models.OneToOneField(Case, models.PROTECT, related_name="first_relief")
    amount_fen = models.BigIntegerField("先行救助金额")
    approver = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="批准人")
    approver_name = models.CharField("批准人姓名", max_length=100)
    how = models.CharField("批准方式", max_length=10, choices=[("FACE", "当面"), ("PHONE", "电话")])
    approved_at = models.DateTimeField("批准时间")
    reason = models.CharField("紧急情形", max_length=300)
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "先行救助"
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0, how__in=("FACE", "PHONE"))
                & ~Q(reason="")
                & ~Q(approver_name=""),
                name="first_relief_amount",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id}"


class HandOver(models.Model):
    """One sum, thing or referral that reached the household. Append-only by trigger.

    Cash only in an emergency, with its reason and a signed receipt (4(2)).
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="hand_overs")
    handed_on = models.DateField("发放日期")
    method = models.CharField("发放方式", max_length=10, choices=list(METHODS.items()))
    amount_fen = models.BigIntegerField("金额或折价")
    what = models.CharField("物品或转介机构", max_length=200, blank=True)
    outcome = models.CharField("转介结果", max_length=200, blank=True)
    receiver = models.CharField("签收人", max_length=100)
    cash_reason = models.CharField("现金发放理由", max_length=200, blank=True)
    receipt = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+")
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "救助发放"
        constraints = [
            models.CheckConstraint(
                condition=~Q(method="CASH")
                | Q(receipt__isnull=False) & ~Q(cash_reason="") & Q(amount_fen__gt=0),
                name="cash_with_reason_and_receipt",
            ),
            models.CheckConstraint(
                condition=Q(method__in=("BANK", "CASH"), amount_fen__gt=0)
                | Q(method__in=("GOODS", "REFERRAL"), amount_fen__gte=0) & ~Q(what=""),
                name="hand_over_complete",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}-{self.pk}"
