"""提标: a raised standard for everybody in benefit of one office, signed in one list (R76)."""

from django.db import models
from django.db.models import F, Q

from cases.rules.programmes import CHOICES
from cases.rules.standards import STATES
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.models import Attachment, Person, Unit
from yuquan_relief.kernel.roles import Reach

from .decision import Benefit


class StandardRunQuerySet(models.QuerySet["StandardRun"]):
    """Reads of runs."""

    def visible_to(self, actor: Actor) -> "StandardRunQuerySet":
        """Runs of the actor's district or office; a village sees those of its office."""
        if actor.is_robot:
            return self
        if actor.reach == Reach.DISTRICT:
            return self.filter(district_id=actor.unit_id)
        return self.filter(office_id=actor.office_id or 0)


class StandardRun(models.Model):
    """One programme of one office, computed anew under the standard of `valid_from` (fen).

    Only cases.operations.standards.perform moves `state`.
    """

    no = models.CharField("批次号", max_length=40, unique=True)
    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    office = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    programme = models.CharField("类别", max_length=20, choices=CHOICES)
    valid_from = models.DateField("标准执行日期")
    source = models.CharField("依据文件", max_length=200)
    before_fen = models.BigIntegerField("原标准")
    after_fen = models.BigIntegerField("新标准")
    state = models.CharField("状态", max_length=10, choices=list(STATES.items()), default="OPEN")
    round = models.PositiveSmallIntegerField(default=1)
    version = models.PositiveIntegerField(default=0)
    opened_on = models.DateField("生成日期")
    computed_for = models.DateField("算到的月份")  # the month in which lines were computed
    households = models.PositiveIntegerField("户数", default=0)
    persons = models.PositiveIntegerField("人数", default=0)
    total_before_fen = models.BigIntegerField("原每月合计", default=0)
    total_after_fen = models.BigIntegerField("新每月合计", default=0)
    left_out = models.PositiveIntegerField("须逐户复核", default=0)
    lines_sha256 = models.CharField("明细摘要", max_length=64, blank=True)
    decided_on = models.DateField("签批日期", null=True)
    ended_on = models.DateField("办结日期", null=True)

    objects = StandardRunQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "提标"
        constraints = [
            models.UniqueConstraint(
                fields=["office", "programme", "valid_from"],
                condition=~Q(state="WITHDRAWN"),
                name="standard_run_once",
            ),
            models.CheckConstraint(
                condition=Q(after_fen__gt=F("before_fen")), name="standard_run_raises"
            ),
        ]

    def __str__(self) -> str:
        return self.no

    @property
    def state_label(self) -> str:
        """The state in words."""
        return STATES[self.state]


class StandardLine(models.Model):
    """One benefit from one month on, under the raised standard (fen)."""

    run = models.ForeignKey(StandardRun, models.PROTECT, related_name="lines", db_index=False)
    benefit = models.ForeignKey(Benefit, models.PROTECT, related_name="+")
    village = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    from_month = models.DateField("执行月")
    is_latest = models.BooleanField()  # what is given from now on, not only for past months
    persons = models.PositiveSmallIntegerField("保障人口")
    before_monthly_fen = models.BigIntegerField()
    before_supplement_fen = models.BigIntegerField()
    before_year_fen = models.BigIntegerField(default=0)
    monthly_fen = models.BigIntegerField()
    supplement_fen = models.BigIntegerField()
    year_fen = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = "提标明细"
        constraints = [
            models.UniqueConstraint(
                fields=["run", "village", "benefit", "from_month"], name="standard_line_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id}-{self.benefit_id} {self.from_month:%Y-%m}"


class StandardTelling(models.Model):
    """That a village was told of its list: how, when, with what proof (4(1).2)."""

    run = models.ForeignKey(StandardRun, models.PROTECT, related_name="tellings")
    village = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    told_on = models.DateField("告知日期")
    place = models.CharField("张贴地点", max_length=100)
    photo = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+")
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "提标告知"
        constraints = [
            models.UniqueConstraint(fields=["run", "village"], name="standard_telling_once")
        ]

    def __str__(self) -> str:
        return f"{self.run_id}-{self.village_id}"
