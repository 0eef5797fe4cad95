"""What people were given before: for 同一事由 and against splitting (domain 5.2, R54)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from cases.rules.months import months_before

from .case import Case

EARLIER = """
SELECT coalesce(sum(d.once_fen), 0)::bigint,
       coalesce(max(c.no) FILTER (WHERE k.cause = %(cause)s), '')
  FROM cases_decision d
  JOIN cases_case c ON c.id = d.case_id
  LEFT JOIN cases_claim k ON k.case_id = c.id
 WHERE d.outcome = 'APPROVED' AND d.once_fen > 0 AND c.id <> %(case)s
   AND d.decided_on > %(since)s AND d.decided_on <= %(on)s
   AND EXISTS (SELECT FROM cases_member m
                WHERE m.household_id = c.household_id AND m.id_digest = ANY(%(people)s))
"""


@dataclass(frozen=True)
class EarlierRelief:
    """Sum (fen) that any of the people was given in the period, and a case with the same cause."""

    sum_fen: int
    same_cause: str


def earlier_relief(
    case: Case, digests: Sequence[str], *, cause: str, on: date, months: int
) -> EarlierRelief:
    """Earlier awards to any of these people within `months` before `on`, in whatever office."""
    values: dict[str, Any] = {
        "case": case.pk,
        "cause": cause,
        "people": list(digests),
        "since": months_before(on, months),
        "on": on,
    }
    with connection.cursor() as cursor:
        cursor.execute(EARLIER, values)
        sum_fen, same = cursor.fetchone()
    return EarlierRelief(sum_fen, same)
