"""Which office's money runs out first: available in the ledger beside what was paid of late."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from cases.rules.months import previous_month
from supervision.rules.run_out import MONTHS, NEAR, lasts, short_month
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.roles import Reach

# The summaries of the last lists (none is scanned), and the balance of the year's available money.
# The mean is that of the last MONTHS months in which something was paid. The month that is not
# over is one of them when all of its own list was paid; until then it would make the mean small.
# Its money left the available balance when the list was approved: what follows is the next month.
STATEMENT = f"""
WITH m AS (
    SELECT s.office_id, s.programme, s.batch_month,
           sum(s.fen) FILTER (WHERE s.state = 'PAID') AS fen,
           s.batch_month < %(last)s
           OR bool_or(l.kind = 'NORMAL' AND s.state = 'PAID')
              AND NOT bool_or(l.kind = 'NORMAL' AND s.state = 'PENDING') AS is_whole
      FROM supervision_payoutsum s JOIN funds_payoutbatch l ON l.id = s.batch_id
     WHERE s.batch_month BETWEEN %(first)s AND %(last)s AND {{scope}}
     GROUP BY s.office_id, s.programme, s.batch_month
    HAVING sum(s.fen) FILTER (WHERE s.state = 'PAID') > 0),
placed AS (
    SELECT m.*, m.is_whole AND row_number() OVER (
                PARTITION BY m.office_id, m.programme, m.is_whole
                ORDER BY m.batch_month DESC) <= {MONTHS} AS is_taken
      FROM m)
SELECT p.office_id, p.programme, p.last_list, p.fen, p.months, coalesce(a.fen, 0)
  FROM (SELECT s.office_id, s.programme, max(s.batch_month) AS last_list,
               sum(s.fen) FILTER (WHERE s.is_taken) AS fen,
               count(*) FILTER (WHERE s.is_taken) AS months
          FROM placed s
         GROUP BY s.office_id, s.programme
        HAVING bool_or(s.is_taken)) p
  LEFT JOIN (SELECT f.office_id, f.programme, sum(e.amount_fen) AS fen
               FROM funds_fundaccount f JOIN funds_ledgerentry e ON e.account_id = f.id
              WHERE f.kind = 'AVAILABLE' AND f.year = %(year)s
              GROUP BY f.office_id, f.programme) a
    ON a.office_id = p.office_id AND a.programme = p.programme
"""


@dataclass(frozen=True)
class RunOut:
    """One purse. `available_fen`: now; `monthly_fen`: mean of the last months that were paid;
    `short_month`: the first month that cannot be paid in full."""

    office_id: int
    programme: str
    available_fen: int
    monthly_fen: int
    short_month: date
    is_near: bool


def run_outs(
    actor: Actor, on: date, *, office_id: int | None = None, programme: str = ""
) -> list[RunOut]:
    """The actor's purses out of which something was paid of late, the shortest first."""
    last = on.replace(day=1)
    first = last
    for _ in range(MONTHS):
        first = previous_month(first)
    column = {Reach.OFFICE: "s.office_id", Reach.DISTRICT: "s.district_id"}.get(actor.reach)
    scope = f"{column} = %(unit)s" if column else "false"
    scope += " AND s.office_id = %(office)s" if office_id is not None else ""
    scope += " AND s.programme = %(programme)s" if programme else ""
    values: dict[str, Any] = {
        "first": first, "last": last, "year": on.year, "unit": actor.unit_id,
        "office": office_id, "programme": programme,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(STATEMENT.format(scope=scope), values)
        found = [_run_out(*row) for row in cursor.fetchall()]
    return sorted((row for row in found if row), key=lambda row: (row.short_month, row.office_id))


def _run_out(
    office: int, programme: str, last_list: date, paid: int, of_months: int, available: int
) -> RunOut | None:
    months = lasts(int(available), int(paid), of_months)
    if months is None:
        return None
    month = short_month(last_list, months)
    return RunOut(office, programme, int(available), int(paid) // of_months, month, months < NEAR)
