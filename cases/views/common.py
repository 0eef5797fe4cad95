"""What the pages of one case share."""

import csv
import io
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header

from cases.models import Case
from cases.models.facts import open_deferrals
from cases.models.record import CaseRecord
from cases.reports.actions import holder_of, kin_text
from cases.reports.clock import clock_of
from cases.reports.lists import TONES
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.inputs import identity_numbers, phones
from yuquan_relief.kernel.middleware import PersonRequest
from yuquan_relief.kernel.spreadsheets import neutral

TABS = (
    ("", "概要"),
    ("family/", "家庭与收入"),
    ("evidence/", "材料"),
    ("field/", "入户评议"),
    ("notice/", "公示"),
    ("decision/", "审核审批"),
    ("timeline/", "全部经过"),
)


def visible_case(request: PersonRequest, no: str) -> Case:
    """The case, or 404 with the same page as for a number that does not exist."""
    case = (
        Case.objects.visible_to(request.actor)
        .select_related("household", "village", "office")
        .filter(no=no)
        .first()
    )
    if case is None:
        raise Http404
    return case


def require(request: PersonRequest, *capabilities: str) -> None:
    """Raise PermissionDenied unless the post carries one of the capabilities."""
    if not any(request.actor.can(c) for c in capabilities):
        raise PermissionDenied(capabilities[0])


def _handlers(waiting: str, since: int) -> str:
    if not waiting:
        return ""
    return f"现由 {waiting} 办理，" + (f"已 {since} 天" if since else "今天收到")


def deferred_text(record: CaseRecord) -> str:
    """Documents that were promised and have not come, each with its day (IR-10)."""
    if not record.case.has_deferrals:
        return ""
    open_ones = open_deferrals(record)
    words = "、".join(f"{d.title}（{d.promised_on:%m-%d} 前）" for d in open_ones)
    return f"容缺：{words}" if words else ""


def case_frame(record: CaseRecord, tab: str = "") -> dict[str, Any]:
    """Identity bar, clock and tabs of every page of the case."""
    case = record.case
    head = next((m for m in record.members if m.relation == "SELF"), None)
    waiting = "、".join(holder_of(case)) if case.is_open else ""
    since = (today() - case.state_since).days if case.state_since else 0
    return {
        "case": case,
        "page_title": f"{case.household.head_name} {case.no}",
        "identity": {
            "name": case.household.head_name,
            "facts": [
                f"{case.programme_label}（{'接续申请' if case.change_id else '新申请'}）",
                f"{len(record.members)} 人户",
                f"{case.office.name} {case.village.name}",
            ],
            "number": case.no,
            "id_masked": identity_numbers.mask(head.id_no) if head else "",
            "phone_masked": phones.mask(case.household.phone),
            "handlers": _handlers(waiting, since),
            "badge_text": case.state_label,
            "badge_tone": TONES.get(case.state, "brand"),
            "alert": "　".join(filter(None, (kin_text(case), deferred_text(record)))),
        },
        "clock": clock_of(record),
        "tabs": [(f"/cases/{case.no}/{path}", label, path == tab) for path, label in TABS],
    }


def csv_file(name: str, rows: list[list[str]]) -> HttpResponse:
    """A CSV that spreadsheets open rightly and never run."""
    out = io.StringIO()
    csv.writer(out).writerows([neutral(cell) for cell in row] for row in rows)
    disposition = content_disposition_header(as_attachment=True, filename=name)
    return HttpResponse(
        out.getvalue().encode("utf-8-sig"),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": disposition or "attachment"},
    )
