"""Official forms as PDF."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from archives.operations.printing import print_form
from archives.papers import PAPERS
from cases.models import Case
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.middleware import PersonRequest


@require_GET
def form_pdf(request: PersonRequest, case_no: str, code: str) -> HttpResponse:
    """One form of a case; ?paper=A3 for what hangs on the board. Printing is on record."""
    if code not in PAPERS:
        raise Http404
    size = request.GET.get("paper", "A4")
    try:
        pdf = print_form(case_no, code, actor=request.actor, on=today(), size=size)
    except Case.DoesNotExist as error:
        raise Http404 from error
    except Refused as refused:
        page = {"page_title": PAPERS[code].title, "reason": refused.reason, "case_no": case_no}
        return render(request, "archives/refused.html", page, status=409)
    return HttpResponse(
        pdf.content,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="{case_no}-{code}.pdf"',
            "X-Content-Type-Options": "nosniff",
        },
    )
