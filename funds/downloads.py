"""Handing out the bank file, for the pages and for the interface."""

from django.http import HttpResponse

from funds import faults
from funds.models import PayoutBatch
from funds.models.handed_over import write_down
from funds.operations.bank_files import template_of
from funds.rules.bank_file import Template
from yuquan_relief.kernel import file_store
from yuquan_relief.kernel.errors import Refused


def file_answer(batch: PayoutBatch) -> HttpResponse:
    """The signed bytes as a download; raises Refused when the store does not have them any more."""
    if not file_store.is_sound(batch.file_sha256):
        raise Refused("银行文件缺失或与签批的摘要不符，请联系系统管理员", code="file_lost")
    write_down(batch)  # no byte leaves before the book has it
    faults.point("funds.hand_over.book_written")
    template = template_of(batch)
    headers = {
        "Content-Disposition": f'attachment; filename="{batch.no}.{template.extension}"',
        "X-Content-Type-Options": "nosniff",
        "X-Content-SHA256": batch.file_sha256,
        "Cache-Control": "private, no-store",
    }
    content = file_store.read(batch.file_sha256)
    return HttpResponse(content, content_type=_content_type(template), headers=headers)


def _content_type(template: Template) -> str:
    if template.layout == "xlsx":
        return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    kind = "csv" if template.layout == "csv" else "plain"
    return f"text/{kind}; charset={template.encoding}"
