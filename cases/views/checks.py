"""The verification centre's queue."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cases.models import Case, MeansCheck
from cases.views.common import require
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.middleware import PersonRequest


@require_safe
def queue(request: PersonRequest) -> HttpResponse:
    """Requests that wait, the oldest first, and the latest that were returned."""
    require(request, "cases.return_means_check")
    mine = MeansCheck.objects.filter(
        case__in=Case.objects.visible_to(request.actor)
    ).select_related("case__household", "case__village", "case__office")
    page = {
        "page_title": "核对队列",
        "waiting": [
            (check, (today() - check.requested_on).days)
            for check in mine.filter(returned_on__isnull=True).order_by("requested_on", "id")[:100]
        ],
        "returned": mine.filter(returned_on__isnull=False).order_by("-returned_on", "-id")[:20],
    }
    return render(request, "cases/checks.html", page)
