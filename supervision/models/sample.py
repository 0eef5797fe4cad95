"""抽查: a frame with its hash, a seed that nobody chose, who was drawn, who was replaced (13)."""

from django.db import models
from django.db.models import F, Q

from cases.models import Benefit, Case, Household
from supervision.rules.sampling import KINDS, LEAST_PERCENT, STATES, TONES, WHY
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.models import Attachment, Person, Unit
from yuquan_relief.kernel.roles import Reach


class SampleQuerySet(models.QuerySet["Sample"]):
    """Reads of samples."""

    def visible_to(self, actor: Actor) -> "SampleQuerySet":
        """Those of the actor's district. An office is not told whom the bureau will visit."""
        return self.filter(district=actor.unit_id) if actor.reach == Reach.DISTRICT else self.none()


class Sample(models.Model):
    """One sample of a kind over a period. Anybody can draw it again (tools/redraw_sample.py).

    `seed` is the hash of the event `seed_event` that opened it, in the audit chain.
    """

    no = models.CharField("编号", max_length=40, unique=True)
    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    kind = models.CharField("类别", max_length=10, choices=list(KINDS.items()))
    state = models.CharField("状态", max_length=8, choices=list(STATES.items()), default="OPEN")
    period_from = models.DateField("自")
    period_to = models.DateField("至")
    percent = models.PositiveSmallIntegerField("比例")
    opened_on = models.DateField("立项日期")
    opened_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    seed = models.CharField("种子", max_length=64)
    seed_event = models.BigIntegerField("种子事件序号")
    frame_count = models.PositiveIntegerField("抽取范围", default=0)
    frame_sha256 = models.CharField("抽取范围摘要", max_length=64, blank=True)
    target_count = models.PositiveIntegerField("应抽", default=0)
    drawn_count = models.PositiveIntegerField("已抽", default=0)
    drawn_on = models.DateField("抽取日期", null=True)
    closed_on = models.DateField("结束日期", null=True)

    objects = SampleQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "抽查"
        constraints = [
            models.UniqueConstraint(
                fields=["district", "kind", "period_from", "period_to"], name="sample_once"
            ),
            models.CheckConstraint(
                condition=Q(period_to__gte=F("period_from")) & Q(period_to__lt=F("opened_on")),
                name="sample_of_the_past",
            ),
            models.CheckConstraint(
                condition=Q(percent__gte=LEAST_PERCENT, percent__lte=100) | Q(kind="PHONE"),
                name="sample_percent",
            ),
            models.CheckConstraint(
                condition=Q(state="OPEN", drawn_on=None)
                | ~Q(state="OPEN") & Q(drawn_on__isnull=False) & ~Q(frame_sha256=""),
                name="sample_drawn_with_frame",
            ),
        ]

    def __str__(self) -> str:
        return self.no

    @property
    def tone(self) -> str:
        """The state's colour."""
        return TONES[self.state]


class FrameLine(models.Model):
    """One household of the frame, as it was when drawn. Append-only."""

    sample = models.ForeignKey(Sample, models.PROTECT, related_name="frame")
    number = models.CharField("编号", max_length=60)
    stratum = models.CharField("层", max_length=60)
    must = models.CharField("必查原因", max_length=60, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "抽取范围"
        constraints = [models.UniqueConstraint(fields=["sample", "number"], name="frame_line_once")]

    def __str__(self) -> str:
        return self.number


class SampleItem(models.Model):
    """One household that is looked at; `place` in its stratum's order, `quota` of it drawn."""

    class State(models.TextChoices):
        WAITING = "WAITING", "待检查"
        DONE = "DONE", "已检查"
        REPLACED = "REPLACED", "已换出"

    sample = models.ForeignKey(Sample, models.PROTECT, related_name="items")
    number = models.CharField("编号", max_length=60)
    stratum = models.CharField("层", max_length=60)
    rank = models.CharField("次序值", max_length=64)
    place = models.PositiveIntegerField("次序")
    quota = models.PositiveIntegerField("本层应抽")
    why = models.CharField("怎样列入", max_length=12, choices=list(WHY.items()))
    must = models.CharField("必查原因", max_length=60, blank=True)
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="+")
    benefit = models.ForeignKey(Benefit, models.PROTECT, null=True, related_name="+")
    household = models.ForeignKey(Household, models.PROTECT, related_name="+")
    office = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    village = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    state = models.CharField("状态", max_length=8, choices=State, default=State.WAITING)
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="replaced_by", verbose_name="换出"
    )
    replace_reason = models.CharField("换样理由", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "抽查对象"
        constraints = [
            models.UniqueConstraint(fields=["sample", "number"], name="sample_item_once"),
            models.CheckConstraint(
                condition=Q(case__isnull=False, benefit=None) | Q(case=None, benefit__isnull=False),
                name="sample_item_of_one_thing",
            ),
            models.CheckConstraint(
                condition=~Q(why="REPLACEMENT") | Q(replaces__isnull=False),
                name="sample_item_replaces",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sample_id} {self.number}"


class Sheet(models.Model):
    """检查表: answers of one check, by whom, with what verdict. Fixed once it is finished."""

    no = models.CharField("编号", max_length=40, unique=True)
    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    office = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    village = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    kind = models.CharField("类别", max_length=8)
    item = models.OneToOneField(SampleItem, models.PROTECT, null=True, related_name="sheet")
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="+")
    benefit = models.ForeignKey(Benefit, models.PROTECT, null=True, related_name="+")
    month = models.DateField("所查月份", null=True)
    opened_on = models.DateField("登记日期")
    checked_on = models.DateField("检查日期", null=True)
    checked_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    second = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    answers = models.JSONField("答案", default=dict)  # code → {answer, note}
    verdict = models.CharField("判定", max_length=8, blank=True)
    summary = models.CharField("检查情况", max_length=1000, blank=True)
    met = models.CharField("见到（接听）的人", max_length=100, blank=True)
    consented = models.BooleanField("同意接受访问", default=True)
    version = models.PositiveIntegerField("版本", default=0)
    finished_on = models.DateField("办结日期", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "检查表"
        constraints = [
            models.CheckConstraint(
                condition=Q(finished_on=None) | Q(checked_on__isnull=False) & ~Q(verdict=""),
                name="sheet_finished_whole",
            ),
            models.UniqueConstraint(
                fields=["case"], condition=Q(kind="RECHECK"), name="sheet_recheck_once"
            ),
            models.UniqueConstraint(
                fields=["office", "month"], condition=Q(kind="FUND"), name="sheet_fund_once"
            ),
        ]
        indexes = [
            models.Index(fields=["district", "kind", "-id"], name="sheet_of_kind"),
            models.Index(fields=["office", "kind", "checked_on"], name="sheet_of_office"),
        ]

    def __str__(self) -> str:
        return self.no


class SheetFile(models.Model):
    """A photo or paper of a check."""

    sheet = models.ForeignKey(Sheet, models.PROTECT, related_name="files")
    attachment = models.ForeignKey(Attachment, models.PROTECT, related_name="+")
    added_on = models.DateField("上传日期")

    class Meta:
        verbose_name = verbose_name_plural = "检查附件"

    def __str__(self) -> str:
        return f"{self.sheet_id}"


class Call(models.Model):
    """One attempt to call; of the number only the end is kept. Append-only."""

    sheet = models.ForeignKey(Sheet, models.PROTECT, related_name="calls")
    at = models.DateTimeField("时间")
    number_tail = models.CharField("电话尾号", max_length=4)
    result = models.CharField("结果", max_length=10)
    note = models.CharField("说明", max_length=200, blank=True)
    called_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "拨打记录"

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.at:%m-%d %H:%M}"
