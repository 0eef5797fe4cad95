"""Who looked at whom: a row for each page of a person that somebody opened (隐私, 6.3)."""

from django.db import models


class Look(models.Model):
    """One look. Append-only by trigger; the same look within half an hour is one row.

    Names are those of then, as in events. No foreign keys: the row outlives what it tells of.
    """

    at = models.DateTimeField("时间", db_index=True)
    person_id = models.BigIntegerField(null=True)
    account_id = models.BigIntegerField(null=True)
    name = models.CharField("人员", max_length=50)
    post = models.CharField("职务", max_length=50)
    unit = models.CharField("单位", max_length=100)
    address = models.CharField("来源地址", max_length=45)
    request_id = models.CharField(max_length=40)
    kind = models.CharField(max_length=20)
    key = models.CharField("对象", max_length=80)
    what = models.CharField("看了什么", max_length=30)

    class Meta:
        verbose_name = verbose_name_plural = "查看痕迹"
        indexes = [
            models.Index(fields=["kind", "key", "-at"], name="look_of"),
            models.Index(fields=["person_id", "-at"], name="look_by"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.kind} {self.key}"
