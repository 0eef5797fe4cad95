"""What the bank sent back: sent again by a list of its own, or given up when nobody is owed it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from funds.models import GivenUpReturn, PayoutBatch, PayoutLine
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.inputs import money
from yuquan_relief.kernel.models import Event

from . import ledger
from .batches import perform


def give_up(no: str, line_no: int, *, note: str, actor: Actor, on: date) -> Event:
    """The returned line is not sent again; its money can be spent again, in its own year.

    For money that nobody is owed: who died before the month, or was paid by hand. The leader
    decides it, with the reason. Raises PayoutLine.DoesNotExist for a line of another list.
    """

    def write(batch: PayoutBatch) -> Mapping[str, Any]:
        line = PayoutLine.objects.select_for_update(of=("self",)).get(batch=batch, line_no=line_no)
        if reason := why_not_given_up(line):
            raise Refused(reason)
        GivenUpReturn.objects.create(
            line=line, reason=note.strip()[:300], decided_on=on, decided_by_id=actor.human_id
        )
        text = f"不再重发 {batch.no} 第 {line_no} 笔"
        group = ledger.release(batch, line.amount_fen, on=on, note=text)
        return {"line": line_no, "amount_fen": line.amount_fen, "ledger_group": group.pk}

    return perform(no, "give_up", actor=actor, on=on, note=note, write=write)


def why_not_given_up(line: PayoutLine) -> str:
    """Why a line cannot be given up now; "" if it can."""
    if line.state != "RETURNED":
        return "只有银行退回的才能不再重发"
    if GivenUpReturn.objects.filter(line=line).exists():
        return "这一笔已经登记不再重发"
    if again := PayoutLine.objects.filter(reissues=line).select_related("batch").first():
        return f"这一笔已经列入重发名单 {again.batch.no}，共 {money.show(line.amount_fen)} 元"
    return ""


def chain_of(line: PayoutLine) -> list[PayoutLine]:
    """The line with everything that it was sent as before and after, oldest first (C18)."""
    first = line
    while first.reissues_id:
        first = PayoutLine.objects.select_related("batch__office").get(pk=first.reissues_id)
    found = [first]
    while (
        later := PayoutLine.objects.select_related("batch__office")
        .filter(reissues=found[-1])
        .first()
    ):
        found.append(later)
    return found
