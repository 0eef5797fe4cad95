"""工作通报 with their receipts, 整改 and 移送: lists and pages (10, 14, 16)."""

import logging
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localtime
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from archives.step_forms import NoteForm, SignForm, StepForm
from archives.views.desk import Desk
from funds.tables import Cell, Table, number
from supervision.acts import issue
from supervision.list_forms import BulletinForm
from supervision.models import Bulletin, Finding, Mending, Referral
from supervision.operations import bulletins as operations
from supervision.operations import mending as mendings
from supervision.operations.bulletin_paper import make_paper
from supervision.reports.bulletins import public_words, tables_of
from supervision.rules.bulletins import MENDING_STATES, STATES
from supervision.rules.checks import SEVERITIES
from supervision.step_forms import FileForm, UntilForm
from supervision.views.lists import day, due_cell, exported, fact, file_url, listed, wants_file
from supervision.views.pages import Pages, Said, require
from yuquan_relief.kernel import file_store
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.models import Attachment
from yuquan_relief.kernel.roles import Reach

logger = logging.getLogger(__name__)

LOOKS = ("supervision.view", "supervision.answer", "board.view", "cases.view")
MENDING_LOOKS = ("supervision.view", "supervision.answer")
HEADS = ("题目", "文号", "通报期", "发现", "签发", "签收", "状态")


DESK = Desk(
    road=operations.ROAD,
    root="/bulletins/",
    forms={"submit": StepForm, "back": NoteForm, "issue": SignForm, "cancel": NoteForm},
    own={"issue": issue},
    stages={"issue": "签发"},
)


def _said(row: Bulletin, actor: Actor) -> Said:
    facts = [
        fact("通报期", f"{day(row.period_from)} 至 {day(row.period_to)}"),
        fact("文号", row.document_no or "签发时编号"),
        fact("签发日期", day(row.issued_on)),
        fact("整改要求", row.demand or "按期整改，逐项报送"),
    ]
    tables = row.tables or tables_of(row, today())
    links = [("下载 PDF", f"/bulletins/{row.no}/paper.pdf")] if row.state == "ISSUED" else []
    return Said(
        facts, [_offices(tables), _findings(row, actor), *_reads(row)], words=row.text, links=links,
        picture={"bars": tables["bars"], "caption": "各镇、街道发现项数"},
    )  # fmt: skip


def _offices(tables: dict[str, Any]) -> Table:
    rows = [[Cell(r[0]), *(Cell(text, True) for text in r[1:])] for r in tables["rows"]]
    return Table("各镇、街道情况", tuple(tables["heads"]), rows)


def _findings(row: Bulletin, actor: Actor) -> Table:
    """In full for who may open the finding; for the others without anybody's name."""
    items = row.items.select_related("finding__office").order_by("finding__no")
    mine = set(
        Finding.objects.visible_to(actor)
        .filter(pk__in=items.values("finding"))
        .values_list("pk", flat=True)
    )
    rows = [
        [
            Cell(i.finding.what, url=f"/findings/{i.finding.no}/")
            if i.finding_id in mine
            else Cell(public_words(i.finding)),
            Cell(i.finding.office.short_name if i.finding.office else "全区"),
            Cell(SEVERITIES[i.finding.severity]),
            Cell(day(i.mend_by)),
            Cell(i.finding.state_label, tone=i.finding.tone),
        ]
        for i in items
    ]
    heads = ("问题", "镇、街道", "级别", "整改期限", "现在")
    return Table("问题清单", heads, rows, empty="没有选发现，请先在核查发现里勾选")


def _reads(row: Bulletin) -> list[Table]:
    if row.state != "ISSUED":
        return []
    reads = row.reads.select_related("office", "person").order_by("at")
    rows = [
        [Cell(r.office.short_name), Cell(r.person.name), Cell(day(localtime(r.at)))] for r in reads
    ]
    return [Table("签收", ("镇、街道", "签收人", "日期"), rows, empty="还没有签收")]


class BulletinPages(Pages):
    """With the draft's words, and the receipt of who reads it."""

    def show(self, request: PersonRequest, row: Any, **kwargs: Any) -> HttpResponse:
        actor = request.actor
        words: BulletinForm | None = kwargs.pop("words", None)
        # What was typed stays on the page, too where the draft has been handed in meanwhile.
        writes = bool(words) or (row.state == "DRAFT" and actor.can("supervision.check"))
        names = ("version", "title", "period_from", "period_to", "text", "demand")
        initial = {name: getattr(row, name) for name in names}
        initial |= {n: f"{initial[n]:%Y-%m-%d}" for n in ("period_from", "period_to")}
        more = {
            "writing": writes,
            "words": words or BulletinForm(initial=initial, auto_id="words_%s"),
            "items": row.items.select_related("finding__office").order_by("finding__no"),
            "to_read": row.state == "ISSUED"
            and actor.reach == Reach.OFFICE
            and not row.reads.filter(office=actor.unit_id, person=actor.person_id).exists(),
        }
        return super().show(request, row, **more, **kwargs)


PAGES = BulletinPages(
    model=Bulletin, desk=DESK, looks=LOOKS, said=_said, title=lambda row: row.title,
    back=("工作通报", "/bulletins/"), template="supervision/bulletin.html",
)  # fmt: skip


@require_safe
def bulletin(request: PersonRequest, no: str) -> HttpResponse:
    """One bulletin."""
    return PAGES.page(request, no)


@require_safe
def paper(request: PersonRequest, no: str) -> HttpResponse:
    """The issued bulletin as PDF."""
    row = PAGES.row(request, no)
    if row.state != "ISSUED":
        raise Http404
    headers = {
        "Content-Disposition": f'inline; filename="{row.no}.pdf"',
        "Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff",
    }  # fmt: skip
    try:
        content = file_store.read(make_paper(no))
    except FileNotFoundError as error:
        logger.error("bulletin %s has lost its file", no)
        raise Http404 from error
    return HttpResponse(content, content_type="application/pdf", headers=headers)


@require_POST
def bulletin_step(request: PersonRequest, no: str, code: str) -> HttpResponse:
    """One step; `write` keeps the words, `drop` takes findings out, `read` is the receipt."""
    row = PAGES.row(request, no)
    own = {"write": _write, "drop": _drop, "read": _read}
    if code not in own:
        return PAGES.step(request, no, code)
    try:
        answer = own[code](request, row)
    except Refused as refused:
        messages.error(request, refused.reason)
        answer = None
    return answer or redirect("bulletin", no)


def _write(request: PersonRequest, row: Bulletin) -> HttpResponse | None:
    require(request, "supervision.check")
    form = BulletinForm(request.POST, auto_id="words_%s")
    if not form.is_valid():
        return PAGES.show(request, row, words=form, status=422)
    given: dict[str, Any] = dict(form.cleaned_data)
    mend_by, version = given.pop("mend_by"), given.pop("version")
    said: dict[str, Any] = {name: value or "" for name, value in given.items()}
    try:
        operations.write_words(
            row.no,
            operations.Words(**said),
            mend_by=mend_by,
            version=version,
            actor=request.actor,
            on=today(),
        )
    except Refused as refused:
        row.refresh_from_db()
        return PAGES.show(request, row, words=_kept(request, row, refused), status=409)
    messages.success(request, "已保存通报内容")
    return None


CHANGED = "您打开后，这份通报已被改过；页面上是现在的内容，请对照修改您填的，再保存"


def _kept(request: PersonRequest, row: Bulletin, refused: Refused) -> BulletinForm:
    """What was typed, why it was refused, and what it would now be written over."""
    data = request.POST.copy()
    data["version"] = str(row.version)
    form = BulletinForm(data, auto_id="words_%s")
    form.add_error(None, CHANGED if refused.code == "stale" else refused.reason)
    return form


def _drop(request: PersonRequest, row: Bulletin) -> HttpResponse | None:
    require(request, "supervision.check")
    operations.drop(row.no, request.POST.getlist("finding"), actor=request.actor, on=today())
    messages.success(request, "已移出")
    return None


def _read(request: PersonRequest, row: Bulletin) -> HttpResponse | None:
    try:
        operations.take_note(row.no, actor=request.actor, on=today())
    except Bulletin.DoesNotExist as error:  # a draft: there is nothing to be read yet
        raise Http404 from error
    messages.success(request, "已签收")
    return None


@require_http_methods(["GET", "HEAD", "POST"])
def bulletins(request: PersonRequest) -> HttpResponse:
    """Every bulletin; picked findings become a draft."""
    require(request, *LOOKS)
    actor = request.actor
    if request.method == "POST":
        require(request, "supervision.check")
        return _draft(request)
    found = Bulletin.objects.visible_to(actor).order_by("-id")
    if (state := request.GET.get("state", "")) in STATES:
        found = found.filter(state=state)
    page = listed(request, found, "工作通报", HEADS, _row, unit="份",
                  empty="还没有通报；在督办里勾选发现起草")  # fmt: skip
    page |= {"page_title": "工作通报", "links": _links(actor)}
    return render(request, "supervision/list.html", page)


def _links(actor: Actor) -> list[tuple[str, str]]:
    """The neighbouring lists that the reader may open."""
    links = []
    if any(actor.can(name) for name in MENDING_LOOKS):
        links.append(("整改", "/rectify/"))
    if actor.can("supervision.view"):
        links.append(("督办", "/supervise/"))
    return links


def _draft(request: PersonRequest) -> HttpResponse:
    on = today()
    words = operations.Words(
        title=f"{on:%Y 年 %m 月}社会救助工作通报".replace(" 0", " "),
        period_from=on.replace(day=1), period_to=on,
    )  # fmt: skip
    try:
        made = operations.open_bulletin(
            words, request.POST.getlist("finding"), actor=request.actor, on=on
        )
    except Refused as refused:
        messages.error(request, refused.reason)
        return redirect("/supervise/")
    messages.success(request, "已起草，请修改正文和整改期限")
    return redirect("bulletin", made.no)


def _row(row: Bulletin) -> list[Cell]:
    return [
        Cell(row.title, url=f"/bulletins/{row.no}/"),
        Cell(row.document_no or "—"),
        Cell(f"{day(row.period_from)} 至 {day(row.period_to)}"),
        number(row.items.count()),
        Cell(day(row.issued_on)),
        Cell(str(row.reads.values("office").distinct().count()) if row.issued_on else "—", True),
        Cell(row.state_label, tone=row.tone),
    ]


# ---------------------------------------------------------------------- 整改


def _prove(no: str, *, title: str, content: bytes, version: int | None = None, **taken: Any) -> Any:
    return mendings.prove(no, content, title=title, **taken)


MENDING_DESK = Desk(
    road=mendings.ROAD,
    root="/rectify/",
    forms={
        "prove": FileForm, "send": NoteForm, "ask_time": UntilForm, "extend": UntilForm,
        "pass": NoteForm, "return": NoteForm,
    },
    own={
        "prove": _prove, "send": mendings.send, "ask_time": mendings.ask_time,
        "extend": mendings.extend, "pass": mendings.pass_, "return": mendings.return_,
    },
    is_mine=lambda step, facts: "mine" not in step.needs or facts.is_mine,
)  # fmt: skip


def _mending_said(row: Mending, actor: Actor) -> Said:
    facts = [
        fact("镇、街道", row.office.name if row.office else ""),
        fact("整改期限", day(row.due_on),
             f"原期限 {day(row.first_due_on)}" if row.extensions else ""),
        fact("依据", "《办法》" + "、".join(row.finding.cites.split())),
    ]  # fmt: skip
    if row.asked_until:
        facts.append(fact("申请延至", day(row.asked_until)))
    if row.report:
        facts.append(fact("整改情况", row.report, day(row.sent_on)))
    links = [(f"发现 {row.finding.no}", f"/findings/{row.finding.no}/")]
    if row.bulletin:
        links.append(("通报", f"/bulletins/{row.bulletin.no}/"))
    mine = row.files.select_related("attachment").order_by("id")
    files: list[Attachment] = [f.attachment for f in mine]
    return Said(facts, files=files, words=row.demand, links=links)


MENDING_PAGES = Pages(
    model=Mending, desk=MENDING_DESK, looks=MENDING_LOOKS,
    said=_mending_said, title=lambda row: f"整改 {row.no}", back=("整改", "/rectify/"),
)  # fmt: skip


@require_safe
def mending(request: PersonRequest, no: str) -> HttpResponse:
    """One thing to be mended."""
    return MENDING_PAGES.page(request, no)


@require_POST
def mending_step(request: PersonRequest, no: str, code: str) -> HttpResponse:
    """One step by hand."""
    return MENDING_PAGES.step(request, no, code)


MENDING_HEADS = ("要求", "编号", "镇、街道", "期限", "状态")


@require_safe
def mending_list(request: PersonRequest) -> HttpResponse:
    """What must be mended by when, those due first (16)."""
    require(request, *MENDING_LOOKS)
    found = Mending.objects.visible_to(request.actor).select_related("office")
    if (state := request.GET.get("state", "")) in MENDING_STATES:
        found = found.filter(state=state)
    found = found.order_by("passed_on", "due_on", "no")
    if wants_file(request):
        return exported(found, "整改.csv", MENDING_HEADS, _mending_row)
    page = listed(request, found, "整改", MENDING_HEADS, _mending_row, unit="项",
                  empty="没有要整改的")  # fmt: skip
    mine = Mending.objects.visible_to(request.actor)
    late = mine.open().filter(due_on__lt=today()).count()
    page |= {
        "page_title": "整改",
        "cards": [
            {"label": "没有销号", "value": mine.open().count(), "unit": "项"},
            {"label": "超过期限", "value": late, "unit": "项", "tone": "bad" if late else ""},
        ],
        "export_url": file_url(request),
    }
    return render(request, "supervision/list.html", page)


def _mending_row(row: Mending) -> list[Cell]:
    return [
        Cell(row.demand, url=f"/rectify/{row.no}/"),
        Cell(row.no),
        Cell(row.office.short_name if row.office else "—"),
        due_cell(row.due_on, today(), is_over=row.is_over),
        Cell(row.state_label, tone=row.tone),
    ]


# ---------------------------------------------------------------------- 移送

REFERRAL_DESK = Desk(
    road=mendings.REFERRALS,
    root="/referrals/",
    forms={"send": SignForm, "drop": NoteForm, "answered": NoteForm},
    own={"send": mendings.send_referral, "answered": mendings.answer_referral},
    stages={"issue": "移送审批"},
)


def _referral_said(row: Referral, actor: Actor) -> Said:
    facts = [
        fact("受移送机关", row.get_authority_display()),
        fact("移送文号", row.document_no or "签批时编号"),
        fact("移送日期", day(row.sent_on)),
    ]
    if row.reply:
        facts.append(fact("回复", row.reply, day(row.replied_on)))
    links = [(f"发现 {row.finding.no}", f"/findings/{row.finding.no}/")] if row.finding else []
    if row.complaint:
        links.append((f"举报 {row.complaint.no}", f"/petitions/{row.complaint.no}/"))
    return Said(facts, words=row.facts, links=links)


REFERRAL_PAGES = Pages(
    model=Referral, desk=REFERRAL_DESK, looks=("supervision.view",), said=_referral_said,
    title=lambda row: f"移送 {row.no}", back=("移送", "/referrals/"),
)  # fmt: skip


@require_safe
def referral(request: PersonRequest, no: str) -> HttpResponse:
    """One referral."""
    return REFERRAL_PAGES.page(request, no)


@require_POST
def referral_step(request: PersonRequest, no: str, code: str) -> HttpResponse:
    """One step by hand."""
    return REFERRAL_PAGES.step(request, no, code)


@require_safe
def referrals(request: PersonRequest) -> HttpResponse:
    """What was handed to others (14)."""
    require(request, "supervision.view")
    found = Referral.objects.visible_to(request.actor).order_by("-id")
    heads = ("编号", "受移送机关", "文号", "移送日期", "状态")
    page = listed(request, found, "移送", heads, _referral_row, unit="件", empty="没有移送的")
    return render(request, "supervision/list.html", page | {"page_title": "移送"})


def _referral_row(row: Referral) -> list[Cell]:
    return [
        Cell(row.no, url=f"/referrals/{row.no}/"),
        Cell(row.get_authority_display()),
        Cell(row.document_no or "—"),
        Cell(day(row.sent_on)),
        Cell(row.state_label, tone=row.tone),
    ]
