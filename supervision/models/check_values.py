"""What the checks need beside SQL: rules in force, the calendar, what only opened texts tell."""

import json
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.db import connection
from django.utils.timezone import localtime

from cases.rules.procedures import STATES as CASE_STATES
from cases.rules.programmes import Programme
from cases.rules.relief import CLASSES
from funds.rules.batches import STATES as BATCH_STATES
from supervision.rules.ghosts import Seen, suspects
from supervision.rules.numbers import fits
from yuquan_relief.kernel.calendars import work_calendar
from yuquan_relief.kernel.fields import unseal_all
from yuquan_relief.kernel.inputs import InputError, places
from yuquan_relief.kernel.models import RuleValue
from yuquan_relief.kernel.rulebook_values import in_force, rules

ALLOWANCES = (Programme.URBAN_ALLOWANCE, Programme.RURAL_ALLOWANCE)
FIRST_WORKDAY = date(2019, 1, 1)  # of the array; days before count as none between
CHUNK = 20_000
FAR_METRES = 500
FAR_VISIT = 2_000  # photos of one visit (as cases.models.checks)
MOST_LOOKS = 200  # files of people looked at by one person in a day (security 2, no. 18)

LIVE_MEMBERS = """
SELECT m.id, m.id_no, m.birth_on, m.is_male FROM cases_member m
 WHERE m.left_on IS NULL AND m.id_no <> ''
   AND (%(home)s::bigint IS NULL OR m.household_id = %(home)s) AND (
       EXISTS (SELECT FROM cases_benefit b WHERE b.household_id = m.household_id
                  AND (b.end_month IS NULL OR b.end_month >= %(month)s))
    OR EXISTS (SELECT FROM cases_case c WHERE c.household_id = m.household_id
                  AND c.state NOT IN ('DRAFT', 'DECLINED', 'REFUSED', 'APPROVED')))
"""
LIVE_HOMES = """
SELECT u.id, u.phone, u.address, coalesce(a.number_digest, ''), coalesce(p.pair, ''), u.village_id
  FROM cases_household u
  LEFT JOIN cases_payeeaccount a ON a.household_id = u.id AND a.is_current
  LEFT JOIN LATERAL (
       SELECT string_agg(DISTINCT g.person_id::text, '+' ORDER BY g.person_id::text) AS pair
         FROM cases_case c JOIN kernel_signature g ON g.subject_kind = 'case'
          AND g.subject_key = c.no AND g.stage = 'survey'
        WHERE c.household_id = u.id) p ON true
 WHERE EXISTS (SELECT FROM cases_benefit b WHERE b.household_id = u.id
                  AND b.start_month <= %(month)s
                  AND (b.end_month IS NULL OR b.end_month >= %(month)s))
"""
BOARD_PHOTOS = """
SELECT c.village_id, f.id, f.place FROM cases_notice n
  JOIN cases_case c ON c.id = n.case_id
  JOIN kernel_attachment f ON f.id = n.photo_id
 WHERE f.place <> '' AND n.posted_on > %(on)s::date - 365
   AND (%(home)s::bigint IS NULL
        OR c.village_id = (SELECT u.village_id FROM cases_household u WHERE u.id = %(home)s))
 ORDER BY c.village_id, f.id
"""
VISIT_PHOTOS = """
SELECT f.subject_key, f.place FROM kernel_attachment f JOIN cases_case c ON c.no = f.subject_key
 WHERE f.subject_kind = 'case' AND f.slot = 'survey_photo' AND f.withdrawn_at IS NULL
   AND f.place <> '' AND c.submitted_on > %(on)s::date - 365
   AND (%(home)s::bigint IS NULL OR c.household_id = %(home)s)
 ORDER BY f.subject_key, f.id
"""


def check_values(on: date, home: int | None = None) -> dict[str, Any]:
    """Every value that a check's SQL names, as of the day. Costs a handful of statements.

    `home`: the one household that is looked at; then no other's texts are opened but the photos of
    its village's board, and likeness to other households stays as the night found it.
    """
    book, month = rules(on), on.replace(day=1)
    limits, times = book["property.limits"], book["relief.amount"]
    days = {"on": on, "month": month}
    return days | {
        "workdays": _workdays(on),
        "known_from": FIRST_WORKDAY,
        "misfits": _misfits(month, home),
        "ghosts": json.dumps(_ghosts(month) if home is None else [], ensure_ascii=False),
        "far_photos": json.dumps(_far_photos(on, home)),
        "far_visits": json.dumps(_far_visits(on, home)),
        "exclusive": json.dumps(book["benefit.exclusive"]),
        "states": json.dumps(CASE_STATES, ensure_ascii=False),
        "batch_states": json.dumps(BATCH_STATES, ensure_ascii=False),
        "classes": json.dumps(CLASSES, ensure_ascii=False),
        "standards": json.dumps(_standards()),
        "tiers": json.dumps([t["fen"] for t in book["allowance.tiers"] if t["fen"]]),
        "certify": book["certify.months"],
        "money_months": limits["money_months"],
        "dwellings": limits["dwellings"],
        "dwelling_area": limits["dwelling_area"],
        "min_times": times["min_times"],
        "max_times": times["max_times"],
        "office_most": book["relief.office_most"],
        "papers_days": book["limit.relief.papers"]["days"],
        "reissue_days": book["payout.reissue_days"],
        "cut_off": book["decision.cut_off_day"],
        "most_looks": MOST_LOOKS,
    }


def _workdays(on: date) -> list[date]:
    """Working days, sorted, from FIRST_WORKDAY to a year ahead."""
    calendar = work_calendar()
    count = (on + timedelta(days=366) - FIRST_WORKDAY).days
    days = (FIRST_WORKDAY + timedelta(days=n) for n in range(count))
    return [day for day in days if calendar.is_workday(day)]


def _rows(statement: str, **values: Any) -> Iterable[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        while rows := cursor.fetchmany(CHUNK):
            yield from rows


def _misfits(month: date, home: int | None) -> list[int]:
    """Members whose sealed number does not say their birth date and sex."""
    rows = list(_rows(LIVE_MEMBERS, month=month, home=home))
    numbers = unseal_all(row[1] for row in rows)
    return [
        row[0]
        for row, number in zip(rows, numbers, strict=True)
        if not fits(number, row[2], is_male=row[3])
    ]


def _ghosts(month: date) -> list[dict[str, Any]]:
    rows = list(_rows(LIVE_HOMES, month=month))
    phones = unseal_all(row[1] for row in rows)
    addresses = unseal_all(row[2] for row in rows)
    seen = [
        Seen(row[0], phone, address, row[3], row[4], row[5])
        for row, phone, address in zip(rows, phones, addresses, strict=True)
    ]
    return [{"household": s.household, "signs": s.signs, "what": s.what} for s in suspects(seen)]


def _far_photos(on: date, home: int | None) -> list[dict[str, int]]:
    """Board photos taken far from where most of the village's are taken."""
    found = []
    rows = list(_rows(BOARD_PHOTOS, on=on, home=home))
    spots = unseal_all(row[2] for row in rows)
    placed = [(row[0], row[1], spot) for row, spot in zip(rows, spots, strict=True)]
    for _, mine in groupby(placed, key=lambda row: row[0]):
        found += _far_of_village([(pk, spot) for _, pk, spot in mine])
    return found


def _far_visits(on: date, home: int | None) -> list[dict[str, Any]]:
    """Cases whose photos of the home were taken far from each other."""
    rows = list(_rows(VISIT_PHOTOS, on=on, home=home))
    spots = unseal_all(row[1] for row in rows)
    placed = [(row[0], spot) for row, spot in zip(rows, spots, strict=True)]
    found = []
    for no, mine in groupby(placed, key=lambda row: row[0]):
        known = [place for _, place in _known(mine)]
        metres = max((a.metres_to(b) for a in known for b in known), default=0)
        if metres > FAR_VISIT:
            found.append({"no": no, "metres": metres})
    return found


def _known(photos: Iterable[tuple[Any, str]]) -> list[tuple[Any, places.Place]]:
    """Those whose place can be read."""
    known = []
    for key, spot in photos:
        try:
            known.append((key, places.clean(spot)))
        except InputError:  # kept before the form was checked: says nothing about where
            continue
    return known


def _far_of_village(photos: list[tuple[int, str]]) -> list[dict[str, int]]:
    """With three photos and more, the one nearest to all the others stands for the board."""
    known = _known(photos)
    if len(known) < 3:
        return []
    spots = [spot for _, spot in known]
    board = spots[places.nearest_to_all(spots)]
    away = [(pk, spot.metres_to(board) - spot.error - board.error) for pk, spot in known]
    return [{"photo": pk, "metres": metres} for pk, metres in away if metres > FAR_METRES]


def _standards() -> list[dict[str, Any]]:
    """Every standard of 低保 in force since when, with the day it was entered."""
    names = {f"standard.{p}": p.value for p in ALLOWANCES}
    kept = RuleValue.objects.filter(in_force(), parameter__in=names, rule_set="*")
    return [
        {
            "programme": names[v.parameter],
            "valid_from": v.valid_from.isoformat(),
            "fen": v.value,
            "entered_on": _entered(v),
        }
        for v in kept.order_by("parameter", "valid_from")
    ]


def _entered(value: RuleValue) -> str:
    """A delivered value has stood since its own day; an entered one since it was confirmed."""
    at = value.confirmed_at
    return (localtime(at).date() if at else value.valid_from).isoformat()
