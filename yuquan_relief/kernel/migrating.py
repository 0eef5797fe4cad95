"""Many changes of the schema with one new picture of the models (performance G17).

Django builds its models anew, with all that they refer to, after each operation of a migration;
with some 160 models that takes nearly all the time of `migrate`. Operations that do not depend on
one another are put together: the models are built once for all of them.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.migrations.operations import (
    AddConstraint,
    AddField,
    AddIndex,
    AlterField,
    CreateModel,
    RemoveConstraint,
)
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

PLAIN = (AddConstraint, AddField, AddIndex, AlterField, CreateModel, RemoveConstraint)


class Together(Operation):
    """Operations none of which needs the models as another one of them leaves them."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self.operations = tuple(operations)

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """As it is written in a migration."""
        return type(self).__name__, [list(self.operations)], {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The models are known anew, and are built when somebody asks for them."""
        state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Each in its order."""
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Each, the last one first."""
        for operation in reversed(self.operations):
            operation.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """In words, for a plan of migrations."""
        return "; ".join(operation.describe() for operation in self.operations)


def together(operations: Iterable[Operation]) -> list[Operation]:
    """The same operations, those side by side put together as far as they may be.

    What runs SQL or Python stands alone. A table that was made with the models as they are after
    the group has everything that they have, so that nothing of the group may touch it again; nor
    may a field or constraint be touched twice.
    """
    return [group[0] if len(group) == 1 else Together(group) for group in _groups(list(operations))]


def _groups(operations: list[Operation]) -> Iterator[list[Operation]]:
    group: list[Operation] = []
    touched: set[tuple[str, str]] = set()
    made: set[str] = set()
    for operation in operations:
        model, part = _touches(operation)
        is_free = (
            isinstance(operation, PLAIN) and model not in made and (model, part) not in touched
        )
        if group and not (is_free and isinstance(group[0], PLAIN)):
            yield group
            group, touched, made = [], set(), set()
        group.append(operation)
        touched.add((model, part))
        if isinstance(operation, CreateModel):
            made.add(model)
    if group:
        yield group


def _touches(operation: Operation) -> tuple[str, str]:
    """Model and field, constraint or index; of a new model, the model."""
    if isinstance(operation, CreateModel):
        return operation.name.lower(), ""
    model = str(getattr(operation, "model_name", "")).lower()
    thing = getattr(operation, "constraint", None) or getattr(operation, "index", None)
    return model, str(thing.name if thing else getattr(operation, "name", ""))
