"""What reviews, changes and raised standards have to tell a post; gone when the thing is done."""

from datetime import date

from django.db.models import Exists, OuterRef

from cases.models import ChangeReport, Notice, Review, StandardRun
from cases.rules import reviews, standards
from cases.rules.months import next_month
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.inbox import SOURCES, Message, reminders_of
from yuquan_relief.kernel.roles import Reach

MOST = 30
# In each state, who can take it further: what the post would have to do.
ACTS_OF_STATE = {
    "OPEN": "cases.review",
    "TO_NOTICE": "cases.post_notice",
    "TO_DECIDE": "cases.decide",
    "TO_TELL": "cases.serve",
}


def reviews_to_do(actor: Actor, on: date) -> list[Message]:
    """Reviews that wait for an act of the post, the nearest first; a clerk visits first."""
    states = [state for state, right in ACTS_OF_STATE.items() if actor.can(right)]
    if actor.can("cases.report_change") and "OPEN" not in states:
        states.append("OPEN")
    if not states:
        return []
    hangs = Notice.objects.filter(review=OuterRef("pk"), round=OuterRef("round"))
    found = Review.objects.visible_to(actor).filter(state__in=states)
    found = found.exclude(Exists(hangs), state="TO_NOTICE")  # it ends by itself
    rows = found.select_related("benefit__household").order_by("due_on", "id")
    return [
        Message(
            f"{row.benefit.household.head_name}户复核{reviews.STATES[row.state]}"
            + ("，已超期" if row.due_on < on else ""),
            row.no,
            f"/adjustments/{row.no}/",
            row.due_on,
            must_act=True,
        )
        for row in rows[:MOST]
    ]


def reports_to_check(actor: Actor, on: date) -> list[Message]:
    """Changes that somebody else has registered and that wait for the second person."""
    if not actor.can("cases.review"):
        return []
    found = ChangeReport.objects.visible_to(actor).filter(state="OPEN")
    rows = found.exclude(recorded_by_id=actor.person_id).select_related("benefit__household")
    return [
        Message(
            f"{row.benefit.household.head_name}户报告变化待核实：{row.get_kind_display()}",
            row.benefit.key,
            "/changes/",
            row.reported_on,
            must_act=True,
        )
        for row in rows.order_by("id")[:MOST]
    ]


def runs_to_do(actor: Actor, on: date) -> list[Message]:
    """Raised standards that wait for the leader's signature or for the village's posting."""
    if actor.can("cases.decide"):
        found = StandardRun.objects.visible_to(actor).filter(state="TO_DECIDE")
    elif actor.reach == Reach.VILLAGE and actor.can("cases.post_notice"):
        here = StandardRun.objects.visible_to(actor).filter(
            state="TO_TELL", lines__village_id=actor.unit_id
        )
        found = here.exclude(tellings__village_id=actor.unit_id).distinct()
    else:
        return []
    return [
        Message(
            f"{run.get_programme_display()}提标{standards.STATES[run.state]}",
            run.no,
            f"/standards/{run.no}/",
            run.decided_on or run.opened_on,
            must_act=True,
        )
        for run in found.order_by("id")[:MOST]
    ]


def exits_that_end(actor: Actor, on: date) -> list[Message]:
    """渐退 that is paid for the last time this month or next: nothing else is needed (R51)."""
    if not actor.can("cases.serve"):
        return []
    month = on.replace(day=1)
    ends = Review.objects.visible_to(actor).filter(
        outcome="EXIT", state="ENDED", last_month__in=(month, next_month(month))
    )
    rows = ends.select_related("benefit__household").order_by("last_month", "id")
    return [
        Message(
            f"{row.benefit.household.head_name}户渐退到 {row.last_month:%Y-%m} 届满，"
            "届满后自动停发；仍有困难的，可以重新申请",
            row.no,
            f"/roster/{row.benefit.key}/",
            row.last_month or on,
            must_act=False,
        )
        for row in rows[:MOST]
    ]


def reviews_past(actor: Actor, on: date) -> list[Message]:
    """Reviews whose day is past, for leader and bureau, who were told of them (18(5))."""
    if actor.can("cases.review") or actor.reach == Reach.VILLAGE:
        return []  # they have them among what they must do
    late = Review.objects.open().filter(no=OuterRef("subject_key"), due_on__lt=on)
    told = reminders_of(actor, "review").filter(Exists(late), rule="review-1")
    return [
        Message(r.text, r.subject_key, f"/adjustments/{r.subject_key}/", r.due_on, must_act=False)
        for r in told[:MOST]
    ]


SOURCES += [reviews_past, reviews_to_do, reports_to_check, runs_to_do, exits_that_end]
