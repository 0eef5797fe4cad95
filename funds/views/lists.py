"""Lists beside the month's, and what came back and waits to be sent again."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.rules.months import next_month
from funds import book_reports
from funds.models import PayoutLine
from funds.operations import building, returns
from funds.operations.batches import require as require_step
from funds.paper_forms import GiveUpForm, OrderForm
from funds.rules.batches import STEPS
from funds.rules.lists import LIST_KINDS, NORMAL
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.middleware import PersonRequest

from .common import batch_url, render_batch, require, visible_batch


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: PersonRequest, month: date) -> HttpResponse:
    """A list beside the month's is ordered: what it pays, of which programme."""
    require_step(STEPS["open"], request.actor)
    on = today()
    if month != on.replace(day=1):
        return redirect("pay_new", on.replace(day=1))
    form, status = OrderForm(request.POST or None, actor=request.actor), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            order = form.order(on.replace(day=1), next_month(on))
            try:
                batch = building.open_list(
                    request.actor.unit_id or 0, order, actor=request.actor, on=on
                )
            except Refused as refused:
                form.add_error(None, refused.reason)
                status = 409
            else:
                messages.success(request, f"名单已生成：{batch.line_count} 笔")
                return redirect(batch_url(batch))
    page = {
        "page_title": "另开名单",
        "form": form,
        "kinds": [k for code, k in LIST_KINDS.items() if code != NORMAL],
        "crumbs": [
            {"label": "资金发放", "url": reverse("pay_month", kwargs={"month": month})},
            {"label": "另开名单"},
        ],
    }
    return render(request, "funds/new_list.html", page, status=status)


@require_safe
def returned(request: PersonRequest) -> HttpResponse:
    """退回待重发: whose money came back, why, since when, and where it is on its way (R62)."""
    require(request, "funds.view")
    rows = book_reports.returned(request.actor, today())
    page = {
        "page_title": "退回待重发",
        "rows": rows,
        "total_fen": sum(row.line.amount_fen for row in rows),
        "late": sum(row.is_late for row in rows),
        "may_order": request.actor.can(STEPS["open"].capability),
        "new_url": reverse("pay_new", kwargs={"month": today().replace(day=1)}),
        "crumbs": [{"label": "资金发放", "url": "/pay/"}, {"label": "退回待重发"}],
    }
    return render(request, "funds/returns.html", page)


@require_POST
def give_up(
    request: PersonRequest, month: date, office_code: str, programme: str, line_no: int
) -> HttpResponse:
    """What came back is not sent again: the leader decides, with the reason."""
    batch = visible_batch(request, month, office_code, programme)
    require_step(STEPS["give_up"], request.actor)
    code = f"line-{line_no}"
    form = GiveUpForm(_with_line(request, line_no), auto_id=f"{code}_%s")
    if not form.is_valid():
        return render_batch(request, batch, form=form, code=code, status=422)
    note: Any = form.cleaned_data["note"]
    try:
        returns.give_up(batch.no, line_no, note=note, actor=request.actor, on=today())
    except PayoutLine.DoesNotExist:
        raise Http404 from None
    except Refused as refused:
        form.add_error(None, refused.reason)
        return render_batch(request, batch, form=form, code=code, status=409)
    messages.success(request, "已登记不再重发，款项转回可用资金")
    return redirect(batch_url(batch))


def _with_line(request: PersonRequest, line_no: int) -> dict[str, Any]:
    return {"line": line_no, "note": request.POST.get("note", "")}
