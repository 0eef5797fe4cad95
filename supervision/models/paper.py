"""What papers of supervision share: number, place, state. Only their roads move them."""

from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q

from supervision.rules.procedure import Procedure
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.models import Unit
from yuquan_relief.kernel.roles import Reach


class PaperQuerySet(models.QuerySet["Any"]):
    """Reads of papers."""

    def visible_to(self, actor: Actor) -> Any:
        """Those addressed to the actor's office, or of the district; a village sees none."""
        if actor.is_robot:
            return self.all()
        field = {Reach.OFFICE: "office_id", Reach.DISTRICT: "district_id"}.get(actor.reach)
        return self.filter(**{field: actor.unit_id}) if field else self.none()

    def open(self) -> Any:
        """Those with which something is still to be done."""
        return self.exclude(state__in=sorted(self.model.PROCEDURE.final))


class Paper(models.Model):
    """One paper. `office`: whom it is about; empty where it is the whole district."""

    PROCEDURE: Procedure

    no = models.CharField("编号", max_length=40, unique=True)
    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    office = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="+", verbose_name="镇、街道"
    )
    state = models.CharField("状态", max_length=10)
    round = models.PositiveSmallIntegerField("轮次", default=1)
    version = models.PositiveIntegerField("版本", default=0)
    opened_on = models.DateField("登记日期")
    due_on = models.DateField("期限", null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.no

    @property
    def state_label(self) -> str:
        """The state's name."""
        return self.PROCEDURE.states[self.state]

    @property
    def tone(self) -> str:
        """The state's colour."""
        return self.PROCEDURE.tones[self.state]

    @property
    def is_over(self) -> bool:
        """Whether nothing more is done with it."""
        return self.state in self.PROCEDURE.final


def district_of(actor: Actor) -> int:
    """The district of the actor's post; raises PermissionDenied for a post that has none."""
    found = actor.district_id or actor.unit_id
    if found is None:
        raise PermissionDenied(actor.name)
    return found


PaperT = TypeVar("PaperT", bound=Paper)


def known_states(procedure: Procedure) -> models.CheckConstraint:
    """The database knows the states of the table, and no other."""
    return models.CheckConstraint(
        condition=Q(state__in=list(procedure.states)), name=f"{procedure.subject}_known_state"
    )
