"""The bank file: made out of the lines of a list, and handed out as it was signed."""

from collections.abc import Iterator

from django.http import HttpResponse

from cases.rules.programmes import Programme
from funds.models import PayoutBatch, PayoutLine
from funds.rules import bank_file as form
from yuquan_relief.kernel import file_store
from yuquan_relief.kernel.errors import Refused
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


def file_answer(batch: PayoutBatch) -> HttpResponse:
    """The signed bytes as a download; raises Refused when the store does not have them any more."""
    if not file_store.is_sound(batch.file_sha256):
        raise Refused("银行文件缺失或与签批的摘要不符，请联系系统管理员", code="file_lost")
    headers = {
        "Content-Disposition": f'attachment; filename="{batch.no}.csv"',
        "X-Content-Type-Options": "nosniff",
        "X-Content-SHA256": batch.file_sha256,
        "Cache-Control": "private, no-store",
    }
    content = file_store.read(batch.file_sha256)
    return HttpResponse(content, content_type="text/csv; charset=gb18030", headers=headers)


def _payments(batch: PayoutBatch) -> Iterator[form.Payment]:
    lines = PayoutLine.objects.filter(batch=batch).order_by("line_no").values_list(*FIELDS)
    for line in lines.iterator(chunk_size=2000):
        yield form.Payment(*line)
