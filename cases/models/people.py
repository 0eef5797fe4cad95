"""What is known of people who apply: one statement, whatever their number."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection

from cases.rules.procedures import OPEN_STATES
from cases.rules.programmes import Family, Programme

RELIEF = [p.value for p in Programme if p.family == Family.RELIEF]

KNOWN = """
SELECT m.id_digest, 'busy' FROM cases_member m
 WHERE m.id_digest = ANY(%(people)s) AND m.left_on IS NULL
   AND m.household_id <> ALL(%(besides)s::bigint[]) AND (
       EXISTS (SELECT FROM cases_case c
                WHERE c.household_id = m.household_id AND c.state = ANY(%(open)s)
                  AND (c.programme = ANY(%(relief)s)) = %(for_relief)s)
    OR NOT %(for_relief)s AND EXISTS (SELECT FROM cases_benefit b
                WHERE b.household_id = m.household_id
                  AND (b.end_month IS NULL OR b.end_month > date_trunc('month', %(on)s::date))))
UNION
SELECT p.id_digest, 'staff' FROM kernel_person p JOIN kernel_post o ON o.person_id = p.id
 WHERE p.id_digest = ANY(%(people)s)
   AND o.starts_on <= %(on)s AND coalesce(o.ends_on, %(on)s) >= %(on)s
UNION
SELECT r.id_digest, 'staff'
  FROM cases_staffrelative r JOIN kernel_post o ON o.person_id = r.staff_id
 WHERE r.id_digest = ANY(%(people)s) AND r.withdraws_id IS NULL
   AND o.starts_on <= %(on)s AND coalesce(o.ends_on, %(on)s) >= %(on)s
   AND NOT EXISTS (SELECT FROM cases_staffrelative w WHERE w.withdraws_id = r.id)
"""


def known(
    digests: Sequence[str], on: date, *, for_relief: bool = False, besides: Sequence[int] = ()
) -> tuple[set[str], set[str]]:
    """Of these people, who has an open application or a benefit, and who holds a post on `on`
    or is a registered relative of somebody who does.

    Who is in benefit may still be given relief, and the other way round (N5): `for_relief` looks
    at open applications for relief only, and else at all others. `besides`: households that the
    application continues.
    """
    with connection.cursor() as cursor:
        values: dict[str, Any] = {
            "people": list(digests),
            "open": sorted(OPEN_STATES),
            "relief": RELIEF,
            "for_relief": for_relief,
            "besides": list(besides),
            "on": on,
        }
        cursor.execute(KNOWN, values)
        found = cursor.fetchall()
    busy, staff = ({d for d, kind in found if kind == name} for name in ("busy", "staff"))
    return busy, staff
