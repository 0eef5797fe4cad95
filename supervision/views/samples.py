"""抽查: plan, draw, who was drawn and why it is fair; the frame as a file to draw again."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.views.common import csv_file
from funds.tables import Cell, Table, number
from supervision.list_forms import ReasonForm, SampleForm
from supervision.models import Sample, SampleItem
from supervision.operations import sampling as operations
from supervision.operations.sheets import open_for_item
from supervision.rules.sampling import WHY
from supervision.views.lists import day, listed
from supervision.views.pages import require
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.middleware import PersonRequest

HEADS = ("抽查", "时间段", "比例", "范围", "应抽", "已查", "状态")


@require_http_methods(["GET", "HEAD", "POST"])
def samples(request: PersonRequest) -> HttpResponse:
    """Every sample, and a new one (4(1).2, 13)."""
    require(request, "supervision.view")
    actor, status = request.actor, 200
    form = SampleForm(request.POST or None)
    if request.method == "POST":
        require(request, "supervision.check")
        status = 422
        if form.is_valid():
            try:
                plan = operations.Plan(**form.cleaned_data)
                made = operations.open_sample(plan, actor=actor, on=today())
            except Refused as refused:
                form.add_error(None, refused.reason)
                status = 409
            else:
                messages.success(request, "已立项，种子已经定下，可以抽取了")
                return redirect("sample", made.no)
    found = Sample.objects.visible_to(actor).order_by("-id")
    page = listed(request, found, "抽查计划", HEADS, _row, empty="还没有抽查计划", unit="次")
    page |= {
        "page_title": "抽查计划",
        "new": form if actor.can("supervision.check") else None,
        "button": "立项抽查",
        "post_url": "/samples/",
        "hint": "立项时由系统定下种子，任何人都不能挑选；同一类别的时间段不能重叠。",
        "links": [("检查表", "/checks/sheets/")]
        + [("新批复核", "/supervise/recheck/")] * actor.can("supervision.check"),
    }
    return render(request, "supervision/list.html", page, status=status)


def _row(row: Sample) -> list[Cell]:
    done = row.items.filter(state="DONE").count() if row.state != "OPEN" else 0
    return [
        Cell(row.get_kind_display(), url=f"/samples/{row.no}/"),
        Cell(f"{day(row.period_from)} 至 {day(row.period_to)}"),
        Cell(f"{row.percent}%", True),
        number(row.frame_count),
        number(row.target_count),
        number(done),
        Cell(row.get_state_display(), tone=row.tone),
    ]


def visible(request: PersonRequest, no: str) -> Sample:
    """The sample, or 404 as for one that does not exist."""
    row = Sample.objects.visible_to(request.actor).filter(no=no).first()
    if row is None:
        raise Http404
    require(request, "supervision.view")
    return row


@require_safe
def sample(request: PersonRequest, no: str) -> HttpResponse:
    """One sample; ?as=frame is its frame, ?as=list its list, to draw again by hand."""
    row = visible(request, no)
    if request.GET.get("as") == "frame":
        lines = row.frame.order_by("number").values_list("number", "stratum", "must")
        return csv_file(f"{no} 抽取范围.csv", [["number", "stratum", "must"], *map(list, lines)])
    if request.GET.get("as") == "list":
        drawn = row.items.exclude(why="REPLACEMENT").order_by("number")
        numbers = [[n] for n in drawn.values_list("number", flat=True)]
        return csv_file(f"{no} 名单.csv", [["number"], *numbers])
    return _page(request, row)


def _page(request: PersonRequest, row: Sample, status: int = 200, **more: Any) -> HttpResponse:
    items = list(
        row.items.select_related("household", "office", "village", "sheet").order_by(
            "stratum", "why", "place", "number"
        )
    )
    waiting = sum(i.state == "WAITING" for i in items)
    page = {
        "page_title": f"{row.get_kind_display()} {row.no}",
        "row": row,
        "items": items,
        "waiting": waiting,
        "done": sum(i.state == "DONE" for i in items),
        "why": WHY,
        "strata": _strata(row, items),
        "is_as_drawn": row.state != "OPEN" and operations.is_as_drawn(row),
        "may_check": request.actor.can("supervision.check"),
        "error": "",
        "replacing": None,
        "replaced": "",
    }
    return render(request, "supervision/sample.html", page | more, status=status)


def _strata(row: Sample, items: list[SampleItem]) -> Table:
    """By stratum: how many there are, must be drawn, were drawn, are done."""
    frame: dict[str, list[int]] = {}
    for stratum, must in row.frame.values_list("stratum", "must"):
        counts = frame.setdefault(stratum, [0, 0])
        counts[0] += 1
        counts[1] += bool(must)
    rows = []
    for stratum, (whole, forced) in sorted(frame.items()):
        mine = [i for i in items if i.stratum == stratum and i.state != "REPLACED"]
        quota = mine[0].quota if mine else 0
        rows.append(
            [Cell(stratum), number(whole), number(forced), number(quota), number(len(mine)),
             number(sum(i.state == "DONE" for i in mine))]
        )  # fmt: skip
    heads = ("层", "范围", "必查", "应抽", "列入", "已查")
    return Table("分层", heads, rows, empty="抽取以后列出")


@require_POST
def sample_step(request: PersonRequest, no: str, code: str) -> HttpResponse:
    """Draw, exchange one, close, or open the sheet of one."""
    row = visible(request, no)
    require(request, "supervision.check")
    act: dict[str, Any] = {"actor": request.actor, "on": today()}
    number_ = request.POST.get("number", "")
    if code == "replace":
        return _replace(request, row, number_)
    try:
        if code == "draw":
            done = operations.draw_sample(no, **act)
            messages.success(request, f"已从 {done.frame_count} 户中抽出 {done.drawn_count} 户")
        elif code == "close":
            operations.close_sample(no, **act)
            messages.success(request, "抽查已结束")
        elif code == "open":
            return redirect("sheet", open_for_item(no, number_, **act).no)
        else:
            raise Http404
    except SampleItem.DoesNotExist as error:
        raise Http404 from error
    except Refused as refused:
        row.refresh_from_db()
        return _page(request, row, 409, error=refused.reason)
    return redirect("sample", no)


def _replace(request: PersonRequest, row: Sample, taken: str) -> HttpResponse:
    """One goes out, the next comes in; when it is refused the reason stays beside it."""
    form = ReasonForm(request.POST, auto_id="replace_%s")
    shown: dict[str, Any] = {"replacing": form, "replaced": taken}
    if not form.is_valid():
        return _page(request, row, 422, error=form.errors["reason"][0], **shown)
    reason = form.cleaned_data["reason"] or ""
    try:
        made = operations.replace_item(
            row.no, taken, reason=reason, actor=request.actor, on=today()
        )
    except SampleItem.DoesNotExist as error:
        raise Http404 from error
    except Refused as refused:
        row.refresh_from_db()
        form.add_error("reason", refused.reason)
        return _page(request, row, 409, error=refused.reason, **shown)
    is_alone = made.number == taken
    messages.success(
        request, "已换出；本层没有可以换入的家庭了" if is_alone else f"已换入 {made.number}"
    )
    return redirect("sample", row.no)
