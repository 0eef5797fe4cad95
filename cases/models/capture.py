"""扫码补传: a link by which a phone without a sign-in adds files to one slot, for ten minutes."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q

from yuquan_relief.kernel.models import Account, Post

LIFE = timedelta(minutes=10)
MOST_FILES = 20


class CaptureLink(models.Model):
    """One link: whose, for which slot of which draft or case. Only a digest of it is kept."""

    token_digest = models.CharField(max_length=64, unique=True)
    subject_kind = models.CharField(max_length=10, choices=[("draft", "草稿"), ("case", "案件")])
    subject_key = models.CharField(max_length=60)
    slot = models.CharField(max_length=40)
    title = models.CharField(max_length=100)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    post = models.ForeignKey(Post, models.PROTECT, related_name="+")
    made_at = models.DateTimeField("开始时间")
    files = models.PositiveSmallIntegerField("已传份数", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "扫码补传"
        constraints = [
            models.CheckConstraint(condition=Q(files__lte=MOST_FILES), name="capture_not_too_many")
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind}-{self.slot}"

    def is_over(self, at: datetime) -> bool:
        """Whether the ten minutes have passed."""
        return at >= self.made_at + LIFE
