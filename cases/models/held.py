"""A leader's answer that was signed and takes effect in a few minutes; it may be recalled."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from yuquan_relief.kernel.models import Person, Post

from .case import Case


class HeldAnswer(models.Model):
    """What the leader answered, under which post, on what content (4(1).1).

    Nothing follows from it while it waits. It ends once: in effect, recalled, or fallen because
    the rules no longer allowed it; `note` says why. Only that end is ever written (by grant).
    """

    class State(models.TextChoices):
        """How it stands."""

        WAITING = "WAITING", "待生效"
        DONE = "DONE", "已生效"
        RECALLED = "RECALLED", "已取回"
        FELL = "FELL", "没有生效"

    case = models.ForeignKey(Case, models.PROTECT, related_name="held_answers")
    code = models.CharField("签批", max_length=40)
    ground = models.CharField("不予批准的情形", max_length=40, blank=True)
    opinion = models.CharField("意见", max_length=500, blank=True)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    post = models.ForeignKey(Post, models.PROTECT, related_name="+")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    address = models.CharField(max_length=45, blank=True)
    content_sha256 = models.CharField(max_length=64)
    proved_at = models.DateTimeField("核验身份时间")
    signed_on = models.DateField("签字日期")
    takes_effect_at = models.DateTimeField("生效时间")
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.WAITING)
    ended_at = models.DateTimeField("结束时间", null=True)
    note = models.CharField("说明", max_length=300, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "待生效的签批"
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(state="WAITING"), name="held_answer_one_waiting"
            ),
            models.CheckConstraint(
                condition=Q(state="WAITING", ended_at__isnull=True)
                | (~Q(state="WAITING") & Q(ended_at__isnull=False)),
                name="held_answer_ends_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["takes_effect_at"], name="held_answer_due", condition=Q(state="WAITING")
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.code} {self.state}"
