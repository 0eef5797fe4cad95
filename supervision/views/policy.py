"""政策: what is in force, for staff and for the public; and trying a change out (5(1), 5(7))."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from funds.tables import Cell, Table
from supervision.list_forms import PublicationForm, SimulationForm
from supervision.models import Publication, Simulation
from supervision.operations import policy as operations
from supervision.views.lists import day, fact, listed
from supervision.views.pages import require
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.inputs import money
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.roles import Reach

HEADS = ("题目", "类别", "文号", "生效", "失效", "对外")
SUMS = {
    "now_fen": "现在每月", "then_fen": "调整后每月", "difference_fen": "每月增减",
    "this_year_fen": "今年余下月份增减", "year_fen": "全年增减", "leaving": "会退出",
    "entering": "近一年因收入超标不予批准、调整后可能符合", "apart": "分档、单人保、渐退，单独核算",
    "over": "会超过限额", "now": "现在由区局审批", "then": "调整后由区局审批",
}  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def policies(request: PersonRequest) -> HttpResponse:
    """What was published, the newest first; something new (5(1))."""
    require(request, "cases.view", "supervision.view")
    actor, status = request.actor, 200
    may = actor.can("supervision.publish")
    form = PublicationForm(request.POST or None)
    if request.method == "POST":
        require(request, "supervision.publish")
        status = 422
        if form.is_valid():
            data = form.cleaned_data | {"document_no": form.cleaned_data["document_no"] or ""}
            made = operations.publish(operations.Text(**data), actor=actor, on=today())
            messages.success(request, "已发布")
            return redirect("policy", made.no)
    found = Publication.objects.filter(district=actor.district_id).order_by("-published_on", "-id")
    page = listed(request, found, "政策发布", HEADS, _row, unit="件", empty="还没有发布")
    page |= {
        "page_title": "政策",
        "new": form if may else None,
        "button": "发布政策",
        "post_url": "/policy/",
        "links": [("政策测算", "/policy/simulations/")] if _may_try(request) else [],
    }
    return render(request, "supervision/list.html", page, status=status)


def _may_try(request: PersonRequest) -> bool:
    return any(request.actor.can(c) for c in ("supervision.publish", "supervision.issue"))


def _row(row: Publication) -> list[Cell]:
    return [
        Cell(row.title, url=f"/policy/{row.no}/"),
        Cell(row.get_kind_display()),
        Cell(row.document_no or "—"),
        Cell(day(row.effective_on)),
        Cell(day(row.ends_on)),
        Cell("公开" if row.is_public else "内部"),
    ]


def _visible(request: PersonRequest, no: str) -> Publication:
    row = Publication.objects.filter(no=no, district=request.actor.district_id).first()
    if row is None:
        raise Http404
    require(request, "cases.view", "supervision.view")
    return row


@require_safe
def policy(request: PersonRequest, no: str) -> HttpResponse:
    """One publication."""
    row = _visible(request, no)
    facts = [
        fact("类别", row.get_kind_display()), fact("文号", row.document_no),
        fact("发布日期", day(row.published_on)), fact("生效日期", day(row.effective_on)),
        fact("失效日期", day(row.ends_on)), fact("对外公开", "是" if row.is_public else "否"),
    ]  # fmt: skip
    may_end = request.actor.can("supervision.publish") and row.ends_on is None
    page = {"page_title": row.title, "row": row, "facts": facts, "may_end": may_end}
    return render(request, "supervision/policy.html", page)


@require_POST
def policy_end(request: PersonRequest, no: str) -> HttpResponse:
    """It does not hold any more."""
    _visible(request, no)
    require(request, "supervision.publish")
    try:
        operations.end_publication(no, actor=request.actor, on=today())
        messages.success(request, "已登记失效")
    except Refused as refused:
        messages.error(request, refused.reason)
    return redirect("policy", no)


@require_http_methods(["GET", "HEAD", "POST"])
def simulations(request: PersonRequest) -> HttpResponse:
    """What a change would do, tried on today's data (5(1))."""
    require(request, "supervision.publish", "supervision.issue")
    actor, status = request.actor, 200
    form = SimulationForm(request.POST or None)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            data = dict(form.cleaned_data)
            title = data.pop("title")
            changes = {name: value for name, value in data.items() if value}
            try:
                made = operations.try_out(title, changes, actor=actor, on=today())
            except Refused as refused:
                form.add_error(None, refused.reason)
                status = 409
            else:
                return redirect("simulation", made.no)
    found = Simulation.objects.filter(district=actor.unit_id).order_by("-id")
    heads = ("方案", "编号", "测算日期")
    page = listed(request, found, "政策测算", heads, _simulation_row, unit="次",
                  empty="还没有测算")  # fmt: skip
    page |= {
        "page_title": "政策测算",
        "new": form,
        "button": "测算方案",
        "post_url": "/policy/simulations/",
        "hint": "用今天的数据测算标准或限额调整以后的户数、金额和预算；只测算，不改变任何待遇。",
    }
    return render(request, "supervision/list.html", page, status=status)


def _simulation_row(row: Simulation) -> list[Cell]:
    return [
        Cell(row.title, url=f"/policy/simulations/{row.no}/"),
        Cell(row.no),
        Cell(day(row.made_on)),
    ]


@require_safe
def simulation(request: PersonRequest, no: str) -> HttpResponse:
    """One result, as it came out on its day."""
    actor = request.actor
    row = Simulation.objects.filter(no=no, district=actor.unit_id).first()
    if row is None or actor.reach != Reach.DISTRICT:
        raise Http404
    require(request, "supervision.publish", "supervision.issue")
    blocks = [
        {
            "title": block["title"],
            "sums": [_sum(name, value) for name, value in block["sums"]],
            "table": _table(block),
        }
        for block in row.result["blocks"]
    ]
    page = {"page_title": row.title, "row": row, "blocks": blocks}
    return render(request, "supervision/simulation.html", page)


def _sum(name: str, value: int) -> dict[str, Any]:
    if name.endswith("_fen"):
        return {"label": SUMS[name], "value": money.show(value), "unit": "元"}
    unit = "件" if name in ("now", "then") else "户"
    return {"label": SUMS[name], "value": value, "unit": unit}


def _table(block: dict[str, Any]) -> Table:
    rows = [[Cell(str(r[0])), *(Cell(str(value), True) for value in r[1:])] for r in block["rows"]]
    return Table("分镇、街道", tuple(block["heads"]), rows, empty="没有涉及的家庭")


@require_safe
def public_policies(request: HttpRequest) -> HttpResponse:
    """For everybody: what holds today, and answered questions (5(1), 5(7))."""
    on = today()
    found = Publication.objects.filter(is_public=True, effective_on__lte=on).filter(
        Q(ends_on=None) | Q(ends_on__gt=on)
    )
    groups = [
        (label, [row for row in found.order_by("-effective_on", "-id") if row.kind == code])
        for code, label in Publication.Kind.choices
    ]
    page = {"page_title": "社会救助政策", "groups": groups}
    return render(request, "supervision/public_policies.html", page)
