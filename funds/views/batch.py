"""The page of one list, and the steps that are taken on it."""

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from funds.forms import FORMS, ResolveForm
from funds.models import ResultException
from funds.operations import acts, results
from funds.operations.batches import require as require_step
from funds.rules.batches import STEPS
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.middleware import PersonRequest

from .common import batch_url, render_batch, visible_batch


@require_safe
def page(request: PersonRequest, month: date, office_code: str, programme: str) -> HttpResponse:
    """The list: its lines, what differs from last month, and what can be done now."""
    return render_batch(request, visible_batch(request, month, office_code, programme))


@require_POST
def step(
    request: PersonRequest, month: date, office_code: str, programme: str, code: str
) -> HttpResponse:
    """One step by hand; the reason is shown when it is refused (409)."""
    batch = visible_batch(request, month, office_code, programme)
    if code not in FORMS:
        raise Http404
    require_step(STEPS[code], request.actor)
    form = FORMS[code](request.POST, request.FILES, batch=batch, auto_id=f"{code}_%s")
    if not form.is_valid():
        return render_batch(request, batch, form=form, code=code, status=422)
    values = form.cleaned_data | {"content": form.cleaned_data.get("file")}
    try:
        message = acts.carry_out(code, batch, values, actor=request.actor, on=today())
    except Refused as refused:
        messages.error(request, refused.reason)
        batch.refresh_from_db()
        return render_batch(request, batch, status=409)
    messages.success(request, message)
    return redirect(batch_url(batch))


@require_POST
def resolve(
    request: PersonRequest, month: date, office_code: str, programme: str, pk: int
) -> HttpResponse:
    """What a person found about one difference of the bank's answer."""
    batch = visible_batch(request, month, office_code, programme)
    require_step(STEPS["resolve_exception"], request.actor)
    code = f"exception-{pk}"
    form = ResolveForm(request.POST, auto_id=f"{code}_%s")
    if not form.is_valid():
        return render_batch(request, batch, form=form, code=code, status=422)
    try:
        results.resolve_exception(batch.no, pk, form.verdict(), actor=request.actor, on=today())
    except ResultException.DoesNotExist:
        raise Http404 from None
    except Refused as refused:
        messages.error(request, refused.reason)
        return render_batch(request, batch, status=409)
    messages.success(request, "差异已处理")
    return redirect(batch_url(batch))
