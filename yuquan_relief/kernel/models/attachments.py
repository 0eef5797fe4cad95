"""Attachments: content under its hash; a row says whose it is and who may see it."""

from django.db import models

from yuquan_relief.kernel.fields import SealedTextField

from .people import Person
from .units import Unit


class Attachment(models.Model):
    """One file in one slot of one thing. The bytes stand in the store under `sha256`."""

    subject_kind = models.CharField("对象类别", max_length=20)
    subject_key = models.CharField("对象编号", max_length=60)
    slot = models.CharField("材料", max_length=40)
    title = models.CharField("题名", max_length=100)
    village = models.ForeignKey(Unit, models.PROTECT, related_name="+", null=True)
    office = models.ForeignKey(Unit, models.PROTECT, related_name="+", null=True)
    sha256 = models.CharField("摘要", max_length=64)
    size = models.PositiveBigIntegerField("字节")
    content_type = models.CharField("类型", max_length=60)
    view_sha256 = models.CharField("显示件摘要", max_length=64, blank=True)
    thumb_sha256 = models.CharField("缩略图摘要", max_length=64, blank=True)
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    taken_at = models.DateTimeField("拍摄时间", null=True)
    place = SealedTextField("拍摄位置", blank=True)  # "latitude,longitude,metres of error"
    uploaded_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField("上传时间", auto_now_add=True)
    withdrawn_at = models.DateTimeField("撤下时间", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "附件"
        indexes = [models.Index(fields=["subject_kind", "subject_key"], name="attachment_subject")]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_key", "slot", "sha256"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="attachment_once_in_slot",
            )
        ]

    def __str__(self) -> str:
        return self.title
