"""供养服务机构: the district's list, with beds and who lives there."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from cases.destitute_forms import LIVING, InstitutionForm
from cases.models import CareArrangement, Case, Institution
from cases.operations import care
from cases.views.common import require
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.middleware import PersonRequest


@require_http_methods(["GET", "HEAD", "POST"])
def institutions(request: PersonRequest) -> HttpResponse:
    """The list; one more, or one changed (?edit=)."""
    require(request, "cases.keep_institutions", "cases.accept")
    may_keep = request.actor.can("cases.keep_institutions")
    rows = Institution.objects.filter(district_id=request.actor.district_id or 0)
    edited = None
    if pk := request.GET.get("edit", ""):
        edited = rows.filter(pk=pk).first() if pk.isascii() and pk.isdigit() else None
        if edited is None:
            raise Http404
    names = ("name", "address", "phone", "beds", "is_open")
    first = {name: getattr(edited, name) for name in names} if edited else {}
    form = InstitutionForm(request.POST or None, initial=first)
    status = 200
    if request.method == "POST":
        require(request, "cases.keep_institutions")
        status = 422
        if form.is_valid():
            try:
                kept = edited.pk if edited else None
                care.keep_institution(form.facts(), actor=request.actor, on=today(), pk=kept)
                messages.success(request, "已保存机构")
                return redirect("/institutions/")
            except Refused as refused:
                form.add_error(None, refused.reason)
                status = 409
    page = {
        "page_title": "供养服务机构",
        "rows": rows.annotate(living=LIVING).order_by("name"),
        "form": form if may_keep else None,
        "edited": edited,
    }
    return render(request, "cases/institutions.html", page, status=status)


@require_http_methods(["GET", "HEAD"])
def institution(request: PersonRequest, pk: int) -> HttpResponse:
    """Who lives there, as far as the actor sees them."""
    require(request, "cases.keep_institutions", "cases.accept")
    row = Institution.objects.filter(pk=pk, district_id=request.actor.district_id or 0).first()
    if row is None:
        raise Http404
    seen = Case.objects.visible_to(request.actor)
    stays = CareArrangement.objects.filter(institution=row, case__in=seen)
    page = {
        "page_title": row.name,
        "row": row,
        "living": stays.filter(ended_on__isnull=True).select_related("case__household"),
        "left": stays.filter(ended_on__isnull=False).select_related("case__household")[:100],
    }
    return render(request, "cases/institution.html", page)
