"""核查发现 as a table: found, answered by its owner, judged by another, mended (8-14).

Nothing here touches a benefit: what follows for a household goes its own lawful way (reviews,
recoveries), and stands in the verdict's words.
"""

from dataclasses import dataclass
from datetime import date

from cases.rules import steps
from cases.rules.steps import unless

from .procedure import Procedure

SOURCES = {
    "SYSTEM": "系统核查",
    "SITE": "实地检查",
    "COVERT": "明察暗访",
    "PHONE": "电话抽查",
    "FUND": "资金检查",
    "RECHECK": "新批复核",
    "COMPLAINT": "举报、信访",
    "HAND": "人工登记",
}
STATES = {
    "OPEN": "待答复",
    "ANSWERED": "待判定",
    "MENDING": "待整改",
    "RECHECK": "待复查",
    "DONE": "已办结",
}
OUTCOMES = {
    "TRUE": "属实",
    "UNTRUE": "不属实",
    "MENDED": "已整改",
    "FALSE_ALARM": "误报",
    "EXEMPT": "免责",
}
# A rule was right when what it found was so, whatever came of it.
RIGHT, WRONG = ("TRUE", "MENDED", "EXEMPT"), ("UNTRUE", "FALSE_ALARM")
NOT_ERROR = ("UNTRUE", "FALSE_ALARM")


@dataclass(frozen=True, kw_only=True)
class FindingFacts:
    """What is known of a finding when a step is judged."""

    on: date
    is_mine: bool = False  # its owner looks at it
    is_other: bool = True  # not the one who answered
    has_answer: bool = False
    has_proof: bool = False
    is_demanded: bool = False  # a rectification of its own is under way
    is_about_actor: bool = False  # what he did himself was found


Need = steps.Need[FindingFacts]
Step = steps.Step[FindingFacts]
NEEDS: dict[str, Need] = {
    "mine": Need("由责任单位办理", unless(lambda f: f.is_mine, "请由责任单位的人员办理")),
    "other": Need("由另一人判定", unless(lambda f: f.is_other, "判定人不能是答复人，请由他人判定")),
    "apart_from": Need(
        "不判定自己的事", unless(lambda f: not f.is_about_actor, "这项发现涉及您本人，请由他人判定")
    ),
    "answered": Need("有答复", unless(lambda f: f.has_answer, "责任单位还没有答复")),
    "apart": Need(
        "没有下发整改通知",
        unless(lambda f: not f.is_demanded, "这项发现已下发整改通知，请在整改里办理"),
    ),
}
_step = steps.Table(STATES, NEEDS).step
CHECK, ANSWER = "supervision.check", "supervision.answer"

STEPS: dict[str, Step] = steps.by_code(
    (
        _step("register", "登记发现", "", "OPEN", capability=CHECK, cites="8 9 10 11"),
        _step("answer", "答复", "OPEN", "ANSWERED", capability=ANSWER, cites="8 16",
              needs=("mine",), needs_note=True),
        _step("remind", "催办", "OPEN MENDING", capability=CHECK, cites="5(5)", needs_note=True),
        _step("confirm", "判定属实，要求整改", "OPEN ANSWERED", "MENDING", capability=CHECK,
              cites="14 16", needs=("other", "apart_from"), needs_note=True),
        _step("mended", "判定已整改", "ANSWERED", "DONE", capability=CHECK, cites="16",
              needs=("answered", "other", "apart_from"), needs_note=True),
        _step("untrue", "判定不属实", "ANSWERED", "DONE", capability=CHECK, cites="8",
              needs=("answered", "other", "apart_from"), needs_note=True),
        _step("false_alarm", "判定误报", "OPEN ANSWERED", "DONE", capability=CHECK, cites="8",
              needs=("other", "apart_from"), needs_note=True),
        _step("exempt", "判定免责", "ANSWERED MENDING", "DONE", capability=CHECK, cites="20(1)",
              needs=("other", "apart_from"), needs_note=True),
        _step("mend", "登记整改", "MENDING", "RECHECK", capability=ANSWER, cites="16",
              needs=("mine", "apart"), needs_note=True),
        _step("accept", "复查通过", "RECHECK", "DONE", capability=CHECK, cites="16",
              needs=("other", "apart", "apart_from"), needs_note=True),
        _step("return", "复查不通过，退回整改", "RECHECK", "MENDING", capability=CHECK, cites="16",
              needs=("apart",), needs_note=True),
        _step("reopen", "重新判定", "DONE", "ANSWERED", capability="supervision.issue",
              cites="5(5)", needs_note=True),
    )
)  # fmt: skip
PROCEDURE = Procedure(
    subject="finding",
    label="核查发现",
    letters="HC",
    states=STATES,
    final=frozenset({"DONE"}),
    tones={"OPEN": "bad", "ANSWERED": "brand", "MENDING": "warn", "RECHECK": "brand", "DONE": "ok"},
    owners={"OPEN": "office_staff", "ANSWERED": "supervisor", "MENDING": "office_staff",
            "RECHECK": "supervisor"},
    steps=STEPS,
)  # fmt: skip
VERDICT_OF = {
    "confirm": "TRUE",
    "mended": "MENDED",
    "untrue": "UNTRUE",
    "false_alarm": "FALSE_ALARM",
    "exempt": "EXEMPT",
}
