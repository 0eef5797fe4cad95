"""The ledger's balances, and the form with which the district gives money."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from funds import reports
from funds.forms import AllocationForm
from funds.operations import ledger as operations
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.middleware import PersonRequest

from .common import require


@require_http_methods(["GET", "HEAD", "POST"])
def ledger(request: PersonRequest) -> HttpResponse:
    """Balances by office, programme and source; the supervisor allocates."""
    require(request, "funds.view")
    if request.method != "POST":
        return _render(request)
    require(request, "funds.allocate")
    form = AllocationForm(request.POST, actor=request.actor)
    if not form.is_valid():
        return _render(request, form, status=422)
    try:
        made = operations.allocate(
            form.grant(), key=form.cleaned_data["key"], actor=request.actor, on=today()
        )
    except Refused as refused:
        messages.error(request, refused.reason)
        return _render(request, form, status=409)
    messages.success(request, f"已登记拨付 {reports.yuan(made.amount_fen)} 元")
    return redirect("funds")


def _render(
    request: PersonRequest, form: AllocationForm | None = None, *, status: int = 200
) -> HttpResponse:
    may = request.actor.can("funds.allocate")
    year = today().year
    page = {
        "page_title": f"{year}年资金台账",
        "year": year,
        "rows": reports.ledger(request.actor, year),
        "allocations": reports.allocations(request.actor, year),
        "form": form or (AllocationForm(actor=request.actor) if may else None),
        "crumbs": [{"label": "资金发放", "url": "/pay/"}, {"label": "资金台账"}],
    }
    return render(request, "funds/ledger.html", page, status=status)
