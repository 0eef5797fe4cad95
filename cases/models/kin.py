"""近亲属备案 (F28): relatives of those who handle cases, and of village cadres. Append-only."""

from collections.abc import Sequence
from datetime import date

from django.db import connection, models
from django.db.models import Q

from cases.rules.kin import RELATIONS
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.fields import SealedTextField
from yuquan_relief.kernel.models import Person, Unit

from .scope import scope_of


class StaffRelativeQuerySet(models.QuerySet["StaffRelative"]):
    """Reads of the register."""

    def visible_to(self, actor: Actor) -> "StaffRelativeQuerySet":
        """Entries of the actor's village, office or district."""
        return self.filter(scope_of(actor))


class StaffRelative(models.Model):
    """Somebody in office has a relative (N1 第十一条). The number stands sealed.

    A row is never changed: when the relation or the number was wrong, a row that withdraws it is
    added, with its reason.
    """

    staff = models.ForeignKey(Person, models.PROTECT, related_name="relatives")
    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    office = models.ForeignKey(Unit, models.PROTECT, related_name="+", null=True)
    village = models.ForeignKey(Unit, models.PROTECT, related_name="+", null=True)
    name = models.CharField("姓名", max_length=100)
    relation = models.CharField("是备案人的", max_length=20, choices=list(RELATIONS.items()))
    id_no = SealedTextField("身份证号")
    id_digest = models.CharField(max_length=64, db_index=True)
    id_tail = models.CharField(max_length=4)
    declared_on = models.DateField("备案日期")
    withdraws = models.OneToOneField("self", models.PROTECT, null=True, related_name="withdrawn_by")
    reason = models.CharField("撤销理由", max_length=200, blank=True)
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+")

    objects = StaffRelativeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "近亲属备案"
        constraints = [
            models.CheckConstraint(
                condition=Q(withdraws__isnull=True) | ~Q(reason=""),
                name="relative_withdrawn_with_reason",
            )
        ]

    def __str__(self) -> str:
        return f"{self.staff_id}-{self.pk}"


RELATED = """
SELECT DISTINCT r.id_digest
  FROM cases_staffrelative r
  JOIN kernel_post o ON o.person_id = r.staff_id
   AND o.starts_on <= %(on)s AND coalesce(o.ends_on, %(on)s) >= %(on)s
 WHERE r.id_digest = ANY(%(people)s) AND r.withdraws_id IS NULL
   AND NOT EXISTS (SELECT FROM cases_staffrelative w WHERE w.withdraws_id = r.id)
"""


def related(digests: Sequence[str], on: date) -> set[str]:
    """Which of these people are registered relatives of somebody in post on the day."""
    with connection.cursor() as cursor:
        cursor.execute(RELATED, {"people": list(digests), "on": on})
        return {found for (found,) in cursor.fetchall()}
