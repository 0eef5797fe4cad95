"""The application's role can add and read, and nothing else; every refusal with its twin."""

import os
from collections.abc import Iterator

import psycopg2
import pytest
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from pytest_django.plugin import DjangoDbBlocker

from tests import databases, road
from tests.audit.chains import owner
from tests.cast import make_cast
from yuquan_relief.embedded.places import home
from yuquan_relief.embedded.postgres import url as url_of
from yuquan_relief.kernel.actor import ROBOT
from yuquan_relief.kernel.events import record

TABLES = ("kernel_event", "kernel_signature", "kernel_checkpoint", "cases_decision")
CHANGES = {
    "UPDATE": "UPDATE {table} SET {column} = {column}",
    "DELETE": "DELETE FROM {table}",
    "TRUNCATE": "TRUNCATE {table} CASCADE",
}
COLUMN = {"kernel_event": "note", "kernel_signature": "opinion", "kernel_checkpoint": "hash"}
FORGE = """
INSERT INTO kernel_event
SELECT (jsonb_populate_record(e, jsonb_build_object('seq', e.seq + 1000))).* FROM kernel_event e
"""


def statement(kind: str, table: str) -> str:
    return CHANGES[kind].format(table=table, column=COLUMN.get(table, "reason"))


@pytest.fixture(scope="module")
def filled(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, worker_name: str
) -> Iterator[str]:
    """A database in which every one of the tables has a row; the tests change nothing in it."""
    name = databases.clone(f"relief_filled_{worker_name}_{os.getpid()}")
    try:
        with django_db_blocker.unblock(), databases.connected_to(name):
            road.approved(make_cast())
            with connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO kernel_checkpoint (seq, hash, at)"
                    " SELECT seq, hash, now() FROM kernel_event_head"
                )
        yield name
    finally:
        databases.drop(name)


@pytest.fixture
def here(filled: str, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The application is connected to the filled database."""
    with django_db_blocker.unblock(), databases.connected_to(filled):
        yield filled


@pytest.mark.clause("6.3")
def test_nothing_that_was_recorded_can_be_changed(here: str) -> None:
    for table in TABLES:
        for kind in CHANGES:
            sql = statement(kind, table)
            refused_to_the_application(sql)
            refused_to_the_owner(here, sql)
            done_without_the_triggers(here, sql, table)


def refused_to_the_application(sql: str) -> None:
    """The role has no such right."""
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)


def refused_to_the_owner(name: str, sql: str) -> None:
    """The trigger refuses even whoever owns the table."""
    with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="只能追加"), owner(name) as c:
        c.execute(sql)


def done_without_the_triggers(name: str, sql: str, table: str) -> None:
    """The twin: the same statement has an effect once the triggers are off; then undone."""
    with owner(name) as cursor:
        for each in {*TABLES, table} if "CASCADE" in sql else (table,):
            cursor.execute(f"ALTER TABLE {each} DISABLE TRIGGER USER")
        cursor.execute(f"SELECT count(*) FROM {table}")
        (before,) = cursor.fetchone()
        assert before > 0
        cursor.execute(sql)
        changed = cursor.rowcount
        cursor.execute(f"SELECT count(*) FROM {table}")
        (after,) = cursor.fetchone()
        assert changed == before or after == 0
        cursor.connection.rollback()


def test_events_are_added_by_the_function_and_not_beside_it(here: str) -> None:
    refused_to_the_application(FORGE)
    with owner(here) as cursor:  # the twin: the statement itself is a good one
        cursor.execute(FORGE)
        assert cursor.rowcount > 0
        cursor.connection.rollback()
    with transaction.atomic():
        record("case", "X", "probe", actor=ROBOT)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE kernel_event_head SET seq = 0",
        "DELETE FROM kernel_event_head",
        "INSERT INTO kernel_event_head SELECT false, 0, now(), ''",
        "ALTER TABLE kernel_event DISABLE TRIGGER ALL",
        "DROP TRIGGER kernel_event_no_change ON kernel_event",
        "ALTER TABLE kernel_event OWNER TO relief_app",
        "CREATE OR REPLACE FUNCTION event_append(payload jsonb) RETURNS TABLE (seq bigint, at"
        " timestamptz) LANGUAGE sql AS 'SELECT 1::bigint, now()'",
        "SET session_replication_role = replica",
        "CREATE RULE nothing AS ON INSERT TO kernel_event DO INSTEAD NOTHING",
        "SET ROLE relief_owner",
    ],
)
def test_the_application_cannot_get_around_the_guards(db: None, sql: str) -> None:
    with (
        pytest.raises(ProgrammingError) as refused,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)
    assert isinstance(refused.value.__cause__, psycopg2.errors.InsufficientPrivilege)


def test_a_grant_of_what_one_does_not_have_is_only_a_warning(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("GRANT UPDATE ON kernel_event TO relief_app WITH GRANT OPTION")
        cursor.execute("SELECT has_table_privilege('relief_app', 'kernel_event', 'UPDATE')")
        assert cursor.fetchone() == (False,)


def test_even_a_superuser_in_replica_mode_meets_the_triggers(filled: str) -> None:
    if os.environ["DATABASE_OWNER_URL"] != url_of(home("test"), "relief_owner"):
        pytest.skip("只有内嵌数据库的超级用户不用密码")
    url = databases.owner_url(filled).replace("relief_owner@", "postgres@")
    server = psycopg2.connect(url)
    cursor = server.cursor()
    cursor.execute("SET session_replication_role = replica")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="只能追加"):
        cursor.execute("UPDATE kernel_event SET note = note")
    server.rollback()
    # The twin: a plain trigger is passed by in replica mode.
    cursor.execute("SET session_replication_role = replica")
    cursor.execute("ALTER TABLE kernel_event ENABLE TRIGGER kernel_event_no_change")
    cursor.execute("UPDATE kernel_event SET note = note")
    assert cursor.rowcount > 0
    server.rollback()
    server.close()


# C28: no event, no change


def test_a_change_that_cannot_be_recorded_is_not_made(own_database: str) -> None:
    cast = make_cast()
    road.submitted(cast, serial=1)  # the twin: with the right to record it is made
    databases.as_owner(
        "REVOKE EXECUTE ON FUNCTION event_append(jsonb) FROM relief_app", database=own_database
    )
    tables = ("cases_case", "cases_household", "cases_member", "kernel_job", "kernel_event")
    before = [counted(table) for table in tables]
    assert before[0] == 1
    with pytest.raises(ProgrammingError, match="permission denied"):
        road.submitted(cast, serial=2)
    assert [counted(table) for table in tables] == before


def counted(table: str) -> int:
    """The number of rows."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])
