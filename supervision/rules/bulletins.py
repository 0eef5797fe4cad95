"""工作通报 as a table: drafted from findings, signed, read by each office (10, 14, 16).

And 整改 that it asks for: demanded, mended with proof, looked at again; and 移送 to others (14).
"""

from dataclasses import dataclass
from datetime import date

from cases.rules import steps
from cases.rules.steps import unless

from .procedure import Procedure

STATES = {"DRAFT": "起草中", "CHECKED": "待签发", "ISSUED": "已下发", "CANCELLED": "已撤销"}
ISSUE, CHECK, ANSWER = "supervision.issue", "supervision.check", "supervision.answer"


@dataclass(frozen=True, kw_only=True)
class BulletinFacts:
    """What is known of a bulletin when a step is judged."""

    on: date
    findings: int = 0
    undated: int = 0  # findings without a day by which they must be mended


Need = steps.Need[BulletinFacts]
NEEDS: dict[str, Need] = {
    "findings": Need(
        "选了发现", unless(lambda f: bool(f.findings), "没有选发现，请先在核查发现里勾选")
    ),
    "dated": Need(
        "限期在后",
        lambda f: f"有 {f.undated} 项整改期限不在今天以后，请修改期限" if f.undated else "",
    ),
}
_step = steps.Table(STATES, NEEDS).step
STEPS = steps.by_code(
    (
        _step("open", "起草通报", "", "DRAFT", capability=CHECK, cites="10 14 16"),
        _step("write", "修改通报", "DRAFT", capability=CHECK, cites="14"),
        _step("pick", "增加发现", "DRAFT", capability=CHECK, cites="14"),
        _step("drop", "移出发现", "DRAFT", capability=CHECK, cites="14"),
        _step("submit", "送签发", "DRAFT", "CHECKED", capability=CHECK, cites="14",
              needs=("findings", "dated")),
        _step("back", "退回修改", "CHECKED", "DRAFT", capability=ISSUE, cites="14",
              needs_note=True),
        _step("issue", "签发", "CHECKED", "ISSUED", capability=ISSUE, cites="14 16",
              needs=("findings", "dated"), stage="issue"),
        _step("cancel", "撤销草稿", "DRAFT", "CANCELLED", capability=CHECK, cites="14",
              needs_note=True),
    )
)  # fmt: skip
PROCEDURE = Procedure(
    subject="bulletin",
    label="工作通报",
    letters="TB",
    states=STATES,
    final=frozenset({"ISSUED", "CANCELLED"}),
    tones={"DRAFT": "warn", "CHECKED": "brand", "ISSUED": "ok", "CANCELLED": "mute"},
    owners={"DRAFT": "supervisor", "CHECKED": "bureau_leader"},
    steps=STEPS,
    stages={"issue": "签发"},
)

MENDING_STATES = {
    "OPEN": "待整改",
    "SENT": "待复查",
    "BACK": "退回整改",
    "DONE": "已销号",
    "DROPPED": "不再整改",  # what was found was not so, or nobody is held to it
}


@dataclass(frozen=True, kw_only=True)
class MendingFacts:
    """What is known of a rectification when a step is judged."""

    on: date
    is_mine: bool = False
    is_other: bool = True  # not the one who mended it
    files: int = 0
    extensions: int = 0
    is_late: bool = False
    is_asked: bool = False  # the office asked for time before the day was past


MendingNeed = steps.Need[MendingFacts]
MENDING_NEEDS: dict[str, MendingNeed] = {
    "mine": MendingNeed("由责任单位办理", unless(lambda f: f.is_mine, "请由责任单位的人员办理")),
    "proof": MendingNeed(
        "附整改证明", unless(lambda f: bool(f.files), "还没有整改证明，请先上传照片或文件")
    ),
    "other": MendingNeed("由另一人复查", unless(lambda f: f.is_other, "复查人不能是整改人")),
    "in_time": MendingNeed(
        "期限以内提出",
        unless(lambda f: not f.is_late, "期限已过，不能再申请延期，请尽快整改报送"),
    ),
    "asked": MendingNeed(
        "期限以内申请过",
        unless(lambda f: not f.is_late or f.is_asked, "期限已过，而且没有在期限以内申请，不能延期"),
    ),
    "once": MendingNeed(
        "只延长一次", unless(lambda f: not f.extensions, "已经延长过一次，不能再延长")
    ),
}
_mending = steps.Table(MENDING_STATES, MENDING_NEEDS).step
MENDING_STEPS = steps.by_code(
    (
        _mending("demand", "要求整改", "", "OPEN", capability=CHECK, cites="14 16"),
        _mending("prove", "上传整改证明", "OPEN BACK", capability=ANSWER, cites="16",
                 needs=("mine",)),
        _mending("send", "报送整改", "OPEN BACK", "SENT", capability=ANSWER, cites="16",
                 needs=("mine", "proof"), needs_note=True),
        _mending("ask_time", "申请延期", "OPEN BACK", capability=ANSWER, cites="16",
                 needs=("mine", "once", "in_time"), needs_note=True),
        _mending("extend", "同意延期", "OPEN BACK", capability=CHECK, cites="16",
                 needs=("once", "asked"), needs_note=True),
        _mending("pass", "复查通过，销号", "SENT", "DONE", capability=CHECK, cites="16",
                 needs=("other",), needs_note=True),
        _mending("return", "复查不通过", "SENT", "BACK", capability=CHECK, cites="16",
                 needs_note=True),
    )
)  # fmt: skip
MENDING = Procedure(
    subject="mending",
    label="整改",
    letters="ZG",
    states=MENDING_STATES,
    final=frozenset({"DONE", "DROPPED"}),
    tones={"OPEN": "warn", "SENT": "brand", "BACK": "bad", "DONE": "ok", "DROPPED": "mute"},
    owners={"OPEN": "office_staff", "BACK": "office_staff", "SENT": "supervisor"},
    steps=MENDING_STEPS,
)

REFERRAL_STATES = {"OPEN": "待审批", "SENT": "已移送", "ANSWERED": "已回复", "DROPPED": "不移送"}
AUTHORITIES = {
    "DISCIPLINE": "纪检监察机关",
    "POLICE": "公安机关",
    "AUDIT": "审计机关",
    "FINANCE": "财政部门",
    "OTHER": "其他部门",
}
_referral = steps.Table[BulletinFacts](REFERRAL_STATES).step
REFERRAL = Procedure(
    subject="referral",
    label="移送",
    letters="YS",
    states=REFERRAL_STATES,
    final=frozenset({"ANSWERED", "DROPPED"}),
    tones={"OPEN": "warn", "SENT": "brand", "ANSWERED": "ok", "DROPPED": "mute"},
    owners={"OPEN": "bureau_leader", "SENT": "supervisor"},
    steps=steps.by_code(
        (
            _referral("open", "提出移送", "", "OPEN", capability=CHECK, cites="14"),
            _referral("send", "签字移送", "OPEN", "SENT", capability=ISSUE, cites="14",
                      stage="issue"),
            _referral("drop", "不移送", "OPEN", "DROPPED", capability=ISSUE, cites="14",
                      needs_note=True),
            _referral("answered", "登记回复", "SENT", "ANSWERED", capability=CHECK, cites="14",
                      needs_note=True),
        )
    ),
    stages={"issue": "移送审批"},
)  # fmt: skip
