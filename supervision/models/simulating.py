"""What a changed standard or ceiling would do: on today's data, writing nothing (5(1))."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from cases.rules.programmes import Programme
from yuquan_relief.kernel.rulebook_values import rules


@dataclass(frozen=True, kw_only=True)
class Change:
    """Standards in fen a month, ceilings in months or fen; 0 stays as it is."""

    urban: int = 0
    rural: int = 0
    money_months: int = 0
    office_most: int = 0


# What each household in benefit of 低保 is given now and would be given: 补差 by the household's
# counted income where that is known, else what the standard rises by for each insured person (as
# cases.models.standard_lines). Nothing left: it would leave; 分档, 单人保, 渐退 are counted apart.
STANDARD = """
WITH now_given AS (
    SELECT b.id, b.office_id, coalesce(t.persons, b.persons) AS persons,
           coalesce(t.monthly_fen, b.monthly_fen) AS monthly,
           coalesce(t.supplement_fen, b.supplement_fen) AS supplement,
           CASE WHEN t.id IS NULL THEN b.annual_fen ELSE t.annual_fen END AS annual,
           greatest(CASE WHEN t.id IS NULL THEN b.counted ELSE t.counted END, 1) AS counted,
           CASE WHEN t.id IS NULL THEN b.percents ELSE t.percents END AS percents,
           CASE WHEN t.id IS NULL THEN b.method ELSE t.method END AS method,
           b.end_month
      FROM cases_benefit b
      LEFT JOIN LATERAL (SELECT t.* FROM cases_entitlement t WHERE t.benefit_id = b.id
            AND t.from_month <= %(month)s ORDER BY t.id DESC LIMIT 1) t ON true
     WHERE b.district_id = %(district)s AND b.programme = %(programme)s
       AND b.start_month <= %(month)s AND (b.end_month IS NULL OR b.end_month >= %(month)s)),
would AS (
    SELECT n.*, method IN ('tiers', 'single') OR end_month IS NOT NULL AS apart,
           CASE WHEN annual IS NULL THEN monthly + (%(after)s - %(before)s) * persons
                ELSE floor((2 * (12 * counted * %(after)s - annual) * persons
                            + 12 * counted)::numeric / (24 * counted)) END::bigint AS new_monthly,
           CASE WHEN annual IS NULL
                THEN (2 * supplement * %(after)s + %(before)s) / (2 * %(before)s)
                ELSE coalesce((SELECT sum((2 * %(after)s * p + 100) / 200)
                                 FROM unnest(percents) p), 0)
                END::bigint AS new_supplement
      FROM now_given n)
SELECT o.short_name, count(w.id), coalesce(sum(w.persons), 0),
       coalesce(sum(monthly + supplement), 0),
       coalesce(sum(CASE WHEN apart THEN monthly + supplement WHEN new_monthly > 0
                         THEN new_monthly + new_supplement ELSE 0 END), 0),
       count(*) FILTER (WHERE NOT apart AND new_monthly <= 0),
       count(*) FILTER (WHERE apart)
  FROM would w JOIN kernel_unit o ON o.id = w.office_id
 GROUP BY o.code, o.short_name ORDER BY o.code
"""
# Refused within a year for income just above the standard, who would now be below it.
WOULD_ENTER = """
SELECT count(*) FROM cases_case c
  JOIN cases_decision d ON d.case_id = c.id AND d.outcome = 'REFUSED'
  JOIN LATERAL (SELECT i.* FROM cases_incomeaccount i WHERE i.case_id = c.id
                 ORDER BY i.id DESC LIMIT 1) i ON true
 WHERE c.district_id = %(district)s AND c.programme = %(programme)s
   AND d.decided_on > %(on)s::date - 365
   AND i.per_capita_fen >= %(before)s AND i.per_capita_fen < %(after)s
"""
# Families in benefit or in process whose money would be above the new ceiling.
MONEY = """
SELECT o.short_name, count(*) FROM cases_case c
  JOIN kernel_unit o ON o.id = c.office_id
  JOIN LATERAL (SELECT i.* FROM cases_incomeaccount i WHERE i.case_id = c.id
                 ORDER BY i.id DESC LIMIT 1) i ON true
  JOIN LATERAL (SELECT coalesce(sum(r.value_fen), 0) AS fen FROM cases_propertyitem r
                  LEFT JOIN cases_member m ON m.id = r.member_id
                 WHERE r.case_id = c.id AND NOT r.is_exempt AND r.kind = 'MONEY'
                   AND coalesce(m.counts_for_income AND m.left_on IS NULL, true)) r ON true
 WHERE c.district_id = %(district)s AND c.programme LIKE '%%ALLOWANCE'
   AND (c.state NOT IN ('DRAFT', 'DECLINED', 'REFUSED', 'APPROVED') OR EXISTS (
        SELECT FROM cases_benefit b WHERE b.source_case_id = c.id
           AND (b.end_month IS NULL OR b.end_month >= %(month)s)))
   AND r.fen > %(money_months)s::bigint * i.standard_fen * greatest(i.persons, 1)
 GROUP BY o.code, o.short_name ORDER BY o.code
"""
# Awards of a year that the bureau would have decided, under another limit of the offices: on the
# sum with what the people were given in the months before (as cases.models.earlier_relief).
RELIEF = """
SELECT o.short_name, count(*) FILTER (WHERE s.fen > %(now)s),
       count(*) FILTER (WHERE s.fen > %(office_most)s), count(*)
  FROM cases_case c JOIN cases_decision d ON d.case_id = c.id AND d.outcome = 'APPROVED'
  JOIN kernel_unit o ON o.id = c.office_id
 CROSS JOIN LATERAL (
       SELECT d.once_fen + coalesce(sum(e.once_fen), 0) AS fen
         FROM cases_decision e JOIN cases_case f ON f.id = e.case_id
        WHERE e.outcome = 'APPROVED' AND e.once_fen > 0
          AND (e.decided_on, e.id) < (d.decided_on, d.id)
          AND e.decided_on > (d.decided_on - make_interval(months => %(months)s))::date
          AND EXISTS (SELECT FROM cases_member m JOIN cases_member n ON n.id_digest = m.id_digest
                       WHERE m.household_id = f.household_id AND n.household_id = c.household_id)) s
 WHERE c.district_id = %(district)s AND c.programme LIKE '%%RELIEF'
   AND d.decided_on > %(on)s::date - 365
 GROUP BY o.code, o.short_name ORDER BY o.code
"""
NAMES = {"urban": Programme.URBAN_ALLOWANCE, "rural": Programme.RURAL_ALLOWANCE}


def simulate(change: Change, *, district: int, on: date) -> dict[str, Any]:
    """Blocks of plain values, one for each change (fen): tables by office and a sum."""
    book, blocks = rules(on), []
    base = {"district": district, "on": on, "month": on.replace(day=1)}
    for name, programme in NAMES.items():
        after = getattr(change, name)
        if after:
            before = book[f"standard.{programme.value}"]
            blocks.append(_standard(programme, before, after, base))
    if change.money_months:
        values = base | {"money_months": change.money_months}
        now = book["property.limits"]["money_months"]
        blocks.append(_money(values, now))
    if change.office_most:
        values = base | {"office_most": change.office_most, "now": book["relief.office_most"],
                         "months": book["relief.repeat_months"]}  # fmt: skip
        blocks.append(_relief(values))
    for block in blocks:  # pairs: JSON of the database does not keep the order of names
        block["sums"] = list(block["sums"].items())
    return {"on": on.isoformat(), "blocks": blocks}


def _rows(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _standard(
    programme: Programme, before: int, after: int, base: dict[str, Any]
) -> dict[str, Any]:
    values = base | {"programme": programme.value, "before": before, "after": after}
    rows = _rows(STANDARD, values)
    (entering,) = _rows(WOULD_ENTER, values)[0]
    now_fen, then_fen = sum(int(r[3]) for r in rows), sum(int(r[4]) for r in rows)
    months_left = 12 - base["on"].month
    return {
        "title": f"{programme.label}标准 {before / 100:.2f} → {after / 100:.2f} 元",
        "heads": ["镇、街道", "户数", "人数", "现在每月（元）", "调整后每月（元）", "差额（元）",
                  "会退出（户）", "单独核算（户）"],
        "rows": [
            [r[0], int(r[1]), int(r[2]), _yuan(r[3]), _yuan(r[4]), _yuan(r[4] - r[3]),
             int(r[5]), int(r[6])]
            for r in rows
        ],
        "sums": {
            "now_fen": now_fen, "then_fen": then_fen, "difference_fen": then_fen - now_fen,
            "year_fen": 12 * (then_fen - now_fen),
            "this_year_fen": months_left * (then_fen - now_fen),
            "leaving": sum(int(r[5]) for r in rows), "entering": int(entering),
            "apart": sum(int(r[6]) for r in rows),
        },
    }  # fmt: skip


def _yuan(fen: Any) -> str:
    return f"{int(fen) / 100:.2f}"


def _money(values: dict[str, Any], now: int) -> dict[str, Any]:
    rows = _rows(MONEY, values)
    return {
        "title": f"货币财产限额 {now} → {values['money_months']} 个月标准",
        "heads": ["镇、街道", "会超过限额（户）"],
        "rows": [[r[0], int(r[1])] for r in rows],
        "sums": {"over": sum(int(r[1]) for r in rows)},
    }


def _relief(values: dict[str, Any]) -> dict[str, Any]:
    rows = _rows(RELIEF, values)
    return {
        "title": f"镇街审批上限 {values['now'] / 100:.2f} → {values['office_most'] / 100:.2f} 元",
        "heads": ["镇、街道", "现在由区局审批（件）", "调整后由区局审批（件）", "近一年批准（件）"],
        "rows": [[r[0], int(r[1]), int(r[2]), int(r[3])] for r in rows],
        "sums": {"now": sum(int(r[1]) for r in rows), "then": sum(int(r[2]) for r in rows)},
    }
