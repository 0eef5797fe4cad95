"""What the pages of funds share: finding a list, and its page."""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from funds import reports
from funds.forms import FORMS, ResolveForm
from funds.models import PayoutBatch, PayoutLine, ResultException
from funds.models.accounts import account_alerts
from funds.models.kin import kin_of
from funds.paper_forms import GiveUpForm
from funds.rules.batches import STATES, STEPS, UNSENT
from funds.rules.matching import EXCEPTIONS, OWNERS
from yuquan_relief.kernel.clock import now, today
from yuquan_relief.kernel.forms import PlainForm
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.models import Event
from yuquan_relief.kernel.roles import ROLES

DATES = ("opened_on", "locked_on", "approved_on", "sent_on", "closed_on")
DONE = ("生成", "锁定", "签批", "报送", "结清")


def visible_batch(
    request: PersonRequest, month: date, office_code: str, programme: str
) -> PayoutBatch:
    """The list, or 404 as for one that does not exist; 403 without the capability to look."""
    found = PayoutBatch.objects.visible_to(request.actor).select_related("office")
    batch = found.named(month, office_code, programme).first()
    if batch is None:
        raise Http404
    require(request, "funds.view")
    return batch


def require(request: PersonRequest, capability: str) -> None:
    """Raise PermissionDenied unless the post carries the capability."""
    if not request.actor.can(capability):
        raise PermissionDenied(capability)


def batch_url(batch: PayoutBatch, name: str = "pay_batch", **more: Any) -> str:
    """The address of the list, or of something under it."""
    place = {"month": batch.month, "office_code": batch.office.code, "programme": batch.slug}
    return reverse(name, kwargs=place | more)


def render_batch(
    request: PersonRequest,
    batch: PayoutBatch,
    *,
    form: PlainForm | None = None,
    code: str = "",
    status: int = 200,
) -> HttpResponse:
    """The page of a list; `form` of step `code` (or `exception-<id>`) shows its errors."""
    shown = {code: form} if form else {}
    page = (
        _frame(batch)
        | _what_can_be_done(request, batch, shown)
        | _what_it_holds(request, batch, shown)
    )
    return render(request, "funds/batch.html", page | {"form": form}, status=status)


def _frame(batch: PayoutBatch) -> dict[str, Any]:
    row = reports.batch_row(batch, today())
    return {
        "page_title": f"{batch.month:%Y}年{batch.month.month}月{batch.title}名单",
        "batch": batch,
        "row": row,
        "url": batch_url(batch),
        "crumbs": [
            {"label": "资金发放", "url": reverse("pay_month", kwargs={"month": batch.month})},
            {"label": f"{batch.office.name} {batch.no}"},
        ],
        "stages": _stages(batch),
        "facts": _facts(batch, row),
        "kin": kin_of(batch, today()),
        "alerts": account_alerts(batch) if batch.state in UNSENT else [],
    }


def _stages(batch: PayoutBatch) -> list[dict[str, str]]:
    reached = list(STATES).index(batch.state)
    days = [getattr(batch, name) for name in DATES]
    return [
        {
            "label": label,
            "state": "done" if i <= reached else "now" if i == reached + 1 else "todo",
            "date_text": f"{day:%m-%d}" if day and i <= reached else "",
        }
        for i, (label, day) in enumerate(zip(DONE, days, strict=True))
    ]


def _facts(batch: PayoutBatch, row: reports.BoardRow) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {"label": "批次号", "value": batch.no},
        {"label": "镇、街道", "value": batch.office.name},
        {"label": "名单种类", "value": _kind_of(batch)},
        {"label": "保障人数", "value": f"{batch.person_count} 人"},
        {
            "label": "其中补发",
            "value": f"{batch.back_pay_count} 笔 {reports.yuan(batch.back_pay_fen)} 元",
        },
        {
            "label": "可用资金",
            "value": f"{reports.yuan(row.available_fen)} 元",
            "tone": "warn" if row.is_short else "",
            "note": "不够支付本名单" if row.is_short else "",
        },
    ]
    if batch.file_sha256:
        rows.append({"label": "银行文件摘要（SHA-256）", "value": batch.file_sha256})
    return rows


def _kind_of(batch: PayoutBatch) -> str:
    if batch.supplement:
        return f"{batch.rules.label}：{batch.supplement.name}（{batch.supplement.document}）"
    return f"{batch.rules.label}，{batch.months} 个月" if batch.months > 1 else batch.rules.label


def _what_can_be_done(
    request: PersonRequest, batch: PayoutBatch, shown: dict[str, PlainForm]
) -> dict[str, Any]:
    actions = reports.actions(batch, request.actor, today())
    return {
        "acts": [_act(action, batch, shown) for action in actions],
        "may_download": reports.may_download(batch, request.actor, now()),
        "has_voucher": bool(batch.paid_count or batch.returned_count),
        "exceptions": _exceptions(request, batch, shown),
    }


def _act(action: reports.Action, batch: PayoutBatch, shown: dict[str, PlainForm]) -> dict[str, Any]:
    code = action.step.code
    initial = {"version": batch.version, "content_sha256": reports.content_sha256(batch)}
    form = shown.get(code) or FORMS[code](batch=batch, initial=initial, auto_id=f"{code}_%s")
    return {
        "code": code,
        "label": action.step.label,
        "reasons": action.reasons,
        "form": form,
        "is_upload": code == "import_result",
        "is_main": code not in ("rebuild", "send_back")
        and (code, batch.state) != ("take_file", "SENT"),
        "url": batch_url(batch, "pay_step", code=code),
    }


def _exceptions(
    request: PersonRequest, batch: PayoutBatch, shown: dict[str, PlainForm]
) -> list[dict[str, Any]]:
    may = request.actor.can(STEPS["resolve_exception"].capability)
    found = batch.exceptions.select_related("line", "resolved_by").order_by(
        F("resolved_on").asc(nulls_first=True), "id"
    )
    return [_exception(item, batch, may, shown) for item in found[:100]]


def _exception(
    item: ResultException, batch: PayoutBatch, may: bool, shown: dict[str, PlainForm]
) -> dict[str, Any]:
    code = f"exception-{item.pk}"
    form = shown.get(code) or ResolveForm(auto_id=f"{code}_%s")
    return {
        "item": item,
        "label": EXCEPTIONS[item.kind],
        "owner": ROLES[OWNERS[item.kind]].label,
        "form": form if may and not item.resolved_on else None,
        "is_shown": code in shown,
        "url": batch_url(batch, "pay_resolve", pk=item.pk),
    }


def _give_up(line: PayoutLine, batch: PayoutBatch, shown: dict[str, PlainForm]) -> dict[str, Any]:
    code = f"line-{line.line_no}"
    return {
        "line_no": line.line_no,
        "form": shown.get(code) or GiveUpForm(initial={"line": line.line_no}, auto_id=f"{code}_%s"),
        "is_shown": code in shown,
        "url": batch_url(batch, "pay_give_up", line_no=line.line_no),
    }


def _what_it_holds(
    request: PersonRequest, batch: PayoutBatch, shown: dict[str, PlainForm]
) -> dict[str, Any]:
    may = request.actor.can(STEPS["give_up"].capability)
    after = request.GET.get("after", "")
    page = reports.lines(batch, int(after) if after.isascii() and after.isdigit() else 0)
    events = Event.objects.of("payout", batch.no)[:20]
    return {
        "lines": page.rows,
        "give_up": [_give_up(line, batch, shown) for line in page.rows if may and line.is_owed],
        "pager": {
            "previous_url": _after(page.previous_after),
            "next_url": _after(page.next_after),
            "caption": f"共 {batch.line_count} 笔，按村（社区）排列",
        },
        "differences": reports.differences(batch),
        "what": reports.WHAT,
        "signatures": reports.opinions(batch),
        "entries": [
            {
                "at": event.at,
                "title": STEPS[event.action].label,
                "who": f"{event.actor_unit} {event.actor_name}",
                "note": event.note,
                "is_system": event.person_id is None,
            }
            for event in events
        ],
    }


def _after(number: int | None) -> str:
    return "" if number is None else f"?after={number}#lines"
