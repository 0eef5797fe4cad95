"""存量与增减: stock(M) = stock(M-1) + new - left, in households and persons (domain 12.1).

Who goes on under another number, in another village or another programme is no new entry and no
exit: the chain (Benefit.continues) says so.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from cases.reports.roster import scope_sql
from cases.rules.months import previous_month
from cases.rules.programmes import Programme
from yuquan_relief.kernel.actor import Actor


@dataclass(frozen=True)
class FlowRow:
    """One programme in one month; households and persons."""

    programme: str
    before: int
    new: int
    moved_in: int
    left: int
    moved_out: int
    after: int
    persons_before: int
    persons_new: int
    persons_moved_in: int
    persons_left: int
    persons_moved_out: int
    persons_grown: int
    persons_after: int

    @property
    def label(self) -> str:
        """The programme's name."""
        return Programme(self.programme).label

    @property
    def adds_up(self) -> bool:
        """Whether stock and flow agree, in households and in persons."""
        households = self.before + self.new + self.moved_in - self.left - self.moved_out
        persons = (
            self.persons_before
            + self.persons_new
            + self.persons_moved_in
            + self.persons_grown
            - self.persons_left
            - self.persons_moved_out
        )
        return households == self.after and persons == self.persons_after


# Each benefit with its persons in the month before and in the month. It moved in when what it
# continues was in benefit the month before; it moved out when it is continued in the month.
FLOW = """
WITH both_months AS (
    SELECT b.id, b.programme, b.continues_id,
           CASE WHEN b.start_month <= %(last)s AND coalesce(b.end_month, %(last)s) >= %(last)s
                THEN coalesce(e.persons, b.persons) END AS before,
           CASE WHEN b.start_month <= %(month)s AND coalesce(b.end_month, %(month)s) >= %(month)s
                THEN coalesce(n.persons, b.persons) END AS after
      FROM cases_benefit b
      LEFT JOIN LATERAL (SELECT persons FROM cases_entitlement t WHERE t.benefit_id = b.id
            AND t.from_month <= %(last)s ORDER BY t.id DESC LIMIT 1) e ON true
      LEFT JOIN LATERAL (SELECT persons FROM cases_entitlement t WHERE t.benefit_id = b.id
            AND t.from_month <= %(month)s ORDER BY t.id DESC LIMIT 1) n ON true
     WHERE b.start_month <= %(month)s AND coalesce(b.end_month, %(last)s) >= %(last)s AND {scope}),
known AS (
    SELECT m.*,
           EXISTS (SELECT FROM cases_benefit o WHERE o.id = m.continues_id
                      AND o.start_month <= %(last)s
                      AND coalesce(o.end_month, %(last)s) >= %(last)s) AS from_another,
           EXISTS (SELECT FROM cases_benefit o WHERE o.continues_id = m.id
                      AND o.start_month <= %(month)s
                      AND coalesce(o.end_month, %(month)s) >= %(month)s) AS into_another
      FROM both_months m)
SELECT programme,
       count(before), count(after) FILTER (WHERE before IS NULL AND NOT from_another),
       count(after) FILTER (WHERE before IS NULL AND from_another),
       count(before) FILTER (WHERE after IS NULL AND NOT into_another),
       count(before) FILTER (WHERE after IS NULL AND into_another), count(after),
       coalesce(sum(before), 0), coalesce(sum(after) FILTER (WHERE before IS NULL
                                          AND NOT from_another), 0),
       coalesce(sum(after) FILTER (WHERE before IS NULL AND from_another), 0),
       coalesce(sum(before) FILTER (WHERE after IS NULL AND NOT into_another), 0),
       coalesce(sum(before) FILTER (WHERE after IS NULL AND into_another), 0),
       coalesce(sum(after - before), 0), coalesce(sum(after), 0)
  FROM known GROUP BY programme ORDER BY programme
"""


def flow_of(actor: Actor, month: date) -> list[FlowRow]:
    """The month's stock and flow in the actor's scope; one statement."""
    values: dict[str, Any] = {"month": month, "last": previous_month(month)}
    statement = FLOW.format(scope=scope_sql(actor, {}, values))
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [FlowRow(*row) for row in cursor.fetchall()]
