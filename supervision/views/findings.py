"""督办 and 系统检查: findings on their way, rules with their counts, one case checked now."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db.models import Case, F, IntegerField, Value, When
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from archives.step_forms import NoteForm
from archives.views.desk import Desk
from cases.models import Benefit
from cases.models import Case as CaseRow
from funds.tables import Cell, Table
from supervision.list_forms import FindingsForm
from supervision.models import CheckRun, Finding, Suppression
from supervision.operations import findings as operations
from supervision.operations.checking import Scope, ask_checks, check_now, running
from supervision.operations.mending import Handed, open_referral
from supervision.reports.rules import rule_rows
from supervision.reports.snapshots import evidence_of
from supervision.rules.checks import CHECKS, SEVERITIES, SEVERITY_ORDER
from supervision.rules.findings import OUTCOMES
from supervision.step_forms import HandedForm, SuppressForm, VerdictForm
from supervision.views.lists import (
    day,
    due_cell,
    exported,
    fact,
    file_url,
    listed,
    office_choices,
    wants_file,
)
from supervision.views.pages import Pages, Said, require
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.queries import key_of

LOOKS = ("supervision.view", "supervision.answer")
TONES = {"B": "bad", "H": "bad", "M": "warn", "L": "mute"}
HEADS = ("发现", "级别", "对象", "镇、街道", "期限", "状态")
WHERE = {
    "case": "/cases/{key}/", "benefit": "/roster/{key}/", "review": "/adjustments/{key}/",
    "sample": "/samples/{key}/", "complaint": "/petitions/{key}/",
}  # fmt: skip
KINDS = {
    "case": "案件", "benefit": "在享对象", "batch": "发放名单", "review": "复核",
    "office": "镇、街道",
    "person": "工作人员", "lead": "主动发现", "complaint": "举报信访", "sample": "抽查",
}  # fmt: skip


def subject_url(row: Finding) -> str:
    """Where the subject stands; "" where it has no page."""
    return WHERE[row.subject_kind].format(key=row.subject_key) if row.subject_kind in WHERE else ""


def _judge(code: str) -> Any:
    def act(no: str, *, note: str, is_error: bool = False, **taken: Any) -> Any:
        verdict = operations.Verdict(code=code, note=note, is_error=is_error)
        return operations.judge(no, verdict, **taken)

    return act


DESK = Desk(
    road=operations.ROAD,
    root="/findings/",
    forms={
        "answer": NoteForm, "remind": NoteForm, "confirm": VerdictForm, "mended": VerdictForm,
        "untrue": NoteForm, "false_alarm": NoteForm, "exempt": NoteForm, "mend": NoteForm,
        "accept": NoteForm, "return": NoteForm, "reopen": NoteForm,
    },
    own={
        "answer": operations.answer,
        "reopen": operations.reopen,
        **{code: _judge(code) for code in ("confirm", "mended", "untrue", "false_alarm", "exempt")},
    },
    is_mine=lambda step, facts: "mine" not in step.needs or facts.is_mine,
)  # fmt: skip


def _said(row: Finding, actor: Actor) -> Said:
    facts = [
        fact("来源", row.get_source_display(), f"规则 {row.rule}" if row.rule else ""),
        fact("级别", SEVERITIES[row.severity]),
        fact("依据", "《办法》" + "、".join(row.cites.split())),
        fact("镇、街道", row.office.name if row.office else "全区"),
        fact("发现、最近查到", f"{day(row.opened_on)}　{day(row.last_seen_on)}"),
        fact("答复期限", day(row.due_on)),
    ]
    if row.rule in CHECKS:
        facts.append(fact("规则", CHECKS[row.rule].label, f"建议：{CHECKS[row.rule].advice}"))
    if row.answer:
        facts.append(fact("答复", row.answer, day(row.answered_on)))
    if row.outcome:
        facts.append(fact("结论", OUTCOMES[row.outcome], row.verdict))
    if row.is_error:
        facts.append(fact("认定不准", f"计入 {row.error_year} 年"))
    links = [(f"打开{KINDS[row.subject_kind]}", url)] if (url := subject_url(row)) else []
    if hasattr(row, "mending"):
        links.append((f"整改 {row.mending.no}", f"/rectify/{row.mending.no}/"))
    if actor.can("supervision.hold_liable"):
        links.append(("立项追责", f"/liability/?finding={row.no}#new"))
    rows = [[Cell(name), Cell(value)] for name, value in evidence_of(row)]
    table = Table("证据快照（查到时的数据）", ("项目", "值"), rows, empty="没有数据")
    return Said(facts, [table], words=row.what, links=links)


class FindingPages(Pages):
    """With the way to another authority, for who may ask for it."""

    def show(self, request: PersonRequest, row: Any, **kwargs: Any) -> HttpResponse:
        may = request.actor.can("supervision.check")
        return super().show(request, row, may_refer=may, blank_refer=HandedForm(), **kwargs)


PAGES = FindingPages(
    model=Finding, desk=DESK, looks=LOOKS, said=_said, title=lambda row: f"核查发现 {row.no}",
    back=("督办", "/supervise/"), template="supervision/finding.html",
)  # fmt: skip


@require_safe
def finding(request: PersonRequest, no: str) -> HttpResponse:
    """One finding."""
    return PAGES.page(request, no)


@require_POST
def finding_step(request: PersonRequest, no: str, code: str) -> HttpResponse:
    """One step by hand; `refer` hands it to another authority."""
    if code == "refer":
        return _refer(request, no)
    return PAGES.step(request, no, code)


def _refer(request: PersonRequest, no: str) -> HttpResponse:
    row = PAGES.row(request, no)
    require(request, "supervision.check")
    form = HandedForm(request.POST)
    if not form.is_valid():
        return PAGES.show(request, row, refer=form, status=422)
    handed = Handed(finding_no=no, **form.cleaned_data)
    try:
        made = open_referral(handed, actor=request.actor, on=today())
    except Refused as refused:
        form.add_error(None, refused.reason)
        return PAGES.show(request, row, refer=form, status=409)
    messages.success(request, "已提出移送，请分管领导签批")
    return redirect(f"/referrals/{made.no}/")


def filtered(actor: Actor, query: dict[str, Any]) -> Any:
    """Findings in the scope that match, the gravest first."""
    found = Finding.objects.visible_to(actor).select_related("office")
    for name in ("state", "severity", "source", "rule"):
        if query.get(name):
            found = found.filter(**{name: query[name]})
    if query.get("office"):
        found = found.filter(office_id=query["office"])
    if query.get("late"):
        found = found.late(today())
    elif not query.get("state"):
        found = found.open()
    order = Case(
        *(When(severity=code, then=Value(at)) for at, code in enumerate(SEVERITY_ORDER)),
        output_field=IntegerField(),
    )
    return found.annotate(grave=order).order_by("grave", F("due_on").asc(nulls_last=True), "no")


def row_of(row: Finding) -> list[Cell]:
    """One finding in a list."""
    return [
        Cell(row.what, url=f"/findings/{row.no}/"),
        Cell(SEVERITIES[row.severity], tone=TONES[row.severity]),
        Cell(f"{KINDS[row.subject_kind]} {row.subject_key}"),
        Cell(row.office.short_name if row.office else "全区"),
        due_cell(row.due_on, today(), is_over=row.is_over),
        Cell(row.state_label, tone=row.tone),
    ]


@require_safe
def findings(request: PersonRequest) -> HttpResponse:
    """督办: what waits, the gravest first; picked ones become a bulletin."""
    require(request, *LOOKS)
    actor = request.actor
    form = FindingsForm(request.GET, offices=office_choices(actor))
    query = form.cleaned_data if form.is_valid() else {}
    found = filtered(actor, query)
    if wants_file(request):
        return exported(found, "核查发现.csv", HEADS, row_of)
    page = listed(request, found, "核查发现", HEADS, row_of, empty="没有红色项", unit="项")
    page |= {
        "page_title": "督办",
        "form": form,
        "action": "/supervise/",
        "export_url": file_url(request),
        "links": _links(actor),
        "rows": _numbers(page["table"]) if actor.can("supervision.check") else [],
        "cards": _cards(actor),
    }
    return render(request, "supervision/findings.html", page)


def _numbers(table: Table) -> list[str]:
    """The findings of the page, by the addresses of their rows."""
    return [row[0].url.split("/")[2] for row in table.rows]


def _links(actor: Actor) -> list[tuple[str, str]]:
    links = [("规则和命中", "/supervise/rules/")] if actor.can("supervision.view") else []
    if actor.can("supervision.check"):
        links.append(("工作通报", "/bulletins/"))
    return links


def _cards(actor: Actor) -> list[dict[str, Any]]:
    found = Finding.objects.visible_to(actor)
    late = found.late(today()).count()
    return [
        {"label": "没有办结", "value": found.open().count(), "unit": "项"},
        {"label": "超过期限", "value": late, "unit": "项", "url": "?late=on",
         "tone": "bad" if late else ""},
        {"label": "待判定", "value": found.filter(state="ANSWERED").count(), "unit": "项",
         "url": "?state=ANSWERED"},
        {"label": "待整改", "value": found.filter(state="MENDING").count(), "unit": "项",
         "url": "?state=MENDING"},
    ]  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: PersonRequest) -> HttpResponse:
    """Every rule with its hits and precision; run now; silence one for a time (8, 12)."""
    require(request, "supervision.view")
    actor, status = request.actor, 200
    names = [(c.id, f"{c.id} {c.label}") for c in CHECKS.values()]
    form = SuppressForm(
        request.POST or None, rules=names, offices=office_choices(actor), auto_id="quiet_%s"
    )
    if request.method == "POST":
        require(request, "supervision.check")
        status = 422
        if form.is_valid():
            given = form.cleaned_data
            office = int(given["office"]) if given["office"] else None
            try:
                operations.suppress(
                    given["rule"], until=given["until"], reason=given["reason"], actor=actor,
                    on=today(), office_id=office,
                )  # fmt: skip
            except Refused as refused:
                form.add_error(None, refused.reason)
                status = 409
            else:
                messages.success(request, f"{given['rule']} 暂停到 {given['until']}")
                return redirect("/supervise/rules/")
    page = {
        "page_title": "系统核查规则",
        "table": rule_rows(actor),
        "runs": CheckRun.objects.filter(district=actor.unit_id).order_by("-id")[:10],
        "running": _running(actor),
        "quiet": Suppression.objects.filter(
            district=actor.unit_id, ended_on=None, until__gte=today()
        ).select_related("office", "made_by"),
        "new": form if actor.can("supervision.check") else None,
        "may_run": actor.can("supervision.check"),
    }
    return render(request, "supervision/rules.html", page, status=status)


def _running(actor: Actor) -> dict[str, int] | None:
    """How many rules of the run that somebody asked for have looked, of how many."""
    row = running(actor.unit_id or 0)
    return {"done": row.counts.count(), "of": len(CHECKS)} if row else None


@require_POST
def run(request: PersonRequest) -> HttpResponse:
    """The checks run now (8, 12); or, with the key of a silence, that one ends."""
    require(request, "supervision.check")
    try:
        if pk := key_of(request.POST.get("quiet")):
            operations.end_suppression(pk, actor=request.actor, on=today())
            messages.success(request, "已恢复这条规则")
        else:
            ask_checks(request.actor, today())
            messages.success(request, "已开始核查，完成后列出命中数")
    except Suppression.DoesNotExist as error:
        raise Http404 from error
    except Refused as refused:
        messages.error(request, refused.reason)
    return redirect("/supervise/rules/")


@require_http_methods(["GET", "HEAD", "POST"])
def check_case(request: PersonRequest, no: str) -> HttpResponse:
    """检查一件: the five questions of 8 with what the rules find of this case, and its benefit."""
    case = CaseRow.objects.visible_to(request.actor).filter(no=no).first()
    if case is None:
        raise Http404
    require(request, "supervision.check")
    keys = list(Benefit.objects.filter(source_case=case).values_list("key", flat=True))
    if request.method == "POST":
        _check(request, (("case", no), *(("benefit", key) for key in keys)))
        return redirect(f"/supervise/cases/{no}/")
    found = Finding.objects.visible_to(request.actor).filter(subject_key__in=[no, *keys])
    page = listed(request, found.order_by("-id"), "本件的核查发现", HEADS, row_of, unit="项",
                  empty="没有发现问题")  # fmt: skip
    page |= {"page_title": f"检查 {no}", "case": case, "questions": QUESTIONS}
    return render(request, "supervision/check_case.html", page)


def _check(request: PersonRequest, subjects: Iterable[tuple[str, str]]) -> None:
    """The case and its benefits are looked at; a rule that breaks is said, the others stand."""
    said = ""
    for kind, key in subjects:
        try:
            check_now(request.actor, today(), Scope(kind, key))
        except Refused as refused:
            said = refused.reason
    if said:
        messages.error(request, f"{said}，请联系管理员")
    else:
        messages.success(request, "已重新核查本件")


QUESTIONS = (
    ("程序是否规范", "timeline/"),
    ("系统填写是否规范", "family/"),
    ("要件是否齐全", "evidence/"),
    ("时限是否符合规定", ""),
    ("金额计算是否准确", "decision/"),
)
