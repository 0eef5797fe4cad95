"""What happens in the life of those in benefit, found by query on any day (R07, R11, R51, R52)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

# Ages at which a right begins or ends: 16 and 18 (分类施保, 特困), 60 (分类施保, 无劳动能力), 70
# (an obligor of 70 need not support).
AGES = (16, 18, 60, 70)
DAYS_BACK, DAYS_AHEAD = 120, 30


@dataclass(frozen=True)
class Happening:
    """Something that asks for a review. `cause` names it, so that it is reviewed once."""

    benefit_key: str
    member_id: int
    trigger: str
    cause: str
    what: str


# One statement for each kind: (benefit key, member id, trigger, cause, what). Who is being
# reviewed is looked at in that review; a cause that was reviewed is not found again.
OPEN = """
   AND NOT EXISTS (SELECT FROM cases_review r WHERE r.benefit_id = b.id
                      AND (r.state NOT IN ('ENDED', 'WITHDRAWN') OR r.cause = {cause}))
"""
IN_BENEFIT = """
  FROM cases_benefit b
  JOIN cases_member m ON m.household_id = b.household_id
   AND m.joined_on <= %(on)s AND m.left_on IS NULL
 WHERE (b.end_month IS NULL OR b.end_month >= date_trunc('month', %(on)s::date))
"""


def _ages() -> str:
    cause = "'AGE' || a.age || ':' || m.id"
    return f"""
SELECT b.key, m.id, 'EVENT', {cause},
       m.name || ' ' || (m.birth_on + a.age * interval '1 year')::date
       || ' 满 ' || a.age || ' 周岁'
{IN_BENEFIT.replace(" WHERE", " CROSS JOIN unnest(%(ages)s::int[]) a(age) WHERE")}
   AND (m.birth_on + a.age * interval '1 year')::date
       BETWEEN %(on)s::date - %(back)s AND %(on)s::date + %(ahead)s
{OPEN.format(cause=cause)}"""


def _until(column: str, code: str, words: str) -> str:
    cause = f"'{code}:' || m.id || ':' || m.{column}"
    return f"""
SELECT b.key, m.id, 'EVENT', {cause}, m.name || ' ' || m.{column} || ' {words}'
{IN_BENEFIT}
   AND m.{column} BETWEEN %(on)s::date - %(back)s AND %(on)s::date + %(ahead)s
{OPEN.format(cause=cause)}"""


DEATHS = f"""
SELECT b.key, m.id, 'DEATH', 'DEATH:' || m.id,
       m.name || ' ' || d.died_on
       || ' 死亡（' || d.source || '）'
{
    IN_BENEFIT.replace(
        " WHERE",
        " JOIN LATERAL (SELECT died_on, source FROM cases_deathrecord x"
        " WHERE x.id_digest = m.id_digest ORDER BY x.id LIMIT 1) d ON true WHERE",
    )
}
{OPEN.format(cause="'DEATH:' || m.id")}"""

TWICE = f"""
SELECT b.key, m.id, 'EVENT', 'TWICE:' || m.id || ':' || o.benefit,
       m.name || ' 同时在另一保障中（' || o.certificate_no || '）'
{
    IN_BENEFIT.replace(
        " WHERE",
        " JOIN LATERAL (SELECT y.id AS benefit, y.certificate_no FROM cases_member n"
        " JOIN cases_benefit y ON y.household_id = n.household_id"
        " AND (y.end_month IS NULL OR y.end_month >= date_trunc('month', %(on)s::date))"
        " WHERE n.id_digest = m.id_digest AND n.left_on IS NULL"
        " AND n.household_id <> m.household_id"
        " AND n.is_insured AND y.id < b.id LIMIT 1) o ON m.is_insured WHERE",
    )
}
{OPEN.format(cause="'TWICE:' || m.id || ':' || o.benefit")}"""

STATEMENTS = (
    DEATHS,
    TWICE,
    _ages(),
    _until("studies_until", "GRADUATED", "毕业"),
    _until("papers_until", "PAPERS", "证件到期"),
)


def happenings(on: date) -> list[Happening]:
    """Everything that asks for a review on the day, deaths first (3(5), 18(5)); five statements."""
    values: dict[str, Any] = {"on": on, "ages": list(AGES), "back": DAYS_BACK, "ahead": DAYS_AHEAD}
    found: dict[str, Happening] = {}
    with connection.cursor() as cursor:
        for statement in STATEMENTS:
            cursor.execute(statement, values)
            for row in cursor.fetchall():
                found.setdefault(row[0], Happening(*row))
    return list(found.values())
