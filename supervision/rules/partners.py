"""第三方服务 as tables: a contract until it is accepted, a task until it is checked (5(4))."""

from dataclasses import dataclass
from datetime import date

from cases.rules import steps
from cases.rules.steps import unless

from .procedure import Procedure

CONTRACT_STATES = {"RUNNING": "履行中", "ACCEPTED": "已验收", "ENDED": "已终止"}
TASK_STATES = {"GIVEN": "待完成", "REPORTED": "待检查", "BACK": "退回重做", "PASSED": "已通过",
               "DROPPED": "已收回"}  # fmt: skip
TASK_KINDS = {
    "VISIT": "入户走访",
    "CARE": "照料服务",
    "SURVEY": "协助调查",
    "ASSESS": "自理能力评估",
}
MANAGE, VISIT, ISSUE = "supervision.partners", "partner.visit", "supervision.issue"


@dataclass(frozen=True, kw_only=True)
class PartnerFacts:
    """What is known of a contract or task when a step is judged."""

    on: date
    is_mine: bool = False
    files: int = 0
    words: int = 0
    open_tasks: int = 0
    scored: bool = False


Need = steps.Need[PartnerFacts]
NEEDS: dict[str, Need] = {
    "mine": Need("由派到的人办理", unless(lambda f: f.is_mine, "请由派到的人办理")),
    "photo": Need("有现场照片", unless(lambda f: bool(f.files), "还没有现场照片，请先上传")),
    "no_tasks": Need(
        "任务都已办结",
        lambda f: f"还有 {f.open_tasks} 项任务没有办结" if f.open_tasks else "",
    ),
}
_contract = steps.Table(CONTRACT_STATES, NEEDS).step
CONTRACT = Procedure(
    subject="contract",
    label="服务合同",
    letters="HT",
    states=CONTRACT_STATES,
    final=frozenset({"ACCEPTED", "ENDED"}),
    tones={"RUNNING": "brand", "ACCEPTED": "ok", "ENDED": "mute"},
    owners={"RUNNING": "supervisor"},
    steps=steps.by_code(
        (
            _contract("open", "登记合同", "", "RUNNING", capability=MANAGE, cites="5(4)"),
            _contract("score", "登记考核", "RUNNING", capability=MANAGE, cites="5(4)",
                      needs_note=True),
            _contract("accept", "签字验收", "RUNNING", "ACCEPTED", capability=ISSUE,
                      cites="5(4)", needs=("no_tasks",), stage="accept"),
            _contract("end", "终止合同", "RUNNING", "ENDED", capability=ISSUE, cites="5(4)",
                      needs=("no_tasks",), needs_note=True),
        )
    ),
    stages={"accept": "验收"},
)  # fmt: skip
_task = steps.Table(TASK_STATES, NEEDS).step
TASK = Procedure(
    subject="task",
    label="服务任务",
    letters="RW",
    states=TASK_STATES,
    final=frozenset({"PASSED", "DROPPED"}),
    tones={"GIVEN": "warn", "REPORTED": "brand", "BACK": "bad", "PASSED": "ok", "DROPPED": "mute"},
    owners={"GIVEN": "third_party", "BACK": "third_party", "REPORTED": "supervisor"},
    steps=steps.by_code(
        (
            _task("give", "派单", "", "GIVEN", capability=MANAGE, cites="5(4)"),
            _task("photo", "上传现场照片", "GIVEN BACK", capability=VISIT, cites="5(4)",
                  needs=("mine",)),
            _task("report", "报送服务记录", "GIVEN BACK", "REPORTED", capability=VISIT,
                  cites="5(4)", needs=("mine", "photo"), needs_note=True),
            _task("pass", "检查通过", "REPORTED", "PASSED", capability=MANAGE, cites="5(4)",
                  needs_note=True),
            _task("return", "退回重做", "REPORTED", "BACK", capability=MANAGE, cites="5(4)",
                  needs_note=True),
            _task("drop", "收回任务", "GIVEN BACK", "DROPPED", capability=MANAGE, cites="5(4)",
                  needs_note=True),
        )
    ),
)  # fmt: skip
