"""After a backup was restored: the bank has files that the database does not know (C27)."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction

from funds.models import PayoutBatch
from funds.models.handed_over import GONE, SettledHandOver, unaccounted_in, write_down
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.models import Event
from yuquan_relief.kernel.signing import Proof

from .batches import perform

SUBJECT = "hand_over"


def recognise(
    no: str, *, actor: Actor, on: date, proof: Proof, version: int | None = None
) -> Event:
    """The list, made again and signed again, counts as sent: its very bytes had gone to the bank.

    Nothing is handed over a second time. Raises Refused when the book does not have these bytes.
    """
    return perform(no, "recognise", actor=actor, on=on, proof=proof, version=version)


@transaction.atomic
def settle(file_sha256: str, *, note: str, actor: Actor, on: date) -> SettledHandOver:
    """The bureau has looked into a file that no list accounts for; lists may be made again.

    Raises Refused without a note, or when the file is not among those of the actor's district.
    """
    if not actor.can("funds.allocate") or actor.district_id is None:
        raise PermissionDenied("funds.allocate")
    found = next(
        (e for e in unaccounted_in(actor.district_id) if e.file_sha256 == file_sha256), None
    )
    if found is None:
        raise Refused("交接簿里没有这份待核对的银行文件，请刷新页面查看")
    if not note.strip():
        raise Refused("请写明核对的结果：银行是否已经支付，怎样处理")
    row = SettledHandOver.objects.create(
        district_id=actor.district_id,
        no=found.no,
        file_sha256=file_sha256,
        note=note.strip()[:300],
        settled_on=on,
        settled_by_id=actor.human_id,
    )
    record(
        SUBJECT,
        found.no,
        "settle",
        actor=actor,
        on=on,
        unit_id=actor.unit_id,
        note=row.note,
        body={"file_sha256": file_sha256, "total_fen": found.total_fen, "lines": found.lines},
    )
    return row


def complete_book() -> int:
    """Every list that has gone stands in the book; how many were missing."""
    gone = PayoutBatch.objects.filter(state__in=GONE).select_related("office").order_by("id")
    return sum(write_down(batch) for batch in gone)
