"""Entering a year of the work calendar: preview of what moves, then recomputing."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render

from cases.operations.deadlines import Move, moves, recompute
from yuquan_relief.kernel.calendars import enter_year, read_calendar, with_year, work_calendar
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.forms import CalendarForm
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.views.settings import calendar_years


def calendar(request: PersonRequest) -> HttpResponse:
    """The years entered; pasting a notice shows how many deadlines move before it counts."""
    if not request.actor.can("calendar.enter"):
        raise PermissionDenied("calendar.enter")
    form = CalendarForm(request.POST or None, initial={"year": today().year + 1})
    if request.method != "POST":
        return _page(request, form, 200)
    if not form.is_valid():
        return _page(request, form, 422)
    data = form.cleaned_data
    if "confirm" not in request.POST:
        preview = moves(with_year(work_calendar(), data["year"], data["days"]))
        return _page(request, form, 200, preview)
    try:
        moved = _enter(request, data)
    except Refused as refused:
        form.add_error("days", refused.reason)
        return _page(request, form, 422)
    messages.success(request, f"已录入 {data['year']} 年安排，重算 {moved} 个到期日")
    return redirect("/settings/calendar/")


@transaction.atomic
def _enter(request: PersonRequest, data: dict[str, Any]) -> int:
    enter_year(data["year"], data["days"], source=data["source"], actor=request.actor)
    return recompute(read_calendar(), actor=request.actor)


def _page(
    request: PersonRequest, form: CalendarForm, status: int, preview: list[Move] | None = None
) -> HttpResponse:
    page = {"page_title": "工作日历", "form": form, "preview": preview, **calendar_years()}
    return render(request, "kernel/calendar.html", page, status=status)
