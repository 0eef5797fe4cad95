"""The approver's desk: what waits, one case on one page, signing one after the other (ux 2.3)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localtime
from django.views.decorators.http import require_http_methods, require_safe

from cases.forms import AgreeAtDesk, RefuseAtDesk, ReturnAtDesk, VowForm
from cases.models import Case
from cases.models.record import CaseRecord
from cases.operations import answers, decisions
from cases.operations.content import content_of
from cases.reports.desk import (
    DeskPage,
    by_bureau,
    desk_cases,
    desk_page,
    desk_summary,
    held_by,
    numbers_on,
)
from cases.views.common import require, visible_case
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.models import Signature
from yuquan_relief.kernel.signing import Proof, content_digest, prove

Deed = Callable[[str, Any, Proof, Actor], object]


@dataclass(frozen=True)
class DeskAct:
    """One of the leader's three answers: its form, and the operation behind it."""

    label: str
    form: type[VowForm]
    do: Deed
    kind: str = "plain"


ACTS: dict[str, DeskAct] = {
    "agree": DeskAct(
        "签字同意",
        AgreeAtDesk,
        lambda no, form, proof, actor: answers.answer(
            no, by_bureau("approve", actor), actor=actor, on=today(), proof=proof
        ),
        "primary",
    ),
    "return": DeskAct(
        "退回补正",
        ReturnAtDesk,
        lambda no, form, proof, actor: decisions.send_back(
            no,
            note=form.words(),
            actor=actor,
            on=today(),
            mend=form.cleaned_data["mend"],
            code=by_bureau("send_back", actor),
        ),
    ),
    "refuse": DeskAct(
        "不予批准",
        RefuseAtDesk,
        lambda no, form, proof, actor: answers.answer(
            no,
            by_bureau("refuse", actor),
            ground=form.cleaned_data["ground"],
            note=form.cleaned_data["opinion"],
            actor=actor,
            on=today(),
            proof=proof,
        ),
        "danger",
    ),
}
AGREED = "同意按审核意见办理。"


@require_safe
def desk(request: PersonRequest) -> HttpResponse:
    """Cases that wait for my signature, the least time first."""
    require(request, "cases.decide", "cases.decide_large")
    rows = desk_cases(request.actor, today())
    page = {"page_title": "待我签批", "rows": rows, "summary": desk_summary(rows, today())}
    return render(request, "cases/desk.html", page)


@require_safe
def signed(request: PersonRequest) -> HttpResponse:
    """What I signed, newest first."""
    require(request, "cases.decide", "cases.decide_large")
    me = request.actor.human_id
    page = {
        "page_title": "已签",
        "rows": Signature.objects.filter(person_id=me).order_by("-id")[:100],
        "held": held_by(me),
        "recall": by_bureau("recall", request.actor),
    }
    return render(request, "cases/desk_signed.html", page)


@require_http_methods(["GET", "HEAD", "POST"])
def sign(request: PersonRequest, no: str) -> HttpResponse:
    """Decide one case on one page. The first press opens the confirmation, the second signs."""
    case = visible_case(request, no)
    require(request, "cases.decide", "cases.decide_large")
    record = CaseRecord(case, today())
    elsewhere = case.above_office != request.actor.can("cases.decide_large")
    is_over = case.state != "TO_DECIDE" or case.held_until
    if (is_over or elsewhere) and request.method != "POST":
        return redirect(f"/cases/{no}/decision/")
    if request.method != "POST":
        return _page(request, record, 200)
    act = ACTS.get(request.POST.get("act", ""))
    if act is None:
        raise Http404
    if "code" not in request.POST:
        return _page(request, record, 200, act, act.form(initial=_first(request, act), case=case))
    form = act.form(request.POST, case=case)
    if not form.is_valid():
        return _page(request, record, 422, act, form)
    return _decide(request, record, act, form)


def _first(request: PersonRequest, act: DeskAct) -> dict[str, Any]:
    """What the form opens with: the leader's own words, but never an agreement in a refusal."""
    typed = request.POST.get("opinion", "").strip()
    if act.kind != "primary" and typed == AGREED:
        return {}
    return {name: typed for name in ("opinion", "note") if typed}


def _decide(
    request: PersonRequest, record: CaseRecord, act: DeskAct, form: VowForm
) -> HttpResponse:
    case, following = record.case, next_case(request, record.case)
    try:
        proof = prove(
            request.actor,
            form.cleaned_data["code"],
            opinion=form.cleaned_data.get("opinion") or form.cleaned_data.get("note") or "",
            content_sha256=request.POST.get("content_sha256", ""),
        )
        act.do(case.no, form, proof, request.actor)
    except Refused as refused:
        form.add_error("code", refused.reason)
        fresh = CaseRecord(visible_case(request, case.no), today())
        return _page(request, fresh, 409, act, form, is_new=refused.code == "content_changed")
    messages.success(request, f"已{act.label}　{case.household.head_name}{_until(case)}")
    return redirect(f"/desk/sign/{following}/" if following else "/desk/sign/")


def _until(case: Case) -> str:
    """Until when the answer can be taken back, in words."""
    case.refresh_from_db(fields=["held_until"])
    if not case.held_until:
        return ""
    return f"，{localtime(case.held_until):%H:%M} 前可以在“已签”里取回"


def next_case(request: PersonRequest, case: Case) -> str:
    """The number of the case after this one on the desk; "" after the last."""
    numbers = numbers_on(request.actor)
    place = numbers.index(case.no) if case.no in numbers else -1
    others = numbers[place + 1 :] + numbers[: max(place, 0)]
    return others[0] if others else ""


def _page(
    request: PersonRequest,
    record: CaseRecord,
    status: int,
    act: DeskAct | None = None,
    form: VowForm | None = None,
    *,
    is_new: bool = False,
) -> HttpResponse:
    """`is_new`: the content has changed since it was read; the page now shows the new one."""
    report = desk_page(record, request.actor)
    fresh = content_digest(content_of(record, "decide"))
    seen = fresh if is_new else request.POST.get("content_sha256") or fresh
    if form and is_new:
        form.data = request.POST.copy()
        form.data.pop("vouched", None)
    page = {
        "page_title": f"签批 {record.case.household.head_name}",
        "report": report,
        "sign": _sign_bar(report, request.POST.get("opinion", AGREED), seen),
        "confirm": _confirm(report, act, form, seen) if act else None,
    }
    return render(request, "cases/desk_sign.html", page, status=status)


def _sign_bar(report: DeskPage, opinion: str, seen: str) -> dict[str, Any]:
    offered = {name: act for name, act in ACTS.items() if name != "agree" or not report.why_not}
    return {
        "action_url": f"/desk/sign/{report.case.no}/#confirm",
        "opinion": opinion,
        "phrases": [AGREED, "请补正。", "金额请复核。"],
        "actions": [
            {"value": name, "label": act.label, "kind": act.kind} for name, act in offered.items()
        ],
        "note": "Ctrl+Enter 签字同意" if not report.why_not else f"不能签字同意：{report.why_not}",
        "hidden": [{"name": "content_sha256", "value": seen}],
    }


def _confirm(report: DeskPage, act: DeskAct, form: VowForm | None, seen: str) -> dict[str, Any]:
    name = next(name for name, known in ACTS.items() if known is act)
    return {
        "title": f"{act.label}　{report.case.household.head_name}",
        "facts": report.outcome if name == "agree" else "",
        "article": "第四条“谁签字，谁负责”",
        "action_url": f"/desk/sign/{report.case.no}/",
        "form": form,
        "submit_label": f"{act.label}，看下一件",
        "cancel_url": f"/desk/sign/{report.case.no}/",
        "danger": act.kind == "danger",
        "hidden": [{"name": "act", "value": name}, {"name": "content_sha256", "value": seen}],
    }
