"""One household in benefit month by month, and what was paid too much (4(1).2, 11)."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cases.models import Benefit
from funds.models import Recovery
from funds.models.months import months_of
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.middleware import PersonRequest

from .common import require

MOST = 100


@require_safe
def benefit(request: PersonRequest, key: str) -> HttpResponse:
    """Each month: due, paid, the difference; and what is asked back."""
    require(request, "funds.view")
    found = Benefit.objects.visible_to(request.actor).select_related("household", "village")
    row = found.filter(key=key).first()
    if row is None:
        raise Http404
    page = {
        "page_title": f"{row.household.head_name}户逐月应发和已发",
        "benefit": row,
        "months": months_of(row, today().replace(day=1)),
        "recoveries": row.recoveries.order_by("-id"),
        "crumbs": [{"label": "资金发放", "url": "/pay/"}, {"label": row.household.head_name}],
    }
    return render(request, "funds/benefit.html", page)


@require_safe
def recoveries(request: PersonRequest) -> HttpResponse:
    """Everything that is asked back in the actor's scope, the latest first."""
    require(request, "funds.view")
    found = Recovery.objects.visible_to(request.actor).select_related(
        "benefit__household", "office"
    )
    rows = list(found.order_by("-id")[:MOST])
    page = {
        "page_title": "追缴",
        "rows": rows,
        "total_fen": sum(row.amount_fen for row in rows),
        "crumbs": [{"label": "资金发放", "url": "/pay/"}, {"label": "追缴"}],
    }
    return render(request, "funds/recoveries.html", page)
