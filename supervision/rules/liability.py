"""责任追究 as a table (17-21): from a clue to a decision, with statement and exemptions.

The items of 17 to 19 and the five exemptions of 20 are listed here once; what the system kept by
itself (waiting of the platform, corrections, recoveries) fills the checklist of 20.
"""

from dataclasses import dataclass
from datetime import date

from cases.rules import steps
from cases.rules.steps import unless

from .procedure import Procedure

LEVELS = {"17": "村（居）委会", "18": "镇、街道", "19": "区民政局"}
ITEMS = {
    "17(1)": "无故不配合入户调查、民主评议、公示",
    "17(2)": "无故拒绝在调查表、评议表上签字盖章",
    "17(3)": "对委托代办搪塞推诿、态度生硬、吃拿卡要",
    "17(4)": "不协助日常动态管理，不及时上报变化",
    "17(5)": "没有按规定公示",
    "18(1)": "接待来访不按程序、解释不准确、态度生硬，被举报查实",
    "18(2)": "不按规定流程办理或违反程序审批，人为超过时限",
    "18(3)": "丢失、毁损档案材料",
    "18(4)": "全年认定不准达到审批总户数 5% 及以上",
    "18(5)": "不按时复核，应保未保、应退未退，造成流失",
    "18(6)": "上访率大、工作质量低，索要收受财物、刁难申请人",
    "18(7)": "徇私舞弊、贪污挪用，没有按时足额拨付",
    "18(8)": "弄虚作假、自主操控、变相执行政策",
    "18(9)": "滥用职权、优亲厚友、虚报冒领",
    "19(1)": "不及时下拨救助资金，延误发放",
    "19(2)": "拖延、不反馈核对报告，或篡改核对数据",
    "19(3)": "接待来访、举报不按程序，不及时处理",
    "19(4)": "没有落实监督责任，出现工作失误",
}
EXEMPTIONS = {
    "20(1)": "及时纠正，没有造成后果，全额追回",
    "20(2)": "不可抗拒或非人为原因延误",
    "20(3)": "比对平台没有比对出数据或数据错误",
    "20(4)": "比对平台缓慢导致延误",
    "20(5)": "不可抗力导致资金不能拨付",
}
FOR_PERSONS = {
    "WRITTEN": "责令书面检查",
    "CRITICISED": "通报批评",
    "NO_HONOURS": "取消当年评优资格",
    "DISCIPLINE": "（建议）行政处分",
    "JUDICIAL": "移交司法部门",
}
FOR_UNITS = {"APPRAISAL": "年底绩效考核按不合格记录", "DISTRICT": "全区通报批评"}
NO_MEASURE = {"NONE": "免于承担责任"}
STATES = {
    "OPEN": "待听取陈述",
    "STATED": "待提出意见",
    "PROPOSED": "待决定",
    "DECIDED": "已决定",
    "APPEALED": "复核中",
    "ENDED": "已终结",
    "DROPPED": "不予立项",
}
ERROR_PERMILLE = 50  # 18(4): five per cent and more


@dataclass(frozen=True, kw_only=True)
class LiabilityFacts:
    """What is known of a case of accountability when a step is judged."""

    on: date
    is_subject: bool = False  # the actor is the one it is about
    has_statement: bool = False
    unproved: int = 0  # exemptions that are claimed and not yet looked at
    is_exempt: bool = False
    measures: int = 0
    is_other: bool = True  # who decides on the appeal has not decided before


Need = steps.Need[LiabilityFacts]
NEEDS: dict[str, Need] = {
    "heard": Need(
        "听取了陈述申辩", unless(lambda f: f.has_statement, "还没有登记本人或单位的陈述、申辩")
    ),
    "not_subject": Need("本人回避", unless(lambda f: not f.is_subject, "您是当事人，须回避")),
    "proved": Need(
        "免责情形逐项核过",
        lambda f: f"有 {f.unproved} 项免责情形没有核实，请先登记证据和结论" if f.unproved else "",
    ),
    "measure": Need("提出了处理方式", unless(lambda f: bool(f.measures), "还没有提出处理方式")),
    "other": Need("由另一人复核", unless(lambda f: f.is_other, "复核人不能是原决定人")),
}
_step = steps.Table(STATES, NEEDS).step
HOLD, ISSUE = "supervision.hold_liable", "supervision.issue"
STEPS = steps.by_code(
    (
        _step("open", "立项", "", "OPEN", capability=HOLD, cites="17 18 19"),
        _step("state", "登记陈述、申辩", "OPEN STATED", "STATED", capability=HOLD, cites="21",
              needs=("not_subject",), needs_note=True),
        _step("exempt", "核实免责情形", "OPEN STATED", capability=HOLD,
              cites="20(1) 20(2) 20(3) 20(4) 20(5)", needs=("not_subject",), needs_note=True),
        _step("propose", "提出处理意见", "STATED", "PROPOSED", capability=HOLD, cites="21",
              needs=("heard", "proved", "not_subject"), needs_note=True),
        _step("back", "退回补充", "PROPOSED", "STATED", capability=ISSUE, cites="21",
              needs=("not_subject",), needs_note=True),
        _step("decide", "签字决定", "PROPOSED", "DECIDED", capability=ISSUE, cites="21.1 21.2",
              needs=("measure", "heard", "proved", "not_subject"), stage="decide"),
        _step("serve", "登记送达", "DECIDED", capability=HOLD, cites="21", needs_note=True),
        _step("appeal", "登记复核申请", "DECIDED", "APPEALED", capability=HOLD, cites="21",
              needs_note=True),
        _step("uphold", "签字维持", "APPEALED", "ENDED", capability=ISSUE, cites="21",
              needs=("other", "not_subject"), stage="review"),
        _step("change", "签字撤销原决定", "APPEALED", "STATED", capability=ISSUE, cites="21",
              needs=("other", "not_subject"), needs_note=True, stage="review"),
        _step("end", "终结", "DECIDED", "ENDED", capability=HOLD, cites="21", needs_note=True),
        _step("drop", "不予立项", "OPEN STATED", "DROPPED", capability=ISSUE, cites="20(1) 21",
              needs_note=True),
    )
)  # fmt: skip
PROCEDURE = Procedure(
    subject="liability",
    label="责任追究",
    letters="ZR",
    states=STATES,
    final=frozenset({"ENDED", "DROPPED"}),
    tones={"OPEN": "warn", "STATED": "warn", "PROPOSED": "brand", "DECIDED": "ok",
           "APPEALED": "brand", "ENDED": "ok", "DROPPED": "mute"},
    owners={"OPEN": "supervisor", "STATED": "supervisor", "PROPOSED": "bureau_leader",
            "APPEALED": "bureau_leader"},
    steps=STEPS,
    stages={"decide": "处理决定", "review": "复核决定"},
)  # fmt: skip


@dataclass(frozen=True)
class ErrorLine:
    """The 5 % line of 18(4) for one office: how many wrong of how many approved."""

    wrong: int
    approved: int

    @property
    def is_reached(self) -> bool:
        """Whether the line is reached: 5 of 100, not 5 of 101."""
        return self.approved > 0 and self.wrong * 1000 >= self.approved * ERROR_PERMILLE

    @property
    def headroom(self) -> int:
        """How many more would reach it; 0 when it is reached."""
        if not self.approved:
            return 0
        line = -(-self.approved * ERROR_PERMILLE // 1000)
        return max(0, max(line, 1) - self.wrong)

    @property
    def is_small(self) -> bool:
        """Whether there are too few approvals to say much (fewer than 20)."""
        return self.approved < 20
