"""The workbench, the inbox and the one search box."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from cases.reports.search import find
from cases.reports.workbench import drafts_for, notices_without_photo, tasks_for
from yuquan_relief.kernel.calendars import missing_years, work_calendar
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.fields import seal, unseal
from yuquan_relief.kernel.inbox import messages_for
from yuquan_relief.kernel.middleware import PersonRequest

FIRST_PAGE = {
    "deputy_leader": "/desk/sign/",
    "supervisor": "/board/",
    "chief_leader": "/board/",
    "verification": "/checks/",
    "accounting": "/pay/",
    "auditor": "/cases/",
    "system_admin": "/settings/units/",
    "security_admin": "/settings/people/",
    "audit_admin": "/audit/",
    "third_party": "/tasks/",
}


@require_safe
def home(request: PersonRequest) -> HttpResponse:
    """What must I do today; roles with one main page go straight there."""
    if first := FIRST_PAGE.get(request.actor.role_code):
        return redirect(first)
    page = {
        "page_title": "工作台",
        "tasks": tasks_for(request.actor, today(), work_calendar()),
        "drafts": drafts_for(request.actor),
        "without_photo": notices_without_photo(request.actor),
        "missing_years": list(missing_years(today())),
    }
    return render(request, "cases/home.html", page)


@require_safe
def inbox(request: PersonRequest) -> HttpResponse:
    """What the actor's post is told, while it is still so."""
    page = {"page_title": "消息", "messages_found": messages_for(request.actor, today())}
    return render(request, "cases/inbox.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def search(request: PersonRequest) -> HttpResponse:
    """Find a person or case. The words travel by POST and stay sealed in the session."""
    if request.method == "POST":
        words = request.POST.get("q", "")[:50].replace("\x00", "")
        request.session["search"] = seal(words) if words else ""
        return redirect("/search/")
    kept = request.session.get("search", "")
    words = unseal(kept) if kept else ""
    found = find(words, request.actor) if words else None
    page = {"page_title": "查找", "words": words, "found": found}
    return render(request, "cases/search.html", page)
