"""Means checks by file: what is asked goes out as a table, reports come back as one (5(3))."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from cases.models import Case, MeansCheck, Member
from cases.rules.exchange import HEAD, REQUESTED, Item, Report, RowError, read_reports
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.fields import digest
from yuquan_relief.kernel.spreadsheets import Unreadable, read_table

from .investigation import (
    CheckedIncome,
    CheckedProperty,
    Finding,
    MeansReport,
    return_means_check,
)


class WrongRows(Refused):
    """The file has lines that must be mended; nothing was taken in."""

    def __init__(self, errors: Sequence[RowError]) -> None:
        super().__init__(f"文件有 {len(errors)} 处需要修改，没有导入", code="wrong_rows")
        self.errors = list(errors)


@dataclass(frozen=True)
class Imported:
    """How many reports were returned now, and how many were there already."""

    returned: int
    unchanged: int


def _require(actor: Actor) -> None:
    if not actor.can("cases.return_means_check"):
        raise PermissionDenied("cases.return_means_check")


def waiting_checks(actor: Actor) -> QuerySet[MeansCheck]:
    """The latest request of each case that can still be answered, the oldest first."""
    later = MeansCheck.objects.filter(case=OuterRef("case"), pk__gt=OuterRef("pk"))
    waiting = MeansCheck.objects.filter(
        ~Exists(later),
        returned_on__isnull=True,
        case__in=Case.objects.visible_to(actor).filter(state="INVESTIGATING"),
    )
    return waiting.order_by("requested_on", "id")


def requested_rows(*, actor: Actor, on: date) -> list[list[str]]:
    """The header and one row for each person whose request waits; who took it is recorded."""
    _require(actor)
    checks = list(waiting_checks(actor).select_related("case"))
    people: dict[int, list[Member]] = {}
    households = [check.case.household_id for check in checks]
    for member in Member.objects.filter(household__in=households, left_on__isnull=True):
        people.setdefault(member.household_id, []).append(member)
    rows = [
        [
            check.case.no,
            str(check.requested_on),
            str(check.attempt),
            member.name,
            member.id_no,
            member.get_relation_display(),
        ]
        for check in checks
        for member in sorted(people.get(check.case.household_id, []), key=lambda m: m.pk)
    ]
    record(
        "means_exchange",
        str(on),
        "export_requests",
        actor=actor,
        on=on,
        body={"cases": len(checks), "persons": len(rows)},
    )
    return [list(REQUESTED), *rows]


@transaction.atomic
def import_reports(content: bytes, *, name: str, actor: Actor, on: date) -> Imported:
    """Every report of the file is returned, or none is; the same file again changes nothing.

    Raises Unreadable for what is no table, WrongRows with every line that must be mended.
    """
    _require(actor)
    table = read_table(content, name=name)
    if missing := [column for column in HEAD[:5] if column not in table.header]:
        raise Unreadable(f"缺少列：{'、'.join(missing)}；可先下载模板")
    reports, errors = read_reports(((r.number, r.cells) for r in table.rows), today=on)
    if not reports and not errors:
        raise Unreadable("文件里没有报告，请核对后重新选择")
    _hold([report.case_no for report in reports if "\x00" not in report.case_no], actor)
    returned = 0
    for report in reports:
        try:
            returned += _take(report, actor, on, errors)
        except Refused as refused:
            errors.append(RowError(report.number, "案件编号", refused.reason))
    if errors:
        transaction.set_rollback(True)
        raise WrongRows(sorted(errors, key=lambda e: e.number))
    return Imported(returned, len(reports) - returned)


def _hold(numbers: Sequence[str], actor: Actor) -> None:
    """Every case of the file first, in one order: nobody who acts on one of them waits for ever."""
    mine = Case.objects.visible_to(actor).filter(no__in=numbers)
    list(mine.select_for_update(of=("self",)).order_by("pk").values_list("pk"))


def _take(report: Report, actor: Actor, on: date, errors: list[RowError]) -> bool:
    """Whether the report was returned now; one that is there already is left as it is."""
    case = Case.objects.visible_to(actor).filter(no=report.case_no).first()
    if case is None:
        raise Refused("没有委托核对这个案件，请核对案件编号")
    latest = MeansCheck.objects.filter(case=case).latest("round", "attempt")
    if latest.returned_on is not None and latest.report_no == report.report_no:
        return False
    members = {m.id_digest: m.pk for m in case.household.members.filter(left_on__isnull=True)}
    found: dict[str, list[tuple[Item, int | None]]] = {"收入": [], "财产": [], "人员": []}
    for item in report.items:
        member = members.get(digest(item.id_no)) if item.id_no else None
        if item.id_no and member is None:
            errors.append(RowError(item.number, "证号", f"{report.case_no} 里有不属于本户的证号"))
            continue
        found[item.what].append((item, member))
    return_means_check(case.no, _as_report(report, found), actor=actor, on=on)
    return True


def _as_report(report: Report, found: dict[str, list[tuple[Item, int | None]]]) -> MeansReport:
    return MeansReport(
        report_no=report.report_no,
        data_upto=report.data_upto,
        valid_until=report.valid_until,
        conclusion=report.conclusion,
        note=report.note,
        lines=[
            CheckedIncome(member_id=member, kind=item.kind, annual_fen=item.fen)
            for item, member in found["收入"]
            if member is not None
        ],
        property=[
            CheckedProperty(
                member_id=member,
                kind=item.kind,
                note=item.note,
                value_fen=item.fen,
                area=item.area,
            )
            for item, member in found["财产"]
        ],
        findings=[
            Finding(member_id=member, kind=item.kind, note=item.note)
            for item, member in found["人员"]
            if member is not None
        ],
    )
