"""The board."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from supervision.reports.board import board
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.middleware import PersonRequest


@require_safe
def board_page(request: PersonRequest) -> HttpResponse:
    """Numbers by office; each is a link to its list."""
    if not request.actor.can("board.view"):
        raise PermissionDenied("board.view")
    report = board(request.actor, today())
    cards = [
        ("已超期案件", "late", "件", "/cases/?late=1", "到期日早于今天的在办案件"),
        ("在办案件", "open", "件", "/cases/?open=1", "已提交、未决定的案件"),
        ("待审批", "to_decide", "件", "/cases/?state=TO_DECIDE", "等待分管领导签字的案件"),
        ("在享家庭", "in_benefit", "户", "/pay/", "下月应发放的家庭"),
    ]
    page = {
        "page_title": "看板",
        "report": report,
        "cards": [
            {
                "label": label,
                "value": report.total(name),
                "unit": unit,
                "url": url,
                "basis": basis,
                "tone": "bad" if name == "late" and report.total(name) else "",
            }
            for label, name, unit, url, basis in cards
        ],
    }
    return render(request, "supervision/board.html", page)
