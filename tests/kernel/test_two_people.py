"""The rulebook by two people, the rights of the application's role, people and their places."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, connection, transaction

from tests.cases.days import at
from tests.cast import Cast
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event, RuleValue
from yuquan_relief.kernel.operations.rulebook import confirm_value, enter_value
from yuquan_relief.kernel.rulebook_values import rules

FROM = date(2027, 7, 1)
PARAMETER = "standard.URBAN_ALLOWANCE"
DAYS: dict[str, Any] = {"parameter": "notice.days", "value": 8}  # what does not reach back


def entered(actor: Actor, parameter: str = PARAMETER, **changes: Any) -> RuleValue:
    values: dict[str, Any] = {"rule_set": "*", "valid_from": FROM, "value": 90000, "unit": "分/月"}
    values |= {"source": "玉政发〔2027〕1 号", "note": ""} | changes
    with at():
        return enter_value(parameter, actor=actor, **values)


def test_a_value_counts_only_after_a_second_person(cast: Cast) -> None:
    before = rules(FROM)[PARAMETER]
    value = entered(cast.supervisor)
    assert rules(FROM)[PARAMETER] == before
    confirm_value(value.pk, actor=cast.supervisor2)
    assert rules(FROM)[PARAMETER] == 90000
    assert rules(date(2027, 6, 30))[PARAMETER] == before
    assert Event.objects.filter(subject_kind="rulebook", subject_key=PARAMETER).count() == 2


def test_the_same_person_does_not_confirm(cast: Cast) -> None:
    value = entered(cast.supervisor)
    with pytest.raises(Refused, match="另一人"):
        confirm_value(value.pk, actor=cast.supervisor)
    with pytest.raises(IntegrityError, match="rule_value_two_people"), transaction.atomic():
        RuleValue.objects.filter(pk=value.pk).update(confirmed_by=cast.supervisor.person_id)


def test_a_value_is_confirmed_once(cast: Cast) -> None:
    value = entered(cast.supervisor)
    confirm_value(value.pk, actor=cast.supervisor2)
    with pytest.raises(Refused, match="不需要复核"):
        confirm_value(value.pk, actor=cast.supervisor2)


@pytest.mark.parametrize(
    "who", ["staff", "leader", "sysadmin", "secadmin", "auditor", "accountant"]
)
def test_others_neither_enter_nor_confirm(cast: Cast, who: str) -> None:
    value = entered(cast.supervisor)
    with pytest.raises(PermissionDenied):
        entered(cast.actors[who])
    with pytest.raises(PermissionDenied):
        confirm_value(value.pk, actor=cast.actors[who])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (DAYS | {"valid_from": date(2026, 11, 23)}, "生效日期应在今天之后"),
        (DAYS | {"valid_from": date(2020, 1, 1)}, "生效日期应在今天之后"),
        ({"valid_from": date(2025, 12, 31)}, "最早从今年 1 月 1 日"),
        ({"source": " "}, "请写明依据文件"),
    ],
)
def test_the_past_and_a_value_without_source_are_refused(
    cast: Cast, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(Refused, match=said):
        entered(cast.supervisor, **changes)


def test_two_values_for_one_day_do_not_both_count(cast: Cast) -> None:
    first, second = entered(cast.supervisor), entered(cast.supervisor)
    confirm_value(first.pk, actor=cast.supervisor2)
    with pytest.raises(Refused, match="已有数值"):
        confirm_value(second.pk, actor=cast.supervisor2)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE kernel_rulevalue SET value = '1'",
        "UPDATE kernel_rulevalue SET valid_from = '2000-01-01'",
        "UPDATE kernel_rulevalue SET confirmed_by_id = NULL",
        "DELETE FROM kernel_rulevalue",
        "TRUNCATE kernel_rulevalue CASCADE",
    ],
)
def test_the_database_keeps_values_as_they_are(cast: Cast, sql: str) -> None:
    value = entered(cast.supervisor)
    confirm_value(value.pk, actor=cast.supervisor2)
    with (
        pytest.raises(DatabaseError, match=r"只能由第二人复核|permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)


# ------------------------------------------------------------------ the application's role


def rows(sql: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [row[0] for row in cursor.fetchall()]


def test_the_application_owns_nothing(db: None) -> None:
    assert rows("SELECT current_user::text") == ["relief_app"]
    owned = """
        SELECT relname::text FROM pg_class WHERE relowner = current_user::regrole
        UNION ALL SELECT proname::text FROM pg_proc WHERE proowner = current_user::regrole
        UNION ALL SELECT datname::text FROM pg_database WHERE datdba = current_user::regrole
        UNION ALL SELECT nspname::text FROM pg_namespace
                   WHERE nspowner = current_user::regrole AND nspname NOT LIKE 'pg_temp%'"""
    assert rows(owned) == []


def test_the_application_is_nobody_special(db: None) -> None:
    special = """
        SELECT rolname::text FROM pg_roles WHERE rolname = current_user
           AND (rolsuper OR rolcreatedb OR rolcreaterole OR rolbypassrls OR rolreplication)"""
    assert rows(special) == []
    assert rows("SELECT roleid::regrole::text FROM pg_auth_members "
                "WHERE member = current_user::regrole") == []  # fmt: skip


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE x (i int)",
        "DROP TABLE cases_case",
        "ALTER TABLE kernel_event DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "INSERT INTO kernel_event (seq) VALUES (1)",
        "UPDATE kernel_event SET note = ''",
        "DELETE FROM kernel_event",
        "TRUNCATE kernel_event",
        "UPDATE kernel_event_head SET seq = 0",
        "UPDATE kernel_signature SET opinion = ''",
        "DELETE FROM kernel_signature",
        "TRUNCATE kernel_signature CASCADE",
    ],
)
def test_the_application_cannot(db: None, sql: str) -> None:
    with (
        pytest.raises(DatabaseError, match=r"permission denied|must be owner"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(sql)


@pytest.mark.parametrize(
    "table", ["kernel_event", "kernel_signature", "cases_decision", "cases_letter"]
)
@pytest.mark.parametrize("right", ["UPDATE", "DELETE", "TRUNCATE"])
def test_what_stands_for_ever_is_not_even_granted(db: None, table: str, right: str) -> None:
    assert rows(f"SELECT has_table_privilege('{table}', '{right}')") == [False]


# ------------------------------------------------------------------ pages of the rulebook


def test_a_value_that_is_not_there_is_not_confirmed(cast: Cast) -> None:
    client = cast.client("supervisor")
    client.raise_request_exception = False
    for pk in ("987654", "9" * 25):
        assert client.post(f"/settings/rules/value/{pk}/confirm/").status_code == 404


@pytest.mark.parametrize("value", ["", "x", "[1,", "NaN", '"\\u0000"', '"\\ud800"', "[" * 20000])
def test_a_value_that_cannot_be_read_comes_back(cast: Cast, value: str) -> None:
    client = cast.client("supervisor")
    client.raise_request_exception = False
    form = {
        "rule_set": "*",
        "valid_from": "2027-07-01",
        "value": value,
        "unit": "分",
        "source": "x",
    }
    with at():
        response = client.post(f"/settings/rules/{PARAMETER}/", form)
    assert response.status_code == 422
    assert not RuleValue.objects.filter(entered_by__isnull=False).exists()
