"""The interface's door: who calls, how often, and how errors read (problem+json)."""

import json
from typing import TYPE_CHECKING, Any, cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, QueryDict
from django.utils.datastructures import MultiValueDict
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.parsers import JSONParser
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from .actor import Actor
from .clock import today
from .errors import Refused
from .fields import digest
from .inputs import InputError
from .middleware import actor_for, attach_actor, idle_too_long, must_change_password
from .models import Account, ApiClient
from .throttling import SharedThrottle

if TYPE_CHECKING:  # DRF imports this module while its views are being made
    from rest_framework.views import APIView


class ClientTokenAuthentication(BaseAuthentication):
    """`Authorization: Token …` of a registered client; its post gives rights and scope."""

    keyword = "Token"

    def authenticate(self, request: Request) -> tuple[Account, Actor] | None:
        header = request.headers.get("Authorization", "")
        if not header.startswith(f"{self.keyword} "):
            return None
        client = (
            ApiClient.objects.filter(
                token_digest=digest(header[6:].strip()),
                is_active=True,
                expires_on__gte=today(),
                account__is_active=True,
            )
            .select_related("account__person", "post__unit__parent")
            .first()
        )
        if client is None or not _held(client):
            raise exceptions.AuthenticationFailed("令牌不对、已停用或已过期，请联系系统管理员")
        actor = actor_for(client.account, client.post, request._request)
        scoped = {**actor.__dict__, "scopes": frozenset(client.scopes.split())}
        request.META["relief.client"] = str(client.pk)
        return client.account, Actor(**scoped)

    def authenticate_header(self, request: Request) -> str:
        return self.keyword


def _held(client: ApiClient) -> bool:
    ends = client.post.ends_on
    return client.post.starts_on <= today() and (ends is None or ends >= today())


class PersonAuthentication(SessionAuthentication):
    """A signed-in person's browser; unsafe methods need the CSRF token."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        found = super().authenticate(request)
        if found is None:
            return None
        if idle_too_long(request._request):
            raise exceptions.AuthenticationFailed("太久没有操作，请重新登录")
        if must_change_password(request._request):
            raise exceptions.AuthenticationFailed("请先在页面上修改密码")
        if not attach_actor(request._request):
            return None
        return found[0], request._request.actor  # type: ignore[attr-defined] # set just above


def actor_of(request: Request) -> Actor:
    """The actor of an API request."""
    return cast(Actor, request.auth)


class StrictJSONParser(JSONParser):
    """JSON that can be stored: no nesting without end, no half characters."""

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        """The data; raises ParseError for what no field could keep."""
        try:
            data = super().parse(stream, media_type, parser_context)
            json.dumps(data, ensure_ascii=False).encode()
        except (RecursionError, UnicodeEncodeError, exceptions.ParseError) as error:
            raise exceptions.ParseError("内容不能识别，请检查编码和层次") from error
        return data


def texts(data: Any) -> Any:
    """What was sent as a form sees it: every value a text, a list a list of texts.

    Raises ValidationError for anything but an object.
    """
    if isinstance(data, QueryDict):
        return data
    if not isinstance(data, dict):
        raise exceptions.ValidationError({"": ["请以对象形式提交"]})
    found: MultiValueDict[str, str] = MultiValueDict()
    for name, value in data.items():
        values = value if isinstance(value, list) else [value]
        found.setlist(str(name), [_text(item) for item in values])
    return found


def _text(value: Any) -> str:
    if isinstance(value, list | dict):
        raise exceptions.ValidationError({"": ["每一项请填文字，不要嵌套"]})
    if value is True:
        return "1"
    return "" if value is False or value is None else str(value)


class HasActor(BasePermission):
    """Somebody calls, and with a scope that allows the method."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not isinstance(request.auth, Actor):
            return False
        needed = getattr(view, "scope", "read" if request.method in ("GET", "HEAD") else "act")
        return needed in request.auth.scopes


class ClientThrottle(SharedThrottle):
    """So many requests a minute for each client or person; others are not affected."""

    scope = "client"

    def get_cache_key(self, request: Request, view: "APIView") -> str | None:
        if not isinstance(request.auth, Actor):
            return None
        who = request.META.get("relief.client") or f"account-{request.auth.account_id}"
        return f"throttle-{who}"


TITLES = {
    400: "请求有误",
    401: "需要登录",
    403: "没有这项权限",
    404: "没有找到",
    409: "现在不能办理",
    415: "不支持的类型",
    429: "请求太多",
}


def problem(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every error as problem+json: {title, status, code, detail, errors}."""
    read = _read(error)
    if read is None:
        return None
    number, code, detail = read
    body: dict[str, Any] = {"title": TITLES.get(number, "出错"), "status": number}
    body |= {"code": code, "detail": detail}
    if isinstance(error, exceptions.ValidationError):
        body["errors"] = error.detail
    return Response(
        body, status=number, headers=_headers(error), content_type="application/problem+json"
    )


def _read(error: Exception) -> tuple[int, str, str] | None:
    """Status, code and sentence of an expected error; None for one that nobody foresaw."""
    if isinstance(error, Refused):
        return 415 if error.code == "unsupported_file" else 409, error.code, error.reason
    if isinstance(error, InputError):
        return 400, error.code, error.message
    if isinstance(error, PermissionDenied):
        return 403, "forbidden", "您的岗位没有这项权限"
    if isinstance(error, Http404):
        return 404, "not_found", "没有找到，请核对编号"
    if isinstance(error, exceptions.APIException):
        is_invalid = isinstance(error, exceptions.ValidationError)
        detail = "请按提示修改" if is_invalid else str(error.detail)
        return error.status_code, str(error.default_code), detail
    return None


def _headers(error: Exception) -> dict[str, str]:
    wait = getattr(error, "wait", None) if isinstance(error, exceptions.Throttled) else None
    if wait:
        return {"Retry-After": str(int(wait) + 1)}
    if isinstance(error, exceptions.AuthenticationFailed | exceptions.NotAuthenticated):
        return {"WWW-Authenticate": "Token"}
    return {}
