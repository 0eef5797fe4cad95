"""A draft of an application: answers as typed, without validation."""

from django.db import models

from cases.rules.programmes import CHOICES
from yuquan_relief.kernel.fields import SealedJSONField
from yuquan_relief.kernel.models import Person, Unit

from .chain import PARTS, HouseholdChange


class Draft(models.Model):
    """What a clerk has typed so far. `answers`: field name → text; `versions`: name → number.

    JSON on purpose: nothing here is queried, and at submission it becomes rows. The answers stand
    sealed, as they do in the rows, and are emptied with the submission or with the bin.
    """

    key = models.CharField("草稿编号", max_length=20, unique=True)
    programme = models.CharField("事项", max_length=20, choices=CHOICES)
    village = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    owner = models.ForeignKey(Person, models.PROTECT, related_name="+")
    answers = SealedJSONField(default=dict)
    versions = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    saved_at = models.DateTimeField(auto_now=True)
    discarded_at = models.DateTimeField(null=True)
    change = models.ForeignKey(
        HouseholdChange, models.PROTECT, null=True, related_name="drafts", verbose_name="接续"
    )
    part = models.CharField("接续的部分", max_length=4, choices=PARTS, blank=True)
    case_no = models.CharField("案件编号", max_length=40, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "草稿"

    def __str__(self) -> str:
        return self.key

    @property
    def version(self) -> int:
        """The number of the latest change."""
        return max((int(v) for v in self.versions.values()), default=0)
