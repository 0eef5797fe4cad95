"""Accounts that ask for a second look before a list is paid (R14)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection

from .batch import PayoutBatch

MOST = 50
RECENT_DAYS = 30

# One row for each household of the list and each reason: the account is also another household's
# in benefit (of another office only that there is one), its holder is nobody of the household, or
# it was changed within thirty days.
ALERTS = """
SELECT l.certificate_no, l.head_name, w.why
  FROM funds_payoutline l
  JOIN cases_benefit b ON b.id = l.benefit_id
  LEFT JOIN cases_payeeaccount a ON a.household_id = l.household_id AND a.is_current
 CROSS JOIN LATERAL (
       SELECT '账户同时用于另一户：' || o.who FROM (
              SELECT CASE WHEN h.office_id = l.office_id THEN h.head_name
                          ELSE '在别的镇、街道' END AS who
                FROM cases_payeeaccount x
                JOIN cases_household h ON h.id = x.household_id
                JOIN cases_benefit y ON y.household_id = h.id
                 AND (y.end_month IS NULL OR y.end_month >= l.month)
               WHERE x.number_digest = l.account_digest AND x.is_current
                 AND x.household_id <> l.household_id AND l.account_digest <> ''
               ORDER BY h.office_id <> l.office_id, h.id LIMIT 1) o
       UNION ALL
       SELECT '户名 ' || l.holder || ' 不是这户的成员' WHERE l.holder <> '' AND NOT EXISTS (
              SELECT FROM cases_member m WHERE m.household_id = l.household_id
                 AND (m.left_on IS NULL OR m.left_reason = 'DIED') AND m.name = l.holder)
       UNION ALL
       SELECT '账户 ' || a.valid_from || ' 才更换' WHERE a.valid_from > %(since)s
          AND EXISTS (SELECT FROM cases_payeeaccount z
                       WHERE z.household_id = l.household_id AND NOT z.is_current)
       ) AS w(why)
 WHERE l.batch_id = %(batch)s AND l.kind = 'NORMAL'
 ORDER BY l.line_no, w.why LIMIT %(most)s
"""


@dataclass(frozen=True)
class AccountAlert:
    """One household of a list and why its account is to be looked at."""

    certificate_no: str
    head_name: str
    why: str


def account_alerts(batch: PayoutBatch) -> list[AccountAlert]:
    """Accounts of the list that ask for a look; one statement."""
    values: dict[str, Any] = {
        "batch": batch.pk,
        "since": batch.month - timedelta(days=RECENT_DAYS),
        "most": MOST,
    }
    with connection.cursor() as cursor:
        cursor.execute(ALERTS, values)
        return [AccountAlert(*row) for row in cursor.fetchall()]
