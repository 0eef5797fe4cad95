"""Calls: each is kept; three in vain, the next comes in; what people said, with its margin (10)."""

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from supervision.models import Call, Finding, Sample, SampleItem, Sheet
from supervision.operations import sheets as operations
from supervision.reports.figures import Filter, figure
from supervision.rules.sampling import FrameRow, ordered
from supervision.rules.sheets import interval
from tests import databases
from tests.cast import Cast, make_cast
from tests.supervision.ground import Ground
from tests.supervision.test_loop import get, post
from tests.supervision.test_sheets import begun, draw_of, filled, finished, saved, signed
from yuquan_relief.kernel.clock import today

pytestmark = pytest.mark.clause("10")
YEAR = Filter(first=date(2026, 1, 1), last=date(2099, 12, 31))


def phoned(cast: Cast, homes: int = 4, percent: int = 25) -> Sample:
    """A sample of people in benefit."""
    ground = Ground(cast)
    for _ in range(homes):
        ground.benefit()
    return draw_of(cast, "PHONE", percent)


def called(cast: Cast, sheet: Sheet, result: str, status: int = 302) -> str:
    """One attempt."""
    url = f"/checks/sheets/{sheet.no}/call/"
    return str(post(cast, "supervisor", url, status, result=result).content.decode())


def given_up(cast: Cast, sheet: Sheet, status: int = 302) -> str:
    """Nobody is reached."""
    answer = post(cast, "supervisor", f"/checks/sheets/{sheet.no}/give_up/", status)
    return str(answer.content.decode())


def order_of(sample: Sample) -> list[str]:
    """Numbers of the only stratum in the order of the draw."""
    frame = [FrameRow(*v) for v in sample.frame.values_list("number", "stratum", "must")]
    (inside,) = ordered(frame, sample.seed).values()
    return [drawn.row.number for drawn in inside]


def test_three_calls_in_vain_and_the_next_comes_in(cast: Cast) -> None:
    sample = phoned(cast)
    sheet = begun(cast, sample)
    order = order_of(sample)
    assert sheet.item
    assert sheet.item.number == order[0]
    for result in ("NO_ANSWER", "OFF"):
        called(cast, sheet, result)
        assert "还可以再打" in given_up(cast, sheet, 409)
    called(cast, sheet, "NO_ANSWER")
    given_up(cast, sheet)
    sheet.refresh_from_db()
    kept = sheet.calls.order_by("id").values_list("result", "called_by", "number_tail")
    tail = sheet.item.household.phone_tail
    me = cast.supervisor.human_id
    assert list(kept) == [("NO_ANSWER", me, tail), ("OFF", me, tail), ("NO_ANSWER", me, tail)]
    came = SampleItem.objects.get(replaces=sheet.item)
    assert (came.number, came.why, came.place) == (order[1], "REPLACEMENT", 1)
    assert "无人接听、关机、停机、无人接听" in came.replace_reason
    assert (sheet.finished_on, sheet.verdict, sheet.item.state) == (today(), "NONE", "REPLACED")
    assert "已经办结" in called(cast, sheet, "ANSWERED", 409)
    assert came.number in get(cast, "supervisor", f"/samples/{sample.no}/")


def test_a_number_that_does_not_exist_is_given_up_at_once(cast: Cast) -> None:
    sheet = begun(cast, phoned(cast))
    assert "还可以再打" in given_up(cast, sheet, 409)
    called(cast, sheet, "EMPTY")
    given_up(cast, sheet)
    assert SampleItem.objects.filter(replaces=sheet.item).exists()


def test_after_somebody_answered_nobody_calls_again(cast: Cast) -> None:
    sheet = begun(cast, phoned(cast))
    called(cast, sheet, "NO_ANSWER")
    called(cast, sheet, "ANSWERED")
    assert "已经接通过" in called(cast, sheet, "NO_ANSWER", 409)
    assert "还可以再打" in given_up(cast, sheet, 409)
    assert sheet.calls.count() == 2
    finished(cast, sheet, "ASKED_MONEY")
    assert Finding.objects.get(origin_key=sheet.no).mark == "ASKED_MONEY"


def test_nothing_is_answered_by_who_was_never_reached(cast: Cast) -> None:
    sheet = begun(cast, phoned(cast))
    saved(cast, sheet, consented="on")
    signed(cast, sheet, "supervisor", "finish", 409)
    called(cast, sheet, "NO_ANSWER")
    signed(cast, sheet, "supervisor", "finish", 409)
    called(cast, sheet, "ANSWERED")
    signed(cast, sheet, "supervisor", "finish")


def test_when_nobody_is_left_to_come_in_the_sample_can_still_be_closed(cast: Cast) -> None:
    sample = phoned(cast, homes=1, percent=100)
    sheet = begun(cast, sample)
    called(cast, sheet, "EMPTY")
    given_up(cast, sheet)
    post(cast, "supervisor", f"/samples/{sample.no}/close/")
    sample.refresh_from_db()
    assert sample.state == "CLOSED"


def test_calls_are_neither_changed_nor_deleted(cast: Cast) -> None:
    sheet = begun(cast, phoned(cast))
    called(cast, sheet, "NO_ANSWER")
    for change in (lambda: Call.objects.update(result="ANSWERED"), Call.objects.all().delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_control_without_trigger_and_rights_a_call_is_changed(own_database: str) -> None:
    cast = make_cast()
    sheet = begun(cast, phoned(cast))
    called(cast, sheet, "NO_ANSWER")
    with pytest.raises(databases.psycopg2.Error, match="只能追加"):
        databases.as_owner("UPDATE supervision_call SET result = 'x'", database=own_database)
    databases.as_owner("ALTER TABLE supervision_call DISABLE TRIGGER USER", database=own_database)
    databases.as_owner("GRANT UPDATE ON supervision_call TO relief_app", database=own_database)
    assert Call.objects.update(result="ANSWERED") == 1


def test_what_people_said_is_counted_with_its_margin(cast: Cast) -> None:
    sample = phoned(cast, homes=4, percent=100)
    said: list[dict[str, Any]] = [
        {"q-SATISFIED": "4", "q-AWARE": "1"},
        {"q-SATISFIED": "3", "q-AWARE": "2"},
        {"q-SATISFIED": "2", "q-AWARE": "3"},
    ]
    for answers in said:
        sheet = begun(cast, sample)
        called(cast, sheet, "ANSWERED")
        finished(cast, sheet, consented="on", **answers)
    values = {code: figure(code, cast.supervisor, YEAR) for code in ("satisfied", "aware")}
    assert [(v.numerator, v.denominator) for v in values.values()] == [(2, 3), (2, 3)]
    sheet = begun(cast, sample)
    called(cast, sheet, "REFUSED")
    bare = {"verdict": "NONE", "summary": "不愿意回答"}  # not consented: nothing was asked
    post(cast, "supervisor", f"/checks/sheets/{sheet.no}/save/", **bare)
    assert figure("satisfied", cast.supervisor, YEAR).denominator == 3
    low, high = interval(2, 3) or (0, 0)
    page = get(cast, "supervisor", "/board/")
    assert f"共问 3 人，95% 区间 {low * 100:.1f}–{high * 100:.1f}%" in page


def test_an_open_sheet_is_not_counted(cast: Cast) -> None:
    sheet = begun(cast, phoned(cast))
    called(cast, sheet, "ANSWERED")
    post(cast, "supervisor", f"/checks/sheets/{sheet.no}/save/", **filled(sheet, consented="on"))
    assert figure("satisfied", cast.supervisor, YEAR).denominator == 0
    assert operations.is_given_up(sheet) is False


@pytest.mark.parametrize(
    ("good", "asked", "low", "high"),
    [
        (95, 100, 0.8882, 0.9785),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (1, 2, 0.0945, 0.9055),
    ],
)
def test_the_margin_is_that_of_wilson(good: int, asked: int, low: float, high: float) -> None:
    assert interval(good, asked) == pytest.approx((low, high), abs=5e-5)


def test_of_nobody_nothing_can_be_said() -> None:
    assert interval(0, 0) is None
