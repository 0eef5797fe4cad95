"""The approver's desk: the list, and all the evidence of one case on one page."""

import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Avg, Count, Exists, OuterRef, Q
from django.utils.timezone import localtime

from cases.models import Benefit, Case, Delegation, HeldAnswer, IncomeAccount, IncomeLine
from cases.models.assessment import start_if_decided
from cases.models.case import CaseQuerySet
from cases.models.checks import check_facts
from cases.models.facts import BEFORE_DECISION, facts_of
from cases.models.record import CaseRecord
from cases.reports.actions import Check, check_of, evidence_checks, kin_text
from cases.reports.clock import DeadlineTag, deadline_tag
from cases.reports.pictures import pictures
from cases.rules.checks import RULES, SEVERITIES, Hit, blocking, hits
from cases.rules.clause_words import clause_text
from cases.rules.destitution import OBLIGOR_GROUNDS
from cases.rules.procedures import step_of
from cases.rules.programmes import Family
from cases.rules.settlement import settle
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.calendars import work_calendar
from yuquan_relief.kernel.clock import now
from yuquan_relief.kernel.inputs.money import show
from yuquan_relief.kernel.models import Signature

NOTICES = ("review_notice_over", "approval_notice_over")
STAGES = {
    "survey": "入户调查",
    "relieve": "先行救助",
    "witness": "民主评议",
    "propose": "社救办审核",
}


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
    money: str
    due_on: date | None
    deadline: DeadlineTag | None
    waiting_days: int
    reviewer: str


MOST = 200


def waiting_for(actor: Actor) -> CaseQuerySet:
    """Cases that wait for the actor's decision, the least time first.

    What is above the office's limit waits on the bureau's desk (4(2)).
    """
    waiting = Case.objects.visible_to(actor).filter(state="TO_DECIDE", held_until__isnull=True)
    bureau = actor.can("cases.decide_large")
    given = Delegation.objects.filter(post_id=actor.post_id or 0)
    beyond = given.exclude(programmes__contains=OuterRef("programme"))
    return waiting.filter(~Exists(beyond), above_office=bureau).order_by("due_on", "pk")


def numbers_on(actor: Actor) -> list[str]:
    """The numbers of the cases on the actor's desk, in its order."""
    return list(waiting_for(actor).values_list("no", flat=True)[:MOST])


def held_by(person_id: int) -> list[HeldAnswer]:
    """The person's answers that wait, newest first; `is_due`: too late to recall."""
    waiting = HeldAnswer.objects.filter(person_id=person_id, state=HeldAnswer.State.WAITING)
    waiting = waiting.annotate(is_due=Q(takes_effect_at__lte=now()))
    return list(waiting.select_related("case__household").order_by("-id"))


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
            persons=accounts[case.pk].insured if case.pk in accounts else 0,
            money=accounts[case.pk].money_text if case.pk in accounts else "",
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
    account: IncomeAccount | None
    money: str
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
    circumstances: list[tuple[str, str]]
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
    account = record.account
    files = pictures(record.files)
    found = hits(check_facts(record))
    return DeskPage(
        case=case,
        account=account,
        money=account.money_text if account else "",
        deadline=deadline_tag(case, on, record.calendar) if place >= 0 else None,
        place=place + 1,
        count=len(numbers),
        previous_url=f"/desk/sign/{numbers[place - 1]}/" if place > 0 else "",
        next_url=f"/desk/sign/{numbers[place + 1]}/" if 0 <= place < len(numbers) - 1 else "",
        checks=_checks(record, found),
        incomes=[] if record.family == Family.RELIEF else [_income(x) for x in record.lines],
        photos=files[:8],
        more_photos=max(len(files) - 8, 0),
        opinions=_opinions(record),
        outcome=_outcome(record, account),
        why_not=_why_not(record, actor, found),
        village=_village(record),
        heads=_heads(record, account),
        circumstances=circumstances(record),
        sentences=list(account.sentences) if account else [],
    )


def by_bureau(code: str, actor: Actor) -> str:
    """The step by which the actor answers: the office's, or the bureau's above its limit."""
    return f"{code}_large" if actor.can("cases.decide_large") else code


def _why_not(record: CaseRecord, actor: Actor, found: list[Hit]) -> str:
    try:
        step = step_of(record.case.programme, by_bureau("approve", actor))
    except KeyError:
        return "本类救助由镇、街道审批"
    reasons = step.reasons(record.case.state, facts_of(record, BEFORE_DECISION))
    reasons += [hit.text for hit in blocking(found)]
    return reasons[0] if reasons else ""


def _village(record: CaseRecord) -> str:
    """How many households of the village are in benefit, and what they are given on average.

    Relief that is given once has no such comparison.
    """
    if record.family == Family.RELIEF:
        return ""
    found = Benefit.objects.filter(
        village_id=record.case.village_id, programme=record.case.programme, end_month__isnull=True
    ).aggregate(n=Count("id"), mean=Avg("monthly_fen"))
    if not found["n"]:
        return "同村还没有在享户"
    return f"同村在享 {found['n']} 户，户均 {show(round(found['mean']))} 元/月"


def _heads(record: CaseRecord, account: IncomeAccount | None) -> list[HeadRow]:
    """Income a head and month by what was declared, checked and adopted; the amount by each.

    Only 低保 is a difference to income; the others have no such comparison.
    """
    if account is None or account.method != "difference" or not account.facts:
        return []
    found = []
    for label, field_name in (("申报", "declared"), ("核对", "checked"), ("采用", "adopted")):
        lines = [
            {"member": x.member_id, "kind": x.kind, "counted": x.is_counted,
             "fen": getattr(x, f"{field_name}_fen") or 0}
            for x in record.lines
        ]  # fmt: skip
        outcome = settle({**account.facts, "lines": lines})
        found.append(
            HeadRow(label, outcome.per_capita_fen, outcome.monthly_fen + outcome.supplement_fen)
        )
    return found


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


def _checks(record: CaseRecord, found: list[Hit]) -> list[Check]:
    """The procedure's evidence, then what the system's rules found (8)."""
    facts = facts_of(record, BEFORE_DECISION)
    needed = step_of(record.case.programme, "approve").needs
    passed = len(RULES) - len({hit.rule.id for hit in found})
    return [
        *evidence_checks(record.case, facts),
        *(check_of(code, record.case, facts) for code in NOTICES if code in needed),
        *([Check(record.case.held_note, "warn")] if record.case.held_note else []),
        Check(f"系统规则 {passed} 条没有发现问题", "ok"),
        *(_hit(hit) for hit in found),
        *_kin_check(record),
        *_difference_check(record),
    ]


def _hit(hit: Hit) -> Check:
    """What a rule found: what stops is bad, the rest is to be looked at."""
    tone = "bad" if hit.rule.severity == "B" else "warn"
    detail = f"{hit.rule.id} {SEVERITIES[hit.rule.severity]}，{clause_text(hit.rule.cites)}"
    return Check(hit.text, tone, detail)


def _kin_check(record: CaseRecord) -> list[Check]:
    if not record.case.is_kin:
        return []
    return [Check(kin_text(record.case), "warn", "区民政局须全部入户核查")]


def _difference_check(record: CaseRecord) -> list[Check]:
    changed = [x for x in record.lines if x.adopted_fen != x.checked_fen]
    if not changed or record.family == Family.RELIEF:
        return []
    return [Check(f"{len(changed)} 项采用数与核对数不同", "warn", changed[0].reason)]


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
    if signature.stage == "relieve":
        first = content["first_relief"]
        return f"先行救助 {show(first['amount_fen'])} 元，{first['approver_name']}批准。"
    if signature.stage == "witness":
        held = content["appraisal"]
        return (
            f"到会 {held['attended']} 人：同意 {held['agree']}，不同意 {held['oppose']}，"
            f"弃权 {held['abstain']}。"
        )
    return ""


def circumstances(record: CaseRecord) -> list[tuple[str, str]]:
    """What only this kind of case has: the cause, the self-care, the obligors, first help."""
    found: list[tuple[str, str]] = []
    if claim := record.claim:
        found += [
            ("困难原因", f"{claim.get_cause_display()}，{claim.happened_on} {claim.place}"),
            ("家庭类别", claim.get_household_class_display()),
            ("支出", f"总 {show(claim.total_fen)} 元，报销和补偿 {show(claim.covered_fen)} 元"),
            ("申请金额", f"{show(claim.asked_fen)} 元"),
        ]
    if first := record.first_relief:
        found.append(
            (
                "先行救助",
                f"{show(first.amount_fen)} 元，{first.approver_name}{first.get_how_display()}批准，"
                f"{localtime(first.approved_at):%m-%d %H:%M}",
            )
        )
    found += _care(record)
    found += [
        (
            f"义务人 {o.name}",
            f"{o.get_relation_display()}，{OBLIGOR_GROUNDS[o.ground_in_force]}"
            + (f"，{o.reason}" if o.reason else ""),
        )
        for o in record.obligors
    ]
    found += [
        (
            p.get_kind_display(),
            f"{p.source_label}：{p.note}，{show(p.value_fen)} 元"
            + (f"，不计入：{p.reason}" if p.is_exempt else ""),
        )
        for p in record.property_items
    ]
    return found


def _care(record: CaseRecord) -> list[tuple[str, str]]:
    """How far somebody cares for themself, and who cares for them."""
    found = []
    if care := record.self_care:
        found.append(
            ("自理能力", f"{care.get_tier_display()}，{care.failed} 项不能自主完成"
                         f"（{care.assessor}，{care.assessed_on}）")
        )  # fmt: skip
    if kept := record.care:
        where = (
            f"{kept.institution.name} {kept.bed} 床"
            if kept.institution
            else f"照料人 {kept.carer_name}（{kept.carer_relation or '关系未填'}），"
            f"协议 {kept.agreed_on} 签订"
        )
        found.append(("照料安排", f"{kept.get_support_display()}，{where}，{kept.began_on} 起"))
    return found


def _outcome(record: CaseRecord, account: IncomeAccount | None) -> str:
    if account is None:
        return f"{record.case.programme_label}，还没有核算"
    if account.once_fen:
        return f"{record.case.programme_label}，一次性救助 {show(account.once_fen)} 元"
    start = start_if_decided(record)
    late = "，首月以补发方式随次批发放" if start.is_back_pay else ""
    return (
        f"{record.case.programme_label} {account.insured} 人，每月 {show(account.total_fen)} 元，"
        f"自 {start.month:%Y-%m} 起{late}"
    )
