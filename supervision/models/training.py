"""培训: who was trained on what, and what they knew afterwards (5(6))."""

from datetime import date

from django.db import models
from django.db.models import Q

from yuquan_relief.kernel.models import Person, Unit


class Course(models.Model):
    """One course. `questions`: [{text, options, right}]; right: the index of an option."""

    no = models.CharField("编号", max_length=40, unique=True)
    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    title = models.CharField("课程", max_length=100)
    topic = models.CharField("内容", max_length=500)
    held_on = models.DateField("培训日期")
    hours = models.PositiveSmallIntegerField("学时")
    trainer = models.CharField("授课人", max_length=60)
    place = models.CharField("地点", max_length=100)
    questions = models.JSONField("试题", default=list)
    pass_percent = models.PositiveSmallIntegerField("合格线", default=60)
    opened_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "培训课程"
        constraints = [
            models.CheckConstraint(
                condition=Q(pass_percent__gte=1, pass_percent__lte=100, hours__gte=1),
                name="course_numbers",
            )
        ]

    def __str__(self) -> str:
        return self.no

    def is_over(self, on: date) -> bool:
        """Whether it was held."""
        return self.held_on <= on


class Attendance(models.Model):
    """Somebody is called to a course; was there; answered the quiz so well."""

    course = models.ForeignKey(Course, models.PROTECT, related_name="attendances")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    signed_in_at = models.DateTimeField("签到时间", null=True)
    answers = models.JSONField("答卷", default=list)
    score = models.PositiveSmallIntegerField("得分", null=True)
    answered_at = models.DateTimeField("交卷时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "培训签到"
        constraints = [
            models.UniqueConstraint(fields=["course", "person"], name="attendance_once"),
            models.CheckConstraint(
                condition=Q(score=None, answered_at=None)
                | Q(score__lte=100, answered_at__isnull=False, signed_in_at__isnull=False),
                name="attendance_quiz_after_signing_in",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.course_id} {self.person_id}"
