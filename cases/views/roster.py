"""Taking over the roster in the browser: upload, look at it, confirm."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from cases.operations import roster
from cases.rules.roster import OPTIONAL, REQUIRED
from cases.views.common import csv_file
from yuquan_relief.kernel import file_store
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.file_kinds import read_upload
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.models import Attachment
from yuquan_relief.kernel.spreadsheets import MOST_BYTES, Unreadable

SHOWN = 100
CONFIRM = "households"


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: PersonRequest) -> HttpResponse:
    """Choose the file; a roster that can be read goes on to its preview."""
    if not request.actor.can("cases.import_roster"):
        raise PermissionDenied("cases.import_roster")
    if request.GET.get("as") == "template":
        return csv_file("在享名册模板.csv", [[*REQUIRED, *OPTIONAL]])
    if request.method != "POST":
        return _upload_page(request)
    file = request.FILES.get("file")
    if file is None:
        return _upload_page(request, error="请选择要导入的名册文件", status=422)
    if (file.size or 0) > MOST_BYTES:
        return _upload_page(
            request, error=f"文件超过 {MOST_BYTES // 1024 // 1024} MB，请分成几个文件", status=422
        )
    content = read_upload(file)
    name = file.name or "名册"
    try:
        roster.preview(content, name=name, actor=request.actor, on=today())
        sha256 = roster.keep_upload(content, name=name, actor=request.actor)
    except Unreadable as refused:
        return _upload_page(request, error=refused.reason, status=415)
    return redirect("roster_preview", sha256=sha256)


def _upload_page(request: PersonRequest, *, error: str = "", status: int = 200) -> HttpResponse:
    page = {
        "page_title": "在享名册导入",
        "errors": [("id_file", error)] if error else [],
        "required": REQUIRED,
        "optional": OPTIONAL,
    }
    return render(request, "cases/roster.html", page, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: PersonRequest, sha256: str) -> HttpResponse:
    """What the file would do; confirmed by typing the number of new households (IR-17)."""
    try:
        kept = roster.uploaded(sha256, actor=request.actor)
    except Attachment.DoesNotExist as error:
        raise Http404 from error
    content = file_store.read(kept.sha256)
    if request.method == "POST":
        return _import(request, kept, content)
    found = roster.preview(content, name=kept.title, actor=request.actor, on=today())
    if request.GET.get("as") == "csv":
        rows = [[str(e.number), e.column, e.message] for e in found.errors]
        return csv_file("名册错误清单.csv", [["行号", "列", "需要修改"], *rows])
    return _preview_page(request, kept, found)


def _import(request: PersonRequest, kept: Attachment, content: bytes) -> HttpResponse:
    typed = request.POST.get(CONFIRM, "").strip()
    found = roster.preview(content, name=kept.title, actor=request.actor, on=today())
    if not (typed.isascii() and typed.isdigit() and len(typed) < 8):
        return _preview_page(request, kept, found, error="请填写本次新增的户数", status=422)
    try:
        done = roster.import_roster(
            content, name=kept.title, actor=request.actor, on=today(), expected=int(typed)
        )
    except Refused as refused:
        return _preview_page(request, kept, found, error=refused.reason, status=409)
    if done.households:
        messages.success(request, f"已导入 {done.households} 户 {done.persons} 人，下月起可以发放")
    else:
        messages.info(request, "名册中的家庭都已在系统中，没有改动")
    return redirect("roster_preview", sha256=kept.sha256)


def _preview_page(
    request: PersonRequest,
    kept: Attachment,
    found: roster.Preview,
    *,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    page: dict[str, Any] = {
        "page_title": "核对名册",
        "kept": kept,
        "found": found,
        "shown_errors": found.errors[:SHOWN],
        "shown_warnings": found.warnings[:SHOWN],
        "sample": "、".join(n.row.head_name for n in found.newcomers[:5]),
        "errors": [("id_households", error)] if error else [],
        "cards": [
            {"label": "新增", "value": found.households, "unit": "户"},
            {"label": "已在系统中", "value": found.unchanged, "unit": "户"},
            {"label": "有误", "value": len(found.errors), "unit": "处"},
        ],
        "today": today(),
    }
    return render(request, "cases/roster_preview.html", page, status=status)
