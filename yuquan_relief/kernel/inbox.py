"""The inbox: what each app has to tell a post, found by query, gone when the thing is done."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from .actor import Actor
from .models import Reminder
from .roles import Reach

MOST = 100


@dataclass(frozen=True)
class Message:
    """One line. `must_act`: the post has to do something; otherwise it is for knowledge."""

    text: str
    hint: str
    url: str
    on: date
    must_act: bool


Source = Callable[[Actor, date], list[Message]]
SOURCES: list[Source] = []


def messages_for(actor: Actor, on: date) -> list[Message]:
    """What must be acted on, the nearest day first; then what is for knowledge, newest first."""
    found = [message for source in SOURCES for message in source(actor, on)]
    acts = sorted((m for m in found if m.must_act), key=lambda m: m.on)
    rest = sorted((m for m in found if not m.must_act), key=lambda m: m.on, reverse=True)
    return acts + rest


def reminders_of(actor: Actor, *kinds: str) -> QuerySet[Reminder]:
    """What the clock has told the actor's post about subjects of the kinds, latest rung last."""
    if actor.reach == Reach.NONE:
        return Reminder.objects.none()
    mine = Reminder.objects.filter(unit_id=actor.unit_id or 0, role_code=actor.role_code)
    return mine.filter(subject_kind__in=kinds).order_by("due_on", "id")
