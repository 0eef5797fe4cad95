"""The bureau's page: whom to visit, what to look through again."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cases.reports.bureau import bureau_page
from cases.views.common import require
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.middleware import PersonRequest


@require_safe
def queue(request: PersonRequest) -> HttpResponse:
    """Families of kin that wait for a visit, and approvals that wait for the re-check."""
    require(request, "cases.bureau_check")
    page = {"page_title": "区局核查", "report": bureau_page(request.actor, today())}
    return render(request, "cases/bureau.html", page)
