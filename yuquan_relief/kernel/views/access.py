"""查看痕迹: who looked at whom."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.forms import PlainForm
from yuquan_relief.kernel.inputs import InputError
from yuquan_relief.kernel.inputs.dates import parse_day
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.models import Look
from yuquan_relief.kernel.queries import key_of

PAGE = 50


class AccessFilter(PlainForm):
    """What the list is narrowed to."""

    name = forms.CharField(label="人员", required=False, max_length=50)
    key = forms.CharField(label="对象编号", required=False, max_length=80)
    day = forms.CharField(label="日期", required=False, max_length=20)

    def clean_day(self) -> date | None:
        """The day, or a sentence that says how to write one."""
        text = self.cleaned_data["day"]
        try:
            return parse_day(text, today=today()) if text else None
        except InputError as error:
            raise forms.ValidationError(str(error)) from error


@require_safe
def access_page(request: PersonRequest) -> HttpResponse:
    """The looks, newest first. One statement."""
    if not request.actor.can("audit.view"):
        raise PermissionDenied("audit.view")
    form = AccessFilter(request.GET)
    is_sound = form.is_valid()
    found = _narrowed(form.cleaned_data) if is_sound else Look.objects.none()
    if before := key_of(request.GET.get("before")):
        found = found.filter(pk__lt=before)
    rows = list(found.order_by("-pk")[: PAGE + 1])
    pager = {}
    if len(rows) > PAGE:
        kept = {k: str(request.GET[k]) for k in ("name", "key", "day") if request.GET.get(k)}
        kept["before"] = str(rows[PAGE - 1].pk)
        pager["next_url"] = f"?{urlencode(kept)}"
    page = {"page_title": "查看痕迹", "form": form, "rows": rows[:PAGE], "pager": pager}
    return render(request, "kernel/access.html", page, status=200 if is_sound else 422)


def _narrowed(asked: dict[str, Any]) -> QuerySet[Look]:
    found = Look.objects.all()
    if asked["name"]:
        found = found.filter(name=asked["name"].strip())
    if asked["key"]:
        found = found.filter(key=asked["key"].strip())
    if asked["day"]:
        found = found.filter(at__date=asked["day"])
    return found
