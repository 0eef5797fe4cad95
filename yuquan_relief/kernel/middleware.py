"""Every request: no NUL bytes, an actor, an idle limit, pages that no shared PC keeps."""

import logging
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import cast

from django.conf import settings
from django.contrib.auth import logout
from django.db import DataError
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import redirect
from django.utils.http import urlencode

from . import looks
from .actor import Actor
from .clock import now, today
from .models import Account, Post
from .posts import actor_in

logger = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]
PAGE_METHODS = ("GET", "HEAD", "POST")
OPEN_PATHS = ("/login/", "/static/", "/api/", "/healthz", "/readyz", "/public/")


class PersonRequest(HttpRequest):
    """A request of a signed-in person."""

    actor: Actor
    post: Post


def client_address(request: HttpRequest) -> str:
    """The caller's address; the gateway's header counts only in production."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.IS_PRODUCTION else ""
    return (forwarded.split(",")[-1].strip() or request.META.get("REMOTE_ADDR", ""))[:45]


def refuse_nul_bytes(get_response: GetResponse) -> GetResponse:
    """A NUL byte anywhere in the address, the query or what was typed is answered 400, never 500.

    What was typed is looked at only when an act came to grief: a form says it beside its field.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return HttpResponseBadRequest("地址里有不能识别的字符，请检查后重新打开。")
        return get_response(request)

    middleware.process_exception = _nul_in_what_was_typed  # type: ignore[attr-defined] # Django's hook
    return middleware


def _nul_in_what_was_typed(request: HttpRequest, exception: Exception) -> HttpResponse | None:
    """400 where the database refused a NUL byte of a text field; files are not text."""
    if not isinstance(exception, ValueError | DataError):
        return None
    texts = (text for values in request.POST.lists() for text in (values[0], *values[1]))
    if not any("\x00" in str(text) for text in texts):
        return None
    logger.warning("NUL byte typed at %s", request.path, exc_info=exception)
    return HttpResponseBadRequest("填写的内容里有不能识别的字符，请返回上一页删去后再提交。")


SECRET = ("/me/", "/settings/clients/")  # pages that show a code or a token: never packed
PACKED = ("text/", "application/json", "application/problem+json", "image/svg+xml")


class PackPages(GZipMiddleware):
    """Pages and answers travel packed; files go as they are. CSRF tokens are masked anew each time,
    and Django adds random bytes, so that the length tells nothing."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """The response, packed when it is text."""
        kind = response.headers.get("Content-Type", "")
        is_secret = request.path.startswith(SECRET)
        if response.streaming or is_secret or not kind.startswith(PACKED):
            return response
        return super().process_response(request, response)


PERMISSIONS = "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()"


def say_what_pages_may_use(get_response: GetResponse) -> GetResponse:
    """A page may take a picture and ask where it is taken; nothing else, and no page within it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        return response

    return middleware


def refuse_other_methods(get_response: GetResponse) -> GetResponse:
    """Pages are read and sent, nothing else; the interface answers for itself."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method not in PAGE_METHODS and not request.path.startswith("/api/"):
            return HttpResponseNotAllowed(PAGE_METHODS)
        return get_response(request)

    return middleware


def current_posts(account: Account) -> list[Post]:
    """The posts that the account's person holds today, in order."""
    return list(
        account.person.posts.held_on(today()).select_related("unit", "unit__parent").order_by("id")
    )


def actor_for(account: Account, post: Post, request: HttpRequest) -> Actor:
    """The actor of a request under one post."""
    return actor_in(account, post, address=client_address(request), request_id=str(uuid.uuid4()))


def idle_too_long(request: HttpRequest) -> bool:
    """Whether the session has rested longer than allowed; notes activity once a minute."""
    seen, at = request.session.get("seen_at"), int(time.time())
    if seen and at - seen > settings.SESSION_IDLE_SECONDS:
        return True
    if not seen or at - seen > 60:
        request.session["seen_at"] = at
    return False


def sign_in_required(get_response: GetResponse) -> GetResponse:
    """Everybody signs in, except on the few open paths; `request.actor` is set."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path.startswith(OPEN_PATHS):
            return get_response(request)
        if not request.user.is_authenticated:
            return to_sign_in(request)
        if idle_too_long(request):
            logout(request)
            return to_sign_in(request, idle=True)
        if not attach_actor(request):
            logout(request)
            return to_sign_in(request)
        if must_change_password(request):
            return redirect("/me/")
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return middleware


def keep_looks(get_response: GetResponse) -> GetResponse:
    """A page that shows a person's data leaves a trace of who opened it (隐私)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        match = request.resolver_match
        shown = looks.SHOWN.get(match.url_name or "") if match else None
        if shown and match and request.method == "GET" and response.status_code == 200:
            actor = looks.looker(request, response)
            if actor is not None:
                looks.keep(actor, shown, str(match.kwargs[shown.parameter]))
        return response

    return middleware


def must_change_password(request: HttpRequest) -> bool:
    """Whether the password must be changed before anything else: given by somebody, or too old."""
    if request.path.startswith(("/me/", "/logout/")):
        return False
    account = cast(Account, request.user)
    most = settings.PASSWORD_MAX_DAYS
    is_old = most is not None and now() - account.password_set_at > timedelta(days=most)
    return account.must_change_password or is_old


def attach_actor(request: HttpRequest) -> bool:
    """Set `request.actor` from the chosen post, or the first one held today; False if none."""
    account = cast(Account, request.user)
    posts = current_posts(account)
    if not posts:
        return False
    chosen = request.session.get("post_id")
    post = next((p for p in posts if p.pk == chosen), posts[0])
    person_request = cast(PersonRequest, request)
    person_request.post = post
    person_request.actor = actor_for(account, post, request)
    request.META["relief.posts"] = posts
    return True


def to_sign_in(request: HttpRequest, *, idle: bool = False) -> HttpResponse:
    """The sign-in page, coming back here after; htmx gets a redirect it can follow."""
    back = request.get_full_path() if request.method == "GET" else "/"
    url = f"{settings.LOGIN_URL}?{urlencode({'next': back, **({'idle': '1'} if idle else {})})}"
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return redirect(url)
