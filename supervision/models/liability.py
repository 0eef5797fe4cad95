"""责任追究: one person's or unit's case under 17 to 21, seen by few."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from supervision.rules.liability import EXEMPTIONS, ITEMS, LEVELS, PROCEDURE
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.models import Person, Unit

from .complaint import Complaint
from .finding import Finding
from .paper import Paper, PaperQuerySet, known_states

SEERS = ("supervision.hold_liable", "supervision.issue")


class LiabilityQuerySet(PaperQuerySet):
    """Reads of cases of accountability."""

    def visible_to(self, actor: Actor) -> "LiabilityQuerySet":
        """Only of the district, only who handles or decides them, and never one's own."""
        if actor.is_robot:
            return self
        if not any(actor.can(capability) for capability in SEERS):
            return self.none()
        found: LiabilityQuerySet = self.filter(district=actor.unit_id)
        return found.exclude(person=actor.person_id)


class Liability(Paper):
    """One case. `unit` is always there; `person` when it is about a person. Measures as codes."""

    PROCEDURE = PROCEDURE

    level = models.CharField("责任主体", max_length=2, choices=list(LEVELS.items()))
    clause = models.CharField("条款", max_length=6, choices=list(ITEMS.items()))
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", verbose_name="当事人"
    )
    finding = models.ForeignKey(Finding, models.PROTECT, null=True, related_name="liabilities")
    complaint = models.ForeignKey(Complaint, models.PROTECT, null=True, related_name="liabilities")
    happened_on = models.DateField("发生日期")
    facts = models.CharField("事实", max_length=2000)
    statement = models.CharField("陈述、申辩", max_length=2000, blank=True)
    stated_on = models.DateField("陈述日期", null=True)
    proposal = models.CharField("处理意见", max_length=1000, blank=True)
    for_person = ArrayField(models.CharField(max_length=12), default=list)
    for_unit = ArrayField(models.CharField(max_length=12), default=list)
    decided_on = models.DateField("决定日期", null=True)
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    served_on = models.DateField("送达日期", null=True)
    appeal = models.CharField("复核申请", max_length=1000, blank=True)
    appealed_on = models.DateField("申请日期", null=True)
    year = models.PositiveSmallIntegerField("计入考核年度")

    objects = LiabilityQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "责任追究"
        constraints = [
            known_states(PROCEDURE),
            models.CheckConstraint(
                condition=Q(state__in=["DECIDED", "APPEALED"], decided_on__isnull=False)
                | ~Q(state__in=["DECIDED", "APPEALED"]),
                name="liability_decided_on",
            ),
        ]
        indexes = [models.Index(fields=["unit", "year"], name="liability_of_unit")]


class Exemption(models.Model):
    """One exemption of 20, claimed or found by the system, with its evidence and the conclusion."""

    class Verdict(models.TextChoices):
        WAITING = "WAITING", "待核实"
        ADOPTED = "ADOPTED", "成立"
        REJECTED = "REJECTED", "不成立"

    liability = models.ForeignKey(Liability, models.PROTECT, related_name="exemptions")
    clause = models.CharField("条款", max_length=6, choices=list(EXEMPTIONS.items()))
    evidence = models.JSONField("系统留存的依据", default=list)
    verdict = models.CharField("结论", max_length=8, choices=Verdict, default=Verdict.WAITING)
    note = models.CharField("说明", max_length=500, blank=True)
    judged_on = models.DateField("核实日期", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "免责情形"
        constraints = [
            models.UniqueConstraint(fields=["liability", "clause"], name="exemption_once"),
            models.CheckConstraint(
                condition=Q(verdict="WAITING") | ~Q(note=""), name="exemption_judged_with_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.liability_id} {self.clause}"
