"""The list of cases, and the pages of one case."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from cases.forms import FilterForm
from cases.models import Case, IncomeAccount, MeansCheck
from cases.models.facts import facts_of
from cases.operations.decisions import latest_signatures
from cases.operations.reveal import reveal_numbers
from cases.reports.actions import actions_for, evidence_checks
from cases.reports.lists import case_page
from cases.reports.timeline import timeline_of
from cases.views.common import case_frame, require, visible_case
from yuquan_relief.kernel.calendars import work_calendar
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.inputs import bank_accounts, identity_numbers
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.models import Attachment

STAGES = {"survey": "入户调查", "witness": "民主评议", "propose": "审核意见", "decide": "审批"}


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
    case = _case(request, no)
    facts = facts_of(case, today())
    account = IncomeAccount.objects.filter(case=case).order_by("-round", "-id").first()
    page = {
        **case_frame(case),
        "actions": actions_for(case, request.actor, facts),
        "checks": evidence_checks(case, facts),
        "account": account,
        "entries": timeline_of(case, most=8),
    }
    return render(request, "cases/case_overview.html", page)


def _case(request: PersonRequest, no: str) -> Case:
    case = visible_case(request, no)
    require(request, "cases.view", "cases.return_means_check")
    return case


@require_safe
def family(request: PersonRequest, no: str) -> HttpResponse:
    """Members, income declared, checked and adopted, the account; numbers masked."""
    return _family_page(request, _case(request, no), None)


@require_POST
def reveal(request: PersonRequest, no: str) -> HttpResponse:
    """Show the whole numbers once; the look is on record (看全号会留痕)."""
    case = _case(request, no)
    if not request.actor.can("cases.view"):
        raise PermissionDenied("cases.view")
    numbers = reveal_numbers(case.no, actor=request.actor, on=today())
    return _family_page(request, case, numbers)


def _family_page(
    request: PersonRequest, case: Case, numbers: dict[int, str] | None
) -> HttpResponse:
    members = case.household.members.filter(left_on__isnull=True).order_by("id")
    payee = case.household.accounts.filter(is_current=True).first()
    page = {
        **case_frame(case, "family/"),
        "members": [
            (m, numbers[m.pk] if numbers else identity_numbers.mask(m.id_no)) for m in members
        ],
        "lines": case.income_lines.select_related("member").order_by("member_id", "id"),
        "income_account": IncomeAccount.objects.filter(case=case).order_by("-id").first(),
        "payee": payee,
        "payee_number": bank_accounts.mask(payee.number) if payee else "",
        "revealed": numbers is not None,
    }
    return render(request, "cases/case_family.html", page)


@require_safe
def field(request: PersonRequest, no: str) -> HttpResponse:
    """Visits, means checks and meetings."""
    case = _case(request, no)
    page = {
        **case_frame(case, "field/"),
        "surveys": case.surveys.order_by("-round"),
        "appraisals": case.appraisals.order_by("-round"),
        "means": MeansCheck.objects.filter(case=case).order_by("-round"),
        "signatures": latest_signatures(case, ("survey", "witness")),
        "photos": photos_of(case, "survey_photo"),
    }
    return render(request, "cases/case_field.html", page)


def photos_of(case: Case, *slots: str) -> list[dict[str, str]]:
    """Pictures of the case for the viewer."""
    files = Attachment.objects.filter(
        subject_kind="case", subject_key=case.no, withdrawn_at__isnull=True
    ).exclude(thumb_sha256="")
    if slots:
        files = files.filter(slot__in=slots)
    return [
        {
            "url": f"/files/{f.pk}/view/",
            "thumb_url": f"/files/{f.pk}/thumb/",
            "label": f.title,
            "note": f"{f.uploaded_at:%Y-%m-%d} 上传",
        }
        for f in files.order_by("id")[:40]
    ]


@require_safe
def notice(request: PersonRequest, no: str) -> HttpResponse:
    """Notices with their proof and objections."""
    case = _case(request, no)
    page = {
        **case_frame(case, "notice/"),
        "notices": case.notices.select_related("photo").prefetch_related("objections"),
    }
    return render(request, "cases/case_notice.html", page)


@require_safe
def decision(request: PersonRequest, no: str) -> HttpResponse:
    """Opinions and signatures, the decision, the letter."""
    case = _case(request, no)
    page = {
        **case_frame(case, "decision/"),
        "opinions": opinions_of(case),
        "decision": getattr(case, "decision", None),
        "letter": getattr(case, "letter", None),
        "benefit": getattr(case, "benefit", None),
    }
    return render(request, "cases/case_decision.html", page)


def opinions_of(case: Case) -> list[dict[str, object]]:
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
        for s in latest_signatures(case, tuple(STAGES))
    ]


@require_safe
def timeline(request: PersonRequest, no: str) -> HttpResponse:
    """Everything that happened."""
    case = _case(request, no)
    page = {**case_frame(case, "timeline/"), "entries": timeline_of(case)}
    return render(request, "cases/case_timeline.html", page)
