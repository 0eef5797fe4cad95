"""One household in benefit month by month, and what was paid too much (4(1).2, 11)."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cases.models import Benefit
from funds.models.months import months_of
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.middleware import PersonRequest

from .common import require


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
