"""在享对象: the roster of any date, and one household in benefit (ux 1.4)."""

from calendar import monthrange
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from cases.benefit_forms import ContactForm, OpenReviewForm
from cases.models import Benefit, Contact
from cases.models.entitlement import amounts_of
from cases.operations import contacts, reviews
from cases.reports.flow import flow_of
from cases.reports.roster import roster_page
from cases.rules.contacts import KINDS
from cases.rules.programmes import MONTHLY_CHOICES
from cases.rules.reports_of_change import KINDS as CHANGES
from cases.views.common import csv_file, require
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.forms import PlainForm
from yuquan_relief.kernel.inputs import InputError, dates
from yuquan_relief.kernel.inputs.money import show
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.models import Unit

MOST_EXPORTED = 50_000
FIRST_YEAR = 2015


def visible_benefit(request: PersonRequest, key: str) -> Benefit:
    """The benefit, or 404 with the same page as for a key that does not exist."""
    found = Benefit.objects.visible_to(request.actor).select_related(
        "household", "village", "office", "source_case"
    )
    benefit = found.filter(key=key).first()
    if benefit is None:
        raise Http404
    return benefit


def day_of(request: PersonRequest) -> tuple[date, str]:
    """The day that is asked for and what is wrong with it: today by default, of a month its last
    day."""
    now, typed = today(), request.GET.get("on", "").strip()
    if not typed:
        return now, ""
    try:
        day = _read_day(typed, now)
    except InputError as wrong:
        return now, str(wrong)
    if not FIRST_YEAR <= day.year <= now.year + 1:
        return now, f"日期应在 {FIRST_YEAR} 年到 {now.year + 1} 年之间"
    return day, ""


def _read_day(typed: str, now: date) -> date:
    try:
        month = dates.parse_month(typed)
    except InputError:
        return dates.parse_day(typed, today=now)
    return month.replace(day=monthrange(month.year, month.month)[1])


@require_safe
def roster(request: PersonRequest) -> HttpResponse:
    """Who is in benefit on a day: today, or any past one."""
    require(request, "cases.view")
    day, error = day_of(request)
    query = request.GET.dict()
    if request.GET.get("as") == "csv":
        return _export(request, query, day)
    page = roster_page(request.actor, query, day)
    context = {
        "page_title": "在享对象",
        "page": page,
        "flow": flow_of(request.actor, page.month),
        "typed": request.GET.get("on") or str(day),
        "day_error": error,
        "programmes": MONTHLY_CHOICES,
        "villages": _villages(request),
        "query": query,
        "kinds": KINDS,
    }
    return render(request, "cases/benefit_roster.html", context, status=422 if error else 200)


def _villages(request: PersonRequest) -> list[Unit]:
    """The villages of the actor's office, to choose from; none for a village or the district."""
    actor = request.actor
    if not actor.office_id or actor.unit_id != actor.office_id:
        return []
    return list(Unit.objects.filter(parent_id=actor.office_id).valid_on(today()).order_by("code"))


HEAD = ("低保证号", "户主", "村（社区）", "类别", "人数", "保障金（元）", "分类施保或照料（元）",
        "合计（元）", "起始月", "复核类别", "下次复核", "上次走访", "上次签到或认证")  # fmt: skip


def _export(request: PersonRequest, query: dict[str, str], day: date) -> HttpResponse:
    page = roster_page(request.actor, {**query, "from": ""}, day, size=MOST_EXPORTED)
    rows = [
        [
            r.certificate_no,
            r.head_name,
            r.village,
            r.programme_label,
            str(r.persons),
            show(r.monthly_fen),
            show(r.supplement_fen),
            show(r.total_fen),
            f"{r.start_month:%Y-%m}",
            r.category,
            str(r.due_on or ""),
            str(r.visited_on or ""),
            str(r.seen_on or ""),
        ]
        for r in page.rows
    ]
    return csv_file(f"在享名册{day:%Y%m%d}.csv", [list(HEAD), *rows])


@require_safe
def benefit(request: PersonRequest, key: str) -> HttpResponse:
    """One household in benefit: amounts by month, contacts, changes, reviews."""
    require(request, "cases.view")
    return _page(request, visible_benefit(request, key))


def _page(
    request: PersonRequest,
    row: Benefit,
    *,
    contact: PlainForm | None = None,
    review: PlainForm | None = None,
    status: int = 200,
) -> HttpResponse:
    month = today().replace(day=1)
    actor = request.actor
    under_way = row.reviews.exclude(state__in=("ENDED", "WITHDRAWN")).first()
    context = {
        "page_title": f"{row.household.head_name}户",
        "benefit": row,
        "now": amounts_of(row, month),
        "has_ended": bool(row.end_month and row.end_month < month),
        "entitlements": row.entitlements.select_related("review", "line__run").order_by("-id"),
        "contacts": Contact.objects.filter(benefit=row)
        .select_related("recorded_by")
        .order_by("-on_day", "-id")[:20],
        "reports": row.change_reports.select_related("recorded_by").order_by("-id")[:20],
        "reviews": row.reviews.order_by("-id")[:20],
        "under_way": under_way,
        "may_see_money": actor.can("funds.view"),
        "may_contact": actor.can("cases.investigate"),
        "may_report": actor.can("cases.report_change"),
        "may_review": actor.can("cases.review") and under_way is None,
        "contact_form": contact or ContactForm(initial=_usual(row)),
        "review_form": review or OpenReviewForm(),
        "change_kinds": CHANGES,
        "form": contact or review,
    }
    return render(request, "cases/benefit.html", context, status=status)


def _usual(row: Benefit) -> dict[str, Any]:
    """What is most often typed: today, at home, the head of the household."""
    return {
        "kind": "VISIT",
        "on_day": today(),
        "means": "HOME",
        "place": "家中",
        "met": row.household.head_name,
    }


@require_POST
def add_contact(request: PersonRequest, key: str) -> HttpResponse:
    """Register a visit, sign-in, certification or report."""
    row = visible_benefit(request, key)
    require(request, "cases.investigate")
    form = ContactForm(request.POST, request.FILES)
    status = 422
    if form.is_valid():
        try:
            done = contacts.record_contact(key, form.seen(), actor=request.actor, on=today())
        except Refused as refused:
            form.add_error(None, refused.reason)
            status = 409
        else:
            messages.success(request, f"已登记{done.get_kind_display()}")
            return redirect(f"/roster/{key}/")
    return _page(request, row, contact=form, status=status)


@require_POST
def no_change(request: PersonRequest, key: str) -> HttpResponse:
    """The household's periodic report in one act: nothing has changed (F36)."""
    row = visible_benefit(request, key)
    require(request, "cases.investigate")
    seen = contacts.Seen(
        kind="REPORT",
        on_day=today(),
        means="OFFICE",
        place="村（居）办公室",
        met=row.household.head_name,
        note="家庭人口、收入、财产没有变化",
    )
    try:
        contacts.record_contact(key, seen, actor=request.actor, on=today())
        messages.success(request, f"{row.household.head_name}户已报告没有变化")
    except Refused as refused:
        messages.error(request, refused.reason)
    return redirect(f"/roster/{key}/")


@require_POST
def open_review(request: PersonRequest, key: str) -> HttpResponse:
    """A review by hand."""
    row = visible_benefit(request, key)
    require(request, "cases.review")
    form = OpenReviewForm(request.POST)
    status = 422
    if form.is_valid():
        opening = reviews.Opening(trigger="HAND", what=form.cleaned_data["what"])
        try:
            done = reviews.open_review(key, opening, actor=request.actor, on=today())
        except Refused as refused:
            form.add_error(None, refused.reason)
            status = 409
        else:
            messages.success(request, "已发起复核")
            return redirect(f"/adjustments/{done.no}/")
    return _page(request, row, review=form, status=status)
