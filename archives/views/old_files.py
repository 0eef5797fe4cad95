"""The check of every file since 2015: progress, register, one file with its checklist."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from archives import old_file_reports as reports
from archives.models import OldFile
from archives.old_file_forms import FORMS, AssignForm, ChecklistForm, QueryForm
from archives.operations import old_files as operations
from archives.rules.old_files import COLUMNS, REQUIRED, TONES, Step
from archives.step_forms import StepForm
from archives.views.common import require
from archives.views.desk import Desk
from cases.views.common import csv_file
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.file_kinds import read_upload
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.models import Attachment, Unit
from yuquan_relief.kernel.queries import key_of, page_of
from yuquan_relief.kernel.roles import Reach
from yuquan_relief.kernel.spreadsheets import MOST_BYTES

ROOT = "/archive/since2015/"
SHOWN = 100  # errors of a register
MOST_FILES = 20


def _offices(actor: Actor) -> list[Unit]:
    """The offices that the actor sees."""
    place = {"pk": actor.unit_id}
    if actor.reach == Reach.DISTRICT:
        place = {"parent_id": actor.unit_id}
    return list(Unit.objects.offices().filter(**place).order_by("code"))


@require_safe
def since2015(request: PersonRequest) -> HttpResponse:
    """Progress by office and year, the list, and for the district the register."""
    require(request, "archives.view")
    if request.GET.get("as") == "template":
        return csv_file("历年档案登记表模板.csv", [list(COLUMNS)])
    return _overview(request)


def _overview(request: PersonRequest, status: int = 200, **more: Any) -> HttpResponse:
    actor, offices = request.actor, _offices(request.actor)
    form = QueryForm(request.GET, offices=offices)
    query = form.cleaned_data if form.is_valid() else {}
    rows = reports.progress(actor, today())
    people = [(p.pk, f"{p.name}　{_name_of(offices, office)}")
              for p, office in operations.checkers([u.pk for u in offices], today())]  # fmt: skip
    found = reports.filtered(actor, query, today())
    page = {
        "page_title": "2015 年以来核查",
        "form": form,
        "sums": reports.sums(rows),
        "heat": reports.heat(rows, offices) if rows else None,
        "listed": reports.list_page(found, query, page_of(request.GET.get("page"))),
        "tones": TONES,
        "today": today(),
        "may_give": actor.can("archives.check_old"),
        "required": REQUIRED,
        "columns": COLUMNS,
        "assign": AssignForm(offices=offices, people=people, auto_id="give_%s"),
        "errors": [],
        "wrong": [],
    }
    return render(request, "archives/since2015.html", page | more, status=status)


def _name_of(offices: list[Unit], pk: int) -> str:
    return next(u.short_name for u in offices if u.pk == pk)


@require_POST
def register(request: PersonRequest) -> HttpResponse:
    """Take the old register in: everything or nothing, with the rows to mend."""
    require(request, "archives.check_old")
    file = request.FILES.get("file")
    if file is None or (file.size or 0) > MOST_BYTES:
        text = "请选择登记表文件（CSV 或 XLSX）" if file is None else "文件太大，请分成几个文件"
        return _overview(request, 422, errors=[("id_file", text)])
    content, name = read_upload(file), file.name or "登记表"
    try:
        found = operations.preview(content, name=name, actor=request.actor, on=today())
        if found.errors:
            text = f"登记表有 {len(found.errors)} 处需要修改，没有导入"
            return _overview(request, 422, errors=[("id_file", text)], wrong=found.errors[:SHOWN])
        done = operations.import_archives(content, name=name, actor=request.actor, on=today())
    except Refused as refused:
        return _overview(request, 415, errors=[("id_file", refused.reason)])
    messages.success(request, f"已导入 {len(done.fresh)} 卷，{done.unchanged} 卷原已在系统中")
    return redirect(ROOT)


@require_POST
def assign(request: PersonRequest) -> HttpResponse:
    """Give an office's files of a year to somebody."""
    require(request, "archives.check_old")
    offices = _offices(request.actor)
    people = [(p.pk, p.name) for p, _ in operations.checkers([u.pk for u in offices], today())]
    form = AssignForm(request.POST, offices=offices, people=people, auto_id="give_%s")
    if not form.is_valid():
        return _overview(request, 422, assign=form)
    given = form.cleaned_data
    try:
        count = operations.assign(
            int(given["office"]), given["year"], int(given["checker"]), due_on=given["due_on"],
            actor=request.actor, on=today(),
        )  # fmt: skip
    except Refused as refused:
        form.add_error(None, refused.reason)
        return _overview(request, 409, assign=form)
    messages.success(request, f"已派 {count} 卷")
    return redirect(ROOT)


def visible(request: PersonRequest, no: str) -> OldFile:
    """The file, or 404 as for one that does not exist."""
    found = OldFile.objects.visible_to(request.actor).select_related("office", "checker")
    row = found.filter(no=no).first()
    if row is None:
        raise Http404
    return row


@require_safe
def old_file(request: PersonRequest, no: str) -> HttpResponse:
    """One file with the checklist of its year."""
    row = visible(request, no)
    require(request, "archives.view")
    return _page(request, row)


def _is_mine(step: Step, facts: Any) -> bool:
    """Only who was given the file is offered its check."""
    return "checker" not in step.needs or facts.is_checker


DESK = Desk(
    road=operations.ROAD,
    root=ROOT,
    forms=FORMS,
    own={
        "whole": operations.whole,
        "problem": operations.problem,
        "pass": operations.passed,
        "refuse": operations.refuse,
        "extend": operations.extend,
    },
    is_mine=_is_mine,
)


def _page(
    request: PersonRequest,
    row: OldFile,
    *,
    form: StepForm | None = None,
    code: str = "",
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    actor = request.actor
    may = actor.can("archives.shelve")
    page = {
        "page_title": f"{row.head_name} {row.year} 年档案",
        "row": row,
        "tone": TONES[row.state],
        "checklist": ChecklistForm(row),
        "may_check": may and row.state == "ASSIGNED" and row.checker_id == actor.person_id,
        "may_mend": may and row.state == "PROBLEM",
        "acts": DESK.acts(row, actor, form, code),
        "scans": Attachment.objects.filter(subject_kind="old_file", subject_key=row.no).order_by(
            "id"
        ),
        "may_scan": may,
        "following": may and reports.next_of(row, actor.human_id or 0),
        "form": form,
        "errors": [],
        "today": today(),
    }
    return render(request, "archives/old_file.html", page | more, status=status)


@require_http_methods(["POST"])
def old_file_step(request: PersonRequest, no: str, code: str) -> HttpResponse:
    """The checklist, what was mended, or one step."""
    row = visible(request, no)
    if code == "scan":
        return _scan(request, row)
    if code not in ("answer", "mend"):
        return DESK.take(request, row, code, _page)
    if not request.actor.can("archives.shelve"):
        raise PermissionDenied(code)
    typed = ChecklistForm(row, request.POST)
    act: dict[str, Any] = {
        "actor": request.actor,
        "on": today(),
        "version": key_of(request.POST.get("version")),
    }
    try:
        if code == "answer":
            operations.answer(no, typed.answers(), **act)
        else:
            operations.mend(no, typed.mended(), **act)
    except Refused as refused:
        row.refresh_from_db()
        return _page(request, row, status=409, checklist=typed, errors=[("", refused.reason)])
    messages.success(request, "已保存")
    return redirect(f"{ROOT}{no}/")


def _scan(request: PersonRequest, row: OldFile) -> HttpResponse:
    """Scans of the paper file, for one line of the checklist."""
    files = [read_upload(f) for f in request.FILES.getlist("files")[:MOST_FILES]]
    try:
        count = operations.scan(
            row.no, request.POST.get("slot", ""), files, actor=request.actor, on=today()
        )
    except Refused as refused:
        return _page(request, row, status=409, errors=[("id_files", refused.reason)])
    messages.success(request, f"已存 {count} 件扫描件")
    return redirect(f"{ROOT}{row.no}/")
