"""Reference data that people edit: units, people, calendar, rulebook."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.forms import RuleForm
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.models import RuleValue, Unit
from yuquan_relief.kernel.operations.rulebook import confirm_value, enter_value, labels


def require(request: PersonRequest, *capabilities: str) -> None:
    """Raise PermissionDenied unless the post carries one of the capabilities."""
    if not any(request.actor.can(c) for c in capabilities):
        raise PermissionDenied(capabilities[0])


@require_safe
def units(request: PersonRequest) -> HttpResponse:
    """The tree of units as valid today."""
    require(request, "units.edit", "settings.view")
    rows = Unit.objects.valid_on(today()).select_related("parent").order_by("code", "code_source")
    return render(
        request, "kernel/units.html", {"page_title": "单位", "units": rows, "today": today()}
    )


@require_safe
def rulebook(request: PersonRequest) -> HttpResponse:
    """Every parameter with its values by date."""
    require(request, "rulebook.enter", "rulebook.confirm")
    return render(request, "kernel/rulebook.html", _rulebook_page())


def _rulebook_page() -> dict[str, Any]:
    names = labels()
    values = RuleValue.objects.select_related("entered_by", "confirmed_by").order_by(
        "parameter", "rule_set", "-valid_from"
    )
    waiting = [v for v in values if v.entered_by_id and not v.confirmed_by_id]
    rows = [(names.get(v.parameter, v.parameter), v) for v in values]
    return {"page_title": "规则版本", "rows": rows, "waiting": waiting, "names": names}


def rule_entry(request: PersonRequest, parameter: str) -> HttpResponse:
    """Enter a value; it waits for a second person."""
    require(request, "rulebook.enter")
    if parameter not in labels():
        return redirect("/settings/rules/")
    form = RuleForm(request.POST or None)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                enter_value(parameter, actor=request.actor, **_values(form))
            except Refused as refused:
                form.add_error("valid_from", refused.reason)
            else:
                messages.success(request, "已录入，等待另一人复核后生效")
                return redirect("/settings/rules/")
        status = 422
    page = {"page_title": f"录入规则值：{labels()[parameter]}", "form": form}
    return render(request, "kernel/rule_entry.html", page, status=status)


def _values(form: RuleForm) -> dict[str, Any]:
    return {k: v if v is not None else "" for k, v in form.cleaned_data.items()}


@require_POST
def rule_confirm(request: PersonRequest, pk: int) -> HttpResponse:
    """Confirm a value that somebody else entered."""
    require(request, "rulebook.confirm")
    if not RuleValue.objects.filter(pk=pk).exists():
        raise Http404
    try:
        confirm_value(pk, actor=request.actor)
    except Refused as refused:
        messages.error(request, refused.reason)
        return render(request, "kernel/rulebook.html", _rulebook_page(), status=409)
    messages.success(request, "已复核，按生效日期执行")
    return redirect("/settings/rules/")
