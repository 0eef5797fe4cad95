"""Every table that only grows, and every column that is frozen: kept by its trigger, and by nothing
else (the twin: with that trigger dropped the same statement goes through).

The database itself says which they are, so that a new table is in here with its migration.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
import pytest

from supervision import guards
from tests.databases import owner_url

GROWING = """
SELECT c.relname, t.tgname FROM pg_trigger t
  JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
 WHERE NOT t.tgisinternal AND p.proname = 'refuse_change' AND t.tgname = c.relname || '_no_change'
 ORDER BY 1
"""
FROZEN = """
SELECT c.relname, t.tgname, array(
       SELECT trim(x) FROM unnest(string_to_array(
              trim(trailing E'\\\\000' FROM encode(t.tgargs, 'escape')), ',')) x)
  FROM pg_trigger t
  JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
 WHERE NOT t.tgisinternal AND p.proname = 'refuse_frozen_change'
 ORDER BY 1
"""
# The same by a trigger of the table's own, upon these columns (supervision.guards).
STAYING = """
SELECT c.relname, t.tgname, array(
       SELECT a.attname::text FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum = ANY(t.tgattr::int2[]))
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
 WHERE NOT t.tgisinternal AND t.tgname = c.relname || '_stays' AND cardinality(t.tgattr) > 0
 ORDER BY 1
"""
NEEDED = """
SELECT column_name, data_type FROM information_schema.columns
 WHERE table_name = %s AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'
"""
TYPES = "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s"
VALUES = {
    "integer": "1", "bigint": "1", "smallint": "1", "numeric": "1", "boolean": "false",
    "date": "'2026-01-01'", "timestamp with time zone": "now()", "jsonb": "'{}'", "ARRAY": "'{}'",
    "bytea": "''", "uuid": "gen_random_uuid()", "inet": "'127.0.0.1'",
}  # fmt: skip
OTHER = {
    "integer": "coalesce({c}, 0) + 1", "bigint": "coalesce({c}, 0) + 1",
    "smallint": "coalesce({c}, 0) + 1", "date": "'2027-02-02'",
    "boolean": "NOT {c}", "timestamp with time zone": "now()", "jsonb": "'[1]'", "bytea": "'y'",
}  # fmt: skip
OVER = {
    "supervision_sheet": "finished_on = '2026-01-01'",
    "supervision_bulletin": "state = 'ISSUED'",
    "supervision_statreport": "state = 'REPORTED'",
    "supervision_sample": "state = 'CLOSED'",
}


@contextmanager
def owner(database: str) -> Iterator[Any]:
    """The owner's cursor; every statement stands by itself."""
    connection = psycopg2.connect(owner_url(database))
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def rows(cursor: Any, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    cursor.execute(sql, values)
    found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def add_row(cursor: Any, table: str) -> None:
    """A row, if there is none; other constraints are out of the way."""
    for name, kind in rows(
        cursor,
        "SELECT conname, contype FROM pg_constraint WHERE conrelid = %s::regclass",
        table,
    ):
        if kind in ("c", "f"):
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    if rows(cursor, f"SELECT 1 FROM {table} LIMIT 1"):
        return
    columns = rows(cursor, NEEDED, table)
    names = ", ".join(f'"{name}"' for name, _ in columns)
    values = ", ".join(VALUES.get(kind, "'x'") for _, kind in columns)
    cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    cursor.execute(f"INSERT INTO {table} ({names}) VALUES ({values})")
    cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def goes_through(cursor: Any, sql: str) -> bool:
    """Whether the statement does what it says."""
    try:
        cursor.execute(sql)
    except psycopg2.errors.InsufficientPrivilege:
        return False
    return bool(cursor.rowcount)


def any_column(cursor: Any, table: str) -> str:
    return next(name for name, _ in rows(cursor, TYPES, table) if name != "id")


@pytest.mark.clause("6.3")
def test_every_table_that_only_grows(own_database: str) -> None:
    changed, kept = [], []
    with owner(own_database) as cursor:
        tables = rows(cursor, GROWING)
        for table, trigger in tables:
            add_row(cursor, table)
            column = any_column(cursor, table)
            change = f'UPDATE {table} SET "{column}" = "{column}"'
            if goes_through(cursor, change) or goes_through(cursor, f"DELETE FROM {table}"):
                changed.append(table)
            cursor.execute(f"DROP TRIGGER {trigger} ON {table}")
            if not (goes_through(cursor, change) and goes_through(cursor, f"DELETE FROM {table}")):
                kept.append(table)
    assert len(tables) > 30
    assert {"funds_recoveryreceipt", "funds_settledhandover", "cases_reviewdue"} <= dict(
        tables
    ).keys()
    assert changed == []
    assert kept == []  # nothing but the trigger stood in the way


@pytest.mark.clause("6.3")
def test_every_frozen_column(own_database: str) -> None:
    changed, kept = [], []
    with owner(own_database) as cursor:
        tables = [*rows(cursor, FROZEN), *rows(cursor, STAYING)]
        for table, trigger, columns in tables:
            add_row(cursor, table)
            types = dict(rows(cursor, TYPES, table))
            changes = {
                column: f"UPDATE {table} SET {column} = "
                + OTHER.get(types[column], "CASE {c} WHEN 'y' THEN 'z' ELSE 'y' END").format(
                    c=column
                )
                for column in columns
            }
            changed += [f"{table}.{c}" for c, sql in changes.items() if goes_through(cursor, sql)]
            cursor.execute(f"DROP TRIGGER {trigger} ON {table}")
            kept += [f"{table}.{c}" for c, sql in changes.items() if not goes_through(cursor, sql)]
    assert {"funds_recovery", "funds_flowproof", "funds_yearplan"} <= {t for t, *_ in tables}
    assert set(guards.FROZEN) <= {t for t, *_ in tables}
    assert changed == []
    assert kept == []


@pytest.mark.clause("6.3")
def test_every_row_that_is_over(own_database: str) -> None:
    assert set(OVER) == set(guards.OVER)
    changed, kept = [], []
    with owner(own_database) as cursor:
        for table, is_over in OVER.items():
            add_row(cursor, table)
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_over")
            assert goes_through(cursor, f"UPDATE {table} SET {is_over}")
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_over")
            # a locked table's other columns have a guard of their own
            other = (
                "note = note || '1'"
                if table == "supervision_statreport"
                else "district_id = district_id + 1"
            )
            change = f"UPDATE {table} SET {other}"
            if goes_through(cursor, change) or goes_through(cursor, f"DELETE FROM {table}"):
                changed.append(table)
            cursor.execute(f"DROP TRIGGER {table}_over ON {table}")
            if not (goes_through(cursor, change) and goes_through(cursor, f"DELETE FROM {table}")):
                kept.append(table)
    assert changed == []
    assert kept == []
