"""The double-entry ledger: office, programme, fund source, year. Append-only (blueprint 6)."""

from django.db import models
from django.db.models import Q, Sum

from cases.rules.programmes import CHOICES
from funds.rules.spreading import SOURCES
from yuquan_relief.kernel.models import Person, Unit

from .batch import PayoutBatch

ACCOUNT_KINDS = {
    "SOURCE": "下拨来源",
    "AVAILABLE": "可用资金",
    "COMMITTED": "已签批待支付",
    "PAID": "已支付到户",
    "OWED": "退回待重发",
}
GROUP_KINDS = {
    "ALLOCATION": "下拨",
    "COMMITMENT": "签批占用",
    "PAYMENT": "支付",
    "RELEASE": "退回款转回可用",
    "RECOVERY": "追缴收回",
    "REVERSAL": "冲正",
    "CARRY_OVER": "结转",
}

OF_LISTS = ("COMMITMENT", "PAYMENT", "RELEASE", "RECOVERY")  # what a list's lines bring about


class FundAccountQuerySet(models.QuerySet["FundAccount"]):
    """Reads of accounts."""

    def balances(self, kind: str) -> dict[str, int]:
        """Source → balance of the accounts of `kind` (fen)."""
        found = self.filter(kind=kind).values_list("source")
        return dict(found.annotate(fen=Sum("entries__amount_fen", default=0)))


class FundAccount(models.Model):
    """One account of the ledger. A balance is the sum of its entries (fen).

    Only 下拨来源 may be negative: what has been allocated out of it. Money owed to households
    (退回待重发) is not available again until somebody decides so.
    """

    office = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    programme = models.CharField("类别", max_length=20, choices=CHOICES)
    source = models.CharField("资金来源", max_length=10, choices=list(SOURCES.items()))
    year = models.PositiveSmallIntegerField("年度")
    kind = models.CharField("科目", max_length=10, choices=list(ACCOUNT_KINDS.items()))

    objects = FundAccountQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "资金科目"
        constraints = [
            models.UniqueConstraint(
                fields=["office", "programme", "source", "year", "kind"], name="account_once"
            ),
            models.UniqueConstraint(fields=["id", "programme"], name="account_of_programme"),
            models.CheckConstraint(
                condition=Q(kind__in=list(ACCOUNT_KINDS), source__in=list(SOURCES)),
                name="account_known_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.office_id} {self.programme} {self.source} {self.year} {self.kind}"


class LedgerGroup(models.Model):
    """Entries that belong together; they sum to zero, which the database checks at commit."""

    kind = models.CharField("业务", max_length=12, choices=list(GROUP_KINDS.items()))
    programme = models.CharField("类别", max_length=20, choices=CHOICES)
    office = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    batch = models.ForeignKey(PayoutBatch, models.PROTECT, null=True, related_name="ledger_groups")
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="reversed_by"
    )  # a wrong posting is never changed: another takes it back, once
    on_day = models.DateField("记账日期")
    note = models.CharField("摘要", max_length=200, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "记账凭证组"
        constraints = [
            models.UniqueConstraint(fields=["id", "programme"], name="group_of_programme"),
            models.CheckConstraint(
                condition=Q(kind__in=("ALLOCATION", "CARRY_OVER"), batch__isnull=True)
                | Q(kind="REVERSAL", reverses__isnull=False)
                | Q(kind__in=OF_LISTS, batch__isnull=False),
                name="group_kind",
            ),
            models.UniqueConstraint(
                fields=["batch"], condition=Q(kind="COMMITMENT"), name="group_commits_once"
            ),
            models.CheckConstraint(
                condition=Q(kind="REVERSAL") | Q(reverses=None), name="group_reverses"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class LedgerEntry(models.Model):
    """One side of a posting (fen, with its sign). Append-only by trigger.

    `programme` is tied to both the group's and the account's by composite keys: money of one
    programme cannot be posted against another's (专款专用, 4(1).3).
    """

    group = models.ForeignKey(
        LedgerGroup, models.PROTECT, related_name="entries", db_constraint=False
    )
    account = models.ForeignKey(
        FundAccount, models.PROTECT, related_name="entries", db_constraint=False
    )
    programme = models.CharField(max_length=20, choices=CHOICES)
    amount_fen = models.BigIntegerField("金额")

    class Meta:
        verbose_name = verbose_name_plural = "分录"
        constraints = [
            models.CheckConstraint(condition=~Q(amount_fen=0), name="entry_not_zero"),
            models.UniqueConstraint(fields=["group", "account"], name="entry_once_in_group"),
        ]

    def __str__(self) -> str:
        return f"{self.group_id} {self.amount_fen}"


class Allocation(models.Model):
    """拨付: the district has given an office money for one programme (4(1).3). Append-only."""

    office = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    programme = models.CharField("类别", max_length=20, choices=CHOICES)
    source = models.CharField("资金来源", max_length=10, choices=list(SOURCES.items()))
    year = models.PositiveSmallIntegerField("年度")
    amount_fen = models.BigIntegerField("金额")
    document = models.CharField("拨付文号", max_length=60)
    reason = models.CharField("超出季度预算的理由", max_length=200, blank=True)
    allocated_on = models.DateField("拨付日期")
    key = models.CharField("提交标识", max_length=64, unique=True)
    group = models.OneToOneField(LedgerGroup, models.PROTECT, related_name="allocation")

    class Meta:
        verbose_name = verbose_name_plural = "拨付"
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="allocation_amount"),
        ]

    def __str__(self) -> str:
        return self.document


class Voucher(models.Model):
    """支付凭证: what the bank has paid or returned, with its ledger group (15). Append-only."""

    no = models.CharField("凭证号", max_length=40, unique=True)
    batch = models.ForeignKey(PayoutBatch, models.PROTECT, related_name="vouchers")
    group = models.OneToOneField(LedgerGroup, models.PROTECT, related_name="voucher")
    made_on = models.DateField("凭证日期")
    paid_count = models.PositiveIntegerField("到账笔数")
    paid_fen = models.BigIntegerField("到账金额")
    returned_count = models.PositiveIntegerField("退回笔数")
    returned_fen = models.BigIntegerField("退回金额")
    made_by = models.CharField("制单人", max_length=100)

    class Meta:
        verbose_name = verbose_name_plural = "支付凭证"
        constraints = [
            models.CheckConstraint(
                condition=Q(paid_count__gt=0, paid_fen__gt=0)
                | Q(returned_count__gt=0, returned_fen__gt=0),
                name="voucher_not_empty",
            ),
        ]

    def __str__(self) -> str:
        return self.no


class LedgerClose(models.Model):
    """关账: no posting gets a day in this month any more. Append-only; the next month must follow.

    `trial` is the trial balance as it stood: account → fen, with its digest.
    """

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    month = models.DateField("月份")
    trial = models.JSONField("试算平衡表")
    trial_sha256 = models.CharField("摘要", max_length=64)
    closed_on = models.DateField("关账日期")
    closed_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "关账"
        constraints = [
            models.UniqueConstraint(fields=["district", "month"], name="ledger_close_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="ledger_close_month"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"
