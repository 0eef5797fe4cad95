"""Reviews that are due and the 100 % visits of the year, village by village (4(1).2)."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection

from cases.models import Review
from cases.reports.roster import scope_sql
from cases.rules.contacts import expected_share, weekly_pace
from cases.rules.reviews import OWNER, TONES
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.rulebook_values import rules

MOST = 200


@dataclass(frozen=True)
class Backlog:
    """Reviews of one village: due by the end of the month, open, overdue, ended this year."""

    village_id: int
    village: str
    households: int
    due: int
    open: int
    overdue: int
    done: int


BACKLOG = """
SELECT v.id, v.name, count(*),
       count(*) FILTER (WHERE b.review_due_on <= %(end)s),
       coalesce(sum(r.open), 0)::int, coalesce(sum(r.overdue), 0)::int,
       coalesce(sum(r.done), 0)::int
  FROM cases_benefit b JOIN kernel_unit v ON v.id = b.village_id
  LEFT JOIN LATERAL (
       SELECT count(*) FILTER (WHERE state NOT IN ('ENDED', 'WITHDRAWN')) AS open,
              count(*) FILTER (WHERE state NOT IN ('ENDED', 'WITHDRAWN')
                                 AND due_on < %(on)s) AS overdue,
              count(*) FILTER (WHERE state = 'ENDED' AND ended_on >= %(year)s) AS done
         FROM cases_review x WHERE x.benefit_id = b.id) r ON true
 WHERE (b.end_month IS NULL OR b.end_month >= %(month)s) AND {scope}
 GROUP BY v.id, v.name ORDER BY v.name
"""


def backlog(actor: Actor, on: date) -> list[Backlog]:
    """One row for each village of the actor's scope with somebody in benefit (18(5)); one
    statement."""
    month = on.replace(day=1)
    values: dict[str, Any] = {
        "on": on,
        "month": month,
        "year": date(on.year, 1, 1),
        "end": date(on.year + on.month // 12, on.month % 12 + 1, 1),
    }
    statement = BACKLOG.format(scope=scope_sql(actor, {}, values))
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [Backlog(*row) for row in cursor.fetchall()]


@dataclass(frozen=True)
class ReviewRow:
    """One review in a list."""

    no: str
    head_name: str
    village: str
    programme: str
    trigger: str
    what: str
    outcome: str
    before_fen: int
    after_fen: int
    state: str
    tone: str
    due_on: date
    is_late: bool


def review_rows(actor: Actor, on: date, *, states: tuple[str, ...] = ()) -> list[ReviewRow]:
    """Reviews in the actor's scope in these states (all that are open by default), the nearest
    first."""
    found = Review.objects.visible_to(actor)
    found = found.filter(state__in=states) if states else found.open()
    rows = found.select_related("benefit__household", "village").order_by("due_on", "id")
    return [
        ReviewRow(
            r.no,
            r.benefit.household.head_name,
            r.village.name,
            r.benefit.programme_label,
            r.get_trigger_display(),
            r.what,
            r.outcome_label,
            r.before_fen,
            r.after_fen,
            r.state_label,
            TONES.get(r.state, "mute"),
            r.due_on,
            r.due_on < on and r.state in OWNER,
        )
        for r in rows[:MOST]
    ]


@dataclass(frozen=True)
class VisitProgress:
    """The year's visits of one village against the expected line."""

    village: str
    should: int
    done: int
    expected: int
    pace: int  # visits a week that are needed to finish by the end of the year

    @property
    def tone(self) -> str:
        """ok on or above the line, warn below it."""
        return "ok" if self.done >= self.expected else "warn"


VISITS = """
SELECT v.name, count(*),
       count(*) FILTER (WHERE EXISTS (
           SELECT FROM cases_contact x WHERE x.benefit_id = b.id AND x.kind = 'VISIT'
              AND x.on_day >= %(year)s AND x.on_day <= %(on)s))
  FROM cases_benefit b JOIN kernel_unit v ON v.id = b.village_id
 WHERE b.start_month <= %(month)s AND (b.end_month IS NULL OR b.end_month >= %(month)s)
   AND {scope}
 GROUP BY v.name ORDER BY v.name
"""


def visit_progress(actor: Actor, on: date) -> list[VisitProgress]:
    """One row for each village of the actor's scope; one statement."""
    values: dict[str, Any] = {"on": on, "month": on.replace(day=1), "year": date(on.year, 1, 1)}
    statement = VISITS.format(scope=scope_sql(actor, {}, values))
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found = cursor.fetchall()
    share = expected_share(on)
    return [
        VisitProgress(village, should, done, int(should * share), weekly_pace(should - done, on))
        for village, should, done in found
    ]


def expected_text(on: date) -> str:
    """`到今天应完成 65 %`."""
    return f"到今天应完成 {round(expected_share(on) * 100)} %"


@dataclass(frozen=True)
class ToVisit:
    """Somebody in scattered 特困供养 who was not visited within the interval (3(7))."""

    key: str
    head_name: str
    village: str
    visited_on: date | None


SCATTERED = """
SELECT b.key, h.head_name, v.name, c.visited
  FROM cases_benefit b
  JOIN cases_household h ON h.id = b.household_id
  JOIN kernel_unit v ON v.id = b.village_id
  LEFT JOIN LATERAL (SELECT support FROM cases_entitlement t
        WHERE t.benefit_id = b.id AND t.from_month <= %(month)s
        ORDER BY t.id DESC LIMIT 1) e ON true
  LEFT JOIN LATERAL (SELECT max(on_day) AS visited FROM cases_contact x
        WHERE x.benefit_id = b.id AND x.kind = 'VISIT') c ON true
 WHERE b.programme IN ('URBAN_DESTITUTE', 'RURAL_DESTITUTE')
   AND coalesce(nullif(e.support, ''), nullif(b.support, ''), 'SCATTERED') = 'SCATTERED'
   AND b.start_month <= %(month)s AND (b.end_month IS NULL OR b.end_month >= %(month)s)
   AND (c.visited IS NULL OR c.visited < %(since)s) AND {scope}
 ORDER BY c.visited NULLS FIRST, b.id LIMIT %(most)s
"""


def scattered_to_visit(actor: Actor, on: date) -> list[ToVisit]:
    """Those who should have been visited by now, the longest waiting first; one statement."""
    values: dict[str, Any] = {
        "month": on.replace(day=1),
        "since": on - timedelta(days=int(rules(on)["visit.scattered_days"])),
        "most": MOST,
    }
    statement = SCATTERED.format(scope=scope_sql(actor, {}, values))
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [ToVisit(*row) for row in cursor.fetchall()]
