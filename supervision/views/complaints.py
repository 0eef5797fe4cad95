"""举报、信访: the register, one matter, boxes and hotlines (7.2)."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from archives.step_forms import NoteForm
from archives.views.desk import Desk
from funds.tables import Cell
from supervision.list_forms import (
    BoxForm,
    ClosingForm,
    ComplaintForm,
    OpeningForm,
)
from supervision.models import Complaint, ReportBox
from supervision.operations import boxes as withdrawals
from supervision.operations import complaints as operations
from supervision.rules.complaints import RESULTS, STATES
from supervision.step_forms import (
    AssignForm,
    FeedbackForm,
    FileForm,
    FoundForm,
    NamedForm,
    UntilForm,
    people,
    staff_choices,
)
from supervision.views.lists import (
    day,
    due_cell,
    exported,
    fact,
    file_url,
    listed,
    office_choices,
    offices_of,
    wants_file,
)
from supervision.views.pages import Pages, Said, require
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.models import Attachment, Unit

LOOKS = ("supervision.complaints", "supervision.handle", "supervision.view")
HEADS = ("编号", "类别", "渠道", "反映的单位", "承办", "收到", "期限", "状态")


def _find(
    no: str, *, result: str, finding: str, persons: list[int], note: str = "", **taken: Any
) -> Any:
    found = operations.Outcome(result=result, finding=finding, persons=persons)
    return operations.find(no, found, **taken)


def _close(no: str, *, how: str, told_on: Any, words: str, **taken: Any) -> Any:
    feedback = operations.Feedback(how=how, on=told_on, words=words)
    return operations.close(no, feedback, **taken)


def _attach(
    no: str, *, title: str, content: bytes, version: int | None = None, **taken: Any
) -> None:
    operations.add_file(no, content, title=title, **taken)


DESK = Desk(
    road=operations.ROAD,
    root="/petitions/",
    forms={
        "name": NamedForm, "name_too": NamedForm, "assign": AssignForm, "note": NoteForm,
        "find": FoundForm, "back": NoteForm, "extend": UntilForm, "close": FeedbackForm,
        "reopen": NoteForm,
    },
    own={
        "name": operations.name_subjects,
        "name_too": partial(operations.name_subjects, code="name_too"),
        "assign": operations.assign, "find": _find, "extend": operations.extend, "close": _close,
        "reopen": operations.reopen,
    },
    is_mine=lambda step, facts: "handler" not in step.needs or facts.is_handler,
)  # fmt: skip


def _said(row: Complaint, actor: Actor) -> Said:
    who = "匿名" if row.is_anonymous else f"{row.name or '没有留名'}　{row.contact}"
    facts = [
        fact("类别、渠道", f"{row.get_kind_display()}　{row.get_channel_display()}"),
        fact("反映人", who),
        fact("反映的单位", _about(row)),
        fact("反映的人", _named(row)),
        fact("承办单位", row.handler.name if row.handler else "没有分派"),
        fact("收到日期", day(row.received_on)),
        fact("办理期限", day(row.due_on)),
    ]
    if row.result:
        facts.append(fact("查处结果", RESULTS[row.result], row.finding))
    if row.feedback_on:
        facts.append(
            fact("反馈", f"{row.get_feedback_how_display()}　{day(row.feedback_on)}", row.feedback)
        )
    if actor.can("supervision.complaints"):
        facts.append(fact("查询码", row.key, "本人凭此在公开网页查询进度"))
    files = Attachment.objects.filter(subject_kind="complaint", subject_key=row.no)
    links = [("打开案件", f"/cases/{row.case.no}/")] if row.case else []
    return Said(facts, files=list(files.order_by("id")), words=row.content, links=links)


def _named(row: Complaint) -> str:
    if row.named_on is None:
        return "没有登记"
    names = row.subjects.values_list("person__name", flat=True).order_by("id")
    return "、".join(names) or "没有点名"


def _about(row: Complaint) -> str:
    unit = row.office.name if row.office else "没有指明"
    return f"{unit} {row.village.short_name}" if row.village else unit


HANDLERS = ("supervision.complaints", "supervision.handle")


class ComplaintPages(Pages):
    """A matter with the letters and pictures that belong to it."""

    def show(self, request: PersonRequest, row: Any, **kwargs: Any) -> HttpResponse:
        """Who takes it in or looks into it may add papers."""
        may = any(request.actor.can(name) for name in HANDLERS)
        attach = kwargs.pop("attach", None) or FileForm(row=row, auto_id="attach_%s")
        return super().show(request, row, attach=attach if may else None, **kwargs)


PAGES = ComplaintPages(
    model=Complaint, desk=DESK, looks=LOOKS, said=_said,
    title=lambda row: f"{row.get_kind_display()} {row.no}", back=("举报信访", "/petitions/"),
    template="supervision/complaint.html",
)  # fmt: skip


@require_safe
def complaint(request: PersonRequest, no: str) -> HttpResponse:
    """One matter; 404 for whom it names."""
    return PAGES.page(request, no)


@require_POST
def complaint_step(request: PersonRequest, no: str, code: str) -> HttpResponse:
    """One step by hand; `attach` keeps a letter or picture."""
    if code != "attach":
        return PAGES.step(request, no, code)
    row = PAGES.row(request, no)
    require(request, *HANDLERS)
    form = FileForm(request.POST, request.FILES, row=row, auto_id="attach_%s")
    if not form.is_valid():
        return PAGES.show(request, row, attach=form, status=422)
    try:
        _attach(no, actor=request.actor, on=today(), **form.values())
    except Refused as refused:
        form.add_error(None, refused.reason)
        return PAGES.show(request, row, attach=form, status=409)
    messages.success(request, "已存入")
    return redirect("complaint", no)


def _row(row: Complaint) -> list[Cell]:
    return [
        Cell(row.no, url=f"/petitions/{row.no}/"),
        Cell(row.get_kind_display()),
        Cell(row.get_channel_display()),
        Cell(row.office.short_name if row.office else "—"),
        Cell(row.handler.short_name if row.handler else "—"),
        Cell(day(row.received_on)),
        due_cell(row.due_on, today(), is_over=row.is_over),
        Cell(row.state_label, tone=row.tone),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def complaints(request: PersonRequest) -> HttpResponse:
    """The register, and a new one by any channel (7.2)."""
    require(request, *LOOKS)
    actor = request.actor
    may = actor.can("supervision.complaints")
    names = staff_choices(actor.district_id or 0) if may else []
    form = ComplaintForm(request.POST or None, offices=office_choices(actor), people=names)
    if request.method != "POST":
        return _register(request, form if may else None, 200)
    require(request, "supervision.complaints")
    if not form.is_valid():
        return _register(request, form, 422)
    try:
        made = operations.receive(_told(form.cleaned_data), actor=actor, on=today())
    except Refused as refused:
        form.add_error(None, refused.reason)
        return _register(request, form, 409)
    messages.success(request, f"已登记 {made.no}，查询码 {made.key}")
    return redirect("complaint", made.no)


def _register(request: PersonRequest, form: ComplaintForm | None, status: int) -> HttpResponse:
    actor = request.actor
    found = Complaint.objects.visible_to(actor).select_related("office", "handler")
    if (state := request.GET.get("state", "")) in STATES:
        found = found.filter(state=state)
    if request.GET.get("late"):
        found = found.late(today())
    found = found.order_by("-id")
    if wants_file(request):
        return exported(found, "举报信访.csv", HEADS, _row)
    page = listed(request, found, "举报信访", HEADS, _row, empty="没有举报信访", unit="件")
    mine = Complaint.objects.visible_to(actor)
    page |= {
        "page_title": "举报信访",
        "cards": [
            {"label": "没有办结", "value": mine.open().count(), "unit": "件"},
            {"label": "超过期限", "value": mine.late(today()).count(), "unit": "件",
             "url": "?late=on"},
        ],
        "new": form,
        "button": "登记举报信访",
        "post_url": "/petitions/",
        "hint": "被反映的单位不能承办，被反映的人看不到；登记后不能删除。",
        "export_url": file_url(request),
        "links": [("举报箱、举报电话", "/petitions/boxes/")],
    }  # fmt: skip
    return render(request, "supervision/list.html", page, status=status)


def _told(data: dict[str, Any]) -> operations.Told:
    return operations.Told(
        kind=data["kind"], channel=data["channel"], content=data["content"],
        received_on=data["received_on"], is_anonymous=data["is_anonymous"],
        name=data["name"] or "", contact=data["contact"] or "",
        office_id=int(data["office"]) if data["office"] else None,
        case_no=data["case_no"] or "", persons=people(data["persons"]),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def boxes(request: PersonRequest) -> HttpResponse:
    """举报箱、举报电话 of each office with their openings; a new one, or one more opening (7.2)."""
    require(request, *LOOKS)
    form = BoxForm(request.POST or None, offices=office_choices(request.actor))
    form.fields["office"].required = True
    if request.method != "POST":
        return _boxes(request, form, 200)
    require(request, *HANDLERS)
    if not form.is_valid():
        return _boxes(request, form, 422)
    given = form.cleaned_data
    try:
        operations.register_box(
            int(given["office"]), given["kind"], given["place"], since=given["since"],
            actor=request.actor, on=today(),
        )  # fmt: skip
    except Unit.DoesNotExist as error:
        raise Http404 from error
    except Refused as refused:
        form.add_error(None, refused.reason)
        return _boxes(request, form, 409)
    messages.success(request, "已登记")
    return redirect("boxes_of_reports")


Typed = tuple[int, OpeningForm | ClosingForm]  # about which box


def _boxes(
    request: PersonRequest,
    form: BoxForm,
    status: int,
    refused: Typed | None = None,
) -> HttpResponse:
    """The page; `refused` is what was typed about one box."""
    actor = request.actor
    may = any(actor.can(name) for name in HANDLERS)
    offices = offices_of(actor)
    found = list(
        ReportBox.objects.filter(office__in=offices, until=None)
        .select_related("office")
        .prefetch_related("openings__opened_by", "openings__second")
        .order_by("office__code", "kind", "id")
    )
    lacking = [u.short_name for u in offices if not any(b.office_id == u.pk for b in found)]
    staff = staff_choices(actor.district_id or 0) if may else []
    page = {
        "page_title": "举报箱、举报电话",
        "boxes": [(box, _acts(box, staff, refused) if may else []) for box in found],
        "lacking": lacking,
        "new": form if may else None,
        "is_refused": bool(refused),
    }
    return render(request, "supervision/boxes.html", page, status=status)


def _acts(box: ReportBox, staff: Any, refused: Typed | None) -> list[dict[str, Any]]:
    """What can be done with the box: opened, if it is one, and withdrawn."""
    typed = refused[1] if refused and refused[0] == box.pk else None
    forms: list[tuple[str, str, OpeningForm | ClosingForm]] = []
    if box.kind == ReportBox.Kind.BOX:
        opening = OpeningForm(people=staff, auto_id=f"open{box.pk}_%s")
        forms.append(("open", "登记开箱", opening))
    words = f"撤除{box.get_kind_display()}"
    forms.append(("close", words, ClosingForm(auto_id=f"close{box.pk}_%s")))
    return [
        {
            "code": code,
            "label": label,
            "form": typed if type(typed) is type(form) else form,
            "is_open": type(typed) is type(form),
        }
        for code, label, form in forms
    ]


@require_POST
def open_box(request: PersonRequest, pk: int) -> HttpResponse:
    """A box was opened by two."""
    require(request, *HANDLERS)
    _standing(request, pk)
    staff = staff_choices(request.actor.district_id or 0)
    form = OpeningForm(request.POST, people=staff, auto_id=f"open{pk}_%s")
    if not form.is_valid():
        return _refused(request, pk, form, 422)
    given = form.cleaned_data
    try:
        operations.open_box(
            pk, second_id=int(given["second"]), letters=given["letters"],
            note=given["note"] or "", actor=request.actor, on=today(),
        )  # fmt: skip
    except Refused as refused:
        form.add_error(None, refused.reason)
        return _refused(request, pk, form, 409)
    messages.success(request, "已登记开箱")
    return redirect("boxes_of_reports")


@require_POST
def close_box(request: PersonRequest, pk: int) -> HttpResponse:
    """A box or number is withdrawn, and no longer made public."""
    require(request, *HANDLERS)
    _standing(request, pk)
    form = ClosingForm(request.POST, auto_id=f"close{pk}_%s")
    if not form.is_valid():
        return _refused(request, pk, form, 422)
    try:
        withdrawals.close_box(pk, form.cleaned_data["until"], actor=request.actor, on=today())
    except Refused as refused:
        form.add_error(None, refused.reason)
        return _refused(request, pk, form, 409)
    messages.success(request, "已撤除，公开网页上不再列出")
    return redirect("boxes_of_reports")


def _standing(request: PersonRequest, pk: int) -> None:
    """Raise Http404 unless it is a box of an office that the actor sees, and not withdrawn."""
    mine = ReportBox.objects.filter(office__in=offices_of(request.actor), until=None)
    if not mine.filter(pk=pk).exists():
        raise Http404


def _refused(
    request: PersonRequest, pk: int, form: OpeningForm | ClosingForm, status: int
) -> HttpResponse:
    """The page with what was typed about one box."""
    new = BoxForm(offices=office_choices(request.actor))
    return _boxes(request, new, status, (pk, form))
