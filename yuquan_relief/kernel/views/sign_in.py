"""Signing in and out, and choosing a post."""

from typing import Any

from django.conf import settings
from django.contrib.auth import login, logout
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.forms import SignInForm
from yuquan_relief.kernel.lockout import one_guess_at_a_time
from yuquan_relief.kernel.middleware import actor_for, current_posts
from yuquan_relief.kernel.models import Account, Post


def safe_next(request: HttpRequest, url: str) -> str:
    """`url` when it stays on this site, else the workbench."""
    here = url_has_allowed_host_and_scheme(url, {request.get_host()}, request.is_secure())
    return url if here and url.startswith("/") else "/"


@sensitive_post_parameters()
@csrf_protect
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in; an account without a post today is told whom to ask."""
    form = SignInForm(request, data=request.POST or None)
    back = request.POST.get("next") or request.GET.get("next") or "/"
    status = 200
    if request.method == "POST":
        with one_guess_at_a_time(request.POST.get("username", "")):
            is_right = form.is_valid()
        if is_right:
            account = form.get_user()
            assert isinstance(account, Account)
            if posts := current_posts(account):
                _let_in(request, account, posts[0])
                return redirect(safe_next(request, back))
            form.add_error(None, "这个账号今天没有在任岗位，请联系安全管理员")
        status = 422
    return render(request, "kernel/sign_in.html", _page(request, form, back), status=status)


@transaction.atomic
def _let_in(request: HttpRequest, account: Account, post: Post) -> None:
    """The session is the account's, and the chain knows of it."""
    login(request, account)
    actor = actor_for(account, post, request)
    record("account", account.username, "sign_in", actor=actor)


def _page(request: HttpRequest, form: SignInForm, back: str) -> dict[str, Any]:
    return {
        "page_title": "登录",
        "form": form,
        "next": back,
        "idle": request.GET.get("idle"),
        "is_demo": settings.MODE == "demo",
    }


def locked_out(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Too many misses for the account from this address."""
    minutes = int(settings.AXES_COOLOFF_TIME * 60)
    page = {"page_title": "暂时不能登录", "minutes": minutes}
    return render(request, "kernel/locked_out.html", page, status=429)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out; the browser forgets what it kept of this site."""
    logout(request)
    response = redirect("/login/")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


@require_POST
def choose_post(request: HttpRequest) -> HttpResponse:
    """Act under another of one's own posts from now on."""
    wanted = request.POST.get("post", "")
    if any(str(post.pk) == wanted for post in request.META.get("relief.posts", [])):
        request.session["post_id"] = int(wanted)
    return redirect("/")
