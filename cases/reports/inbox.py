"""What cases have to tell a post: deadlines of what it holds, and steps that others have taken."""

from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Subquery

from cases.models import Case
from cases.rules.procedures import PROCEDURES
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
    labels = {
        (programme, step.code): step.label
        for programme, steps in PROCEDURES.items()
        for step in steps.values()
        if actor.role_code in step.tells
    }
    if not labels:
        return []
    mine = Case.objects.visible_to(actor).filter(no=OuterRef("subject_key"))
    if actor.can("cases.decide_large"):
        mine = mine.filter(above_office=True)
    there = mine.filter(state=OuterRef("after"))
    events = Event.objects.filter(
        Exists(there),
        subject_kind="case",
        action__in={code for _, code in labels},
        on_day__gte=on - timedelta(days=DAYS_TOLD),
    ).annotate(programme=Subquery(mine.values("programme")[:1]))
    rows = events.order_by("-seq").values_list(
        "programme", "action", "actor_unit", "actor_name", "subject_key", "on_day"
    )
    return [
        Message(
            f"{labels[programme, action]}　{unit}{name}",
            no,
            f"/cases/{no}/",
            day,
            must_act=False,
        )
        for programme, action, unit, name, no, day in rows[:MOST]
        if (programme, action) in labels
    ]


SOURCES += [deadlines, told]
