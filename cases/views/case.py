"""The list of cases, and the pages of one case."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from cases.forms import FilterForm
from cases.models import Case, HeldAnswer
from cases.models.facts import BEFORE_DECISION, PARTS, facts_of
from cases.models.record import CaseRecord
from cases.operations.reveal import reveal_numbers
from cases.reports.actions import actions_for, evidence_checks, to_mend
from cases.reports.desk import circumstances
from cases.reports.lists import case_page
from cases.reports.pictures import pictures
from cases.reports.timeline import timeline_of
from cases.rules.programmes import Family
from cases.views.common import case_frame, require, visible_case
from yuquan_relief.kernel.calendars import work_calendar
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.inputs import bank_accounts, identity_numbers
from yuquan_relief.kernel.middleware import PersonRequest

STAGES = {
    "survey": "入户调查",
    "relieve": "先行救助",
    "witness": "民主评议",
    "propose": "审核意见",
    "decide": "审批",
}


@require_safe
def case_list(request: PersonRequest) -> HttpResponse:
    """Cases in the actor's scope: filtered in the query string, paged by key."""
    require(request, "cases.view", "cases.return_means_check")
    query = request.GET.dict()
    page = case_page(request.actor, query, on=today(), calendar=work_calendar())
    context = {"page_title": "案件", "page": page, "form": FilterForm(request.GET)}
    return render(request, "cases/case_list.html", context)


@require_safe
def overview(request: PersonRequest, no: str) -> HttpResponse:
    """State at a glance."""
    record = _record(request, no)
    facts = facts_of(record, BEFORE_DECISION if record.case.is_open else PARTS)
    page = {
        **case_frame(record),
        "may_print": request.actor.can("cases.view"),
        "may_export": request.actor.can("archives.export"),
        "to_mend": to_mend(record.case) if record.case.is_open else [],
        "actions": actions_for(record.case, request.actor, facts),
        "checks": evidence_checks(record.case, facts),
        "account": record.account,
        "circumstances": circumstances(record) if record.family != Family.ALLOWANCE else [],
        "entries": timeline_of(record, most=8),
    }
    return render(request, "cases/case_overview.html", page)


def _record(request: PersonRequest, no: str) -> CaseRecord:
    case = visible_case(request, no)
    require(request, "cases.view", "cases.return_means_check")
    return CaseRecord(case, today())


@require_safe
def family(request: PersonRequest, no: str) -> HttpResponse:
    """Members, income declared, checked and adopted, the account; numbers masked."""
    return _family_page(request, _record(request, no), None)


@require_POST
def reveal(request: PersonRequest, no: str) -> HttpResponse:
    """Show the whole numbers once; the look is on record (看全号会留痕)."""
    record = _record(request, no)
    if not request.actor.can("cases.view"):
        raise PermissionDenied("cases.view")
    numbers = reveal_numbers(no, actor=request.actor, on=today())
    return _family_page(request, record, numbers)


def _family_page(
    request: PersonRequest, record: CaseRecord, numbers: dict[int, str] | None
) -> HttpResponse:
    payee = record.payee
    page = {
        **case_frame(record, "family/"),
        "members": [
            (m, numbers[m.pk] if numbers else identity_numbers.mask(m.id_no))
            for m in record.members
        ],
        "lines": record.lines,
        "income_account": record.account,
        "circumstances": circumstances(record),
        "payee": payee,
        "payee_number": bank_accounts.mask(payee.number) if payee else "",
        "revealed": numbers is not None,
    }
    return render(request, "cases/case_family.html", page)


@require_safe
def field(request: PersonRequest, no: str) -> HttpResponse:
    """Visits, means checks and meetings."""
    record = _record(request, no)
    page = {
        **case_frame(record, "field/"),
        "surveys": record.case.surveys.order_by("-round"),
        "appraisals": record.case.appraisals.order_by("-round"),
        "means": record.means_checks[::-1],
        "signatures": record.latest_signatures(("survey", "witness")),
        "photos": pictures(record.files, "survey_photo"),
        "self_care": record.case.self_care.order_by("-round"),
    }
    return render(request, "cases/case_field.html", page)


@require_safe
def notice(request: PersonRequest, no: str) -> HttpResponse:
    """Notices with their proof and objections."""
    record = _record(request, no)
    page = {
        **case_frame(record, "notice/"),
        "notices": record.case.notices.select_related("photo").prefetch_related("objections"),
    }
    return render(request, "cases/case_notice.html", page)


@require_safe
def decision(request: PersonRequest, no: str) -> HttpResponse:
    """Opinions and signatures, the decision, the letter."""
    record = _record(request, no)
    case = record.case
    page = {
        **case_frame(record, "decision/"),
        "opinions": opinions_of(record),
        "decision": getattr(case, "decision", None),
        **answers_of(case),
        "letter": getattr(case, "letter", None),
        "benefit": getattr(case, "benefit", None),
        "bureau_checks": record.case.bureau_checks.order_by("id"),
        "hand_overs": record.case.hand_overs.select_related("receipt").order_by("id"),
    }
    return render(request, "cases/case_decision.html", page)


def answers_of(case: Case) -> dict[str, object]:
    """The leader's answer that waits to take effect, and those that were recalled."""
    found = list(case.held_answers.select_related("person", "post").order_by("id"))
    return {
        "held": next((h for h in found if h.state == HeldAnswer.State.WAITING), None),
        "recalled": [h for h in found if h.state == HeldAnswer.State.RECALLED],
    }


def opinions_of(record: CaseRecord) -> list[dict[str, object]]:
    """What each stage said and who signed it."""
    return [
        {
            "stage": STAGES[s.stage],
            "who": f"{s.name}（{s.unit}{s.post}）",
            "at": s.signed_at,
            "text": s.opinion or s.statement,
            "verdict": "已签字",
            "tone": "ok",
        }
        for s in record.latest_signatures(STAGES)
    ]


@require_safe
def timeline(request: PersonRequest, no: str) -> HttpResponse:
    """Everything that happened."""
    record = _record(request, no)
    page = {**case_frame(record, "timeline/"), "entries": timeline_of(record)}
    return render(request, "cases/case_timeline.html", page)
