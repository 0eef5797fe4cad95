"""Care of 特困人员: arranged, and assessed again when it changes (3(7), N3 第二十三条)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from cases.models import CareArrangement, CareReport, Case, Institution, SelfCare
from cases.models.limits import due_to_assess
from cases.models.record import CaseRecord
from cases.rules.destitution import SELF_CARE, tier_of
from cases.rules.programmes import SUPPORT_MODES
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.calendars import work_calendar
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.inputs import half_width
from yuquan_relief.kernel.models import Event

from .destitution import Assessed
from .steps import perform


@dataclass(frozen=True, kw_only=True)
class Arranged:
    """An institution with its bed, or a carer with the day of the agreement; pay in fen a month."""

    support: str
    began_on: date
    institution_id: int = 0
    bed: str = ""
    carer_name: str = ""
    carer_relation: str = ""
    carer_phone: str = ""
    month_fen: int = 0
    agreed_on: date | None = None


def arrange_care(no: str, arranged: Arranged, *, actor: Actor, on: date) -> Event:
    """From that day the person is cared for like this; an earlier arrangement has ended.

    Raises Refused when the institution is full or closed, the bed is taken, or the agreement
    (分散供养) is missing or later than the care.
    """
    if reason := _objection(arranged, on):
        raise Refused(reason)

    def write(case: Case) -> Mapping[str, Any]:
        current = CareArrangement.objects.filter(case=case, ended_on__isnull=True).first()
        if case.submitted_on and arranged.began_on < case.submitted_on:
            raise Refused(f"开始日期不能早于申请日 {case.submitted_on}，请核对")
        if current and current.began_on > arranged.began_on:
            raise Refused(f"开始日期应在上次安排 {current.began_on} 以后，请核对")
        if current:
            current.ended_on = arranged.began_on
            current.save(update_fields=["ended_on"])
        if arranged.support == "CENTRAL":
            _require_bed(arranged.institution_id)
        bed = half_width(arranged.bed).strip().upper()  # １０１ and 101 are one bed
        values = arranged.__dict__ | {"institution_id": arranged.institution_id or None, "bed": bed}
        row = CareArrangement.objects.create(case=case, recorded_by_id=actor.human_id, **values)
        return {"care": row.pk, "support": row.support}

    try:
        with transaction.atomic():
            return perform(no, "arrange_care", actor=actor, on=on, write=write)
    except IntegrityError as taken:
        raise Refused("这个床位已有人入住，请核对床位号") from taken


def _objection(arranged: Arranged, on: date) -> str:
    if arranged.support not in SUPPORT_MODES:
        return "请选择供养方式"
    if arranged.began_on > on:
        return "开始日期不能晚于今天，请核对"
    if arranged.support == "CENTRAL":
        return "" if arranged.bed.strip() and arranged.institution_id else "请选择机构，填写床位号"
    if not arranged.carer_name.strip() or arranged.agreed_on is None:
        return "分散供养请填写照料人和协议签订日期"
    if arranged.agreed_on > arranged.began_on:
        return "协议签订日期不能晚于开始照料的日期，请核对"
    return ""


def _require_bed(pk: int) -> None:
    institution = Institution.objects.select_for_update().filter(pk=pk, is_open=True).first()
    if institution is None:
        raise Refused("这家机构没有接收，请选择别的机构")
    if institution.stays.filter(ended_on__isnull=True).count() >= institution.beds:
        raise Refused(f"{institution.name}的 {institution.beds} 张床位已满，请选择别的机构")


def end_care(no: str, *, ended_on: date, note: str, actor: Actor, on: date) -> Event:
    """Nobody cares for the person like that any more; the bed is free.

    Raises Refused when nothing is arranged, or for a day before it began.
    """

    def write(case: Case) -> Mapping[str, Any]:
        current = CareArrangement.objects.filter(case=case, ended_on__isnull=True).first()
        if current is None:
            raise Refused("没有登记照料安排，不用结束")
        if not current.began_on <= ended_on <= on:
            raise Refused(f"结束日期应在开始日 {current.began_on} 到今天之间，请核对")
        current.ended_on = ended_on
        current.save(update_fields=["ended_on"])
        return {"care": current.pk}

    return perform(no, "end_care", actor=actor, on=on, note=note, write=write)


def report_care_change(no: str, *, reported_on: date, what: str, actor: Actor, on: date) -> Event:
    """A change was reported; within ten workdays from that day it must be assessed again."""

    def write(case: Case) -> Mapping[str, Any]:
        if not (case.decided_on and case.decided_on <= reported_on <= on):
            raise Refused(f"报告日期应在批准日 {case.decided_on} 到今天之间，请核对")
        row = CareReport(case=case, reported_on=reported_on, what=what.strip()[:300])
        row.recorded_by_id = actor.human_id
        due = due_to_assess(row, work_calendar())
        row.due_on = due.on
        row.save(force_insert=True)
        case.care_reported_on = reported_on
        return {"care_report": row.pk, "due_on": str(due.on)}

    return perform(no, "report_care_change", actor=actor, on=on, note=what, write=write)


def reassess_self_care(no: str, assessed: Assessed, *, actor: Actor, on: date) -> Event:
    """The reported change is answered by a new assessment; the first one stands as it was.

    What is paid follows in the review of the benefit: nothing changes before the notice (4(1).2).
    """

    def write(case: Case) -> Mapping[str, Any]:
        report = CareReport.objects.get(case=case, answer__isnull=True)
        if not report.reported_on <= assessed.assessed_on <= on:
            raise Refused(f"评估日期应在报告日 {report.reported_on} 到今天之间，请核对")
        last = CaseRecord(case, on).self_care
        assert last is not None  # it was approved on one
        able = {name: name in assessed.able for name in SELF_CARE}
        failed = sum(not done for done in able.values())
        care = SelfCare.objects.create(
            case=case,
            round=last.round,
            again=last.again + 1,
            assessed_on=assessed.assessed_on,
            assessor=assessed.assessor,
            note=assessed.note,
            failed=failed,
            tier=tier_of(failed),
            recorded_by_id=actor.human_id,
            **able,
        )
        report.answer = care
        report.save(update_fields=["answer"])
        case.care_reported_on = None
        return {"self_care": care.pk, "tier": care.tier, "tier_before": last.tier}

    return perform(no, "reassess_self_care", actor=actor, on=on, write=write)


@dataclass(frozen=True, kw_only=True)
class InstitutionFacts:
    """What is kept of an institution."""

    name: str
    address: str
    phone: str
    beds: int
    is_open: bool = True


@transaction.atomic
def keep_institution(
    facts: InstitutionFacts, *, actor: Actor, on: date, pk: int | None = None
) -> Institution:
    """The institution is on the district's list, or stands changed; nobody loses a bed by it.

    Raises Refused for a name that is there already, and for fewer beds than people.
    """
    if not actor.can("cases.keep_institutions"):
        raise PermissionDenied("cases.keep_institutions")
    assert actor.district_id is not None
    mine = Institution.objects.filter(district_id=actor.district_id)
    row = mine.select_for_update().get(pk=pk) if pk else Institution(district_id=actor.district_id)
    if mine.filter(name=facts.name).exclude(pk=row.pk).exists():
        raise Refused("已经有同名的机构")
    if pk and row.stays.filter(ended_on__isnull=True).count() > facts.beds:
        raise Refused("床位少于在住人数，请核对")
    for name, value in facts.__dict__.items():
        setattr(row, name, value)
    row.save()
    body = {k: v for k, v in facts.__dict__.items() if k in ("name", "beds", "is_open")}
    record("institution", str(row.pk), "keep_institution", actor=actor, on=on, body=body)
    return row
