"""Boxes, paper files, loans, stocktaking."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from archives import shelf_reports
from archives.models import Box, Dossier, Stocktake, of_office
from archives.operations import shelf, stocktaking
from archives.operations.comparing import lines_of
from archives.rules.comparing import FOLLOWS
from archives.shelf_forms import (
    BackForm,
    BoxForm,
    CorrectForm,
    LendForm,
    PlaceForm,
    ScanForm,
    ShelveForm,
    month_text,
)
from archives.views.common import require, visible_dossier
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.forms import PlainForm
from yuquan_relief.kernel.inputs.money import show
from yuquan_relief.kernel.middleware import PersonRequest

ANSWER = ["GET", "HEAD", "POST"]


def carried_out(form: PlainForm, act: Callable[[], object]) -> int:
    """200 when the act is done; 422 or 409 with the reason in the form."""
    if not form.is_valid():
        return 422
    try:
        act()
    except Refused as refused:
        form.add_error(None, refused.reason)
        return 409
    return 200


@require_http_methods(ANSWER)
def boxes(request: PersonRequest) -> HttpResponse:
    """The office's boxes, what is lent, and a new box."""
    require(request, "archives.view")
    actor, status = request.actor, 200
    form = BoxForm(request.POST or None)
    if request.method == "POST":
        require(request, shelf.CAPABILITY)

        def act() -> None:
            given = form.cleaned_data
            shelf.open_box(given["label"], given["place"] or "", actor=actor, on=today())

        status = carried_out(form, act)
        if status == 200:
            messages.success(request, "已登记新的档案盒，请打印盒签")
            return redirect("boxes")
    page = shelf_reports.overview(actor, today()) | {
        "page_title": "档案盒、借阅、盘点",
        "form": form,
        "may_shelve": actor.can(shelf.CAPABILITY),
    }
    return render(request, "archives/boxes.html", page, status=status)


@require_http_methods(ANSWER)
def box(request: PersonRequest, no: str) -> HttpResponse:
    """One box with its files; ?as=print is its label."""
    require(request, shelf.CAPABILITY if request.method == "POST" else "archives.view")
    actor, status = request.actor, 200
    found = of_office(Box, actor).select_related("office").filter(no=no).first()
    if found is None:
        raise Http404
    form = PlaceForm(request.POST or None, initial={"place": found.place})
    if request.method == "POST":
        status = carried_out(
            form, lambda: shelf.move_box(no, form.cleaned_data["place"], actor=actor, on=today())
        )
        if status == 200:
            messages.success(request, "已登记新的位置")
            return redirect("box", no)
    page = {
        "page_title": found.label,
        "box": found,
        "papers": shelf_reports.papers_of(found),
        "form": form,
        "may_shelve": actor.can(shelf.CAPABILITY),
        "back_url": f"/archive/boxes/{no}/",
    }
    template = "archives/box_print.html" if "as" in request.GET else "archives/box.html"
    return render(request, template, page, status=status)


@require_http_methods(ANSWER)
def paper(request: PersonRequest, no: str) -> HttpResponse:
    """The paper of one file: its place, the comparison, loans; ?as=print is 更正单."""
    dossier = visible_dossier(request, no)
    require(request, "archives.view")
    bound: dict[str, PlainForm] = {}
    status = 200
    if request.method == "POST":
        require(request, shelf.CAPABILITY)
        code = request.POST.get("act", "")
        if code not in ACTS:
            messages.error(request, "请选择要办理的事项")
            return redirect("dossier_paper", no)
        form, act, said = ACTS[code](request, no)
        status = carried_out(form, act)
        if status == 200:
            messages.success(request, said)
            return redirect("dossier_paper", no)
        bound[code] = form
    return _paper(request, dossier, bound, status)


Prepared = tuple[PlainForm, Callable[[], object], str]


def _shelve(request: PersonRequest, no: str) -> Prepared:
    form = ShelveForm(request.POST, boxes=_boxes(request))

    def act() -> None:
        where = form.cleaned_data["box"]
        shelf.shelve(no, where, form.says(), actor=request.actor, on=today())

    return form, act, "已登记纸质档案"


def _lend(request: PersonRequest, no: str) -> Prepared:
    form = LendForm(request.POST)
    return (
        form,
        lambda: shelf.lend(no, form.borrower(), actor=request.actor, on=today()),
        "已登记借出",
    )


def _give_back(request: PersonRequest, no: str) -> Prepared:
    form = BackForm(request.POST)

    def act() -> None:
        shelf.give_back(no, form.cleaned_data["condition"], actor=request.actor, on=today())

    return form, act, "已登记归还"


def _correct(request: PersonRequest, no: str) -> Prepared:
    form = CorrectForm(request.POST)

    def act() -> None:
        given = form.cleaned_data
        shelf.correct(
            no, given["facet"], given["right"], given["reason"], actor=request.actor, on=today()
        )

    return form, act, "已留痕更正，请打印更正单附卷"


ACTS: dict[str, Callable[[PersonRequest, str], Prepared]] = {
    "shelve": _shelve,
    "lend": _lend,
    "give_back": _give_back,
    "correct": _correct,
}


def _boxes(request: PersonRequest) -> Any:
    return of_office(Box, request.actor).order_by("-id")[:200]


def _paper(
    request: PersonRequest, dossier: Dossier, bound: dict[str, PlainForm], status: int
) -> HttpResponse:
    may = request.actor.can(shelf.CAPABILITY)
    kept = shelf_reports.paper_of(dossier)
    loan = kept and kept.loans.filter(returned_on=None).select_related("lent_by").first()
    lines = lines_of(dossier)
    known = {c.fingerprint: c for c in dossier.corrections.select_related("made_by")}
    initial: dict[str, Any] = {}
    if kept:
        initial = {
            "box": kept.box.no, "pages": kept.pages, "amount": show(kept.amount_fen),
            "persons": kept.persons, "month": month_text(kept.month),
        }  # fmt: skip
    page = {
        "page_title": f"{dossier.household.head_name} 纸质档案",
        "dossier": dossier,
        "paper": kept,
        "loan": loan,
        "loans": kept.loans.select_related("lent_by").order_by("-id")[:20] if kept else (),
        "lines": [(x, known.get(x.fingerprint)) for x in lines],
        "corrections": sorted(known.values(), key=lambda c: -c.pk),
        "follows": FOLLOWS,
        "form": next(iter(bound.values()), None),
        "shelve": may
        and (bound.get("shelve") or ShelveForm(initial=initial, boxes=_boxes(request))),
        "lend": may and kept and not loan and (bound.get("lend") or LendForm()),
        "give_back": may and loan and (bound.get("give_back") or BackForm()),
        "correct": [
            bound.get("correct") or CorrectForm(initial={"facet": x.facet}, auto_id=f"{x.facet}_%s")
            for x in lines
            if may and x.differs and x.fingerprint not in known
        ],
        "back_url": f"/archive/{dossier.no}/paper/",
    }
    printed = request.GET.get("as") == "print"
    template = "archives/correction_print.html" if printed else "archives/paper.html"
    return render(request, template, page, status=status)


@require_POST
def stocktake_open(request: PersonRequest) -> HttpResponse:
    """The office takes stock."""
    require(request, shelf.CAPABILITY)
    try:
        row = stocktaking.open_stocktake(actor=request.actor, on=today())
    except Refused as refused:
        messages.error(request, refused.reason)
        return redirect("boxes")
    return redirect("stocktake", row.no)


@require_safe
def stocktake(request: PersonRequest, no: str) -> HttpResponse:
    """One stocktaking: the scanner's field, the last codes; or what was found."""
    require(request, "archives.view")
    return _stocktake(request, _visible(request, no), ScanForm(), 200)


def _visible(request: PersonRequest, no: str) -> Stocktake:
    found = of_office(Stocktake, request.actor).select_related("office", "box", "opened_by")
    row = found.filter(no=no).first()
    if row is None:
        raise Http404
    return row


@require_POST
def stocktake_step(request: PersonRequest, no: str, code: str) -> HttpResponse:
    """A code was read, the last one was not, or all is done."""
    row, actor = _visible(request, no), request.actor
    require(request, shelf.CAPABILITY)
    acts: dict[str, Callable[[], object]] = {
        "scan": lambda: stocktaking.scan(no, request.POST.get("code", ""), actor=actor),
        "undo": lambda: stocktaking.undo(no, actor=actor),
        "close": lambda: stocktaking.close(no, actor=actor, on=today()),
    }
    if code not in acts:
        raise Http404
    try:
        said = acts[code]()
    except Refused as refused:
        form = ScanForm(request.POST)
        form.add_error("code" if code == "scan" else None, refused.reason)
        return _stocktake(request, row, form, 409)
    messages.success(request, said if isinstance(said, str) else "盘点已结束")
    return redirect("stocktake", no)


def _stocktake(request: PersonRequest, row: Stocktake, form: ScanForm, status: int) -> HttpResponse:
    page = shelf_reports.stocktake_page(row) | {
        "page_title": f"盘点 {row.no}",
        "row": row,
        "form": form,
        "may_scan": request.actor.can(shelf.CAPABILITY) and row.closed_on is None,
        "back_url": f"/archive/stocktakes/{row.no}/",
    }
    printed = request.GET.get("as") == "print"
    template = "archives/stocktake_print.html" if printed else "archives/stocktake.html"
    return render(request, template, page, status=status)
