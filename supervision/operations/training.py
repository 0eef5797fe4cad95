"""培训: a course, who is called, who was there, what they knew (5(6))."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q

from supervision.models import Attendance, Course
from supervision.models.paper import district_of
from supervision.rules.quiz import mark, read_questions
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.clock import now
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.models import Post, next_number

SUBJECT = "course"
CAPABILITY = "supervision.train"
TRAINED_ROLES = ("clerk", "committee_head", "office_staff", "deputy_leader", "chief_leader")


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """A course: what, when, by whom, and its questions as typed."""

    title: str
    topic: str
    held_on: date
    hours: int
    trainer: str
    place: str
    questions: str = ""


@transaction.atomic
def open_course(lesson: Lesson, *, actor: Actor, on: date) -> Course:
    """A course stands, with everybody of the grass roots called to it. Raises Refused."""
    if not actor.can(CAPABILITY):
        raise PermissionDenied(CAPABILITY)
    values = {k: v for k, v in lesson.__dict__.items() if k != "questions"}
    row = Course.objects.create(
        no=next_number(f"PX-{on:%Y}-", digits=3), district_id=district_of(actor),
        questions=read_questions(lesson.questions), opened_by_id=actor.human_id, **values,
    )  # fmt: skip
    call(row, _grass_roots(actor, lesson.held_on))
    body = {"called": row.attendances.count()}
    record(SUBJECT, row.no, "open", actor=actor, on=on, unit_id=row.district_id, body=body)
    return row


def below(actor: Actor) -> Q:
    """Posts of the offices and villages of the actor's district."""
    place = actor.unit_id or 0
    return Q(unit__parent_id=place) | Q(unit__parent__parent_id=place)


def _grass_roots(actor: Actor, on: date) -> Iterable[Post]:
    """Everybody in a post of the offices and villages on the day."""
    return (
        Post.objects.filter(role__in=TRAINED_ROLES, starts_on__lte=on)
        .filter(Q(ends_on=None) | Q(ends_on__gte=on))
        .filter(below(actor))
        .order_by("person_id", "id")
    )


def call(course: Course, posts: Iterable[Post]) -> int:
    """These people are called, once each."""
    rows = {post.person_id: post for post in posts}
    made = Attendance.objects.bulk_create(
        (
            Attendance(course=course, person_id=person, unit_id=post.unit_id)
            for person, post in rows.items()
        ),
        ignore_conflicts=True,
    )
    return len(made)


@transaction.atomic
def sign_in(no: str, *, actor: Actor, on: date) -> Attendance:
    """The actor was there: on the course's day, by himself. Raises Refused on another day."""
    row = _mine(no, actor)
    if row.course.held_on != on:
        raise Refused("只能在培训当天签到")
    if row.signed_in_at is None:
        row.signed_in_at = now()
        row.save(update_fields=["signed_in_at"])
        record(SUBJECT, no, "sign_in", actor=actor, on=on, unit_id=row.unit_id)
    return row


def _mine(no: str, actor: Actor) -> Attendance:
    mine = Attendance.objects.select_related("course").select_for_update(of=("self",))
    row = mine.filter(course__no=no, person_id=actor.human_id).first()
    if row is None:
        raise Refused("您不在这次培训的名单里")
    return row


@transaction.atomic
def answer(no: str, answers: Sequence[int | None], *, actor: Actor, on: date) -> Attendance:
    """The quiz is answered once, by who was there; the score stands (5(6))."""
    row = _mine(no, actor)
    if row.signed_in_at is None:
        raise Refused("请先签到再答题")
    if row.answered_at is not None:
        raise Refused("已经交过卷了")
    questions: list[dict[str, Any]] = row.course.questions
    if not questions or len(answers) != len(questions):
        raise Refused("这次培训没有试题，或者题目有变动，请刷新页面")
    row.answers, row.score = list(answers), mark(questions, answers)
    row.answered_at = now()
    row.save()
    body = {"score": row.score}
    record(SUBJECT, no, "answer", actor=actor, on=on, unit_id=row.unit_id, body=body)
    return row
