"""Where an actor sees: rows of the village, office or district of the post."""

from django.db.models import Q

from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.roles import Reach


def scope_of(actor: Actor) -> Q:
    """Rows of the village, office or district of the actor's post."""
    if actor.is_robot:
        return Q()
    field = {Reach.VILLAGE: "village", Reach.OFFICE: "office", Reach.DISTRICT: "district"}
    if actor.reach == Reach.NONE:
        return Q(pk__in=[])
    return Q(**{f"{field[actor.reach]}_id": actor.unit_id})
