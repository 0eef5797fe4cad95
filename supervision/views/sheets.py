"""检查表 on the spot, by phone, of money, of new approvals: filled, signed, closed (5(9), 9-13)."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.models import Case
from funds.tables import Cell
from supervision.list_forms import CovertForm, FundCheckForm
from supervision.models import Finding, Sheet
from supervision.operations import sheets as operations
from supervision.rules.sheets import KINDS, VERDICTS
from supervision.sheet_forms import CallForm, CodeForm, SheetForm
from supervision.views.lists import day, listed, office_choices
from supervision.views.pages import require
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import ContentChanged, Refused
from yuquan_relief.kernel.file_kinds import read_upload
from yuquan_relief.kernel.inputs import InputError, dates
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.models import Signature, Unit
from yuquan_relief.kernel.signing import content_digest, prove

HEADS = ("检查表", "类别", "镇、街道", "对象", "检查日期", "判定", "状态")
STAGES = {"check": "检查人", "second": "第二检查人"}


@require_http_methods(["GET", "HEAD", "POST"])
def sheets(request: PersonRequest) -> HttpResponse:
    """Every check; a visit in disguise or a check of money is begun here (11, 13)."""
    require(request, "supervision.view")
    kind = request.GET.get("kind", "")
    offices = office_choices(request.actor)
    covert: Any = CovertForm(offices=offices, auto_id="covert_%s")
    month = {"month": f"{today():%Y-%m}"}
    fund: Any = FundCheckForm(offices=offices, auto_id="fund_%s", initial=month)
    status = 200
    if request.method == "POST":
        require(request, "supervision.check")
        wants_fund = "month" in request.POST
        form = (
            FundCheckForm(request.POST, offices=offices, auto_id="fund_%s")
            if wants_fund
            else CovertForm(request.POST, offices=offices, auto_id="covert_%s")
        )
        made = _begin(request, form, wants_fund=wants_fund)
        if made:
            return redirect("sheet", made.no)
        covert, fund = (covert, form) if wants_fund else (form, fund)
        status = 422
    found = operations.visible_sheets(request.actor).select_related("office", "item", "case")
    if kind in KINDS:
        found = found.filter(kind=kind)
    page = listed(request, found.order_by("-id"), "检查表", HEADS, _row, empty="还没有检查表")
    page |= {
        "page_title": "检查表",
        "kinds": [(k.code, k.label) for k in KINDS.values()],
        "kind": kind,
        "covert": covert,
        "fund": fund,
        "may_check": request.actor.can("supervision.check"),
    }
    return render(request, "supervision/sheets.html", page, status=status)


def _begin(request: PersonRequest, form: Any, *, wants_fund: bool) -> Sheet | None:
    if not form.is_valid():
        return None
    office = form.cleaned_data["office"]
    if not office:
        form.add_error("office", "请选择镇、街道")
        return None
    act: dict[str, Any] = {"actor": request.actor, "on": today()}
    try:
        if not wants_fund:
            return operations.open_covert(int(office), **act)
        month = dates.parse_month(form.cleaned_data["month"])
        return operations.open_fund_check(int(office), month, **act)
    except InputError as error:
        form.add_error("month", error.message)
    except Unit.DoesNotExist as error:
        raise Http404 from error
    except Refused as refused:
        form.add_error(None, refused.reason)
    return None


def _row(row: Sheet) -> list[Cell]:
    about = row.case.no if row.case else row.item.number if row.item else ""
    about = about or (f"{row.month:%Y-%m}" if row.month else "—")
    return [
        Cell(row.no, url=f"/checks/sheets/{row.no}/"),
        Cell(KINDS[row.kind].label),
        Cell(row.office.short_name),
        Cell(about),
        Cell(day(row.checked_on)),
        Cell(VERDICTS.get(row.verdict, "—")),
        Cell("已办结" if row.finished_on else "填写中", tone="ok" if row.finished_on else "warn"),
    ]


def visible(request: PersonRequest, no: str) -> Sheet:
    """The sheet, or 404 as for one that does not exist."""
    found = operations.visible_sheets(request.actor)
    row: Sheet | None = (
        found.select_related("office", "village", "case", "item").filter(no=no).first()
    )
    if row is None:
        raise Http404
    return row


@require_safe
def sheet(request: PersonRequest, no: str) -> HttpResponse:
    """One check with its questions."""
    return _page(request, visible(request, no))


def _page(
    request: PersonRequest,
    row: Sheet,
    status: int = 200,
    form: SheetForm | None = None,
    **more: Any,
) -> HttpResponse:
    kind = KINDS[row.kind]
    signatures = Signature.objects.filter(subject_kind=operations.SUBJECT, subject_key=row.no)
    page = {
        "page_title": f"{kind.label} {row.no}",
        "row": row,
        "kind": kind,
        "form": form or SheetForm(row),
        "is_mine": row.checked_by_id == request.actor.person_id,
        "may_check": request.actor.can("supervision.check") and not row.finished_on,
        "call": CallForm(auto_id="call_%s"),
        "calls": row.calls.order_by("id"),
        "given_up": row.kind == "PHONE" and operations.is_given_up(row),
        "code": CodeForm(initial={"content_sha256": content_digest(operations.content_of(row))}),
        "signatures": [
            {"stage": STAGES[s.stage], "who": f"{s.unit}{s.post} {s.name}", "at": s.signed_at,
             "text": s.opinion, "verdict": "已签字", "tone": "ok"}
            for s in signatures.order_by("id")
        ],
        "found": Finding.objects.filter(origin_kind=operations.SUBJECT, origin_key=row.no),
        "files": [f.attachment for f in row.files.select_related("attachment")],
        "verdict": VERDICTS.get(row.verdict, ""),
        "error": "",
        "today": today(),
    }  # fmt: skip
    return render(request, "supervision/sheet.html", page | more, status=status)


@require_POST
def sheet_step(request: PersonRequest, no: str, code: str) -> HttpResponse:
    """Save, add a photo, keep a call, sign as the second, or sign and close."""
    row = visible(request, no)
    require(request, "supervision.check")
    if code in FILLING:
        return _fill(request, row, code)
    steps = {"give_up": _give_up, "cosign": _sign, "finish": _sign, "take_over": _take_over}
    if code not in steps:
        raise Http404
    try:
        answer = steps[code](request, row, code)
    except (Refused, ContentChanged) as refused:
        row.refresh_from_db()
        return _page(request, row, 409, error=refused.reason)
    return answer or redirect("sheet", no)


FILLING = {"save": "已保存", "photo": "已上传", "call": "已登记拨打"}


def _fill(request: PersonRequest, row: Sheet, code: str) -> HttpResponse:
    """The buttons of the one form: each saves what is filled in, beside what it is for; all of it
    or nothing, and when it is refused the page still has what was typed."""
    # A call or a photo may come alone, without the answers.
    form = SheetForm(row, request.POST) if code == "save" or "version" in request.POST else None
    call = CallForm(request.POST if code == "call" else None, auto_id="call_%s",
                    initial=_typed_call(request))  # fmt: skip
    if (form and not form.is_valid()) or (code == "call" and not call.is_valid()):
        return _page(request, row, 422, form, call=call)
    try:
        with transaction.atomic():
            _keep(request, row, form, is_asked=code == "save")
            if code == "call":
                result, note = call.cleaned_data["result"], call.cleaned_data["note"] or ""
                operations.record_call(row.no, result, note, actor=request.actor, on=today())
            _keep_files(request, row, is_asked=code == "photo")
    except Refused as refused:
        row.refresh_from_db()
        typed = SheetForm(row, request.POST) if form else None
        return _page(request, row, 409, typed, call=call, error=refused.reason)
    messages.success(request, FILLING[code])
    if code == "call" or not any(call.initial.values()):
        return redirect("sheet", row.no)
    row.refresh_from_db()
    messages.warning(request, "拨打结果还没有登记，请核对后登记拨打")
    return _page(request, row, call=call)


def _typed_call(request: PersonRequest) -> dict[str, str]:
    """The call that was typed beside another button: not registered, not lost when refused."""
    return {name: request.POST.get(name, "") for name in ("result", "note")}


def _keep(request: PersonRequest, row: Sheet, form: SheetForm | None, *, is_asked: bool) -> None:
    """The answers stand, where there are new ones or the person asked for it."""
    if form and (is_asked or form.says_more):
        operations.save_answers(
            row.no, form.answers(), actor=request.actor, on=today(),
            version=form.cleaned_data["version"],
        )  # fmt: skip


def _keep_files(request: PersonRequest, row: Sheet, *, is_asked: bool) -> None:
    """The chosen files are kept, whichever button was pressed."""
    files = request.FILES.getlist("files")[:20]
    if is_asked and not files:
        raise Refused("请选择照片或文件")
    for file in files:
        operations.add_file(row.no, read_upload(file), actor=request.actor, on=today())


def _give_up(request: PersonRequest, row: Sheet, code: str) -> HttpResponse | None:
    made = operations.give_up_call(row.no, actor=request.actor, on=today())
    alone = row.item is not None and made.pk == row.item.pk
    messages.success(
        request, "已换出；本层没有可以换入的家庭了" if alone else f"已换入 {made.number}"
    )
    return redirect("sample", made.sample.no)


def _take_over(request: PersonRequest, row: Sheet, code: str) -> HttpResponse | None:
    operations.take_over(row.no, actor=request.actor, on=today())
    messages.success(request, "已由您接手填写")
    return None


def _sign(request: PersonRequest, row: Sheet, code: str) -> HttpResponse | None:
    if _says_more(request, row):  # a signature is for what stands, and what was typed is not lost
        answer = _fill(request, row, "save")
        if answer.status_code == 302:
            messages.warning(request, "刚填的内容已先保存，还没有签字，请核对后再签字")
        return answer
    proof = prove(
        request.actor, request.POST.get("sign_code", ""),
        content_sha256=request.POST.get("content_sha256", ""),
    )  # fmt: skip
    act = operations.cosign if code == "cosign" else operations.finish
    act(row.no, actor=request.actor, on=today(), proof=proof)
    messages.success(request, "已签字" if code == "cosign" else "已签字办结")
    return None


def _says_more(request: PersonRequest, row: Sheet) -> bool:
    """Whether something came with the signature that does not stand yet."""
    is_filled = "version" in request.POST and SheetForm(row, request.POST).says_more
    return is_filled or bool(request.FILES)


@require_http_methods(["GET", "HEAD", "POST"])
def recheck(request: PersonRequest) -> HttpResponse:
    """新批复核: decided cases that nobody has looked at again, one after another (5(9))."""
    require(request, "supervision.check")
    mine = Case.objects.visible_to(request.actor).filter(state__in=("APPROVED", "REFUSED"))
    waiting = mine.filter(rechecked_on=None).select_related("household", "office")
    if request.method == "POST":
        case_no = (
            request.POST.get("case")
            or waiting.order_by("decided_on", "id").values_list("no", flat=True).first()
        )
        if not case_no:
            messages.success(request, "都已复核")
            return redirect("recheck")
        try:
            made = operations.open_recheck(case_no, actor=request.actor, on=today())
        except Case.DoesNotExist as error:
            raise Http404 from error
        except Refused as refused:
            messages.error(request, refused.reason)
            return redirect("recheck")
        return redirect("sheet", made.no)
    month = mine.filter(decided_on__gte=today().replace(day=1))
    done = month.exclude(rechecked_on=None).count()
    heads = ("案件", "户主", "镇、街道", "决定日期", "结果")
    page = listed(request, waiting.order_by("decided_on", "id"), "等待复核", heads, _case_row,
                  empty="都已复核", unit="件")  # fmt: skip
    page |= {
        "page_title": "新批复核",
        "cards": [
            {"label": "本月新批", "value": month.count(), "unit": "件"},
            {"label": "本月已复核", "value": done, "unit": "件"},
        ],
        "has_waiting": bool(page["table"].rows),
    }
    return render(request, "supervision/recheck.html", page)


def _case_row(row: Case) -> list[Cell]:
    return [
        Cell(row.no, url=f"/cases/{row.no}/"),
        Cell(row.household.head_name),
        Cell(row.office.short_name),
        Cell(day(row.decided_on)),
        Cell(row.state_label),
    ]
