"""第三方服务: contracts with their tasks for the bureau; for a worker only his own (5(4))."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from archives.step_forms import NoteForm, SignForm
from archives.views.desk import Desk
from funds.tables import Cell, Table
from supervision.list_forms import ContractForm, TasksForm
from supervision.models import Contract, Task
from supervision.operations import partners as operations
from supervision.operations.once import digest_of, once
from supervision.rules.partners import TASK_STATES
from supervision.step_forms import FileForm, ScoreForm
from supervision.views.lists import day, due_cell, fact, listed, office_choices
from supervision.views.pages import Pages, Said, require
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.inputs import money
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.models import Post

SOON = 30  # days before a contract ends
MOST_TASKS = 200  # on the page of a contract; the list of tasks has them all
HEADS = ("服务机构", "合同", "金额（元）", "截止", "任务", "考核", "状态")

CONTRACT_DESK = Desk(
    road=operations.CONTRACTS,
    root="/thirdparty/",
    forms={"score": ScoreForm, "accept": SignForm, "end": NoteForm},
    own={"score": operations.score, "accept": operations.accept},
    stages={"accept": "验收"},
)


def _contract_said(row: Contract, actor: Actor) -> Said:
    facts = [
        fact("服务机构", row.party, row.credit_code),
        fact("招标文号", row.tender),
        fact("服务内容", row.scope),
        fact("合同金额", f"{money.show(row.amount_fen)} 元"),
        fact("合同期", f"{day(row.starts_on)} 至 {day(row.ends_on)}"),
    ]
    if row.score is not None:
        facts.append(fact("考核分", row.score, row.score_note))
    tasks = row.tasks.select_related("benefit__household", "worker", "office").order_by("-id")
    return Said(
        facts, [Table("任务", TASK_HEADS, [_task_row(t) for t in tasks[:MOST_TASKS]], "还没有派单")]
    )


TASK_HEADS = ("户主", "编号", "镇、街道", "派给", "期限", "状态")


def _task_row(row: Task) -> list[Cell]:
    return [
        Cell(row.benefit.household.head_name, url=f"/tasks/{row.no}/"),
        Cell(row.no),
        Cell(row.office.short_name if row.office else "—"),
        Cell(row.worker.name),
        due_cell(row.due_on, today(), is_over=row.is_over),
        Cell(row.state_label, tone=row.tone),
    ]


class ContractPages(Pages):
    """With the form by which tasks are given out."""

    def show(self, request: PersonRequest, row: Any, **kwargs: Any) -> HttpResponse:
        giving = row.state == "RUNNING" and request.actor.can("supervision.partners")
        tasks = kwargs.pop("tasks", None) or (_tasks_form(request) if giving else None)
        count = row.tasks.count()
        more = {"tasks_count": count, "shown": MOST_TASKS if count > MOST_TASKS else 0}
        return super().show(request, row, tasks=tasks, **more, **kwargs)


def _workers() -> list[tuple[str, str]]:
    posts = Post.objects.filter(role="third_party", ends_on=None).select_related("person")
    return [(str(p.person_id), f"{p.person.name}（{p.title}）") for p in posts.order_by("id")]


def _tasks_form(request: PersonRequest, data: Any = None) -> TasksForm:
    form = TasksForm(
        data, offices=office_choices(request.actor), workers=_workers(), auto_id="task_%s"
    )
    form.fields["office"].required = True
    return form


CONTRACT_PAGES = ContractPages(
    model=Contract, desk=CONTRACT_DESK, looks=("supervision.view",), said=_contract_said,
    title=lambda row: row.party, back=("第三方服务", "/thirdparty/"),
    template="supervision/contract.html",
)  # fmt: skip


@require_safe
def contract(request: PersonRequest, no: str) -> HttpResponse:
    """One contract."""
    return CONTRACT_PAGES.page(request, no)


@require_POST
def contract_step(request: PersonRequest, no: str, code: str) -> HttpResponse:
    """One step; `give` gives tasks out."""
    if code != "give":
        return CONTRACT_PAGES.step(request, no, code)
    row = CONTRACT_PAGES.row(request, no)
    require(request, "supervision.partners")
    form = _tasks_form(request, request.POST)
    if not form.is_valid():
        return CONTRACT_PAGES.show(request, row, tasks=form, status=422)
    given = form.cleaned_data
    order = operations.Order(
        worker_id=int(given["worker"]), kind=given["kind"], office_id=int(given["office"]),
        count=given["count"], due_on=given["due_on"], what=given["what"] or "",
    )  # fmt: skip
    actor = request.actor
    try:
        homes = once(
            digest_of(f"give {no} {actor.account_id}", given),
            lambda: str(len(operations.give_tasks(no, order, actor=actor, on=today()))),
        )
    except Refused as refused:
        form.add_error(None, refused.reason)
        return CONTRACT_PAGES.show(request, row, tasks=form, status=409)
    messages.success(request, f"已派 {homes} 户")
    return redirect("contract", no)


@require_http_methods(["GET", "HEAD", "POST"])
def contracts(request: PersonRequest) -> HttpResponse:
    """Every contract, and a new one (5(4))."""
    require(request, "supervision.view")
    actor, status = request.actor, 200
    form = ContractForm(request.POST or None)
    if request.method == "POST":
        require(request, "supervision.partners")
        status = 422
        if form.is_valid():
            data = {k: v for k, v in form.cleaned_data.items() if k != "amount"}
            terms = operations.Terms(amount_fen=form.cleaned_data["amount"], **data)
            try:
                made = operations.open_contract(terms, actor=actor, on=today())
            except Refused as refused:
                form.add_error(None, refused.reason)
                status = 409
            else:
                messages.success(request, "已登记合同")
                return redirect("contract", made.no)
    found = Contract.objects.visible_to(actor).order_by("-id")
    page = listed(request, found, "服务合同", HEADS, _row, unit="份",
                  empty="还没有合同；没有合同不能派单")  # fmt: skip
    page |= {
        "page_title": "第三方服务",
        "new": form if actor.can("supervision.partners") else None,
        "button": "登记合同",
        "post_url": "/thirdparty/",
        "links": [("任务", "/tasks/")],
    }
    return render(request, "supervision/list.html", page, status=status)


def _row(row: Contract) -> list[Cell]:
    soon = not row.is_over and (row.ends_on - today()).days <= SOON
    return [
        Cell(row.party, url=f"/thirdparty/{row.no}/"),
        Cell(row.no),
        Cell(money.show(row.amount_fen), True),
        Cell(day(row.ends_on), tone="warn" if soon else ""),
        Cell(str(row.tasks.count()), True),
        Cell(str(row.score) if row.score is not None else "—", True),
        Cell(row.state_label, tone=row.tone),
    ]


def _photo(no: str, *, title: str, content: bytes, version: int | None = None, **taken: Any) -> Any:
    return operations.add_photo(no, content, title=title, **taken)


TASK_DESK = Desk(
    road=operations.TASKS,
    root="/tasks/",
    forms={
        "photo": FileForm, "report": NoteForm, "pass": NoteForm, "return": NoteForm,
        "drop": NoteForm,
    },
    own={
        "photo": _photo, "report": operations.report, "pass": operations.pass_task,
        "return": operations.return_task,
    },
    is_mine=lambda step, facts: "mine" not in step.needs or facts.is_mine,
)  # fmt: skip


def _task_said(row: Task, actor: Actor) -> Said:
    home = row.benefit.household
    facts = [
        fact("户主", home.head_name),
        fact("住址", home.address, f"{row.office.name if row.office else ''} {home.village.name}"),
        fact("服务类别", row.get_kind_display()),
        fact("完成期限", day(row.due_on)),
    ]
    if row.what:
        facts.append(fact("要求", row.what))
    if row.report:
        facts.append(fact("服务记录", row.report, day(row.reported_on)))
    mine = row.files.select_related("attachment").order_by("id")
    links = [("打开在享对象", f"/roster/{row.benefit.key}/")] if actor.can("cases.view") else []
    return Said(facts, files=[f.attachment for f in mine], links=links)


TASK_PAGES = Pages(
    model=Task, desk=TASK_DESK, looks=("partner.visit", "supervision.view"), said=_task_said,
    title=lambda row: f"服务任务 {row.no}", back=("任务", "/tasks/"), tells_story=False,
)  # fmt: skip


@require_safe
def task(request: PersonRequest, no: str) -> HttpResponse:
    """One task; 404 for whom it was not given to."""
    return TASK_PAGES.page(request, no)


@require_POST
def task_step(request: PersonRequest, no: str, code: str) -> HttpResponse:
    """One step by hand."""
    return TASK_PAGES.step(request, no, code)


@require_safe
def tasks(request: PersonRequest) -> HttpResponse:
    """Tasks: the bureau's all, the worker's own, those due first."""
    require(request, "partner.visit", "supervision.view")
    found = Task.objects.visible_to(request.actor)
    if (state := request.GET.get("state", "")) in TASK_STATES:
        found = found.filter(state=state)
    found = found.select_related("benefit__household", "worker", "office")
    page = listed(request, found.order_by("passed_on", "due_on", "no"), "服务任务", TASK_HEADS,
                  _task_row, unit="项", empty="没有任务")  # fmt: skip
    return render(request, "supervision/list.html", page | {"page_title": "服务任务"})
