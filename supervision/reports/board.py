"""The district's board: what creates liability first, every number with its list (ux 2.5).

Numbers are figures (supervision.rules.figures) in a scope, month, programme and office; the same
statements answer the lists behind them, the exports and the interface.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, TypeVar

from django.db import DatabaseError, connection

from cases.rules.months import next_month
from cases.rules.programmes import Family, Programme
from supervision.reports.figures import Filter, Value, many, total
from supervision.rules.checks.populations import IN_PROCESS
from supervision.rules.liability import ErrorLine
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.calendars import work_calendar
from yuquan_relief.kernel.models import Unit
from yuquan_relief.kernel.roles import Reach

T = TypeVar("T")
logger = logging.getLogger(__name__)
OpenRow = tuple[int, str, date | None, date | None]  # office, state, due, accepted
STATE, MONTH, YEAR = "state", "month", "year"
# Over which period each number of the board is taken; a STATE is that of today, whatever is asked.
PERIODS = {
    "late": STATE, "open": STATE, "in_benefit": MONTH, "visited": YEAR, "errors": YEAR,
    "decided_in_time": MONTH, "paid_in_time": MONTH, "paid_in_full": MONTH,
    "returned": MONTH, "returned_lines": MONTH,
    "sampled_new": YEAR, "sampled_relief": YEAR, "satisfied": YEAR, "aware": YEAR,
    "files_complete": YEAR, "old_files": STATE, "petitions_in_time": YEAR, "mended": YEAR,
    "findings_open": STATE, "rechecked": YEAR, "paid": YEAR, "allocated": YEAR, "told": YEAR,
    "reviews_in_time": YEAR, "proofs_in_time": YEAR,
}  # fmt: skip
LEFT = (  # working days left: label, from, to (None: no bound)
    ("已超", None, -1), ("今天", 0, 0), ("1–3", 1, 3), ("4–7", 4, 7), ("8–15", 8, 15),
    (">15", 16, None),
)  # fmt: skip
PAUSED = ("REVIEW_NOTICE", "APPROVAL_NOTICE")
AGES = (("0–5", 0, 5), ("6–10", 6, 10), ("11–15", 11, 15), ("16–20", 16, 20), ("21–25", 21, 25),
        ("26–30", 26, 30), (">30", 31, None))  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the board is asked for: a month, perhaps a programme and an office."""

    month: date
    programme: str = ""
    office_id: int | None = None

    def period(self, kind: str, on: date) -> Filter:
        """The days of one kind of period: to the end of the month, but not beyond today."""
        last = on if kind == STATE else min(next_month(self.month) - timedelta(days=1), on)
        first = {MONTH: self.month, YEAR: date(self.month.year, 1, 1)}.get(kind, self.month)
        rest = {"programme": self.programme, "office_id": self.office_id}
        return Filter(first=min(first, last), last=last, **rest)  # type: ignore[arg-type]

    @property
    def query(self) -> str:
        """The same as the end of an address."""
        parts = [f"month={self.month:%Y-%m}"]
        parts += [f"programme={self.programme}"] if self.programme else []
        parts += [f"office={self.office_id}"] if self.office_id is not None else []
        return "&".join(parts)


@dataclass(frozen=True)
class Board:
    """Everything on the board. `values`: by code; `by_office`: code → office → value;
    `open_rows`: cases in process, None where they could not be read."""

    as_of: date
    asked: Asked
    offices: list[Unit]
    values: Mapping[str, Value]
    by_office: Mapping[str, Mapping[int, Value]]
    open_rows: list[OpenRow] | None

    @property
    def is_past(self) -> bool:
        """Whether another month than the running one is asked for."""
        return self.asked.month < self.as_of.replace(day=1)

    @property
    def last(self) -> date:
        """The last day of what is asked for."""
        return self.asked.period(MONTH, self.as_of).last

    @property
    def month_words(self) -> str:
        """`本月`, `8 月`, `2025 年 8 月`."""
        if not self.is_past:
            return "本月"
        month = self.asked.month
        year = "" if month.year == self.as_of.year else f"{month.year} 年 "
        return f"{year}{month.month} 月"

    @property
    def year_words(self) -> str:
        """`今年`, `今年 1–8 月`, `2025 年`: from January to the end of the month."""
        month = self.asked.month
        year = "今年" if month.year == self.as_of.year else f"{month.year} 年"
        if not self.is_past or month.month == 12:
            return year
        return f"{year} 1–{month.month} 月" if month.month > 1 else f"{year} 1 月"

    @property
    def now_words(self) -> str:
        """Before what is of today, on the board of another month."""
        return "现在" if self.is_past else ""

    def total(self, name: str) -> int:
        """A plain number of the board."""
        return self.values[name].numerator

    def url(self, code: str, office: int | None = None, *, whole: bool = False) -> str:
        """The list behind a number."""
        asked = self.asked
        if office is not None:
            asked = Asked(month=asked.month, programme=asked.programme, office_id=office)
        more = "&whole=1" if whole else ""
        return f"/figures/{code}/?{asked.query}{more}"

    def error_line(self, office: int | None = None) -> ErrorLine:
        """The 5 % line of 18(4) of the district or an office in the year."""
        value = self.values["errors"]
        if office is not None:
            value = self.by_office["errors"].get(office, Value("errors", 0, 0))
        return ErrorLine(value.numerator, value.denominator or 0)


OPEN_CASES = f"""
SELECT c.office_id, c.state, c.due_on, coalesce(c.accepted_on, c.submitted_on) FROM cases_case c
 WHERE c.state IN {IN_PROCESS}
"""


def board(actor: Actor, on: date, asked: Asked | None = None) -> Board:
    """The board in the actor's scope; a handful of statements, whatever the district holds."""
    asked = asked or Asked(month=on.replace(day=1))
    values: dict[str, Value] = {}
    by_office: dict[str, dict[int, Value]] = {}
    for kind in (STATE, MONTH, YEAR):
        codes = [code for code, mine in PERIODS.items() if mine == kind]
        found = many(codes, actor, asked.period(kind, on), "office")
        for code, rows in found.items():
            by_office[code] = {row.group: row for row in rows}
            values[code] = total(code, rows)
    report = Board(on, asked, _offices(actor, asked), values, by_office, [])
    if report.is_past:  # how many days are left, and how old it is, is said of today only
        return report
    return replace(report, open_rows=tolerated("open", lambda: _open_rows(actor, asked)))


def tolerated(block: str, read: Callable[[], T]) -> T | None:
    """What was read; None where the database would not, which is logged: one block of a page that
    fails does not take the others with it."""
    try:
        return read()
    except DatabaseError:
        logger.exception("board block %s", block)
        return None


def _offices(actor: Actor, asked: Asked) -> list[Unit]:
    mine = Unit.objects.offices()
    if asked.office_id is not None:
        mine = mine.filter(pk=asked.office_id)
    if actor.reach == Reach.OFFICE:
        return list(mine.filter(pk=actor.unit_id or 0))
    return list(mine.filter(parent_id=actor.unit_id or 0).order_by("code"))


def _open_rows(actor: Actor, asked: Asked) -> list[OpenRow]:
    """State and days of every case in process; thousands at most, whatever was decided."""
    column = {Reach.OFFICE: "office_id", Reach.DISTRICT: "district_id"}.get(actor.reach)
    where = f" AND c.{column} = %(unit)s" if column else " AND false"
    where += " AND c.office_id = %(office)s" if asked.office_id is not None else ""
    where += " AND c.programme = %(programme)s" if asked.programme else ""
    with connection.cursor() as cursor:
        cursor.execute(
            OPEN_CASES + where,
            {"unit": actor.unit_id, "office": asked.office_id, "programme": asked.programme},
        )
        return list(cursor.fetchall())


# ---------------------------------------------------------------------- blocks


def heat(report: Board) -> dict[str, Any]:
    """Cases in process by office and working days left; notices apart, for their clock stands."""
    calendar, on = work_calendar(), report.as_of
    counts: dict[int, list[int]] = {unit.pk: [0] * (len(LEFT) + 1) for unit in report.offices}
    for office, state, due, _ in report.open_rows or []:
        row = counts.get(office)
        if row is None or due is None:
            continue
        if state in PAUSED and due >= on:
            row[len(LEFT)] += 1
        else:
            row[_slot(_left(calendar, on, due), LEFT)] += 1
    most = max((n for row in counts.values() for n in row), default=0)
    return {
        "caption": "时限热表：在办件数，按剩余工作日",
        "row_label": "街镇",
        "columns": [label for label, _, _ in LEFT] + ["公示停表"],
        "rows": [
            {
                "label": unit.short_name,
                "url": report.url("open", unit.pk),
                "cells": [
                    {
                        "value": n,
                        "url": _cell_url(report, calendar, unit.pk, at) if n else "",
                        "level": level(n, most),
                        "over": bool(at == 0 and n),
                    }
                    for at, n in enumerate(counts[unit.pk])
                ],
            }
            for unit in report.offices
        ],
    }


def _left(calendar: Any, on: date, due: date) -> int:
    return -1 if due < on else calendar.workdays_between(on, due)


def _slot(days: int, slots: tuple[tuple[str, int | None, int | None], ...]) -> int:
    return next(
        at for at, (_, low, high) in enumerate(slots)
        if (low is None or days >= low) and (high is None or days <= high)
    )  # fmt: skip


def _cell_url(report: Board, calendar: Any, office: int, at: int) -> str:
    """The list of a cell: the same cases by the same days."""
    if at == len(LEFT):
        return f"{report.url('open', office)}&paused=1&due_from={report.as_of}"
    _, low, high = LEFT[at]
    on = report.as_of
    if high == -1:  # late is late, also while a notice hangs
        return f"{report.url('open', office)}&due_to={on - timedelta(days=1)}"
    # Nought left is today or days off that follow; so many left begins with that working day.
    first = calendar.add_workdays(on, low) if low else on
    last = f"&due_to={_upto(calendar, on, high)}" if high is not None else ""
    return f"{report.url('open', office)}&paused=0&due_from={first}{last}"


def _upto(calendar: Any, on: date, days: int) -> date:
    """The last day from which so many working days are left."""
    after: date = calendar.add_workdays(on, days + 1)
    return after - timedelta(days=1)


def level(n: int, most: int) -> int:
    """Which of the five shades of a map a number has, 0 for nothing."""
    return 0 if not n or not most else 1 + min(3, n * 4 // (most + 1))


@dataclass(frozen=True)
class Ages:
    """Working days since acceptance of what is in process."""

    bars: list[dict[str, Any]]
    median: int
    p90: int


def ages(report: Board) -> Ages:
    """How old is what is in process."""
    calendar, on = work_calendar(), report.as_of
    days = sorted(
        calendar.workdays_between(accepted, on)
        for *_, accepted in report.open_rows or []
        if accepted is not None and accepted <= on
    )
    counts = [0] * len(AGES)
    for age in days:
        counts[_slot(age, AGES)] += 1
    bars = [
        {"label": label, "value": n, "text": str(n), "tone": "bad" if low > 30 and n else "brand",
         "url": f"{report.url('open')}{_since(calendar, on, low, high)}" if n else ""}
        for (label, low, high), n in zip(AGES, counts, strict=True)
    ]  # fmt: skip
    return Ages(bars, _quantile(days, 50), _quantile(days, 90))


def _since(calendar: Any, on: date, low: int, high: int | None) -> str:
    """The days on which something so many working days old was accepted."""
    first = f"&since_from={_back(calendar, on, high + 1)}" if high is not None else ""
    last = f"&since_to={_back(calendar, on, low) - timedelta(days=1)}" if low else ""
    return first + last


def _back(calendar: Any, on: date, workdays: int) -> date:
    """The working day number so many, counted back from the day itself."""
    day = on + timedelta(days=1)
    for _ in range(workdays):
        day = calendar.on_or_before(day - timedelta(days=1))
    return day


def _quantile(days: list[int], percent: int) -> int:
    return days[min(len(days) - 1, len(days) * percent // 100)] if days else 0


def paid_offices(report: Board) -> tuple[int, int, list[str]]:
    """(offices that had everything in the accounts by the day, offices that pay, those behind)."""
    mine = report.by_office["paid_in_time"]
    # Who has people in benefit has to pay, also where there is no list yet.
    people = report.by_office["in_benefit"]
    paying = {u.pk for u in report.offices
              if (u.pk in mine and mine[u.pk].denominator)
              or (u.pk in people and people[u.pk].numerator)}  # fmt: skip
    behind = {pk for pk in paying if pk not in mine or not mine[pk].denominator
              or mine[pk].numerator < (mine[pk].denominator or 0)}  # fmt: skip
    names = [unit.short_name for unit in report.offices if unit.pk in behind]
    return len(paying) - len(behind), len(paying), names


def worst_error(report: Board) -> tuple[str, ErrorLine] | None:
    """The office nearest to the 5 % line, if any has an error."""
    lines = [(u.short_name, report.error_line(u.pk)) for u in report.offices]
    known = [(name, line) for name, line in lines if line.wrong]
    return max(known, key=lambda row: row[1].wrong / max(row[1].approved, 1), default=None)


def latest_month(actor: Actor, asked: Asked) -> date | None:
    """The last month in which something was paid of what is asked for, by the summaries; None for
    none."""
    column = {Reach.OFFICE: "s.office_id", Reach.DISTRICT: "s.district_id"}.get(actor.reach, "0")
    where = f"s.state = 'PAID' AND {column} = %(unit)s"
    where += " AND s.office_id = %(office)s" if asked.office_id is not None else ""
    where += " AND s.programme = %(programme)s" if asked.programme else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT max(s.batch_month) FROM supervision_payoutsum s WHERE {where}",
            {"unit": actor.unit_id, "office": asked.office_id, "programme": asked.programme},
        )
        (month,) = cursor.fetchone()
        return month  # type: ignore[no-any-return] # a date or NULL


def families(asked: Asked) -> list[tuple[str, list[str]]]:
    """低保, 特困, 临时救助 with their programmes."""
    named = {Family.ALLOWANCE: "低保", Family.DESTITUTE: "特困", Family.RELIEF: "临时救助"}
    return [(label, [p.value for p in Programme if p.family == f]) for f, label in named.items()]
