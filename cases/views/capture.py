"""扫码补传: the code on the screen, and the page on the phone."""

import segno
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_http_methods, require_POST

from cases.models import CaptureLink
from cases.models.record import rules_of
from cases.operations import capture as operations
from cases.reports.documents import open_slots
from cases.views.apply import draft_or_404
from cases.views.common import require, visible_case
from cases.views.documents import may_upload, placed, taken_at
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.file_kinds import read_upload
from yuquan_relief.kernel.middleware import PersonRequest, actor_for, current_posts
from yuquan_relief.kernel.rulebook_values import rules


@require_POST
def for_draft(request: PersonRequest, key: str) -> HttpResponse:
    """A code for one slot of a draft."""
    draft = draft_or_404(request, key)
    if draft.case_no:
        raise Http404
    titles = open_slots("draft", rules(today()), draft.programme)
    return _code(request, "draft", key, titles, f"/apply/{key}/documents/")


@require_POST
def for_case(request: PersonRequest, no: str) -> HttpResponse:
    """A code for one slot of a case."""
    case = visible_case(request, no)
    require(request, "files.upload")
    if not may_upload(request, case):
        messages.error(request, "本件现在不能增减材料")
        return redirect(f"/cases/{no}/evidence/")
    titles = open_slots("case", rules_of(case, today()), case.programme)
    return _code(request, "case", no, titles, f"/cases/{no}/evidence/")


def _code(
    request: PersonRequest, kind: str, key: str, titles: dict[str, str], back: str
) -> HttpResponse:
    slot = request.POST.get("slot", "")
    if slot not in titles:
        raise Http404
    token = operations.make_link(kind, key, slot, titles[slot], actor=request.actor)
    url = request.build_absolute_uri(f"/public/m/{token}/")
    picture = segno.make(url, error="m").svg_inline(scale=5, border=3)
    page = {
        "page_title": f"从手机传{titles[slot]}",
        "title": titles[slot],
        "picture": mark_safe(picture),
        "url": url,
        "back_url": f"{back}#slot-{slot}",
    }
    return render(request, "cases/capture_code.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def phone(request: HttpRequest, token: str) -> HttpResponse:
    """The page on the phone: one slot, no sign-in, ten minutes."""
    try:
        link = operations.open_link(token)
        if request.method == "POST":
            return _take(request, link, token)
    except CaptureLink.DoesNotExist as unknown:
        raise Http404 from unknown
    except Refused as refused:
        return _refused(request, refused)
    return render(request, "cases/capture_phone.html", {"page_title": link.title, "link": link})


def _take(request: HttpRequest, link: CaptureLink, token: str) -> HttpResponse:
    post = next((p for p in current_posts(link.account) if p.pk == link.post_id), None)
    if post is None:
        raise Refused(operations.EXPIRED, code="expired")
    actor = actor_for(link.account, post, request)
    files = [*request.FILES.getlist("photo"), *request.FILES.getlist("files")]
    if not files:
        raise Refused("请先拍照或选图")
    with transaction.atomic():  # all of them, or none and the reason
        for file in files:
            operations.capture(
                link,
                read_upload(file),
                actor=actor,
                taken_at=taken_at(request),
                place=placed(request),
            )
    link.refresh_from_db()
    if "text/html" not in request.headers.get("Accept", ""):
        return HttpResponse("已收到", content_type="text/plain; charset=utf-8")
    return redirect(f"/public/m/{token}/")


def _refused(request: HttpRequest, refused: Refused) -> HttpResponse:
    status = 410 if refused.code == "expired" else 409
    if "text/html" not in request.headers.get("Accept", ""):
        return HttpResponse(refused.reason, status=status, content_type="text/plain; charset=utf-8")
    page = {"page_title": "不能上传", "reason": refused.reason}
    return render(request, "cases/capture_over.html", page, status=status)
