"""What cases have to tell a post: deadlines of what it holds, and steps that others have taken."""

from datetime import date, timedelta

from django.db.models import Exists, OuterRef

from cases.models import Case
from cases.rules.procedures import ALLOWANCE
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.inbox import MOST, SOURCES, Message, reminders_of
from yuquan_relief.kernel.models import Event

DAYS_TOLD = 30


def deadlines(actor: Actor, on: date) -> list[Message]:
    """The latest rung for each open case whose due date is still the one told."""
    running = Case.objects.open().filter(no=OuterRef("subject_key"), due_on=OuterRef("due_on"))
    latest = {r.subject_key: r for r in reminders_of(actor, "case").filter(Exists(running))}
    return [
        Message(r.text, r.subject_key, f"/cases/{r.subject_key}/", r.due_on, must_act=True)
        for r in list(latest.values())[:MOST]
    ]


def told(actor: Actor, on: date) -> list[Message]:
    """Steps of which the procedure tells the actor's post, while the case is where they led."""
    steps = {s.code: s for s in ALLOWANCE if actor.role_code in s.tells}
    if not steps:
        return []
    there = Case.objects.visible_to(actor).filter(
        no=OuterRef("subject_key"), state=OuterRef("after")
    )
    events = Event.objects.filter(
        Exists(there),
        subject_kind="case",
        action__in=list(steps),
        on_day__gte=on - timedelta(days=DAYS_TOLD),
    )
    return [
        Message(
            f"{steps[e.action].label}　{e.actor_unit}{e.actor_name}",
            e.subject_key,
            f"/cases/{e.subject_key}/",
            e.on_day,
            must_act=False,
        )
        for e in events.order_by("-seq")[:MOST]
    ]


SOURCES += [deadlines, told]
