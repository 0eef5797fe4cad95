"""核查发现: what a rule or a person found, its evidence as it was, and what came of it (8-14)."""

from datetime import date

from django.db import models
from django.db.models import Count, Q

from cases.models import Household
from supervision.rules.checks import SEVERITIES
from supervision.rules.findings import OUTCOMES, PROCEDURE, RIGHT, SOURCES, WRONG
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.models import Person, Unit
from yuquan_relief.kernel.roles import Reach

from .complaint import ComplaintSubject
from .paper import Paper, PaperQuerySet, known_states


def about(actor: Actor, prefix: str = "") -> Q:
    """Findings that tell of a complaint that names the actor, or that are about himself (7.2)."""
    mine = ComplaintSubject.objects.filter(person=actor.person_id).values("complaint__no")
    named = Q(**{f"{prefix}origin_kind": "complaint", f"{prefix}origin_key__in": mine})
    named |= Q(**{f"{prefix}subject_kind": "complaint", f"{prefix}subject_key__in": mine})
    himself = {f"{prefix}subject_kind": "person", f"{prefix}subject_key": str(actor.person_id)}
    return named | Q(**himself)


class FindingQuerySet(PaperQuerySet):
    """Reads of findings."""

    def visible_to(self, actor: Actor) -> "FindingQuerySet":
        """The district's; an office's own; another post of the district what it must answer.
        Never what came of a complaint that names the actor, or what was found of himself."""
        found: FindingQuerySet = super().visible_to(actor)
        if not actor.is_robot:
            found = found.exclude(about(actor))
        if (
            actor.reach == Reach.DISTRICT
            and not actor.is_robot
            and not actor.can("supervision.view")
        ):
            return found.filter(owner=actor.role_code)
        return found

    def late(self, on: date) -> "FindingQuerySet":
        """Open ones past their day."""
        found: FindingQuerySet = self.open().filter(due_on__lt=on)
        return found

    def precision(self) -> dict[str, tuple[int, int]]:
        """(right, judged) by rule: of what was judged, how much was so."""
        rows = (
            self.filter(outcome__in=[*RIGHT, *WRONG])
            .exclude(rule="")
            .values_list("rule")
            .annotate(right=Count("pk", filter=Q(outcome__in=RIGHT)), judged=Count("pk"))
        )
        return {rule: (right, judged) for rule, right, judged in rows}


class Finding(Paper):
    """One finding. `rule`: of the catalogue, or "" when a person found it; `mark` tells two of one
    rule on one subject apart; `evidence`: values as they were that day, never changed (trigger).
    """

    PROCEDURE = PROCEDURE

    source = models.CharField("来源", max_length=10, choices=list(SOURCES.items()))
    rule = models.CharField("规则", max_length=4, blank=True)
    severity = models.CharField("级别", max_length=1, choices=list(SEVERITIES.items()))
    cites = models.CharField("依据", max_length=60)
    subject_kind = models.CharField("对象类别", max_length=12)
    subject_key = models.CharField("对象编号", max_length=60)
    mark = models.CharField(max_length=120, blank=True)
    what = models.CharField("发现", max_length=1100)
    evidence = models.JSONField("证据快照", default=dict)
    owner = models.CharField("责任岗位", max_length=20)
    last_seen_on = models.DateField("最近一次查到")
    household = models.ForeignKey(Household, models.PROTECT, null=True, related_name="+")
    answer = models.CharField("答复", max_length=1000, blank=True)
    answered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    answered_on = models.DateField("答复日期", null=True)
    outcome = models.CharField("结论", max_length=12, choices=list(OUTCOMES.items()), blank=True)
    verdict = models.CharField("判定理由", max_length=1000, blank=True)
    judged_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    judged_on = models.DateField("判定日期", null=True)
    is_error = models.BooleanField("认定不准", default=False)
    error_year = models.PositiveSmallIntegerField("计入年度", null=True)
    origin_kind = models.CharField(max_length=12, blank=True)  # the sheet or complaint it came from
    origin_key = models.CharField(max_length=60, blank=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "核查发现"
        constraints = [
            known_states(PROCEDURE),
            models.UniqueConstraint(
                fields=["rule", "subject_kind", "subject_key", "mark"],
                condition=~Q(rule=""),
                name="finding_once",
            ),
            models.CheckConstraint(
                condition=Q(is_error=False, error_year=None)
                | Q(is_error=True, error_year__isnull=False, household__isnull=False),
                name="finding_error_counted",
            ),
            models.CheckConstraint(
                condition=Q(outcome="") | Q(judged_on__isnull=False) & ~Q(verdict=""),
                name="finding_judged_with_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["district", "state", "-id"], name="finding_district"),
            models.Index(fields=["office", "state", "-id"], name="finding_office"),
            models.Index(fields=["subject_kind", "subject_key"], name="finding_subject"),
            models.Index(
                fields=["office", "error_year"], name="finding_errors", condition=Q(is_error=True)
            ),
        ]


class Suppression(models.Model):
    """A rule is silent for a time, for everybody, an office or one subject, with its reason."""

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    rule = models.CharField("规则", max_length=4)
    office = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    subject_kind = models.CharField(max_length=12, blank=True)
    subject_key = models.CharField("对象编号", max_length=60, blank=True)
    until = models.DateField("到期日")
    reason = models.CharField("理由", max_length=300)
    made_on = models.DateField("登记日期")
    made_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    ended_on = models.DateField("提前恢复", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "规则暂停"
        constraints = [
            models.CheckConstraint(
                condition=Q(until__gte=models.F("made_on")) & ~Q(reason=""),
                name="suppression_with_reason",
            )
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.until}"


class CheckRun(models.Model):
    """One run of the system's checks: all of them at night, or of one subject on demand."""

    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    on_day = models.DateField("日期")
    scope = models.CharField("范围", max_length=80, blank=True)  # "": everything
    started_at = models.DateTimeField("开始")
    ended_at = models.DateTimeField("结束", null=True)
    hits = models.PositiveIntegerField("查到", default=0)
    fresh = models.PositiveIntegerField("新发现", default=0)
    asked_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "系统核查"
        indexes = [models.Index(fields=["district", "-id"], name="check_run_latest")]

    def __str__(self) -> str:
        return f"{self.on_day} {self.scope}"


class CheckCount(models.Model):
    """What one rule found in one run. `hits` includes what was known and what is silent."""

    run = models.ForeignKey(CheckRun, models.PROTECT, related_name="counts")
    rule = models.CharField("规则", max_length=4)
    hits = models.PositiveIntegerField("查到")
    fresh = models.PositiveIntegerField("新发现")
    silent = models.PositiveIntegerField("暂停中")
    milliseconds = models.PositiveIntegerField("毫秒")
    is_broken = models.BooleanField("没有核查成功", default=False)  # then nothing is known

    class Meta:
        verbose_name = verbose_name_plural = "规则命中数"
        constraints = [models.UniqueConstraint(fields=["run", "rule"], name="check_count_once")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.rule}"
