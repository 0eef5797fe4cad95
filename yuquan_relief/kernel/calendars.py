"""The work calendar as entered: loading it, filling it, entering a year, telling what moves."""

from collections.abc import Iterable, Mapping
from datetime import date

import holidays
from django.db import transaction
from django.db.models import Max

from .actor import ROBOT, Actor
from .errors import Refused
from .events import record
from .models import CalendarDay, CalendarYear, Person
from .workdays import WorkCalendar

_loaded: tuple[tuple[object, ...], WorkCalendar] | None = None


def work_calendar() -> WorkCalendar:
    """The calendar in force. One small query; the table is read again only when it changed."""
    global _loaded  # noqa: PLW0603 - one calendar a process, replaced as a whole
    version = tuple(
        CalendarYear.objects.aggregate(at=Max("entered_at"), years=Max("year")).values()
    )
    if _loaded is None or _loaded[0] != version:
        _loaded = (version, read_calendar())
    return _loaded[1]


def read_calendar() -> WorkCalendar:
    """The calendar straight from the tables (two queries)."""
    changed = {d.day: (d.is_workday, d.note) for d in CalendarDay.objects.all()}
    published = CalendarYear.objects.values_list("year", flat=True)
    return WorkCalendar(changed, published)


def known_days(year: int) -> dict[date, tuple[bool, str]]:
    """Days of `year` that differ from the week, from the `holidays` package.

    Empty when the year's make-up workdays are not published there: the package then knows only
    the statutory days, and half a notice would pass for a whole one.
    """
    known = holidays.country_holidays("CN", years=year, language="zh_CN")
    makeup = {d for d in getattr(known, "weekend_workdays", ()) if d.year == year}
    if not makeup:
        return {}
    days = {day: (False, str(name).split(";")[0][:60]) for day, name in known.items()}
    days.update(dict.fromkeys(makeup, (True, "调休上班")))
    return {
        day: change
        for day, change in sorted(days.items())
        if day.year == year and change[0] != (day.weekday() < 5)
    }


@transaction.atomic
def enter_year(
    year: int,
    days: Mapping[date, tuple[bool, str]],
    *,
    source: str,
    actor: Actor,
) -> CalendarYear:
    """The year's rest days and make-up workdays stand as entered; the event names the source.

    Days that equal their weekday are dropped. Raises Refused for a day of another year.
    """
    if wrong := [day for day in days if day.year != year]:
        raise Refused(f"{wrong[0]} 不在 {year} 年，请核对后重新填写")
    if not source.strip():
        raise Refused("请写明依据文件的名称和文号")
    person = Person.objects.filter(pk=actor.person_id or 0).first()
    entered, _ = CalendarYear.objects.update_or_create(
        pk=year, defaults={"source": source.strip(), "entered_by": person}
    )
    CalendarDay.objects.filter(year=year).delete()
    CalendarDay.objects.bulk_create(
        CalendarDay(day=day, year=entered, is_workday=is_workday, note=note[:60])
        for day, (is_workday, note) in sorted(days.items())
        if is_workday != (day.weekday() < 5)
    )
    record(
        "calendar",
        str(year),
        "enter_calendar",
        actor=actor,
        note=source,
        body={"days": {str(d): w for d, (w, _) in sorted(days.items())}},
    )
    return entered


def with_year(
    calendar: WorkCalendar, year: int, days: Mapping[date, tuple[bool, str]]
) -> WorkCalendar:
    """`calendar` as it would be with `year` entered so: for the preview of what moves."""
    changed = {d: c for d, c in calendar.changed.items() if d.year != year} | dict(days)
    return WorkCalendar(changed, calendar.published | {year})


def missing_years(day: date) -> Iterable[int]:
    """Years that should be entered by `day`: this one, and from 1 November the next."""
    wanted = [day.year, day.year + 1] if day.month >= 11 else [day.year]
    entered = set(CalendarYear.objects.filter(year__in=wanted).values_list("year", flat=True))
    return [year for year in wanted if year not in entered]


def load_known_years(first: int = 2015, last: int = 2030) -> list[int]:
    """Years that the `holidays` package knows in full and nobody has entered; now entered."""
    entered = set(CalendarYear.objects.values_list("year", flat=True))
    loaded = []
    for year in range(first, last + 1):
        if year not in entered and (days := known_days(year)):
            source = f"国务院办公厅关于 {year} 年部分节假日安排的通知（holidays 程序库整理）"
            enter_year(year, days, source=source, actor=ROBOT)
            loaded.append(year)
    return loaded
