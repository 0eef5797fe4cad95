"""Pages and acts of household files."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST, require_safe

from archives.forms import FilterForm, HoldForm, LiftForm, SealForm
from archives.models import Dossier, DossierItem
from archives.operations.building import refresh_by_hand, supplement
from archives.operations.inspecting import report_of
from archives.operations.keeping import terms_of
from archives.operations.printing import print_cover
from archives.operations.sealing import STATEMENT, hand_out, items_digest, seal
from archives.reports import TONES, contents, list_page
from archives.rules.naming import folder_name
from archives.views.benefits import answer
from archives.views.common import require, visible_dossier
from yuquan_relief.kernel import file_store
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.file_kinds import read_upload
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.signing import prove

MOST_FILES = 20
SANDBOX = "sandbox; default-src 'none'; img-src 'self'; style-src 'unsafe-inline'"


@require_safe
def archive_list(request: PersonRequest) -> HttpResponse:
    """Completeness of the files in the scope."""
    require(request, "archives.view")
    form = FilterForm(request.GET, request.actor)
    query = form.cleaned_data if form.is_valid() else {}
    listed = list_page(request.actor, query, request.GET.dict())
    page = {"page_title": "档案齐全情况", "form": form, "listed": listed}
    return render(request, "archives/list.html", page)


@require_safe
def dossier_page(request: PersonRequest, no: str) -> HttpResponse:
    """One file: gaps first, then slot by slot; ?as=print gives cover and directory."""
    dossier = visible_dossier(request, no)
    require(request, "archives.view")
    if request.GET.get("as") == "print":
        page = _page(request, dossier) | {"back_url": f"/archive/{no}/"}
        return render(request, "archives/dossier_print.html", page)
    if request.GET.get("as") == "check":
        found = dossier.inspections.order_by("-id").first()
        report = found.report if found else report_of(dossier, "现在", today())
        page = {"page_title": "四性检测报告", "dossier": dossier, "report": report,
                "back_url": f"/archive/{no}/"}  # fmt: skip
        return render(request, "archives/inspection_print.html", page)
    return _show(request, dossier)


@require_GET
def cover(request: PersonRequest, no: str) -> HttpResponse:
    """封面、目录、备考表 as PDF; printing is on record."""
    dossier = visible_dossier(request, no)
    require(request, "archives.view")
    try:
        pdf = print_cover(no, actor=request.actor, on=today())
    except Refused as refused:
        return _show(request, dossier, 409, [("", refused.reason)])
    return answer(pdf, f"cover-{folder_name(no)}.pdf")


@require_POST
def refresh_dossier(request: PersonRequest, no: str) -> HttpResponse:
    """Bring the file up to date with what is on record."""
    dossier = visible_dossier(request, no)
    try:
        changed = refresh_by_hand(no, actor=request.actor, on=today())
    except Refused as refused:
        return _show(request, dossier, 409, [("", refused.reason)])
    messages.success(request, f"已更新 {changed} 件" if changed else "卷内文件没有变化")
    return redirect(f"/archive/{no}/")


@require_POST
def upload_to_dossier(request: PersonRequest, no: str) -> HttpResponse:
    """Take late files into a slot."""
    dossier = visible_dossier(request, no)
    files = [*request.FILES.getlist("photo"), *request.FILES.getlist("files")][:MOST_FILES]
    slot = request.POST.get("slot", "")
    try:
        supplement(no, slot, [read_upload(f) for f in files], actor=request.actor, on=today())
    except Refused as refused:
        return _show(request, dossier, 409, [("", refused.reason)])
    messages.success(request, "已归入卷内")
    return redirect(f"/archive/{no}/")


@require_POST
def seal_dossier(request: PersonRequest, no: str) -> HttpResponse:
    """Sign and close the file."""
    dossier = visible_dossier(request, no)
    require(request, "archives.seal")
    form = SealForm(request.POST)
    if not form.is_valid():
        return _show(request, dossier, 422, form.problems())
    given = form.cleaned_data
    try:
        proof = prove(request.actor, given["code"], content_sha256=given["content_sha256"])
        seal(no, actor=request.actor, on=today(), proof=proof)
    except Refused as refused:
        return _show(request, visible_dossier(request, no), 409, [("id_code", refused.reason)])
    messages.success(request, "已封存，档案包可以下载")
    return redirect(f"/archive/{no}/")


@require_GET
def package(request: PersonRequest, no: str) -> HttpResponse:
    """The sealed package; taking it is on record."""
    dossier = visible_dossier(request, no)
    try:
        sealed = hand_out(no, actor=request.actor, on=today())
    except Refused as refused:
        return _show(request, dossier, 409, [("", refused.reason)])
    name = f"{folder_name(sealed.no)}.zip"
    return _stream(sealed.package_sha256, "application/zip", f'attachment; filename="{name}"')


@require_safe
def item(request: PersonRequest, no: str, pk: int) -> HttpResponse:
    """One file of the dossier, exactly as kept."""
    dossier = visible_dossier(request, no)
    require(request, "archives.view")
    found = DossierItem.objects.filter(dossier=dossier, pk=pk).first()
    if found is None or not file_store.place(found.sha256).exists():
        raise Http404
    shown = "attachment" if found.source == DossierItem.Source.UPLOAD else "inline"
    return _stream(found.sha256, found.content_type, shown)


def _stream(sha256: str, content_type: str, disposition: str) -> HttpResponse:
    headers = {
        "Content-Disposition": disposition,
        "Content-Length": str(file_store.place(sha256).stat().st_size),
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    if content_type != "application/pdf":  # a browser's PDF viewer does not open in a sandbox
        headers["Content-Security-Policy"] = SANDBOX
    return StreamingHttpResponse(  # type: ignore[return-value] # no common base but HttpResponseBase
        file_store.chunks(sha256), content_type=content_type, headers=headers
    )


def _show(
    request: PersonRequest,
    dossier: Dossier,
    status: int = 200,
    errors: list[tuple[str, str]] | None = None,
) -> HttpResponse:
    page = _page(request, dossier) | {"errors": errors or []}
    if page["may_change"] and (errors or "seal" in request.GET) and not page["gaps"]:
        page["confirm"] = _confirm(dossier, errors)
    return render(request, "archives/dossier.html", page, status=status)


def _page(request: PersonRequest, dossier: Dossier) -> dict[str, Any]:
    slots, missing = contents(dossier)
    actor = request.actor
    return {
        "page_title": f"{dossier.household.head_name} 档案{dossier.part_label}",
        "parts": dossier.case.dossiers.exclude(pk=dossier.pk).order_by("part"),
        "crumbs": [{"label": "档案", "url": "/archive/"}, {"label": dossier.no}],
        "dossier": dossier,
        "slots": slots,
        "gaps": missing,
        "tone": TONES[dossier.state],
        "files": sum(len(slot.files) for slot in slots),
        "may_change": actor.can("archives.seal") and not dossier.is_sealed,
        "inspections": dossier.inspections.order_by("-id")[:10],
        "terms": terms_of(dossier, today()),
        "holds": dossier.holds.select_related("placed_by", "lifted_by").order_by("-id"),
        "hold_form": HoldForm() if actor.can("archives.hold") else None,
        "lift_form": LiftForm() if actor.can("archives.release") else None,
    }


def _confirm(dossier: Dossier, errors: list[tuple[str, str]] | None) -> dict[str, Any]:
    return {
        "title": f"封存 {dossier.no}",
        "facts": f"卷内必备 {dossier.required_total} 件已齐。封存后卷内文件不能再改。",
        "article": "第六条（一）、（三）",
        "action_url": f"/archive/{dossier.no}/seal/",
        "statement": STATEMENT,
        "needs_code": True,
        "submit_label": "签字封存",
        "cancel_url": f"/archive/{dossier.no}/",
        "hidden": [{"name": "content_sha256", "value": items_digest(dossier)}],
        "errors": errors,
    }
