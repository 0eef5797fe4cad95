"""Entering the work calendar: a year, or one day with its reason; every deadline follows."""

from collections.abc import Mapping
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction

from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.calendar_effects import apply_all, hold_all
from yuquan_relief.kernel.calendars import enter_year, read_calendar
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import CalendarDay, CalendarYear

Days = Mapping[date, tuple[bool, str]]


@transaction.atomic
def enter(year: int, days: Days, *, source: str, actor: Actor) -> int:
    """The year stands as entered and every open deadline is computed anew; how many moved."""
    _require(actor)
    hold_all()
    enter_year(year, days, source=source, actor=actor)
    return apply_all(read_calendar(), actor)


@transaction.atomic
def change_day(day: date, *, is_workday: bool, note: str, source: str, actor: Actor) -> int:
    """One day of an entered year is a workday or a rest day, by a document; how many moved."""
    if not CalendarYear.objects.filter(pk=day.year).exists():
        raise Refused(f"{day.year} 年还没有录入，请先录入全年安排")
    days = days_of(day.year) | {
        day: (is_workday, note.strip() or ("上班" if is_workday else "休息"))
    }
    return enter(day.year, days, source=source, actor=actor)


def days_of(year: int) -> dict[date, tuple[bool, str]]:
    """The year's days that differ from the week, as entered."""
    rows = CalendarDay.objects.filter(year_id=year).order_by("day")
    return {row.day: (row.is_workday, row.note) for row in rows}


def _require(actor: Actor) -> None:
    if not (actor.is_robot or actor.can("calendar.enter")):
        raise PermissionDenied("calendar.enter")
