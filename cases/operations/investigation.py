"""Evidence while a case is investigated, each piece by its own act."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from cases.models import Appraisal, Case, IncomeAccount, IncomeLine, MeansCheck, Survey
from cases.models.assessment import assess_case
from cases.models.record import CaseRecord
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
        return {"means_check": check.pk}

    return perform(no, "request_means_check", actor=actor, on=on, write=write)


@dataclass(frozen=True, kw_only=True)
class CheckedIncome:
    """One income that the verification centre found, for a year."""

    member_id: int
    kind: str
    annual_fen: int


@dataclass(frozen=True, kw_only=True)
class MeansReport:
    """The verification centre's report."""

    report_no: str
    data_upto: date
    valid_until: date
    conclusion: str
    note: str = ""
    lines: Sequence[CheckedIncome] = ()


def return_means_check(no: str, report: MeansReport, *, actor: Actor, on: date) -> Event:
    """The report stands beside what was declared, line by line (5(3))."""

    def write(case: Case) -> Mapping[str, Any]:
        check = MeansCheck.objects.filter(case=case).latest("round")
        if report.data_upto > on or report.valid_until < on:
            raise Refused("请核对数据截止日和有效期：截止日不晚于今天，有效期不早于今天")
        check.returned_on = on
        check.report_no, check.note = report.report_no, report.note
        check.data_upto, check.valid_until = report.data_upto, report.valid_until
        check.conclusion = report.conclusion
        check.save()
        _set_checked(case, report.lines)
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


@dataclass(frozen=True, kw_only=True)
class Adopted:
    """What the office adopts for one line, with the reason when it differs."""

    line_id: int
    adopted_fen: int
    is_counted: bool = True
    reason: str = ""


def settle_income(
    no: str, adopted: Sequence[Adopted], *, actor: Actor, on: date, deductions_fen: int = 0
) -> Event:
    """The income account is settled: adopted values, amount, sentences, all frozen (3(1), 8).

    A difference between adopted and checked, or a line that does not count, needs its reason.
    """

    def write(case: Case) -> Mapping[str, Any]:
        _adopt(case, adopted)
        account = _account(case, actor=actor, on=on, deductions_fen=deductions_fen)
        return {
            "account": account.pk,
            "monthly_fen": account.monthly_fen,
            "per_capita_fen": account.per_capita_fen,
        }

    return perform(no, "settle_income", actor=actor, on=on, write=write)


def _adopt(case: Case, adopted: Sequence[Adopted]) -> None:
    lines = {line.pk: line for line in case.income_lines.all()}
    if set(lines) != {a.line_id for a in adopted}:
        raise Refused("收入项目有变化，请刷新页面后重新核算")
    for choice in adopted:
        line = lines[choice.line_id]
        differs = choice.adopted_fen != line.checked_fen or not choice.is_counted
        if differs and not choice.reason.strip():
            raise Refused("采用数与核对数不同或不计入的，请写明理由", code="reason_needed")
        line.adopted_fen, line.is_counted = choice.adopted_fen, choice.is_counted
        line.reason = choice.reason.strip()
    IncomeLine.objects.bulk_update(
        lines.values(), ["adopted_fen", "is_counted", "reason"], batch_size=200
    )


def _account(case: Case, *, actor: Actor, on: date, deductions_fen: int) -> IncomeAccount:
    record = CaseRecord(case, on)
    result, source = assess_case(record, deductions_fen)
    return IncomeAccount.objects.create(
        case=case,
        round=case.round,
        settled_on=on,
        settled_by_id=actor.human_id,
        persons=sum(m.counts_for_income for m in record.members),
        insured=sum(m.is_insured for m in record.members),
        annual_fen=result.annual_fen,
        deductions_fen=deductions_fen,
        per_capita_fen=result.per_capita_month_fen,
        standard_fen=result.standard_fen,
        standard_source=source,
        is_eligible=result.is_eligible,
        monthly_fen=result.monthly_fen,
        sentences=list(result.sentences),
    )


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


def record_appraisal(no: str, meeting: Meeting, *, actor: Actor, on: date) -> Event:
    """The appraisal is on record and waits for 主任 or 书记 to sign (3(1))."""

    def write(case: Case) -> Mapping[str, Any]:
        if reason := meeting_objection(meeting, accepted_on=case.accepted_on, on=on):
            raise Refused(reason)
        if Appraisal.objects.filter(case=case, round=case.round).exists():
            raise Refused("本轮民主评议已经登记，请由主任或书记签字")
        appraisal = Appraisal.objects.create(
            case=case, round=case.round, recorded_by_id=actor.human_id, **meeting.__dict__
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
    return ""


def sign_appraisal(no: str, *, actor: Actor, on: date, proof: Proof) -> Event:
    """主任 or 书记 has signed the appraisal (3(1), 17(2))."""
    return perform(no, "sign_appraisal", actor=actor, on=on, proof=proof)


@transaction.atomic
def means_check_case_no(check_id: int, *, actor: Actor) -> str:
    """The number of the case of a means check in the actor's scope."""
    return Case.objects.visible_to(actor).get(means_checks__pk=check_id).no
