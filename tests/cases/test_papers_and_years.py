"""Papers that are closed by a signature, and dates that follow the calendar."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from cases.models import (
    Case,
)
from cases.models.record import CaseRecord
from cases.operations import decisions
from cases.operations.documents import Paper, add_to_case, withdraw_from_case
from cases.tasks import follow_calendar
from tests import road
from tests.cases.stages import (
    ON,
    noticed,
    posting,
    proposed,
    recorded,
)
from tests.cast import Cast
from yuquan_relief.kernel.calendar_effects import all_moves
from yuquan_relief.kernel.calendars import known_days, read_calendar, with_year
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Attachment, Event
from yuquan_relief.kernel.operations import calendars


def paper(slot: str = "survey_photo", colour: int = 3) -> Paper:
    return Paper(slot, "照片", road.photo((colour, 2, 1)))


def test_photos_are_closed_once_the_visit_is_signed_and_open_in_a_new_round(cast: Cast) -> None:
    case = recorded(cast)
    with pytest.raises(Refused, match="照片不能增减"):
        add_to_case(case.no, paper(), actor=cast.clerk)
    (photo,) = Attachment.objects.filter(subject_key=case.no, slot="survey_photo")
    with pytest.raises(Refused, match="照片不能增减"):
        withdraw_from_case(case.no, photo, actor=cast.clerk)
    add_to_case(case.no, paper("income_proof", 9), actor=cast.clerk)  # others are not
    decisions.reopen(case.no, note="重新入户", actor=cast.staff, on=ON)
    add_to_case(case.no, paper(), actor=cast.clerk)


@pytest.mark.parametrize("before", [noticed, road.to_propose, proposed, road.to_decide])
def test_from_the_notice_on_papers_stay_as_they_are(
    cast: Cast, before: Callable[[Cast], Case]
) -> None:
    case = before(cast)
    with pytest.raises(Refused, match="材料不能增减"):
        add_to_case(case.no, paper("income_proof", 9), actor=cast.clerk)


NEW_YEAR = {date(2027, 1, 1): (False, "元旦"), date(2027, 1, 4): (False, "调休")}
SOURCE = "国办发明电〔2026〕9 号"


def test_entering_2027_moves_what_the_preview_told(cast: Cast) -> None:
    for serial in range(1, 4):
        road.accepted(cast, serial, on=date(2026, 11, 23) + timedelta(days=serial))
    provisional = Case.objects.filter(due_is_provisional=True)
    assert provisional.count() == 3
    told = all_moves(with_year(read_calendar(), 2027, NEW_YEAR))
    moved = calendars.enter(2027, NEW_YEAR, source=SOURCE, actor=cast.supervisor)
    assert moved == len(told) == 3
    assert {m.key: m.after for m in told} == dict(Case.objects.values_list("no", "due_on"))
    assert not provisional.exists()
    assert Event.objects.filter(action="recompute_due").count() == 3
    assert all_moves(read_calendar()) == []


def test_a_notice_over_new_year_is_provisional_and_ends_with_the_entered_year(cast: Cast) -> None:
    case = road.investigated(cast, on=date(2026, 12, 21))
    post = posting("post_review_notice")
    post(case, cast.clerk, cast.proof("clerk"), date(2026, 12, 25))
    notice = case.notices.get()
    assert (notice.last_day, notice.last_day_is_provisional) == (date(2027, 1, 1), True)
    moved = calendars.enter(2027, NEW_YEAR, source=SOURCE, actor=cast.supervisor)
    notice.refresh_from_db()
    assert (notice.last_day, notice.last_day_is_provisional) == (date(2027, 1, 5), False)
    due = road.fresh(case)
    assert moved == 2
    assert not due.due_is_provisional
    assert CaseRecord(due, ON).notices[0].last_day == date(2027, 1, 5)
    assert all_moves(read_calendar()) == []  # the clock skips the notice's new days too


def test_one_day_changes_by_its_document_and_moves_what_lies_behind_it(cast: Cast) -> None:
    case = road.accepted(cast, on=road.START)
    before = case.due_on
    assert before is not None
    moved = calendars.change_day(
        before,
        is_workday=False,
        note="临时放假",
        source="呼政办发〔2026〕30 号",
        actor=cast.supervisor,
    )
    assert moved == 1
    after = road.fresh(case).due_on
    assert after is not None
    assert after > before
    calendars.change_day(
        before, is_workday=True, note="", source="呼政办发〔2026〕31 号", actor=cast.supervisor
    )
    assert road.fresh(case).due_on == before


def test_a_date_computed_beside_the_entry_is_mended_by_the_clock(cast: Cast) -> None:
    case = road.accepted(cast, on=date(2026, 11, 24))
    calendars.enter(2027, NEW_YEAR, source=SOURCE, actor=cast.supervisor)
    right = road.fresh(case).due_on
    Case.objects.update(due_is_provisional=True, due_on=date(2027, 1, 3))
    assert follow_calendar(road.START) == 1
    assert (road.fresh(case).due_on, follow_calendar(road.START)) == (right, 0)


@pytest.mark.parametrize("name", ["staff", "leader", "secadmin"])
def test_the_calendar_is_not_everybodys(cast: Cast, name: str) -> None:
    with pytest.raises(PermissionDenied):
        calendars.enter(2027, NEW_YEAR, source=SOURCE, actor=cast.actors[name])


def test_a_known_year_needs_no_second_preview(db: None) -> None:
    assert known_days(2026)
    assert all_moves(with_year(read_calendar(), 2026, known_days(2026))) == []
