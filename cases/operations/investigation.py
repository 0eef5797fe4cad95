"""Evidence while a case is investigated, each piece by its own act."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from cases.models import (
    Appraisal,
    Case,
    IncomeLine,
    MeansCheck,
    MeansFinding,
    PlatformFailure,
    PropertyItem,
    Survey,
)
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event
from yuquan_relief.kernel.signing import Proof

from .steps import perform


def accept(no: str, *, actor: Actor, on: date, version: int | None = None) -> Event:
    """The application is accepted; from the next working day the clock counts (4(1).1)."""
    return perform(no, "accept", actor=actor, on=on, version=version)


def request_corrections(no: str, *, items: str, actor: Actor, on: date) -> Event:
    """The applicant has been told once, and completely, what is missing (18(2))."""

    def write(case: Case) -> Mapping[str, Any]:
        case.corrections = items.strip()
        return {}

    return perform(no, "request_corrections", actor=actor, on=on, note=items, write=write)


@dataclass(frozen=True, kw_only=True)
class SurveyFindings:
    """What the investigators found."""

    visited_on: date
    present: str
    housing: str
    living: str
    neighbours: str
    is_true: bool
    note: str = ""
    household_signer: str = ""
    utilities_fen: int | None = None  # water, power, gas, telephone: the mean of a month
    luxury: str = ""


def record_survey(
    no: str, findings: SurveyFindings, *, actor: Actor, on: date, proof: Proof
) -> Event:
    """The visit is on record and signed by the first investigator (3(1))."""

    def write(case: Case) -> Mapping[str, Any]:
        if not (case.accepted_on and case.accepted_on <= findings.visited_on <= on):
            raise Refused(
                f"入户日期应在受理日 {case.accepted_on} 到今天之间，请核对", code="order_of_steps"
            )
        if not findings.is_true and not findings.note:
            raise Refused("情况不属实时请写明说明")
        if Survey.objects.filter(case=case, round=case.round).exists():
            raise Refused("本轮入户调查已经登记，请由第二名调查人签字")
        survey = Survey.objects.create(
            case=case, round=case.round, recorded_by_id=actor.human_id, **findings.__dict__
        )
        return {"survey": survey.pk, "visited_on": str(findings.visited_on)}

    return perform(no, "record_survey", actor=actor, on=on, proof=proof, write=write)


def cosign_survey(no: str, *, actor: Actor, on: date, proof: Proof) -> Event:
    """The second investigator has signed the same findings (3(1): two)."""
    return perform(no, "cosign_survey", actor=actor, on=on, proof=proof)


def request_means_check(no: str, *, actor: Actor, on: date) -> Event:
    """The verification centre has the case in its queue; the waiting counts as evidence (20(4))."""

    def write(case: Case) -> Mapping[str, Any]:
        check = MeansCheck.objects.create(
            case=case, round=case.round, requested_on=on, requested_by_id=actor.human_id
        )
        case.must_recheck = False
        return {"means_check": check.pk}

    return perform(no, "request_means_check", actor=actor, on=on, write=write)


def request_recheck(no: str, *, objection: str, actor: Actor, on: date) -> Event:
    """The applicant objects to the report, with evidence; the centre looks again (N1 第十八条)."""

    def write(case: Case) -> Mapping[str, Any]:
        last = MeansCheck.objects.filter(case=case).latest("round", "attempt")
        check = MeansCheck.objects.create(
            case=case,
            round=case.round,
            attempt=last.attempt + 1 if last.round == case.round else 1,
            objection=objection.strip()[:300],
            requested_on=on,
            requested_by_id=actor.human_id,
        )
        case.must_recheck = False
        return {"means_check": check.pk, "after": last.pk}

    return perform(no, "recheck_means", actor=actor, on=on, note=objection, write=write)


@dataclass(frozen=True, kw_only=True)
class Failure:
    """What kept the platform from answering, from which day to which."""

    kind: str
    first_day: date
    last_day: date
    note: str


def record_failure(no: str, failure: Failure, *, actor: Actor, on: date) -> Event:
    """The failure stands beside the clock, which it does not stop (20(3), 20(4))."""

    def write(case: Case) -> Mapping[str, Any]:
        check = MeansCheck.objects.filter(case=case).latest("round", "attempt")
        if not check.requested_on <= failure.first_day <= failure.last_day <= on:
            raise Refused(f"日期应在委托日 {check.requested_on} 到今天之间，请核对")
        row = PlatformFailure.objects.create(
            check_of=check, recorded_by_id=actor.human_id, **failure.__dict__
        )
        return {"failure": row.pk, "days": row.days}

    return perform(no, "record_failure", actor=actor, on=on, note=failure.note, write=write)


@dataclass(frozen=True, kw_only=True)
class CheckedIncome:
    """One income that the verification centre found, for a year."""

    member_id: int
    kind: str
    annual_fen: int


@dataclass(frozen=True, kw_only=True)
class CheckedProperty:
    """One thing that the verification centre found; `area` in square metres."""

    member_id: int | None
    kind: str
    note: str
    value_fen: int = 0
    area: int = 0


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What the report says of one person: `kind` of FINDINGS, and what exactly."""

    member_id: int
    kind: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class MeansReport:
    """The verification centre's report."""

    report_no: str
    data_upto: date
    valid_until: date
    conclusion: str
    note: str = ""
    lines: Sequence[CheckedIncome] = ()
    property: Sequence[CheckedProperty] = ()
    findings: Sequence[Finding] = ()


def return_means_check(no: str, report: MeansReport, *, actor: Actor, on: date) -> Event:
    """The report stands beside what was declared, line by line (5(3))."""

    def write(case: Case) -> Mapping[str, Any]:
        check = MeansCheck.objects.filter(case=case).latest("round", "attempt")
        if report.data_upto > on or report.valid_until < on:
            raise Refused("请核对数据截止日和有效期：截止日不晚于今天，有效期不早于今天")
        check.returned_on = on
        check.report_no, check.note = report.report_no, report.note
        check.data_upto, check.valid_until = report.data_upto, report.valid_until
        check.conclusion = report.conclusion
        check.save()
        _set_checked(case, report.lines)
        _set_found(case, check, report.property)
        _set_findings(case, check, report.findings)
        return {"means_check": check.pk, "waited_days": (on - check.requested_on).days}

    return perform(no, "return_means_check", actor=actor, on=on, write=write)


def _set_checked(case: Case, lines: Sequence[CheckedIncome]) -> None:
    members = set(case.household.members.values_list("pk", flat=True))
    for line in lines:
        if line.member_id not in members:
            raise Refused("核对报告里有不属于本户的人员，请核对")
        IncomeLine.objects.update_or_create(
            case=case,
            member_id=line.member_id,
            kind=line.kind,
            defaults={"checked_fen": line.annual_fen},
            create_defaults={"checked_fen": line.annual_fen, "declared_fen": 0},
        )
    # What was declared and not found by the centre counts there as nothing.
    case.income_lines.filter(checked_fen__isnull=True).update(checked_fen=0)


def _set_found(case: Case, check: MeansCheck, found: Sequence[CheckedProperty]) -> None:
    """What the centre found stands beside what was declared, report by report."""
    members = set(case.household.members.values_list("pk", flat=True))
    if any(item.member_id and item.member_id not in members for item in found):
        raise Refused("核对报告里有不属于本户的人员，请核对")
    PropertyItem.objects.bulk_create(
        PropertyItem(case=case, means_check=check, **item.__dict__) for item in found
    )


def _set_findings(case: Case, check: MeansCheck, found: Sequence[Finding]) -> None:
    members = set(case.household.members.values_list("pk", flat=True))
    if any(f.member_id not in members for f in found):
        raise Refused("核对报告里有不属于本户的人员，请核对")
    if len({(f.member_id, f.kind) for f in found}) < len(found):
        raise Refused("同一人的同一种情况请合并填写")
    MeansFinding.objects.bulk_create(MeansFinding(check_of=check, **f.__dict__) for f in found)


HEADS = ("主任", "书记")  # one of them is there (3(1))


@dataclass(frozen=True, kw_only=True)
class Meeting:
    """A democratic appraisal as held."""

    held_on: date
    place: str
    host: str
    expected: int
    attended: int
    agree: int
    oppose: int
    abstain: int
    opinion: str = ""
    roster: Sequence[Mapping[str, str]] = ()
    minutes: str = ""
    dissent: str = ""


def record_appraisal(no: str, meeting: Meeting, *, actor: Actor, on: date) -> Event:
    """The appraisal is on record and waits for 主任 or 书记 to sign (3(1))."""

    def write(case: Case) -> Mapping[str, Any]:
        if reason := meeting_objection(meeting, accepted_on=case.accepted_on, on=on):
            raise Refused(reason)
        if Appraisal.objects.filter(case=case, round=case.round).exists():
            raise Refused("本轮民主评议已经登记，请由主任或书记签字")
        values = meeting.__dict__ | {"roster": [dict(row) for row in meeting.roster]}
        appraisal = Appraisal.objects.create(
            case=case, round=case.round, recorded_by_id=actor.human_id, **values
        )
        return {"appraisal": appraisal.pk, "agree": meeting.agree, "oppose": meeting.oppose}

    return perform(no, "record_appraisal", actor=actor, on=on, write=write)


def meeting_objection(meeting: Meeting, *, accepted_on: date | None, on: date) -> str:
    """Why the meeting cannot stand as recorded; "" if it can."""
    if not (accepted_on and accepted_on <= meeting.held_on <= on):
        return f"评议日期应在受理日 {accepted_on} 到今天之间，请核对"
    if not 0 < meeting.attended <= meeting.expected:
        return "实到人数应大于 0 且不超过应到人数，请核对"
    if meeting.agree + meeting.oppose + meeting.abstain != meeting.attended:
        return "同意、不同意、弃权之和应等于实到人数，请核对"
    if meeting.attended * 3 < meeting.expected * 2:
        return "到会人数不足应到的三分之二，评议无效，请另行召开"
    return roster_objection(meeting)


def roster_objection(meeting: Meeting) -> str:
    """Why the roster cannot stand beside the figures; "" if it can, or if none was written."""
    if not meeting.roster:
        return ""
    if len(meeting.roster) != meeting.attended:
        return f"到会名单有 {len(meeting.roster)} 人，与实到 {meeting.attended} 人不符，请核对"
    if not any(row["identity"] in HEADS for row in meeting.roster):
        return "到会名单里没有主任或书记；民主评议须主任或书记参加（第三条（一））"
    if meeting.oppose and not meeting.dissent:
        return "有人不同意，请写明不同意见"
    return ""


def sign_appraisal(no: str, *, actor: Actor, on: date, proof: Proof) -> Event:
    """主任 or 书记 has signed the appraisal (3(1), 17(2))."""
    return perform(no, "sign_appraisal", actor=actor, on=on, proof=proof)


@transaction.atomic
def means_check_case_no(check_id: int, *, actor: Actor) -> str:
    """The number of the case of a means check in the actor's scope."""
    return Case.objects.visible_to(actor).get(means_checks__pk=check_id).no
