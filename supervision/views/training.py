"""培训: courses, who was there, the quiz, and who was never trained (5(6))."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import Avg, Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localtime
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from funds.tables import Cell, Table, number
from supervision.list_forms import CourseForm
from supervision.models import Attendance, Course
from supervision.operations import training as operations
from supervision.views.lists import day, listed
from supervision.views.pages import require
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.models import Post
from yuquan_relief.kernel.queries import key_of
from yuquan_relief.kernel.roles import Reach

HEADS = ("课程", "日期", "学时", "应到", "签到", "合格", "平均分")


def visible_courses(actor: Actor) -> Any:
    """The district's courses: for the bureau, and for everybody who is called."""
    if actor.reach == Reach.DISTRICT:
        mine = Course.objects.filter(district=actor.unit_id)
        return mine if actor.can("supervision.view") else mine.none()
    return Course.objects.filter(attendances__person=actor.person_id).distinct()


@require_http_methods(["GET", "HEAD", "POST"])
def courses(request: PersonRequest) -> HttpResponse:
    """Courses with their attendance; the untrained on top; a new course."""
    actor, status = request.actor, 200
    require(request, "supervision.view", "cases.view")
    may = actor.can("supervision.train")
    form = CourseForm(request.POST or None)
    if request.method == "POST":
        require(request, "supervision.train")
        status = 422
        if form.is_valid():
            data = form.cleaned_data | {"questions": form.cleaned_data["questions"] or ""}
            try:
                made = operations.open_course(operations.Lesson(**data), actor=actor, on=today())
            except Refused as refused:
                form.add_error("questions", refused.reason)
            else:
                messages.success(request, f"已建课，通知 {made.attendances.count()} 人")
                return redirect("course", made.no)
    found = visible_courses(actor).order_by("-held_on", "-id")
    page = listed(request, found, "培训课程", HEADS, _row, unit="次", empty="还没有培训")
    page |= {
        "page_title": "培训",
        "new": form if may else None,
        "button": "新建课程",
        "post_url": "/training/",
        "hint": "建课后，镇、街道和村（社区）在岗人员都列入应到名单。",
        "tables": [untrained(actor)] if actor.can("supervision.view") else [],
    }
    return render(request, "supervision/list.html", page, status=status)


def _row(row: Course) -> list[Cell]:
    counts = row.attendances.aggregate(
        called=Count("pk"),
        came=Count("pk", filter=Q(signed_in_at__isnull=False)),
        passed=Count("pk", filter=Q(score__gte=row.pass_percent)),
        mean=Avg("score"),
    )
    mean = "—" if counts["mean"] is None else f"{counts['mean']:.0f}"
    return [
        Cell(row.title, url=f"/training/{row.no}/"),
        Cell(day(row.held_on)),
        number(row.hours),
        number(counts["called"]),
        number(counts["came"]),
        number(counts["passed"]),
        Cell(mean, True),
    ]


def untrained(actor: Actor) -> Table:
    """People in a post who have been at no course within two years, the newest first."""
    since = date(today().year - 2, today().month, 1)
    trained = Attendance.objects.filter(signed_in_at__date__gte=since).values("person")
    posts = (
        Post.objects.filter(role__in=operations.TRAINED_ROLES, ends_on=None)
        .filter(operations.below(actor))
        .exclude(person__in=trained)
        .select_related("person", "unit")
        .order_by("-starts_on", "unit__code", "id")[:50]
    )
    rows = [
        [Cell(p.person.name), Cell(p.unit.short_name), Cell(p.title), Cell(day(p.starts_on))]
        for p in posts
    ]
    heads = ("姓名", "单位", "职务", "任职")
    return Table("两年内没有参加过培训的（前 50 人）", heads, rows, empty="都参加过培训")


def _visible(request: PersonRequest, no: str) -> Course:
    row: Course | None = visible_courses(request.actor).filter(no=no).first()
    if row is None:
        raise Http404
    return row


@require_safe
def course(request: PersonRequest, no: str) -> HttpResponse:
    """One course: for who was called the sign-in and the quiz, for the bureau who came."""
    return _page(request, _visible(request, no))


def _page(request: PersonRequest, row: Course, status: int = 200, error: str = "") -> HttpResponse:
    mine = row.attendances.filter(person=request.actor.person_id).first()
    people = row.attendances.select_related("person", "unit").order_by("unit__code", "person__name")
    heads = ("姓名", "单位", "签到", "得分")
    rows = [
        [
            Cell(a.person.name),
            Cell(a.unit.short_name),
            Cell(f"{localtime(a.signed_in_at):%H:%M}" if a.signed_in_at else "没有签到",
                 tone="ok" if a.signed_in_at else "warn"),
            Cell(str(a.score) if a.score is not None else "—", True),
        ]
        for a in people
    ]  # fmt: skip
    may = request.actor.can("supervision.view")
    page = {
        "page_title": row.title,
        "row": row,
        "mine": mine,
        "table": Table("名单", heads, rows, empty="没有名单") if may else None,
        "is_today": row.held_on == today(),
        "questions": list(enumerate(row.questions)),
        "error": error,
    }
    return render(request, "supervision/course.html", page, status=status)


@require_POST
def course_step(request: PersonRequest, no: str, code: str) -> HttpResponse:
    """Sign in, or answer the quiz."""
    row = _visible(request, no)
    act: dict[str, Any] = {"actor": request.actor, "on": today()}
    try:
        if code == "sign_in":
            operations.sign_in(no, **act)
            messages.success(request, "已签到")
        elif code == "answer":
            answers = [key_of(request.POST.get(f"q{n}")) for n in range(len(row.questions))]
            done = operations.answer(no, answers, **act)
            messages.success(request, f"已交卷，{done.score} 分")
        else:
            raise Http404
    except Refused as refused:
        return _page(request, row, 409, refused.reason)
    return redirect("course", no)
