"""What lists have to tell a post: the 10th comes nearer and the list is not settled."""

from datetime import date

from django.db.models import Exists, OuterRef

from funds.models import PayoutBatch
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.inbox import MOST, SOURCES, Message, reminders_of


def deadlines(actor: Actor, on: date) -> list[Message]:
    """The latest rung for each list that is not settled."""
    batches = PayoutBatch.objects.open().filter(no=OuterRef("subject_key"))
    latest = {r.subject_key: r for r in reminders_of(actor, "payout").filter(Exists(batches))}
    where = {
        b.no: f"/pay/{b.month:%Y-%m}/{b.office.code}/{b.slug}/"
        for b in PayoutBatch.objects.filter(no__in=latest).select_related("office")
    }
    return [
        Message(r.text, r.subject_key, where[r.subject_key], r.due_on, must_act=True)
        for r in list(latest.values())[:MOST]
    ]


SOURCES.append(deadlines)
