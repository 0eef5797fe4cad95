"""证据册: all evidence of a case on one page, and as a package for those who may take it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from archives.models import EvidenceExport
from archives.operations import evidence as operations
from cases.models import Case
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.event_words import action_label
from yuquan_relief.kernel.forms import PlainForm, text_field
from yuquan_relief.kernel.middleware import PersonRequest


class AskForm(PlainForm):
    """For what the evidence is taken, and to whom it goes."""

    purpose = text_field("用途", 200)
    recipient = text_field("交给谁", 100)


class AnswerForm(PlainForm):
    """Empty lets it go."""

    refusal = text_field("不同意的理由", 200, required=False, help_text="不填为同意")


class FindForm(forms.Form):
    """The case whose evidence is wanted."""

    no = forms.CharField(label="案件编号", required=False, max_length=60)
    use_required_attribute = False


def _require(request: PersonRequest) -> None:
    """Those who may ask, or let go."""
    if not (request.actor.can("archives.export") or request.actor.can("archives.release")):
        raise PermissionDenied("archives.export")


@require_safe
def books(request: PersonRequest) -> HttpResponse:
    """What was asked for, and the way to a case's book."""
    _require(request)
    form, problem = FindForm(request.GET), ""
    if (no := request.GET.get("no", "").strip()) and request.actor.can("archives.export"):
        if Case.objects.visible_to(request.actor).filter(no=no).exists():
            return redirect("evidence", no)
        problem = "没有这个编号的案件，请核对"
    found = operations.visible(request.actor).select_related("case__household", "asked_by")
    page = {
        "page_title": "证据册",
        "form": form,
        "errors": [("id_no", problem)] if problem else [],
        "rows": found.order_by("answered_on", "-id")[:100],
        "may_ask": request.actor.can("archives.export"),
        "may_answer": request.actor.can("archives.release"),
        "answer_form": AnswerForm(),
        "today": today(),
    }
    return render(request, "archives/evidence_list.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def evidence(request: PersonRequest, no: str) -> HttpResponse:
    """Everything on record of one case, read only; asking for the package."""
    found = Case.objects.visible_to(request.actor).select_related("household", "office", "village")
    case = found.filter(no=no).first()
    if case is None:
        raise Http404
    if not request.actor.can("archives.export"):
        raise PermissionDenied("archives.export")
    form, status = AskForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            given = form.cleaned_data
            row = operations.ask(
                no, given["purpose"], given["recipient"], actor=request.actor, on=today()
            )
            if row.ends_on:
                return redirect("evidence_package", row.no)
            messages.success(request, "已提交，请区局分管领导批准后下载")
            return redirect("evidence_list")
    return render(request, "archives/evidence.html", _page(case, form), status=status)


def _page(case: Case, form: AskForm) -> dict[str, Any]:
    book = operations.book_of(case)
    return {
        "page_title": f"{case.household.head_name} 证据册",
        "case": case,
        "book": book,
        "events": [(e, action_label(e.subject_kind, e.action)) for e in book.events],
        "broken": [f for f in book.files if f.state == "缺失或被改动"],
        "form": form,
    }


@require_safe
def package(request: PersonRequest, no: str) -> HttpResponse:
    """The package, made now; that it was taken is on record."""
    if not request.actor.can("archives.export"):
        raise PermissionDenied("archives.export")
    try:
        name, content = operations.take(no, actor=request.actor, on=today())
    except EvidenceExport.DoesNotExist as error:
        raise Http404 from error
    except Refused as refused:
        messages.error(request, refused.reason)
        return redirect("evidence_list")
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(content, content_type="application/zip", headers=headers)


@require_POST
def answer(request: PersonRequest, no: str) -> HttpResponse:
    """Let it go, or not."""
    if not request.actor.can("archives.release"):
        raise PermissionDenied("archives.release")
    form = AnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(next(iter(form.errors.values()))[0]))
        return redirect("evidence_list")
    refusal = form.cleaned_data["refusal"] or ""
    try:
        operations.answer(no, refusal, actor=request.actor, on=today())
    except EvidenceExport.DoesNotExist as error:
        raise Http404 from error
    except Refused as refused:
        messages.error(request, refused.reason)
    else:
        messages.success(request, "已答复")
    return redirect("evidence_list")
