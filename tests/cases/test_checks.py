"""The system's own checks: each rule finds, and is silent when all is well."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from cases.models import Case, IncomeLine, MeansCheck, Member
from cases.models.checks import check_facts
from cases.models.record import CaseRecord
from cases.operations import decisions, settlement
from cases.operations.bureau import BureauFinding, record_bureau_visit
from cases.rules.checks import RULES, CheckedMember, CheckedNotice, CheckFacts, hits
from tests import road
from tests.cast import Cast
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.fields import digest
from yuquan_relief.kernel.models import Person, Post

ON = date(2026, 10, 20)
PERSON = CheckedMember(1, "演练甲", 65, "HEALTHY", is_insured=True, number_fits=True)
ADULT = replace(PERSON, age=40)
LIMITS = {"property": {"limits": {"money_months": 36}}}
SOUND = CheckFacts(
    on=ON,
    family="ALLOWANCE",
    standard_fen=84_100,
    account=LIMITS,
    figures={"persons": 1, "insured": 1, "monthly_fen": 50_000, "is_eligible": True},
    recomputed={"persons": 1, "insured": 1, "monthly_fen": 50_000, "is_eligible": True},
    members=(PERSON,),
    lines=({"member": 1, "kind": "WAGES", "declared": 100, "checked": 100, "reason": ""},),
    means={"conclusion": "WITHIN", "valid_until": ON, "data_upto": ON, "changed_on": None},
    notices=(CheckedNotice("审核公示", "公示栏", 7, has_photo=True),),
    appraisal={
        "expected": 9, "attended": 6, "agree": 6, "oppose": 0, "abstain": 0, "signed": True,
    },
    signers=(("survey", 1), ("survey", 2), ("propose", 3)),
    step_days=(("受理", ON), ("入户调查", ON)),
    due_on=ON,
)  # fmt: skip
OWNED = {"note": "汽车一辆", "fen": 0, "exempt": False}
REPORTED = {"member": 1, "note": ""}
RELIEF: dict[str, Any] = {
    "earlier_fen": 500_000, "amount_fen": 500_000, "office_most_fen": 1_009_200,
}  # fmt: skip
CARE = {"tier": "FULL", "failed": 4, "assessed_on": ON}
FOUND: dict[str, dict[str, Any]] = {
    "R01": {"members": (replace(PERSON, number_fits=False),)},
    "R02": {"elsewhere": (("R02", "在另一家庭享受"),)},
    "R03": {"elsewhere": (("R03", "另一家庭成员"),)},
    "R04": {"findings": (REPORTED | {"kind": "ORPHAN"},), "exclusive": ("ORPHAN",)},
    "R05": {"elsewhere": (("R05", "曾不予批准"),)},
    "R06": {"elsewhere": (("R06", "同名同日出生"),)},
    "R13": {"findings": (REPORTED | {"kind": "PRISON"},)},
    "R20": {"property": (OWNED | {"kind": "VEHICLE"},)},
    "R21": {"property": (OWNED | {"kind": "PREMISES"},)},
    "R22": {"property": (OWNED | {"kind": "BUSINESS"},)},
    "R23": {
        "lines": (
            {"member": 1, "kind": "TRANSFER", "declared": 0, "checked": 1_009_212, "reason": ""},
        )
    },
    "R24": {"property": (OWNED | {"kind": "MONEY", "fen": 36 * 84_100 + 1},)},
    "R25": {
        "lines": ({"member": 1, "kind": "WAGES", "declared": 79, "checked": 100, "reason": ""},)
    },
    "R26": {"members": (ADULT,), "lines": ()},
    "R27": {"obligors": ({"name": "演练丁", "per_head": 168_201, "support": 0},)},
    "R28": {"luxury": "新购高档手机"},
    "R29": {"means": SOUND.means | {"valid_until": ON - timedelta(1)}},
    "R30": {"means": SOUND.means | {"conclusion": "OVER"}},
    "R31": {"recomputed": SOUND.recomputed | {"monthly_fen": 50_001}},
    "R32": {"elsewhere": (("R32", "集中在标准边上"),)},
    "R41": {"notices": (replace(SOUND.notices[0], days=6),)},
    "R41P": {"notices": (replace(SOUND.notices[0], has_photo=False),)},
    "R42": {"appraisal": SOUND.appraisal | {"attended": 5, "agree": 5}},
    "R43": {"due_on": ON - timedelta(1)},
    "R44": {"step_days": (("受理", ON), ("入户调查", ON - timedelta(1)))},
    "R45": {"elsewhere": (("R45", "照片用过"),)},
    "R46": {"is_kin": True, "bureau_visited": True},
    "R46N": {"elsewhere": (("R46N", "备案近亲属"),)},
    "R47": {"signers": (("survey", 1), ("propose", 1))},
    "R53": {"family": "DESTITUTE", "self_care": CARE | {"tier": "SELF"}},
    "R54": {"family": "RELIEF", "account": RELIEF},
}


def test_a_sound_case_is_found_sound() -> None:
    assert hits(SOUND) == []


def test_every_rule_has_its_case_and_its_clause() -> None:
    assert [rule.id for rule in RULES] == list(FOUND)
    assert all(rule.cites and rule.label and rule.severity in "BHM" for rule in RULES)


@pytest.mark.parametrize("rule", list(FOUND))
def test_each_rule_finds_its_case_and_no_other_does(rule: str) -> None:
    found = hits(replace(SOUND, **FOUND[rule]))
    assert {hit.rule.id for hit in found} == {rule}
    assert all(hit.text for hit in found)


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("R20", {"property": (OWNED | {"kind": "VEHICLE", "exempt": True},)}),
        ("R24", {"property": (OWNED | {"kind": "MONEY", "fen": 36 * 84_100},)}),
        ("R26", {"members": (replace(ADULT, condition="ILL"),), "lines": ()}),
        ("R27", {"obligors": ({"name": "丁", "per_head": 168_201, "support": 1},)}),
        ("R30", {
            "means": SOUND.means | {"conclusion": "OVER"},
            "account": LIMITS | {"choices": {"explained": "已核实"}},
        }),
        ("R46", {"is_kin": True, "kin_declared": True, "bureau_visited": True}),
        ("R53", {"family": "DESTITUTE", "self_care": CARE}),
        ("R54", {"family": "RELIEF", "account": RELIEF | {"amount_fen": 300_000}}),
    ],
)  # fmt: skip
def test_what_is_explained_or_within_the_line_is_not_found(
    rule: str, changes: dict[str, Any]
) -> None:
    assert rule not in {hit.rule.id for hit in hits(replace(SOUND, **changes))}


# ------------------------------------------------------------------ read from the database


def found_in(case: Case, on: date | None = None) -> set[str]:
    record = CaseRecord(case, on or case.state_since or road.START)
    return {hit.rule.id for hit in hits(check_facts(record))}


def test_the_road_of_the_tests_is_sound_but_for_its_haste(cast: Cast) -> None:
    # Everything is recorded within one minute by a test, and nobody else earns.
    assert found_in(road.to_decide(cast)) <= {"R44", "R45"}


def _wrong_birth(case: Case) -> None:
    Member.objects.filter(household=case.household).update(birth_on=date(1950, 1, 1))


def _twin(case: Case) -> None:
    member = Member.objects.filter(household=case.household).first()
    assert member is not None
    member.pk, member.id_digest = None, digest("another")
    member._state.adding = True
    member.household = case.household.__class__.objects.create(
        key="H-TWIN", head_name="另", district=case.district, office=case.office,
        village=case.village,
    )  # fmt: skip
    member.save()


def _over(case: Case) -> None:
    MeansCheck.objects.filter(case=case).update(conclusion="OVER")


def _less(case: Case) -> None:
    IncomeLine.objects.filter(case=case).update(checked_fen=2_000_000)


@pytest.mark.parametrize(
    ("spoil", "rule"), [(_wrong_birth, "R01"), (_twin, "R06"), (_over, "R30"), (_less, "R25")]
)
def test_what_is_wrong_on_record_is_found(
    cast: Cast, spoil: Callable[[Case], None], rule: str
) -> None:
    case = road.to_decide(cast)
    assert rule not in found_in(case)
    spoil(case)
    assert rule in found_in(road.fresh(case))


@pytest.mark.clause("8")
def test_a_blocking_rule_stops_the_decision_and_a_reminder_does_not(cast: Cast) -> None:
    case = road.to_propose(cast)
    assert case.state_since is not None
    on = case.state_since
    _twin(case)  # R06 reminds
    _over(case)  # R30 stands out
    right = list(Member.objects.filter(household=case.household).values_list("pk", "birth_on"))
    _wrong_birth(case)  # R01 stops
    with pytest.raises(Refused, match="证号与出生日期或性别不符（第八条）"):
        decisions.propose(case.no, actor=cast.staff, on=on, proof=cast.proof("staff"))
    for pk, birth_on in right:
        Member.objects.filter(pk=pk).update(birth_on=birth_on)
    decisions.propose(case.no, actor=cast.staff, on=on, proof=cast.proof("staff"))


def test_a_report_that_says_over_is_explained_when_settled(cast: Cast) -> None:
    case = road.accepted(cast)
    road.means_check(cast, case, road.START)
    _over(case)
    lines = [
        settlement.Adopted(line_id=x.pk, adopted_fen=x.checked_fen or 0)
        for x in IncomeLine.objects.filter(case=case)
    ]
    for words, found in (("", True), ("车辆已报废，附证明", False)):
        adoption = settlement.Adoption(lines=lines, explained=words)
        settlement.settle_income(case.no, adoption, actor=cast.staff, on=road.START)
        assert ("R30" in found_in(road.fresh(case), road.START)) is found


@pytest.mark.clause("9")
def test_a_family_of_kin_waits_for_the_bureau(cast: Cast) -> None:
    Person.objects.filter(pk=Post.objects.get(title="分管副主任").person_id).update(
        id_digest=digest(road.number(3, is_male=False))
    )
    case = road.to_decide(cast)
    assert case.state_since is not None
    on = case.state_since
    assert "R46" in found_in(case)
    with pytest.raises(Refused, match="区民政局入户核查后再审批"):
        decisions.approve(case.no, actor=cast.leader, on=on, proof=cast.proof("leader"))
    found = BureauFinding(checked_on=on, checkers="甲、乙", is_sound=True, finding="情况属实")
    record_bureau_visit(case.no, found, actor=cast.supervisor, on=on)
    decisions.approve(case.no, actor=cast.leader, on=on, proof=cast.proof("leader"))
    assert road.fresh(case).state == "APPROVED"
