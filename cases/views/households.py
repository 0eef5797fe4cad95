"""The page of a household, and what may happen to it (domain 3.10)."""

from datetime import date, timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.household_forms import ChangeForm
from cases.models import Household, HouseholdChange
from cases.operations import households
from cases.reports.households import HouseholdPage, household_page
from cases.rules.programmes import CHANGES
from cases.views.common import require
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.inputs import InputError, dates
from yuquan_relief.kernel.middleware import PersonRequest


def visible_household(request: PersonRequest, key: str) -> Household:
    """The household, or 404 with the same page as for a key that does not exist."""
    found = Household.objects.visible_to(request.actor).select_related(
        "village", "office", "change"
    )
    household = found.filter(key=key).first()
    if household is None:
        raise Http404
    return household


def last_day(row: Household) -> date:
    """Today, or the last day of a household that another has taken the place of."""
    return row.closed_on - timedelta(days=1) if row.closed_on else today()


@require_safe
def household(request: PersonRequest, key: str) -> HttpResponse:
    """Members on any day, roles, chain, files, benefits."""
    require(request, "cases.view")
    row = visible_household(request, key)
    day, error = last_day(row), ""
    if typed := request.GET.get("on", "").strip():
        try:
            day = dates.parse_day(typed, today=today())
        except InputError as wrong:
            error = wrong.message
    may_change = request.actor.can("cases.change_household") and row.closed_on is None
    report = household_page(row, request.actor, day)
    page = {
        "page_title": f"{row.head_name}户",
        "report": report,
        "day_error": error,
        "typed": typed or str(day),
        "kinds": _kinds(report) if may_change else {},
        "may_withdraw": may_change,
    }
    return render(request, "cases/household.html", page, status=422 if error else 200)


def _kinds(report: HouseholdPage) -> dict[str, str]:
    """The changes that may be recorded now; who lives alone does not split."""
    if not report.may_change:
        return {}
    alone = len(report.members) < 2
    return {code: label for code, label in CHANGES.items() if not (alone and code == "SPLIT")}


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: PersonRequest, key: str, kind: str) -> HttpResponse:
    """Record one change; drafts of the continuing applications are ready afterwards."""
    require(request, "cases.change_household")
    row = visible_household(request, key)
    code = kind.upper()
    if code not in CHANGES:
        raise Http404
    members = list(row.members.filter(left_on__isnull=True).order_by("id"))
    running = row.benefits.filter(end_month__isnull=True).first()
    form = ChangeForm(
        request.POST or None,
        kind=code,
        household=row,
        members=members,
        initial={"programme": running.programme if running and code != "CLASS" else ""},
    )
    status = 200
    if request.method == "POST":
        form.is_bound, status = True, 422
        if form.is_valid():
            try:
                households.record_change(key, form.change(), actor=request.actor, on=today())
                messages.success(request, f"已登记{CHANGES[code]}，请接着办理接续申请")
                return redirect(f"/households/{key}/")
            except Refused as refused:
                form.add_error(None, refused.reason)
                status = 409
    page = {"page_title": CHANGES[code], "household": row, "form": form, "kind": code}
    return render(request, "cases/household_change.html", page, status=status)


@require_POST
def withdraw(request: PersonRequest, pk: int) -> HttpResponse:
    """A change that was recorded by mistake is taken back."""
    require(request, "cases.change_household")
    seen = Household.objects.visible_to(request.actor)
    row = HouseholdChange.objects.filter(pk=pk, household__in=seen).first()
    if row is None:
        raise Http404
    try:
        households.withdraw_change(pk, actor=request.actor, on=today())
        messages.success(request, "已撤销变更，草稿已放入回收箱")
    except Refused as refused:
        messages.error(request, refused.reason)
    return redirect(f"/households/{row.household.key}/")
