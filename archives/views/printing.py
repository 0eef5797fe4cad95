"""成批打印: asked for on a list or a box, made by the worker, with progress."""

from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST, require_safe

from archives.forms import FilterForm
from archives.models import Box, Dossier, PrintRun, of_office
from archives.operations.printing_many import KEPT_DAYS, ask
from archives.reports import filtered
from archives.views.common import require
from yuquan_relief.kernel import file_store
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.middleware import PersonRequest


@require_POST
def print_many(request: PersonRequest) -> HttpResponse:
    """Covers of a box's files, or of those that the list's filter finds."""
    require(request, "archives.view")
    back, title = "/archive/", "档案清单"
    if no := request.POST.get("box"):
        box = of_office(Box, request.actor).filter(no=no).first()
        if box is None:
            raise Http404
        back, title = f"/archive/boxes/{no}/", box.label
        files = Dossier.objects.filter(paper__box=box).order_by("paper__seat")
    else:
        form = FilterForm(request.POST, request.actor)
        files = filtered(request.actor, form.cleaned_data if form.is_valid() else {})
        files = files.order_by("no")
    try:
        row = ask(title, files, actor=request.actor, on=today())
    except Refused as refused:
        messages.error(request, refused.reason)
        return redirect(back)
    return redirect("print_run", row.no)


def visible(request: PersonRequest, no: str) -> PrintRun:
    """The run of who asked for it, or 404."""
    row = PrintRun.objects.filter(no=no, asked_by_id=request.actor.human_id).first()
    if row is None:
        raise Http404
    return row


@require_safe
def print_run(request: PersonRequest, no: str) -> HttpResponse:
    """How far it is."""
    require(request, "archives.view")
    row = visible(request, no)
    page = {"page_title": "打印封面和目录", "row": row, "kept_days": KEPT_DAYS}
    return render(request, "archives/print_run.html", page)


@require_GET
def print_file(request: PersonRequest, no: str) -> HttpResponse:
    """The one PDF."""
    require(request, "archives.view")
    row = visible(request, no)
    if row.state != PrintRun.State.DONE or not row.sha256:
        raise Http404
    headers = {
        "Content-Disposition": f'inline; filename="{row.no}.pdf"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return StreamingHttpResponse(  # type: ignore[return-value] # no common base but HttpResponseBase
        file_store.chunks(row.sha256), content_type="application/pdf", headers=headers
    )
