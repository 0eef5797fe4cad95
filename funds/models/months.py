"""One benefit month by month: what was due, what was paid, what is asked back."""

from dataclasses import dataclass
from datetime import date

from django.db import connection

from cases.models import Benefit

from .selection import GIVEN

MOST = 36

MONTHS = f"""
SELECT m.month::date,
       CASE WHEN m.month > coalesce(b.end_month, m.month) THEN 0
            ELSE g.monthly_fen + g.supplement_fen END,
       coalesce(p.paid, 0)::bigint, coalesce(p.waiting, 0)::bigint, coalesce(p.returned, 0)::bigint,
       coalesce((SELECT sum(r.fen) FROM funds_recoverymonth r
                  WHERE r.benefit_id = b.id AND r.month = m.month), 0)::bigint
  FROM cases_benefit b
 CROSS JOIN LATERAL generate_series(
       greatest(b.start_month, %(month)s::date - {MOST} * interval '1 month')::timestamp,
       %(month)s::timestamp, interval '1 month') AS m(month)
 CROSS JOIN LATERAL ({GIVEN.format(m="m.month::date")}) g
  LEFT JOIN LATERAL (
       SELECT sum(amount_fen) FILTER (WHERE state = 'PAID') AS paid,
              sum(amount_fen) FILTER (WHERE state = 'PENDING') AS waiting,
              sum(amount_fen) FILTER (WHERE state = 'RETURNED' AND NOT EXISTS (
                  SELECT FROM funds_payoutline r WHERE r.reissues_id = l.id)) AS returned
         FROM funds_payoutline l
        WHERE l.benefit_id = b.id AND l.month = m.month AND l.kind <> 'ONE_OFF') p ON true
 WHERE b.id = %(benefit)s
   AND (p.paid IS NOT NULL OR p.waiting IS NOT NULL OR p.returned IS NOT NULL
        OR m.month <= coalesce(b.end_month, m.month))
 ORDER BY m.month DESC
"""


@dataclass(frozen=True)
class MonthRow:
    """One month (fen): due, paid, on a list and not answered, returned by the bank, asked back."""

    month: date
    due_fen: int
    paid_fen: int
    waiting_fen: int
    returned_fen: int
    asked_fen: int

    @property
    def difference_fen(self) -> int:
        """Paid or about to be paid, less what is due and what is asked back: more than 0 is too
        much, less than 0 too little."""
        return self.paid_fen + self.waiting_fen - self.asked_fen - self.due_fen


def months_of(benefit: Benefit, month: date) -> list[MonthRow]:
    """The benefit's months up to `month`, the latest first; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(MONTHS, {"benefit": benefit.pk, "month": month})
        return [MonthRow(*row) for row in cursor.fetchall()]
