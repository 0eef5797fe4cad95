"""Three years of a village, by one seed, through operations only: what was paid is what was due.

What was due is computed here in plain SQL from what was decided, signed and told (the chain of
events beside reviews and lists), and from nothing that the product computes for payment.
"""

from datetime import date
from typing import Any

import pytest
from django.db import connection

from cases.models import Benefit, Review
from cases.reports.flow import flow_of
from cases.reports.roster import roster_page
from funds.operations.recoveries import open_recoveries
from tests.benefit.village import FIRST, Village, months_of
from tests.cast import Cast
from tests.deep import is_small
from yuquan_relief.kernel.invariants import CHECKS

# What each benefit gave in each month: decisions and whatever was told later, the last told holds.
DUE = """
WITH changes AS (
    SELECT b.id, 0::bigint AS seq, b.start_month AS since, b.persons,
           b.monthly_fen + b.supplement_fen AS fen
      FROM cases_benefit b
    UNION ALL
    SELECT r.benefit_id, e.seq, (e.body->>'from_month')::date, r.persons,
           r.monthly_fen + r.supplement_fen
      FROM cases_review r
      JOIN kernel_event e ON e.subject_kind = 'review' AND e.subject_key = r.no
       AND e.action = 'tell'
     WHERE r.outcome IN ('RAISE', 'REDUCE', 'EXIT')
    UNION ALL
    SELECT l.benefit_id, e.seq, l.from_month, l.persons, l.monthly_fen + l.supplement_fen
      FROM cases_standardline l
      JOIN cases_standardrun s ON s.id = l.run_id
      JOIN kernel_event e ON e.subject_kind = 'standard' AND e.subject_key = s.no
       AND e.action = 'tell'
     WHERE EXISTS (SELECT FROM cases_entitlement t WHERE t.line_id = l.id)),
ends AS (
    SELECT b.id, b.start_month, (
           SELECT min((e.body->>'last_month')::date) FROM cases_review r
             JOIN kernel_event e ON e.subject_kind = 'review' AND e.subject_key = r.no
              AND e.action = 'tell' AND e.body->>'last_month' <> ''
            WHERE r.benefit_id = b.id AND e.seq = (
                  SELECT max(x.seq) FROM kernel_event x
                    JOIN cases_review y ON y.no = x.subject_key
                   WHERE x.subject_kind = 'review' AND x.action = 'tell'
                     AND x.body->>'last_month' <> '' AND y.benefit_id = b.id)) AS last
      FROM cases_benefit b),
months AS (
    SELECT d.id, m::date AS month
      FROM ends d CROSS JOIN generate_series(%(first)s::date, %(last)s::date, interval '1 month') m
     WHERE m >= d.start_month AND (d.last IS NULL OR m <= d.last))
SELECT DISTINCT ON (m.id, m.month) m.id, m.month, c.persons, c.fen
  FROM months m JOIN changes c ON c.id = m.id AND c.since <= m.month
 ORDER BY m.id, m.month, c.seq DESC, c.since DESC
"""
PAID = """
SELECT l.benefit_id, l.month, (sum(l.amount_fen) - coalesce((
       SELECT sum(r.fen) FROM funds_recoverymonth r
        WHERE r.benefit_id = l.benefit_id AND r.month = l.month), 0))::bigint
  FROM funds_payoutline l WHERE l.state = 'PAID' AND l.month <= %(last)s
 GROUP BY l.benefit_id, l.month
"""


def rows(statement: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def lived(cast: Cast, months: int, seed: int) -> tuple[Village, date]:
    """The village after so many months, and the last month whose differences have been paid."""
    village = Village(cast, seed)
    village.live(months)
    every = list(months_of(FIRST, months))
    open_recoveries(every[-1].replace(day=28))
    return village, every[-1]


def due_and_paid(last: date) -> tuple[dict[Any, int], dict[Any, int]]:
    """(benefit, month) → fen that was due, and fen that was paid and not asked back."""
    due = {(b, m): fen for b, m, _, fen in rows(DUE, first=FIRST, last=last)}
    paid = {(b, m): int(fen) for b, m, fen in rows(PAID, last=last) if fen}
    return due, paid


def waiting(last: date) -> set[tuple[int, date]]:
    """Months that a list still to come will make good: changes and decisions it first knows."""
    found = rows(
        """
        SELECT t.benefit_id, m::date FROM cases_entitlement t
         CROSS JOIN generate_series(t.from_month, %(last)s::date, interval '1 month') m
         WHERE t.paid_with > %(last)s
        UNION
        SELECT b.id, m::date FROM cases_benefit b
         CROSS JOIN generate_series(b.start_month, %(last)s::date, interval '1 month') m
         WHERE b.paid_with > %(last)s
        """,
        last=last,
    )
    return {(b, m) for b, m in found}


def broken() -> list[str]:
    """Every sentence of check_invariants but of jobs that wait: nobody works them off in this
    walk, and how long it takes is the machine's."""
    found = [text for check in CHECKS.values() for text in check.sentences()]
    return [text for text in found if not text.endswith("起无人办理")]


def compare(last: date) -> None:
    due, paid = due_and_paid(last)
    later = waiting(last)
    wrong = {
        key: (due.get(key, 0), paid.get(key, 0))
        for key in due.keys() | paid.keys()
        if due.get(key, 0) != paid.get(key, 0) and key not in later
    }
    assert not wrong


def figures(cast: Cast, last: date, months: int) -> None:
    """Roster and flow of every month are what the plain statement says."""
    told = rows(DUE, first=FIRST, last=last)
    for month in months_of(FIRST, months):
        here = [(persons, fen) for _, m, persons, fen in told if m == month]
        page = roster_page(cast.staff, {}, month)
        assert page.households == len(here), month
        assert page.persons == sum(p for p, _ in here), month
        assert page.total_fen == sum(f for _, f in here), month
        for row in flow_of(cast.staff, month):
            assert row.adds_up, (month, row)
            assert (row.after, row.persons_after) == (page.households, page.persons)


# In small bounds a year and the January after it.
MONTHS = 13 if is_small() else 36


@pytest.mark.clause("4(1).2")
def test_a_year_of_a_village_is_paid_as_it_was_told(cast: Cast) -> None:
    village, last = lived(cast, 7, seed=20260803)
    assert broken() == []
    compare(last)
    figures(cast, last, 7)
    assert village.done["lists"] == 6  # the roster is paid from the month after it was taken in
    assert village.done["standards"] == 1


@pytest.mark.deep
@pytest.mark.clause("4(1).2")
def test_three_years_of_a_village_are_paid_as_they_were_told(cast: Cast) -> None:
    village, last = lived(cast, MONTHS, seed=20200803)
    assert broken() == []
    compare(last)
    figures(cast, last, MONTHS)
    done = village.done
    rare = ("STOP", "EXIT", "deaths") if MONTHS == 36 else ()
    for what in ("KEEP", "RAISE", "REDUCE", "INCOME", "JOINED", *rare):
        assert done[what], (what, done)
    # A list each month from the second, a standard each April.
    assert (done["lists"], done["standards"]) == (MONTHS - 1, (MONTHS + 8) // 12)
    assert Review.objects.filter(state="ENDED").count() > 2 * MONTHS


def test_one_fen_that_nobody_told_is_seen(cast: Cast) -> None:
    """The twin: a line that is a fen more than what was told makes the comparison fail."""
    _, last = lived(cast, 2, seed=1)
    compare(last)
    with connection.cursor() as cursor:
        cursor.execute("SELECT benefit_id FROM funds_payoutline ORDER BY id LIMIT 1")
        (benefit,) = cursor.fetchone()
    Benefit.objects.filter(pk=benefit).update(monthly_fen=1)
    with pytest.raises(AssertionError):
        compare(last)
