"""Relatives of those in office among whom a list pays: matched again at payout (9, 3(5))."""

from dataclasses import dataclass
from datetime import date

from django.db import connection

from .batch import PayoutBatch

MOST = 50

# Each household of the list of which a member is a registered relative of somebody in post, or
# holds a post; the index of the register's numbers answers it, whatever the length of the list.
KIN = """
WITH in_office AS (
    SELECT r.id_digest, s.name AS staff, o.title, u.short_name
      FROM cases_staffrelative r
      JOIN kernel_person s ON s.id = r.staff_id
      JOIN kernel_post o ON o.person_id = s.id
       AND o.starts_on <= %(on)s AND coalesce(o.ends_on, %(on)s) >= %(on)s
      JOIN kernel_unit u ON u.id = o.unit_id
     WHERE r.withdraws_id IS NULL
       AND NOT EXISTS (SELECT FROM cases_staffrelative w WHERE w.withdraws_id = r.id)
    UNION
    SELECT s.id_digest, s.name, o.title, u.short_name
      FROM kernel_person s
      JOIN kernel_post o ON o.person_id = s.id
       AND o.starts_on <= %(on)s AND coalesce(o.ends_on, %(on)s) >= %(on)s
      JOIN kernel_unit u ON u.id = o.unit_id
)
SELECT DISTINCT l.certificate_no, l.head_name, m.name, k.short_name || k.staff,
       coalesce(c.bureau_visited_on IS NOT NULL, false)
  FROM in_office k
  JOIN cases_member m ON m.id_digest = k.id_digest AND m.left_on IS NULL
  JOIN funds_payoutline l ON l.household_id = m.household_id AND l.batch_id = %(batch)s
  JOIN cases_benefit b ON b.id = l.benefit_id
  LEFT JOIN cases_case c ON c.id = b.source_case_id
 ORDER BY 5, 1 LIMIT %(most)s
"""


@dataclass(frozen=True)
class KinRow:
    """One household of a list with a relative of somebody in office."""

    certificate_no: str
    head_name: str
    member: str
    staff: str
    is_visited: bool  # by the bureau, before it was approved (9)


def kin_of(batch: PayoutBatch, on: date) -> list[KinRow]:
    """Those whom the register finds on the day, the ones that the bureau never visited first."""
    with connection.cursor() as cursor:
        cursor.execute(KIN, {"batch": batch.pk, "on": on, "most": MOST})
        return [KinRow(*row) for row in cursor.fetchall()]
