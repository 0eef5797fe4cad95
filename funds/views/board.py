"""The month's board of all lists."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from cases.rules.months import next_month, previous_month
from cases.rules.programmes import Programme
from funds import board_reports, reports
from funds.operations import building, nudging
from funds.operations.batches import require as require_step
from funds.rules.batches import STEPS
from funds.rules.lists import NORMAL
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.models import Unit
from yuquan_relief.kernel.rulebook_values import rules

from .common import require, visible_batch


@require_safe
def current(request: PersonRequest) -> HttpResponse:
    """The month that is worked on: next month's lists from the day after the cut-off."""
    require(request, "funds.view")
    on = today()
    first = on.replace(day=1)
    month = next_month(on) if on.day > rules(on)["decision.cut_off_day"] else first
    return _render(request, month)


@require_safe
def month_board(request: PersonRequest, month: date) -> HttpResponse:
    """Every list of one month."""
    require(request, "funds.view")
    return _render(request, month)


def _render(request: PersonRequest, month: date, *, status: int = 200) -> HttpResponse:
    return render(request, "funds/board.html", _page(request, month), status=status)


def _page(request: PersonRequest, month: date) -> dict[str, Any]:
    on = today()
    rows = reports.board(request.actor, month, on)
    proofs = board_reports.proofs(request.actor, month, on)
    return {
        "page_title": f"{month:%Y}年{month.month}月资金发放",
        "month": month,
        "rows": [
            {
                "row": row,
                "url": _url(month, row, "pay_batch"),
                "open_url": _url(month, row, "pay_open"),
                "proof": proofs.get((row.office_code, Programme(row.programme).family))
                if row.kind == NORMAL
                else None,
            }
            for row in rows
        ],
        "days": board_reports.steps(month, on),
        "to_do": [_to_do(item, month) for item in board_reports.to_do(rows, month, on)],
        "may_nudge": request.actor.can(STEPS["nudge"].capability),
        "previous_url": reverse("pay_month", kwargs={"month": previous_month(month)}),
        "next_url": reverse("pay_month", kwargs={"month": next_month(month)}),
        "cards": _cards(rows),
        "new_url": reverse("pay_new", kwargs={"month": today().replace(day=1)}),
        "may_open": request.actor.can(STEPS["open"].capability),
    }


def _to_do(item: board_reports.ToDo, month: date) -> dict[str, Any]:
    place = {"month": month, "office_code": item.office_code, "programme": item.slug}
    return {
        "item": item,
        "url": reverse("pay_batch", kwargs=place) if item.no else "",
        "nudge_url": reverse("pay_nudge", kwargs=place) if item.no else "",
    }


def _url(month: date, row: reports.BoardRow, name: str) -> str:
    place = {"month": month, "office_code": row.office_code, "programme": row.slug}
    return reverse(name, kwargs=place)


def _cards(rows: list[reports.BoardRow]) -> list[dict[str, Any]]:
    first = [row for row in rows if row.kind != "REISSUE"]  # what is sent again is no new money
    waiting = sum(row.open_exceptions for row in rows)
    late = sum(row.is_late for row in rows)
    return [
        {
            "label": "应发户数",
            "value": f"{sum(row.households for row in first):,}",
            "unit": "户",
            "basis": "各名单的户数之和，不含退回重发；未生成名单的，按在享对象计",
        },
        {
            "label": "应发金额",
            "value": reports.yuan(sum(row.total_fen for row in first)),
            "unit": "元",
            "basis": "保障金、分类施保金与补发之和",
        },
        {
            "label": "已到账",
            "value": reports.yuan(sum(row.paid_fen for row in rows)),
            "unit": "元",
            "basis": "银行返回成功，并与名单的账号、户名、金额一致",
        },
        {
            "label": "已超期的名单",
            "value": late,
            "unit": "份",
            "tone": "bad" if late else "",
            "note": f"{waiting} 条银行结果差异未处理" if waiting else "",
            "note_tone": "warn",
        },
    ]


@require_POST
def open_list(
    request: PersonRequest, month: date, office_code: str, programme: str
) -> HttpResponse:
    """Make the list of one office and programme by hand."""
    require_step(STEPS["open"], request.actor)
    try:
        batch = _open(request, month, office_code, programme)
    except Unit.DoesNotExist:
        raise Http404 from None
    except Refused as refused:
        messages.error(request, refused.reason)
        return _render(request, month, status=409)
    messages.success(request, f"名单已生成：{batch.household_count} 户")
    return redirect("pay_batch", month, office_code, programme)


def _open(request: PersonRequest, month: date, office_code: str, programme: str) -> Any:
    office = building.office_by_code(request.actor, office_code)
    return building.open_month(office.pk, programme, month=month, actor=request.actor, on=today())


@require_POST
def nudge(request: PersonRequest, month: date, office_code: str, programme: str) -> HttpResponse:
    """催办: whoever holds the list hears of it, once a day, and it stands in the list's history."""
    batch = visible_batch(request, month, office_code, programme)
    require_step(STEPS["nudge"], request.actor)
    try:
        owner = nudging.nudge(batch.no, actor=request.actor, on=today())
    except Refused as refused:
        messages.error(request, refused.reason)
    else:
        messages.success(request, f"已催办{batch.office.name}：{owner}")
    return redirect("pay_month", month)
