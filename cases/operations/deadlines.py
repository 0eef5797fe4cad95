"""Recomputing due dates when the calendar is entered: what moves, before and after."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from cases.models import Case
from cases.models.record import rules_of
from cases.operations.steps import due_of
from cases.rules.procedures import CLOCK_STATES
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.workdays import WorkCalendar


@dataclass(frozen=True)
class Move:
    """A due date that would change, or stop being provisional."""

    no: str
    before: date
    after: date
    was_provisional: bool
    is_provisional: bool


def moves(calendar: WorkCalendar) -> list[Move]:
    """Open cases whose due date under `calendar` differs from the one that stands."""
    found = []
    for case in Case.objects.filter(state__in=CLOCK_STATES).order_by("pk").iterator():
        due = due_of(case, rules_of(case, today()), calendar)
        assert case.due_on is not None
        if (due.on, due.is_provisional) != (case.due_on, case.due_is_provisional):
            found.append(
                Move(case.no, case.due_on, due.on, case.due_is_provisional, due.is_provisional)
            )
    return found


@transaction.atomic
def recompute(calendar: WorkCalendar, *, actor: Actor) -> int:
    """Every due date stands as `calendar` says; the chain keeps the old ones. How many moved."""
    found = moves(calendar)
    for move in found:
        case = Case.objects.select_for_update(of=("self",)).get(no=move.no)
        case.due_on, case.due_is_provisional = move.after, move.is_provisional
        case.version += 1
        case.save()
        record(
            "case",
            case.no,
            "recompute_due",
            actor=actor,
            unit_id=case.village_id,
            due_on=move.after,
            body={"was": str(move.before), "was_provisional": move.was_provisional},
        )
    return len(found)
