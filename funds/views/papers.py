"""Papers of money: their lists, and the one page on which each of them is read and moved."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from funds import paper_sheets
from funds.models.paper import Paper, visible
from funds.operations import paper_acts, planning
from funds.operations.papers import MODELS, facts_of, signatures_of
from funds.operations.papers import require as require_step
from funds.paper_forms import STEP_FORMS, BudgetForm, ImprestForm, PaperForm, PlanForm
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import ContentChanged, Refused
from yuquan_relief.kernel.event_words import action_label
from yuquan_relief.kernel.forms import PlainForm
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.models import Event, Signature

from .common import require

MOST = 100


def visible_paper(request: PersonRequest, no: str) -> Paper:
    """The paper, or 404 as for one that does not exist; 403 without the capability to look."""
    for kind in MODELS.values():
        found = visible(kind, request.actor).select_related("office", "district")
        if paper := found.filter(no=no).first():
            require(request, "funds.view")
            return paper
    raise Http404


@require_safe
def paper(request: PersonRequest, no: str) -> HttpResponse:
    """One paper: what it says, who signed, what can be done."""
    return _page(request, visible_paper(request, no))


@require_POST
def step(request: PersonRequest, no: str, code: str) -> HttpResponse:
    """One step by hand; the reason is shown when it is refused (409), and nothing typed is lost."""
    found = visible_paper(request, no)
    key = (found.SUBJECT, code)
    if key not in STEP_FORMS:
        raise Http404
    require_step(found.procedure.steps[code], request.actor)
    form = STEP_FORMS[key](request.POST, request.FILES, auto_id=f"{code}_%s")
    if not form.is_valid():
        return _page(request, found, form=form, code=code, status=422)
    try:
        said = paper_acts.carry_out(found, code, form, actor=request.actor, on=today())
    except (Refused, ContentChanged) as refused:
        form.add_error(None, getattr(refused, "reason", str(refused)))
        found.refresh_from_db()
        return _page(request, found, form=form, code=code, status=409)
    messages.success(request, said)
    return redirect("paper", no)


def _page(
    request: PersonRequest,
    found: Paper,
    *,
    form: PaperForm | None = None,
    code: str = "",
    status: int = 200,
) -> HttpResponse:
    label = found.procedure.label
    page = {
        "page_title": f"{label} {found.no}",
        "paper": found,
        "sheet": paper_sheets.sheet_of(found, today()),
        "acts": _acts(request, found, form, code),
        "form": form,
        "signatures": [_signature(s) for s in signatures_of(found)],
        "entries": [_entry(found, e) for e in Event.objects.of(found.SUBJECT, found.no)[:30]],
        "crumbs": [
            {"label": label, "url": reverse(LIST_NAMES[found.SUBJECT])},
            {"label": found.no},
        ],
    }
    return render(request, "funds/paper.html", page, status=status)


def _signature(row: Signature) -> dict[str, Any]:
    return {
        "stage": STAGES[row.stage],
        "who": f"{row.unit} {row.post} {row.name}",
        "at": row.signed_at,
        "text": row.opinion or "已签字",
    }


def _entry(found: Paper, event: Event) -> dict[str, Any]:
    return {
        "at": event.at,
        "title": action_label(found.SUBJECT, event.action),
        "who": f"{event.actor_unit} {event.actor_name}",
        "note": event.note,
        "is_system": event.person_id is None,
    }


STAGES = {"approve": "镇、街道签字", "confirm": "区民政局签字"}
LIST_NAMES = {
    "recovery": "recoveries",
    "proof": "proofs",
    "budget": "budgets",
    "imprest": "imprest",
    "plan": "plans",
}


def _acts(
    request: PersonRequest, found: Paper, form: PaperForm | None, code: str
) -> list[dict[str, Any]]:
    facts = facts_of(found, today())
    acts = []
    for item in found.procedure.steps.values():
        if found.state not in item.sources or not request.actor.can(item.capability):
            continue
        made = STEP_FORMS.get((found.SUBJECT, item.code))
        if made is None:
            continue
        initial = {
            "version": found.version,
            "content_sha256": paper_acts.content_sha256(found),
            **paper_sheets.initial_of(found, item.code),
        }
        mine = form if form is not None and item.code == code else None
        acts.append(
            {
                "code": item.code,
                "label": item.label,
                "reasons": item.reasons(found.state, facts),
                "form": mine or made(initial=initial, auto_id=f"{item.code}_%s"),
                "is_signed": bool(item.stage),
                "is_main": bool(item.target) and not item.needs_note,
                "url": reverse("paper_step", kwargs={"no": found.no, "code": item.code}),
            }
        )
    return acts


# ------------------------------------------------------------------ lists


@dataclass(frozen=True)
class Maker:
    """How a new paper of a kind is made on its list: who may, with which form, by which act."""

    form: type[PlainForm]
    capability: str
    button: str
    make: Callable[[Any], Paper]


@require_http_methods(["GET", "HEAD", "POST"])
def budgets(request: PersonRequest) -> HttpResponse:
    """季度预算 of the scope; the office makes one here."""

    def make(form: Any) -> Paper:
        data = form.cleaned_data
        return planning.make_budget(data["year"], data["quarter"], actor=request.actor, on=today())

    return _list(request, "budget", Maker(BudgetForm, "funds.prepare", "生成预算草案", make))


@require_http_methods(["GET", "HEAD", "POST"])
def imprest(request: PersonRequest) -> HttpResponse:
    """备用金: what is left, and what was helped first and has no papers yet (4(2))."""

    def make(form: Any) -> Paper:
        return planning.ask_imprest(form.asked(), actor=request.actor, on=today())

    more = paper_sheets.imprest_board(request.actor, today())
    maker = Maker(ImprestForm, "funds.prepare", "登记请款", make)
    return _list(request, "imprest", maker, more)


@require_http_methods(["GET", "HEAD", "POST"])
def plans(request: PersonRequest) -> HttpResponse:
    """年度资金计划: editions side by side; the centre makes a new one here (5(2))."""

    def make(form: Any) -> Paper:
        data = form.cleaned_data
        return planning.make_plan(
            data["year"], data["name"], form.assumed(), actor=request.actor, on=today()
        )

    return _list(request, "plan", Maker(PlanForm, "funds.allocate", "测算新方案", make))


@require_safe
def proofs(request: PersonRequest) -> HttpResponse:
    """流水凭证 of clause 15: office by office, late ones first."""
    return _list(request, "proof")


@require_safe
def recoveries(request: PersonRequest) -> HttpResponse:
    """Everything that is asked back in the actor's scope, the latest first."""
    return _list(request, "recovery")


def _list(
    request: PersonRequest,
    subject: str,
    maker: Maker | None = None,
    more: dict[str, Any] | None = None,
) -> HttpResponse:
    require(request, "funds.view")
    form, status = None, 200
    if request.method == "POST" and maker:
        require(request, maker.capability)
        form = maker.form(request.POST)
        made, status = _made(form, maker)
        if made:
            return redirect("paper", made.no)
    elif maker and request.actor.can(maker.capability):
        form = maker.form()
    label = MODELS[subject]().procedure.label
    rows = paper_sheets.rows_of(subject, request.actor)[:MOST]
    page = {
        "page_title": label,
        "table": paper_sheets.table_of(subject, rows, today()),
        "form": form,
        "button": maker.button if maker else "",
        "more": more or {},
        "crumbs": [{"label": "资金发放", "url": "/pay/"}, {"label": label}],
    }
    return render(request, "funds/papers.html", page, status=status)


def _made(form: PlainForm, maker: Maker) -> tuple[Paper | None, int]:
    if not form.is_valid():
        return None, 422
    try:
        return maker.make(form), 302
    except Refused as refused:
        form.add_error(None, refused.reason)
        return None, 409
