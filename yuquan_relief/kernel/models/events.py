"""Events: the append-only, hash-chained spine. Written only by the SQL function event_append."""

from datetime import date

from django.db import models


class EventQuerySet(models.QuerySet["Event"]):
    """Reads of the chain."""

    def of(self, kind: str, key: str) -> "EventQuerySet":
        """Events about one thing, newest first."""
        return self.filter(subject_kind=kind, subject_key=key).order_by("-seq")

    def between(self, first: date, last: date) -> "EventQuerySet":
        """Events whose official day lies in [first, last]."""
        return self.filter(on_day__range=(first, last))


class Event(models.Model):
    """One thing that happened. `canon` is the very text that was hashed; columns repeat it.

    hash = SHA-256(prev ‖ canon). The actor is copied as text: a later change of post or name
    must not change who acted then.
    """

    seq = models.BigIntegerField("序号", primary_key=True)
    at = models.DateTimeField("时间")
    on_day = models.DateField("业务日期")
    person_id = models.BigIntegerField("人员", null=True)
    account_id = models.BigIntegerField("账号", null=True)
    actor_name = models.CharField("姓名", max_length=100)
    actor_post = models.CharField("职务", max_length=60)
    actor_unit = models.CharField("单位", max_length=60)
    address = models.CharField("地址", max_length=45, blank=True)
    request_id = models.CharField("请求", max_length=36, blank=True)
    subject_kind = models.CharField("对象类别", max_length=20)
    subject_key = models.CharField("对象编号", max_length=60)
    unit_id = models.BigIntegerField("所属单位", null=True)
    action = models.CharField("动作", max_length=40)
    before = models.CharField("之前", max_length=20, blank=True)
    after = models.CharField("之后", max_length=20, blank=True)
    due_on = models.DateField("到期日", null=True)
    note = models.TextField("说明", blank=True)
    body = models.JSONField("内容")
    alg = models.CharField("算法", max_length=10)
    canon = models.TextField("原文")
    prev = models.BinaryField("前一条摘要")
    hash = models.BinaryField("摘要")

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "事件"
        indexes = [
            models.Index(fields=["subject_kind", "subject_key", "-seq"], name="event_subject"),
            models.Index(fields=["action", "on_day"], name="event_action_day"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.action}"


class Checkpoint(models.Model):
    """The head of the chain on a day, to be kept by someone else too."""

    seq = models.BigIntegerField("序号")
    hash = models.BinaryField("摘要")
    at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "检查点"

    def __str__(self) -> str:
        return f"{self.seq}"
