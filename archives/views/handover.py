"""移交: the lists, one list thing by thing, and its steps."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from archives.handover_forms import FORMS, OpenForm
from archives.models import Handover
from archives.operations import handover as operations
from archives.rules.handover import ANSWERS, KINDS, TONES, Step
from archives.step_forms import StepForm
from archives.views.common import require
from archives.views.desk import Desk
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.models import Person, Post
from yuquan_relief.kernel.queries import key_of

MOST = 2000


@require_http_methods(["GET", "HEAD", "POST"])
def handovers(request: PersonRequest) -> HttpResponse:
    """Handovers of the office, and a new one."""
    require_any(request)
    actor, status = request.actor, 200
    form = OpenForm(request.POST or None, posts=_posts(actor), takers=_takers(actor))
    if request.method == "POST":
        status = 422
        if form.is_valid():
            post, taker = form.cleaned_data["post"], form.cleaned_data["taker"]
            try:
                made = operations.open_handover(post.pk, taker.pk, actor=actor, on=today())
            except Refused as refused:
                form.add_error(None, refused.reason)
                status = 409
            else:
                messages.success(request, "已列出移交清单，请移交人核对后签字")
                return redirect("handover", made.no)
    found = Handover.objects.visible_to(actor).select_related("post__unit", "giver", "taker")
    page = {
        "page_title": "移交",
        "rows": [(row, TONES[row.state]) for row in found.order_by("done_on", "-id")[:100]],
        "form": form,
    }
    return render(request, "archives/handovers.html", page, status=status)


def require_any(request: PersonRequest) -> None:
    """Who gives, takes or watches."""
    if not request.actor.can("archives.hand_over"):
        require(request, "archives.witness")


def _posts(actor: Actor) -> Any:
    """Posts that the actor may have listed: the own one, or for the leader those of the place."""
    posts = Post.objects.filter(role__in=operations.ROLES).held_on(today())
    if not actor.can("archives.witness"):
        return posts.filter(person_id=actor.human_id, unit_id=actor.unit_id or 0)
    return (
        posts.filter(operations.here(actor))
        .select_related("unit", "person")
        .order_by("unit__code", "id")
    )


def _takers(actor: Actor) -> Any:
    """People with such a post in the office, now or soon."""
    posts = Post.objects.filter(role__in=operations.ROLES).exclude(ends_on__lt=today())
    here = posts.filter(operations.here(actor)).values("person_id")
    return Person.objects.filter(pk__in=here).exclude(pk=actor.human_id).order_by("name", "id")


def visible_handover(request: PersonRequest, no: str) -> Handover:
    """The handover, or 404 as for one that does not exist."""
    found = Handover.objects.visible_to(request.actor).select_related(
        "post__unit", "office", "giver", "taker"
    )
    row = found.filter(no=no).first()
    if row is None:
        raise Http404
    return row


@require_safe
def handover(request: PersonRequest, no: str) -> HttpResponse:
    """One list; ?as=print is 档案移交清单 for the paper file."""
    require_any(request)
    return _page(request, visible_handover(request, no))


def _page(
    request: PersonRequest,
    row: Handover,
    *,
    form: StepForm | None = None,
    code: str = "",
    status: int = 200,
) -> HttpResponse:
    items = list(row.items.order_by("kind", "key")[:MOST])
    facts = operations.facts_of(row, request.actor, today())
    page = {
        "page_title": f"{row.post.unit.short_name}{row.post.title}移交",
        "row": row,
        "tone": TONES[row.state],
        "groups": [(label, [i for i in items if i.kind == kind]) for kind, label in KINDS.items()],
        "count": len(items),
        "accepted": sum(i.answer == "ACCEPTED" for i in items),
        "lacking": sum(i.answer == "LACKING" for i in items),
        "answers": ANSWERS,
        "may_answer": row.state == "GIVEN" and facts.is_taker,
        "acts": DESK.acts(row, request.actor, form, code),
        "signatures": DESK.signatures(row),
        "form": form,
        "back_url": f"/handover/{row.no}/",
    }
    printed = request.GET.get("as") == "print"
    template = "archives/handover_print.html" if printed else "archives/handover.html"
    return render(request, template, page, status=status)


def _is_mine(step: Step, facts: Any) -> bool:
    """Steps of another of the three are not offered."""
    holds = {"giver": facts.is_giver, "taker": facts.is_taker, "third": facts.is_third}
    return all(holds[need] for need in step.needs if need in holds)


@require_POST
def answer(request: PersonRequest, no: str) -> HttpResponse:
    """The taker says of the chosen things whether they are there."""
    require(request, "archives.hand_over")
    row = visible_handover(request, no)
    ids = [pk for text in request.POST.getlist("item") if (pk := key_of(text))]
    if request.POST.get("all"):
        ids = list(row.items.filter(answer="WAITING").values_list("pk", flat=True))
    try:
        operations.answer(
            no, ids, request.POST.get("found", ""), note=request.POST.get("note", ""),
            actor=request.actor, on=today(),
        )  # fmt: skip
        messages.success(request, f"已清点 {len(set(ids))} 件")
    except Refused as refused:
        messages.error(request, refused.reason)
    return redirect("handover", no)


@require_POST
def step(request: PersonRequest, no: str, code: str) -> HttpResponse:
    """One step by hand."""
    return DESK.take(request, visible_handover(request, no), code, _page)


DESK = Desk(
    road=operations.ROAD,
    root="/handover/",
    forms=FORMS,
    own={
        "relist": operations.relist,
        "stand_in": operations.stand_in,
        "send_back": operations.send_back,
        "witness": operations.witness,
    },
    is_mine=_is_mine,
    stages={"give": "移交人签字", "take": "接收人签字", "witness": "监交人签字"},
)
