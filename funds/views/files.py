"""The bank file for those who signed for it, and the voucher as a sheet."""

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from funds import reports
from funds.downloads import file_answer
from funds.operations.batches import require as require_step
from funds.rules.batches import STEPS
from yuquan_relief.kernel.clock import now
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.inputs import money
from yuquan_relief.kernel.middleware import PersonRequest

from .common import batch_url, render_batch, visible_batch


@require_safe
def bank_file(
    request: PersonRequest, month: date, office_code: str, programme: str
) -> HttpResponse:
    """The very bytes that the leader signed, to a person who has just signed for taking them."""
    batch = visible_batch(request, month, office_code, programme)
    require_step(STEPS["take_file"], request.actor)
    if not reports.may_download(batch, request.actor, now()):
        messages.error(request, "请先办理“领取银行文件”，领取后 15 分钟内可以下载")
        return render_batch(request, batch, status=409)
    try:
        return file_answer(batch)
    except Refused as refused:
        messages.error(request, refused.reason)
        return render_batch(request, batch, status=409)


@require_safe
def voucher(request: PersonRequest, month: date, office_code: str, programme: str) -> HttpResponse:
    """支付凭证 of the list, for printing (15)."""
    batch = visible_batch(request, month, office_code, programme)
    vouchers = list(batch.vouchers.order_by("id"))
    if not vouchers:
        raise Http404
    page = {
        "page_title": f"支付凭证 {batch.no}",
        "back_url": batch_url(batch),
        "batch": batch,
        "vouchers": vouchers,
        "paid_capital": money.capital(batch.paid_fen),
        "signatures": reports.opinions(batch),
    }
    return render(request, "funds/voucher.html", page)
