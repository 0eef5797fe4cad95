"""Duties that the calendar creates: found by query on any day, never by a tick (blueprint 5)."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Duty:
    """One duty: what it is, its clause, and the function that finds and does it for a day."""

    name: str
    label: str
    clause: str
    run: Callable[[date], int]


DUTIES: dict[str, Duty] = {}


def duty(
    name: str, *, label: str, clause: str
) -> Callable[[Callable[[date], int]], Callable[[date], int]]:
    """Register a function (day → number of things done); it must be repeatable."""

    def register(run: Callable[[date], int]) -> Callable[[date], int]:
        DUTIES[name] = Duty(name, label, clause, run)
        return run

    return register


class DutyFailed(Exception):
    """One or more duties did not succeed; the others were done all the same."""


def run_all(on: date) -> dict[str, int]:
    """Every duty of `on` is done once, whoever else runs them; what each did, by name.

    Two clocks at once: the second waits for the first and then finds nothing left to do. A duty
    that breaks is logged and stops no other; DutyFailed is raised after the last.
    """
    done: dict[str, int] = {}
    for entry in DUTIES.values():
        try:
            with one_at_a_time(f"duty:{entry.name}"):
                done[entry.name] = entry.run(on)
        except Exception:
            logger.exception("duty %s failed", entry.name)
    if failed := [name for name in DUTIES if name not in done]:
        raise DutyFailed(", ".join(failed))
    return done


class one_at_a_time:
    """Hold a database lock by name for the block; released with the connection if we die."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [self.name])

    def __exit__(self, *_: object) -> None:
        if transaction.get_connection().needs_rollback:
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [self.name])
