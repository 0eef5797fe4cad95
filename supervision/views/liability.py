"""责任追究: the register for the few who may see it, and one case (17-21)."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from archives.step_forms import NoteForm, SignForm
from archives.views.desk import Desk
from funds.tables import Cell, Table
from supervision.list_forms import ClueForm
from supervision.models import Finding, Liability
from supervision.models.liability import SEERS
from supervision.operations import liability as operations
from supervision.reports.accountability import appraisals, error_lines
from supervision.rules.liability import (
    EXEMPTIONS,
    FOR_PERSONS,
    FOR_UNITS,
    ITEMS,
    LEVELS,
    NO_MEASURE,
    STATES,
)
from supervision.step_forms import ExemptForm, MeasuresForm, SignedNoteForm, staff_choices
from supervision.views.lists import day, fact, listed
from supervision.views.pages import Pages, Said, require
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.models import Unit

STAGES = {"decide": "处理决定", "review": "复核决定"}
HEADS = ("编号", "责任事项", "单位", "当事人", "发生日期", "状态")


def _exempt(no: str, *, clause: str, verdict: str, note: str, **taken: Any) -> Any:
    judged = operations.Judged(clause=clause, verdict=verdict, note=note)
    return operations.exempt(no, judged, **taken)


def _propose(
    no: str, *, for_person: list[str], for_unit: list[str], note: str, **taken: Any
) -> Any:
    measures = operations.Measures(for_person=for_person, for_unit=for_unit, note=note)
    return operations.propose(no, measures, **taken)


DESK = Desk(
    road=operations.ROAD,
    root="/liability/",
    forms={
        "state": NoteForm, "exempt": ExemptForm, "propose": MeasuresForm, "back": NoteForm,
        "decide": SignForm, "serve": NoteForm, "appeal": NoteForm, "uphold": SignForm,
        "change": SignedNoteForm, "end": NoteForm, "drop": NoteForm,
    },
    own={
        "state": operations.state, "exempt": _exempt, "propose": _propose,
        "decide": operations.decide, "serve": operations.serve, "appeal": operations.appeal,
        "change": operations.change,
    },
    stages=STAGES,
)  # fmt: skip


def _said(row: Liability, actor: Actor) -> Said:
    facts = [
        fact("责任主体", LEVELS[row.level]),
        fact("责任事项", f"第{row.clause}：{ITEMS[row.clause]}"),
        fact("单位", row.unit.name),
        fact("当事人", row.person.name if row.person else "只对单位"),
        fact("发生日期", day(row.happened_on), f"计入 {row.year} 年考核"),
    ]
    if row.statement:
        facts.append(fact("陈述、申辩", row.statement, day(row.stated_on)))
    if row.proposal:
        facts.append(fact("处理意见", row.proposal, measures_text(row)))
    if row.decided_on:
        facts.append(fact("决定日期", day(row.decided_on), f"送达 {day(row.served_on)}"))
    if row.appeal:
        facts.append(fact("复核申请", row.appeal, day(row.appealed_on)))
    links = [(f"发现 {row.finding.no}", f"/findings/{row.finding.no}/")] if row.finding else []
    return Said(facts, [_exemptions(row)], words=row.facts, links=links)


def measures_text(row: Liability) -> str:
    """What is decided, in words."""
    parts = [("对个人：", FOR_PERSONS | NO_MEASURE, row.for_person),
             ("对单位：", FOR_UNITS | NO_MEASURE, row.for_unit)]  # fmt: skip
    return "　".join(
        head + "、".join(names[code] for code in codes) for head, names, codes in parts if codes
    )


def _exemptions(row: Liability) -> Table:
    """The five of 20: what the system kept, and what was concluded."""
    known = {e.clause: e for e in row.exemptions.all()}
    rows = []
    for clause, text in EXEMPTIONS.items():
        found = known.get(clause)
        kept = "；".join(found.evidence) if found and found.evidence else "系统没有留存"
        verdict = found.get_verdict_display() if found else "没有提出"
        note = f"：{found.note}" if found and found.note else ""
        rows.append([Cell(f"第{clause}：{text}"), Cell(kept), Cell(f"{verdict}{note}")])
    return Table("免责情形（第二十条）", ("情形", "系统留存的依据", "结论"), rows)


PAGES = Pages(
    model=Liability, desk=DESK, looks=SEERS, said=_said,
    title=lambda row: f"责任追究 {row.no}", back=("责任追究", "/liability/"),
)  # fmt: skip


@require_safe
def liability(request: PersonRequest, no: str) -> HttpResponse:
    """One case; 404 for whom it is about."""
    return PAGES.page(request, no)


@require_POST
def liability_step(request: PersonRequest, no: str, code: str) -> HttpResponse:
    """One step by hand."""
    return PAGES.step(request, no, code)


def _units(actor: Actor) -> list[tuple[str, str]]:
    """The bureau, its offices, their villages."""
    district = Unit.objects.filter(pk=actor.unit_id or 0)
    offices = list(Unit.objects.offices().filter(parent_id=actor.unit_id).order_by("code"))
    names = {unit.pk: unit.short_name for unit in offices}
    villages = Unit.objects.filter(parent__in=offices).order_by("code")
    found = [(str(unit.pk), unit.name) for unit in [*district, *offices]]
    return found + [(str(v.pk), f"{names[v.parent_id or 0]} {v.name}") for v in villages]


@require_http_methods(["GET", "HEAD", "POST"])
def liabilities(request: PersonRequest) -> HttpResponse:
    """The register, the 5 % line of each office, the year's appraisal; and a new case (17-21)."""
    require(request, *SEERS)
    actor, status = request.actor, 200
    finding_no = request.GET.get("finding", "")
    finding = Finding.objects.visible_to(actor).filter(no=finding_no).first()
    may = actor.can("supervision.hold_liable")
    form = _form(request, finding) if may else None
    if request.method == "POST":
        require(request, "supervision.hold_liable")
        assert form is not None
        status = 422
        if form.is_valid():
            try:
                made = operations.open_liability(
                    _clue(form.cleaned_data, finding), actor=actor, on=today()
                )
            except Refused as refused:
                form.add_error(None, refused.reason)
                status = 409
            else:
                messages.success(request, "已立项，请通知当事人陈述、申辩")
                return redirect("liability", made.no)
    found = Liability.objects.visible_to(actor).select_related("unit", "person").order_by("-id")
    if (state := request.GET.get("state", "")) in STATES:
        found = found.filter(state=state)
    page = listed(request, found, "责任追究", HEADS, _row, unit="件", empty="没有立项的")
    page |= {
        "page_title": "责任追究",
        "new": form,
        "button": "立项追责",
        "post_url": f"/liability/?finding={finding.no}" if finding else "/liability/",
        "hint": "立项后先听取陈述、申辩，逐项核实免责情形，再提出处理意见。",
        "tables": [error_lines(actor, today().year), appraisals(actor, today().year)],
    }
    return render(request, "supervision/list.html", page, status=status)


def _form(request: PersonRequest, finding: Finding | None) -> ClueForm:
    actor = request.actor
    initial: dict[str, Any] = {}
    if finding:
        initial = {
            "facts": finding.what, "happened_on": f"{finding.opened_on:%Y-%m-%d}",
            "unit": finding.office_id or "",
        }  # fmt: skip
    return ClueForm(
        request.POST or None, units=_units(actor), people=staff_choices(actor.district_id or 0),
        initial=initial,
    )  # fmt: skip


def _clue(data: dict[str, Any], finding: Finding | None) -> operations.Clue:
    return operations.Clue(
        clause=data["clause"], unit_id=int(data["unit"]), happened_on=data["happened_on"],
        facts=data["facts"], person_id=int(data["person"]) if data["person"] else None,
        finding_no=finding.no if finding else "",
    )  # fmt: skip


def _row(row: Liability) -> list[Cell]:
    return [
        Cell(row.no, url=f"/liability/{row.no}/"),
        Cell(f"第{row.clause}：{ITEMS[row.clause]}"),
        Cell(row.unit.short_name),
        Cell(row.person.name if row.person else "—"),
        Cell(day(row.happened_on)),
        Cell(row.state_label, tone=row.tone),
    ]


@require_safe
def errors(request: PersonRequest) -> HttpResponse:
    """认定不准: who was recognised wrongly, and each office's distance to the line (18(4))."""
    require(request, "supervision.view")
    year = today().year
    found = (
        Finding.objects.visible_to(request.actor)
        .filter(is_error=True, error_year=year)
        .select_related("office", "household")
        .order_by("office__code", "no")
    )
    heads = ("户主", "发现", "镇、街道", "结论", "状态")
    page = listed(request, found, f"{year} 年认定不准", heads, _error_row, unit="项",
                  empty="没有认定不准的")  # fmt: skip
    page |= {"page_title": "认定不准（5% 红线）", "tables": [error_lines(request.actor, year)]}
    return render(request, "supervision/list.html", page)


def _error_row(row: Finding) -> list[Cell]:
    name = row.household.head_name if row.household else "—"
    return [
        Cell(name, url=f"/findings/{row.no}/"),
        Cell(row.what),
        Cell(row.office.short_name if row.office else "—"),
        Cell(row.get_outcome_display()),
        Cell(row.state_label, tone=row.tone),
    ]
