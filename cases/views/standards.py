"""提标 and 死亡信息: what is done for everybody in benefit at once."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.benefit_forms import RUN_FORMS, DeathsForm, OpenRunForm, photo_of
from cases.models import StandardLine, StandardRun
from cases.operations import deaths as dead
from cases.operations import standards
from cases.rules.standards import STEPS, TONES, Step
from cases.views.common import require
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import ContentChanged, Refused
from yuquan_relief.kernel.event_words import action_label
from yuquan_relief.kernel.file_kinds import read_upload
from yuquan_relief.kernel.forms import PlainForm
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.models import Event
from yuquan_relief.kernel.queries import key_of
from yuquan_relief.kernel.roles import Reach
from yuquan_relief.kernel.signing import content_digest, prove
from yuquan_relief.kernel.spreadsheets import MOST_BYTES

PAGE = 100
LOOK = ("cases.view",)


def visible_run(request: PersonRequest, no: str) -> StandardRun:
    """The run, or 404 with the same page as for a number that does not exist."""
    found = StandardRun.objects.visible_to(request.actor).select_related("office")
    run = found.filter(no=no).first()
    if run is None:
        raise Http404
    return run


@require_http_methods(["GET", "HEAD", "POST"])
def runs(request: PersonRequest) -> HttpResponse:
    """All runs of the scope; the office begins a new one here."""
    require(request, *LOOK)
    form, status = OpenRunForm(), 200
    if request.method == "POST":
        require(request, "cases.review")
        form, status = OpenRunForm(request.POST), 422
        if form.is_valid():
            data = form.cleaned_data
            try:
                run = standards.open_run(
                    data["programme"],
                    valid_from=data["valid_from"],
                    actor=request.actor,
                    on=today(),
                )
            except Refused as refused:
                form.add_error(None, refused.reason)
                status = 409
            else:
                messages.success(request, f"已测算：{run.households} 户要调整")
                return redirect(f"/standards/{run.no}/")
    mine = StandardRun.objects.visible_to(request.actor).select_related("office")
    page = {
        "page_title": "提标",
        "runs": [(r, TONES.get(r.state, "mute")) for r in mine.order_by("-id")[:50]],
        "form": form,
        "may_open": request.actor.can("cases.review"),
        "waiting": standards.not_computed(request.actor, today()),
    }
    return render(request, "cases/standards.html", page, status=status)


@require_safe
def run(request: PersonRequest, no: str) -> HttpResponse:
    """One run: its list, its differences, and what can be done."""
    require(request, *LOOK)
    return _page(request, visible_run(request, no))


def _page(
    request: PersonRequest,
    row: StandardRun,
    *,
    form: PlainForm | None = None,
    code: str = "",
    status: int = 200,
) -> HttpResponse:
    actor = request.actor
    after = key_of(request.GET.get("after")) or 0
    lines = StandardLine.objects.filter(run=row, is_latest=True).select_related(
        "benefit__household", "village"
    )
    if actor.reach == Reach.VILLAGE:
        lines = lines.filter(village_id=actor.unit_id)
    shown = list(lines.filter(pk__gt=after).order_by("pk")[: PAGE + 1])
    page = {
        "page_title": f"{row.get_programme_display()}提标",
        "run": row,
        "tone": TONES.get(row.state, "mute"),
        "rise": row.total_after_fen - row.total_before_fen,
        "lines": shown[:PAGE],
        "next_url": f"?after={shown[PAGE - 1].pk}" if len(shown) > PAGE else "",
        "acts": [
            _act(step, row, form if step.code == code else None) for step in _steps(row, actor)
        ],
        "tellings": row.tellings.select_related("village").order_by("told_on", "id"),
        "to_tell": len(standards.villages_to_tell(row)) if row.state == "TO_TELL" else 0,
        "back_pay": row.lines.filter(is_latest=False).exists() or row.valid_from < row.computed_for,
        "entries": _entries(row),
        "form": form,
    }
    return render(request, "cases/standard.html", page, status=status)


def _steps(row: StandardRun, actor: Any) -> list[Step]:
    found = [s for s in STEPS.values() if row.state in s.sources and actor.can(s.capability)]
    told = row.tellings.filter(village_id=actor.unit_id).exists()
    return [s for s in found if not (s.code == "tell" and told)]


def _act(step: Step, row: StandardRun, form: PlainForm | None) -> dict[str, Any]:
    initial: dict[str, Any] = {"told_on": today()}
    if step.stage:
        initial["content_sha256"] = content_digest(standards.content_of(row, step.stage))
    return {
        "code": step.code,
        "label": step.label,
        "form": form or RUN_FORMS[step.code](initial=initial, auto_id=f"{step.code}_%s"),
        "is_main": step.code in ("propose", "agree", "tell"),
        "url": f"/standards/{row.no}/{step.code}/",
    }


def _entries(row: StandardRun) -> list[dict[str, Any]]:
    return [
        {
            "at": event.at,
            "title": action_label(standards.SUBJECT, event.action),
            "who": f"{event.actor_unit} {event.actor_name}",
            "note": event.note,
            "is_system": event.person_id is None,
        }
        for event in Event.objects.of(standards.SUBJECT, row.no)[:20]
    ]


@require_POST
def step(request: PersonRequest, no: str, code: str) -> HttpResponse:
    """One step by hand; the reason is shown when it is refused (409)."""
    row = visible_run(request, no)
    if code not in RUN_FORMS:
        raise Http404
    standards.require(STEPS[code], request.actor)
    form = RUN_FORMS[code](request.POST, request.FILES, auto_id=f"{code}_%s")
    if not form.is_valid():
        return _page(request, row, form=form, code=code, status=422)
    try:
        messages.success(request, _carry_out(code, row, form.cleaned_data, request))
    except (Refused, ContentChanged) as refused:
        form.add_error(None, getattr(refused, "reason", str(refused)))
        row.refresh_from_db()
        return _page(request, row, form=form, code=code, status=409)
    return redirect(f"/standards/{no}/")


def _carry_out(code: str, row: StandardRun, data: Mapping[str, Any], request: PersonRequest) -> str:
    """The step has been taken; a sentence says what is so now."""
    no, actor, on = row.no, request.actor, today()
    if code in ("propose", "agree"):
        proof = prove(
            request.actor,
            data["sign_code"],
            opinion=data["opinion"] or "",
            content_sha256=data["content_sha256"],
        )
        sign = standards.propose if code == "propose" else standards.agree
        sign(no, proof=proof, actor=actor, on=on)
        return "已送分管领导签批" if code == "propose" else "已签批，各村（社区）张贴名单后执行"
    if code == "tell":
        posted = standards.Posted(
            told_on=data["told_on"], place=data["place"] or "", photo=photo_of(dict(data))
        )
        standards.tell(no, posted, actor=actor, on=on)
        return "已登记告知，本村（社区）按新标准执行"
    if code == "compute":
        standards.compute(no, actor=actor, on=on)
        return "已重新测算"
    act = {"send_back": standards.send_back, "withdraw": standards.withdraw}[code]
    act(no, note=data["note"], actor=actor, on=on)
    return {"send_back": "已退回测算", "withdraw": "已撤回"}[code]


@require_http_methods(["GET", "HEAD", "POST"])
def deaths(request: PersonRequest) -> HttpResponse:
    """A list of the dead is taken in; who is in benefit is reviewed the same night."""
    require(request, dead.CAPABILITY)
    form, status = DeathsForm(), 200
    if request.method == "POST":
        form, status = DeathsForm(request.POST, request.FILES), 422
        if form.is_valid() and _is_small(form):
            file = form.cleaned_data["file"]
            try:
                done = dead.import_deaths(
                    bytes(read_upload(file)), name=file.name, actor=request.actor, on=today()
                )
            except Refused as refused:
                form.add_error("file", refused.reason)
                status = 415 if refused.code == "unsupported_file" else 422
            else:
                messages.success(
                    request,
                    f"已导入 {done.rows} 人，其中新增 {done.new} 人，在享 {done.in_benefit} 人"
                    "，今晚自动派发复核",
                )
                return redirect("/deaths/")
    page = {"page_title": "死亡信息", "form": form}
    return render(request, "cases/deaths.html", page, status=status)


def _is_small(form: DeathsForm) -> bool:
    if form.cleaned_data["file"].size <= MOST_BYTES:
        return True
    form.add_error("file", f"文件超过 {MOST_BYTES // 1024 // 1024} MB，请分成几个文件导入")
    return False
