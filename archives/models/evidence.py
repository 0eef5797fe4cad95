"""证据册: who asked for all evidence of a case, for what, and who let it go (隐私, 6.3)."""

from django.db import models
from django.db.models import F, Q

from cases.models import Case
from yuquan_relief.kernel.models import Person


class EvidenceExport(models.Model):
    """One asking. Answered once: approved or refused by another person, or, where the post is to
    audit, by its own right. Taken as often as needed until `ends_on`; each time is on record."""

    no = models.CharField("编号", max_length=40, unique=True)
    case = models.ForeignKey(Case, models.PROTECT, related_name="evidence_exports")
    purpose = models.CharField("用途", max_length=200)
    recipient = models.CharField("交给谁", max_length=100)
    asked_on = models.DateField("申请日期")
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    by_right = models.BooleanField("依审计职责", default=False)
    answered_on = models.DateField("答复日期", null=True)
    answered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    refusal = models.CharField("不同意的理由", max_length=200, blank=True)
    ends_on = models.DateField("可取至", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "证据册"
        constraints = [
            models.CheckConstraint(
                condition=~Q(purpose="") & ~Q(recipient=""), name="export_with_purpose"
            ),
            models.CheckConstraint(
                condition=Q(answered_by=None) | Q(by_right=True) | ~Q(answered_by=F("asked_by")),
                name="export_let_go_by_another",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(answered_on__isnull=False, refusal=""),
                name="export_taken_when_approved",
            ),
        ]

    def __str__(self) -> str:
        return self.no

    @property
    def state_label(self) -> str:
        """Where it is, in words."""
        if self.answered_on is None:
            return "待批准"
        return "不同意" if self.refusal else "可以下载"
