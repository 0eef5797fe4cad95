"""The outbox: a row for every intent. The broker only rings the bell."""

from django.db import models


class Job(models.Model):
    """Work that follows from an event, done once by a named listener.

    A worker claims it by a conditional UPDATE that moves `fence` on and sets `lease_until`; the
    effects and the mark of success are one transaction guarded by that fence. `parked_at`: since
    when it waits for a program that knows it (C26).
    """

    class State(models.TextChoices):
        WAITING = "WAITING", "等待"
        DONE = "DONE", "完成"
        FAILED = "FAILED", "失败"

    MAX_ATTEMPTS = 5

    listener = models.CharField("处理", max_length=60)
    key = models.CharField("唯一键", max_length=120)
    payload = models.JSONField("内容", default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    created_at = models.DateTimeField(auto_now_add=True)
    run_after = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True)
    done_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = "待办任务"
        constraints = [
            models.UniqueConstraint(fields=["listener", "key"], name="job_once"),
        ]
        indexes = [
            models.Index(
                fields=["run_after"], name="job_waiting", condition=models.Q(state="WAITING")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.listener} {self.key}"


class Reminder(models.Model):
    """A duty that the clock found and told somebody of, once for each (rule, subject, day due)."""

    rule = models.CharField(max_length=40)
    subject_kind = models.CharField(max_length=20)
    subject_key = models.CharField(max_length=60)
    due_on = models.DateField()
    unit_id = models.BigIntegerField()
    role_code = models.CharField(max_length=30)
    text = models.CharField(max_length=200)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "提醒"
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "subject_kind", "subject_key", "due_on", "role_code"],
                name="reminder_once",
            ),
        ]
        indexes = [models.Index(fields=["unit_id", "role_code"], name="reminder_owner")]

    def __str__(self) -> str:
        return self.text
