"""Logs without people: what a database says of a row that it refuses never reaches them."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, IntegrityError, connection, transaction

from cases.models import Member
from tests import road
from tests.cast import Cast
from yuquan_relief.kernel.logs import DiscreetFormatter, without_rows

PLAIN = logging.Formatter("%(levelname)s %(name)s %(message)s")
DISCREET = DiscreetFormatter("%(levelname)s %(name)s %(message)s")


@contextmanager
def logged(formatter: logging.Formatter) -> Iterator[io.StringIO]:
    """What a handler with this formatter writes."""
    out = io.StringIO()
    handler, log = logging.StreamHandler(out), logging.getLogger("演练")
    handler.setFormatter(formatter)
    log.addHandler(handler)
    try:
        yield out
    finally:
        log.removeHandler(handler)


def refusal(cast: Cast, **changes: Any) -> DatabaseError:
    """What the database says to the same member once more, or with something that cannot be."""
    member = Member.objects.get(household=road.submitted(cast).household, relation="SELF")
    member.pk = None
    member._state.adding = True
    for name, value in changes.items():
        setattr(member, name, value)
    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        member.save(force_insert=True)
    return refused.value


def written(formatter: logging.Formatter, error: BaseException) -> str:
    """The error in a log, as message and with its traceback."""
    with logged(formatter) as out:
        logging.getLogger("演练").error("失败：%s", error, exc_info=error)
    return out.getvalue()


VALUES: list[tuple[dict[str, Any], str]] = [
    ({}, "member_once_in_household"),  # Key (household_id, id_digest)=(…) already exists
    ({"left_on": "1999-01-01"}, "member_period"),  # Failing row contains (…)
    ({"name": None, "id_digest": "another"}, "not-null"),
]


@pytest.mark.parametrize(("changes", "constraint"), VALUES)
def test_the_values_of_a_refused_row_are_not_logged(
    cast: Cast, changes: dict[str, Any], constraint: str
) -> None:
    error = refusal(cast, **changes)
    member = Member.objects.filter(relation="SELF")[0]
    secrets = [member.id_digest, "演练甲", member.id_tail, "1961-03-04"]
    plain, discreet = written(PLAIN, error), written(DISCREET, error)
    assert any(secret in plain for secret in secrets)  # the twin: the plain formatter tells
    assert not [secret for secret in secrets if secret in discreet]
    assert constraint in discreet  # and what is left helps to find the fault
    assert "Traceback" in discreet


def test_everything_that_is_logged_goes_through_it() -> None:
    logging_settings: dict[str, Any] = settings.LOGGING
    formatters = logging_settings["formatters"]
    name = f"{DiscreetFormatter.__module__}.{DiscreetFormatter.__qualname__}"
    assert {formatter["()"] for formatter in formatters.values()} == {name}
    assert all(h["formatter"] in formatters for h in logging_settings["handlers"].values())


def test_a_chained_error_is_stripped_in_every_part(cast: Cast) -> None:
    error = refusal(cast)
    try:
        raise RuntimeError("保存失败") from error
    except RuntimeError as later:
        plain, discreet = written(PLAIN, later), written(DISCREET, later)
    digest = Member.objects.filter(relation="SELF")[0].id_digest
    assert digest in plain
    assert digest not in discreet
    assert "保存失败" in discreet


def test_what_a_function_of_the_database_was_called_with_is_not_logged(db: None) -> None:
    sql = "DO $$ BEGIN PERFORM 'secret-6228'::int; END $$"
    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        connection.cursor().execute(sql)
    assert "CONTEXT" in written(PLAIN, refused.value)
    assert "CONTEXT: …" in written(DISCREET, refused.value)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("一切正常", "一切正常"),
        ("案件 YQ-1 已受理（3 份）", "案件 YQ-1 已受理（3 份）"),
        ("x\nDETAIL:  Key (a)=(b) already exists.", "x\nDETAIL: …"),
        ("a\nHINT: 甲\nb", "a\nHINT: …\nb"),
        ("Key (id_no)=(150102) exists", "Key (…)"),
    ],
)
def test_other_words_stay(text: str, left: str) -> None:
    assert without_rows(text).startswith(left)


def test_integrity_errors_are_told_apart_by_their_constraint(cast: Cast) -> None:
    error = refusal(cast)
    assert isinstance(error, IntegrityError)
    assert "member_once_in_household" in without_rows(str(error))
    assert "=(" not in without_rows(str(error))


def test_a_row_with_line_breaks_leaves_nothing(cast: Cast) -> None:
    case = road.submitted(cast)
    lacking = "1. 户口簿（演练甲）\n2. 银行卡 6228480000000000018\nDETAIL 演练乙的证明"
    with pytest.raises(DatabaseError) as refused, transaction.atomic():
        type(case).objects.filter(pk=case.pk).update(corrections=lacking, due_on=road.START)
    plain, discreet = written(PLAIN, refused.value), written(DISCREET, refused.value)
    assert "6228480000000000018" in plain
    secrets = ("演练甲", "6228480000000000018", "演练乙", "因病缺乏劳动力")
    assert not [secret for secret in secrets if secret in discreet]
    assert "case_clock_runs_when_accepted" in discreet
