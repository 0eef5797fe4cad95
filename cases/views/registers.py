"""The registers: relatives of those in office, and families that were noticed."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from cases.models import Lead, StaffRelative
from cases.operations import kin, leads
from cases.register_forms import LeadForm, RelativeForm
from cases.rules.programmes import CHOICES
from cases.views.common import require
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.inputs import InputError, names
from yuquan_relief.kernel.middleware import PersonRequest

MOST = 200


@require_http_methods(["GET", "HEAD", "POST"])
def relatives(request: PersonRequest) -> HttpResponse:
    """近亲属备案: the register of the actor's unit, and one more entry."""
    require(request, "cases.register_kin")
    form = RelativeForm(request.POST or None, actor=request.actor)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                kin.register_relative(form.relative(), actor=request.actor, on=today())
                messages.success(request, "已登记近亲属备案")
                return redirect("/kin/")
            except Refused as refused:
                form.add_error(None, refused.reason)
                status = 409
    return _kin_page(request, form, status)


def _kin_page(
    request: PersonRequest,
    form: RelativeForm,
    status: int,
    typed: tuple[int, str, str] = (0, "", ""),
) -> HttpResponse:
    """`typed`: the entry whose withdrawal was refused, what was typed, and why."""
    rows = StaffRelative.objects.visible_to(request.actor).filter(withdraws__isnull=True)
    page = {
        "page_title": "近亲属备案",
        "form": form,
        "typed": dict(zip(("pk", "text", "error"), typed, strict=True)),
        "errors": [(f"reason-{typed[0]}", typed[2])] if typed[2] else None,
        "rows": rows.select_related("staff", "office", "village", "withdrawn_by").order_by("-pk")[
            :MOST
        ],
    }
    return render(request, "cases/kin.html", page, status=status)


@require_POST
def withdraw_relative(request: PersonRequest, pk: int) -> HttpResponse:
    """An entry no longer counts."""
    require(request, "cases.register_kin")
    try:
        reason = names.clean_text(request.POST.get("reason", ""), most=200, lines=False)
        kin.withdraw_relative(pk, reason=reason, actor=request.actor, on=today())
        messages.success(request, "已撤销备案，登记簿保留记录")
    except StaffRelative.DoesNotExist as gone:
        raise Http404 from gone
    except (Refused, InputError) as refused:
        typed = (pk, request.POST.get("reason", ""), _why(refused))
        return _kin_page(request, RelativeForm(None, actor=request.actor), 422, typed)
    return redirect("/kin/")


def _why(refused: Refused | InputError) -> str:
    return getattr(refused, "reason", "") or str(refused)


@require_http_methods(["GET", "HEAD", "POST"])
def lead_list(request: PersonRequest) -> HttpResponse:
    """主动发现: whom somebody noticed, and what came of it (3(3))."""
    require(request, "cases.submit", "cases.accept")
    form = LeadForm(request.POST or None, initial={"found_on": str(today())})
    status = 200
    if request.method == "POST":
        require(request, "cases.submit")
        status = 422
        if form.is_valid():
            try:
                leads.record_lead(form.noticed(), actor=request.actor, on=today())
                messages.success(request, "已登记，请及时走访核实")
                return redirect("/leads/")
            except Refused as refused:
                form.add_error(None, refused.reason)
                status = 409
    return render(request, "cases/leads.html", _lead_page(request, form), status=status)


def _lead_page(
    request: PersonRequest, form: LeadForm, typed: tuple[int, str, str] = (0, "", "")
) -> dict[str, Any]:
    """`typed`: the lead that was not settled, what was typed, and why not."""
    mine = Lead.objects.visible_to(request.actor).select_related("village", "draft")
    return {
        "page_title": "主动发现",
        "form": form if request.actor.can("cases.submit") else None,
        "waiting": mine.filter(result=Lead.Result.OPEN).order_by("found_on", "pk")[:MOST],
        "closed": mine.exclude(result=Lead.Result.OPEN).order_by("-closed_on", "-pk")[:50],
        "this_month": mine.filter(found_on__gte=today().replace(day=1)).count(),
        "programmes": CHOICES,
        "typed": dict(zip(("pk", "text", "error"), typed, strict=True)),
        "errors": [(f"reason-{typed[0]}", typed[2])] if typed[2] else None,
    }


@require_POST
def settle_lead(request: PersonRequest, pk: int) -> HttpResponse:
    """Apply for the family, or write down why not."""
    require(request, "cases.submit")
    programme = request.POST.get("programme", "")
    try:
        if programme:
            draft = leads.apply_for_lead(pk, programme, actor=request.actor, on=today())
            return redirect(f"/apply/{draft.key}/")
        reason = names.clean_text(request.POST.get("reason", ""), most=300, lines=False)
        leads.explain_lead(pk, reason=reason, actor=request.actor, on=today())
        messages.success(request, "已写明原因")
    except Lead.DoesNotExist as gone:
        raise Http404 from gone
    except (Refused, InputError) as refused:
        typed = (pk, request.POST.get("reason", ""), _why(refused))
        page = _lead_page(request, LeadForm(None, initial={"found_on": str(today())}), typed)
        return render(request, "cases/leads.html", page, status=422)
    return redirect("/leads/")
