"""Documents of a draft and of a case: slots, uploads, withdrawals."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_POST, require_safe

from cases.models import Case
from cases.models.record import CaseRecord, rules_of
from cases.operations.documents import Paper, add_to_case, add_to_draft, withdraw_from_case
from cases.reports.documents import open_slots, slot_list
from cases.rules.documents import GATHERING_STATES, WAITING_STATES
from cases.views.apply import draft_or_404, topics_of
from cases.views.common import case_frame, require, visible_case
from yuquan_relief.kernel.clock import now, today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.file_kinds import read_upload
from yuquan_relief.kernel.inputs import InputError, places
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.models import Attachment
from yuquan_relief.kernel.operations.attachments import withdraw_attachment
from yuquan_relief.kernel.rulebook_values import Rules, rules
from yuquan_relief.kernel.views.files import visible_files


def slots_of(
    subject: str, key: str, programme: str, rulebook: Rules, upload_url: str
) -> list[dict[str, Any]]:
    """The checklist as slots with their files."""
    files = Attachment.objects.filter(
        subject_kind=subject, subject_key=key, withdrawn_at__isnull=True
    ).select_related("uploaded_by")
    by_slot: dict[str, list[Attachment]] = {}
    for file in files.order_by("id"):
        by_slot.setdefault(file.slot, []).append(file)
    found = []
    for document in slot_list(subject, rulebook, programme):
        there = by_slot.get(document["slot"], [])
        found.append(
            {
                "id": document["slot"],
                "label": document["title"],
                "upload_url": upload_url if document["slot"] != "notice_photo" else "",
                "capture_url": upload_url.replace("upload/", "capture/"),
                "remark": _remark(document, there)[0],
                "remark_tone": _remark(document, there)[1],
                "files": [_shown(file, bool(upload_url)) for file in there],
            }
        )
    return found


def _remark(document: dict[str, Any], there: list[Attachment]) -> tuple[str, str]:
    if there:
        return f"已传 {len(there)} 份", "ok"
    return ("缺", "bad") if document["required"] else ("可不传", "mute")


def _shown(file: Attachment, may_remove: bool) -> dict[str, Any]:
    return {
        "label": file.title,
        "url": f"/files/{file.pk}/",
        "size_text": f"{max(file.size // 1024, 1)} KB",
        "who": file.uploaded_by.name if file.uploaded_by else "",
        "at": file.uploaded_at,
        "remove_url": f"/files/{file.pk}/withdraw/" if may_remove else "",
    }


@require_safe
def draft_documents(request: PersonRequest, key: str) -> HttpResponse:
    """Documents of an application."""
    draft = draft_or_404(request, key)
    page = {
        "page_title": "材料",
        "draft": draft,
        "topic": "documents",
        "slots": slots_of(
            "draft", key, draft.programme, rules(today()), f"/apply/{key}/documents/upload/"
        ),
        "tasks": topics_of(draft, "documents"),
    }
    return render(request, "cases/apply_documents.html", page)


@require_POST
def upload_to_draft(request: PersonRequest, key: str) -> HttpResponse:
    """Take files into a slot of a draft."""
    draft = draft_or_404(request, key)
    if draft.case_no:
        raise Http404
    titles = open_slots("draft", rules(today()), draft.programme)
    return _upload(request, partial(add_to_draft, key), titles, f"/apply/{key}/documents/")


@require_safe
def case_documents(request: PersonRequest, no: str) -> HttpResponse:
    """Documents of a case."""
    case = visible_case(request, no)
    require(request, "cases.view")
    url = f"/cases/{no}/evidence/upload/" if may_upload(request, case) else ""
    record = CaseRecord(case, today())
    page = {
        **case_frame(record, "evidence/"),
        "slots": slots_of("case", no, case.programme, record.rulebook, url),
    }
    return render(request, "cases/case_evidence.html", page)


def may_upload(request: PersonRequest, case: Case) -> bool:
    """Whether the actor may add files to the case now."""
    taking = case.state in GATHERING_STATES
    promised = case.has_deferrals and case.state in WAITING_STATES
    return request.actor.can("files.upload") and (taking or promised)


@require_POST
def upload_to_case(request: PersonRequest, no: str) -> HttpResponse:
    """Take files into a slot of a case."""
    case = visible_case(request, no)
    require(request, "files.upload")
    titles = open_slots("case", rules_of(case, today()), case.programme)
    return _upload(request, partial(add_to_case, no), titles, f"/cases/{no}/evidence/")


def _upload(
    request: PersonRequest, add: Callable[..., object], titles: dict[str, str], back: str
) -> HttpResponse:
    slot = request.POST.get("slot", "")
    if slot not in titles:
        raise Http404
    files = [*request.FILES.getlist("photo"), *request.FILES.getlist("files")]
    try:
        if not files:
            raise Refused("请先选择文件")
        for file in files:
            bytes_ = read_upload(file)
            paper = Paper(slot, titles[slot], bytes_, taken_at(request), placed(request))
            add(paper, actor=request.actor)
    except Refused as refused:
        return _refused_upload(request, refused, back)
    messages.success(request, f"已上传 {titles[slot]}")
    return redirect(f"{back}#slot-{slot}")


EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)  # no telephone took pictures before


def taken_at(request: HttpRequest) -> datetime | None:
    """When the picture was taken, as the phone says; nothing is believed of it but its shape."""
    try:
        at = parse_datetime(request.POST.get("taken_at", ""))
    except ValueError:
        return None
    is_sound = at is not None and timezone.is_aware(at) and EARLIEST <= at <= now()
    return at if is_sound else None


def placed(request: HttpRequest) -> str:
    """Where the picture was taken, as the phone says; "" when it does not say so."""
    try:
        return str(places.clean(request.POST.get("place", "")))
    except InputError:
        return ""


def _refused_upload(request: PersonRequest, refused: Refused, back: str) -> HttpResponse:
    if "text/html" not in request.headers.get("Accept", ""):
        status = 415 if refused.code == "unsupported_file" else 409
        return HttpResponse(refused.reason, status=status, content_type="text/plain; charset=utf-8")
    messages.error(request, refused.reason)
    return redirect(back)


@require_POST
def withdraw(request: PersonRequest, pk: int) -> HttpResponse:
    """Take a file off its slot; the timeline keeps it."""
    require(request, "files.upload")
    mine = Attachment.objects.filter(visible_files(request.actor))
    file = mine.filter(pk=pk, withdrawn_at__isnull=True).first()
    if file is None:
        raise Http404
    if file.subject_kind == "draft":
        draft_or_404(request, file.subject_key)
        back = f"/apply/{file.subject_key}/documents/"
    elif file.subject_kind == "case":
        case = visible_case(request, file.subject_key)
        back = f"/cases/{case.no}/evidence/"
    else:
        raise Http404
    try:
        if file.subject_kind == "case":
            withdraw_from_case(file.subject_key, file, actor=request.actor)
        else:
            withdraw_attachment(file, reason="经办人撤下", actor=request.actor)
    except Refused as refused:
        messages.error(request, refused.reason)
        return redirect(back)
    messages.success(request, "已撤下，经过里保留记录")
    return redirect(back)
