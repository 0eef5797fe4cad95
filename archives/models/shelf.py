"""The paper file: its box and place, who has it, and what a stocktaking found (6.1)."""

from typing import TypeVar

from django.db import models
from django.db.models import F, Q

from archives.rules.comparing import FACETS, RIGHT
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.models import Person, Unit
from yuquan_relief.kernel.roles import Reach

from .dossier import Dossier

KeptT = TypeVar("KeptT", bound=models.Model)


def of_office(kind: type[KeptT], actor: Actor) -> models.QuerySet[KeptT]:
    """Boxes or stocktakings of the actor's office or district; elsewhere none."""
    field = {Reach.OFFICE: "office_id", Reach.DISTRICT: "office__parent_id"}.get(actor.reach)
    rows: models.QuerySet[KeptT] = kind._default_manager.all()
    return rows.filter(**{field: actor.unit_id}) if field else rows.none()


class Box(models.Model):
    """One box with a label, at a place of the archive room. Its number is never used again."""

    no = models.CharField("盒号", max_length=40, unique=True)
    office = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    label = models.CharField("题名", max_length=60)
    place = models.CharField("位置", max_length=30, blank=True)
    opened_on = models.DateField("启用日期")

    class Meta:
        verbose_name = verbose_name_plural = "档案盒"
        constraints = [
            models.UniqueConstraint(
                fields=["office", "place"], condition=~Q(place=""), name="box_place_once"
            )
        ]

    def __str__(self) -> str:
        return self.no


class PaperFile(models.Model):
    """The paper of a dossier: where it stands, and what it says of amount, people and month."""

    dossier = models.OneToOneField(Dossier, models.PROTECT, related_name="paper")
    box = models.ForeignKey(Box, models.PROTECT, related_name="papers")
    seat = models.PositiveSmallIntegerField("盒内件号")
    pages = models.PositiveSmallIntegerField("页数")
    amount_fen = models.BigIntegerField("纸质金额")
    persons = models.PositiveSmallIntegerField("纸质保障人数", null=True)
    month = models.DateField("纸质起始月", null=True)
    checked_on = models.DateField("核对日期")
    checked_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "纸质档案"
        constraints = [
            models.UniqueConstraint(fields=["box", "seat"], name="paper_seat_once"),
            models.CheckConstraint(condition=Q(pages__gt=0, seat__gt=0), name="paper_has_pages"),
        ]

    def __str__(self) -> str:
        return f"{self.box_id}-{self.seat}"


class Loan(models.Model):
    """Somebody has the paper file. Rows stay; one is open at a time."""

    paper = models.ForeignKey(PaperFile, models.PROTECT, related_name="loans")
    borrower = models.CharField("借阅人", max_length=50)
    unit = models.CharField("借阅单位", max_length=100)
    purpose = models.CharField("用途", max_length=200)
    lent_on = models.DateField("借出日期")
    due_on = models.DateField("应还日期")
    lent_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    returned_on = models.DateField("归还日期", null=True)
    returned_to = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    condition = models.CharField("归还情况", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "借阅"
        constraints = [
            models.UniqueConstraint(
                fields=["paper"], condition=Q(returned_on=None), name="loan_one_open"
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("lent_on"))
                & (
                    Q(returned_on=None, returned_to=None, condition="")
                    | Q(returned_on__gte=F("lent_on"), returned_to__isnull=False) & ~Q(condition="")
                ),
                name="loan_days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.paper_id} {self.borrower}"


class Correction(models.Model):
    """A difference of the three sides that a person has judged. Append-only: nothing is edited, and
    it holds only for the values of `fingerprint`."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="corrections")
    facet = models.CharField("项目", max_length=8, choices=list(FACETS.items()))
    electronic = models.CharField("系统", max_length=30, blank=True)
    paper = models.CharField("纸质", max_length=30, blank=True)
    money = models.CharField("资金", max_length=30, blank=True)
    fingerprint = models.CharField(max_length=64)
    right = models.CharField("以哪个为准", max_length=10, choices=list(RIGHT.items()))
    reason = models.CharField("理由", max_length=200)
    made_on = models.DateField("更正日期")
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "更正"
        constraints = [
            models.UniqueConstraint(fields=["dossier", "fingerprint"], name="correction_once"),
            models.CheckConstraint(
                condition=Q(right__in=list(RIGHT)) & ~Q(reason=""), name="correction_with_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id} {self.facet}"


class Stocktake(models.Model):
    """One walk through the archive room with a scanner. Closed once, with what it found."""

    no = models.CharField("盘点编号", max_length=40, unique=True)
    office = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    opened_on = models.DateField("开始日期")
    opened_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    box = models.ForeignKey(Box, models.PROTECT, null=True, related_name="+")  # in hand now
    closed_on = models.DateField("结束日期", null=True)
    expected = models.PositiveIntegerField("应有", default=0)
    found = models.PositiveIntegerField("在位", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "盘点"
        constraints = [
            models.UniqueConstraint(
                fields=["office"], condition=Q(closed_on=None), name="stocktake_one_open"
            )
        ]

    def __str__(self) -> str:
        return self.no


class StocktakeScan(models.Model):
    """One code that was read, and in which box."""

    stocktake = models.ForeignKey(Stocktake, models.CASCADE, related_name="scans")
    box = models.ForeignKey(Box, models.PROTECT, related_name="+")
    code = models.CharField("条码", max_length=80)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "盘点扫码"
        constraints = [models.UniqueConstraint(fields=["stocktake", "code"], name="scan_once")]

    def __str__(self) -> str:
        return self.code


class StocktakeFinding(models.Model):
    """What was not as it should be when the stocktaking was closed. Append-only."""

    class Kind(models.TextChoices):
        MISSING = "MISSING", "不在位"
        LENT = "LENT", "已借出"
        ELSEWHERE = "ELSEWHERE", "放错了盒"
        RETURNED = "RETURNED", "借出未还，却在位"
        UNKNOWN = "UNKNOWN", "没有登记"

    stocktake = models.ForeignKey(Stocktake, models.PROTECT, related_name="findings")
    kind = models.CharField("情况", max_length=10, choices=Kind)
    code = models.CharField("条码", max_length=80)
    dossier = models.ForeignKey(Dossier, models.PROTECT, null=True, related_name="+")
    where = models.CharField("说明", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "盘点结果"

    def __str__(self) -> str:
        return f"{self.kind} {self.code}"
