"""Notices: those that hang, the printed sheet, photos, objections."""

import segno
from django.contrib import messages
from django.db.models import F
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.forms import ObjectionForm, StandingForm
from cases.models import Notice, Objection
from cases.models.standing import hanging, is_current, rows_of
from cases.operations import notices as operations
from cases.operations.standing_notices import post_standing
from cases.views.common import require
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.file_kinds import read_upload
from yuquan_relief.kernel.inputs import InputError, names
from yuquan_relief.kernel.middleware import PersonRequest


def visible_notice(request: PersonRequest, no: str) -> Notice:
    """The notice of a case in scope, or 404."""
    notice = Notice.objects.visible_to(request.actor).select_related("photo").filter(no=no).first()
    if notice is None:
        raise Http404
    return notice


@require_safe
def notice_list(request: PersonRequest) -> HttpResponse:
    """Notices in the actor's scope, those that hang first."""
    require(request, "cases.view")
    rows = Notice.objects.visible_to(request.actor).order_by(
        F("closed_on").desc(nulls_first=True), "-posted_on", "-id"
    )[:100]
    page = {
        "page_title": "公示",
        "rows": rows,
        "today": today(),
        "may_post": request.actor.can("cases.post_notice"),
    }
    return render(request, "cases/notice_list.html", page)


def public_picture(request: PersonRequest, notice: Notice) -> SafeString:
    """The address of the public page as a code for a phone; nothing once the notice has ended."""
    if notice.closed_on:
        return mark_safe("")
    url = request.build_absolute_uri(f"/public/notices/{notice.public_key}/")
    picture = segno.make(url, error="m").svg_inline(scale=3, border=2)
    return mark_safe(picture)


@require_safe
def notice_page(request: PersonRequest, no: str) -> HttpResponse:
    """One notice; `?as=print` is the sheet for the board."""
    notice = visible_notice(request, no)
    require(request, "cases.view")
    printed = request.GET.get("as") == "print"
    page = {
        "page_title": f"{notice.get_kind_display()} {notice.no}",
        "notice": notice,
        "form": ObjectionForm(),
        "objections": notice.objections.order_by("id"),
        "today": today(),
        "back_url": f"/notices/{no}/",
        "picture": public_picture(request, notice) if printed else "",
    }
    template = "cases/notice_sheet.html" if printed else "cases/notice.html"
    return render(request, template, page)


@require_POST
def add_photo(request: PersonRequest, no: str) -> HttpResponse:
    """Proof that the notice hangs."""
    notice = visible_notice(request, no)
    require(request, "cases.post_notice")
    photo = request.FILES.get("photo")
    try:
        if photo is None:
            raise Refused("请先选择张贴照片")
        operations.add_notice_photo(notice.no, read_upload(photo), actor=request.actor)
    except Refused as refused:
        messages.error(request, refused.reason)
    else:
        messages.success(request, "已上传张贴照片")
    return redirect(f"/notices/{no}/")


@require_POST
def add_removal(request: PersonRequest, no: str) -> HttpResponse:
    """Proof that the notice was taken down."""
    notice = visible_notice(request, no)
    require(request, "cases.post_notice")
    photo = request.FILES.get("photo")
    try:
        if photo is None:
            raise Refused("请先选择撤下后的照片")
        operations.add_removal_photo(notice.no, read_upload(photo), actor=request.actor, on=today())
    except Refused as refused:
        messages.error(request, refused.reason)
    else:
        messages.success(request, "已登记撤下")
    return redirect(f"/notices/{no}/")


@require_http_methods(["GET", "HEAD", "POST"])
def standing(request: PersonRequest) -> HttpResponse:
    """在享人员长期公示 of the clerk's village: today's list, what hangs, and posting it."""
    require(request, "cases.post_notice")
    assert request.actor.unit_id is not None
    form = StandingForm(request.POST or None, request.FILES or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            photo = form.cleaned_data["photo"]
            try:
                post_standing(
                    place=form.cleaned_data["place"],
                    photo=read_upload(photo) if photo else None,
                    actor=request.actor,
                    on=today(),
                )
                messages.success(request, "已登记张贴长期公示")
                return redirect("/notices/standing/")
            except Refused as refused:
                form.add_error(None, refused.reason)
                status = 409
    rows = rows_of(request.actor.unit_id, today())
    notice = hanging(request.actor.unit_id)
    page = {
        "page_title": "在享人员长期公示",
        "form": form,
        "rows": rows,
        "notice": notice,
        "is_current": is_current(notice, rows),
        "persons": sum(row["persons"] for row in rows),
        "village": request.actor.unit_name,
        "today": today(),
        "back_url": "/notices/standing/",
    }
    printed = request.GET.get("as") == "print"
    template = "cases/standing_sheet.html" if printed else "cases/standing.html"
    return render(request, template, page, status=status)


@require_POST
def object_to(request: PersonRequest, no: str) -> HttpResponse:
    """Register an objection."""
    notice = visible_notice(request, no)
    require(request, "cases.post_notice", "cases.uphold_objection")
    form = ObjectionForm(request.POST)
    if form.is_valid():
        try:
            operations.record_objection(
                notice.no, actor=request.actor, on=today(), **form.cleaned_data
            )
            messages.success(request, "已登记异议，答复前公示不会结束")
            return redirect(f"/notices/{no}/")
        except Refused as refused:
            form.add_error(None, refused.reason)
    page = {
        "page_title": f"{notice.get_kind_display()} {notice.no}",
        "notice": notice,
        "form": form,
        "objections": notice.objections.order_by("id"),
        "today": today(),
    }
    return render(request, "cases/notice.html", page, status=422)


@require_POST
def dismiss(request: PersonRequest, pk: int) -> HttpResponse:
    """Answer an objection that is not upheld."""
    require(request, "cases.uphold_objection")
    objection = Objection.objects.filter(
        pk=pk, notice__in=Notice.objects.visible_to(request.actor)
    ).first()
    if objection is None:
        raise Http404
    try:
        answer = names.clean_text(request.POST.get("answer", ""), most=500, lines=True)
        operations.dismiss_objection(pk, answer=answer, actor=request.actor, on=today())
        messages.success(request, "已答复异议")
    except (Refused, InputError) as refused:
        why = getattr(refused, "reason", "") or str(refused)
        page = _notice_frame(visible_notice(request, objection.notice.no))
        page |= {
            "typed": {"pk": pk, "text": request.POST.get("answer", ""), "error": why},
            "errors": [(f"answer-{pk}", why)],
        }
        return render(request, "cases/notice.html", page, status=422)
    return redirect(f"/notices/{objection.notice.no}/")


def _notice_frame(notice: Notice) -> dict[str, object]:
    """What the page of a notice shows."""
    return {
        "page_title": f"{notice.get_kind_display()} {notice.no}",
        "notice": notice,
        "form": ObjectionForm(),
        "objections": notice.objections.order_by("id"),
        "today": today(),
    }
