"""特困: the assessment of self-care, and whether the three tests hold (4(3), domain 4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from cases.models import Case, IncomeAccount, Obligor, SelfCare
from cases.models.record import CaseRecord
from cases.rules.destitution import (
    LABOUR_GROUNDS,
    OBLIGOR_GROUNDS,
    SELF_CARE,
    tier_of,
)
from cases.rules.programmes import SUPPORT_MODES
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event

from .settlement import Adopted, adopt, keep_account
from .steps import perform


@dataclass(frozen=True, kw_only=True)
class Assessed:
    """Six answers, and who gave them; `able`: names of SELF_CARE that need no help."""

    assessed_on: date
    assessor: str
    able: frozenset[str]
    note: str = ""


def assess_self_care(no: str, assessed: Assessed, *, actor: Actor, on: date) -> Event:
    """The assessment is on record with its tier (N3 第二十二条).

    The assessor's name stands in it; the office's signature on its opinion covers it.
    """

    def write(case: Case) -> Mapping[str, Any]:
        if not (case.accepted_on and case.accepted_on <= assessed.assessed_on <= on):
            raise Refused(
                f"评估日期应在受理日 {case.accepted_on} 到今天之间，请核对", code="order_of_steps"
            )
        if SelfCare.objects.filter(case=case, round=case.round).exists():
            raise Refused("本轮自理能力评估已经登记；确需更正的，请“重新调查”后再登记")
        able = {name: name in assessed.able for name in SELF_CARE}
        failed = sum(not done for done in able.values())
        care = SelfCare.objects.create(
            case=case,
            round=case.round,
            assessed_on=assessed.assessed_on,
            assessor=assessed.assessor,
            note=assessed.note,
            failed=failed,
            tier=tier_of(failed),
            recorded_by_id=actor.human_id,
            **able,
        )
        return {"self_care": care.pk, "tier": care.tier}

    return perform(no, "assess_self_care", actor=actor, on=on, write=write)


@dataclass(frozen=True, kw_only=True)
class JudgedObligor:
    """How the office sees one obligor, with the reason when it differs from the declaration."""

    obligor_id: int
    ground: str
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The office's answers to the three tests, and how the person is to be supported."""

    labour_ground: str
    property_ok: bool
    support: str
    obligors: Sequence[JudgedObligor] = ()
    lines: Sequence[Adopted] = ()


def settle_standing(no: str, standing: Standing, *, actor: Actor, on: date) -> Event:
    """The three tests are answered and the amounts follow, all frozen (4(3), 8).

    Raises Refused when an obligor or an income is missing from the answers, or a judgement that
    differs from the declaration has no reason.
    """
    if standing.labour_ground not in {*LABOUR_GROUNDS, ""}:
        raise Refused("请选择无劳动能力的情形")
    if standing.support not in SUPPORT_MODES:
        raise Refused("请选择供养方式")

    def write(case: Case) -> Mapping[str, Any]:
        adopt(CaseRecord(case, on), standing.lines)
        judge_obligors(case, standing.obligors)
        choices = {
            "labour_ground": standing.labour_ground,
            "property_ok": standing.property_ok,
            "support": standing.support,
        }
        case.support = standing.support
        account = keep_account(case, choices, actor=actor, on=on)
        return told(account)

    return perform(no, "settle_standing", actor=actor, on=on, write=write)


def told(account: IncomeAccount) -> dict[str, Any]:
    """What the event of a settlement holds."""
    return {
        "account": account.pk,
        "is_eligible": account.is_eligible,
        "monthly_fen": account.monthly_fen,
        "supplement_fen": account.supplement_fen,
    }


def judge_obligors(case: Case, judged: Sequence[JudgedObligor]) -> None:
    """Each obligor of the case stands as the office sees him."""
    rows = {o.pk: o for o in case.obligors.all()}
    if set(rows) != {j.obligor_id for j in judged}:
        raise Refused("义务人有变化，请刷新页面后重新认定")
    for judgement in judged:
        row = rows[judgement.obligor_id]
        if judgement.ground not in OBLIGOR_GROUNDS:
            raise Refused("请逐一选择义务人的情况")
        if judgement.ground != row.ground and not judgement.reason.strip():
            raise Refused("义务人的认定与申报不同的，请写明理由", code="reason_needed")
        row.adopted_ground, row.reason = judgement.ground, judgement.reason.strip()
    Obligor.objects.bulk_update(rows.values(), ["adopted_ground", "reason"])
