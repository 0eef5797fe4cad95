"""Filling the tables of statistics: stock at the end, flow within, money of the summaries."""

from datetime import date, timedelta
from typing import Any

from django.db import connection

from cases.reports.flow import FLOW
from cases.rules.months import next_month, previous_month
from supervision.reports.figures import by_group, many, total
from supervision.reports.figures import months as period
from supervision.rules.figures import FIRST_KINDS
from supervision.rules.stat_tables import Column, StatTable
from yuquan_relief.kernel.actor import ROBOT
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Unit
from yuquan_relief.kernel.rulebook_values import rules

Figures = dict[str, dict[str, int]]  # row → column → number; shares in hundredths of a per cent
ALL = "*"  # the row of everything, where the source knows what its parts do not add up to

STOCK = """
SELECT b.programme, count(DISTINCT b.id), sum(g.persons),
       sum(m.female), sum(m.old), sum(m.minor), sum(m.disabled), sum(m.ill), sum(m.student),
       count(*) FILTER (WHERE g.method = 'single'),
       sum(g.persons) FILTER (WHERE g.support = 'CENTRAL'),
       sum(g.persons) FILTER (WHERE g.support <> 'CENTRAL'),
       sum(g.persons) FILTER (WHERE g.tier = 'FULL'),
       sum(g.persons) FILTER (WHERE g.tier = 'PARTIAL'),
       sum(g.persons) FILTER (WHERE g.tier NOT IN ('FULL', 'PARTIAL')),
       sum(m.male), sum(m.under_16)
  FROM cases_benefit b
  LEFT JOIN LATERAL (SELECT t.* FROM cases_entitlement t WHERE t.benefit_id = b.id
        AND t.from_month <= %(month)s ORDER BY t.id DESC LIMIT 1) t ON true
 CROSS JOIN LATERAL (SELECT coalesce(t.persons, b.persons) AS persons,
        CASE WHEN t.id IS NULL THEN b.method ELSE t.method END AS method,
        coalesce(nullif(t.support, ''), b.support) AS support,
        coalesce(nullif(t.care_tier, ''), b.care_tier) AS tier) g
 CROSS JOIN LATERAL (SELECT
        count(*) FILTER (WHERE NOT m.is_male) AS female,
        count(*) FILTER (WHERE m.is_male) AS male,
        count(*) FILTER (WHERE m.birth_on > %(last)s::date - interval '16 years') AS under_16,
        count(*) FILTER (WHERE m.birth_on <= %(last)s::date - interval '60 years') AS old,
        count(*) FILTER (WHERE m.birth_on > %(last)s::date - interval '18 years') AS minor,
        count(*) FILTER (WHERE m.condition IN ('DISABLED_1', 'DISABLED_2')) AS disabled,
        count(*) FILTER (WHERE m.condition = 'ILL') AS ill,
        count(*) FILTER (WHERE m.studies_until >= %(last)s) AS student
   FROM cases_member m WHERE m.household_id = b.household_id AND m.is_insured
    AND m.joined_on <= %(last)s AND (m.left_on IS NULL OR m.left_on > %(last)s)) m
 WHERE b.district_id = %(district)s AND b.start_month <= %(month)s
   AND (b.end_month IS NULL OR b.end_month >= %(month)s)
 GROUP BY b.programme
"""
STOCK_COLUMNS = ("households", "persons", "female", "old", "minor", "disabled", "ill", "student",
                 "single", "central", "scattered", "full", "partial", "self",
                 "male", "under_16")  # fmt: skip
FLOW_COLUMNS = ("new_households", "left_households", "new_persons", "left_persons", "fen",
                "person_months")  # fmt: skip
# All money, but a person of a month once (FIRST_KINDS): else the mean would be too small.
MONEY = f"""
SELECT s.programme, sum(s.fen) FILTER (WHERE s.batch_month >= %(first)s),
       sum(s.fen), sum(s.persons) FILTER (WHERE s.batch_month >= %(first)s
                                             AND s.kind IN {FIRST_KINDS})
  FROM supervision_payoutsum s
 WHERE s.district_id = %(district)s AND s.state = 'PAID'
   AND s.batch_month BETWEEN %(year)s AND %(month)s
 GROUP BY s.programme
"""
RELIEF = """
SELECT c.programme, count(*), sum(d.persons),
       count(*) FILTER (WHERE m.registered IN ('HERE', 'PERMIT')),
       count(*) FILTER (WHERE m.registered NOT IN ('HERE', 'PERMIT')),
       count(*) FILTER (WHERE q.household_class IN ('ALLOWANCE', 'DESTITUTE')), sum(d.once_fen)
  FROM cases_case c
  JOIN cases_decision d ON d.case_id = c.id AND d.outcome = 'APPROVED'
  LEFT JOIN cases_claim q ON q.case_id = c.id
  LEFT JOIN LATERAL (SELECT m.registered FROM cases_member m WHERE m.household_id = c.household_id
        AND m.relation = 'SELF' ORDER BY m.id LIMIT 1) m ON true
 WHERE c.district_id = %(district)s AND c.programme IN ('URGENT_RELIEF', 'EXPENSE_RELIEF')
   AND d.decided_on BETWEEN %(first)s AND %(last)s
 GROUP BY c.programme
"""
RELIEF_COLUMNS = ("times", "persons", "local", "outside", "benefit", "fen")


def _rows(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def fill(table: StatTable, district: Unit, first: date, last: date) -> dict[str, Any]:
    """The table of the months first to last (first days): heads, rows, sums, as plain values."""
    sources = {"stock": _stock, "relief": _relief, "figures": _figures}
    found = sources[table.source](table, district, first, last)
    rows = table.rows or _units(district)
    return {
        "title": table.title,
        "note": table.note,
        "heads": [[c.code, c.label, c.unit] for c in table.heads],
        "rows": [
            {"code": code, "label": label,
             "cells": [found.get(code, {}).get(c.code) for c in table.heads]}
            for code, label in rows
        ],
        "sums": [
            found[ALL][c.code] if c.code in found.get(ALL, {})
            else _sum(c, [found.get(code, {}) for code, _ in rows])
            for c in table.heads
        ],
    }  # fmt: skip


def _units(district: Unit) -> tuple[tuple[str, str], ...]:
    """The offices, and the bureau itself, which handles complaints of its own."""
    offices = Unit.objects.offices().filter(parent=district).order_by("code")
    return (*((str(u.pk), u.short_name) for u in offices), (str(district.pk), "区本级"))


def _sum(column: Column, rows: list[dict[str, int]]) -> int | None:
    """The sum where numbers add up; a mean or share of everything is not that of its parts."""
    if column.code == "mean_fen":
        people = sum(r.get("person_months", r.get("times", 0)) for r in rows)
        return sum(r.get("fen", 0) for r in rows) // people if people else None
    return sum(r.get(column.code) or 0 for r in rows) if column.sums else None


def _stock(table: StatTable, district: Unit, first: date, last: date) -> Figures:
    end = next_month(last) - timedelta(days=1)
    values = {
        "district": district.pk, "month": last, "last": end, "first": first,
        "year": date(last.year, 1, 1),
    }  # fmt: skip
    found: Figures = {
        code: dict.fromkeys((*(c.code for c in table.heads), *FLOW_COLUMNS), 0)
        for code, _ in table.rows
    }
    for programme, *numbers in _rows(STOCK, values):
        if programme in found:
            pairs = zip(STOCK_COLUMNS, numbers, strict=True)
            found[programme] |= {name: int(n or 0) for name, n in pairs}
    for programme, fen, year_fen, months in _rows(MONEY, values):
        if programme in found:
            found[programme] |= {
                "fen": int(fen or 0), "year_fen": int(year_fen or 0),
                "person_months": int(months or 0),
            }  # fmt: skip
    _flow(found, district, first, last)
    for programme, cells in found.items():
        cells["mean_fen"] = cells["fen"] // cells["person_months"] if cells["person_months"] else 0
        if any(c.code == "standard_fen" for c in table.heads):
            cells["standard_fen"] = _standard(programme, end)
    return found


def _standard(programme: str, on: date) -> int:
    try:
        return int(rules(on)[f"standard.{programme}"])
    except Refused:  # a district that has not entered it yet has a table without it
        return 0


def _flow(found: Figures, district: Unit, first: date, last: date) -> None:
    """New and left within the period, month by month, as stock and flow of the roster."""
    month = first
    while month <= last:
        statement = FLOW.format(scope="b.district_id = %(district)s")
        values = {"month": month, "last": previous_month(month), "district": district.pk}
        for (
            programme,
            _,
            new,
            moved_in,
            left,
            moved_out,
            _,
            _,
            p_new,
            p_in,
            p_left,
            p_out,
            p_grown,
            _,
        ) in _rows(statement, values):
            cells = found.get(programme)
            if cells is not None:
                cells["new_households"] += int(new) + int(moved_in)
                cells["left_households"] += int(left) + int(moved_out)
                cells["new_persons"] += int(p_new) + int(p_in) + max(int(p_grown), 0)
                cells["left_persons"] += int(p_left) + int(p_out) + max(-int(p_grown), 0)
        month = next_month(month)


def _relief(table: StatTable, district: Unit, first: date, last: date) -> Figures:
    end = next_month(last) - timedelta(days=1)
    found: Figures = {
        code: dict.fromkeys((c.code for c in table.heads), 0) for code, _ in table.rows
    }
    values = {"district": district.pk, "first": first, "last": end}
    for programme, *numbers in _rows(RELIEF, values):
        pairs = zip(RELIEF_COLUMNS, numbers, strict=True)
        found[programme] |= {name: int(n or 0) for name, n in pairs}
        cells = found[programme]
        cells["mean_fen"] = cells["fen"] // cells["times"] if cells["times"] else 0
    return found


def _figures(table: StatTable, district: Unit, first: date, last: date) -> Figures:
    """Each office's figures of the period, and the shares of all offices together; shares in
    hundredths of a per cent."""
    asked = period(first, last)  # of a month that is not over: to today, as everywhere
    codes = [column.code for column in table.heads]
    values = {code: by_group(rows) for code, rows in many(codes, ROBOT, asked, "office").items()}
    units = [int(key) for key, _ in _units(district)]
    found: Figures = {str(pk): {} for pk in units}
    found[ALL] = {}
    for column in table.heads:
        mine = {pk: values[column.code][pk] for pk in units if pk in values[column.code]}
        if column.unit != "%":
            for pk in units:
                found[str(pk)][column.code] = mine[pk].numerator if pk in mine else 0
            continue
        for pk, value in mine.items():
            _share(found[str(pk)], column.code, value.share)
        _share(found[ALL], column.code, total(column.code, mine.values()).share)
    return found


def _share(cells: dict[str, int], code: str, share: float | None) -> None:
    if share is not None:
        cells[code] = round(share * 10_000)
