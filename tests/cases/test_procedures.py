"""The procedure as a table: ways through it, and what every refusal says."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from cases.operations.steps import require
from cases.rules.facts import Facts, NoticeFacts
from cases.rules.procedures import (
    ALLOWANCE,
    CLOCK_STATES,
    FINAL_STATES,
    NEEDS,
    OPEN_STATES,
    PROCEDURES,
    STATES,
    Step,
    clause_text,
    step_of,
)
from tests.cast import Cast
from yuquan_relief.kernel.actor import ROBOT
from yuquan_relief.kernel.roles import ROLES

ON = date(2026, 10, 20)
OVER = NoticeFacts(posted_on=ON, last_day=date(2026, 10, 19), has_photo=True, open_objections=0)
FULL = Facts(
    on=ON,
    survey_recorded=True,
    survey_this_round=True,
    survey_signers=2,
    survey_photos=1,
    means_requested=True,
    means_returned=True,
    income_settled=True,
    income_eligible=True,
    appraisal_recorded=True,
    appraisal_this_round=True,
    appraisal_signed=True,
    review_notice=OVER,
    approval_notice=OVER,
)
STEPS = {step.code: step for step in ALLOWANCE}


@pytest.mark.parametrize("state", sorted(OPEN_STATES))
def test_every_open_state_has_a_way_on(state: str) -> None:
    assert any(state in step.sources and step.target for step in ALLOWANCE)


@pytest.mark.parametrize("state", sorted(FINAL_STATES))
def test_nothing_leads_out_of_a_final_state(state: str) -> None:
    assert not any(state in step.sources and step.target for step in ALLOWANCE)


def test_every_state_is_reached_and_known() -> None:
    reached = {step.target for step in ALLOWANCE if step.target} | {"DRAFT"}
    assert reached == set(STATES)
    assert all(step.sources <= set(STATES) for step in ALLOWANCE)
    assert CLOCK_STATES < OPEN_STATES


def test_from_every_open_state_an_end_can_be_reached() -> None:
    good = set(FINAL_STATES)
    for _ in STATES:
        good |= {s for step in ALLOWANCE if step.target in good for s in step.sources}
    assert good == set(STATES)


# What a step adds to the facts; the walk below takes every path over the table with them.
ANEW: dict[str, Any] = {
    "is_first_round": False,
    "survey_this_round": False,
    "means_this_round": False,
    "income_this_round": False,
    "appraisal_this_round": False,
    "review_notice": None,
    "approval_notice": None,
}
ADDS: dict[str, dict[str, Any]] = {
    "record_survey": {"survey_recorded": True, "survey_this_round": True, "survey_signers": 1},
    "cosign_survey": {"survey_signers": 2},
    "request_means_check": {"means_requested": True, "means_this_round": True},
    "return_means_check": {"means_returned": True},
    "settle_income": {"income_settled": True, "income_this_round": True, "income_eligible": True},
    "record_appraisal": {"appraisal_recorded": True, "appraisal_this_round": True},
    "sign_appraisal": {"appraisal_signed": True},
    "post_review_notice": {"review_notice": OVER},
    "post_approval_notice": {"approval_notice": OVER},
    "uphold_objection": ANEW,
    "send_back": ANEW,
    "reopen": ANEW,
}
MUST = {
    "accept",
    "record_survey",
    "cosign_survey",
    "request_means_check",
    "return_means_check",
    "settle_income",
    "record_appraisal",
    "sign_appraisal",
    "post_review_notice",
    "close_review_notice",
    "propose",
    "post_approval_notice",
    "close_approval_notice",
}


def reachable_without(left_out: str) -> Iterator[str]:
    """States that can be reached from SUBMITTED when one step is never taken."""
    start = ("SUBMITTED", Facts(on=ON, survey_photos=1))
    seen, waiting = {start}, [start]
    while waiting:
        state, facts = waiting.pop()
        yield state
        for step in ALLOWANCE:
            if step.code == left_out or step.reasons(state, facts):
                continue
            following = (step.target or state, replace(facts, **ADDS.get(step.code, {})))
            if following not in seen:
                seen.add(following)
                waiting.append(following)


def test_approval_can_be_reached() -> None:
    assert {"APPROVED", "REFUSED"} <= set(reachable_without(""))


@pytest.mark.parametrize("code", sorted(MUST))
def test_no_path_to_approval_skips(code: str) -> None:
    found = set(reachable_without(code))
    assert "APPROVED" not in found
    assert "INVESTIGATING" in found or code == "accept"


def test_approval_is_reached_by_the_decision_alone() -> None:
    assert "APPROVED" not in set(reachable_without("approve"))


@pytest.mark.parametrize("code", sorted(STEPS))
@pytest.mark.parametrize("state", sorted(STATES))
def test_every_step_is_refused_in_every_other_state_with_its_clause(code: str, state: str) -> None:
    step = STEPS[code]
    why_not = step.why_not(state, FULL)
    if state in step.sources:
        return
    assert why_not.startswith(f"现在是“{STATES[state]}”，不能{step.label}（第")
    assert why_not.endswith("）")


LACKING: dict[str, tuple[dict[str, Any], str]] = {
    "documents": ({"missing_documents": ("户口簿", "身份证")}, "还缺：户口簿、身份证"),
    "not_asked_before": ({"corrections_asked": True}, "一次性告知"),
    "survey_this_round": ({"survey_this_round": False}, "本轮还没有登记入户调查"),
    "survey_by_two": ({"survey_signers": 1}, "现有 1 人"),
    "survey_photo": ({"survey_photos": 0}, "入户照片"),
    "means_requested": ({"means_requested": False}, "还没有委托"),
    "means_not_requested": ({"means_this_round": True, "means_returned": False}, "等待报告"),
    "means_not_returned": ({"means_returned": True}, "不能重复提交"),
    "means_returned": ({"means_returned": False}, "还没有返回"),
    "income": ({"income_settled": False}, "还没有核算收入"),
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
}


def test_every_need_has_a_sentence_tested() -> None:
    assert set(NEEDS) == set(LACKING)
    assert {need for step in ALLOWANCE for need in step.needs} == set(NEEDS)


@pytest.mark.parametrize("need", sorted(LACKING))
def test_need_says_what_is_missing_and_nothing_when_it_is_there(need: str) -> None:
    changes, said = LACKING[need]
    assert said in NEEDS[need].missing(replace(FULL, **changes))
    there = replace(
        FULL,
        approval_notice=None if need == "approval_notice_absent" else OVER,
        means_returned=need != "means_not_returned",
    )
    assert NEEDS[need].missing(there) == ""


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


@pytest.mark.parametrize("step", [s for s in ALLOWANCE if s.by_robot], ids=lambda s: s.code)
@pytest.mark.parametrize("name", ["clerk", "staff", "leader", "supervisor", "sysadmin"])
def test_people_cannot_take_the_robots_steps(cast: Cast, step: Step, name: str) -> None:
    require(step, ROBOT)
    with pytest.raises(PermissionDenied):
        require(step, cast.actors[name])


@pytest.mark.parametrize("step", [s for s in ALLOWANCE if not s.by_robot], ids=lambda s: s.code)
def test_the_robot_cannot_take_peoples_steps(step: Step) -> None:
    with pytest.raises(PermissionDenied):
        require(step, ROBOT)


@pytest.mark.parametrize("step", [s for s in ALLOWANCE if not s.by_robot], ids=lambda s: s.code)
def test_every_step_of_people_belongs_to_some_role_and_to_no_administrator(step: Step) -> None:
    roles = {code for code, role in ROLES.items() if step.capability in role.can}
    assert roles
    assert not roles & {"system_admin", "security_admin", "audit_admin", "auditor"}


def test_proposing_and_deciding_belong_to_different_roles() -> None:
    for first, second in (("cases.propose", "cases.decide"), ("cases.investigate", "cases.decide")):
        assert not [r for r in ROLES.values() if {first, second} <= r.can]


def test_every_programme_has_the_whole_table() -> None:
    assert all(set(steps) == set(STEPS) for steps in PROCEDURES.values())
    with pytest.raises(KeyError):
        step_of("URBAN_ALLOWANCE", "no_such_step")


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
