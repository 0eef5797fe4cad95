"""Notices, objections, files and the roster by interface: the same acts as on the pages."""

from typing import Any

from django import forms
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.api.views import require
from cases.forms import AnswerForm, ObjectionForm
from cases.models import Case, Notice, Objection
from cases.operations import notices, roster
from cases.operations.documents import withdraw_from_case
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.api import actor_of, texts
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.file_kinds import read_upload
from yuquan_relief.kernel.models import Attachment

ANY = OpenApiTypes.OBJECT


def cleaned(form: forms.Form) -> dict[str, Any]:
    """The clean values; raises ValidationError with the page's own sentences."""
    if not form.is_valid():
        raise ValidationError(form.errors.get_json_data())
    return form.cleaned_data


def upload_of(request: Request, name: str = "file") -> bytes:
    """The bytes of the file that must come with the request."""
    file = request.FILES.get(name)
    if file is None:
        raise ValidationError({name: ["请附上文件"]})
    return read_upload(file)


def notice_or_404(actor: Actor, no: str) -> Notice:
    """The notice in scope."""
    notice = Notice.objects.visible_to(actor).filter(no=no).first()
    if notice is None:
        raise Http404
    return notice


class NoticePhoto(APIView):
    """Proof that a notice hangs."""

    parser_classes = [MultiPartParser]

    @extend_schema(summary="补传公示张贴照片", request=ANY, responses=ANY)
    def post(self, request: Request, no: str) -> Response:
        actor = actor_of(request)
        notice = notice_or_404(actor, no)
        require(actor, "cases.post_notice")
        notices.add_notice_photo(notice.no, upload_of(request, "photo"), actor=actor)
        return Response({"no": notice.no})


class NoticeObjections(APIView):
    """An objection to a notice."""

    @extend_schema(summary="登记异议", request=ANY, responses={201: ANY})
    def post(self, request: Request, no: str) -> Response:
        actor = actor_of(request)
        notice = notice_or_404(actor, no)
        require(actor, "cases.post_notice", "cases.uphold_objection")
        values = cleaned(ObjectionForm(texts(request.data)))
        made = notices.record_objection(notice.no, actor=actor, on=today(), **values)
        return Response({"id": made.pk}, status=201)


class ObjectionAnswer(APIView):
    """The answer to an objection that is not upheld."""

    @extend_schema(summary="答复异议，不成立", request=ANY, responses=ANY)
    def post(self, request: Request, pk: int) -> Response:
        actor = actor_of(request)
        require(actor, "cases.uphold_objection")
        visible = Notice.objects.visible_to(actor)
        if not Objection.objects.filter(pk=pk, notice__in=visible).exists():
            raise Http404
        answer = cleaned(AnswerForm(texts(request.data)))["answer"]
        notices.dismiss_objection(pk, answer=answer, actor=actor, on=today())
        return Response({"id": pk})


class CaseFileWithdrawal(APIView):
    """A file of a case no longer counts."""

    @extend_schema(summary="撤下材料", request=None, responses=ANY)
    def post(self, request: Request, no: str, pk: int) -> Response:
        actor = actor_of(request)
        case = Case.objects.visible_to(actor).filter(no=no).first()
        mine = Attachment.objects.filter(subject_kind="case", subject_key=no, pk=pk)
        file = mine.filter(withdrawn_at__isnull=True).first()
        if case is None or file is None:
            raise Http404
        require(actor, "files.upload")
        withdraw_from_case(no, file, actor=actor)
        return Response({"id": pk})


class RosterImport(APIView):
    """The roster of an office: a look without `households`, the import with it."""

    parser_classes = [MultiPartParser]

    @extend_schema(
        summary="在享名册：不带 households 为预览，带上核对过的新增户数即导入",
        request=ANY,
        responses={200: ANY, 201: ANY},
    )
    def post(self, request: Request) -> Response:
        actor = actor_of(request)
        require(actor, "cases.import_roster")
        content, name = upload_of(request), str(request.FILES["file"].name or "名册")
        expected = texts(request.data).get("households", "").strip()
        if not expected:
            return Response(self._look(roster.preview(content, name=name, actor=actor, on=today())))
        if not (expected.isascii() and expected.isdigit() and len(expected) < 8):
            raise ValidationError({"households": ["请填写本次新增的户数"]})
        done = roster.import_roster(
            content, name=name, actor=actor, on=today(), expected=int(expected)
        )
        return Response(done.__dict__, status=201)

    def _look(self, found: roster.Preview) -> dict[str, Any]:
        errors = [
            {"row": e.number, "column": e.column, "message": e.message} for e in found.errors[:500]
        ]
        return {
            "rows": found.rows,
            "households": found.households,
            "unchanged": found.unchanged,
            "errors": errors,
        }
