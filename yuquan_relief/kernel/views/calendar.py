"""The work calendar: entering a year or changing a day, with a look at what moves first."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from yuquan_relief.kernel.calendar_effects import Move, all_moves
from yuquan_relief.kernel.calendar_files import as_lines
from yuquan_relief.kernel.calendars import missing_years, with_year, work_calendar
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.forms import CalendarForm, DayForm
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.models import CalendarYear
from yuquan_relief.kernel.operations.calendars import change_day, days_of, enter
from yuquan_relief.kernel.queries import key_of


def _require(request: PersonRequest) -> None:
    if not request.actor.can("calendar.enter"):
        raise PermissionDenied("calendar.enter")


@require_http_methods(["GET", "HEAD", "POST"])
def calendar(request: PersonRequest) -> HttpResponse:
    """The years entered; a year's notice shows how many deadlines move before it counts."""
    _require(request)
    if request.method != "POST":
        return _page(request, CalendarForm(initial=_initial(request)), 200)
    form = CalendarForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, 422)
    data = form.cleaned_data
    if "confirm" not in request.POST:
        preview = all_moves(with_year(work_calendar(), data["year"], data["days"]))
        shown = {"year": data["year"], "source": data["source"], "days": as_lines(data["days"])}
        return _page(request, CalendarForm(initial=shown), 200, preview=preview)
    try:
        moved = enter(data["year"], data["days"], source=data["source"], actor=request.actor)
    except Refused as refused:
        form.add_error("days", refused.reason)
        return _page(request, form, 422)
    messages.success(request, f"已录入 {data['year']} 年安排，重算 {moved} 个到期日")
    return redirect("/settings/calendar/")


def _initial(request: PersonRequest) -> dict[str, Any]:
    """An entered year as it stands, for mending; otherwise the next one to enter."""
    wanted = key_of(request.GET.get("year"))
    year = CalendarYear.objects.filter(pk=wanted).first() if wanted else None
    if year is None:
        return {"year": next(iter(missing_years(today())), today().year + 1)}
    return {"year": year.year, "source": year.source, "days": as_lines(days_of(year.year))}


@require_POST
def calendar_day(request: PersonRequest) -> HttpResponse:
    """One day changes, by its document; the deadlines follow at once."""
    _require(request)
    form = DayForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            moved = change_day(
                data["day"],
                is_workday=data["is_workday"] == "1",
                note=data["note"] or "",
                source=data["source"],
                actor=request.actor,
            )
        except Refused as refused:
            form.add_error("day", refused.reason)
        else:
            messages.success(request, f"已改 {data['day']}，重算 {moved} 个到期日")
            return redirect("/settings/calendar/")
    return _page(request, CalendarForm(initial=_initial(request)), 422, day_form=form)


def _page(
    request: PersonRequest,
    form: CalendarForm,
    status: int,
    *,
    preview: list[Move] | None = None,
    day_form: DayForm | None = None,
) -> HttpResponse:
    page = {
        "page_title": "工作日历",
        "form": form,
        "day_form": day_form or DayForm(auto_id="day_%s"),
        "preview": preview,
        "years": CalendarYear.objects.prefetch_related("days").order_by("-year"),
        "missing": list(missing_years(today())),
    }
    return render(request, "kernel/calendar.html", page, status=status)
