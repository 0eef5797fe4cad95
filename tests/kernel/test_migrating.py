"""Operations that are put together give what they give one by one; what must not be, is not."""

import os
import subprocess
import sys
from typing import Any

import pytest
from django.db import connection, migrations, models
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import Q

from tests import databases
from yuquan_relief.kernel.migrating import Together, together

KEY = ("id", models.BigAutoField(primary_key=True))


def table(name: str) -> Operation:
    """A new table."""
    return migrations.CreateModel(name, [KEY])


def field(model: str, name: str) -> Operation:
    """A new column."""
    return migrations.AddField(model, name, models.TextField(null=True))


def rule(model: str, name: str) -> Operation:
    """A new constraint."""
    return migrations.AddConstraint(model, models.CheckConstraint(condition=Q(id__gt=0), name=name))


SQL = migrations.RunSQL("SELECT 1")


@pytest.mark.parametrize(
    ("operations", "sizes"),
    [
        ([], []),
        ([table("A")], [1]),
        ([table("A"), table("B")], [2]),
        ([table("A"), field("a", "x")], [1, 1]),  # A would be made with x
        ([table("A"), table("B"), rule("a", "r"), rule("b", "r")], [2, 2]),
        ([field("a", "x"), field("a", "y"), rule("a", "r")], [3]),
        ([field("a", "x"), migrations.AlterField("a", "x", models.TextField())], [1, 1]),
        ([field("a", "x"), SQL, field("b", "x"), field("b", "y")], [1, 1, 2]),
        ([SQL, SQL], [1, 1]),
        ([field("a", "x"), migrations.RemoveField("a", "y")], [1, 1]),
        ([rule("a", "r"), migrations.RemoveConstraint("a", "r")], [1, 1]),
    ],
)
def test_what_depends_on_another_stands_apart(
    operations: list[Operation], sizes: list[int]
) -> None:
    made = together(operations)
    assert [len(o.operations) if isinstance(o, Together) else 1 for o in made] == sizes
    flat = [p for o in made for p in (o.operations if isinstance(o, Together) else [o])]
    assert flat == operations


def test_models_are_built_once_for_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[Any] = []
    monkeypatch.setattr(ProjectState, "reload_model", lambda self, *key, **_: built.append(key))

    def known(operations: list[Operation]) -> tuple[int, set[Any]]:
        state, before = ProjectState(), len(built)
        assert state.apps
        for operation in operations:
            operation.state_forwards("kernel", state)
        return len(built) - before, set(state.models)

    many = [table("A"), table("B")]
    assert known(many) == (2, {("kernel", "a"), ("kernel", "b")})
    assert known(together(many)) == (0, {("kernel", "a"), ("kernel", "b")})


def columns() -> set[tuple[str, ...]]:
    """Every column of the archives' tables, and every constraint."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns"
            " WHERE table_name LIKE 'archives%' UNION SELECT conrelid::regclass::text, conname,"
            " pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid::regclass::text LIKE 'archives%'"
        )
        return set(cursor.fetchall())


def migrated(database: str, *words: str) -> set[tuple[str, ...]]:
    """The columns after `migrate`, by the owner."""
    owner = {"DATABASE_OWNER_URL": databases.owner_url(database), "RELIEF_DB_ROLE": "owner"}
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "-v0", *words],
        cwd=databases.ROOT,
        env=os.environ | owner | {"DJANGO_SETTINGS_MODULE": "yuquan_relief.settings"},
        check=True,
    )
    return columns()


def test_what_was_put_together_is_taken_back_and_made_again(own_database: str) -> None:
    there = columns()
    before = migrated(own_database, "archives", "0014")
    assert len(before) < len(there)
    assert migrated(own_database) == there
