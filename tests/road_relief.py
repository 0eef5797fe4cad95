"""Driving 特困 and 临时救助 along their roads, through operations only."""

from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from cases.models import Case, IncomeLine
from cases.operations import (
    applications,
    decisions,
    destitution,
    investigation,
    relief,
    settlement,
)
from cases.rules.destitution import SELF_CARE
from tests import road
from tests.cast import Cast

START = road.START
DESTITUTE_SLOTS = {**road.SLOTS, "statement": "书面声明"}
RELIEF_SLOTS = {**road.SLOTS, "cost_proof": "支出凭据"}
URGENT_SLOTS = {"id_card": "身份证明", "event_proof": "急难情形证明"}


def destitute_application(serial: int = 1, **changes: Any) -> dict[str, Any]:
    """A man of 65 in the country, alone, with a brother who is over 70."""
    person = {
        "name": "演练丙",
        "id_no": road.number(serial * 2),
        "relation": "SELF",
        "incomes": [{"kind": "BASIC_PENSION", "annual": "1560"}],
    }
    obligor = {
        "name": "演练丁", "relation": "SIBLING", "persons": "2", "month": "900",
        "ground": "OLD70", "support": "0",
    }  # fmt: skip
    return road.application(serial) | {
        "programme": "RURAL_DESTITUTE",
        "holder": "演练丙",
        "members": [person],
        "support": "SCATTERED",
        "obligors": [obligor],
        **changes,
    }


def relief_application(serial: int = 1, *, urgent: bool = False, **changes: Any) -> dict[str, Any]:
    """A family of two with a hospital bill, or after a fire."""
    claim = {
        "claim_cause": "FIRE" if urgent else "MEDICAL",
        "claim_class": "ORDINARY",
        "claim_on": "2026-09-20",
        "claim_place": "甲一社区",
        "claim_total": "60000",
        "claim_covered": "35000",
        "claim_asked": "8000",
    }
    return road.application(serial) | {
        "programme": "URGENT_RELIEF" if urgent else "EXPENSE_RELIEF",
        **claim,
        **changes,
    }


def submitted(
    cast: Cast, data: dict[str, Any], slots: dict[str, str], on: date = START, key: str = ""
) -> Case:
    """A submitted case with its papers."""
    key = f"road-{data['members'][0]['id_no']}-{key}"
    case = applications.submit(data, submission_key=key, actor=cast.clerk, on=on)
    for i, (slot, title) in enumerate(slots.items()):
        road.add_file(cast, case, slot, title, (case.pk % 250, i, 7))
    return case


# ------------------------------------------------------------------ 特困


def destitute(cast: Cast, serial: int = 1, on: date = START, **changes: Any) -> Case:
    """Accepted, visited by two, checked."""
    case = submitted(cast, destitute_application(serial, **changes), DESTITUTE_SLOTS, on)
    investigation.accept(case.no, actor=cast.staff, on=on)
    road.survey(cast, case, on)
    road.means_check(cast, case, on)
    return road.fresh(case)


def assess(cast: Cast, case: Case, on: date = START, *, failed: int = 2) -> None:
    """So many of the six items need help."""
    able = frozenset(list(SELF_CARE)[failed:])
    found = destitution.Assessed(assessed_on=on, assessor="演练评估机构", able=able)
    destitution.assess_self_care(case.no, found, actor=cast.clerk, on=on)


def standing(case: Case, **changes: Any) -> destitution.Standing:
    """The three tests as declared."""
    values: dict[str, Any] = {
        "labour_ground": "AGE60",
        "property_ok": True,
        "support": "SCATTERED",
        "lines": [
            settlement.Adopted(
                line_id=line.pk, adopted_fen=line.checked_fen or 0, is_counted=line.is_counted
            )
            for line in IncomeLine.objects.filter(case=case)
        ],
        "obligors": [
            destitution.JudgedObligor(obligor_id=o.pk, ground=o.ground) for o in case.obligors.all()
        ],
    }
    return destitution.Standing(**values | changes)


def destitute_to_decide(cast: Cast, serial: int = 1, on: date = START, **changes: Any) -> Case:
    """On the leader's desk."""
    case = destitute(cast, serial, on, **changes)
    assess(cast, case, on)
    destitution.settle_standing(case.no, standing(case), actor=cast.staff, on=on)
    road.appraise(cast, case, on)
    case = road.through_notice(cast, case, "post_review_notice", on)
    assert case.state_since is not None
    decisions.propose(
        case.no, actor=cast.staff, on=case.state_since, proof=cast.proof("staff", "建议批准")
    )
    return road.through_notice(cast, case, "post_approval_notice", case.state_since)


def approve(cast: Cast, case: Case, on: date | None = None) -> Case:
    """Agreed by the leader."""
    on = on or case.state_since
    assert on is not None
    decisions.approve(case.no, actor=cast.leader, on=on, proof=cast.proof("leader", "同意。"))
    return road.fresh(case)


# ------------------------------------------------------------------ 临时救助


def expense(cast: Cast, serial: int = 1, on: date = START, key: str = "", **changes: Any) -> Case:
    """支出型, accepted, visited by two, checked."""
    case = submitted(cast, relief_application(serial, **changes), RELIEF_SLOTS, on, key)
    investigation.accept(case.no, actor=cast.staff, on=on)
    road.survey(cast, case, on)
    road.means_check(cast, case, on)
    return road.fresh(case)


def propose_sum(
    cast: Cast, case: Case, amount_fen: int = 800_000, on: date = START, **more: Any
) -> None:
    """The office proposes a sum."""
    proposed = relief.ProposedSum(amount_fen=amount_fen, **more)
    relief.settle_relief(case.no, proposed, actor=cast.staff, on=on)


def expense_to_decide(
    cast: Cast, serial: int = 1, on: date = START, *, amount_fen: int = 800_000, **changes: Any
) -> Case:
    """支出型 on the desk."""
    case = expense(cast, serial, on, **changes)
    propose_sum(cast, case, amount_fen, on)
    case = road.through_notice(cast, case, "post_review_notice", on)
    assert case.state_since is not None
    decisions.propose(case.no, actor=cast.staff, on=case.state_since, proof=cast.proof("staff"))
    return road.fresh(case)


def urgent(cast: Cast, serial: int = 1, on: date = START, **changes: Any) -> Case:
    """急难型, just asked for; nothing is there yet."""
    return submitted(cast, relief_application(serial, urgent=True, **changes), {}, on)


def agreed(cast: Cast, amount_fen: int = 300_000, **changes: Any) -> relief.Agreed:
    """The leader agreed on the phone."""
    at = datetime(2026, 9, 21, 21, 30, tzinfo=timezone.get_default_timezone())
    values: dict[str, Any] = {
        "amount_fen": amount_fen,
        "approver_id": cast.leader.person_id,
        "how": "PHONE",
        "approved_at": at,
        "reason": "夜间失火，全家无处住宿",
    }
    return relief.Agreed(**values | changes)


def relieved(cast: Cast, serial: int = 1, on: date = START) -> Case:
    """Help may go out."""
    case = urgent(cast, serial, on)
    relief.relieve_first(
        case.no, agreed(cast), actor=cast.surveyor, on=on, proof=cast.proof("surveyor")
    )
    return road.fresh(case)


def looked_into(cast: Cast, case: Case, on: date = START) -> None:
    """Visited by the clerk, who signs."""
    findings = investigation.SurveyFindings(
        visited_on=on, present="演练甲", housing="过火两间", living="借住亲戚家",
        neighbours="邻居证实", is_true=True,
    )  # fmt: skip
    investigation.record_survey(
        case.no, findings, actor=cast.clerk, on=on, proof=cast.proof("clerk")
    )


def papers(cast: Cast, case: Case) -> None:
    """The papers of an emergency."""
    for i, (slot, title) in enumerate(URGENT_SLOTS.items()):
        road.add_file(cast, case, slot, title, (case.pk % 250, i, 9))


def urgent_to_decide(cast: Cast, case: Case, on: date = START, amount_fen: int = 600_000) -> Case:
    """Its paper complete, on the desk."""
    papers(cast, case)
    looked_into(cast, case, on)
    propose_sum(cast, case, amount_fen, on)
    decisions.propose(case.no, actor=cast.staff, on=on, proof=cast.proof("staff"))
    return road.fresh(case)


def handed(on: date, **changes: Any) -> relief.Handed:
    """A sum through the bank."""
    values: dict[str, Any] = {
        "handed_on": on,
        "method": "BANK",
        "amount_fen": 100_000,
        "receiver": "演练甲",
    }
    return relief.Handed(**values | changes)


def next_day(day: date) -> date:
    """The day after."""
    return day + timedelta(days=1)
