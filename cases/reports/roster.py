"""在享对象: who is given what on any date, since when, last seen when, next due when (ux 1.4).

One statement for a page with its totals; the date may lie years back. Amounts and endings are those
that are known now, so what was found out later about that date is in it; who was head, what had
been seen and what was due are as they were on the date.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db import connection

from cases.rules.months import months_before
from cases.rules.programmes import MONTHLY, Programme
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.queries import key_of
from yuquan_relief.kernel.roles import Reach
from yuquan_relief.kernel.rulebook_values import rules

PAGE = 50


@dataclass(frozen=True)
class RosterRow:
    """One household in benefit in the month (fen)."""

    key: str
    household: str
    certificate_no: str
    head_name: str
    village: str
    programme: str
    persons: int
    monthly_fen: int
    supplement_fen: int
    start_month: date
    end_month: date | None
    category: str
    due_on: date | None
    visited_on: date | None
    seen_on: date | None
    reported_on: date | None
    review_no: str | None

    @property
    def programme_label(self) -> str:
        """The programme's name."""
        return Programme(self.programme).label

    @property
    def total_fen(self) -> int:
        """With 分类施保 or care."""
        return self.monthly_fen + self.supplement_fen


@dataclass(frozen=True)
class RosterPage:
    """A page of the roster with the totals of all of it (fen)."""

    on: date
    month: date
    rows: list[RosterRow]
    households: int
    persons: int
    total_fen: int
    previous_url: str
    next_url: str
    caption: str


# Entitlements are few beside benefits: the latest of each that reaches the month is read once and
# hashed. Contacts are looked up for the rows of the page only.
ROSTER = """
WITH given AS (
    SELECT DISTINCT ON (t.benefit_id) t.benefit_id, t.persons, t.monthly_fen, t.supplement_fen,
           t.year_fen
      FROM cases_entitlement t WHERE t.from_month <= %(month)s
     ORDER BY t.benefit_id, t.id DESC),
roster AS (
    SELECT b.id, b.key, b.household_id, b.certificate_no, b.village_id, b.programme,
           coalesce(g.persons, b.persons) AS persons,
           CASE WHEN coalesce(g.year_fen, b.year_fen) = 0
                THEN coalesce(g.monthly_fen, b.monthly_fen) ELSE
             (coalesce(g.year_fen, b.year_fen) * %(number)s + 6) / 12
             - (coalesce(g.year_fen, b.year_fen) * (%(number)s - 1) + 6) / 12 END AS monthly_fen,
           coalesce(g.supplement_fen, b.supplement_fen) AS supplement_fen,
           b.start_month, b.end_month, b.category, b.review_due_on
      FROM cases_benefit b LEFT JOIN given g ON g.benefit_id = b.id
     WHERE b.start_month <= %(month)s AND (b.end_month IS NULL OR b.end_month >= %(month)s)
       AND {scope}),
totals AS (
    SELECT count(*) AS households, coalesce(sum(persons), 0)::bigint AS persons,
           coalesce(sum(monthly_fen + supplement_fen), 0)::bigint AS fen FROM roster),
page AS (SELECT * FROM roster ORDER BY village_id, id OFFSET %(skip)s LIMIT %(size)s)
SELECT t.households, t.persons, t.fen, p.key, h.key, p.certificate_no,
       coalesce(m.name, h.head_name), v.name,
       p.programme, p.persons, p.monthly_fen, p.supplement_fen, p.start_month, p.end_month,
       CASE WHEN %(is_past)s THEN coalesce(d.category, p.category) ELSE p.category END,
       CASE WHEN %(is_past)s THEN d.due_on ELSE p.review_due_on END,
       c.visited, c.seen, c.reported, r.no
  FROM totals t
  LEFT JOIN page p ON true
  LEFT JOIN cases_household h ON h.id = p.household_id
  LEFT JOIN kernel_unit v ON v.id = p.village_id
  LEFT JOIN LATERAL (
       SELECT max(on_day) FILTER (WHERE kind = 'VISIT') AS visited,
              max(on_day) FILTER (WHERE kind IN ('SIGN_IN', 'CERTIFY')) AS seen,
              max(on_day) FILTER (WHERE kind = 'REPORT') AS reported
         FROM cases_contact x
        WHERE x.benefit_id = p.id AND x.on_day <= %(on)s) c ON true
  LEFT JOIN LATERAL (
       SELECT name FROM cases_member x
        WHERE x.household_id = p.household_id AND x.relation = 'SELF' AND x.joined_on <= %(on)s
          AND (x.left_on IS NULL OR x.left_on > %(on)s) ORDER BY x.id DESC LIMIT 1) m ON true
  LEFT JOIN LATERAL (
       SELECT due_on, category FROM cases_reviewdue x
        WHERE x.benefit_id = p.id AND x.since <= %(on)s ORDER BY x.id DESC LIMIT 1) d ON true
  LEFT JOIN LATERAL (
       SELECT no FROM cases_review x
        WHERE x.benefit_id = p.id AND x.opened_on <= %(on)s
          AND CASE WHEN x.state IN ('ENDED', 'WITHDRAWN') THEN x.ended_on > %(on)s ELSE true END
        ORDER BY x.id DESC LIMIT 1) r ON true
 ORDER BY p.village_id, p.id
"""


# Nobody has signed in, been certified or been visited for some months (R15, 17(4)).
UNSEEN = """b.start_month < %(unseen_since)s AND NOT EXISTS (
       SELECT FROM cases_contact x WHERE x.benefit_id = b.id
          AND x.kind IN ('SIGN_IN', 'CERTIFY', 'VISIT') AND x.on_day >= %(unseen_since)s)"""


def scope_sql(
    actor: Actor, query: Mapping[str, str], values: dict[str, Any], on: date | None = None
) -> str:
    """Which benefits the actor sees and asked for, as a condition on b; fills `values`.

    `on`: the day as of which somebody was not seen for long; today by default.
    """
    where = []
    field = {Reach.VILLAGE: "village_id", Reach.OFFICE: "office_id", Reach.DISTRICT: "district_id"}
    if not actor.is_robot:
        if actor.reach not in field:
            return "false"
        where.append(f"b.{field[actor.reach]} = %(unit)s")
        values["unit"] = actor.unit_id
    if village := key_of(query.get("village")):
        where.append("b.village_id = %(village)s")
        values["village"] = village
    if query.get("programme") in {p.value for p in MONTHLY}:
        where.append("b.programme = %(programme)s")
        values["programme"] = query["programme"]
    if query.get("category") in {"A", "B", "C"}:
        where.append("b.category = %(category)s")
        values["category"] = query["category"]
    if query.get("unseen"):
        where.append(UNSEEN)
        on = on or today()
        values["unseen_since"] = months_before(on, int(rules(on)["certify.months"]))
    return " AND ".join(where) or "true"


def roster_page(
    actor: Actor, query: Mapping[str, str], on: date, *, size: int = PAGE
) -> RosterPage:
    """The roster of the day `on`; `query`: village, programme, category, unseen, from (rows to
    skip)."""
    skip, month = key_of(query.get("from")) or 0, on.replace(day=1)
    values: dict[str, Any] = {
        "on": on,
        "is_past": on < today(),
        "month": month,
        "number": month.month,
        "skip": skip,
        "size": size,
    }
    statement = ROSTER.format(scope=scope_sql(actor, query, values, on))
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found = cursor.fetchall()
    households, persons, fen = found[0][:3]
    rows = [RosterRow(*row[3:]) for row in found if row[3] is not None]
    return RosterPage(
        on,
        month,
        rows,
        households,
        persons,
        fen,
        _url(query, on, max(skip - size, 0)) if skip else "",
        _url(query, on, skip + size) if skip + size < households else "",
        f"{on.year}年{on.month}月{on.day}日在享 {households} 户 {persons} 人",
    )


def _url(query: Mapping[str, str], on: date, skip: int) -> str:
    kept = {
        k: v for k, v in query.items() if v and k in ("village", "programme", "category", "unseen")
    }
    return "?" + urlencode({**kept, "on": str(on), "from": skip})
