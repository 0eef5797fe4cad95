"""Taking a step: one page for each, one operation for each."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from cases import forms
from cases.acts import ACTS, carry_out
from cases.models import Case
from cases.models.facts import facts_of
from cases.models.record import CaseRecord
from cases.operations.content import content_of
from cases.reports.actions import step_for
from cases.rules.clause_words import clause_text
from cases.rules.procedures import Step
from cases.views.common import case_frame, visible_case
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.signing import content_digest

AT_THE_DESK = {
    f"{answer}{bureau}"
    for answer in ("approve", "refuse", "send_back")
    for bureau in ("", "_large")
}


def take_step(request: PersonRequest, no: str, code: str) -> HttpResponse:
    """The page of one step (GET) and the act (POST); what was typed is never lost."""
    case = visible_case(request, no)
    step = step_for(case, code)
    if step is None or code not in ACTS:
        raise Http404
    if not request.actor.can(step.capability):
        raise PermissionDenied(step.label)
    if code in AT_THE_DESK:
        return redirect(f"/desk/sign/{no}/")
    form = ACTS[code].form(request.POST or None, request.FILES or None, case=case)
    if request.method != "POST":
        return step_page(request, case, step, form, 200)
    form.is_bound = True
    if not form.is_valid():
        return step_page(request, case, step, form, 422)
    try:
        seen = request.POST.get("content_sha256", "")
        carry_out(step, no, form, actor=request.actor, on=today(), seen=seen)
    except Refused as refused:
        case = visible_case(request, no)
        return step_page(request, case, step, form, 409, refused)
    messages.success(request, f"已{step.label}")
    return redirect(f"/cases/{no}/")


def step_page(
    request: PersonRequest,
    case: Case,
    step: Step,
    form: forms.StepForm,
    status: int,
    refused: Refused | None = None,
) -> HttpResponse:
    """The form with what will be signed, or why the step cannot be taken now.

    What was read stays what is signed, until it has changed: then the new content is shown.
    """
    record = CaseRecord(case, today())
    why_not = step.why_not(case.state, facts_of(record, step.reads))
    shows_content = step.signs_what_was_read and not why_not
    fresh = content_digest(content_of(record, step.stage)) if shows_content else ""
    is_new = refused is not None and refused.code == "content_changed"
    seen = fresh if is_new else request.POST.get("content_sha256") or fresh
    page = {
        **case_frame(record),
        "step": step,
        "form": form,
        "why_not": why_not,
        "refused": refused.reason if refused else "",
        "clause": clause_text(step.cites),
        "content_sha256": seen,
        "survey": record.survey if step.stage == "survey" else None,
        "appraisal": record.appraisal if step.stage == "witness" else None,
    }
    return render(request, "cases/step.html", page, status=status)
