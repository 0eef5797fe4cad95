"""A month's list against one plain INSERT … SELECT into an equal table, in the same run.

    ./.venv/bin/python -m benchmarks.payout --size 10000

Interleaved, best of `--rounds`. The floor makes the same lines, with the same joins, keys, checks,
indexes and triggers, and commits; ours also numbers and totals them, looks for months already
paid, keeps other builders away, and records the event.
"""

import argparse
import time
import tracemalloc
from collections.abc import Callable
from datetime import date
from typing import Any

from benchmarks.places import fresh_database

MONTH, ON = date(2026, 12, 1), date(2026, 11, 23)

ROWS = """
INSERT INTO cases_household (key, head_name, district_id, office_id, village_id, address, phone,
                             phone_tail, created_at, registered_address, registered_kind)
SELECT 'PH' || n, '户主' || n, %(district)s, %(office)s,
       CASE WHEN n %% 2 = 0 THEN %(village)s ELSE %(other)s END, '', '', '', now(),
       '', 'RESIDENT'
  FROM generate_series(1, %(size)s) n;
INSERT INTO cases_member (household_id, name, initials, sort_key, id_no, id_digest, id_tail,
                          birth_on, is_male, relation, counts_for_income, is_insured, joined_on,
                          not_counted, condition, registered, left_reason)
SELECT h.id, h.head_name || r.i, 'HZ', h.key, %(sealed)s, md5(h.key || r.i), '0001',
       '1960-01-01', true, r.relation, true, true, '2020-01-05', '', 'HEALTHY', 'HERE', ''
  FROM cases_household h, (VALUES (1, 'SELF'), (2, 'SPOUSE'), (3, 'CHILD')) r(i, relation);
INSERT INTO cases_payeeaccount (household_id, holder, bank, kind, number, number_digest,
                                number_tail, valid_from, is_current)
SELECT id, head_name, '演练银行', 'card', %(sealed)s, md5(key) || md5(key), '0018',
       '2020-01-05', true
  FROM cases_household;
INSERT INTO cases_benefit (key, certificate_no, household_id, programme, district_id, office_id,
                           village_id, persons, monthly_fen, supplement_fen, start_month,
                           paid_with, source, year_fen, support, care_tier)
SELECT 'PB' || id, 'C' || lpad(id::text, 12, '0'), id, 'URBAN_ALLOWANCE', district_id, office_id,
       village_id, 3, 68200, 0, '2026-01-01', '2026-01-01', '在享名册', 0, '', ''
  FROM cases_household
"""

FLOOR = """
INSERT INTO bench_line (
    batch_id, office_id, line_no, benefit_id, household_id, month, kind, amount_fen, base_fen,
    supplement_fen, persons, certificate_no, village_name, head_name, id_no, id_tail, holder,
    bank, account, account_digest, account_tail, state, is_effective, serial, failure)
SELECT %(batch)s, b.office_id, b.id, b.id, b.household_id, %(month)s, 'NORMAL',
       b.monthly_fen + b.supplement_fen, b.monthly_fen, b.supplement_fen, b.persons,
       b.certificate_no, v.name, h.head_name, p.id_no, p.id_tail, a.holder, a.bank, a.number,
       a.number_digest, a.number_tail, 'PENDING', true, '', ''
  FROM cases_benefit b
  JOIN cases_household h ON h.id = b.household_id
  JOIN kernel_unit v ON v.id = b.village_id
  JOIN cases_payeeaccount a ON a.household_id = b.household_id AND a.is_current
  JOIN cases_member p ON p.household_id = b.household_id AND p.relation = 'SELF'
       AND p.left_on IS NULL
 WHERE b.office_id = %(office)s AND b.programme = 'URBAN_ALLOWANCE'
   AND b.start_month <= %(month)s AND b.paid_with <= %(month)s AND b.end_month IS NULL
"""

PAST = FLOOR.replace("b.office_id, b.id,", "b.office_id, %(first)s + b.id,", 1).replace(
    "b.start_month <= %(month)s AND b.paid_with <= %(month)s AND ", ""
)


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--history", type=int, default=0, help="months of lines already there")
    options = parser.parse_args()
    with fresh_database() as name:
        run(name, options.size, options.rounds, options.history)


def run(name: str, size: int, rounds: int, history: int) -> None:
    """Ours and the floor by turns, on one office with `size` households."""
    from tests import databases
    from tests.cast import make_cast

    cast = make_cast()
    fill(cast, size)
    twin(name)
    batch = list_for_the_floor(cast)
    past(cast, batch, history)
    databases.as_owner("ANALYZE", database=name)
    taken: dict[str, list[float]] = {"ours": [], "floor": [], "frozen": [], "frozen floor": []}
    for _ in range(rounds):
        taken["ours"].append(timed(name, "funds_payoutline", lambda: build(cast)))
        taken["floor"].append(timed(name, "bench_line", lambda: plain(cast, batch)))
        taken["frozen"].append(timed(name, "funds_payoutline", lambda: freeze(build(cast))))
        taken["frozen floor"].append(timed(name, "bench_line", lambda: plainly_frozen(cast, batch)))
    sent, grown = watched(name, cast)
    best = {what: min(seconds) for what, seconds in taken.items()}
    print(f"{size} 户：一个 INSERT … SELECT {best['floor']:.3f} s，生成名单 {best['ours']:.3f} s")
    print(f"比值 {best['ours'] / best['floor']:.2f}（目标 ≤ 1.50），语句 {sent} 条（目标 ≤ 40），")
    print(f"Python 内存增长 {grown / 1024 / 1024:.2f} MB（目标 < 50）")
    print(
        f"连同明细摘要：{best['frozen floor']:.3f} s → {best['frozen']:.3f} s，"
        f"比值 {best['frozen'] / best['frozen floor']:.2f}（目标 ≤ 1.50）"
    )


def fill(cast: Any, size: int) -> None:
    """`size` households of three in benefit, by set-based SQL."""
    from django.db import connection

    from yuquan_relief.kernel.fields import seal

    values = {
        "district": cast.district.pk,
        "office": cast.office.pk,
        "village": cast.village.pk,
        "other": cast.other_village.pk,
        "sealed": seal("6228480000000000018"),
        "size": size,
    }
    with connection.cursor() as cursor:
        for statement in ROWS.split(";\n"):
            cursor.execute(statement, values)


def twin(name: str) -> None:
    """An empty table like the lines', with every index, check, key and trigger."""
    import psycopg2

    from tests import databases

    connection = psycopg2.connect(databases.owner_url(name))
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_line (LIKE funds_payoutline INCLUDING ALL)")
        cursor.execute("GRANT SELECT, INSERT ON bench_line TO relief_app")
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = 'funds_payoutline'::regclass AND contype = 'f'"
        )
        for key, definition in cursor.fetchall():
            cursor.execute(f'ALTER TABLE bench_line ADD CONSTRAINT "b_{key}" {definition}')
        cursor.execute(
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger"
            " WHERE tgrelid = 'funds_payoutline'::regclass AND NOT tgisinternal"
        )
        for (definition,) in cursor.fetchall():
            cursor.execute(definition.replace("funds_payoutline", "bench_line"))
    connection.close()


def timed(name: str, table: str, act: Callable[[], object]) -> float:
    """Seconds of one run, into an empty table; its lines are gone afterwards."""
    began = time.perf_counter()
    act()
    seconds = time.perf_counter() - began
    empty(name, table)
    return seconds


def empty(name: str, table: str) -> None:
    """The owner takes the lines and the list away, which the application could not."""
    from tests import databases

    databases.as_owner(f"ALTER TABLE {table} DISABLE TRIGGER USER", database=name)
    databases.as_owner(f"DELETE FROM {table} WHERE month = '{MONTH}'", database=name)
    databases.as_owner(f"ALTER TABLE {table} ENABLE TRIGGER USER", database=name)
    databases.as_owner(f"VACUUM ANALYZE {table}", database=name)
    if table == "funds_payoutline":
        for sql in (
            "ALTER TABLE funds_payoutbatch DISABLE TRIGGER USER",
            "DELETE FROM funds_payoutbatch WHERE no <> 'FLOOR'",
            "ALTER TABLE funds_payoutbatch ENABLE TRIGGER USER",
        ):
            databases.as_owner(sql, database=name)


def build(cast: Any) -> Any:
    """Our way."""
    from funds.operations.building import open_month

    batch = open_month(cast.office.pk, "URBAN_ALLOWANCE", month=MONTH, actor=cast.staff, on=ON)
    assert batch.line_count
    return batch


def freeze(batch: Any) -> None:
    """The digest of the lines, as locking takes it."""
    from funds.models.facts import snapshot_of

    assert len(snapshot_of(batch)) == 64


def plainly_frozen(cast: Any, batch: int) -> None:
    """The floor with a digest of the same columns in the same order."""
    from django.db import connection

    from funds.models.selection import SNAPSHOT

    plain(cast, batch)
    with connection.cursor() as cursor:
        cursor.execute(SNAPSHOT.replace("funds_payoutline", "bench_line"), {"batch": batch})


def plain(cast: Any, batch: int) -> None:
    """The floor: one statement and its commit."""
    from django.db import connection

    values = {"office": cast.office.pk, "month": MONTH, "batch": batch}
    with connection.cursor() as cursor:
        cursor.execute(FLOOR, values)


def list_for_the_floor(cast: Any) -> int:
    """A list for the floor's lines to refer to."""
    from funds.models import PayoutBatch

    return PayoutBatch.objects.create(
        no="FLOOR",
        district=cast.district,
        office=cast.office,
        programme="RURAL_ALLOWANCE",
        month=MONTH,
        state_since=ON,
        opened_on=ON,
        pay_by=MONTH,
        fund_year=MONTH.year,
    ).pk


def past(cast: Any, batch: int, months: int) -> None:
    """So many earlier months of lines stand in both tables."""
    from django.db import connection

    from cases.rules.months import previous_month

    month = MONTH
    with connection.cursor() as cursor:
        for back in range(1, months + 1):
            month = previous_month(month)
            values = {"office": cast.office.pk, "month": month, "batch": batch}
            for table in ("bench_line", "funds_payoutline"):
                sql = PAST.replace("bench_line", table)
                cursor.execute(sql, values | {"first": back * 10_000_000})


def watched(name: str, cast: Any) -> tuple[int, int]:
    """Statements and growth of Python's memory (bytes, peak) of one more run."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    tracemalloc.start()
    with CaptureQueriesContext(connection) as captured:
        build(cast)
    grown = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    empty(name, "funds_payoutline")
    return len(captured), grown


if __name__ == "__main__":
    main()
