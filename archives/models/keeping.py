"""What keeps a file beyond its term: a legal hold (6.4). And the list by which files go."""

from datetime import date

from django.db import models
from django.db.models import Exists, OuterRef, Q

from archives.rules.disposal import FINAL, STATES
from archives.rules.retention import HOLD_CAUSES
from cases.models import Review
from funds.models import Recovery
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.models import Person, Unit
from yuquan_relief.kernel.roles import Reach

from .dossier import Dossier


class LegalHold(models.Model):
    """A file that must stay whatever its term says. Placed once, lifted once (trigger)."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="holds")
    cause = models.CharField("原因", max_length=12, choices=list(HOLD_CAUSES.items()))
    reason = models.CharField("说明", max_length=200)
    document = models.CharField("依据文号", max_length=100, blank=True)
    placed_on = models.DateField("保留日期")
    placed_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    lifted_on = models.DateField("解除日期", null=True)
    lifted_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    lifted_reason = models.CharField("解除理由", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "法律保留"
        constraints = [
            models.CheckConstraint(
                condition=Q(lifted_on=None, lifted_by=None, lifted_reason="")
                | Q(lifted_on__gte=models.F("placed_on"), lifted_by__isnull=False)
                & ~Q(lifted_reason=""),
                name="hold_lifted_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(cause__in=list(HOLD_CAUSES)) & ~Q(reason=""), name="hold_with_cause"
            ),
        ]
        indexes = [
            models.Index(fields=["dossier"], name="hold_in_force", condition=Q(lifted_on=None))
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id} {self.cause}"


def expired(files: "models.QuerySet[Dossier]", on: date) -> "models.QuerySet[Dossier]":
    """Of the files those that are sealed, whose term has passed, and that nothing holds: neither a
    person's hold, nor an open recovery or review of the household's benefit, nor a part that is
    still being built."""
    of_case = {"benefit__source_case": OuterRef("case")}
    listed = DisposalItem.objects.filter(dossier=OuterRef("pk"), is_open=True)
    building = Dossier.objects.filter(case=OuterRef("case"), state=Dossier.State.BUILDING)
    return files.filter(
        ~Exists(LegalHold.objects.filter(dossier=OuterRef("pk"), lifted_on=None)),
        ~Exists(Review.objects.open().filter(**of_case)),
        ~Exists(Recovery.objects.filter(**of_case).exclude(state__in=Recovery().procedure.final)),
        ~Exists(listed),
        ~Exists(building),  # its next part is not sealed yet
        state=Dossier.State.SEALED,
        retain_until__lt=on,
    )


class DisposalQuerySet(models.QuerySet["Disposal"]):
    """Reads of disposals."""

    def visible_to(self, actor: Actor) -> "DisposalQuerySet":
        """Those of the actor's office or district."""
        field = {Reach.OFFICE: "office_id", Reach.DISTRICT: "office__parent_id"}.get(actor.reach)
        return self.filter(**{field: actor.unit_id}) if field else self.none()


class Disposal(models.Model):
    """One list of files of an office that go. Only archives.operations.disposal moves `state`."""

    no = models.CharField("清册编号", max_length=40, unique=True)
    office = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    state = models.CharField("状态", max_length=10, choices=list(STATES.items()), default="OPEN")
    round = models.PositiveSmallIntegerField("轮次", default=1)
    version = models.PositiveIntegerField("版本", default=0)
    opened_on = models.DateField("列出日期")
    ready_on = models.DateField("监销签字日期", null=True)
    done_on = models.DateField("销毁日期", null=True)

    objects = DisposalQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "销毁清册"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=list(STATES)), name="disposal_known_state"
            ),
            models.CheckConstraint(
                condition=Q(state="DONE", done_on__isnull=False, ready_on__isnull=False)
                | ~Q(state="DONE") & Q(done_on=None),
                name="disposal_done_on",
            ),
        ]

    def __str__(self) -> str:
        return self.no

    @property
    def state_label(self) -> str:
        """The state in words."""
        return STATES[self.state]

    @property
    def is_over(self) -> bool:
        """Whether nothing is to be done any more."""
        return self.state in FINAL


class DisposalItem(models.Model):
    """One file of the list, and what was found it is worth. Fixed when the list is signed."""

    class Verdict(models.TextChoices):
        WAITING = "WAITING", "待鉴定"
        DESTROY = "DESTROY", "可以销毁"
        KEEP = "KEEP", "延长保管"

    disposal = models.ForeignKey(Disposal, models.PROTECT, related_name="items")
    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="+")
    verdict = models.CharField("鉴定", max_length=8, choices=Verdict, default=Verdict.WAITING)
    note = models.CharField("鉴定意见", max_length=200, blank=True)
    retained_until = models.DateField("列出时保管期限至")
    is_open = models.BooleanField("在办", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "清册档案"
        constraints = [
            models.UniqueConstraint(fields=["disposal", "dossier"], name="disposal_item_once"),
            models.UniqueConstraint(
                fields=["dossier"], condition=Q(is_open=True), name="disposal_item_one_list"
            ),
            models.CheckConstraint(
                condition=Q(verdict="WAITING") | ~Q(note=""), name="disposal_item_with_opinion"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.disposal_id} {self.dossier_id}"
