"""Statistics by interface: the figures of the board, without personal data (5(8))."""

import hashlib
import json
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.http import parse_etags
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from cases.rules.programmes import CHOICES
from supervision.reports.disclosure import held_back
from supervision.reports.figures import BY, Filter, Value, many, months
from supervision.reports.kept import kept, of_sums
from supervision.rules.figures import FIGURES, GROUPS
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.api import actor_of
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.inputs import InputError, dates
from yuquan_relief.kernel.models import Unit
from yuquan_relief.kernel.rulebook_values import DEFAULT_RULE_SET

from .serializers import StatsSerializer

PROGRAMMES = dict(CHOICES)
KNOWN = {"from", "to", "by", "office", "programme"}
PARAMETERS = [
    OpenApiParameter("group", OpenApiTypes.STR, OpenApiParameter.PATH, enum=list(GROUPS)),
    OpenApiParameter("from", OpenApiTypes.STR, description="起月，如 2026-01；不填为今年一月"),
    OpenApiParameter("to", OpenApiTypes.STR, description="止月，如 2026-11；不填为本月"),
    OpenApiParameter("by", OpenApiTypes.STR, enum=["", *BY], description="分组"),
    OpenApiParameter("office", OpenApiTypes.STR, description="镇、街道代码（9 位）"),
    OpenApiParameter("programme", OpenApiTypes.STR, enum=["", *PROGRAMMES], description="救助类别"),
]


EXAMPLE = {
    "group": "deadlines", "first": "2026-01-01", "last": "2026-11-30", "by": "office",
    "office": "", "programme": "", "as_of": "2026-12-03", "rule_version": DEFAULT_RULE_SET,
    "values": [{
        "code": "decided_in_time", "label": "按时办结率", "unit": "share", "group": "150104001",
        "group_label": "甲街道", "value": 0.975, "numerator": 78, "denominator": 80,
        "suppressed": False, "cites": "4(1).1 18(2)",
    }],
}  # fmt: skip


class Stats(APIView):
    """One group of figures. Small groups are held back; the same question has the same ETag."""

    scope = "stats"

    @extend_schema(
        summary="统计数据", operation_id="stats", parameters=PARAMETERS, responses=StatsSerializer,
        description="数值与看板、清单、导出同一口径；不含个人信息；基数小于 5 的不提供。",
        examples=[
            OpenApiExample("按镇、街道", value=EXAMPLE, response_only=True),
        ],
    )  # fmt: skip
    def get(self, request: Request, group: str) -> Response:
        actor = actor_of(request)
        if group not in GROUPS:
            raise Http404
        if not actor.can("stats.view"):
            raise PermissionDenied("stats.view")
        query = _query(request, actor)
        answer = _answer(group, actor, query, request.META.get("relief.client", ""))
        return _with_tag(request, StatsSerializer(answer).data)


def _with_tag(request: Request, data: Any) -> Response:
    text = json.dumps(data, ensure_ascii=False, sort_keys=True)
    tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    known = parse_etags(request.headers.get("If-None-Match", ""))
    if "*" in known or tag in [one.removeprefix("W/") for one in known]:  # packed: a weak one
        return Response(status=304, headers=headers)
    return Response(data, headers=headers)


def _query(request: Request, actor: Actor) -> dict[str, Any]:
    """What the address asks, or ValidationError with the parameter that is wrong."""
    given = request.query_params
    if unknown := sorted(set(given) - KNOWN):
        raise ValidationError({unknown[0]: [f"没有这个参数，可用：{'、'.join(sorted(KNOWN))}"]})
    on = today()
    first = _month(given.get("from", ""), "from", date(on.year, 1, 1))
    last = _month(given.get("to", ""), "to", on.replace(day=1))
    if first > last:
        raise ValidationError({"from": ["起月应在止月以前"]})
    by, programme = given.get("by", ""), given.get("programme", "")
    if by and by not in BY:
        raise ValidationError({"by": [f"可用：{'、'.join(BY)}"]})
    if programme and programme not in PROGRAMMES:
        raise ValidationError({"programme": ["没有这个类别"]})
    office = _office(given.get("office", ""), actor)
    asked = months(first, last, office_id=office and office.pk, programme=programme)
    return {"asked": asked, "by": by, "office": office}


def _month(text: str, name: str, default: date) -> date:
    if not text:
        return default
    try:
        return dates.parse_month(text)
    except InputError as error:
        raise ValidationError({name: [error.message]}) from error


def _office(code: str, actor: Actor) -> Unit | None:
    if not code:
        return None
    mine = Unit.objects.offices().filter(code=code)
    place = actor.unit_id or 0
    office = mine.filter(pk=place).first() or mine.filter(parent_id=place).first()
    if office is None:
        raise ValidationError({"office": ["没有这个镇、街道"]})
    return office


def _answer(group: str, actor: Actor, query: dict[str, Any], client: str) -> dict[str, Any]:
    asked, by, office = query["asked"], query["by"], query["office"]
    names = _names(by)
    lines: dict[str, list[dict[str, Any]]] = {}
    # What is as it stands has no months: by month it is told as the one value that it is.
    still = [code for code in GROUPS[group] if by == "month" and not FIGURES[code].day]
    moving = [code for code in GROUPS[group] if code not in still]
    for codes, grouped in ((moving, by), (still, "")):
        lines |= _lines(codes, actor, asked, grouped, client, names) if codes else {}
    values = [line for code in GROUPS[group] for line in lines[code]]
    return {
        "group": group, "first": asked.first, "last": asked.last, "by": by,
        "office": office.code if office else "", "programme": asked.programme, "as_of": today(),
        "rule_version": DEFAULT_RULE_SET, "values": values,
    }  # fmt: skip


def _lines(
    codes: list[str],
    actor: Actor,
    asked: Filter,
    by: str,
    client: str,
    names: dict[Any, tuple[str, str]],
) -> dict[str, list[dict[str, Any]]]:
    """The lines of each figure; what would tell of a few households is held back."""

    def read() -> dict[str, list[Value]]:
        return many(codes, actor, asked, by, counted=True)

    scope = ("values", tuple(codes), actor.reach, actor.unit_id, asked, by)
    found = kept(scope, read) if of_sums(tuple(codes)) else read()
    held = held_back(found, actor, asked, by, client, today())
    return {
        code: [_line(code, v, h, names) for v, h in zip(values, held[code], strict=True)]
        for code, values in found.items()
    }


def _names(by: str) -> dict[Any, tuple[str, str]]:
    """(code, label) by group: an office goes by its public code, not by a key."""
    if by == "office":
        return {u.pk: (u.code, u.short_name) for u in Unit.objects.offices()}
    return {code: (code, label) for code, label in PROGRAMMES.items()} if by else {}


def _line(code: str, value: Value, held: bool, names: dict[Any, tuple[str, str]]) -> dict[str, Any]:
    figure = FIGURES[code]
    group = value.group
    key, label = names.get(group, (str(group or ""), str(group or "")))
    shown = None if held else value.share if figure.is_share else value.numerator
    return {
        "code": code, "label": figure.label, "unit": "share" if figure.is_share else figure.unit,
        "group": key, "group_label": label, "value": shown,
        "numerator": None if held else value.numerator,
        "denominator": None if held else value.denominator, "suppressed": held,
        "cites": figure.cites,
    }  # fmt: skip
