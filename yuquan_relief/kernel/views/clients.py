"""Programs that call the interface, for the system administrator."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.forms import ClientForm
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.models import ApiClient
from yuquan_relief.kernel.operations.clients import end_client, register_client


def _require(request: PersonRequest) -> None:
    if not request.actor.can("clients.edit"):
        raise PermissionDenied("clients.edit")


@require_http_methods(["GET", "HEAD", "POST"])
def clients(request: PersonRequest) -> HttpResponse:
    """Clients with their scopes and ends; a new one's token is shown once."""
    _require(request)
    form = ClientForm(request.POST or None)
    if request.method != "POST":
        return _page(request, form, 200)
    if not form.is_valid():
        return _page(request, form, 422)
    try:
        token = register_client(actor=request.actor, **form.cleaned_data)
    except Refused as refused:
        form.add_error(None, refused.reason)
        return _page(request, form, 422)
    return _page(request, ClientForm(), 200, token=token)


def _page(
    request: PersonRequest, form: ClientForm, status: int, *, token: str = ""
) -> HttpResponse:
    rows = ApiClient.objects.select_related("account__person", "post__unit").order_by("-id")
    page = {"page_title": "接口", "form": form, "rows": rows, "token": token, "today": today()}
    return render(request, "kernel/clients.html", page, status=status)


@require_POST
def client_end(request: PersonRequest, pk: int) -> HttpResponse:
    """The token is no longer accepted."""
    _require(request)
    client = get_object_or_404(ApiClient, pk=pk)
    end_client(client, actor=request.actor)
    messages.success(request, f"已停用 {client.name}")
    return redirect("/settings/clients/")
