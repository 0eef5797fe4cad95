"""Reads of the check since 2015: how far it is by office and year, and the list."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet

from archives.models import OldFile
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.models import Unit

PAGE = 50
OPEN = Q(state__in=("ASSIGNED", "PROBLEM", "RECHECK"))


@dataclass(frozen=True)
class Progress:
    """One office's files of one year."""

    office_id: int
    year: int
    files: int
    done: int
    problems: int
    late: int

    @property
    def percent(self) -> int:
        """How many are verified, in whole per cent, rounded down: 100 means all."""
        return 100 * self.done // self.files


def progress(actor: Actor, on: date) -> list[Progress]:
    """Every office and year in the scope; one statement."""
    found = OldFile.objects.visible_to(actor).values("office_id", "year")
    rows = found.annotate(
        files=Count("pk"),
        done=Count("pk", filter=Q(state="DONE")),
        problems=Count("pk", filter=Q(state__in=("PROBLEM", "RECHECK"))),
        late=Count("pk", filter=OPEN & Q(due_on__lt=on)),
    ).order_by("office_id", "year")
    return [Progress(**row) for row in rows]


def heat(rows: list[Progress], offices: list[Unit]) -> dict[str, Any]:
    """The table of per cent by office and year; a cell with late files says so."""
    years = sorted({row.year for row in rows})
    cells = {(row.office_id, row.year): row for row in rows}
    return {
        "caption": "已核查的百分比；✗ 有超期的",
        "columns": [str(year) for year in years],
        "rows": [
            {
                "label": office.short_name,
                "url": f"?office={office.pk}",
                "cells": [_cell(cells.get((office.pk, year)), office, year) for year in years],
            }
            for office in offices
            if any((office.pk, year) in cells for year in years)
        ],
    }


def _cell(row: Progress | None, office: Unit, year: int) -> dict[str, Any]:
    if row is None:
        return {"value": "—", "level": 0}
    url = f"?{urlencode({'office': office.pk, 'year': year})}"
    level = 0 if row.percent == 100 else 1 + (100 - row.percent) // 34
    return {"value": f"{row.percent}%", "url": url, "level": level, "over": row.late > 0}


def sums(rows: list[Progress]) -> dict[str, Any]:
    """Of everything in the scope."""
    files, done = sum(r.files for r in rows), sum(r.done for r in rows)
    return {
        "files": files,
        "done": done,
        "percent": f"{1000 * done // files / 10:.1f}" if files else "—",
        "problems": sum(r.problems for r in rows),
        "late": sum(r.late for r in rows),
    }


def filtered(actor: Actor, query: Mapping[str, Any], on: date) -> QuerySet[OldFile]:
    """Files in the scope that match the filters, those due first."""
    found = OldFile.objects.visible_to(actor)
    for name in ("office", "year", "state"):
        if query.get(name):
            found = found.filter(**{"office_id" if name == "office" else name: query[name]})
    if query.get("late"):
        found = found.filter(OPEN, due_on__lt=on)
    if query.get("mine"):
        found = found.filter(checker_id=actor.human_id)
    return found.select_related("office", "checker")


@dataclass(frozen=True)
class ListPage:
    """One page of the list, for the pager."""

    rows: list[OldFile]
    total: int
    previous_url: str = ""
    next_url: str = ""

    @property
    def sums_text(self) -> str:
        """What the list holds."""
        return f"共 {self.total} 卷"


def list_page(found: QuerySet[OldFile], query: Mapping[str, Any], page: int) -> ListPage:
    """The page by its number, files in the order of their numbers; two statements."""
    kept = {k: v for k, v in query.items() if v}
    start = (page - 1) * PAGE
    rows = list(found.order_by("no")[start : start + PAGE + 1])
    more = len(rows) > PAGE
    return ListPage(
        rows=rows[:PAGE],
        total=found.count(),
        previous_url=f"?{urlencode({**kept, 'page': page - 1})}" if page > 1 else "",
        next_url=f"?{urlencode({**kept, 'page': page + 1})}" if more else "",
    )


def next_of(row: OldFile, person_id: int) -> OldFile | None:
    """The next file that the person has to look at, after this one."""
    mine = OldFile.objects.filter(checker_id=person_id, state="ASSIGNED").exclude(pk=row.pk)
    return mine.filter(no__gt=row.no).order_by("no").first() or mine.order_by("no").first()
