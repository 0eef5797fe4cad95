"""What offices need, read from the roster and from what was paid: for budgets and plans."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from cases.rules.months import months_before
from cases.rules.programmes import Programme

from .selection import GIVEN

AVERAGE_MONTHS = 3


@dataclass(frozen=True)
class Need:
    """One office and programme: heads and fen a month now; averages of the last three months."""

    programme: str
    households: int
    persons: int
    monthly_fen: int
    new_fen: int
    exit_fen: int
    relief_fen: int


# One row for each office and programme in benefit, with the averages of what came and went.
ROSTER = f"""
SELECT b.office_id, b.programme,
       count(*) FILTER (WHERE now.here), coalesce(sum(g.persons) FILTER (WHERE now.here), 0),
       coalesce(sum(g.fen) FILTER (WHERE now.here), 0)::bigint,
       (coalesce(sum(g.fen) FILTER (WHERE b.start_month > %(since)s
                                      AND b.start_month <= %(month)s), 0)
        / {AVERAGE_MONTHS})::bigint,
       (coalesce(sum(g.fen) FILTER (WHERE b.end_month >= %(since)s AND b.end_month < %(month)s), 0)
        / {AVERAGE_MONTHS})::bigint
  FROM cases_benefit b
  JOIN kernel_unit o ON o.id = b.office_id
 CROSS JOIN LATERAL (SELECT b.start_month <= %(month)s
                        AND (b.end_month IS NULL OR b.end_month >= %(month)s) AS here) now
 CROSS JOIN LATERAL (SELECT x.persons, x.monthly_fen + x.supplement_fen AS fen
                       FROM ({GIVEN.format(m="%(month)s::date")}) x) g
 WHERE {{where}}
 GROUP BY b.office_id, b.programme ORDER BY b.office_id, b.programme
"""

RELIEF = """
SELECT c.office_id, c.programme, (sum(h.amount_fen) / %(months)s)::bigint
  FROM cases_handover h JOIN cases_case c ON c.id = h.case_id
  JOIN kernel_unit o ON o.id = c.office_id
 WHERE h.method <> 'REFERRAL' AND h.handed_on > %(since)s AND {where}
 GROUP BY c.office_id, c.programme ORDER BY c.office_id, c.programme
"""


def _rows(sql: str, where: str, **values: int | date) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql.format(where=where), values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _needs(where: str, place: int, month: date) -> Iterator[tuple[int, Need]]:
    values: dict[str, int | date] = {
        "place": place,
        "month": month,
        "since": months_before(month, AVERAGE_MONTHS),
    }
    for office_id, programme, *figures in _rows(ROSTER, where, **values):
        yield office_id, Need(str(programme), *(*figures, 0))
    for office_id, programme, fen in _rows(RELIEF, where, months=AVERAGE_MONTHS, **values):
        yield office_id, Need(str(programme), 0, 0, 0, 0, 0, fen)


def needs_of(office_id: int, month: date) -> list[Need]:
    """What one office needs, by programme; two statements."""
    return [need for _, need in _needs("o.id = %(place)s", office_id, month)]


def plan_needs(district_id: int, month: date) -> list[tuple[int, Need]]:
    """(office id, need) of every office of the district in benefit; without 临时救助."""
    found = _needs("o.parent_id = %(place)s", district_id, month)
    return [(office, need) for office, need in found if Programme(need.programme).is_monthly]


def relief_use(office_id: int, programme: str, on: date) -> int:
    """What the office handed out a month on the average of the last three (fen)."""
    month = on.replace(day=1)
    return sum(n.relief_fen for n in needs_of(office_id, month) if n.programme == programme)
