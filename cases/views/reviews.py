"""复核、增减停发、告知书、入户进度 (ux 1.5)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from cases.benefit_forms import FORMS, ReviewStepForm
from cases.models import Case, Review
from cases.models.review_record import ReviewRecord
from cases.operations import review_rounds
from cases.operations import reviews as operations
from cases.reports import reviews as report
from cases.reports.renewals import (
    backlog,
    expected_text,
    review_rows,
    scattered_to_visit,
    visit_progress,
)
from cases.review_acts import carry_out
from cases.rules.reviews import FINAL_STATES, STATES, STEPS
from cases.views.common import require
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import ContentChanged, Refused
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.queries import key_of
from yuquan_relief.kernel.rulebook_values import rules

MOST_LETTERS = 100
BACKWARDS = ("send_back", "withdraw", "reopen", "withdraw_ending")  # folded, never the main button


def visible_review(request: PersonRequest, no: str) -> Review:
    """The review, or 404 with the same page as for a number that does not exist."""
    found = Review.objects.visible_to(request.actor).select_related(
        "benefit__household", "benefit__source_case", "village", "office", "member"
    )
    review = found.filter(no=no).first()
    if review is None:
        raise Http404
    return review


@require_safe
def renewals(request: PersonRequest) -> HttpResponse:
    """What is due, village by village, and the reviews that are open."""
    require(request, "cases.view")
    rows = backlog(request.actor, today())
    page = {
        "page_title": "复核",
        "backlog": rows,
        "rows": review_rows(request.actor, today(), states=("OPEN",)),
        "due": sum(r.due for r in rows),
        "open": sum(r.open for r in rows),
        "overdue": sum(r.overdue for r in rows),
        "done": sum(r.done for r in rows),
        "may_open": request.actor.can("cases.review"),
    }
    return render(request, "cases/renewals.html", page)


@require_POST
def open_round(request: PersonRequest) -> HttpResponse:
    """Everybody who is due within the lead time is reviewed, of one village or all of the scope."""
    require(request, "cases.review")
    village = key_of(request.POST.get("village")) or 0
    done = review_rounds.open_due(today(), actor=request.actor, village_id=village)
    words = f"已派发 {done} 户复核" if done else "没有新到期的户"
    messages.success(request, words)
    return redirect("/renewals/")


@require_safe
def adjustments(request: PersonRequest) -> HttpResponse:
    """Reviews by state: to sign, to tell, ended."""
    require(request, "cases.view")
    state = request.GET.get("state", "")
    chosen = (state,) if state in STATES else ("TO_NOTICE", "TO_DECIDE", "TO_TELL")
    page = {
        "page_title": "增减停发",
        "rows": review_rows(request.actor, today(), states=chosen),
        "state": state,
        "states": STATES,
    }
    return render(request, "cases/adjustments.html", page)


@require_safe
def adjustment(request: PersonRequest, no: str) -> HttpResponse:
    """One review: before and after, what it rests on, and what can be done."""
    require(request, "cases.view")
    return _page(request, visible_review(request, no))


def _page(
    request: PersonRequest,
    review: Review,
    *,
    form: ReviewStepForm | None = None,
    code: str = "",
    status: int = 200,
) -> HttpResponse:
    record = ReviewRecord(review, today())
    case = review.benefit.source_case
    context = {
        "page_title": f"{review.benefit.household.head_name}户复核",
        "review": review,
        "record": record,
        "acts": [_act(a, record, form if a.step.code == code else None)
                 for a in report.actions(record, request.actor)],
        "opinions": report.opinions(record),
        "entries": report.entries(record),
        "effect": report.effect_text(record, today()),
        "ending_url": f"/cases/{case.no}/" if case and record.must_be_noticed else "",
        "form": form,
        "has_letter": bool(review.decided_on) and review.outcome not in ("", "KEEP"),
        "is_final": review.state in FINAL_STATES,
    }  # fmt: skip
    return render(request, "cases/adjustment.html", context, status=status)


def _act(action: report.Action, record: ReviewRecord, form: ReviewStepForm | None) -> Any:
    step = action.step
    initial = {
        "version": record.review.version,
        "content_sha256": report.content_sha256(record, step.stage),
    }
    shown = form or FORMS[step.code](record=record, initial=initial, auto_id=f"{step.code}_%s")
    return {
        "code": step.code,
        "label": step.label,
        "reasons": action.reasons,
        "form": shown,
        "is_main": step.code not in (*BACKWARDS, "settle"),
        "is_open": form is not None or step.code not in BACKWARDS,
        "url": f"/adjustments/{record.review.no}/{step.code}/",
    }


@require_POST
def step(request: PersonRequest, no: str, code: str) -> HttpResponse:
    """One step by hand; the reason is shown when it is refused (409)."""
    review = visible_review(request, no)
    if code not in FORMS:
        raise Http404
    operations.require(STEPS[code], request.actor)
    record = ReviewRecord(review, today())
    form = FORMS[code](request.POST, request.FILES, record=record, auto_id=f"{code}_%s")
    if not form.is_valid():
        return _page(request, review, form=form, code=code, status=422)
    try:
        message = carry_out(code, form, actor=request.actor, on=today())
    except (Refused, ContentChanged) as refused:
        form.add_error(None, getattr(refused, "reason", str(refused)))
        review.refresh_from_db()
        return _page(request, review, form=form, code=code, status=409)
    messages.success(request, message)
    return redirect(f"/adjustments/{no}/")


@require_safe
def letters(request: PersonRequest) -> HttpResponse:
    """Every letter that has not reached its household yet, and the latest that have."""
    require(request, "cases.serve", "board.view")
    cases = Case.objects.visible_to(request.actor).filter(
        state__in=("APPROVED", "REFUSED"), letter__isnull=True, decided_on__isnull=False
    )
    page = {
        "page_title": "告知书",
        "changes": review_rows(request.actor, today(), states=("TO_TELL",)),
        "decisions": cases.select_related("household", "village").order_by("decided_on")[
            :MOST_LETTERS
        ],
        "told": Review.objects.visible_to(request.actor)
        .filter(told_on__isnull=False)
        .select_related("benefit__household", "village")
        .order_by("-told_on", "-id")[:20],
        "today": today(),
    }
    return render(request, "cases/letters.html", page)


@require_safe
def progress(request: PersonRequest) -> HttpResponse:
    """The 100 % visits of the year, village by village, with the expected line."""
    require(request, "cases.view")
    rows = visit_progress(request.actor, today())
    page = {
        "page_title": "入户进度",
        "rows": rows,
        "should": sum(r.should for r in rows),
        "done": sum(r.done for r in rows),
        "expected": sum(r.expected for r in rows),
        "line": expected_text(today()),
        "scattered": scattered_to_visit(request.actor, today()),
        "interval": rules(today())["visit.scattered_days"],
    }
    return render(request, "cases/visit_progress.html", page)
