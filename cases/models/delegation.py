"""授权代签 (4(1).1): a leader who is away lets another leader of the office sign, for some days."""

from django.db import models
from django.db.models import F, Q

from cases.rules.programmes import CHOICES
from yuquan_relief.kernel.models import Person, Post, Unit


class Delegation(models.Model):
    """Who signs for whom, from one day to another, for which programmes, on what paper.

    The delegate holds `post` for those days, so that signatures name it; ending early ends the
    post. Nobody signs two stages of a case for that (kernel.signing).
    """

    office = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    giver = models.ForeignKey(Person, models.PROTECT, related_name="delegations_given")
    taker = models.ForeignKey(Person, models.PROTECT, related_name="delegations_taken")
    post = models.OneToOneField(Post, models.PROTECT, related_name="delegation")
    starts_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期")
    programmes = models.CharField("授权类别", max_length=200)  # codes, separated by spaces
    basis = models.CharField("书面依据", max_length=200)

    class Meta:
        verbose_name = verbose_name_plural = "授权代签"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on"))
                & ~Q(giver=F("taker"))
                & ~Q(basis="")
                & ~Q(programmes=""),
                name="delegation_complete",
            )
        ]

    def __str__(self) -> str:
        return f"{self.giver_id}-{self.taker_id}"

    @property
    def labels(self) -> list[str]:
        """Names of the programmes."""
        names = dict(CHOICES)
        return [names[code] for code in self.programmes.split()]
