"""Forms that were sent: the same one sent twice acts once."""

from django.db import models


class Once(models.Model):
    """What one form made, under a digest of its key and its words. Append-only by trigger."""

    key = models.CharField(max_length=64, primary_key=True)
    made = models.CharField("办成的", max_length=40)

    class Meta:
        verbose_name = verbose_name_plural = "已提交的表单"

    def __str__(self) -> str:
        return self.made
