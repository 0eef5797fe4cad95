"""What everybody in benefit would be given under a raised standard: one INSERT … SELECT (R76)."""

from typing import Any

from django.db import connection

from .standard import StandardRun

# Each active benefit of the office from the day of the new standard (or from its own first
# month), and again from each month in which something else began, with what is in force then. One
# line where something begins, also where it stays as it is: of two rows the later one holds, and
# a line for January alone would hold for ever. Who has left gets nothing: only benefits that are
# still running are read.
#
# 补差: (12 x counted x standard - income of a year) x insured / (12 x counted), once
# rounded half up, as cases.rules.amounts.assess; 分类施保 as a percent of the standard for each.
# Whose income is not known (from the roster) gets what the standard rose by for each insured, and
# 分类施保 in the same proportion. 特困: the new year's sum and the new rate of care.
# 分档 and 单人保 do not follow from these figures, and 渐退 keeps its sum to its end: those
# households are counted and reviewed one by one.
LINES = """
INSERT INTO cases_standardline (run_id, benefit_id, village_id, from_month, is_latest, persons,
       before_monthly_fen, before_supplement_fen, before_year_fen, monthly_fen, supplement_fen,
       year_fen)
SELECT %(run)s, id, village_id, month,
       row_number() OVER (PARTITION BY id ORDER BY month DESC) = 1,
       persons, monthly, supplement, year, new_monthly, new_supplement, new_year
  FROM (
    SELECT s.*, lag(basis) OVER (PARTITION BY id ORDER BY month) AS before_basis,
           bool_or((new_monthly, new_supplement) IS DISTINCT FROM (monthly, supplement))
               OVER (PARTITION BY id) AS differs
      FROM (
        SELECT b.id, b.village_id, m.month, g.persons, g.monthly_fen AS monthly,
               g.supplement_fen AS supplement, g.year_fen AS year,
               CASE WHEN %(destitute)s THEN (2 * y.year + 12) / 24
                    WHEN g.annual_fen IS NULL
                    THEN g.monthly_fen + (%(after)s - %(before)s) * g.persons
                    ELSE greatest(floor((2 * (12 * g.counted * %(after)s - g.annual_fen)
                                         * g.persons + 12 * g.counted)::numeric
                                        / (24 * g.counted)), 1) END::bigint AS new_monthly,
               CASE WHEN %(destitute)s THEN coalesce((%(care)s::jsonb
                        -> g.care_tier ->> g.support)::bigint, g.supplement_fen)
                    WHEN g.annual_fen IS NULL
                    THEN (2 * g.supplement_fen * %(after)s + %(before)s) / (2 * %(before)s)
                    ELSE coalesce((SELECT sum((2 * %(after)s * p + 100) / 200)
                                     FROM unnest(g.percents) p), 0) END::bigint AS new_supplement,
               CASE WHEN %(destitute)s THEN y.year ELSE 0 END AS new_year,
               row(g.persons, g.monthly_fen, g.supplement_fen, g.year_fen, g.support,
                   g.care_tier)::text AS basis
          FROM cases_benefit b
         CROSS JOIN LATERAL (
               SELECT greatest(%(from)s::date, b.start_month) AS month
               UNION
               SELECT t.from_month FROM cases_entitlement t
                WHERE t.benefit_id = b.id AND t.from_month <= %(month)s
                  AND t.from_month > greatest(%(from)s::date, b.start_month)) m
          LEFT JOIN LATERAL (
               SELECT t.* FROM cases_entitlement t
                WHERE t.benefit_id = b.id AND t.from_month <= m.month
                ORDER BY t.id DESC LIMIT 1) e ON true
         CROSS JOIN LATERAL (
               SELECT coalesce(e.persons, b.persons) AS persons,
                      coalesce(e.monthly_fen, b.monthly_fen) AS monthly_fen,
                      coalesce(e.supplement_fen, b.supplement_fen) AS supplement_fen,
                      coalesce(e.year_fen, b.year_fen) AS year_fen,
                      coalesce(nullif(e.support, ''), nullif(b.support, ''), 'SCATTERED')
                          AS support,
                      coalesce(nullif(e.care_tier, ''), b.care_tier) AS care_tier,
                      CASE WHEN e.id IS NULL THEN b.annual_fen ELSE e.annual_fen END AS annual_fen,
                      greatest(CASE WHEN e.id IS NULL THEN b.counted ELSE e.counted END, 1)
                          AS counted,
                      CASE WHEN e.id IS NULL THEN b.percents ELSE e.percents END AS percents,
                      CASE WHEN e.id IS NULL THEN b.method ELSE e.method END AS method) g
         CROSS JOIN LATERAL (
               SELECT coalesce((%(basic)s::jsonb ->> g.support)::bigint, g.year_fen) AS year) y
         WHERE b.office_id = %(office)s AND b.programme = %(programme)s
           AND b.start_month <= %(month)s
           AND b.end_month IS NULL AND g.method NOT IN ('tiers', 'single')
      ) s) t
 WHERE differs AND before_basis IS DISTINCT FROM basis
"""

# Of a run that nobody has signed; Django would read every line before it deletes it.
AWAY = "DELETE FROM cases_standardline WHERE run_id = %(run)s"

TOTALS = """
SELECT count(*), coalesce(sum(persons), 0)::bigint,
       coalesce(sum(before_monthly_fen + before_supplement_fen), 0)::bigint,
       coalesce(sum(monthly_fen + supplement_fen), 0)::bigint
  FROM cases_standardline WHERE run_id = %(run)s AND is_latest
"""

LEFT_OUT = """
SELECT count(*) FROM cases_benefit b
  LEFT JOIN LATERAL (SELECT method FROM cases_entitlement t WHERE t.benefit_id = b.id
        ORDER BY t.id DESC LIMIT 1) e ON true
 WHERE b.office_id = %(office)s AND b.programme = %(programme)s AND b.start_month <= %(month)s
   AND (b.end_month >= %(month)s
        OR b.end_month IS NULL AND coalesce(e.method, b.method) IN ('tiers', 'single'))
"""

DIGEST = """
SELECT encode(sha256(convert_to(coalesce(string_agg(concat_ws('|', benefit_id, village_id,
           from_month, persons, before_monthly_fen, before_supplement_fen, before_year_fen,
           monthly_fen, supplement_fen, year_fen), E'\\n' ORDER BY benefit_id, from_month), ''),
       'UTF8')), 'hex')
  FROM cases_standardline WHERE run_id = %(run)s
"""

# A village was told: its lines are in force from their months, oldest first, so that of two lines
# of one benefit the later month holds (Entitlement: of those that reach a month the latest row).
IN_FORCE = """
INSERT INTO cases_entitlement (benefit_id, line_id, from_month, paid_with, persons, monthly_fen,
       supplement_fen, year_fen, support, care_tier, annual_fen, counted, percents, method,
       recorded_on, recorded_by_id)
SELECT l.benefit_id, l.id, l.from_month, greatest(%(paid_with)s, l.from_month), l.persons,
       l.monthly_fen, l.supplement_fen, l.year_fen,
       CASE WHEN e.id IS NULL THEN b.support ELSE e.support END,
       CASE WHEN e.id IS NULL THEN b.care_tier ELSE e.care_tier END,
       CASE WHEN e.id IS NULL THEN b.annual_fen ELSE e.annual_fen END,
       CASE WHEN e.id IS NULL THEN b.counted ELSE e.counted END,
       CASE WHEN e.id IS NULL THEN b.percents ELSE e.percents END,
       CASE WHEN e.id IS NULL THEN b.method ELSE e.method END,
       %(on)s, %(person)s
  FROM cases_standardline l
  JOIN cases_benefit b ON b.id = l.benefit_id
  LEFT JOIN LATERAL (
       SELECT t.* FROM cases_entitlement t
        WHERE t.benefit_id = b.id AND t.from_month <= l.from_month
        ORDER BY t.id DESC LIMIT 1) e ON true
 WHERE l.run_id = %(run)s AND l.village_id = %(village)s
   AND (b.end_month IS NULL OR b.end_month >= l.from_month)
   AND l.benefit_id <> ALL(%(skip)s::bigint[])
 ORDER BY l.benefit_id, l.from_month
"""

# Of a village: benefits that give something else by now than their line was computed from.
CHANGED_SINCE = """
SELECT b.id, b.key FROM cases_standardline l JOIN cases_benefit b ON b.id = l.benefit_id
  LEFT JOIN LATERAL (
       SELECT t.* FROM cases_entitlement t WHERE t.benefit_id = b.id ORDER BY t.id DESC LIMIT 1
       ) e ON true
 WHERE l.run_id = %(run)s AND l.village_id = %(village)s AND l.is_latest
   AND (b.end_month IS NULL OR b.end_month >= l.from_month)
   AND (coalesce(e.persons, b.persons), coalesce(e.monthly_fen, b.monthly_fen),
        coalesce(e.supplement_fen, b.supplement_fen), coalesce(e.year_fen, b.year_fen))
    <> (l.persons, l.before_monthly_fen, l.before_supplement_fen, l.before_year_fen)
 ORDER BY b.id
"""

# Lines whose benefit is not any more what they were computed from.
STALE = """
SELECT count(DISTINCT b.key) FROM cases_benefit b
  LEFT JOIN LATERAL (
       SELECT t.* FROM cases_entitlement t
        WHERE t.benefit_id = b.id AND t.from_month <= %(month)s
        ORDER BY t.id DESC LIMIT 1) e ON true
  LEFT JOIN cases_standardline l ON l.run_id = %(run)s AND l.benefit_id = b.id AND l.is_latest
 WHERE b.office_id = %(office)s AND b.programme = %(programme)s
   AND (l.id IS NOT NULL
        AND ((coalesce(e.persons, b.persons), coalesce(e.monthly_fen, b.monthly_fen),
              coalesce(e.supplement_fen, b.supplement_fen))
             <> (l.persons, l.before_monthly_fen, l.before_supplement_fen)
             OR b.end_month IS NOT NULL AND b.end_month < %(month)s))
"""


def run_sql(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Run one statement; its rows if it has any."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall()) if cursor.description else []


def values_of(run: StandardRun) -> dict[str, Any]:
    """What the statements are told about a run."""
    return {
        "run": run.pk,
        "office": run.office_id,
        "programme": run.programme,
        "from": run.valid_from,
        "month": run.computed_for,
        "before": run.before_fen,
        "after": run.after_fen,
    }
