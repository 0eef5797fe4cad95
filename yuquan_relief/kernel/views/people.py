"""People, accounts and posts, for the security administrator."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.forms import EndPostForm, NewPasswordForm, PersonForm, PostForm
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.models import Account, Person, Post
from yuquan_relief.kernel.operations import people as operations


def _require(request: PersonRequest) -> None:
    if not request.actor.can("people.edit"):
        raise PermissionDenied("people.edit")


@require_http_methods(["GET", "HEAD", "POST"])
def people(request: PersonRequest) -> HttpResponse:
    """Posts held today, and the form for one more person."""
    _require(request)
    form = PersonForm(request.POST or None)
    status = 200
    if request.method == "POST":
        if form.is_valid() and _add(request, form):
            messages.success(request, "已新增人员、账号和任职")
            return redirect("/settings/people/")
        status = 422
    posts = (
        Post.objects.held_on(today())
        .select_related("person", "unit")
        .prefetch_related("person__accounts")
        .order_by("unit__code", "id")
    )
    page = {"page_title": "用户与岗位", "form": form, "posts": posts}
    return render(request, "kernel/people.html", page, status=status)


def _add(request: PersonRequest, form: PersonForm) -> bool:
    values: dict[str, Any] = form.cleaned_data
    try:
        operations.add_staff(
            name=values["name"],
            id_no=values["id_no"].number,
            phone=values["phone"] or "",
            username=values["username"],
            password=values["password"],
            role=values["role"],
            unit=values["unit"],
            title=values["title"],
            starts_on=values["starts_on"],
            actor=request.actor,
        )
    except Refused as refused:
        form.add_error(None, refused.reason)
        return False
    return True


@require_safe
def person(request: PersonRequest, pk: int) -> HttpResponse:
    """One person: posts and accounts, with what can be done to them."""
    _require(request)
    return _person_page(request, get_object_or_404(Person, pk=pk), 200)


def _person_page(
    request: PersonRequest, who: Person, status: int, shown: dict[str, Any] | None = None
) -> HttpResponse:
    shown = shown or {}
    posts = who.posts.select_related("unit").order_by("-starts_on", "-id")
    page = {
        "page_title": who.name,
        "who": who,
        "posts": [
            (post, shown.get(f"post-{post.pk}") or EndPostForm(auto_id=f"end{post.pk}_%s"))
            for post in posts
        ],
        "accounts": [
            (one, shown.get(f"account-{one.pk}") or NewPasswordForm(auto_id=f"password{one.pk}_%s"))
            for one in who.accounts.order_by("id")
        ],
        "post_form": shown.get("post") or PostForm(initial={"starts_on": today()}),
        "today": today(),
    }
    return render(request, "kernel/person.html", page, status=status)


@require_POST
def add_post(request: PersonRequest, pk: int) -> HttpResponse:
    """The person holds one more post."""
    _require(request)
    who = get_object_or_404(Person, pk=pk)
    form = PostForm(request.POST)
    if form.is_valid():
        try:
            operations.give_post(who, actor=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.reason)
        else:
            messages.success(request, "已登记任职")
            return redirect(f"/settings/people/{pk}/")
    return _person_page(request, who, 422, {"post": form})


@require_POST
def end_post(request: PersonRequest, pk: int, post: int) -> HttpResponse:
    """The last day of a post is known."""
    _require(request)
    held = get_object_or_404(Post.objects.select_related("person"), pk=post, person_id=pk)
    form = EndPostForm(request.POST, auto_id=f"end{post}_%s")
    if form.is_valid():
        try:
            operations.end_post(held, ends_on=form.cleaned_data["ends_on"], actor=request.actor)
        except Refused as refused:
            form.add_error("ends_on", refused.reason)
        else:
            messages.success(request, "已登记离任")
            return redirect(f"/settings/people/{pk}/")
    return _person_page(request, held.person, 422, {f"post-{post}": form})


@require_POST
def change_account(request: PersonRequest, pk: int, account: int, act: str) -> HttpResponse:
    """An account is closed, unlocked, or given a password that must be changed at once."""
    _require(request)
    one = get_object_or_404(Account.objects.select_related("person"), pk=account, person_id=pk)
    if act not in ("deactivate", "unlock", "password"):
        raise Http404
    form = NewPasswordForm(request.POST if act == "password" else None)
    form.auto_id = f"password{account}_%s"
    try:
        if act == "deactivate":
            operations.deactivate(one, actor=request.actor)
        elif act == "unlock":
            operations.unlock(one, actor=request.actor)
        elif form.is_valid():
            given = form.cleaned_data["password"]
            operations.reset_password(one, password=given, actor=request.actor)
        else:
            return _person_page(request, one.person, 422, {f"account-{account}": form})
    except Refused as refused:
        messages.error(request, refused.reason)
        return _person_page(request, one.person, 409)
    done = {
        "deactivate": "已停用账号",
        "unlock": "已解除锁定",
        "password": "已重置密码，首次登录须修改",
    }
    messages.success(request, done[act])
    return redirect(f"/settings/people/{pk}/")
