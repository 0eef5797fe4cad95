"""举报、信访 as a table: registered, given to another unit, looked into, told to the person (7.2).

Nothing is ever deleted; who is complained about neither sees nor handles it; a case closes only
when the person was told, or could not be.
"""

from dataclasses import dataclass
from datetime import date

from cases.rules import steps
from cases.rules.steps import unless

from .procedure import Procedure

CHANNELS = {
    "BOX": "举报箱",
    "HOTLINE": "举报电话",
    "VISIT": "来访",
    "LETTER": "来信",
    "ONLINE": "网上",
    "HIGHER": "上级转办",
}
KINDS = {"REPORT": "举报", "PETITION": "信访诉求", "ENQUIRY": "咨询"}
STATES = {
    "RECEIVED": "待分派",
    "HANDLING": "办理中",
    "FOUND": "待反馈",
    "CLOSED": "已办结",
}
RESULTS = {"TRUE": "属实", "PARTLY": "部分属实", "UNTRUE": "不属实", "UNCLEAR": "无法查实"}
FEEDBACKS = {
    "FACE": "当面",
    "PHONE": "电话",
    "LETTER": "书面",
    "ONLINE": "网上查询",
    "NONE": "匿名，无法反馈",
}


@dataclass(frozen=True, kw_only=True)
class ComplaintFacts:
    """What is known of a complaint when a step is judged."""

    on: date
    is_handler: bool = False  # of the unit to which it was given
    is_named: bool = False  # the actor is complained about
    is_asked: bool = True  # whether somebody is named was looked at
    has_findings: bool = False
    tried: int = 0  # ways in which feedback was tried


Need = steps.Need[ComplaintFacts]
Step = steps.Step[ComplaintFacts]
NEEDS: dict[str, Need] = {
    "handler": Need("由承办单位办理", unless(lambda f: f.is_handler, "请由承办单位的人员办理")),
    "not_named": Need(
        "不由被举报人办理", unless(lambda f: not f.is_named, "您是被反映的人，须回避")
    ),
    "asked": Need(
        "登记过被反映的人",
        unless(lambda f: f.is_asked, "请先登记被反映的人；没有点名的，也请登记为没有"),
    ),
}
_step = steps.Table(STATES, NEEDS).step
COMPLAINTS, HANDLE = "supervision.complaints", "supervision.handle"

STEPS: dict[str, Step] = steps.by_code(
    (
        _step("receive", "登记", "", "RECEIVED", capability=COMPLAINTS, cites="7.2 5(7)"),
        _step("assign", "交承办单位", "RECEIVED HANDLING", "HANDLING", capability=COMPLAINTS,
              cites="7.2", needs=("not_named", "asked")),
        _step("name", "登记被反映的人", "RECEIVED HANDLING FOUND", capability=COMPLAINTS,
              cites="7.2", needs=("not_named",)),
        _step("name_too", "补登被反映的人", "RECEIVED HANDLING FOUND CLOSED",
              capability="supervision.issue", cites="7.2", needs=("not_named",)),
        _step("note", "登记办理情况", "HANDLING", capability=HANDLE, cites="7.2",
              needs=("handler", "not_named"), needs_note=True),
        _step("find", "提出查处结果", "HANDLING", "FOUND", capability=HANDLE, cites="7.2",
              needs=("handler", "not_named"), needs_note=True),
        _step("back", "退回重查", "FOUND", "HANDLING", capability=COMPLAINTS, cites="7.2",
              needs=("not_named",), needs_note=True),
        _step("extend", "延长办理期限", "RECEIVED HANDLING", capability="supervision.issue",
              cites="7.2", needs=("not_named",), needs_note=True),
        _step("close", "登记反馈并办结", "FOUND", "CLOSED", capability=COMPLAINTS, cites="7.2",
              needs=("not_named",), needs_note=True),
        _step("reopen", "重新办理", "CLOSED", "HANDLING", capability="supervision.issue",
              cites="7.2", needs=("not_named",), needs_note=True),
    )
)  # fmt: skip
PROCEDURE = Procedure(
    subject="complaint",
    label="举报信访",
    letters="XF",
    states=STATES,
    final=frozenset({"CLOSED"}),
    tones={"RECEIVED": "bad", "HANDLING": "warn", "FOUND": "brand", "CLOSED": "ok"},
    owners={"RECEIVED": "supervisor", "HANDLING": "office_staff", "FOUND": "supervisor"},
    steps=STEPS,
)
