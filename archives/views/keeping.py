"""How long files are kept, what holds them, and the lists by which they go."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from archives.disposal_forms import FORMS
from archives.forms import HoldForm, LiftForm, ListForm
from archives.keeping_reports import offices_due, page_of, sums
from archives.models import Disposal, Dossier, LegalHold
from archives.operations import disposal as operations
from archives.operations.keeping import lift_hold, place_hold
from archives.operations.numbering import numbers
from archives.rules.disposal import STAGES, TONES
from archives.step_forms import StepForm
from archives.views.common import require, visible_dossier
from archives.views.desk import Desk
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.middleware import PersonRequest

DESK = Desk(
    road=operations.ROAD,
    root="/archive/keeping/",
    forms=FORMS,
    own={
        "destroyable": operations.destroyable,
        "keep": operations.keep,
        "watch_too": operations.watch_too,
        "destroy": operations.destroy,
        "send_back": operations.send_back,
        "cancel": operations.cancel,
    },
    stages=STAGES,
)


JUDGING = ("keep", "destroyable")  # one form with two buttons, beside the table


@require_http_methods(["GET", "HEAD", "POST"])
def keeping(request: PersonRequest) -> HttpResponse:
    """What is kept until when, and a new list of files that may go."""
    require(request, "archives.view")
    actor, status = request.actor, 200
    due = offices_due(actor, today())
    form = ListForm(request.POST or None, offices=[(str(o.pk), o.label) for o in due])
    if request.method == "POST":
        require(request, "archives.dispose")
        status = 422
        if form.is_valid():
            try:
                office = int(form.cleaned_data["office"])
                made = operations.open_disposal(office, actor=actor, on=today())
            except Refused as refused:
                form.add_error(None, refused.reason)
                status = 409
            else:
                messages.success(request, "已列出清册，请逐卷鉴定")
                return redirect("disposal", made.no)
    found = Disposal.objects.visible_to(actor).select_related("office").order_by("done_on", "-id")
    page = {
        "page_title": "保管和销毁",
        "sums": sums(actor, today()),
        "due": due,
        "rows": [(row, TONES.get(row.state, "warn")) for row in found[:100]],
        "holds": _holds(actor),
        "numbers": numbers(actor),
        "form": form,
        "may_list": actor.can("archives.dispose"),
    }
    return render(request, "archives/keeping.html", page, status=status)


def _holds(actor: Actor) -> Any:
    """Holds in force, the newest first."""
    seen = Dossier.objects.visible_to(actor)
    found = LegalHold.objects.filter(lifted_on=None, dossier__in=seen)
    return found.select_related("dossier__household").order_by("-id")[:100]


def visible_disposal(request: PersonRequest, no: str) -> Disposal:
    """The list, or 404 as for one that does not exist."""
    found = Disposal.objects.visible_to(request.actor).select_related("office__parent")
    row = found.filter(no=no).first()
    if row is None:
        raise Http404
    return row


@require_safe
def disposal(request: PersonRequest, no: str) -> HttpResponse:
    """One list; ?as=print is 档案销毁清册, and 销毁证明 once it is done."""
    row = visible_disposal(request, no)
    require(request, "archives.view")
    return _page(request, row)


def _page(
    request: PersonRequest,
    row: Disposal,
    *,
    form: StepForm | None = None,
    code: str = "",
    status: int = 200,
) -> HttpResponse:
    page = page_of(row, today()) | {
        "page_title": f"{row.office.short_name}销毁清册",
        "row": row,
        "tone": TONES.get(row.state, "warn"),
        "acts": DESK.acts(row, request.actor, form, code),
        "signatures": DESK.signatures(row),
        "form": form,
        "back_url": f"/archive/keeping/{row.no}/",
    }
    judging = [act for act in page["acts"] if act["code"] in JUDGING]
    page["acts"] = [act for act in page["acts"] if act not in judging]
    page["judge"] = judging and (form if code in JUDGING else judging[0]["form"])
    printed = request.GET.get("as") == "print"
    template = "archives/disposal_print.html" if printed else "archives/disposal.html"
    return render(request, template, page, status=status)


@require_POST
def disposal_step(request: PersonRequest, no: str, code: str) -> HttpResponse:
    """One step by hand."""
    return DESK.take(request, visible_disposal(request, no), code, _page)


@require_POST
def hold(request: PersonRequest, no: str) -> HttpResponse:
    """The file stays; or, with the number of a hold, that one is over."""
    visible_dossier(request, no)
    lifts = "hold" in request.POST
    require(request, "archives.release" if lifts else "archives.hold")
    form = LiftForm(request.POST) if lifts else HoldForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            if lifts:
                reason = given["lifted_reason"]
                lift_hold(no, given["hold"], reason, actor=request.actor, on=today())
            else:
                place_hold(
                    no, given["cause"], given["reason"], document=given["document"] or "",
                    actor=request.actor, on=today(),
                )  # fmt: skip
        except LegalHold.DoesNotExist as error:
            raise Http404 from error
        except Refused as refused:
            messages.error(request, refused.reason)
        else:
            messages.success(request, "已解除保留" if lifts else "已保留，期满也不销毁")
    else:
        for texts in form.errors.values():
            messages.error(request, str(texts[0]))
    return redirect(f"/archive/{no}/#keeping")
