"""What papers of money share: number, place, state. Only funds.operations.papers moves them."""

from typing import TypeVar

from django.db import models
from django.db.models import Q

from funds.rules.papers import PROCEDURES, Procedure
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.models import Unit
from yuquan_relief.kernel.roles import Reach


class Paper(models.Model):
    """One paper. `office` is empty where it is the whole district's."""

    SUBJECT = ""

    no = models.CharField("编号", max_length=40, unique=True)
    district = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    office = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    state = models.CharField("状态", max_length=10)
    state_since = models.DateField("进入本状态日期")
    version = models.PositiveIntegerField("版本", default=0)
    round = models.PositiveSmallIntegerField("轮次", default=1)
    opened_on = models.DateField("登记日期")
    due_on = models.DateField("期限", null=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.no

    @property
    def procedure(self) -> Procedure:
        """Its table of steps."""
        return PROCEDURES[self.SUBJECT]

    @property
    def state_label(self) -> str:
        """The state's name."""
        return self.procedure.states[self.state]

    @property
    def tone(self) -> str:
        """The state's colour."""
        return self.procedure.tones[self.state]

    @property
    def is_over(self) -> bool:
        """Whether nothing more is done with it."""
        return self.state in self.procedure.final


PaperT = TypeVar("PaperT", bound=Paper)


def visible(kind: type[PaperT], actor: Actor) -> models.QuerySet[PaperT]:
    """The papers of the kind that belong to the actor's office or district; a village sees none."""
    found = kind._default_manager.all()
    if actor.is_robot:
        return found
    field = {Reach.OFFICE: "office_id", Reach.DISTRICT: "district_id"}.get(actor.reach)
    return found.filter(**{field: actor.unit_id}) if field else found.none()


def known_states(subject: str, name: str) -> models.CheckConstraint:
    """The database knows the states of the table, and no other."""
    states = list(PROCEDURES[subject].states)
    return models.CheckConstraint(condition=Q(state__in=states), name=name)
