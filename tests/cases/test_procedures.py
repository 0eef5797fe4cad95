"""The procedures as tables: ways through each of them, and what every refusal says."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from cases.operations.steps import require
from cases.rules.clause_words import clause_text
from cases.rules.needs import NEEDS
from cases.rules.procedures import (
    CLOCK_STATES,
    FINAL_STATES,
    OPEN_STATES,
    PROCEDURES,
    STATES,
    Step,
    step_of,
)
from cases.rules.procedures import TABLES as TABLE_OF
from cases.rules.programmes import Family, Programme
from tests.cases.procedure_walks import (
    ANEW,
    CHECKED,
    DECIDING,
    FULL,
    MUST,
    ON,
    OVER,
    PROGRAMMES,
    SIGNED,
    STARTS,
    TABLES,
    approved_without,
    changed,
    graph,
    loosened,
    reachable,
    reachable_without,
    stuck,
    told_on_a_second_signature,
    way_around,
    without_needs,
)
from tests.cast import Cast
from yuquan_relief.kernel.actor import ROBOT, Actor
from yuquan_relief.kernel.roles import ADMINISTRATORS, ROLES

every_table = pytest.mark.parametrize("name", TABLES)
STEPS = {f"{name}-{step.code}": step for name, table in TABLES.items() for step in table}
every_step = pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)


@every_table
def test_every_open_state_that_is_reached_has_a_way_on(name: str) -> None:
    for state in reachable_without(name) & OPEN_STATES:
        onward = {step.target for step in TABLES[name] if state in step.sources}
        assert onward - {"", state}, state


@every_table
def test_nothing_leads_out_of_a_final_state(name: str) -> None:
    assert not [s.code for s in TABLES[name] if s.target and s.sources & FINAL_STATES]


def test_every_state_is_reached_by_some_table_and_known() -> None:
    assert set().union(*(reachable_without(name) for name in TABLES)) == set(STATES)
    assert all(step.sources <= set(STATES) for step in STEPS.values())
    assert CLOCK_STATES < OPEN_STATES


@every_table
def test_every_step_can_be_taken_at_some_time(name: str) -> None:
    nodes = reachable(name)
    assert not [
        step.code
        for step in TABLES[name]
        if all(step.reasons(state, facts) for state, facts in nodes)
    ]


@every_table
def test_from_everything_that_is_reached_an_end_can_be_reached(name: str) -> None:
    assert stuck(name) == set()


@every_table
def test_twin_a_table_that_nobody_decides_is_stuck(name: str) -> None:
    table = tuple(step for step in TABLES[name] if "TO_DECIDE" not in step.sources)
    assert "TO_DECIDE" in {state for state, _ in stuck(name, table)}


every_must = pytest.mark.parametrize(
    ("name", "code"), [(name, code) for name, codes in MUST.items() for code in codes]
)


@every_table
def test_approval_and_refusal_can_be_reached(name: str) -> None:
    assert {"APPROVED", "REFUSED", "DECLINED"} <= reachable_without(name)


@every_must
def test_no_path_to_approval_skips(name: str, code: str) -> None:
    assert way_around(name, code) == ""


@every_must
def test_twin_without_its_guard_a_step_is_skipped(name: str, code: str) -> None:
    assert way_around(name, code, loosened(TABLES[name], code))


@every_table
def test_every_other_step_may_be_left_out(name: str) -> None:
    others = {step.code for step in TABLES[name]} - {*MUST[name], *DECIDING[name]}
    assert {code for code in others if way_around(name, code)} == others


@pytest.mark.parametrize("code", CHECKED)
def test_only_for_a_known_class_the_means_check_may_be_skipped(code: str) -> None:
    assert {facts.is_known_class for facts in approved_without("EXPENSE", code)} == {True}
    open_to_all = without_needs(TABLES["EXPENSE"], "means_if_unknown")
    found = approved_without("EXPENSE", code, table=open_to_all)
    assert {facts.is_known_class for facts in found} == {True, False}


@every_table
def test_every_end_is_reached_by_its_own_steps_alone(name: str) -> None:
    assert "APPROVED" not in reachable_without(name, *DECIDING[name])
    assert "REFUSED" not in reachable_without(name, "refuse", "refuse_large")
    assert "DECLINED" not in reachable_without(name, "decline")
    short = changed(TABLES[name], "propose", target="APPROVED")
    assert "APPROVED" in reachable_without(name, *DECIDING[name], table=short)  # the twin


@pytest.mark.parametrize("name", ["EXPENSE", "URGENT"])
def test_a_large_sum_is_approved_by_the_bureau_alone_and_a_small_one_never(name: str) -> None:
    assert {facts.needs_bureau for facts in approved_without(name, "approve_large")} == {False}
    assert {facts.needs_bureau for facts in approved_without(name, "approve")} == {True}
    open_to_all = without_needs(TABLES[name], "within_office_limit")
    found = approved_without(name, "approve_large", table=open_to_all)
    assert {facts.needs_bureau for facts in found} == {False, True}  # the twin


@every_table
def test_who_does_not_fulfil_the_conditions_is_never_approved(name: str) -> None:
    assert {facts.income_eligible for facts in approved_without(name)} == {True}
    open_to_all = without_needs(TABLES[name], "eligible")
    found = approved_without(name, table=open_to_all)
    assert {facts.income_eligible for facts in found} == {True, False}  # the twin


def test_after_help_went_out_an_emergency_is_not_declined() -> None:
    declined = {facts.is_relieved for state, facts in reachable("URGENT") if state == "DECLINED"}
    assert declined == {False}
    open_to_all = without_needs(TABLES["URGENT"], "declinable")
    found = reachable("URGENT", table=open_to_all)
    assert {f.is_relieved for state, f in found if state == "DECLINED"} == {True, False}  # the twin


@every_table
def test_every_act_that_somebody_answers_for_is_signed(name: str) -> None:
    assert {step.code: step.stage for step in TABLES[name] if step.stage} == SIGNED[name]


@pytest.fixture
def no_other_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the state and the facts, a step may be taken: only the rule of signing is left."""
    monkeypatch.setattr(Step, "reasons", lambda step, state, facts: [])


TWO_STAGES = "您已在这一件的前面环节签过字，同一人不能签两个环节"
TWICE = "您已在这一环节签过字，请由另一人签字"


def expected(name: str, first: str, second: str, later: int) -> str:
    """What a person is told; a new round is signed anew, by the same people too."""
    if SIGNED[name][first] != SIGNED[name][second]:
        return TWO_STAGES
    return "" if later else TWICE


@pytest.mark.usefixtures("no_other_rule")
@every_table
def test_nobody_signs_two_stages_and_no_stage_twice(cast: Cast, name: str) -> None:
    told = told_on_a_second_signature(cast, name)
    assert {key: text.partition("（")[0] for key, text in told.items()} == {
        key: expected(name, *key) for key in told
    }


@pytest.mark.usefixtures("no_other_rule")
@pytest.mark.parametrize("name", ["ALLOWANCE", "URGENT"])
def test_twin_a_proposal_that_nobody_signs_lets_one_person_propose_and_decide(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    steps = PROCEDURES[PROGRAMMES[name]]
    monkeypatch.setitem(steps, "propose", replace(steps["propose"], stage=""))
    told = told_on_a_second_signature(cast, name)
    assert expected(name, "propose", "approve", 0) == TWO_STAGES
    assert told["propose", "approve", 0] == told["approve", "propose", 0] == ""


@every_step
def test_every_step_is_refused_in_every_other_state_with_its_clause(step: Step) -> None:
    for state in set(STATES) - step.sources:
        why_not = step.why_not(state, FULL)
        assert why_not.startswith(f"现在是“{STATES[state]}”，不能{step.label}（第")
        assert why_not.endswith("）")


HELD = replace(FULL, is_held=True)
WAITS = "本件已经签字，几分钟内生效"


@every_step
def test_while_an_answer_waits_nothing_is_taken_but_its_recall(step: Step) -> None:
    """But for what has happened elsewhere: that the bank has paid waits for nobody."""
    passes = step.recalls or step.is_fact
    for state in step.sources:
        assert step.why_not(state, HELD).startswith(WAITS) is not passes
        through = replace(step, recalls=not passes, is_fact=False)  # the twin
        assert through.why_not(state, HELD).startswith(WAITS) is passes


@every_table
def test_what_was_answered_is_recalled_or_takes_effect_and_nothing_else(name: str) -> None:
    recalls = {step.code for step in TABLES[name] if step.recalls}
    facts = {step.code for step in TABLES[name] if step.is_fact}
    assert recalls == {code.replace("approve", "recall") for code in DECIDING[name]}
    assert facts <= {"bank_paid"}
    ways = graph(TABLES[name], STARTS[name])
    held = {node: onward for node, onward in ways.items() if node[1].is_held}
    assert {state for state, _ in held} == {"TO_DECIDE"}
    for onward in held.values():
        codes = {code for code, _ in onward} - {"the promised file comes", *facts}
        assert codes == recalls | {"the time for recall is over"}


LACKING: dict[str, tuple[dict[str, Any], str]] = {
    "documents": ({"missing_documents": ("户口簿", "身份证")}, "还缺：户口簿、身份证"),
    "deferred_here": ({"deferred": ("户口簿",)}, "容缺材料还没有补齐：户口簿"),
    "documents_missing": ({"missing_documents": ()}, "必交材料已经齐全"),
    "not_asked_before": ({"corrections_asked": True}, "一次性告知"),
    "survey_this_round": ({"survey_this_round": False}, "本轮还没有登记入户调查"),
    "survey_by_two": ({"survey_signers": 1}, "现有 1 人"),
    "survey_photo": ({"survey_photos": 0}, "入户照片"),
    "means_requested": ({"means_requested": False}, "还没有委托"),
    "means_not_requested": ({"means_this_round": True, "means_returned": False}, "等待报告"),
    "means_not_returned": ({"means_returned": True}, "不能重复提交"),
    "means_returned": ({"means_returned": False}, "还没有返回"),
    "means_if_unknown": ({"means_returned": False}, "还没有返回"),
    "self_care": ({"self_care_assessed": False}, "还没有登记自理能力评估"),
    "income": ({"income_settled": False}, "还没有核算收入"),
    "standing": ({"income_settled": False}, "还没有认定供养条件"),
    "settled": ({"income_settled": False}, "还没有提出救助金额"),
    "survey": ({"survey_signers": 0}, "还没有登记核查情况"),
    "not_relieved": ({"is_relieved": True}, "已经先行救助，请补办手续"),
    "declinable": ({"is_relieved": True}, "不能不予受理"),
    "care_reported": ({"care_reported": False}, "请先登记自理能力变化"),
    "care_not_reported": ({"care_reported": True}, "请先重新评估"),
    "kin_visited": ({"is_kin": True}, "区民政局入户核查后再审批"),
    "not_rechecked": ({"is_rechecked": True}, "已经复核过"),
    "not_opposed": ({"is_opposed": True}, "不能签字同意"),
    "within_office_limit": ({"needs_bureau": True}, "须由区民政局审批"),
    "above_office_limit": ({"needs_bureau": False}, "由分管领导审批"),
    "something_to_hand_over": ({"to_hand_over_fen": 0}, "已经全部发放"),
    "held": ({"is_held": False}, "没有可以取回的签字"),
    "not_extended": ({"is_extended": True}, "不能再延长"),
    "eligible": ({"income_eligible": False}, "不符合条件"),
    "renewed": (
        {
            "is_first_round": False,
            "survey_this_round": False,
            "appraisal_this_round": False,
        },
        "还没有重新调查",
    ),
    "begun": (ANEW, "不需要重新开始"),
    "looked_into": ({"survey_signers": 1, "means_returned": False}, "请先调查或核对"),
    "appraisal_this_round": ({"appraisal_this_round": False}, "本轮还没有登记民主评议"),
    "appraisal_signed": ({"appraisal_signed": False}, "主任或书记签字"),
    "review_notice_over": ({"review_notice": None}, "还没有张贴"),
    "approval_notice_absent": ({"approval_notice": OVER}, "已经张贴"),
    "approval_notice_over": ({"approval_notice": None}, "还没有张贴"),
    "letter_not_served": ({"letter_served": True}, "已经送达"),
    "ending_not_proposed": ({"ending_proposed": True}, "已经提出拟终止"),
    "ending_proposed": ({"ending_proposed": False}, "还没有提出拟终止"),
    "ending_notice_absent": ({"ending_notice": OVER}, "已经张贴"),
    "ending_notice_hangs": ({"ending_notice": None}, "没有正在张贴的拟终止公示"),
    "ending_notice_over": ({"ending_notice": None}, "还没有张贴"),
}


# Needs that ask for something not to be there.
THERE: Mapping[str, dict[str, Any]] = {
    "documents_missing": {"missing_documents": ("户口簿",)},
    "declinable": {"survey_this_round": False, "appraisal_this_round": False},
    "approval_notice_absent": {"approval_notice": None},
    "means_not_returned": {"means_returned": False},
    "above_office_limit": {"needs_bureau": True},
    "held": {"is_held": True},
    "care_reported": {"care_reported": True},
    "ending_proposed": {"ending_proposed": True},
    "ending_notice_hangs": {"ending_notice": OVER},
    "ending_notice_over": {"ending_notice": OVER},
}


def test_every_need_is_used_and_has_a_sentence_tested() -> None:
    assert set(NEEDS) == set(LACKING)
    assert {need for step in STEPS.values() for need in step.needs} == set(NEEDS)


@pytest.mark.parametrize("need", sorted(LACKING))
def test_need_says_what_is_missing_and_nothing_when_it_is_there(need: str) -> None:
    changes, said = LACKING[need]
    assert said in NEEDS[need].missing(replace(FULL, **changes))
    assert NEEDS[need].missing(replace(FULL, **THERE.get(need, {}))) == ""


def test_of_a_known_class_no_report_is_asked_for() -> None:
    known = replace(FULL, means_returned=False, is_known_class=True)
    assert NEEDS["means_if_unknown"].missing(known) == ""


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"has_photo": False}, "缺张贴照片"),
        ({"open_objections": 2}, "有 2 件异议未答复"),
        ({"last_day": ON}, "到 2026-10-20 期满"),
        ({"last_day": date(2026, 10, 19)}, ""),
    ],
)
def test_a_notice_ends_with_proof_and_answers_after_its_last_day(
    changes: dict[str, Any], said: str
) -> None:
    facts = replace(FULL, review_notice=replace(OVER, **changes))
    missing = NEEDS["review_notice_over"].missing(facts)
    assert said in missing
    assert bool(missing) == bool(said)


def holder(role: str) -> Actor:
    """Somebody in a post of the role."""
    return Actor(
        person_id=1,
        account_id=1,
        name="演练甲",
        role_code=role,
        title="演练岗位",
        unit_id=1,
        unit_name="甲街道",
    )


BY_ROBOT = {key: step for key, step in STEPS.items() if step.by_robot}
BY_PEOPLE = {key: step for key, step in STEPS.items() if not step.by_robot}


@pytest.mark.parametrize("step", BY_ROBOT.values(), ids=BY_ROBOT)
@pytest.mark.parametrize("role", ROLES)
def test_people_cannot_take_the_robots_steps(step: Step, role: str) -> None:
    require(step, ROBOT)
    with pytest.raises(PermissionDenied):
        require(step, holder(role))


@pytest.mark.parametrize("step", BY_PEOPLE.values(), ids=BY_PEOPLE)
def test_the_robot_cannot_take_peoples_steps(step: Step) -> None:
    with pytest.raises(PermissionDenied):
        require(step, ROBOT)


def who_can(capability: str) -> set[str]:
    """The roles that carry a capability."""
    return {code for code, role in ROLES.items() if capability in role.can}


@pytest.mark.parametrize("step", BY_PEOPLE.values(), ids=BY_PEOPLE)
def test_every_step_of_people_belongs_to_some_role_and_to_no_administrator(step: Step) -> None:
    roles = who_can(step.capability)
    assert roles
    assert not roles & {*ADMINISTRATORS, "auditor"}


PREPARING = [
    *("cases.investigate", "cases.sign_appraisal", "cases.settle_income"),
    *("cases.propose", "cases.relieve_first"),
]


@pytest.mark.parametrize("deciding", ["cases.decide", "cases.decide_large"])
def test_proposing_and_deciding_belong_to_different_roles(
    monkeypatch: pytest.MonkeyPatch, deciding: str
) -> None:
    assert who_can(deciding)
    assert not [other for other in PREPARING if who_can(other) & who_can(deciding)]
    staff = ROLES["office_staff"]
    monkeypatch.setitem(ROLES, "office_staff", replace(staff, can=staff.can | {deciding}))
    assert who_can("cases.propose") & who_can(deciding)  # the twin


def test_the_office_and_the_bureau_decide_by_different_roles() -> None:
    assert who_can("cases.decide") == {"deputy_leader"}
    assert who_can("cases.decide_large") == {"bureau_leader"}


def test_every_programme_has_a_table_and_a_family_of_monthly_benefits_shares_one() -> None:
    assert set(TABLE_OF) == set(Programme)
    assert set(PROCEDURES) == {programme.value for programme in Programme}
    for programme, table in TABLE_OF.items():
        assert tuple(PROCEDURES[programme].values()) == table  # no code stands twice
    for family in (Family.ALLOWANCE, Family.DESTITUTE):
        assert len({id(t) for p, t in TABLE_OF.items() if p.family == family}) == 1
    assert len({id(table) for table in TABLE_OF.values()}) == len(TABLES)


@pytest.mark.parametrize("code", ["no_such_step", "approve_large"])
def test_a_step_of_another_table_is_unknown(code: str) -> None:
    with pytest.raises(KeyError):
        step_of("URBAN_ALLOWANCE", code)


@pytest.mark.parametrize(
    ("clause", "text"),
    [
        ("3(1)", "第三条（一）"),
        ("4(1).1", "第四条（一）1"),
        ("18(2)", "第十八条（二）"),
        ("20(4)", "第二十条（四）"),
        ("9", "第九条"),
        ("3(1) 17(2)", "第三条（一）、第十七条（二）"),
    ],
)
def test_clauses_read_as_in_the_regulation(clause: str, text: str) -> None:
    assert clause_text(clause) == text
