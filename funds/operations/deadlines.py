"""When the calendar is entered: the day by which a list must be in the accounts follows it."""

from collections.abc import Iterator

from funds.models import PayoutBatch
from funds.models.facts import SUBJECT
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.calendar_effects import EFFECTS, Effect, Move
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.rulebook_values import Rules, rules
from yuquan_relief.kernel.workdays import WorkCalendar

from .building import pay_by_of


def _pairs(calendar: WorkCalendar) -> Iterator[tuple[PayoutBatch, Move]]:
    known: dict[object, Rules] = {}
    for batch in PayoutBatch.objects.open().order_by("pk"):
        if batch.opened_on not in known:
            known[batch.opened_on] = rules(batch.opened_on)
        on, is_provisional = pay_by_of(batch, known[batch.opened_on], calendar)
        move = Move(
            "发放到户期限",
            batch.no,
            batch.pay_by,
            on,
            batch.pay_by_is_provisional,
            is_provisional,
        )
        if not move.is_none:
            yield batch, move


def hold() -> None:
    """Nobody else moves an open list until the transaction ends."""
    list(
        PayoutBatch.objects.open().order_by("pk").select_for_update(of=("self",)).values_list("pk")
    )


def moves(calendar: WorkCalendar) -> list[Move]:
    """Lists whose last day would be another."""
    return [move for _, move in _pairs(calendar)]


def recompute(calendar: WorkCalendar, actor: Actor) -> int:
    """Every open list has the last day that `calendar` gives; how many moved."""
    hold()
    found = list(_pairs(calendar))
    for batch, move in found:
        batch.pay_by, batch.pay_by_is_provisional = move.after, move.is_provisional
        batch.save(update_fields=["pay_by", "pay_by_is_provisional"])
    for batch, move in found:
        record(
            SUBJECT,
            batch.no,
            "recompute_due",
            actor=actor,
            unit_id=batch.office_id,
            due_on=move.after,
            note=f"{move.what} {move.before} 改为 {move.after}",
            body={"was": str(move.before), "was_provisional": move.was_provisional},
        )
    return len(found)


EFFECTS["funds"] = Effect(hold, moves, recompute)
