"""Public notices with their snapshot and proof, and objections to them (3(4))."""

import secrets
from datetime import date

from django.db import models
from django.db.models import Count, F, Q

from cases.rules.facts import NoticeFacts
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.fields import SealedTextField
from yuquan_relief.kernel.models import Attachment, Person, Unit

from .case import Case
from .review import Review


def new_key() -> str:
    """An address that nobody can guess from the number of a case."""
    return secrets.token_urlsafe(12)


PLACES = [f"{holder}__{place}" for holder in ("case", "review") for place in ("office", "village")]


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Reads of notices."""

    def visible_to(self, actor: Actor) -> "NoticeQuerySet":
        """Notices of what the actor sees, with their places."""
        cases, reviews = Case.objects.visible_to(actor), Review.objects.visible_to(actor)
        return self.filter(Q(case__in=cases) | Q(review__in=reviews)).select_related(*PLACES)

    def hanging_on(self, day: date) -> "NoticeQuerySet":
        """Notices that the public may read on `day`."""
        return self.filter(closed_on__isnull=True, last_day__gte=day).select_related(*PLACES)

    def with_objections(self) -> "NoticeQuerySet":
        """Each notice with its number of unanswered objections."""
        unanswered = Count("objections", filter=Q(objections__answered_on__isnull=True))
        return self.annotate(open_objections=unanswered)


class Notice(models.Model):
    """A notice on the village board. `snapshot` is what was posted and never changes.

    It is of a case, or of the review that would end 特困 taken over from the roster.
    """

    class Kind(models.TextChoices):
        REVIEW = "REVIEW", "审核公示"
        APPROVAL = "APPROVAL", "拟批准公示"
        ENDING = "ENDING", "拟终止公示"  # of 特困 in benefit; its round counts these notices

    no = models.CharField("公示编号", max_length=60, unique=True)
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="notices")
    review = models.ForeignKey(Review, models.PROTECT, null=True, related_name="notices")
    kind = models.CharField("类型", max_length=10, choices=Kind)
    round = models.PositiveSmallIntegerField()
    place = models.CharField("张贴地点", max_length=100)
    posted_on = models.DateField("张贴日期")
    first_day = models.DateField("公示首日")
    last_day = models.DateField("公示末日")
    last_day_is_provisional = models.BooleanField("末日暂定", default=False)
    snapshot = models.JSONField("公示内容")
    photo = models.ForeignKey(
        Attachment, models.PROTECT, null=True, related_name="+", verbose_name="张贴照片"
    )
    public_key = models.CharField("公开网页编号", max_length=32, unique=True, default=new_key)
    removed_on = models.DateField("撤下日期", null=True)
    removal_photo = models.ForeignKey(
        Attachment, models.PROTECT, null=True, related_name="+", verbose_name="撤下照片"
    )
    posted_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    closed_on = models.DateField("结束日期", null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "公示"
        constraints = [
            models.UniqueConstraint(fields=["case", "kind", "round"], name="notice_once_a_round"),
            models.UniqueConstraint(fields=["review", "round"], name="notice_once_a_review_round"),
            models.CheckConstraint(
                condition=Q(case__isnull=False, review__isnull=True)
                | Q(case__isnull=True, review__isnull=False, kind="ENDING"),
                name="notice_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(first_day__gt=F("posted_on")) & Q(last_day__gte=F("first_day")),
                name="notice_days",
            ),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True)
                | Q(closed_on__gt=F("last_day"))
                | Q(closed_on__lte=F("last_day"), closed_on__gte=F("posted_on")),
                name="notice_closed_after_posting",
            ),
        ]

    def __str__(self) -> str:
        return self.no

    @property
    def holder(self) -> Case | Review:
        """What it is a notice of."""
        found = self.case or self.review
        assert found is not None  # notice_of_one_thing
        return found

    @property
    def subject_kind(self) -> str:
        """Under which name the chain of events knows its holder: case or review."""
        return "case" if self.case_id else "review"

    @property
    def holder_url(self) -> str:
        """The page of its holder."""
        return f"/{'cases' if self.case_id else 'adjustments'}/{self.holder.no}/"


def notice_facts(notice: Notice | None) -> NoticeFacts | None:
    """The plain values that needs look at; of a notice that came `with_objections`."""
    if notice is None:
        return None
    return NoticeFacts(
        posted_on=notice.posted_on,
        last_day=notice.last_day,
        has_photo=notice.photo_id is not None,
        open_objections=notice.open_objections,  # type: ignore[attr-defined] # with_objections
    )


class Objection(models.Model):
    """An objection to a notice; may be anonymous. Never deleted."""

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="objections")
    received_on = models.DateField("收到日期")
    channel = models.CharField("方式", max_length=40)
    contact = SealedTextField("联系方式", blank=True)
    content = models.CharField("内容", max_length=500)
    answer = models.CharField("答复", max_length=500, blank=True)
    answered_on = models.DateField("答复日期", null=True)
    is_upheld = models.BooleanField("成立", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "异议"

    def __str__(self) -> str:
        return f"{self.notice_id}-{self.pk}"


class StandingNotice(models.Model):
    """在享人员长期公示 of a village: who is given what, as it hung from one day to the next (3(4)).

    `rows` is what was posted and never changes; the next one replaces it.
    """

    village = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    office = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    month = models.DateField("公示月份")
    rows = models.JSONField("公示内容")
    place = models.CharField("张贴地点", max_length=100)
    posted_on = models.DateField("张贴日期")
    photo = models.ForeignKey(Attachment, models.PROTECT, null=True, related_name="+")
    posted_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "长期公示"
        constraints = [models.CheckConstraint(condition=~Q(place=""), name="standing_notice_place")]
        indexes = [models.Index(fields=["village", "-id"], name="standing_notice_village")]

    def __str__(self) -> str:
        return f"{self.village_id}-{self.month:%Y-%m}"
