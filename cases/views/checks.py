"""The verification centre's queue."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from cases.models import Case, MeansCheck
from cases.operations import exchange
from cases.rules.exchange import HEAD, ITEM, RowError
from cases.views.common import csv_file, require
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.spreadsheets import MOST_BYTES, Unreadable

SHOWN = 100


@require_safe
def queue(request: PersonRequest) -> HttpResponse:
    """Requests that wait, the oldest first, and the latest that were returned."""
    require(request, "cases.return_means_check")
    if request.GET.get("as") == "template":
        return csv_file("核对报告模板.csv", [[*HEAD, *ITEM]])
    return _page(request)


@require_POST
def export(request: PersonRequest) -> HttpResponse:
    """Everybody who is asked about, as a table for the platform; it is recorded who took it."""
    require(request, "cases.return_means_check")
    rows = exchange.requested_rows(actor=request.actor, on=today())
    return csv_file(f"核对委托{today():%Y%m%d}.csv", rows)


@require_POST
def take_in(request: PersonRequest) -> HttpResponse:
    """Reports by file: all of them or none, with every line that must be mended."""
    require(request, "cases.return_means_check")
    file = request.FILES.get("file")
    if file is None:
        return _page(request, error="请选择核对报告文件", status=422)
    if (file.size or 0) > MOST_BYTES:
        most = MOST_BYTES // 1024 // 1024
        return _page(request, error=f"文件超过 {most} MB，请分成几个文件", status=422)
    try:
        done = exchange.import_reports(
            file.read(), name=file.name or "报告", actor=request.actor, on=today()
        )
    except exchange.WrongRows as wrong:
        return _page(request, error=wrong.reason, wrong=wrong.errors, status=422)
    except Unreadable as refused:
        return _page(request, error=refused.reason, status=415)
    words = f"已导入 {done.returned} 份核对报告"
    messages.success(
        request, words + (f"，{done.unchanged} 份以前已导入" if done.unchanged else "")
    )
    return redirect("/checks/")


def _page(
    request: PersonRequest, *, error: str = "", wrong: Sequence[RowError] = (), status: int = 200
) -> HttpResponse:
    mine = MeansCheck.objects.filter(
        case__in=Case.objects.visible_to(request.actor)
    ).select_related("case__household", "case__village", "case__office")
    page = {
        "page_title": "核对队列",
        "waiting": [
            (check, (today() - check.requested_on).days)
            for check in exchange.waiting_checks(request.actor).select_related(
                "case__household", "case__office"
            )[:100]
        ],
        "errors": [("id_file", error)] if error else None,
        "wrong": wrong[:SHOWN],
        "returned": mine.filter(returned_on__isnull=False).order_by("-returned_on", "-id")[:20],
    }
    return render(request, "cases/checks.html", page, status=status)
