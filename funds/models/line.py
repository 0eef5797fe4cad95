"""One payment of one household for one month."""

from django.db import models
from django.db.models import F, Q, Sum

from cases.models import Benefit, Case, Entitlement, Household
from funds.rules.batches import EFFECTIVE, KINDS, LINE_STATES
from yuquan_relief.kernel.fields import SealedTextField
from yuquan_relief.kernel.models import Person, Unit

from .batch import PayoutBatch
from .supplement import Supplement


class PayoutLineQuerySet(models.QuerySet["PayoutLine"]):
    """Reads of lines."""

    def page(self, after: int, size: int) -> "PayoutLineQuerySet":
        """The lines after number `after`, in order; page 2,000 costs what page 1 does."""
        return self.filter(line_no__gt=after).order_by("line_no")[:size]

    def for_list(self) -> "PayoutLineQuerySet":
        """Without the sealed numbers: a list shows the tails."""
        return (
            self.defer("account", "id_no")
            .select_related("household", "given_up", "reissues__batch__office")
            .prefetch_related("reissued_as__batch__office")
        )


class PayoutLine(models.Model):
    """A line of a list: whom, for which month, how much (fen), to which account.

    Everything the bank file needs is copied here when the list is made; the sealed texts are copied
    as they stand. Made by one INSERT … SELECT (operations/building.py). After the lock only the
    result (state, day, serial, reason) can change, once, which the database keeps by itself.

    (batch, office) refers to the batch's own pair by a composite key, so a line cannot name
    another office than its list; Django's single keys are therefore left out.
    """

    batch = models.ForeignKey(
        PayoutBatch,
        models.PROTECT,
        related_name="lines",
        db_constraint=False,
        db_index=False,
    )
    office = models.ForeignKey(
        Unit, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    line_no = models.PositiveIntegerField("序号")
    benefit = models.ForeignKey(
        Benefit, models.PROTECT, null=True, related_name="payout_lines", db_index=False
    )
    case = models.ForeignKey(
        Case, models.PROTECT, null=True, related_name="payout_lines", db_index=False
    )  # of 临时救助, which opens no benefit
    supplement = models.ForeignKey(
        Supplement, models.PROTECT, null=True, related_name="+", db_index=False
    )
    reissues = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="reissued_as", db_index=False
    )  # the line that came back and is sent again here
    household = models.ForeignKey(Household, models.PROTECT, related_name="payout_lines")
    entitlement = models.ForeignKey(
        Entitlement, models.PROTECT, null=True, related_name="+", db_index=False
    )  # the change that made the difference (补差)
    month = models.DateField("所属月")
    kind = models.CharField("种类", max_length=10, choices=list(KINDS.items()))
    amount_fen = models.BigIntegerField("发放合计")
    base_fen = models.BigIntegerField("保障金")
    supplement_fen = models.BigIntegerField("分类施保金")
    persons = models.PositiveSmallIntegerField("保障人口")
    certificate_no = models.CharField("低保证号", max_length=30)
    village_name = models.CharField("村、社区", max_length=50)
    head_name = models.CharField("户主姓名", max_length=100)
    id_no = SealedTextField("户主身份证号", blank=True)
    id_tail = models.CharField(max_length=4, blank=True)
    holder = models.CharField("户名", max_length=100, blank=True)
    bank = models.CharField("开户银行", max_length=60, blank=True)
    account = SealedTextField("账号", blank=True)
    account_digest = models.CharField(max_length=64, blank=True)
    account_tail = models.CharField(max_length=4, blank=True)
    state = models.CharField(
        "状态", max_length=10, choices=list(LINE_STATES.items()), default="PENDING"
    )
    is_effective = models.BooleanField("有效", default=True)
    paid_on = models.DateField("到账日期", null=True)
    serial = models.CharField("银行流水号", max_length=40, blank=True)
    failure = models.CharField("退回原因", max_length=100, blank=True)
    answered_on = models.DateField("结果登记日期", null=True)

    objects = PayoutLineQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "发放明细"
        constraints = [
            models.UniqueConstraint(fields=["batch", "line_no"], name="line_no_once"),
            # 正常发放 and 补发 both pay the month itself: one of them, once. 补差 pays what a
            # change adds to a month, once for each change.
            models.UniqueConstraint(
                fields=["month", "benefit", "office"],
                condition=Q(is_effective=True, kind__in=("NORMAL", "BACK_PAY")),
                name="line_one_effective_a_month",
            ),
            # Care that has a list of its own is paid once for each month; what a change adds to it
            # is 补差 like the rest.
            models.UniqueConstraint(
                fields=["month", "benefit", "office"],
                condition=Q(is_effective=True, kind="CARE"),
                name="line_one_care_a_month",
            ),
            models.UniqueConstraint(
                fields=["month", "benefit", "entitlement", "office"],
                condition=Q(is_effective=True, kind="ARREARS"),
                name="line_one_difference_a_change",
            ),
            models.UniqueConstraint(
                fields=["supplement", "benefit", "office"],
                condition=Q(is_effective=True, kind="ONE_OFF"),
                name="line_one_supplement",
            ),
            # One payment of a case waits or has been made; what is left is paid when it is there.
            models.UniqueConstraint(
                fields=["case", "month"],
                condition=Q(is_effective=True, kind="SINGLE"),
                name="line_one_single_payment",
            ),
            models.UniqueConstraint(
                fields=["reissues"],
                condition=Q(is_effective=True, reissues__isnull=False),
                name="line_reissued_once",
            ),
            models.CheckConstraint(
                condition=Q(kind="SINGLE", case__isnull=False, benefit=None)
                | ~Q(kind="SINGLE") & Q(case=None, benefit__isnull=False),
                name="line_of_benefit_or_case",
            ),
            models.CheckConstraint(
                condition=Q(kind="ONE_OFF", supplement__isnull=False)
                | ~Q(kind="ONE_OFF") & Q(supplement=None),
                name="line_one_off_has_its_paper",
            ),
            models.CheckConstraint(
                condition=Q(kind="ARREARS", entitlement__isnull=False)
                | ~Q(kind="ARREARS") & Q(entitlement=None),
                name="line_difference_has_its_change",
            ),
            models.CheckConstraint(
                condition=Q(amount_fen=F("base_fen") + F("supplement_fen"))
                & Q(amount_fen__gt=0, base_fen__gte=0, supplement_fen__gte=0),
                name="line_amount",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=list(KINDS), state__in=EFFECTIVE, is_effective=True)
                | Q(kind__in=list(KINDS), state="RETURNED", is_effective=False) & ~Q(failure=""),
                name="line_effective_unless_returned",
            ),
            models.CheckConstraint(
                condition=Q(state="PAID", paid_on__isnull=False) & ~Q(serial="")
                | ~Q(state="PAID") & Q(paid_on__isnull=True),
                name="line_paid_with_proof",
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="line_first_of_month"),
        ]
        indexes = [
            models.Index(
                fields=["reissues"],
                name="line_chain",
                condition=Q(reissues__isnull=False),
            ),
            models.Index(fields=["case"], name="line_of_case", condition=Q(case__isnull=False)),
            models.Index(fields=["batch"], name="line_returned", condition=Q(state="RETURNED")),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}-{self.line_no}"

    @property
    def again(self) -> "PayoutLine | None":
        """The line that sends this one again, if there is one."""
        return next(iter(self.reissued_as.all()), None)

    @property
    def is_owed(self) -> bool:
        """Whether it came back and is neither sent again nor given up."""
        return self.state == "RETURNED" and self.again is None and not hasattr(self, "given_up")

    @property
    def masked_account(self) -> str:
        """The account's tail, as lists show it."""
        return f"…{self.account_tail}" if self.account_tail else ""


class GivenUpReturn(models.Model):
    """What came back and is not sent again: nobody is owed it any more. Append-only."""

    line = models.OneToOneField(PayoutLine, models.PROTECT, related_name="given_up")
    reason = models.CharField("理由", max_length=300)
    decided_on = models.DateField("决定日期")
    decided_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "退回不再重发"
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="given_up_with_reason")]

    def __str__(self) -> str:
        return f"{self.line_id}"


def on_the_way(case_id: int) -> int:
    """What lists hold for a case of 临时救助: not answered, or come back and still owed (fen)."""
    lines = PayoutLine.objects.filter(case_id=case_id).filter(
        Q(state="PENDING") | Q(state="RETURNED", reissued_as__isnull=True, given_up__isnull=True)
    )
    return int(lines.aggregate(fen=Sum("amount_fen", default=0))["fen"])
