"""Lists by interface: a month, one list, a step, the bank file. The same acts as on the pages."""

import base64
import binascii
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from funds import reports
from funds.downloads import file_answer
from funds.forms import AllocationForm, ResolveForm
from funds.models import PayoutBatch, ResultException
from funds.operations import acts, building
from funds.operations.batches import known_step, require
from funds.operations.ledger import allocate
from funds.operations.results import resolve_exception
from funds.rules.batches import STEPS
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.api import StrictJSONParser, actor_of, texts
from yuquan_relief.kernel.clock import now, today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.file_kinds import read_upload
from yuquan_relief.kernel.inputs import dates
from yuquan_relief.kernel.models import Unit

from .serializers import (
    PayoutActSerializer,
    PayoutMonthSerializer,
    PayoutSerializer,
    PayoutStepSerializer,
    ResultExceptionSerializer,
)


def require_look(actor: Actor) -> None:
    """Raise PermissionDenied for a post that has nothing to do with money."""
    if not actor.can("funds.view"):
        raise PermissionDenied("funds.view")


def batch_or_404(actor: Actor, month: date, office_code: str, programme: str) -> PayoutBatch:
    """The list in the caller's scope; outside it, the same 404 as for no list at all."""
    found = PayoutBatch.objects.visible_to(actor).select_related("office")
    batch = found.named(month, office_code, programme).first()
    if batch is None:
        raise Http404
    require_look(actor)
    return batch


class PayoutMonth(APIView):
    """The lists of a month."""

    @extend_schema(
        operation_id="payouts_month", summary="某月发放名单", responses=PayoutMonthSerializer
    )
    def get(self, request: Request, month: str) -> Response:
        actor = actor_of(request)
        require_look(actor)
        first = dates.parse_month(month)
        page = {"month": f"{first:%Y-%m}", "lists": reports.board(actor, first, today())}
        return Response(PayoutMonthSerializer(page).data)


class PayoutDetail(APIView):
    """One list."""

    @extend_schema(summary="一份发放名单", responses=PayoutSerializer)
    def get(self, request: Request, month: str, office_code: str, programme: str) -> Response:
        first = dates.parse_month(month)
        batch = batch_or_404(actor_of(request), first, office_code, programme)
        return Response(PayoutSerializer(reports.batch_row(batch, today())).data)


class PayoutStep(APIView):
    """One step on a list; refused with 409 and the reason, as on the page."""

    parser_classes = [StrictJSONParser, MultiPartParser]

    @extend_schema(
        summary="办理发放名单", request=PayoutStepSerializer, responses=PayoutActSerializer
    )
    def post(
        self, request: Request, month: str, office_code: str, programme: str, step: str
    ) -> Response:
        actor, first = actor_of(request), dates.parse_month(month)
        values = _values(request)
        if step == "open":
            message = _open(actor, first, office_code, programme)
        else:
            batch = batch_or_404(actor, first, office_code, programme)
            require(known_step(step), actor)
            if step == "import_result" and values["content"] is None:
                raise ValidationError({"file": ["请上传银行结果文件，或填写 content_base64"]})
            message = acts.carry_out(step, batch, values, actor=actor, on=today())
        batch = batch_or_404(actor, first, office_code, programme)
        row = reports.batch_row(batch, today())
        return Response(PayoutActSerializer({"message": message, "payout": row}).data)


def _values(request: Request) -> dict[str, Any]:
    form = PayoutStepSerializer(data=request.data)
    form.is_valid(raise_exception=True)
    values: dict[str, Any] = dict(form.validated_data)
    return values | {"content": _content(values)}


def _content(values: dict[str, Any]) -> bytes | None:
    if upload := values.get("file"):
        values.setdefault("name", upload.name)
        return bytes(read_upload(upload))
    text = values.get("content_base64")
    if text is None:
        return None
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValidationError({"content_base64": ["不是 Base64 编码"]}) from None


def _open(actor: Actor, month: date, office_code: str, programme: str) -> str:
    require(STEPS["open"], actor)
    try:
        office = building.office_by_code(actor, office_code)
    except Unit.DoesNotExist:
        raise Http404 from None
    building.open_month(office.pk, programme, month=month, actor=actor, on=today())
    return "名单已生成"


class PayoutFile(APIView):
    """The bank file, for a person who has taken it within the last quarter of an hour."""

    @extend_schema(summary="下载银行文件", responses={(200, "text/csv"): OpenApiTypes.BINARY})
    def get(self, request: Request, month: str, office_code: str, programme: str) -> HttpResponse:
        actor, first = actor_of(request), dates.parse_month(month)
        batch = batch_or_404(actor, first, office_code, programme)
        require(STEPS["take_file"], actor)
        if not reports.may_download(batch, actor, now()):
            raise Refused("请先办理“领取银行文件”，领取后 15 分钟内可以下载", code="not_taken")
        return file_answer(batch)


class Allocations(APIView):
    """Money from the district; `key` makes a retry harmless."""

    @extend_schema(
        summary="登记拨付", request=OpenApiTypes.OBJECT, responses={201: OpenApiTypes.OBJECT}
    )
    def post(self, request: Request) -> Response:
        actor = actor_of(request)
        if not actor.can("funds.allocate"):
            raise PermissionDenied("funds.allocate")
        form = AllocationForm(texts(request.data), actor=actor)
        if not form.is_valid():
            raise ValidationError(form.errors.get_json_data())
        made = allocate(form.grant(), key=form.cleaned_data["key"], actor=actor, on=today())
        return Response({"id": made.pk, "amount_fen": made.amount_fen}, status=201)


class PayoutExceptions(APIView):
    """Where the bank's answer differs from the list."""

    @extend_schema(summary="银行结果差异清单", responses=ResultExceptionSerializer(many=True))
    def get(self, request: Request, month: str, office_code: str, programme: str) -> Response:
        actor = actor_of(request)
        batch = batch_or_404(actor, dates.parse_month(month), office_code, programme)
        found = batch.exceptions.order_by("id")
        return Response({"exceptions": ResultExceptionSerializer(found, many=True).data})


class PayoutException(APIView):
    """What a person found about one difference of the bank's answer."""

    @extend_schema(
        summary="处理银行结果差异", request=OpenApiTypes.OBJECT, responses=PayoutSerializer
    )
    def post(
        self, request: Request, month: str, office_code: str, programme: str, pk: int
    ) -> Response:
        actor = actor_of(request)
        batch = batch_or_404(actor, dates.parse_month(month), office_code, programme)
        require(STEPS["resolve_exception"], actor)
        form = ResolveForm(texts(request.data))
        if not form.is_valid():
            raise ValidationError(form.errors.get_json_data())
        try:
            resolve_exception(batch.no, pk, form.verdict(), actor=actor, on=today())
        except ResultException.DoesNotExist:
            raise Http404 from None
        batch.refresh_from_db()
        return Response(PayoutSerializer(reports.batch_row(batch, today())).data)


class PayoutVouchers(APIView):
    """The vouchers of a list (15)."""

    @extend_schema(summary="支付凭证", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, month: str, office_code: str, programme: str) -> Response:
        actor = actor_of(request)
        batch = batch_or_404(actor, dates.parse_month(month), office_code, programme)
        fields = ("no", "made_on", "paid_count", "paid_fen", "returned_count", "returned_fen")
        return Response({"vouchers": list(batch.vouchers.order_by("id").values(*fields))})
