"""Signatures: person, post, exact content, statement, fresh re-authentication, server time."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models

from .people import Person


class Signature(models.Model):
    """谁签字，谁负责 (4(1).1). Append-only. `content` is the exact text that was signed.

    hash = SHA-256(prev ‖ head ‖ content), where head repeats the columns (kernel.signing).
    """

    subject_kind = models.CharField(max_length=20)
    subject_key = models.CharField(max_length=60)
    stage = models.CharField("环节", max_length=20)
    round = models.PositiveSmallIntegerField("轮次", default=1)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    name = models.CharField("姓名", max_length=100)
    post = models.CharField("职务", max_length=60)
    unit = models.CharField("单位", max_length=60)
    statement = models.CharField("声明", max_length=200)
    opinion = models.CharField("意见", max_length=500, blank=True)
    content = models.TextField("签字内容")
    content_sha256 = models.CharField(max_length=64)
    proved_at = models.DateTimeField("核验身份时间")
    signed_at = models.DateTimeField("签字时间")
    prev = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "签字"
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_key", "stage", "round", "person"],
                name="signature_once",
            ),
            # No person (not account) signs two stages of one case (blueprint 4).
            ExclusionConstraint(
                name="signature_one_stage_a_person",
                expressions=[
                    ("subject_kind", RangeOperators.EQUAL),
                    ("subject_key", RangeOperators.EQUAL),
                    ("person", RangeOperators.EQUAL),
                    ("stage", RangeOperators.NOT_EQUAL),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.stage}"
