"""培训: everybody of the grass roots is called, comes by himself, answers once (5(6))."""

from datetime import date, timedelta
from typing import Any
from unittest import mock

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, transaction

from supervision.models import Attendance, Course
from supervision.operations import training as operations
from supervision.rules.quiz import mark, read_questions
from tests.cast import SINCE, Cast, make_cast
from tests.races.arena import CERTAIN, meeting_at, together, without_row_locks
from tests.supervision.ground import Ground
from tests.supervision.test_loop import get, post
from yuquan_relief.kernel.clock import now, today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Post

pytestmark = pytest.mark.clause("5(6)")
DAY = timedelta(days=1)
QUIZ = """低保金几号以前到户
*10 日
20 日

入户调查至少几人
1 人
*2 人
3 人


公示几天
3 天
5 天
*7 天
"""
GRASS_ROOTS = {
    "clerk", "head", "neighbour_clerk", "surveyor", "staff", "leader", "chief", "foreign_clerk",
    "foreign_staff", "foreign_leader",
}  # fmt: skip


def typed(held_on: date, questions: str = QUIZ) -> dict[str, Any]:
    """What is typed to make a course."""
    return {
        "title": "政策培训", "topic": "管理办法", "held_on": held_on, "hours": 4, "trainer": "某",
        "place": "会议室", "questions": questions,
    }  # fmt: skip


def course(cast: Cast, held_on: date | None = None, questions: str = QUIZ) -> Course:
    """A course stands, by the page."""
    url = post(cast, "supervisor", "/training/", **typed(held_on or today(), questions)).url
    return Course.objects.get(no=url.strip("/").split("/")[-1])


def step(cast: Cast, who: str, row: Course, code: str, status: int = 302, **data: Any) -> str:
    """Somebody signs in or answers."""
    answer = post(cast, who, f"/training/{row.no}/{code}/", status, **data)
    return str(answer.content.decode())


def of(cast: Cast, row: Course, who: str) -> Attendance:
    """Somebody's own line."""
    found: Attendance = row.attendances.get(person=cast.actors[who].human_id)
    return found


def test_everybody_of_the_grass_roots_is_called_once(cast: Cast) -> None:
    twice = {"person_id": cast.clerk.human_id, "role": "clerk", "title": "兼职", "starts_on": SINCE}
    Post.objects.create(unit=cast.other_village, **twice)
    cast.add("gone", "clerk", cast.village, "离任经办")
    cast.add("coming", "clerk", cast.village, "新任经办")
    cast.add("later", "clerk", cast.village, "下月到任经办")
    posts = Post.objects.filter
    posts(person=cast.gone.human_id).update(ends_on=today() - DAY)
    posts(person=cast.coming.human_id).update(starts_on=today() + DAY)
    posts(person=cast.later.human_id).update(starts_on=today() + 30 * DAY)
    row = course(cast, today() + 7 * DAY)
    called = list(row.attendances.values_list("person", flat=True))
    assert len(called) == len(set(called))
    assert set(called) == {cast.actors[n].human_id for n in GRASS_ROOTS | {"coming"}}
    operations.call(row, Post.objects.filter(person=cast.clerk.human_id))  # once more
    assert row.attendances.count() == len(GRASS_ROOTS) + 1
    assert row.title in get(cast, "clerk", "/training/")
    for who in ("clerk", "chief", "foreign_staff", "supervisor", "bureau"):
        get(cast, who, f"/training/{row.no}/")
    get(cast, "worker", f"/training/{row.no}/", 404)


def test_the_quiz_is_read_as_it_was_typed(cast: Cast) -> None:
    row = course(cast)
    assert [len(q["options"]) for q in row.questions] == [2, 3, 3]
    assert [q["right"] for q in row.questions] == [0, 1, 2]
    assert row.questions[0] == {
        "text": "低保金几号以前到户", "options": ["10 日", "20 日"], "right": 0,
    }  # fmt: skip
    assert read_questions("") == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        (QUIZ.replace("*7 天", "7 天"), 3),
        (QUIZ.replace("1 人", "*1 人"), 2),
        (QUIZ.replace("\n20 日", ""), 1),
        ("只有题目", 1),
    ],
)
def test_a_wrong_form_is_named_by_the_number_of_its_question(
    cast: Cast, text: str, number: int
) -> None:
    page = post(cast, "supervisor", "/training/", 422, **typed(today(), text)).content.decode()
    assert f"第 {number} 题" in page
    assert "入户调查至少几人" in page or text == "只有题目"  # nothing typed is lost
    assert not Course.objects.exists()


@pytest.mark.parametrize("blank", ["\r\n\r\n", "\n \n", "\n\t\n", "\n　\n"])
def test_a_line_that_looks_empty_is_empty(blank: str) -> None:
    text = f"甲\n*是\n否{blank}乙\n是\n*否"
    assert [q["text"] for q in read_questions(text)] == ["甲", "乙"]


@pytest.mark.parametrize(
    ("answers", "score"),
    [([0, 1, 2], 100), ([0, 1, 0], 66), ([0, None, None], 33), ([None, None, None], 0)],
)
def test_what_is_not_answered_is_wrong(answers: list[int | None], score: int) -> None:
    assert mark(read_questions(QUIZ), answers) == score


def test_one_signs_in_on_the_day_only(cast: Cast) -> None:
    for away in (-1, 1):
        row = course(cast, today() + away * DAY)
        assert "只能在培训当天签到" in step(cast, "clerk", row, "sign_in", 409)
        assert of(cast, row, "clerk").signed_in_at is None
    row = course(cast)
    step(cast, "clerk", row, "sign_in")
    at = of(cast, row, "clerk").signed_in_at
    assert at is not None
    step(cast, "clerk", row, "sign_in")
    assert of(cast, row, "clerk").signed_in_at == at


def test_one_signs_in_for_oneself_only(cast: Cast) -> None:
    row = course(cast)
    other = cast.head.human_id
    step(cast, "clerk", row, "sign_in", person=other, person_id=other)
    signed = row.attendances.filter(signed_in_at__isnull=False)
    assert list(signed.values_list("person", flat=True)) == [cast.clerk.human_id]
    for who in ("supervisor", "bureau"):
        assert "不在这次培训的名单里" in step(cast, who, row, "sign_in", 409)
    step(cast, "worker", row, "sign_in", 404)


def test_the_quiz_is_answered_once_and_after_signing_in(cast: Cast) -> None:
    row = course(cast)
    right = {"q0": 0, "q1": 1, "q2": 2}
    assert "请先签到再答题" in step(cast, "clerk", row, "answer", 409, **right)
    step(cast, "clerk", row, "sign_in")
    assert "公示几天" in get(cast, "clerk", f"/training/{row.no}/")
    step(cast, "clerk", row, "answer", q0=0, q1=0)
    assert of(cast, row, "clerk").score == 33
    assert "已经交过卷" in step(cast, "clerk", row, "answer", 409, **right)
    assert (of(cast, row, "clerk").score, of(cast, row, "clerk").answers) == (33, [0, 0, None])
    assert "33 分，没有合格" in get(cast, "clerk", f"/training/{row.no}/")
    assert "公示几天" not in get(cast, "clerk", f"/training/{row.no}/")


def test_a_course_without_questions_has_no_quiz(cast: Cast) -> None:
    row = course(cast, questions="")
    step(cast, "clerk", row, "sign_in")
    step(cast, "clerk", row, "answer", 409)


def test_who_was_never_there_is_on_the_list(cast: Cast) -> None:
    page = get(cast, "supervisor", "/training/")
    for name in GRASS_ROOTS:
        assert cast.actors[name].name in page
    row = course(cast)
    step(cast, "clerk", row, "sign_in")
    page = get(cast, "supervisor", "/training/")
    assert cast.clerk.name not in page
    assert cast.head.name in page  # called, but not there
    Attendance.objects.filter(person=cast.clerk.human_id).update(signed_in_at=now() - 1100 * DAY)
    assert cast.clerk.name in get(cast, "supervisor", "/training/")
    assert cast.head.name not in get(cast, "clerk", "/training/")


@pytest.mark.parametrize("who", ["bureau", "auditor", "staff", "clerk", "worker"])
def test_only_the_centre_makes_courses(cast: Cast, who: str) -> None:
    post(cast, who, "/training/", 403, **typed(today()))
    assert not Course.objects.exists()


def test_control_without_the_capability_a_leader_makes_one(cast: Cast) -> None:
    lesson = operations.Lesson(**typed(today()))
    act: dict[str, Any] = {"actor": cast.bureau, "on": today()}
    with pytest.raises(PermissionDenied):
        operations.open_course(lesson, **act)
    with mock.patch.object(operations, "CAPABILITY", "supervision.view"):
        assert operations.open_course(lesson, **act).no


# ------------------------------------------------------------------ the database, two at once


def test_the_database_knows_no_score_without_signing_in_and_nobody_twice(cast: Cast) -> None:
    mine = Attendance.objects.filter(pk=of(cast, course(cast), "clerk").pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        mine.update(score=100, answered_at=now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Attendance.objects.create(
            course=mine.get().course, person_id=cast.clerk.human_id, unit=cast.village
        )
    with pytest.raises(DatabaseError, match="不能修改"), transaction.atomic():
        mine.update(person=cast.supervisor.human_id)
    with pytest.raises(DatabaseError), transaction.atomic():
        mine.delete()


def test_control_without_constraint_and_trigger_it_takes_them(own_database: str) -> None:
    cast = make_cast()
    ground = Ground(cast)
    mine = Attendance.objects.filter(pk=of(cast, course(cast), "clerk").pk)
    ground.lift("supervision_attendance", "attendance_quiz_after_signing_in")
    assert mine.update(score=100, answered_at=now()) == 1
    with ground.past("supervision_attendance"):
        assert mine.update(person=cast.supervisor.human_id) == 1


def answering(cast: Cast, row: Course, *answers: int) -> Any:
    """The clerk hands in."""
    return lambda: operations.answer(row.no, answers, actor=cast.clerk, on=today())


def test_of_two_answers_at_once_one_counts(own_database: str) -> None:
    cast = make_cast()
    row = course(cast)
    step(cast, "clerk", row, "sign_in")
    with meeting_at("supervision.operations.training._mine"):
        made = together(answering(cast, row, 0, 1, 2), answering(cast, row, 1, 0, 0))
    assert [type(one) for one in made if not isinstance(one, Attendance)] == [Refused]


def test_control_without_the_lock_both_count(own_database: str) -> None:
    cast = make_cast()
    row = course(cast)
    step(cast, "clerk", row, "sign_in")
    with (
        meeting_at("supervision.operations.training._mine", patience=CERTAIN),
        without_row_locks(),
    ):
        made = together(answering(cast, row, 0, 1, 2), answering(cast, row, 1, 0, 0))
    assert [one for one in made if isinstance(one, Exception)] == []
