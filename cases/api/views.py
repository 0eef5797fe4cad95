"""Cases by interface: list, one, submit, take a step, add a file, return a means report."""

from dataclasses import asdict
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.acts import ACTS, carry_out
from cases.api.serializers import (
    ApplicationSerializer,
    CasePageSerializer,
    CaseSerializer,
    EventSerializer,
)
from cases.models import Case, MeansCheck
from cases.models.facts import facts_of
from cases.models.record import CaseRecord, rules_of
from cases.operations import applications
from cases.operations.content import content_of
from cases.operations.documents import Paper, add_to_case
from cases.reports.actions import Action, actions_for, step_for
from cases.reports.documents import open_slots
from cases.reports.lists import case_page
from cases.rules.application import ApplicationErrors
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.api import StrictJSONParser, actor_of, texts
from yuquan_relief.kernel.calendars import work_calendar
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.file_kinds import read_upload
from yuquan_relief.kernel.models import Event
from yuquan_relief.kernel.signing import content_digest

FILTERS = ("state", "programme", "office", "village", "late", "open", "after", "before")


def case_or_404(actor: Actor, no: str) -> Case:
    """The case in the caller's scope; outside it, the same 404 as for no case at all."""
    case = Case.objects.visible_to(actor).select_related("household").filter(no=no).first()
    if case is None:
        raise Http404
    return case


def require(actor: Actor, *capabilities: str) -> None:
    """Raise PermissionDenied unless the post carries one of the capabilities."""
    if not any(actor.can(c) for c in capabilities):
        raise PermissionDenied(capabilities[0])


class CaseList(APIView):
    """The cases in scope, and new ones."""

    @extend_schema(
        summary="案件清单",
        operation_id="cases_list",
        responses=CasePageSerializer,
        parameters=[OpenApiParameter(name, str) for name in FILTERS],
    )
    def get(self, request: Request) -> Response:
        actor = actor_of(request)
        require(actor, "cases.view", "cases.return_means_check")
        unknown = set(request.query_params) - set(FILTERS)
        if unknown:
            raise ValidationError({name: ["没有这个查询条件"] for name in sorted(unknown)})
        page = case_page(actor, request.query_params.dict(), on=today(), calendar=work_calendar())
        return Response(CasePageSerializer(page).data)

    @extend_schema(
        summary="提交申请",
        operation_id="cases_submit",
        request=ApplicationSerializer,
        responses=CaseSerializer,
    )
    def post(self, request: Request) -> Response:
        actor = actor_of(request)
        require(actor, "cases.submit")
        if not isinstance(request.data, dict):
            raise ValidationError({"": ["请以对象形式提交"]})
        key = request.data.get("key")
        if not isinstance(key, str) or not 1 <= len(key) <= 40 or not key.isprintable():
            raise ValidationError({"key": ["请填写 1 到 40 个字符的提交编号，重试时保持不变"]})
        try:
            case = applications.submit(
                request.data,
                submission_key=f"api-{actor.account_id}-{key}",
                actor=actor,
                on=today(),
            )
        except ApplicationErrors as errors:
            raise ValidationError(
                [{"field": e.field, "code": e.code, "message": e.message} for e in errors.errors]
            ) from errors
        return Response({"no": case.no, "state": case.state}, status=201)


class CaseDetail(APIView):
    """One case."""

    @extend_schema(summary="案件", operation_id="cases_read", responses=CaseSerializer)
    def get(self, request: Request, no: str) -> Response:
        actor = actor_of(request)
        case = case_or_404(actor, no)
        require(actor, "cases.view", "cases.return_means_check")
        return Response(CaseSerializer(shape(case, actor)).data)


def shape(case: Case, actor: Actor) -> dict[str, Any]:
    """The case as the interface shows it: no personal data beyond what the list shows."""
    record = CaseRecord(case, today())
    fields = (
        "no programme state state_label version rule_set submitted_on accepted_on decided_on "
        "due_on due_is_provisional"
    )
    return {
        **{name: getattr(case, name) for name in fields.split()},
        "monthly_fen": record.account.monthly_fen if record.account else None,
        "notices": record.notices,
        "means_checks": record.means_checks,
        "incomes": record.lines,
        "actions": [
            {**asdict(action), "content_sha256": _digest(record, action)}
            for action in actions_for(case, actor, facts_of(record))
        ],
    }


def _digest(record: CaseRecord, action: Action) -> str:
    """The digest of what the action would sign now; "" when it signs nothing, or not yet."""
    if not action.signs or action.why_not:
        return ""
    return content_digest(content_of(record, action.signs))


class CaseStep(APIView):
    """Take one step of the procedure: the same form and operation as the page."""

    parser_classes = [StrictJSONParser, MultiPartParser]

    @extend_schema(
        summary="办理一个环节",
        operation_id="cases_step",
        description="环节和字段见 docs/procedures.md；须签字的环节附 code（签批码）。",
        request=OpenApiTypes.OBJECT,
        responses={200: EventSerializer},
    )
    def post(self, request: Request, no: str, step: str) -> Response:
        actor = actor_of(request)
        case = case_or_404(actor, no)
        known = step_for(case, step)
        if known is None or step not in ACTS:
            raise Http404
        require(actor, known.capability)
        form = ACTS[step].form(texts(request.data), request.FILES, case=case)
        if not form.is_valid():
            raise ValidationError(form.errors.get_json_data())
        seen = texts(request.data).get("content_sha256", "")
        carry_out(known, no, form, actor=actor, on=today(), seen=seen)
        event = Event.objects.of("case", no).filter(action__in=(step, "hold")).first()
        return Response(EventSerializer(event).data)


class CaseFiles(APIView):
    """Add a file to a case, for its checklist."""

    parser_classes = [MultiPartParser]

    @extend_schema(summary="上传材料", request=OpenApiTypes.OBJECT, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request, no: str) -> Response:
        actor = actor_of(request)
        case = case_or_404(actor, no)
        require(actor, "files.upload")
        file, data = request.FILES.get("file"), texts(request.data)
        slot = data.get("slot", "")[:40]
        titles = open_slots("case", rules_of(case, today()), case.programme)
        if file is None or slot not in titles:
            raise ValidationError({"slot": [f"请附上文件，并写明材料：{'、'.join(titles)}"]})
        attachment = add_to_case(no, Paper(slot, titles[slot], read_upload(file)), actor=actor)
        return Response({"id": attachment.pk, "sha256": attachment.sha256}, status=201)


class MeansReportView(APIView):
    """The verification centre returns its report by interface."""

    @extend_schema(
        summary="返回核对报告", request=OpenApiTypes.OBJECT, responses={200: EventSerializer}
    )
    def post(self, request: Request, pk: int) -> Response:
        actor = actor_of(request)
        require(actor, "cases.return_means_check")
        check = MeansCheck.objects.filter(pk=pk, case__in=Case.objects.visible_to(actor)).first()
        if check is None:
            raise Http404
        return CaseStep().post(request, check.case.no, "return_means_check")
