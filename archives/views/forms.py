"""Official forms as PDF."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from archives.operations.printing import print_form
from archives.papers import PAPERS, read_case, ready_forms
from cases.models import Case
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.middleware import PersonRequest


@require_GET
def form_list(request: PersonRequest, case_no: str) -> HttpResponse:
    """Every form of one case: those that can be printed, and what the others wait for."""
    case = Case.objects.visible_to(request.actor).filter(no=case_no).first()
    if case is None:
        raise Http404
    if not request.actor.can("cases.view"):
        raise PermissionDenied("cases.view")
    page = {
        "page_title": "打印表格",
        "case": case,
        "ready": ready_forms(read_case(case_no, today())),
    }
    return render(request, "archives/forms.html", page)


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
