"""Work by kind, one page each: 收件, 入户任务, 民主评议, 待签评议."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cases.reports.queues import MOST, QUEUES, queue_rows
from cases.views.common import require
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.middleware import PersonRequest


@require_safe
def queue(request: PersonRequest, name: str) -> HttpResponse:
    """One queue of the actor's post."""
    kind = QUEUES[name]
    require(request, kind.capability)
    rows = queue_rows(name, request.actor, today())
    page = {"page_title": kind.title, "queue": kind, "rows": rows, "most": MOST}
    return render(request, "cases/queue.html", page)
