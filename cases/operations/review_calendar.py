"""The calendar of reviews: when each benefit is due, spread over its cycle, opened in time."""

from calendar import monthrange
from datetime import date
from typing import Any

from django.db import connection

from cases.rules.effect import add_months
from yuquan_relief.kernel.rulebook_values import rules


def cycles(on: date) -> dict[str, int]:
    """Months between two reviews, by category (A, B, C)."""
    return {c["code"]: int(c["months"]) for c in rules(on)["review.cycles"]}


def next_due(on: date, category: str) -> date:
    """The last day of the month in which the next review is due."""
    month = add_months(on.replace(day=1), cycles(on)[category])
    return month.replace(day=monthrange(month.year, month.month)[1])


# A benefit of a decision is due a cycle after it began. Households that came with the roster came
# all at once: they are spread evenly over their cycle, village by village, and small villages begin
# in different months (the village's own number), so that no month has all their first ones. The
# first are due by the end of next month.
SCHEDULE = """
WITH cycle(category, months) AS (SELECT * FROM unnest(%(codes)s::text[], %(months)s::int[])),
planned AS (
    SELECT b.id,
           CASE WHEN b.source_case_id IS NOT NULL
                THEN (b.start_month + c.months * interval '1 month')
                ELSE date_trunc('month', %(on)s::date) + interval '1 month' * (1 +
                     (row_number() OVER (PARTITION BY b.village_id, b.category,
                                         b.source_case_id IS NULL ORDER BY b.id) + b.village_id)
                     %% c.months)
           END AS month
      FROM cases_benefit b JOIN cycle c ON c.category = b.category
     WHERE b.review_due_on IS NULL AND b.end_month IS NULL),
due AS (
    UPDATE cases_benefit b
       SET review_due_on = (p.month + interval '1 month' - interval '1 day')::date
      FROM planned p WHERE p.id = b.id
    RETURNING b.id, b.review_due_on, b.category)
INSERT INTO cases_reviewdue (benefit_id, since, due_on, category)
SELECT id, %(on)s, review_due_on, category FROM due ORDER BY id
"""


def schedule(on: date) -> int:
    """Every benefit has a day by which it is reviewed; how many were given one."""
    months = cycles(on)
    with connection.cursor() as cursor:
        values: dict[str, Any] = {"codes": list(months), "months": list(months.values()), "on": on}
        cursor.execute(SCHEDULE, values)
        return int(cursor.rowcount)
