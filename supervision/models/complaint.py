"""举报、信访: what came by any channel, numbered without gaps, hidden from whom it names (7.2)."""

from datetime import date
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q

from cases.models import Case
from supervision.rules.complaints import CHANNELS, FEEDBACKS, KINDS, PROCEDURE, RESULTS
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.fields import SealedTextField
from yuquan_relief.kernel.models import Person, Unit
from yuquan_relief.kernel.roles import Reach

from .paper import Paper, PaperQuerySet, known_states


class ComplaintQuerySet(PaperQuerySet):
    """Reads of complaints."""

    def visible_to(self, actor: Actor) -> "ComplaintQuerySet":
        """The district's; for an office those that it handles. Never what names the actor."""
        if actor.is_robot:
            found = self.all()
        elif actor.reach == Reach.DISTRICT:
            found = self.filter(district=actor.unit_id)
        elif actor.reach == Reach.OFFICE:
            found = self.filter(handler=actor.unit_id)
        else:
            return self.none()
        named = ComplaintSubject.objects.filter(complaint=OuterRef("pk"), person=actor.person_id)
        shown: ComplaintQuerySet = found if actor.is_robot else found.exclude(Exists(named))
        return shown

    def select_for_update(self, *args: Any, **kwargs: Any) -> "ComplaintQuerySet":
        """Without what was told: sealed anew at each save it would be another text, and it stays as
        it came (trigger)."""
        held: ComplaintQuerySet = super().select_for_update(*args, **kwargs)
        return held.defer("name", "contact", "content")

    def late(self, on: date) -> "ComplaintQuerySet":
        """Open ones past their day."""
        found: ComplaintQuerySet = self.open().filter(due_on__lt=on)
        return found


class Complaint(Paper):
    """One complaint, petition or enquiry. `office`: whom it is about; `handler`: who looks into it.

    Words and contact stand sealed. `key`: with it the person asks by the public page how far it is.
    """

    PROCEDURE = PROCEDURE

    kind = models.CharField("类别", max_length=8, choices=list(KINDS.items()))
    channel = models.CharField("渠道", max_length=8, choices=list(CHANNELS.items()))
    key = models.CharField("查询码", max_length=16, unique=True)
    is_anonymous = models.BooleanField("匿名", default=False)
    name = SealedTextField("姓名", blank=True)
    contact = SealedTextField("联系方式", blank=True)
    content = SealedTextField("内容")
    village = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="+")
    handler = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name="承办单位"
    )
    received_on = models.DateField("收到日期")
    named_on = models.DateField("登记被反映人的日期", null=True)  # also that nobody is named
    result = models.CharField("结果", max_length=8, choices=list(RESULTS.items()), blank=True)
    finding = SealedTextField("查处情况", blank=True)
    found_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    feedback_on = models.DateField("反馈日期", null=True)
    feedback_how = models.CharField(
        "反馈方式", max_length=8, choices=list(FEEDBACKS.items()), blank=True
    )
    feedback = SealedTextField("反馈内容", blank=True)
    closed_on = models.DateField("办结日期", null=True)

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "举报信访"
        constraints = [
            known_states(PROCEDURE),
            models.CheckConstraint(
                # Handled by another unit than the one that it is about (7.2).
                condition=Q(handler=None) | Q(office=None) | ~Q(handler=models.F("office")),
                name="complaint_handled_elsewhere",
            ),
            models.CheckConstraint(
                condition=Q(state="CLOSED", closed_on__isnull=False, feedback_on__isnull=False)
                & ~Q(result="")
                | ~Q(state="CLOSED") & Q(closed_on=None),
                name="complaint_closed_with_feedback",
            ),
            models.CheckConstraint(condition=~Q(content=""), name="complaint_says_what"),
        ]
        indexes = [
            models.Index(fields=["district", "state", "-id"], name="complaint_district"),
            models.Index(fields=["handler", "state"], name="complaint_handler"),
        ]


class ComplaintSubject(models.Model):
    """A person whom it is about, who then neither sees nor handles it. Append-only."""

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="subjects")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "被反映人"
        constraints = [
            models.UniqueConstraint(fields=["complaint", "person"], name="complaint_subject_once")
        ]

    def __str__(self) -> str:
        return f"{self.complaint_id} {self.person_id}"


class ReportBox(models.Model):
    """举报箱 or 举报电话 of an office, as it is made public (7.2)."""

    class Kind(models.TextChoices):
        BOX = "BOX", "举报箱"
        HOTLINE = "HOTLINE", "举报电话"

    office = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    kind = models.CharField("类别", max_length=8, choices=Kind)
    place = models.CharField("地点或号码", max_length=100)
    since = models.DateField("设置日期")
    until = models.DateField("撤除日期", null=True)
    registered_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "举报箱、举报电话"

    def __str__(self) -> str:
        return f"{self.office_id} {self.place}"


class BoxOpening(models.Model):
    """A box was opened by two people, with so many letters in it. Append-only."""

    box = models.ForeignKey(ReportBox, models.PROTECT, related_name="openings")
    opened_on = models.DateField("开箱日期")
    letters = models.PositiveSmallIntegerField("信件数")
    opened_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    second = models.ForeignKey(Person, models.PROTECT, related_name="+")
    note = models.CharField("说明", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "开箱记录"
        constraints = [
            models.CheckConstraint(
                condition=~Q(opened_by=models.F("second")), name="box_opened_by_two"
            ),
            models.UniqueConstraint(fields=["box", "opened_on"], name="box_opening_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.box_id} {self.opened_on}"
