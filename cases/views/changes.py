"""变化报告: register, check, and see what waits (ux 1.4)."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.benefit_forms import CHANGE_KINDS, ChangeReportForm, CheckReportForm
from cases.models import ChangeReport
from cases.operations import change_reports
from cases.views.benefits import visible_benefit
from cases.views.common import require
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.middleware import PersonRequest

MOST = 100


@require_safe
def changes(request: PersonRequest) -> HttpResponse:
    """Reports that wait to be checked, and the latest that were."""
    require(request, "cases.view")
    return _page(request)


def _page(
    request: PersonRequest, *, pk: int = 0, form: CheckReportForm | None = None, status: int = 200
) -> HttpResponse:
    mine = ChangeReport.objects.visible_to(request.actor).select_related(
        "benefit__household", "village", "recorded_by", "checked_by", "member", "review"
    )
    may = request.actor.can("cases.review")
    waiting = [
        {
            "row": row,
            "new": row.new_text(whole=may),
            "form": (form if row.pk == pk and form else CheckReportForm(auto_id=f"r{row.pk}_%s"))
            if may and row.state == "OPEN" and row.recorded_by_id != request.actor.person_id
            else None,
        }
        for row in mine.waiting().order_by("id")[:MOST]
    ]
    page = {
        "page_title": "变化报告",
        "waiting": waiting,
        "done": mine.exclude(state__in=("OPEN", "COOLING")).order_by("-id")[:20],
        "may_withdraw": request.actor.can("cases.report_change"),
        "form": form,
    }
    return render(request, "cases/changes.html", page, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: PersonRequest, key: str, kind: str) -> HttpResponse:
    """One change of one household."""
    row = visible_benefit(request, key)
    require(request, "cases.report_change")
    code = kind.upper()
    if code not in CHANGE_KINDS:
        raise Http404
    bound = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ChangeReportForm(*bound, kind=code, benefit=row, initial={"known_on": today()})
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                change_reports.report_change(key, form.reported(), actor=request.actor, on=today())
            except Refused as refused:
                form.add_error(None, refused.reason)
                status = 409
            else:
                messages.success(request, "已登记变化，等第二人核实")
                return redirect(f"/roster/{key}/")
    page = {
        "page_title": CHANGE_KINDS[code],
        "benefit": row,
        "form": form,
        "kinds": CHANGE_KINDS,
        "kind": code,
    }
    return render(request, "cases/change_new.html", page, status=status)


def _visible(request: PersonRequest, pk: int) -> ChangeReport:
    row = ChangeReport.objects.visible_to(request.actor).filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


@require_POST
def check(request: PersonRequest, pk: int) -> HttpResponse:
    """What the second person found; what is true is in force."""
    _visible(request, pk)
    require(request, "cases.review")
    form = CheckReportForm(request.POST, auto_id=f"r{pk}_%s")
    status = 422
    if form.is_valid():
        try:
            row = change_reports.check_report(
                pk,
                is_true=bool(form.cleaned_data["is_true"]),
                answer=form.cleaned_data["answer"] or "",
                actor=request.actor,
                on=today(),
            )
        except Refused as refused:
            form.add_error(None, refused.reason)
            status = 409
        else:
            messages.success(request, f"已核实：{row.get_state_display()}")
            return redirect(f"/adjustments/{row.review.no}/" if row.review else "/changes/")
    return _page(request, pk=pk, form=form, status=status)


@require_POST
def withdraw(request: PersonRequest, pk: int) -> HttpResponse:
    """A report is taken back with its reason."""
    _visible(request, pk)
    require(request, "cases.report_change")
    try:
        note = request.POST.get("note", "")
        change_reports.withdraw_report(pk, note=note, actor=request.actor, on=today())
        messages.success(request, "已撤回变化报告")
    except Refused as refused:
        messages.error(request, refused.reason)
    return redirect("/changes/")
