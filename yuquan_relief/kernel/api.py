"""The interface's door: who calls, how often, and how errors read (problem+json)."""

from typing import TYPE_CHECKING, Any, cast

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle

from .actor import Actor
from .clock import today
from .errors import Refused
from .fields import digest
from .inputs import InputError
from .middleware import actor_for, attach_actor
from .models import Account, ApiClient


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
        if found is None or not attach_actor(request._request):
            return None
        return found[0], request._request.actor  # type: ignore[attr-defined] # set just above


def actor_of(request: Request) -> Actor:
    """The actor of an API request."""
    return cast(Actor, request.auth)


class HasActor(BasePermission):
    """Somebody calls, and with a scope that allows the method."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not isinstance(request.auth, Actor):
            return False
        needed = getattr(view, "scope", "read" if request.method in ("GET", "HEAD") else "act")
        return needed in request.auth.scopes


class ClientThrottle(SimpleRateThrottle):
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
    errors: Any = None
    if isinstance(error, Refused):
        code, number, detail = error.code, status.HTTP_409_CONFLICT, error.reason
        if code == "unsupported_file":
            number = status.HTTP_415_UNSUPPORTED_MEDIA_TYPE
    elif isinstance(error, InputError):
        code, number, detail = error.code, status.HTTP_400_BAD_REQUEST, error.message
    elif isinstance(error, exceptions.ValidationError):
        code, number, detail, errors = "invalid", error.status_code, "请按提示修改", error.detail
    elif isinstance(error, exceptions.APIException):
        code, number, detail = str(error.default_code), error.status_code, str(error.detail)
    elif isinstance(error, PermissionDenied):
        code, number, detail = "forbidden", status.HTTP_403_FORBIDDEN, "您的岗位没有这项权限"
    elif isinstance(error, Http404):
        code, number, detail = "not_found", status.HTTP_404_NOT_FOUND, "没有找到，请核对编号"
    else:
        return None
    body = {"title": TITLES.get(number, "出错"), "status": number, "code": code, "detail": detail}
    if errors is not None:
        body["errors"] = errors
    headers = {}
    if isinstance(error, exceptions.Throttled) and error.wait:
        headers["Retry-After"] = str(int(error.wait) + 1)
    if isinstance(error, exceptions.AuthenticationFailed | exceptions.NotAuthenticated):
        headers["WWW-Authenticate"] = "Token"
    return Response(body, status=number, headers=headers, content_type="application/problem+json")
