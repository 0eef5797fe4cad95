"""Household files by interface: look, bring up to date, seal, take the package, print a form."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from archives.forms import SealForm
from archives.models import Dossier
from archives.operations.building import refresh_by_hand
from archives.operations.printing import print_form
from archives.operations.sealing import hand_out, items_digest, seal
from archives.papers import PAPERS
from archives.reports import contents
from archives.rules.naming import folder_name
from cases.models import Case
from yuquan_relief.kernel import file_store
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.api import actor_of, texts
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.signing import prove

ANY = OpenApiTypes.OBJECT


def dossier_or_404(actor: Actor, no: str) -> Dossier:
    """The file in the caller's scope."""
    dossier = Dossier.objects.visible_to(actor).select_related("case").filter(no=no).first()
    if dossier is None:
        raise Http404
    return dossier


def shape(dossier: Dossier) -> dict[str, Any]:
    """The file's state; `content_sha256` is what sealing signs."""
    _, missing = contents(dossier)
    return {
        "no": dossier.no,
        "case": dossier.case.no,
        "state": dossier.state,
        "missing": [gap.slot.title for gap in missing],
        "content_sha256": "" if dossier.is_sealed else items_digest(dossier),
        "package_sha256": dossier.package_sha256,
    }


class DossierDetail(APIView):
    """One file, by its own number or that of its case."""

    @extend_schema(summary="一户一档", responses=ANY)
    def get(self, request: Request, no: str) -> Response:
        actor = actor_of(request)
        mine = Dossier.objects.visible_to(actor).filter(case__no=no).order_by("part").first()
        dossier = dossier_or_404(actor, mine.no if mine else no)
        _require(actor, "archives.view")
        return Response(shape(dossier))


class DossierRefresh(APIView):
    """The file is brought up to date with what is on record."""

    @extend_schema(summary="更新卷内文件", request=None, responses=ANY)
    def post(self, request: Request, no: str) -> Response:
        actor = actor_of(request)
        dossier_or_404(actor, no)
        refresh_by_hand(no, actor=actor, on=today())
        return Response(shape(dossier_or_404(actor, no)))


class DossierSeal(APIView):
    """The file is signed and closed."""

    @extend_schema(summary="签字封存", request=ANY, responses=ANY)
    def post(self, request: Request, no: str) -> Response:
        actor = actor_of(request)
        dossier_or_404(actor, no)
        _require(actor, "archives.seal")
        form = SealForm(texts(request.data))
        if not form.is_valid():
            raise ValidationError(form.errors.get_json_data())
        given = form.cleaned_data
        proof = prove(actor, given["code"], content_sha256=given["content_sha256"])
        seal(no, actor=actor, on=today(), proof=proof)
        return Response(shape(dossier_or_404(actor, no)))


class DossierPackage(APIView):
    """The sealed package; taking it is on record."""

    @extend_schema(summary="下载档案包", responses={(200, "application/zip"): OpenApiTypes.BINARY})
    def get(self, request: Request, no: str) -> HttpResponse:
        actor = actor_of(request)
        dossier_or_404(actor, no)
        sealed = hand_out(no, actor=actor, on=today())
        name = f"{folder_name(sealed.no)}.zip"
        return HttpResponse(
            file_store.read(sealed.package_sha256),
            content_type="application/zip",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


class CaseForm(APIView):
    """One official form of a case as PDF; printing is on record."""

    @extend_schema(summary="打印表格", responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, no: str, code: str) -> HttpResponse:
        actor = actor_of(request)
        if code not in PAPERS:
            raise Http404
        try:
            pdf = print_form(no, code, actor=actor, on=today(), size="A4")
        except Case.DoesNotExist:
            raise Http404 from None
        return HttpResponse(pdf.content, content_type="application/pdf")


def _require(actor: Actor, capability: str) -> None:
    if not actor.can(capability):
        raise PermissionDenied(capability)
