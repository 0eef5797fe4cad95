"""授权代签: who signs while the leader is away."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from cases.forms import DelegationForm
from cases.models import Delegation
from cases.operations import delegations
from cases.views.common import require
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.middleware import PersonRequest


@require_http_methods(["GET", "HEAD", "POST"])
def delegate(request: PersonRequest) -> HttpResponse:
    """What was given, and giving it."""
    require(request, "cases.decide")
    form = DelegationForm(request.POST or None, takers=delegations.takers(request.actor, today()))
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                delegations.delegate(form.mandate(), actor=request.actor, on=today())
                messages.success(request, "已登记授权代签")
                return redirect("/desk/delegate/")
            except Refused as refused:
                form.add_error(None, refused.reason)
                status = 409
    rows = Delegation.objects.filter(office_id=request.actor.unit_id)
    page = {
        "page_title": "授权代签",
        "form": form,
        "rows": rows.select_related("giver", "taker", "post").order_by("-pk")[:50],
        "today": today(),
        "me": request.actor.person_id,
    }
    return render(request, "cases/delegate.html", page, status=status)


@require_POST
def end(request: PersonRequest, pk: int) -> HttpResponse:
    """End it before its last day."""
    require(request, "cases.decide")
    try:
        delegations.end_delegation(pk, actor=request.actor, on=today())
        messages.success(request, "已结束授权")
    except Delegation.DoesNotExist as gone:
        raise Http404 from gone
    except Refused as refused:
        messages.error(request, refused.reason)
    return redirect("/desk/delegate/")
