"""举报、信访 by the public, without an account: told once, asked for by a code (7.2)."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from cases.views.public import PublicThrottle
from supervision.list_forms import AskForm, PublicComplaintForm
from supervision.models import Complaint, ReportBox
from supervision.operations import complaints as operations
from supervision.operations.once import digest_of, made_by, once
from yuquan_relief.kernel.clock import now, today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Unit


@require_http_methods(["GET", "HEAD", "POST"])
def public_form(request: HttpRequest) -> HttpResponse:
    """Whoever wants to tell something, with or without a name; and where the boxes are (7.2)."""
    district = Unit.objects.filter(kind="DISTRICT").order_by("pk").first()
    if district is None:
        raise Http404
    offices = list(Unit.objects.offices().filter(parent=district).order_by("code"))
    choices = [(str(unit.pk), unit.name) for unit in offices]
    form = PublicComplaintForm(request.POST or None, offices=choices)
    status = _tell(request, form, district) if request.method == "POST" else 200
    if status == 302:
        return redirect("public_petition_thanks")
    numbers = ReportBox.objects.filter(office__in=offices, until=None).select_related("office")
    page = {"page_title": "社会救助举报和信访", "form": form, "district": district,
            "boxes": numbers.order_by("office__code", "kind", "id")}  # fmt: skip
    return _plain(render(request, "supervision/public_form.html", page, status=status))


JUST_TOLD = "just_told"  # in the session: number and moment of what was told last


def _tell(request: HttpRequest, form: PublicComplaintForm, district: Unit) -> int:
    """The status of the answer: 302 once the matter is on record, by this post or the same before.

    What is on record is not told too often: who clicked twice gets the code all the same.
    """
    key = digest_of("complaint", form.cleaned_data) if form.is_valid() else ""
    if not made_by(key) and not PublicThrottle().allow_request(request, None):
        form.add_error(None, "提交得太频繁了，请一小时后再试，或者拨打举报电话")
        return 429
    if not key:
        return 422
    told = _public(form.cleaned_data)
    try:
        no = once(key, lambda: operations.receive_online(told, district, on=today()).no)
    except Refused as refused:
        form.add_error(None, refused.reason)
        return 409
    request.session[JUST_TOLD] = (no, now().timestamp())
    return 302


@require_safe
def public_thanks(request: HttpRequest) -> HttpResponse:
    """Number and code of what was just told: of the session, so that neither stands in an address;
    gone after a rest, for the screen may be a public one."""
    no, at = request.session.get(JUST_TOLD, ("", 0))
    is_fresh = now().timestamp() - at < settings.SESSION_IDLE_SECONDS
    row = Complaint.objects.filter(no=no).first() if is_fresh else None
    if row is None:
        return redirect("public_petition")
    response = _plain(render(request, "supervision/public_thanks.html", {"row": row}))
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _public(data: dict[str, Any]) -> operations.Told:
    return operations.Told(
        kind=data["kind"], channel="ONLINE", content=data["content"], received_on=today(),
        is_anonymous=data["is_anonymous"], name=data["name"] or "",
        contact=data["contact"] or "",
        office_id=int(data["office"]) if data["office"] else None,
    )  # fmt: skip


def _plain(response: HttpResponse) -> HttpResponse:
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def public_ask(request: HttpRequest) -> HttpResponse:
    """How far it is, by the code alone: by POST, so that no code stands in an address (7.2)."""
    form = AskForm(request.POST or None)
    found, status = None, 200
    if request.method == "POST":
        status = 422
        if not PublicThrottle().allow_request(request, None):
            form.add_error(None, "查询得太频繁了，请一小时后再试")
            status = 429
        elif form.is_valid():
            key = form.cleaned_data["key"].strip().upper()
            found = Complaint.objects.filter(key=key).first()
            status = 200 if found else 404
            if found is None:
                form.add_error("key", "没有这个查询码，请核对后再填")
    page = {"page_title": "查询办理情况", "form": form, "row": found}
    return _plain(render(request, "supervision/public_ask.html", page, status=status))
