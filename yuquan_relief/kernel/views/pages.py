"""Pages for everyone: menu, help with the regulation, health, the component gallery."""

import csv
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import get_template
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.defaults import server_error

from yuquan_relief.kernel.gallery import gallery_context
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.models import Job

AWAY = (OperationalError, InterfaceError)  # no connection, no room on its disk, restarting


def went_wrong(request: HttpRequest) -> HttpResponse:
    """500, or 503 with what to do when the database is away: the same request may be sent again."""
    if not isinstance(sys.exc_info()[1], AWAY):
        return server_error(request)
    text = "系统暂时不能办理，没有改动任何数据，请过一分钟再试"
    if request.path.startswith("/api/"):
        body = {"title": text, "status": 503, "code": "database_away"}
        response: HttpResponse = JsonResponse(body, content_type="application/problem+json")
    else:
        response = HttpResponse(get_template("503.html").render())
    response.status_code = 503
    response.headers["Retry-After"] = "60"
    return response


@require_safe
def menu(request: HttpRequest) -> HttpResponse:
    """The left menu as a page, for small screens without JavaScript."""
    return render(request, "kernel/menu.html", {"page_title": "菜单"})


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """How the clock counts, the keys, whom to ask."""
    return render(request, "kernel/help.html", {"page_title": "帮助"})


@dataclass(frozen=True)
class Clause:
    """One clause of the regulation."""

    id: str
    anchor: str
    text: str


@lru_cache(maxsize=1)
def clauses() -> tuple[Clause, ...]:
    """The regulation, clause by clause (kernel/data/regulation/)."""
    path = Path(__file__).resolve().parent.parent / "data" / "regulation" / "clauses.tsv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
    return tuple(Clause(i, anchor(i), text) for i, text in rows)


def anchor(clause: str) -> str:
    """`4(1).1` → `a4-1-1`."""
    return "a" + clause.replace("(", "-").replace(")", "").replace(".", "-")


@require_safe
def rules_page(request: HttpRequest) -> HttpResponse:
    """The regulation with an anchor at each clause."""
    return render(
        request, "kernel/regulation.html", {"page_title": "制度条文", "clauses": clauses()}
    )


@require_safe
def ui(request: PersonRequest) -> HttpResponse:
    """The component gallery."""
    if not request.actor.can("settings.view"):
        raise PermissionDenied("settings.view")
    return render(request, "kernel/gallery.html", gallery_context())


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers, database included; 503 otherwise."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "database away"}, status=503)
    return JsonResponse({"status": "ok"})


LONGEST_WAIT = 120  # seconds; the sweep comes every minute, so somebody is not working


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers, and no job has waited too long; 503 otherwise."""
    try:
        waiting = oldest_wait()
    except DatabaseError:
        return JsonResponse({"status": "database away"}, status=503)
    late = waiting > LONGEST_WAIT
    body = {"status": "jobs wait" if late else "ok", "oldest_job_seconds": waiting}
    return JsonResponse(body, status=503 if late else 200)


def oldest_wait() -> int:
    """Seconds that the oldest job has been waiting past its time."""
    oldest = (
        Job.objects.filter(state=Job.State.WAITING, run_after__lte=timezone.now())
        .order_by("run_after")
        .values_list("run_after", flat=True)
        .first()
    )
    return int((timezone.now() - oldest).total_seconds()) if oldest else 0


@require_safe
def health_page(request: PersonRequest) -> HttpResponse:
    """Jobs, failures and the size of the chain, for the system administrator."""
    if not request.actor.can("settings.view"):
        raise PermissionDenied("settings.view")
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq FROM kernel_event_head")
        (events,) = cursor.fetchone()
    rows = [
        {"label": "事件总数", "value": f"{events:,}"},
        {"label": "等待的任务", "value": Job.objects.filter(state=Job.State.WAITING).count()},
        {"label": "最久等待（秒）", "value": oldest_wait()},
        {"label": "等待新版程序的任务", "value": Job.objects.exclude(parked_at=None).count()},
        {"label": "失败的任务", "value": Job.objects.filter(state=Job.State.FAILED).count()},
    ]
    failed = Job.objects.filter(state=Job.State.FAILED).order_by("-id")[:50]
    page = {"page_title": "运行状况", "rows": rows, "failed": failed}
    return render(request, "kernel/health.html", page)
