"""A chain that may be tampered with: made once, put back after each attack, both verifiers."""

import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg2
from django.db import connection, transaction

from tests import databases
from yuquan_relief.kernel import audit_export
from yuquan_relief.kernel.actor import ROBOT, Actor
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.verification import Problem, Witness, verify

TOOL = databases.ROOT / "tools" / "verify_audit.py"
CLERK = Actor(
    person_id=7,
    account_id=8,
    name="演练经办",
    role_code="clerk",
    title="社区经办",
    unit_id=3,
    unit_name="甲一社区",
    address="10.1.2.3",
    request_id="5a0c0c3e-0000-4000-8000-000000000001",
)


def add_events(count: int) -> None:
    """Events of two kinds, with and without every optional column."""
    for i in range(count):
        with transaction.atomic():
            if i % 3:
                record("case", f"YQ-{i:04d}", "touch", actor=ROBOT, on=date(2026, 9, 21))
            else:
                record(
                    "case",
                    f"YQ-{i:04d}",
                    "probe",
                    actor=CLERK,
                    on=date(2026, 9, 22),
                    unit_id=3,
                    before="TO_DECIDE",
                    after="APPROVED",
                    due_on=date(2026, 11, 9),
                    note="同意，“情况属实”\\ 共 2 人\n第二行",
                    body={"round": 1, "ok": True, "rate": 0.30, "place": "A1", "ids": [1, None]},
                )


@dataclass
class Chain:
    """A committed chain of `length` events in the database `name`."""

    name: str
    length: int
    folder: Path

    @property
    def witness(self) -> Witness:
        """The slip that somebody outside took of the untouched chain."""
        return self._witness

    def keep(self) -> None:
        """Remember the untouched chain, inside and outside the database."""
        self.as_owner(
            "CREATE SCHEMA keep",
            "CREATE TABLE keep.event AS TABLE kernel_event",
            "CREATE TABLE keep.head AS TABLE kernel_event_head",
        )
        with connection.cursor() as cursor:
            cursor.execute("SELECT seq, encode(hash, 'hex') FROM kernel_event_head")
            self._witness = Witness(*cursor.fetchone())

    def as_owner(self, *statements: str) -> None:
        """Run the statements as the owner in one transaction."""
        with owner(self.name) as cursor:
            for statement in statements:
                cursor.execute(statement)

    def attack(self, operator: Callable[[Any, int], None], position: int) -> None:
        """Let the owner do what the application's role cannot, and cover the traces."""
        with owner(self.name) as cursor:
            cursor.execute("ALTER TABLE kernel_event DISABLE TRIGGER ALL")
            operator(cursor, position)
            for trigger in ("no_change", "no_truncate"):
                cursor.execute(
                    f"ALTER TABLE kernel_event ENABLE ALWAYS TRIGGER kernel_event_{trigger}"
                )

    def put_back(self) -> None:
        """The chain is as it was."""
        self.as_owner(
            "ALTER TABLE kernel_event DISABLE TRIGGER ALL",
            "TRUNCATE kernel_event",
            "TRUNCATE kernel_event_head",
            "INSERT INTO kernel_event SELECT * FROM keep.event",
            "INSERT INTO kernel_event_head SELECT * FROM keep.head",
            "ALTER TABLE kernel_event DROP CONSTRAINT IF EXISTS kernel_event_pkey",
            "ALTER TABLE kernel_event ADD CONSTRAINT kernel_event_pkey PRIMARY KEY (seq)",
            "ALTER TABLE kernel_event ENABLE ALWAYS TRIGGER kernel_event_no_change",
            "ALTER TABLE kernel_event ENABLE ALWAYS TRIGGER kernel_event_no_truncate",
        )

    def first_verifier(self, *witnesses: Witness) -> tuple[Problem, ...]:
        """What the product's own verifier finds."""
        return verify(witnesses=witnesses).problems

    def second_verifier(self, *witnesses: Witness) -> list[str]:
        """What the stand-alone verifier finds in an export."""
        path = self.folder / "export.jsonl"
        audit_export.write(path)
        return second_verifier(path, *witnesses)


def owner(name: str) -> "Owner":
    """A cursor of the owner in a transaction that commits at the end of the block."""
    return Owner(name)


class Owner:
    """See `owner`."""

    def __init__(self, name: str) -> None:
        self.connection = psycopg2.connect(databases.owner_url(name))

    def __enter__(self) -> Any:
        return self.connection.cursor()

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.connection.commit()
        self.connection.close()


def tool() -> ModuleType:
    """tools/verify_audit.py as a module."""
    spec = importlib.util.spec_from_file_location("second_verifier", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def second_verifier(path: Path, *witnesses: Witness) -> list[str]:
    """What the stand-alone verifier says of the file."""
    with path.open(encoding="utf-8") as lines:
        return list(tool().verify(iter(lines), [(w.seq, w.sha256) for w in witnesses]))


def make_chain(name: str, length: int, folder: Path) -> Iterator[Chain]:
    """A database of its own with a chain, for as long as the caller needs it."""
    databases.clone(name)
    try:
        with databases.connected_to(name):
            with connection.cursor() as cursor:
                cursor.execute("SELECT seq FROM kernel_event_head")
                (delivered,) = cursor.fetchone()  # what load_reference recorded
            add_events(length - delivered)
            chain = Chain(name, length, folder)
            chain.keep()
            yield chain
    finally:
        databases.drop(name)
