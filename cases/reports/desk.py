"""The approver's desk: the list, and all the evidence of one case on one page."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cases.models import Case, IncomeAccount, IncomeLine, Member
from cases.models.assessment import assess_case, start_if_decided
from cases.models.facts import facts_of
from cases.reports.actions import Check, evidence_checks
from cases.reports.clock import DeadlineTag, deadline_tag
from cases.rules.procedures import NEEDS
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.calendars import work_calendar
from yuquan_relief.kernel.inputs.money import show
from yuquan_relief.kernel.models import Attachment, Signature

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
    deadline: DeadlineTag | None
    waiting_days: int
    reviewer: str


def desk_cases(actor: Actor, on: date) -> list[DeskRow]:
    """Cases that wait for the actor's decision, the least time first; four statements."""
    cases = list(
        Case.objects.visible_to(actor)
        .filter(state="TO_DECIDE")
        .for_list()
        .order_by("due_on", "pk")[:200]
    )
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
            deadline=deadline_tag(case, on, calendar),
            waiting_days=(on - case.state_since).days if case.state_since else 0,
            reviewer=reviewers.get(case.no, ""),
        )
        for case in cases
    ]


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
    sentences: list[str] = field(default_factory=list)

    @property
    def case_files_url(self) -> str:
        """Where all files of the case are."""
        return f"/cases/{self.case.no}/evidence/"


def desk_page(case: Case, actor: Actor, on: date) -> DeskPage:
    """Everything that the decision rests on."""
    rows = desk_cases(actor, on)
    numbers = [row.no for row in rows]
    place = numbers.index(case.no) if case.no in numbers else -1
    account = IncomeAccount.objects.filter(case=case).latest("round", "id")
    files = _photos(case)
    return DeskPage(
        case=case,
        account=account,
        deadline=rows[place].deadline if place >= 0 else None,
        place=place + 1,
        count=len(rows),
        previous_url=rows[place - 1].url if place > 0 else "",
        next_url=rows[place + 1].url if 0 <= place < len(rows) - 1 else "",
        checks=_checks(case, on, account),
        incomes=[_income(line) for line in _lines(case)],
        photos=files[:8],
        more_photos=max(len(files) - 8, 0),
        opinions=_opinions(case),
        outcome=_outcome(case, account, on),
        sentences=list(account.sentences),
    )


def _lines(case: Case) -> list[IncomeLine]:
    return list(case.income_lines.select_related("member").order_by("member_id", "id"))


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


def _checks(case: Case, on: date, account: IncomeAccount) -> list[Check]:
    facts = facts_of(case, on)
    checks = evidence_checks(case, facts)
    for code in ("review_notice_over", "approval_notice_over"):
        missing = NEEDS[code].missing(facts)
        checks.append(
            Check(missing or f"{NEEDS[code].label}，无未答复异议", "bad" if missing else "ok")
        )
    late = case.due_on is not None and case.due_on < on
    checks.append(Check("已超办理时限" if late else "在办理时限内", "bad" if late else "ok"))
    again, _ = assess_case(case, account.settled_on, account.deductions_fen)
    same = again.monthly_fen == account.monthly_fen
    text = "金额 = （标准 − 月人均）× 保障人数，重算一致"
    checks.append(
        Check(text, "ok")
        if same
        else Check(f"重算为 {show(again.monthly_fen)} 元，与核算不一致", "bad")
    )
    if case.kin_declared:
        checks.append(Check("已申报近亲属关系", "warn", "区民政局须全部入户核查"))
    changed = [x for x in _lines(case) if x.adopted_fen != x.checked_fen]
    if changed:
        checks.append(Check(f"{len(changed)} 项采用数与核对数不同", "warn", changed[0].reason))
    doubles = _other_members(case)
    text = "有成员同时在其他家庭" if doubles else "证号校验、无重复享受"
    checks.append(Check(text, "bad" if doubles else "ok"))
    return checks


def _other_members(case: Case) -> bool:
    mine = case.household.members.filter(left_on__isnull=True).values("id_digest")
    return (
        Member.objects.filter(
            id_digest__in=mine, left_on__isnull=True, household__benefits__end_month__isnull=True
        )
        .exclude(household_id=case.household_id)
        .filter(household__benefits__isnull=False)
        .exists()
    )


def _photos(case: Case) -> list[dict[str, str]]:
    files = (
        Attachment.objects.filter(
            subject_kind="case", subject_key=case.no, withdrawn_at__isnull=True
        )
        .exclude(thumb_sha256="")
        .order_by("id")
    )
    return [
        {
            "url": f"/files/{f.pk}/view/",
            "thumb_url": f"/files/{f.pk}/thumb/",
            "label": f.title,
            "note": f"{f.uploaded_at:%Y-%m-%d} 上传",
        }
        for f in files
    ]


def _opinions(case: Case) -> list[dict[str, Any]]:
    signatures = Signature.objects.filter(
        subject_kind="case", subject_key=case.no, stage__in=STAGES
    ).order_by("id")
    found = {"survey": _survey_words(case), "witness": _appraisal_words(case)}
    return [
        {
            "stage": STAGES[s.stage],
            "who": f"{s.name}（{s.post}）",
            "at": s.signed_at,
            "text": found.get(s.stage) or s.opinion or s.statement,
            "verdict": "已签字",
            "tone": "ok",
        }
        for s in signatures
    ]


def _survey_words(case: Case) -> str:
    survey = case.surveys.order_by("-round").first()
    if survey is None:
        return ""
    verdict = "情况属实" if survey.is_true else "情况不属实"
    return f"{survey.visited_on:%m-%d} 入户，{verdict}。{survey.note}"


def _appraisal_words(case: Case) -> str:
    held = case.appraisals.order_by("-round").first()
    if held is None:
        return ""
    return (
        f"到会 {held.attended} 人：同意 {held.agree}，不同意 {held.oppose}，弃权 {held.abstain}。"
    )


def _outcome(case: Case, account: IncomeAccount, on: date) -> str:
    start = start_if_decided(case, on)
    late = "，首月以补发方式随次批发放" if start.is_back_pay else ""
    return (
        f"{case.programme_label} {account.insured} 人，每月 {show(account.monthly_fen)} 元，"
        f"自 {start.month:%Y-%m} 起{late}"
    )
