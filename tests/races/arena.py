"""Threads with connections of their own, that meet at a named point of the product."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any
from unittest import mock

from django.db import connection
from django.db.models import QuerySet

from tests import databases

PATIENCE = 1.5  # seconds; whoever waits for a lock does not come to the meeting
CERTAIN = 60  # seconds, for the controls: without a guard both come, however busy the machine


def together(*acts: Callable[[], Any]) -> list[Any]:
    """Every act in a thread of its own, begun at one moment; its result, or what it raised."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            start.wait(10)
            return act()
        except Exception as error:  # noqa: BLE001 - the outcome is what the tests look at
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@contextmanager
def meeting_at(target: str, number: int = 2, patience: float = PATIENCE) -> Iterator[None]:
    """Threads that have passed `target` wait there for each other before they go on."""
    module, _, name = target.rpartition(".")
    real = getattr(import_module(module), name)
    barrier = threading.Barrier(number)

    def meeting(*args: Any, **kwargs: Any) -> Any:
        result = real(*args, **kwargs)
        with suppress(threading.BrokenBarrierError):
            barrier.wait(patience)
        return result

    with mock.patch(target, meeting):
        yield


@contextmanager
def without_row_locks() -> Iterator[None]:
    """The guard taken away: nobody waits for anybody's row."""

    def unlocked(self: QuerySet[Any], *args: Any, **kwargs: Any) -> QuerySet[Any]:
        return self

    with mock.patch.object(QuerySet, "select_for_update", unlocked):
        yield


def drop_uniques(database: str, *tables: str) -> None:
    """The second guard taken away: no unique constraint or index on the tables but their keys."""
    for table in tables:
        databases.as_owner(
            f"""
            DO $$ DECLARE r record; BEGIN
              FOR r IN SELECT conname FROM pg_constraint
                        WHERE conrelid = '{table}'::regclass AND contype IN ('u', 'x')
              LOOP EXECUTE format('ALTER TABLE {table} DROP CONSTRAINT %I', r.conname); END LOOP;
              FOR r IN SELECT indexrelid::regclass AS i FROM pg_index
                        WHERE indrelid = '{table}'::regclass AND indisunique AND NOT indisprimary
              LOOP EXECUTE format('DROP INDEX %s', r.i); END LOOP;
            END $$""",
            database=database,
        )
