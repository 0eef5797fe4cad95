"""Lists of supervision: pages of fifty, a table of plain cells, the same rows as a file."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpResponse

from cases.views.common import csv_file
from funds.tables import Cell, Table
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.models import Unit
from yuquan_relief.kernel.queries import page_of
from yuquan_relief.kernel.roles import Reach

PAGE = 50
MOST_IN_FILE = 20_000
Make = Callable[[Any], list[Cell]]


@dataclass(frozen=True)
class Pager:
    """The way to other pages."""

    previous_url: str
    next_url: str
    caption: str


def page_number(request: PersonRequest) -> int:
    """The asked page."""
    return page_of(request.GET.get("page"))


def paged(
    request: PersonRequest, rows: Sequence[Any], total: int | None, unit: str = "条"
) -> Pager:
    """The pager of a page that was read with one row more than it shows; None: not counted."""
    number = page_number(request)
    kept = {k: v for k, v in request.GET.items() if v and k not in ("page", "as")}
    before = f"?{urlencode({**kept, 'page': number - 1})}" if number > 1 else ""
    after = f"?{urlencode({**kept, 'page': number + 1})}" if len(rows) > PAGE else ""
    return Pager(before, after, "" if total is None else f"共 {total:,} {unit}")


def listed(  # noqa: PLR0913 - what is listed, in which words
    request: PersonRequest,
    found: "QuerySet[Any]",
    caption: str,
    heads: tuple[str, ...],
    make: Make,
    *,
    empty: str = "没有符合条件的",
    unit: str = "条",
) -> dict[str, Any]:
    """A page of a queryset as table and pager; two statements."""
    start = (page_number(request) - 1) * PAGE
    rows = list(found[start : start + PAGE + 1])
    table = Table(caption, heads, [make(row) for row in rows[:PAGE]], empty=empty)
    return {"table": table, "pager": paged(request, rows, found.count(), unit)}


def as_file(name: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> HttpResponse:
    """The rows as CSV, as they are on the page."""
    return csv_file(name, [list(heads), *([cell.text for cell in row] for row in rows)])


def exported(found: "QuerySet[Any]", name: str, heads: tuple[str, ...], make: Make) -> HttpResponse:
    """Every row of the list as CSV, up to MOST_IN_FILE."""
    return as_file(name, heads, (make(row) for row in found[:MOST_IN_FILE]))


def wants_file(request: PersonRequest) -> bool:
    """Whether the list is asked for as a file."""
    return request.GET.get("as") == "csv"


def file_url(request: PersonRequest) -> str:
    """The address of the same list as a file."""
    kept = {k: v for k, v in request.GET.items() if v and k not in ("page", "as")}
    return f"?{urlencode({**kept, 'as': 'csv'})}"


def offices_of(actor: Actor) -> list[Unit]:
    """The offices that the actor sees."""
    place = {"pk": actor.unit_id}
    if actor.reach == Reach.DISTRICT:
        place = {"parent_id": actor.unit_id}
    return list(Unit.objects.offices().filter(**place).order_by("code"))


def office_choices(actor: Actor) -> list[tuple[str, str]]:
    """The same for a form."""
    return [(str(unit.pk), unit.short_name) for unit in offices_of(actor)]


def day(value: date | None) -> str:
    """`2026-12-10`, or a dash."""
    return f"{value:%Y-%m-%d}" if value else "—"


def due_cell(value: date | None, on: date, *, is_over: bool) -> Cell:
    """A day by which something is due, marked when it is past."""
    late = bool(value and not is_over and value < on)
    return Cell(day(value), tone="bad" if late else "")


def fact(label: str, value: Any, note: str = "", tone: str = "") -> dict[str, Any]:
    """One line of a summary."""
    return {"label": label, "value": value, "note": note, "tone": tone}


def text_of(pairs: Mapping[str, Any]) -> str:
    """Values of a snapshot in words, in order."""
    return "；".join(f"{name}：{value}" for name, value in pairs.items() if value not in ("", None))
