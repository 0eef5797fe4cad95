"""What cases have to tell a post: deadlines of what it holds, and steps that others have taken."""

from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Subquery, Value
from django.db.models.functions import Concat

from cases.models import CareReport, Case, Deferral
from cases.models.limits import due_to_assess
from cases.rules.procedures import OPEN_STATES, PROCEDURES
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.calendars import work_calendar
from yuquan_relief.kernel.inbox import MOST, SOURCES, Message, reminders_of
from yuquan_relief.kernel.models import Attachment, Event

DAYS_TOLD = 30


def deadlines(actor: Actor, on: date) -> list[Message]:
    """The latest rung for each open case whose due date is still the one told."""
    running = Case.objects.open().filter(no=OuterRef("subject_key"), due_on=OuterRef("due_on"))
    latest = {
        r.subject_key: r
        for r in reminders_of(actor, "case").filter(Exists(running), rule__startswith="deadline")
    }
    return [
        Message(r.text, r.subject_key, f"/cases/{r.subject_key}/", r.due_on, must_act=True)
        for r in list(latest.values())[:MOST]
    ]


def deferred(actor: Actor, on: date) -> list[Message]:
    """Promised documents that are due and have not come, while the case is open."""
    there = Attachment.objects.filter(
        subject_kind="case",
        subject_key=OuterRef("case__no"),
        slot=OuterRef("slot"),
        withdrawn_at__isnull=True,
    )
    due = (
        Deferral.objects.filter(
            case__no=OuterRef("subject_key"),
            case__state__in=OPEN_STATES,
            promised_on=OuterRef("due_on"),
        )
        .annotate(rule=Concat(Value("deferral-"), "slot"))
        .filter(rule=OuterRef("rule"))
    )
    reminders = reminders_of(actor, "case").filter(
        Exists(due.exclude(Exists(there))), rule__startswith="deferral-"
    )
    return [
        Message(r.text, r.subject_key, f"/cases/{r.subject_key}/evidence/", r.due_on, must_act=True)
        for r in reminders[:MOST]
    ]


def care_to_assess(actor: Actor, on: date) -> list[Message]:
    """Reported changes of self-care that wait to be assessed (N3 第二十三条)."""
    if not actor.can("cases.investigate"):
        return []
    waiting = CareReport.objects.filter(
        answer__isnull=True, case__in=Case.objects.visible_to(actor)
    ).select_related("case")
    calendar = work_calendar()
    found = []
    for report in waiting.order_by("reported_on", "pk")[:MOST]:
        due = due_to_assess(report, calendar)
        about = "（估算）" if due.is_provisional else ""
        text = f"自理能力变化，{due.on}{about} 前重新评估"
        url = f"/cases/{report.case.no}/reassess_self_care/"
        found.append(Message(text, report.case.no, url, due.on, must_act=True))
    return found


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


SOURCES += [deadlines, deferred, care_to_assess, told]
