"""Words of an act that do not belong into the chain of events, which everybody's copy carries."""

from django.db import models

from yuquan_relief.kernel.fields import SealedTextField


class Words(models.Model):
    """What was written with an act on a complaint or a case of accountability. Append-only; the
    event of the act says only that it is there."""

    event_seq = models.BigIntegerField("操作记录序号", unique=True)
    words = SealedTextField("内容")

    class Meta:
        verbose_name = verbose_name_plural = "另存的办理内容"

    def __str__(self) -> str:
        return str(self.event_seq)
