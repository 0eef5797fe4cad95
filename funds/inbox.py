"""What lists have to tell a post: the 10th comes nearer and the list is not settled."""

from datetime import date

from django.db.models import Exists, OuterRef

from funds.models import PayoutBatch, PayoutLine
from funds.models.handed_over import unaccounted_in
from funds.models.paper import visible
from funds.operations.papers import MODELS
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


def papers(actor: Actor, on: date) -> list[Message]:
    """The latest rung for each paper of money that is not over."""
    latest = {r.subject_key: r for r in reminders_of(actor, *MODELS)}
    found: list[Message] = []
    for subject in sorted({r.subject_kind for r in latest.values()}):
        kind = MODELS[subject]
        waiting = visible(kind, actor).exclude(state__in=kind().procedure.final)
        for no in waiting.filter(no__in=latest).values_list("no", flat=True)[:MOST]:
            told = latest[no]
            found.append(Message(told.text, no, f"/funds/papers/{no}/", told.due_on, True))
    return found


def returns(actor: Actor, on: date) -> list[Message]:
    """Lists of which something came back and waits to be sent again."""
    waiting = PayoutLine.objects.filter(
        batch__no=OuterRef("subject_key"), state="RETURNED", reissued_as=None, given_up=None
    )
    latest = {r.subject_key: r for r in reminders_of(actor, "returns").filter(Exists(waiting))}
    return [
        Message(r.text, r.subject_key, "/pay/returns/", r.due_on, must_act=True)
        for r in list(latest.values())[:MOST]
    ]


def restored(actor: Actor, on: date) -> list[Message]:
    """Bank files that have gone and that no list accounts for: a backup was restored (C27)."""
    if not actor.can("funds.allocate"):
        return []
    return [
        Message(
            f"名单 {entry.no} 已经报送银行，系统里没有记录，请核对", entry.no, "/funds/books/",
            date.fromisoformat(entry.on), must_act=True,
        )
        for entry in unaccounted_in(actor.district_id)[:MOST]
    ]  # fmt: skip


SOURCES += [restored, deadlines, papers, returns]
