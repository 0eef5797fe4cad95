"""The public page of a notice: open without a sign-in, and gone when the notice ends (3(4))."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Value
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from cases.forms import PublicObjectionForm
from cases.models import Notice
from cases.operations.notices import object_in_public
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.inputs import names
from yuquan_relief.kernel.middleware import client_address
from yuquan_relief.kernel.models import Unit
from yuquan_relief.kernel.throttling import SharedThrottle


class PublicThrottle(SharedThrottle):
    """So many objections an hour from one address."""

    scope = "public"

    def get_cache_key(self, request: Any, view: Any) -> str:
        """The caller's address, behind the gateway too."""
        return f"public-{client_address(request)}"


@require_http_methods(["GET", "HEAD", "POST"])
def notice(request: HttpRequest, key: str) -> HttpResponse:
    """What may be shown on the internet (domain 7.2): the name masked, and a form to object."""
    found = Notice.objects.hanging_on(today()).filter(public_key=key).first()
    if found is None:
        raise Http404
    form = PublicObjectionForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if not PublicThrottle().allow_request(request, None):
            form.add_error(None, "提交得太频繁了，请一小时后再试，或者打电话给社救办")
            status = 429
        elif form.is_valid():
            try:
                object_in_public(key, on=today(), **form.cleaned_data)
                return redirect(f"/public/notices/{key}/thanks/")
            except Refused as refused:
                form.add_error(None, refused.reason)
                status = 409
    page = {
        "page_title": found.get_kind_display(),
        "notice": found,
        "name": names.mask(found.snapshot["applicant"]),
        "form": form,
    }
    response = render(request, "cases/public_notice.html", page, status=status)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def notice_list(request: HttpRequest) -> HttpResponse:
    """Notices that hang now, village by village; names masked, gone when they end (3(4))."""
    hanging = Notice.objects.hanging_on(today())
    villages = (
        Unit.objects.filter(kind__in=("VILLAGE", "COMMUNITY"))
        .annotate(hanging=hanging_in(hanging))
        .select_related("parent")
        .order_by("parent__code", "code")
    )
    code = request.GET.get("village", "")
    village = next((v for v in villages if v.code == code), None) if code else None
    if code and village is None:
        raise Http404
    found = hanging.filter(of_village(village)) if village else []
    page = {
        "page_title": f"{village.name}公示" if village else "公示",
        "offices": _offices(villages),
        "village": village,
        "rows": [(n, names.mask(n.snapshot["applicant"])) for n in found],
    }
    response = render(request, "cases/public_list.html", page)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _offices(villages: Iterable[Unit]) -> list[tuple[Unit, int, list[Unit]]]:
    """Each office with the number of its notices and its villages."""
    found: dict[int, tuple[Unit, list[Unit]]] = {}
    for village in villages:
        assert village.parent is not None
        found.setdefault(village.parent.pk, (village.parent, []))[1].append(village)
    return [
        (office, sum(getattr(v, "hanging", 0) or 0 for v in mine), mine)
        for office, mine in found.values()
    ]


def hanging_in(hanging: QuerySet[Notice]) -> Subquery:
    """How many of the notices hang in each village."""
    mine = hanging.filter(of_village(OuterRef("pk"))).order_by().select_related(None)
    return Subquery(mine.annotate(one=Value(1)).values("one").annotate(n=Count("pk")).values("n"))


def of_village(village: Unit | OuterRef) -> Q:
    """Notices of what belongs to the village."""
    return Q(case__village=village) | Q(review__village=village)


@require_safe
def thanks(request: HttpRequest, key: str) -> HttpResponse:
    """That the objection has arrived, and what happens next."""
    return render(request, "cases/public_thanks.html", {"page_title": "已收到异议"})
