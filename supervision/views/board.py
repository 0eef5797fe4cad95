"""The board, and the list behind each of its numbers."""

from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cases.rules.programmes import CHOICES
from funds.tables import Cell, Table
from supervision.list_forms import BoardForm
from supervision.reports.board import PERIODS, Asked, board
from supervision.reports.board_page import basis, offices_table, page_of, percent, wall_of
from supervision.reports.figures import Filter, Value, figure, figure_rows
from supervision.rules.figures import FIGURES, Figure
from supervision.views.lists import (
    PAGE,
    as_file,
    file_url,
    office_choices,
    offices_of,
    page_number,
    paged,
    wants_file,
)
from supervision.views.pages import require
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.inputs import InputError, dates, money
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.queries import key_of

PROGRAMMES = {code for code, _ in CHOICES}


def asked_of(request: PersonRequest) -> Asked:
    """What the address asks for; what cannot be read, or lies ahead, is this month, everything."""
    try:
        month = dates.parse_month(request.GET.get("month", ""))
    except InputError:
        month = today().replace(day=1)
    programme = request.GET.get("programme", "")
    office = key_of(request.GET.get("office"))
    return Asked(
        month=min(month, today().replace(day=1)),
        programme=programme if programme in PROGRAMMES else "",
        office_id=office if office in {unit.pk for unit in offices_of(request.actor)} else None,
    )


def _form(request: PersonRequest) -> BoardForm:
    """What was typed, with what is wrong about it; without a month the running one."""
    data = {name: request.GET.get(name, "") for name in ("month", "programme", "office")}
    data["month"] = data["month"] or f"{today():%Y-%m}"
    return BoardForm(data, offices=office_choices(request.actor))


@require_safe
def board_page(request: PersonRequest) -> HttpResponse:
    """Numbers by office; each is a link to its list."""
    require(request, "board.view")
    actor, on = request.actor, today()
    asked, form = asked_of(request), _form(request)
    report = board(actor, on, asked)
    if wants_file(request) and form.is_valid():  # a file of another month would not say so
        table = offices_table(report)
        return as_file(f"看板{asked.month:%Y%m}.csv", table.heads, table.rows)
    page = page_of(report, actor, on) | {"page_title": "看板", "form": form}
    return render(request, "supervision/board.html", page)


@require_safe
def wall_page(request: PersonRequest) -> HttpResponse:
    """This month's board for a screen that many look at: numbers, offices as squares, ages."""
    require(request, "board.view")
    on = today()
    report = board(request.actor, on, Asked(month=on.replace(day=1)))
    page = wall_of(report) | {"page_title": "看板（大屏）"}
    return render(request, "supervision/wall.html", page)


def _filter(request: PersonRequest, code: str) -> Filter:
    """The period of the board's number, or the one that the address names, with the cell's days."""
    asked = asked_of(request).period(PERIODS.get(code, "year"), today())
    values: dict[str, Any] = dict(asked.__dict__)
    for name in ("first", "last"):
        if day := _day(request, name):
            values[name] = day
    values["first"] = min(values["first"], values["last"])
    ends = _day(request, "due_from"), _day(request, "due_to")
    values["due"] = ends if any(ends) else None
    since = _day(request, "since_from"), _day(request, "since_to")
    values["since"] = since if any(since) else None
    values["paused"] = {"1": True, "0": False}.get(request.GET.get("paused", ""))
    return Filter(**values)


def _day(request: PersonRequest, name: str) -> date | None:
    try:
        return date.fromisoformat(request.GET.get(name, ""))
    except ValueError:
        return None


@require_safe
def figure_page(request: PersonRequest, code: str) -> HttpResponse:
    """The rows of one figure, with its definition; ?whole=1 shows what it is a share of."""
    if code not in FIGURES:
        raise Http404
    require(request, "board.view")
    actor, wanted = request.actor, FIGURES[code]
    asked, whole = _filter(request, code), wanted.is_share and request.GET.get("whole") == "1"
    value = figure(code, actor, asked)
    names = {unit.pk: unit.short_name for unit in offices_of(actor)}
    heads: tuple[str, ...] = ("对象", "编号", "镇、街道")
    is_sum = wanted.agg.startswith("sum(")
    heads += (("金额（元）" if wanted.is_money else wanted.unit),) if is_sum else ()

    def cells(rows: Any) -> list[list[Cell]]:
        return [
            [Cell(row.name, url=row.url), Cell(row.key), Cell(names.get(row.office_id, "—")),
             *([Cell(_number(wanted, row.amount), True)] if is_sum else [])]
            for row in rows
        ]  # fmt: skip

    if wants_file(request):
        rows = figure_rows(code, actor, asked, whole=whole)
        return as_file(f"{wanted.label}.csv", heads, cells(rows))
    start = (page_number(request) - 1) * PAGE
    rows = figure_rows(code, actor, asked, whole=whole, start=start, most=PAGE + 1)
    # What a sum adds up to is not how many rows it has: its pager says nothing.
    total = None if is_sum else (value.denominator if whole else value.numerator) or 0
    caption = (wanted.denominator if whole else wanted.numerator) or wanted.label
    page = {
        "page_title": wanted.label,
        "cards": _cards(value),
        "table": Table(caption, heads, cells(rows[:PAGE]), empty="没有，不用处理"),
        "pager": paged(request, rows, total, wanted.unit),
        "export_url": file_url(request),
        "links": [
            ("回到看板", f"/board/?{asked_of(request).query}"),
            *_switch(request, whole, wanted.is_share),
        ],
    }
    return render(request, "supervision/list.html", page)


def _number(wanted: Figure, n: int) -> str:
    return money.show(n) if wanted.is_money else f"{n:,}"


def _cards(value: Value) -> list[dict[str, Any]]:
    wanted, is_share = value.figure, value.denominator is not None
    shown = percent(value) if is_share else _number(wanted, value.numerator)
    unit = "" if is_share else "元" if wanted.is_money else wanted.unit
    return [{"label": value.figure.label, "value": shown, "unit": unit, "basis": basis(value)}]


def _switch(request: PersonRequest, whole: bool, is_share: bool) -> list[tuple[str, str]]:
    if not is_share:
        return []
    kept = request.GET.copy()
    kept.pop("page", None)
    if whole:
        kept.pop("whole", None)
        return [("看符合的", f"?{kept.urlencode()}")]
    kept["whole"] = "1"
    return [("看全部", f"?{kept.urlencode()}")]
