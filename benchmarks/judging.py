"""Judging a case: the system's checks, settling, and replaying old settlements, in the same run.

    ./.venv/bin/python -m benchmarks.judging --size 10000

Checks: one case on the leader's desk, all rules, against the same statements sent bare. Replay: so
many frozen accounts read and computed anew, against reading the same rows with plain SQL.
"""

import argparse
import json
from collections.abc import Callable
from typing import Any

from benchmarks.places import best_of, fresh_database

COPIES = """
INSERT INTO cases_incomeaccount (case_id, round, settled_on, settled_by_id, persons, insured,
    annual_fen, deductions_fen, per_capita_fen, standard_fen, standard_source, is_eligible,
    monthly_fen, supplement_fen, year_fen, once_fen, method, facts, sentences)
SELECT case_id, 1, settled_on, settled_by_id, persons, insured, annual_fen, deductions_fen,
       per_capita_fen, standard_fen, standard_source, is_eligible, monthly_fen, supplement_fen,
       year_fen, once_fen, method, facts, sentences
  FROM cases_incomeaccount a, generate_series(2, %s) WHERE a.id = %s
"""


def main() -> None:
    """Make one case, copy its account, measure, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    with fresh_database():
        run(options.size, options.rounds)


def run(size: int, rounds: int) -> None:
    """Both measurements."""
    from tests import road
    from tests.cast import make_cast

    case = road.to_decide(make_cast())
    checks(case, rounds * 10)
    replays(case, size, rounds)


def sent(run: Callable[[], object]) -> list[tuple[str, Any]]:
    """The statements of the run with their values."""
    from django.db import connection

    found: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        run()
    return found


def checks(case: Any, rounds: int) -> None:
    """Everything that the desk's block 1 looks at."""
    from django.db import connection

    from cases.models.checks import check_facts
    from cases.models.record import CaseRecord
    from cases.rules.checks import RULES, hits

    def ours() -> None:
        hits(check_facts(CaseRecord(case, case.state_since)))

    statements = sent(ours)

    def bare() -> None:
        with connection.cursor() as cursor:
            for sql, params in statements:
                cursor.execute(sql, params)
                cursor.fetchall()

    mine, floor = best_of(rounds, ours, bare)
    print(
        f"系统核查 {len(RULES)} 条规则，一件：{mine * 1000:.1f} ms，{len(statements)} 条语句；"
        f"同样语句 {floor * 1000:.1f} ms；比值 {mine / floor:.2f}"
    )


def replays(case: Any, size: int, rounds: int) -> None:
    """Years of decisions computed anew from their frozen facts."""
    from django.db import connection

    from cases.models import IncomeAccount
    from cases.models.replaying import differences, settled_accounts

    with connection.cursor() as cursor:
        cursor.execute(COPIES, [size, IncomeAccount.objects.get(case=case).pk])

    def ours() -> None:
        assert not list(differences(settled_accounts()))

    def bare() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT facts::text FROM cases_incomeaccount")
            for (facts,) in cursor:
                json.loads(facts)

    mine, floor = best_of(rounds, ours, bare)
    print(
        f"重算 {size} 份核算：{mine:.2f} s；只读出同样的依据 {floor:.2f} s；比值 {mine / floor:.2f}"
    )


if __name__ == "__main__":
    main()
