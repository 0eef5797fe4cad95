"""The approver's desk: the list, and all the evidence of one case on one page."""

import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Avg, Count

from cases.models import Benefit, Case, IncomeAccount, IncomeLine
from cases.models.assessment import (
    against_approval,
    assess_case,
    start_if_decided,
)
from cases.models.case import CaseQuerySet
from cases.models.facts import BEFORE_DECISION, facts_of
from cases.models.record import CaseRecord
from cases.reports.actions import Check, check_of, evidence_checks, kin_text
from cases.reports.clock import DeadlineTag, deadline_tag
from cases.reports.pictures import pictures
from cases.rules.amounts import Household, IncomeEntry, assess
from cases.rules.procedures import step_of
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.calendars import work_calendar
from yuquan_relief.kernel.inputs.money import show
from yuquan_relief.kernel.models import Signature

NOTICES = ("review_notice_over", "approval_notice_over")
STAGES = {"survey": "入户调查", "witness": "民主评议", "propose": "社救办审核"}


@dataclass(frozen=True)
class DeskRow:
    """One line of what waits."""

    no: str
    url: str
    name: str
    id_tail: str
    programme: str
    village: str
    persons: int
    monthly_fen: int
    due_on: date | None
    deadline: DeadlineTag | None
    waiting_days: int
    reviewer: str


MOST = 200


def waiting_for(actor: Actor) -> CaseQuerySet:
    """Cases that wait for the actor's decision, the least time first."""
    return Case.objects.visible_to(actor).filter(state="TO_DECIDE").order_by("due_on", "pk")


def numbers_on(actor: Actor) -> list[str]:
    """The numbers of the cases on the actor's desk, in its order."""
    return list(waiting_for(actor).values_list("no", flat=True)[:MOST])


def desk_cases(actor: Actor, on: date) -> list[DeskRow]:
    """The lines of the actor's desk; four statements."""
    cases = list(waiting_for(actor).for_list()[:MOST])
    accounts = {
        a.case_id: a for a in IncomeAccount.objects.filter(case__in=cases).order_by("round", "id")
    }
    reviewers = dict(
        Signature.objects.filter(
            subject_kind="case", stage="propose", subject_key__in=[c.no for c in cases]
        )
        .order_by("id")
        .values_list("subject_key", "name")
    )
    calendar = work_calendar()
    return [
        DeskRow(
            no=case.no,
            url=f"/desk/sign/{case.no}/",
            name=case.household.head_name,
            id_tail=getattr(case, "head_id_tail", None) or "",
            programme=case.programme_label,
            village=case.village.name,
            persons=accounts[case.pk].insured,
            monthly_fen=accounts[case.pk].monthly_fen,
            due_on=case.due_on,
            deadline=deadline_tag(case, on, calendar),
            waiting_days=(on - case.state_since).days if case.state_since else 0,
            reviewer=reviewers.get(case.no, ""),
        )
        for case in cases
    ]


def desk_summary(rows: list[DeskRow], on: date) -> str:
    """How many wait, and how many of them today or too long."""
    due = [row.due_on for row in rows if row.due_on]
    today, late = due.count(on), sum(day < on for day in due)
    return f"共 {len(rows)} 件，今天到期 {today} 件，已超 {late} 件"


@dataclass(frozen=True)
class IncomeRow:
    """One member's income, declared and checked (fen a year)."""

    name: str
    kind: str
    declared: int
    checked: int
    adopted: int
    difference: int
    reason: str
    counted: bool


@dataclass(frozen=True)
class HeadRow:
    """Income a head and month (fen) by one of the three values, and the amount that follows."""

    label: str
    per_capita_fen: int
    monthly_fen: int


@dataclass(frozen=True, kw_only=True)
class DeskPage:
    """The four blocks."""

    case: Case
    account: IncomeAccount
    deadline: DeadlineTag | None
    place: int
    count: int
    previous_url: str
    next_url: str
    checks: list[Check]
    incomes: list[IncomeRow]
    photos: list[dict[str, str]]
    more_photos: int
    opinions: list[dict[str, Any]]
    outcome: str
    why_not: str  # why the leader cannot agree; "" if they can
    village: str
    heads: list[HeadRow]
    sentences: list[str] = field(default_factory=list)

    @property
    def tally(self) -> str:
        """How many checks passed, warn, and fail."""
        tones = [check.tone for check in self.checks]
        passed, warned, failed = (tones.count(tone) for tone in ("ok", "warn", "bad"))
        return f"{passed} 通过，{warned} 提醒，{failed} 不过"

    @property
    def case_files_url(self) -> str:
        """Where all files of the case are."""
        return f"/cases/{self.case.no}/evidence/"


def desk_page(record: CaseRecord, actor: Actor) -> DeskPage:
    """Everything that the decision rests on."""
    case, on = record.case, record.on
    numbers = numbers_on(actor)
    place = numbers.index(case.no) if case.no in numbers else -1
    account = _account(record)
    files = pictures(record.files)
    return DeskPage(
        case=case,
        account=account,
        deadline=deadline_tag(case, on, record.calendar) if place >= 0 else None,
        place=place + 1,
        count=len(numbers),
        previous_url=f"/desk/sign/{numbers[place - 1]}/" if place > 0 else "",
        next_url=f"/desk/sign/{numbers[place + 1]}/" if 0 <= place < len(numbers) - 1 else "",
        checks=_checks(record, account),
        incomes=[_income(line) for line in record.lines],
        photos=files[:8],
        more_photos=max(len(files) - 8, 0),
        opinions=_opinions(record),
        outcome=_outcome(record, account),
        why_not=_why_not(record),
        village=_village(record),
        heads=_heads(record, account),
        sentences=list(account.sentences),
    )


def _why_not(record: CaseRecord) -> str:
    step = step_of(record.case.programme, "approve")
    reasons = step.reasons(record.case.state, facts_of(record, BEFORE_DECISION)) + against_approval(
        record
    )
    return reasons[0] if reasons else ""


def _village(record: CaseRecord) -> str:
    """How many households of the village are in benefit, and what they are given on average."""
    found = Benefit.objects.filter(
        village_id=record.case.village_id, programme=record.case.programme, end_month__isnull=True
    ).aggregate(n=Count("id"), mean=Avg("monthly_fen"))
    if not found["n"]:
        return "同村还没有在享户"
    return f"同村在享 {found['n']} 户，户均 {show(round(found['mean']))} 元/月"


def _heads(record: CaseRecord, account: IncomeAccount) -> list[HeadRow]:
    """Income a head and month by what was declared, checked and adopted; the amount by each."""
    counted = [line for line in record.lines if line.is_counted]
    annual = {
        "申报": sum(line.declared_fen for line in counted),
        "核对": sum(line.checked_fen or 0 for line in counted),
        "采用": sum(line.adopted_fen or 0 for line in counted),
    }
    return [_head(label, fen, account) for label, fen in annual.items()]


def _head(label: str, annual_fen: int, account: IncomeAccount) -> HeadRow:
    family = Household(
        persons=account.persons,
        insured=account.insured,
        entries=[IncomeEntry(member="", kind="", annual_fen=annual_fen)],
        deductions_annual_fen=account.deductions_fen,
    )
    found = assess(family, standard_fen=account.standard_fen)
    return HeadRow(label, found.per_capita_month_fen, found.monthly_fen)


def _account(record: CaseRecord) -> IncomeAccount:
    """The income account, without which no case comes to the desk."""
    assert record.account is not None
    return record.account


def _income(line: IncomeLine) -> IncomeRow:
    checked = line.checked_fen or 0
    return IncomeRow(
        name=line.member.name,
        kind=line.get_kind_display(),
        declared=line.declared_fen,
        checked=checked,
        adopted=line.adopted_fen or 0,
        difference=checked - line.declared_fen,
        reason=line.reason,
        counted=line.is_counted,
    )


def _checks(record: CaseRecord, account: IncomeAccount) -> list[Check]:
    facts = facts_of(record, BEFORE_DECISION)
    return [
        *evidence_checks(record.case, facts),
        *(check_of(code, record.case, facts) for code in NOTICES),
        _time_check(record),
        _amount_check(record, account),
        *_kin_check(record),
        *_means_check(record),
        *_difference_check(record),
        _double_check(record),
    ]


def _time_check(record: CaseRecord) -> Check:
    late = record.case.due_on is not None and record.case.due_on < record.on
    return Check("已超办理时限" if late else "在办理时限内", "warn" if late else "ok")


def _amount_check(record: CaseRecord, account: IncomeAccount) -> Check:
    again, _ = assess_case(record, account.deductions_fen)
    url = f"/cases/{record.case.no}/family/"
    if again.monthly_fen == account.monthly_fen:
        return Check("金额 = （标准 − 月人均）× 保障人数，重算一致", "ok", url=url)
    return Check(f"重算为 {show(again.monthly_fen)} 元，与核算不一致", "bad", url=url)


def _kin_check(record: CaseRecord) -> list[Check]:
    if not record.case.is_kin:
        return []
    return [Check(kin_text(record.case), "warn", "区民政局须全部入户核查")]


def _difference_check(record: CaseRecord) -> list[Check]:
    changed = [x for x in record.lines if x.adopted_fen != x.checked_fen]
    if not changed:
        return []
    return [Check(f"{len(changed)} 项采用数与核对数不同", "warn", changed[0].reason)]


def _means_check(record: CaseRecord) -> list[Check]:
    means = record.means
    if not (means and means.valid_until and means.valid_until < record.on):
        return []
    return [Check("核对报告已过有效期", "warn", f"有效期至 {means.valid_until}")]


def _double_check(record: CaseRecord) -> Check:
    doubles = record.is_paid_elsewhere
    text = "有成员同时在其他家庭" if doubles else "证号校验、无重复享受"
    return Check(text, "bad" if doubles else "ok")


def _opinions(record: CaseRecord) -> list[dict[str, Any]]:
    """The latest opinion of each stage; what was found is read from what was signed."""
    return [
        {
            "stage": STAGES[s.stage],
            "who": f"{s.name}（{s.post}）",
            "at": s.signed_at,
            "text": signed_words(s) or s.opinion or s.statement,
            "verdict": "已签字",
            "tone": "ok",
        }
        for s in record.latest_signatures(STAGES)
    ]


def signed_words(signature: Signature) -> str:
    """What the signature says was found at the visit or at the meeting; "" for other stages."""
    content = json.loads(signature.content)
    if signature.stage == "survey":
        survey = content["survey"]
        verdict = "情况属实" if survey["is_true"] else "情况不属实"
        return f"{survey['visited_on'][5:]} 入户，{verdict}。{survey['note']}"
    if signature.stage == "witness":
        held = content["appraisal"]
        return (
            f"到会 {held['attended']} 人：同意 {held['agree']}，不同意 {held['oppose']}，"
            f"弃权 {held['abstain']}。"
        )
    return ""


def _outcome(record: CaseRecord, account: IncomeAccount) -> str:
    start = start_if_decided(record)
    late = "，首月以补发方式随次批发放" if start.is_back_pay else ""
    return (
        f"{record.case.programme_label} {account.insured} 人，每月 {show(account.monthly_fen)} 元，"
        f"自 {start.month:%Y-%m} 起{late}"
    )
