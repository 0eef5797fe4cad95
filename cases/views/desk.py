"""The approver's desk: what waits, one case on one page, signing one after the other (ux 2.3)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from cases.models import Case
from cases.models.record import CaseRecord
from cases.operations import decisions
from cases.operations.content import content_of
from cases.reports.desk import desk_cases, desk_page, numbers_on
from cases.views.common import require, visible_case
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.inputs import InputError, names
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.models import Signature
from yuquan_relief.kernel.signing import content_digest, prove

ACTS = {"agree": "签字同意", "return": "退回补正", "refuse": "不予批准"}


@require_safe
def desk(request: PersonRequest) -> HttpResponse:
    """Cases that wait for my signature, the least time first."""
    require(request, "cases.decide")
    page = {"page_title": "待我签批", "rows": desk_cases(request.actor, today())}
    return render(request, "cases/desk.html", page)


@require_safe
def signed(request: PersonRequest) -> HttpResponse:
    """What I signed, newest first."""
    require(request, "cases.decide")
    rows = Signature.objects.filter(person_id=request.actor.human_id).order_by("-id")[:100]
    return render(request, "cases/desk_signed.html", {"page_title": "已签", "rows": rows})


def sign(request: PersonRequest, no: str) -> HttpResponse:
    """Decide one case on one page. The first press opens the confirmation, the second signs."""
    case = visible_case(request, no)
    require(request, "cases.decide")
    if case.state != "TO_DECIDE" and request.method == "GET":
        return redirect(f"/cases/{no}/decision/")
    if request.method != "POST":
        return _page(request, case, 200)
    act = request.POST.get("act", "")
    if act not in ACTS:
        raise Http404
    if "code" not in request.POST:
        return _page(request, case, 200, act=act)
    if problem := _unready(request, act):
        return _page(request, case, 422, act=act, problem=problem)
    return _decide(request, case, act)


def _unready(request: PersonRequest, act: str) -> tuple[str, str] | None:
    if not request.POST.get("vouched"):
        return "id_vouched", "请先看完全部内容并勾选声明"
    try:
        opinion = names.clean_text(request.POST.get("opinion", ""), most=500, lines=True)
    except InputError as error:
        return "id_opinion", error.message
    if act != "agree" and not opinion:
        return "id_opinion", f"{ACTS[act]}须写明理由"
    return None


def _decide(request: PersonRequest, case: Case, act: str) -> HttpResponse:
    following = next_case(request, case)
    try:
        _carry_out(request, case, act)
    except Refused as refused:
        case.refresh_from_db()
        return _page(request, case, 409, act=act, problem=("id_code", refused.reason))
    messages.success(request, f"已{ACTS[act]}　{case.household.head_name}")
    return redirect(f"/desk/sign/{following}/" if following else "/desk/sign/")


def _carry_out(request: PersonRequest, case: Case, act: str) -> None:
    opinion = request.POST.get("opinion", "").strip()
    proof = prove(
        request.actor,
        request.POST.get("code", ""),
        opinion=opinion,
        content_sha256=request.POST.get("content_sha256", ""),
    )
    where: dict[str, Any] = {"actor": request.actor, "on": today()}
    if act == "agree":
        decisions.approve(case.no, proof=proof, **where)
    elif act == "refuse":
        decisions.refuse(case.no, note=opinion, proof=proof, **where)
    else:
        decisions.send_back(case.no, note=opinion, **where)


def next_case(request: PersonRequest, case: Case) -> str:
    """The number of the case after this one on the desk; "" after the last."""
    numbers = numbers_on(request.actor)
    place = numbers.index(case.no) if case.no in numbers else -1
    others = numbers[place + 1 :] + numbers[: max(place, 0)]
    return others[0] if others else ""


def _page(
    request: PersonRequest,
    case: Case,
    status: int,
    *,
    act: str = "",
    problem: tuple[str, str] | None = None,
) -> HttpResponse:
    opinion = request.POST.get("opinion", "同意按审核意见办理。")
    record = CaseRecord(case, today())
    report = desk_page(record, request.actor)
    seen = request.POST.get("content_sha256") or content_digest(content_of(record, "decide"))
    page = {
        "page_title": f"签批 {case.household.head_name}",
        "report": report,
        "sign": _sign_bar(case, opinion, seen),
        "confirm": _confirm(case, report, act, opinion, seen, problem) if act else None,
    }
    return render(request, "cases/desk_sign.html", page, status=status)


def _sign_bar(case: Case, opinion: str, seen: str) -> dict[str, Any]:
    return {
        "action_url": f"/desk/sign/{case.no}/#confirm",
        "opinion": opinion,
        "phrases": ["同意按审核意见办理。", "请补正。", "金额请复核。"],
        "actions": [
            {"value": "agree", "label": "签字同意", "kind": "primary"},
            {"value": "return", "label": "退回补正"},
            {"value": "refuse", "label": "不予批准", "kind": "danger"},
        ],
        "note": "Ctrl+Enter 签字同意",
        "hidden": [{"name": "content_sha256", "value": seen}],
    }


def _confirm(
    case: Case,
    report: Any,
    act: str,
    opinion: str,
    seen: str,
    problem: tuple[str, str] | None,
) -> dict[str, Any]:
    return {
        "title": f"{ACTS[act]}　{case.household.head_name}",
        "facts": report.outcome if act == "agree" else f"理由：{opinion}",
        "article": "第四条“谁签字，谁负责”",
        "action_url": f"/desk/sign/{case.no}/",
        "statement": "我已看完上面 4 块，对本签字负责",
        "needs_code": True,
        "submit_label": f"{ACTS[act]}，看下一件",
        "cancel_url": f"/desk/sign/{case.no}/",
        "danger": act == "refuse",
        "hidden": [
            {"name": "act", "value": act},
            {"name": "opinion", "value": opinion},
            {"name": "content_sha256", "value": seen},
        ],
        "errors": [problem] if problem else [],
    }
