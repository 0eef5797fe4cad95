"""A file from before the system, and how it was verified (16)."""

from django.db import models
from django.db.models import Q

from archives.rules.old_files import FINAL, FIRST_YEAR, PROGRAMMES, STATES
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.models import Person, Unit
from yuquan_relief.kernel.roles import Reach


class OldFileQuerySet(models.QuerySet["OldFile"]):
    """Reads of old files."""

    def visible_to(self, actor: Actor) -> "OldFileQuerySet":
        """Those of the actor's office or district."""
        field = {Reach.OFFICE: "office_id", Reach.DISTRICT: "district_id"}.get(actor.reach)
        return self.filter(**{field: actor.unit_id}) if field else self.none()


class OldFile(models.Model):
    """One line of the old register. Only archives.operations.old_files moves `state`.

    `old_no` is the number on the file itself; `no` is ours, and never used again.
    """

    no = models.CharField("核查编号", max_length=40, unique=True)
    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    office = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    village_name = models.CharField("村社区", max_length=50, blank=True)
    year = models.PositiveSmallIntegerField("年度")
    programme = models.CharField(
        "类别", max_length=20, choices=[(code, label) for label, code in PROGRAMMES.items()]
    )
    old_no = models.CharField("原档号", max_length=60)
    head_name = models.CharField("户主", max_length=100)
    pages = models.PositiveIntegerField("页数", null=True)
    old_box = models.CharField("原盒号", max_length=40, blank=True)
    approved_on = models.DateField("批准日期", null=True)
    state = models.CharField("状态", max_length=10, choices=list(STATES.items()), default="LISTED")
    round = models.PositiveSmallIntegerField("轮次", default=1)
    version = models.PositiveIntegerField("版本", default=0)
    checker = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    due_on = models.DateField("期限", null=True)
    mended_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    done_on = models.DateField("核查完成日期", null=True)
    had_problem = models.BooleanField("曾有问题", default=False)

    objects = OldFileQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "历年档案"
        constraints = [
            models.UniqueConstraint(fields=["office", "old_no"], name="old_file_once"),
            models.CheckConstraint(
                condition=Q(state__in=list(STATES)), name="old_file_known_state"
            ),
            models.CheckConstraint(condition=Q(year__gte=FIRST_YEAR), name="old_file_since"),
            models.CheckConstraint(
                condition=Q(state="DONE", done_on__isnull=False)
                | ~Q(state="DONE") & Q(done_on=None),
                name="old_file_done_on",
            ),
        ]
        indexes = [
            models.Index(fields=["office", "year", "state"], name="old_file_progress"),
            models.Index(fields=["district", "state"], name="old_file_district"),
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


class OldFileLine(models.Model):
    """One line of the checklist of the file's year, and what was found, mended or explained."""

    file = models.ForeignKey(OldFile, models.PROTECT, related_name="lines")
    slot = models.CharField("材料", max_length=40)
    title = models.CharField("名称", max_length=60)
    is_there = models.BooleanField("齐全", null=True)
    lack = models.CharField("问题", max_length=200, blank=True)
    mended = models.CharField("整改", max_length=200, blank=True)
    mended_on = models.DateField("整改日期", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "核查项目"
        constraints = [
            models.UniqueConstraint(fields=["file", "slot"], name="old_file_line_once"),
            models.CheckConstraint(
                condition=Q(is_there=False) & ~Q(lack="") | ~Q(is_there=False) & Q(lack=""),
                name="old_file_lack_in_words",
            ),
        ]

    def __str__(self) -> str:
        return self.title
