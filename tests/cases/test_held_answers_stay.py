"""What was answered stays as it was: only its end is written, once, whoever asks the database."""

from collections.abc import Callable
from typing import Any

import psycopg2
import pytest
from django.db import DatabaseError, ProgrammingError, transaction

from cases.models import Case, HeldAnswer
from tests import road
from tests.audit.chains import owner
from tests.audit.test_append_only import done_without_the_triggers, refused_to_the_application
from tests.cases.held import last, waiting
from tests.cast import make_cast
from yuquan_relief.kernel.clock import now

TABLE = HeldAnswer._meta.db_table
END_AGAIN = f"UPDATE {TABLE} SET note = 'x'"
ENDED, WAITING = "已结束的签批不能修改", "只能追加"


@pytest.fixture
def case(own_database: str) -> Case:
    """A case whose answer waits, in a database of its own."""
    return waiting(make_cast())


@pytest.fixture
def ended(case: Case) -> HeldAnswer:
    """An answer that took effect."""
    road.in_effect(case)
    return last(case)


CHANGES = [
    f"UPDATE {TABLE} SET opinion = '另一个意见'",
    f"UPDATE {TABLE} SET code = 'refuse'",
    f"UPDATE {TABLE} SET takes_effect_at = takes_effect_at - interval '5 minutes'",
    f"UPDATE {TABLE} SET signed_on = signed_on - 1",
    f"UPDATE {TABLE} SET content_sha256 = repeat('0', 64)",
    f"UPDATE {TABLE} SET person_id = (SELECT max(id) FROM kernel_person)",
]


def refused_to_the_owner(name: str, sql: str, words: str) -> None:
    """The trigger refuses even whoever owns the table."""
    with pytest.raises(psycopg2.errors.InsufficientPrivilege, match=words), owner(name) as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize("sql", CHANGES)
def test_while_it_waits_what_was_answered_is_not_changed(
    case: Case, own_database: str, sql: str
) -> None:
    refused_to_the_application(sql)
    refused_to_the_owner(own_database, sql, ENDED)
    done_without_the_triggers(own_database, sql, TABLE)
    assert last(case).state == "WAITING"


@pytest.mark.parametrize("sql", [f"DELETE FROM {TABLE}", f"TRUNCATE {TABLE}"])
def test_nobody_removes_one(case: Case, own_database: str, sql: str) -> None:
    refused_to_the_application(sql)
    if sql.startswith("DELETE"):
        refused_to_the_owner(own_database, sql, WAITING)
        done_without_the_triggers(own_database, sql, TABLE)
    assert last(case).state == "WAITING"


@pytest.mark.usefixtures("ended")
def test_what_has_ended_does_not_end_again(own_database: str) -> None:
    with pytest.raises(ProgrammingError, match=ENDED), transaction.atomic():
        HeldAnswer.objects.update(note="x")
    refused_to_the_owner(own_database, END_AGAIN, ENDED)
    done_without_the_triggers(own_database, END_AGAIN, TABLE)


AGAIN: dict[str, dict[str, Any]] = {
    "waits again": {"state": "WAITING", "ended_at": None},
    "recalled": {"state": "RECALLED"},
    "fell": {"state": "FELL", "note": "不符合条件"},
    "at another time": {"ended_at": now()},
}


@pytest.mark.parametrize("changes", AGAIN.values(), ids=AGAIN)
def test_no_other_end_is_written_over_the_first(ended: HeldAnswer, changes: dict[str, Any]) -> None:
    with pytest.raises(DatabaseError, match=ENDED), transaction.atomic():
        HeldAnswer.objects.filter(pk=ended.pk).update(**changes)
    assert HeldAnswer.objects.get().state == "DONE"


def saved(row: HeldAnswer) -> None:
    """The whole row is written."""
    row.save()


def deleted(row: HeldAnswer) -> None:
    """The row is removed."""
    row.delete()


@pytest.mark.parametrize("act", [saved, deleted])
def test_the_model_itself_is_refused_too(case: Case, act: Callable[[HeldAnswer], None]) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        act(last(case))


def test_the_control_its_one_end_is_written(case: Case) -> None:
    held = last(case)
    HeldAnswer.objects.filter(pk=held.pk).update(state="RECALLED", ended_at=now(), note="x")
    assert last(case).state == "RECALLED"
