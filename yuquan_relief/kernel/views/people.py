"""People, accounts and posts, for the security administrator."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render

from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.forms import PersonForm
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.models import Post
from yuquan_relief.kernel.operations import people as operations


def people(request: PersonRequest) -> HttpResponse:
    """Posts held today, and the form for one more person."""
    if not request.actor.can("people.edit"):
        raise PermissionDenied("people.edit")
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
