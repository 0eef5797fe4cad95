"""Making the bank file out of the lines of a list: the same lines, the same bytes."""

from collections.abc import Iterator

from cases.rules.programmes import Programme
from funds.models import PayoutBatch, PayoutLine
from funds.rules import bank_file as form
from yuquan_relief.kernel.models import Unit

FIELDS = (
    "line_no",
    "holder",
    "id_no",
    "account",
    "bank",
    "amount_fen",
    "month",
    "village_name",
    "certificate_no",
    "kind",
)  # in the order of bank_file.Payment


def bank_file(batch: PayoutBatch) -> bytes:
    """The bytes for the bank: GB18030 CSV, lines in order (one statement for any number)."""
    office = Unit.objects.only("name").get(pk=batch.office_id)
    head = form.Head(
        batch_no=batch.no,
        count=batch.line_count,
        total_fen=batch.total_fen,
        office=office.name,
        item=Programme(batch.programme).label,
    )
    return b"".join(form.chunks(head, _payments(batch)))


def _payments(batch: PayoutBatch) -> Iterator[form.Payment]:
    lines = PayoutLine.objects.filter(batch=batch).order_by("line_no").values_list(*FIELDS)
    for line in lines.iterator(chunk_size=2000):
        yield form.Payment(*line)
