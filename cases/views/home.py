"""The workbench, the inbox and the one search box."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from cases.reports.search import find
from cases.reports.workbench import drafts_for, notices_without_photo, tasks_for
from yuquan_relief.kernel.calendars import missing_years, work_calendar
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.models import Reminder
from yuquan_relief.kernel.roles import Reach

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
    """Reminders of the actor's post whose thing is still open."""
    reminders = Reminder.objects.none()
    if request.actor.reach != Reach.NONE:
        reminders = Reminder.objects.filter(
            unit_id=request.actor.unit_id or 0,
            role_code=request.actor.role_code,
            settled_at__isnull=True,
        ).order_by("due_on", "-id")[:100]
    return render(request, "cases/inbox.html", {"page_title": "消息", "reminders": reminders})


def search(request: PersonRequest) -> HttpResponse:
    """Find a person or case. The words travel by POST and stay in the session, not in a URL."""
    if request.method == "POST":
        request.session["search"] = request.POST.get("q", "")[:50].replace("\x00", "")
        return redirect("/search/")
    words = request.session.get("search", "")
    found = find(words, request.actor) if words and request.actor.can("cases.view") else None
    page = {"page_title": "查找", "words": words, "found": found}
    return render(request, "cases/search.html", page)
