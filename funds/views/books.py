"""The books: trial balance, idle money, how long it lasts, month close; and one-off supplements."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from cases.rules.programmes import Programme
from funds import book_reports
from funds.models import LedgerClose, LedgerGroup, Supplement
from funds.models.handed_over import unaccounted_in
from funds.operations import books as operations
from funds.operations.hand_overs import settle
from funds.operations.supplements import enter_supplement
from funds.paper_forms import ReverseForm, SettleHandOverForm, SupplementForm
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.middleware import PersonRequest

from .common import require

CRUMBS = [{"label": "资金发放", "url": "/pay/"}, {"label": "资金台账", "url": "/funds/"}]


@require_http_methods(["GET", "HEAD", "POST"])
def books(request: PersonRequest) -> HttpResponse:
    """Trial balance, purses with their last use, closed months; the centre closes and reverses."""
    require(request, "funds.view")
    form, status = None, 200
    if request.method == "POST":
        require(request, "funds.allocate")
        act = _settle if request.POST.get("what") == "settle" else _act
        done, form, status = act(request)
        if done:
            messages.success(request, done)
            return redirect("books")
    actor, on = request.actor, today()
    district = actor.district_id or 0
    may = actor.can("funds.allocate")
    page = {
        "page_title": "对账、关账",
        "purses": book_reports.purses(actor, on),
        "trial": book_reports.trial(actor, on),
        "closes": LedgerClose.objects.filter(district_id=district).order_by("-month")[:24],
        "next_close": operations.month_to_close(district) if may else None,
        "may": may,
        "wrong": form,
        "to_carry": on.year - 1,
        "reversible": _reversible(request, form) if may else [],
        "unaccounted": _unaccounted(form, district) if may else [],
        "crumbs": [*CRUMBS, {"label": "对账、关账"}],
    }
    return render(request, "funds/books.html", page, status=status)


def _act(request: PersonRequest) -> tuple[str, Any, int]:
    """(what is so now, the form that is wrong, the status)."""
    actor, on = request.actor, today()
    what = request.POST.get("what", "")
    form = ReverseForm(request.POST, auto_id=f"r{request.POST.get('group', '')}_%s")
    try:
        if what == "close":
            due = operations.month_to_close(actor.district_id or 0)
            if due is None:
                raise Refused("还没有记账，没有要关的月份")
            operations.close_month(due, actor=actor, on=on)
            return f"已关{due:%Y}年{due.month}月的账", None, 302
        if what == "carry":
            count = operations.carry_over(on.year - 1, actor=actor, on=on)
            return f"已结转 {count} 项上年结余", None, 302
        if not form.is_valid():
            return "", form, 422
        data = form.cleaned_data
        operations.reverse_allocation(data["group"], note=data["note"], actor=actor, on=on)
    except LedgerGroup.DoesNotExist:
        messages.error(request, "没有这笔拨付，请刷新页面后再办")
        return "", None, 409
    except Refused as refused:
        messages.error(request, refused.reason)
        return "", form if what == "reverse" else None, 409
    return "已冲正这笔拨付", None, 302


def _settle(request: PersonRequest) -> tuple[str, Any, int]:
    """The bureau says what it found of a file that no list accounts for (C27)."""
    form = SettleHandOverForm(request.POST, auto_id=_mark(request.POST.get("file_sha256", "")))
    if not form.is_valid():
        return "", form, 422
    data = form.cleaned_data
    try:
        settle(data["file_sha256"], note=data["note"], actor=request.actor, on=today())
    except Refused as refused:
        messages.error(request, refused.reason)
        return "", form, 409
    return "已登记核对结果，可以办理以后的名单", None, 302


def _mark(file_sha256: str) -> str:
    return f"h{file_sha256[:8]}_%s"


def _unaccounted(wrong: Any, district: int) -> list[dict[str, Any]]:
    shown = wrong.data.get("file_sha256") if isinstance(wrong, SettleHandOverForm) else ""
    return [
        {
            "entry": entry,
            "programme": Programme(entry.programme).label,
            "form": wrong
            if shown == entry.file_sha256
            else SettleHandOverForm(
                initial={"file_sha256": entry.file_sha256}, auto_id=_mark(entry.file_sha256)
            ),
        }
        for entry in unaccounted_in(district)
    ]


def _reversible(request: PersonRequest, wrong: Any) -> list[dict[str, Any]]:
    groups = LedgerGroup.objects.filter(
        kind="ALLOCATION", office__parent_id=request.actor.district_id, reversed_by=None
    ).select_related("office", "allocation")
    shown = wrong.data.get("group") if isinstance(wrong, ReverseForm) else None
    return [
        {
            "group": group,
            "form": wrong
            if shown == str(group.pk)
            else ReverseForm(initial={"group": group.pk}, auto_id=f"r{group.pk}_%s"),
            "is_shown": shown == str(group.pk),
        }
        for group in groups.order_by("-id")[:20]
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def supplements(request: PersonRequest) -> HttpResponse:
    """一次性补贴: the centre enters a measure; offices make their lists of it."""
    require(request, "funds.view")
    may = request.actor.can("funds.allocate")
    form = SupplementForm(request.POST or None) if may else None
    status = 200
    if request.method == "POST":
        require(request, "funds.allocate")
        assert form is not None
        status = 422
        if form.is_valid():
            try:
                enter_supplement(
                    form.measure(),
                    key=form.cleaned_data["key"],
                    actor=request.actor,
                    on=today(),
                )
            except Refused as refused:
                form.add_error(None, refused.reason)
                status = 409
            else:
                messages.success(request, "已登记，各镇、街道可以另开名单发放")
                return redirect("supplements")
    mine = Supplement.objects.filter(district_id=request.actor.district_id)
    page = {
        "page_title": "一次性补贴",
        "rows": book_reports.supplements(mine.order_by("-id")[:50]),
        "form": form,
        "crumbs": [CRUMBS[0], {"label": "一次性补贴"}],
    }
    return render(request, "funds/supplements.html", page, status=status)
