"""Those in benefit: a raised standard for everybody, and the roster of any month, against SQL.

    ./.venv/bin/python -m benchmarks.benefits --size 100000
    ./.venv/bin/python -m benchmarks.benefits --size 20000

A raised standard: all that the act does (lines since the day of the standard, totals, digest,
event, for a third of the households two lines) beside one bare INSERT … SELECT of one line for each
household into an equal table with the same keys. The roster: a page with
its totals, for months drawn at random, beside the bare count and sums of the same month.
"""

import argparse
import random
import time
from collections.abc import Callable
from datetime import date
from typing import Any

from benchmarks.payout import fill
from benchmarks.places import best_of, fresh_database

JANUARY, ON = date(2026, 6, 1), date(2026, 10, 21)
PROGRAMME = "URBAN_ALLOWANCE"

# A third of the households was changed in the year, so that every month has to be looked up.
CHANGED = """
INSERT INTO cases_review (no, benefit_id, district_id, office_id, village_id, trigger, cause, what,
       state, round, version, opened_on, due_on, outcome, ground, reason, method, facts, sentences,
       before_persons, before_monthly_fen, before_supplement_fen, persons, monthly_fen,
       supplement_fen, year_fen, support, care_tier, category, exit_months, told_on, told_method,
       told_to, decided_on, ended_on, created_at)
SELECT 'FH-' || id, id, district_id, office_id, village_id, 'HAND', '', '', 'ENDED', 1, 1,
       '2026-07-01', '2026-07-01', 'REDUCE', '', '', 'difference', '{}', '[]', 3, 68200, 0, 3,
       60000, 0, 0, '', '', 'B', 0, '2026-07-10', 'DIRECT', '', '2026-07-09', '2026-07-10', now()
  FROM cases_benefit WHERE id %% 3 = 0;
INSERT INTO cases_entitlement (benefit_id, review_id, from_month, paid_with, persons, monthly_fen,
       supplement_fen, year_fen, support, care_tier, annual_fen, counted, percents, method,
       recorded_on)
SELECT benefit_id, id, '2026-08-01', '2026-08-01', 3, 60000, 0, 0, '', '', 2306400, 3, '{10}',
       'difference', '2026-07-10'
  FROM cases_review
"""

KEYS = [
    f"ALTER TABLE bench_standardline ADD FOREIGN KEY ({column}_id) REFERENCES {table} (id)"
    " DEFERRABLE INITIALLY DEFERRED"
    for column, table in (
        ("run", "cases_standardrun"), ("benefit", "cases_benefit"), ("village", "kernel_unit"),
    )
]  # fmt: skip

BARE = """
INSERT INTO bench_standardline (run_id, benefit_id, village_id, from_month, is_latest, persons,
       before_monthly_fen, before_supplement_fen, before_year_fen, monthly_fen, supplement_fen,
       year_fen)
SELECT %(run)s, b.id, b.village_id, '2026-06-01', true, b.persons, b.monthly_fen, b.supplement_fen,
       0, b.monthly_fen + 5000 * b.persons, b.supplement_fen, 0
  FROM cases_benefit b
 WHERE b.office_id = %(office)s AND b.programme = 'URBAN_ALLOWANCE'
   AND b.start_month <= '2026-10-01' AND (b.end_month IS NULL OR b.end_month >= '2026-10-01')
"""

TOTALS = """
SELECT count(*), sum(b.persons), sum(b.monthly_fen + b.supplement_fen) FROM cases_benefit b
 WHERE b.start_month <= %(month)s AND (b.end_month IS NULL OR b.end_month >= %(month)s)
   AND b.office_id = %(office)s
"""


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with fresh_database() as name:
        run(name, options.size, options.rounds)


def run(name: str, size: int, rounds: int) -> None:
    """Both by turns, on one office with `size` households."""
    from tests import databases
    from tests.cast import make_cast
    from yuquan_relief.kernel.models import RuleValue

    cast = make_cast()
    fill(cast, size)
    _sql(CHANGED)
    RuleValue.objects.create(
        rule_set="*", parameter=f"standard.{PROGRAMME}", valid_from=JANUARY, value=891_00,
        unit="分", source="测算",
    )  # fmt: skip
    for sql in (
        "CREATE TABLE bench_standardline (LIKE cases_standardline INCLUDING ALL)",
        *KEYS,
        "GRANT ALL ON bench_standardline TO relief_app",
        "ANALYZE",
    ):
        databases.as_owner(sql, database=name)
    raised(cast, size, rounds)
    roster(cast, size)


def _sql(statements: str, values: dict[str, Any] | None = None) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in statements.split(";\n"):
            cursor.execute(statement, values or {})


def raised(cast: Any, size: int, rounds: int) -> None:
    """The raised standard of everybody."""
    from cases.operations import standards

    made = standards.open_run(PROGRAMME, valid_from=JANUARY, actor=cast.staff, on=ON)
    values = {"run": made.pk, "office": cast.office.pk}

    def bare() -> None:
        _sql("DELETE FROM bench_standardline")
        _sql(BARE, values)

    def ours() -> None:
        standards.compute(made.no, actor=cast.staff, on=ON)

    floor, took = best_of(rounds, bare, ours)
    lines = made.lines.count()
    print(f"{size} 户提标：一条 INSERT … SELECT {floor:.2f} s，测算 {took:.2f} s，{lines} 行")
    print(f"比值 {took / floor:.2f}（目标 ≤ 5）")


def roster(cast: Any, size: int) -> None:
    """The roster of months drawn at random."""
    from django.db import connection

    from cases.reports.roster import roster_page

    dice = random.Random(1)
    months = [date(2026, dice.randint(1, 12), 1) for _ in range(60)]

    def bare(month: date) -> None:
        with connection.cursor() as cursor:
            cursor.execute(TOTALS, {"month": month, "office": cast.office.pk})
            cursor.fetchall()

    def ours(month: date) -> None:
        page = roster_page(cast.staff, {"from": str(dice.randrange(0, size))}, month)
        assert page.households == size

    floor, took = times(months, bare), times(months, ours)
    p95 = sorted(took)[int(len(took) * 0.95)]
    middle = sorted(floor)[len(floor) // 2]
    print(f"{size} 户名册一页：合计 {middle * 1000:.0f} ms，名册 p95 {p95 * 1000:.0f} ms")
    print(f"比值 {p95 / middle:.1f}（两万户目标 ≤ 300 ms）")


def times(months: list[date], act: Callable[[date], None]) -> list[float]:
    """Seconds of each month."""
    taken = []
    for month in months:
        began = time.perf_counter()
        act(month)
        taken.append(time.perf_counter() - began)
    return taken


if __name__ == "__main__":
    main()
