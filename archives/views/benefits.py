"""Official forms of those in benefit as PDF."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from archives.operations.printing import print_benefit_form
from archives.papers.benefits import PAPERS
from archives.pdf import Pdf
from cases.models import Benefit, Review
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.middleware import PersonRequest


@require_GET
def review_pdf(request: PersonRequest, no: str, code: str) -> HttpResponse:
    """One form of a review: F17, F18, F20, F21. Printing is on record."""
    if code not in PAPERS or not PAPERS[code].of_review:
        raise Http404
    review = Review.objects.visible_to(request.actor).filter(no=no).first()
    if review is None:
        raise Http404
    return _pdf(request, review.benefit_id, code, review)


@require_GET
def benefit_pdf(request: PersonRequest, key: str, code: str) -> HttpResponse:
    """One form of a benefit: F22, F35, F36. Printing is on record."""
    if code not in PAPERS or PAPERS[code].of_review:
        raise Http404
    benefit = Benefit.objects.visible_to(request.actor).filter(key=key).first()
    if benefit is None:
        raise Http404
    return _pdf(request, benefit.pk, code, None)


def _pdf(request: PersonRequest, pk: int, code: str, review: Review | None) -> HttpResponse:
    try:
        pdf = print_benefit_form(pk, code, review=review, actor=request.actor, on=today())
    except Refused as refused:
        page = {
            "page_title": PAPERS[code].title,
            "reason": refused.reason,
            "back": f"/adjustments/{review.no}/" if review else "/roster/",
        }
        return render(request, "archives/refused.html", page, status=409)
    return answer(pdf, f"{review.no if review else pk}-{code}.pdf")


def answer(pdf: Pdf, name: str) -> HttpResponse:
    """The document as the browser shows it."""
    return HttpResponse(
        pdf.content,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
        },
    )
