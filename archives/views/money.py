"""Official forms of money as PDF: F29, F37 to F42."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from archives.operations.printing import print_money_form
from archives.papers.money import PAPERS
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.middleware import PersonRequest

from .benefits import answer


@require_GET
def money_pdf(request: PersonRequest, code: str, key: str) -> HttpResponse:
    """One form of a list, a paper, an allocation or a year. Printing is on record."""
    if code not in PAPERS:
        raise Http404
    found = PAPERS[code].find(request.actor, key)
    if found is None:
        raise Http404
    if not request.actor.can("funds.view"):
        raise PermissionDenied("funds.view")
    try:
        pdf = print_money_form(code, key, found, actor=request.actor, on=today())
    except Refused as refused:
        page = {"page_title": PAPERS[code].title, "reason": refused.reason, "back": "/pay/"}
        return render(request, "archives/refused.html", page, status=409)
    return answer(pdf, f"{code}-{key}.pdf")
