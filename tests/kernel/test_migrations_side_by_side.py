"""While a migration runs, and until every process is restarted, the old program goes on writing.

So from the first release that was installed on, a migration only adds what the old program need not
know (C26): a column that may be null or that the database fills. What is taken away or renamed is
taken away one release later, with the reason here.
"""

from collections.abc import Iterable, Iterator

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

from yuquan_relief.kernel.migrating import Together

INSTALLED = {"kernel": 6, "cases": 27, "funds": 16, "archives": 4}
TAKES_AWAY = (
    migrations.RemoveField,
    migrations.RenameField,
    migrations.DeleteModel,
    migrations.RenameModel,
    migrations.AlterModelTable,
)
ALLOWED: dict[str, str] = {}  # "app.0001 operation": why no old program notices


def refused(operation: Operation) -> bool:
    """Whether an old program would stumble over it."""
    if isinstance(operation, migrations.AddField):
        field = operation.field
        return not (field.null or field.has_db_default() or field.many_to_many)
    return isinstance(operation, TAKES_AWAY)


def each(operations: Iterable[Operation]) -> Iterator[Operation]:
    """Those that are put together too."""
    for operation in operations:
        yield from each(operation.operations) if isinstance(operation, Together) else (operation,)


def newer() -> Iterator[tuple[str, Operation]]:
    """What the releases after the first do to tables that the old program knows."""
    fresh: set[str] = set()  # tables that only newer programs have
    for (app, name), migration in sorted(MigrationLoader(None).disk_migrations.items()):
        if app not in INSTALLED or int(name[:4]) <= INSTALLED[app]:
            continue
        for operation in each(migration.operations):
            if isinstance(operation, migrations.CreateModel):
                fresh.add(f"{app}.{operation.name_lower}")
            table = getattr(operation, "model_name_lower", "")
            if f"{app}.{table}" not in fresh:
                yield f"{app}.{name[:4]} {operation.describe()}", operation


def test_newer_migrations_let_the_old_program_write() -> None:
    assert {name for name, operation in newer() if refused(operation)} == set(ALLOWED)


def test_the_check_looks_into_what_is_put_together() -> None:
    add = migrations.AddField("job", "x", models.TextField())
    assert list(each([Together([Together([add]), add])])) == [add, add]


def test_there_are_newer_ones() -> None:
    assert any(name.startswith("kernel.0007") for name, _ in newer())


@pytest.mark.parametrize(
    ("operation", "is_refused"),
    [
        (migrations.AddField("job", "x", models.TextField()), True),
        (migrations.AddField("job", "x", models.TextField(default="")), True),
        (migrations.AddField("job", "x", models.TextField(db_default="")), False),
        (migrations.AddField("job", "x", models.TextField(null=True)), False),
        (migrations.RemoveField("job", "error"), True),
        (migrations.RenameField("job", "error", "fault"), True),
        (migrations.DeleteModel("job"), True),
        (migrations.CreateModel("new", [("id", models.BigAutoField(primary_key=True))]), False),
    ],
)
def test_the_check_sees_what_the_old_program_would_stumble_over(
    operation: Operation, is_refused: bool
) -> None:
    assert refused(operation) is is_refused
