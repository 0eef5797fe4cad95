"""The procedure is a table: every lawful act on a case, from where, by whom, under what clause.

Buttons, the reasons why a button is not there, the interface, the robot, the printed procedure
(docs/procedures.md) and the supervisor's checks are all read from here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from . import steps as shape
from .facts import Facts
from .needs import NEEDS
from .programmes import Programme

STATES = {
    "DRAFT": "草稿",
    "SUBMITTED": "待受理",
    "CORRECTING": "补正中",
    "DECLINED": "不予受理",
    "INVESTIGATING": "调查中",
    "URGENT": "急难办理中",
    "REVIEW_NOTICE": "审核公示",
    "TO_PROPOSE": "待审核",
    "APPROVAL_NOTICE": "拟批准公示",
    "TO_DECIDE": "待审批",
    "APPROVED": "已批准",
    "REFUSED": "不予批准",
}
FINAL_STATES = frozenset({"DECLINED", "APPROVED", "REFUSED"})
OPEN_STATES = frozenset(STATES) - FINAL_STATES
CLOCK_STATES = frozenset(
    {"INVESTIGATING", "URGENT", "REVIEW_NOTICE", "TO_PROPOSE", "APPROVAL_NOTICE", "TO_DECIDE"}
)


@dataclass(frozen=True, kw_only=True)
class Step(shape.Step[Facts]):
    """One lawful act on a case."""

    states: Mapping[str, str] = field(repr=False, compare=False, default_factory=lambda: STATES)
    known_needs: Mapping[str, shape.Need[Facts]] = field(
        repr=False, compare=False, default_factory=lambda: NEEDS
    )
    makes_content: bool = False  # what is signed is written by the act itself
    recalls: bool = False  # takes a signed answer back before it takes effect
    is_fact: bool = False  # writes down what has happened elsewhere, and waits for nobody

    @property
    def signs_what_was_read(self) -> bool:
        """Whether the signer must have had the content before them."""
        return bool(self.stage) and not self.makes_content

    @property
    def reads(self) -> frozenset[str]:
        """The parts of the facts that judging this step needs."""
        return frozenset(NEEDS[need].part for need in self.needs)

    def reasons(self, state: str, facts: Facts) -> list[str]:
        """Every reason why the step may not be taken now; empty if it may."""
        if facts.is_held and not (self.recalls or self.is_fact) and state in self.sources:
            return ["本件已经签字，几分钟内生效；要改的，请签字人先取回"]
        return super().reasons(state, facts)


def _step(code: str, label: str, sources: str, target: str = "", **rest: object) -> Step:
    return Step(
        code=code,
        label=label,
        sources=frozenset(sources.split()),
        target=target,
        **rest,  # type: ignore[arg-type] # keyword table below, checked by Step itself
    )


_INTAKE: tuple[Step, ...] = (
    _step("submit", "提交申请", "DRAFT", "SUBMITTED",
          capability="cases.submit", cites="3(1) 3(3)", tells=("office_staff",)),
    _step("accept", "受理", "SUBMITTED", "INVESTIGATING",
          capability="cases.accept", cites="4(1).1", needs=("documents",), tells=("clerk",)),
    _step("request_corrections", "一次性告知补正", "SUBMITTED", "CORRECTING",
          capability="cases.request_corrections", cites="18(2)", needs=("not_asked_before",),
          tells=("clerk",), needs_note=True),
    _step("defer_document", "容缺受理一份材料", "SUBMITTED CORRECTING",
          capability="cases.accept", cites="18(2)", needs=("documents_missing",),
          tells=("clerk",), needs_note=True),
    _step("resubmit", "提交补正", "CORRECTING", "SUBMITTED",
          capability="cases.resubmit", cites="3(1)", needs=("documents",), tells=("office_staff",)),
    _step("decline", "不予受理", "SUBMITTED", "DECLINED",
          capability="cases.decline", cites="18(2)", tells=("clerk",), needs_note=True),
)  # fmt: skip


def _family(state: str) -> Step:
    """The family as it was found: roles end and begin on a day, nothing is overwritten."""
    return _step("restate_family", "更正家庭成员", state, capability="cases.investigate",
                 cites="3(1) 8", tells=("office_staff", "clerk"), needs_note=True)  # fmt: skip


_VISIT: tuple[Step, ...] = (
    _family("INVESTIGATING"),
    _step("record_survey", "登记入户调查", "INVESTIGATING",
          capability="cases.investigate", cites="3(1)", needs=("survey_photo",), stage="survey",
          makes_content=True),
    _step("cosign_survey", "签入户调查", "INVESTIGATING",
          capability="cases.investigate", cites="3(1) 17(2)", needs=("survey_this_round",),
          stage="survey"),
)  # fmt: skip

_CHECK: tuple[Step, ...] = (
    _step("request_means_check", "委托核对", "INVESTIGATING",
          capability="cases.request_means_check", cites="5(3)", needs=("means_not_requested",),
          tells=("verification",)),
    _step("return_means_check", "返回核对报告", "INVESTIGATING",
          capability="cases.return_means_check", cites="5(3)",
          needs=("means_requested", "means_not_returned"), tells=("office_staff",)),
)  # fmt: skip

_AFTER_REPORT: tuple[Step, ...] = (
    _step("recheck_means", "申请复核核对结果", "INVESTIGATING",
          capability="cases.request_means_check", cites="5(3)", needs=("means_returned",),
          tells=("verification",), needs_note=True),
    _step("record_failure", "登记核对平台情况", "INVESTIGATING",
          capability="cases.request_means_check", cites="20(3) 20(4)", needs=("means_requested",),
          needs_note=True),
)  # fmt: skip

_APPRAISAL: tuple[Step, ...] = (
    _step("record_appraisal", "登记民主评议", "INVESTIGATING",
          capability="cases.record_appraisal", cites="3(1) 9", needs=("survey_by_two",),
          tells=("committee_head",)),
    _step("sign_appraisal", "签民主评议", "INVESTIGATING",
          capability="cases.sign_appraisal", cites="3(1) 17(2)", needs=("appraisal_this_round",),
          stage="witness", tells=("clerk",)),
)  # fmt: skip


def _decided(back: str = "INVESTIGATING", needs: tuple[str, ...] = ()) -> tuple[Step, ...]:
    """What the leader may answer, but for agreeing, and what follows an answer."""
    return (
        _step("refuse", "不予批准", "TO_DECIDE", "REFUSED",
              capability="cases.decide", cites="4(1).1 18(2)", needs=needs, stage="decide",
              tells=("office_staff", "clerk"), needs_note=True),
        _step("send_back", "退回补正", "TO_DECIDE", back,
              capability="cases.decide", cites="4(1).1", needs=needs,
              tells=("office_staff", "clerk"), needs_note=True),
        _step("recall", "取回签字", "TO_DECIDE", capability="cases.decide", cites="4(1).1",
              needs=("held",), recalls=True),
        _step("serve_letter", "登记文书送达", "APPROVED REFUSED",
              capability="cases.serve", cites="4(1).2 18(2)", needs=("letter_not_served",)),
    )  # fmt: skip


def _by_bureau(back: str, evidence: tuple[str, ...]) -> tuple[Step, ...]:
    """Above the office's limit the bureau gives every answer (4(2))."""
    return (
        _step("approve_large", "区局签字同意", "TO_DECIDE", "APPROVED",
              capability="cases.decide_large", cites="4(2)",
              needs=(*evidence, "not_opposed", "above_office_limit"), stage="decide",
              tells=("office_staff", "clerk", "deputy_leader")),
        _step("refuse_large", "区局不予批准", "TO_DECIDE", "REFUSED",
              capability="cases.decide_large", cites="4(2) 18(2)", needs=("above_office_limit",),
              stage="decide", tells=("office_staff", "clerk", "deputy_leader"), needs_note=True),
        _step("recall_large", "区局取回签字", "TO_DECIDE", capability="cases.decide_large",
              cites="4(2)", needs=("held",), recalls=True),
        _step("send_back_large", "区局退回补正", "TO_DECIDE", back,
              capability="cases.decide_large", cites="4(2)", needs=("above_office_limit",),
              tells=("office_staff", "clerk"), needs_note=True),
    )  # fmt: skip


def _bureau(states: str) -> tuple[Step, ...]:
    """The bureau's own look: at the home of kin before the decision, at every file after it."""
    return (
        _step("bureau_visit", "登记区局入户核查", states, capability="cases.bureau_check",
              cites="9", tells=("office_staff", "deputy_leader"), needs_note=True),
        _step("recheck", "登记审批复核", "APPROVED REFUSED", capability="cases.bureau_check",
              cites="5(9)", needs=("not_rechecked",), tells=("office_staff",), needs_note=True),
    )  # fmt: skip


def _extend(states: str) -> Step:
    """Extending the limit for one of the legal reasons, once."""
    return _step("extend", "延长办理时限", states, capability="cases.extend", cites="4(1).1",
                 needs=("not_extended",), tells=("office_staff", "clerk"),
                 needs_note=True)  # fmt: skip


def _opinion_and_decision(evidence: tuple[str, ...]) -> tuple[Step, ...]:
    """From the office's opinion over the second notice to the leader's signature."""
    return (
        _step("propose", "提出审核意见", "TO_PROPOSE", "APPROVAL_NOTICE",
              capability="cases.propose", cites="4(1).1",
              needs=(*evidence, "deferred_here"), stage="propose",
              tells=("clerk",)),
        _step("propose_refusal", "提出不予批准意见", "INVESTIGATING TO_PROPOSE", "TO_DECIDE",
              capability="cases.propose", cites="4(1).1 18(2)", needs=("looked_into", "renewed"),
              stage="propose", tells=("deputy_leader",), needs_note=True),
        _step("reopen", "重新调查", "INVESTIGATING TO_PROPOSE", "INVESTIGATING",
              capability="cases.propose", cites="4(1).1 9", needs=("begun",), tells=("clerk",),
              needs_note=True),
        _step("post_approval_notice", "张贴拟批准公示", "APPROVAL_NOTICE",
              capability="cases.post_notice", cites="3(4) 17(5)",
              needs=("approval_notice_absent",)),
        _step("close_approval_notice", "结束拟批准公示", "APPROVAL_NOTICE", "TO_DECIDE",
              by_robot=True, cites="3(4)", needs=("approval_notice_over",),
              tells=("deputy_leader",)),
        _step("approve", "签字同意", "TO_DECIDE", "APPROVED",
              capability="cases.decide", cites="4(1).1",
              needs=(*evidence, "kin_visited", "review_notice_over", "approval_notice_over",
                     "not_opposed"),
              stage="decide", tells=("office_staff", "clerk", "supervisor")),
    )  # fmt: skip


def _monthly(
    judging: tuple[Step, ...], evidence: tuple[str, ...], after: tuple[Step, ...] = ()
) -> tuple[Step, ...]:
    """低保 and 特困 take the same road; they differ in what is judged and what must be there.

    `after`: what may be done beside the road and when it is decided.
    """
    return (
        *_INTAKE,
        *_VISIT,
        *_CHECK,
        *_AFTER_REPORT,
        *judging,
        *_APPRAISAL,
        _step("post_review_notice", "张贴审核公示", "INVESTIGATING", "REVIEW_NOTICE",
              capability="cases.post_notice", cites="3(4)", needs=(*evidence, "renewed")),
        _step("uphold_objection", "异议成立，重新调查", "REVIEW_NOTICE APPROVAL_NOTICE",
              "INVESTIGATING", capability="cases.uphold_objection", cites="9", tells=("clerk",),
              needs_note=True),
        _step("close_review_notice", "结束审核公示", "REVIEW_NOTICE", "TO_PROPOSE", by_robot=True,
              cites="3(4)", needs=("review_notice_over",), tells=("office_staff",)),
        *_opinion_and_decision(evidence),
        *_decided(),
        _extend("INVESTIGATING REVIEW_NOTICE TO_PROPOSE APPROVAL_NOTICE TO_DECIDE"),
        *_bureau("INVESTIGATING REVIEW_NOTICE TO_PROPOSE APPROVAL_NOTICE TO_DECIDE"),
        *after,
    )  # fmt: skip


_CARE: tuple[Step, ...] = (
    _step("arrange_care", "登记照料安排", "INVESTIGATING TO_PROPOSE APPROVED",
          capability="cases.investigate", cites="3(7) 4(3)"),
    _step("end_care", "结束照料安排", "INVESTIGATING TO_PROPOSE APPROVED REFUSED",
          capability="cases.investigate", cites="3(7) 4(3)", needs_note=True),
    _step("report_care_change", "登记自理能力变化", "APPROVED",
          capability="cases.investigate", cites="3(7) 4(3)", needs=("care_not_reported",),
          tells=("office_staff", "clerk"), needs_note=True),
    _step("reassess_self_care", "登记重新评估", "APPROVED",
          capability="cases.investigate", cites="3(7) 4(3)", needs=("care_reported",),
          tells=("office_staff",)),
)  # fmt: skip

# 拟终止 (N3 第二十四、二十五条): told for seven days before anybody decides; the decision to stop
# is made in the review of the benefit.
_ENDING: tuple[Step, ...] = (
    _step("propose_ending", "提出拟终止", "APPROVED", capability="cases.propose",
          cites="4(1).2 18(5)", needs=("ending_not_proposed",), tells=("clerk",),
          needs_note=True),
    _step("withdraw_ending", "撤回拟终止", "APPROVED", capability="cases.propose",
          cites="4(1).2", needs=("ending_proposed",), tells=("clerk",), needs_note=True),
    _step("post_ending_notice", "张贴拟终止公示", "APPROVED", capability="cases.post_notice",
          cites="3(4) 4(1).2", needs=("ending_proposed", "ending_notice_absent")),
    _step("uphold_ending_objection", "异议成立，停止拟终止", "APPROVED",
          capability="cases.uphold_objection", cites="9", needs=("ending_notice_hangs",),
          tells=("clerk",), needs_note=True),
    _step("close_ending_notice", "结束拟终止公示", "APPROVED", by_robot=True, cites="3(4)",
          needs=("ending_notice_over",), tells=("office_staff",)),
)  # fmt: skip

ALLOWANCE = _monthly(
    (
        _step("settle_income", "核算收入", "INVESTIGATING",
              capability="cases.settle_income", cites="3(1) 8", needs=("means_returned",)),
    ),
    ("survey_by_two", "survey_photo", "means_returned", "income", "eligible", "appraisal_signed"),
)  # fmt: skip

DESTITUTE = _monthly(
    (
        _step("assess_self_care", "登记自理能力评估", "INVESTIGATING",
              capability="cases.investigate", cites="3(7) 4(3)"),
        _step("settle_standing", "认定供养条件", "INVESTIGATING",
              capability="cases.settle_income", cites="4(3) 8",
              needs=("means_returned", "self_care")),
    ),
    ("survey_by_two", "survey_photo", "means_returned", "self_care", "standing", "eligible",
     "appraisal_signed"),
    (*_CARE, *_ENDING),
)  # fmt: skip

_EXPENSE_EVIDENCE = ("survey_by_two", "survey_photo", "means_if_unknown", "settled", "eligible")

# 支出型: the whole road, with one notice (ADR 0025) and a sum given once.
EXPENSE: tuple[Step, ...] = (
    *_INTAKE,
    *_VISIT,
    *_CHECK,
    *_AFTER_REPORT,
    _step("settle_relief", "提出救助金额", "INVESTIGATING",
          capability="cases.settle_income", cites="4(2) 8", needs=("means_if_unknown",)),
    _step("post_review_notice", "张贴审核公示", "INVESTIGATING", "REVIEW_NOTICE",
          capability="cases.post_notice", cites="3(4)", needs=(*_EXPENSE_EVIDENCE, "renewed")),
    _step("uphold_objection", "异议成立，重新调查", "REVIEW_NOTICE", "INVESTIGATING",
          capability="cases.uphold_objection", cites="9", tells=("clerk",), needs_note=True),
    _step("close_review_notice", "结束审核公示", "REVIEW_NOTICE", "TO_PROPOSE", by_robot=True,
          cites="3(4)", needs=("review_notice_over",), tells=("office_staff",)),
    _step("propose", "提出初审意见", "TO_PROPOSE", "TO_DECIDE",
          capability="cases.propose", cites="4(2)", needs=(*_EXPENSE_EVIDENCE, "deferred_here"),
          stage="propose", tells=("deputy_leader", "bureau_leader")),
    _step("propose_refusal", "提出不予批准意见", "INVESTIGATING TO_PROPOSE", "TO_DECIDE",
          capability="cases.propose", cites="4(2) 18(2)", needs=("looked_into", "renewed"),
          stage="propose", tells=("deputy_leader", "bureau_leader"), needs_note=True),
    _step("reopen", "重新调查", "INVESTIGATING TO_PROPOSE", "INVESTIGATING",
          capability="cases.propose", cites="4(2) 9", needs=("begun",), tells=("clerk",),
          needs_note=True),
    _step("approve", "签字同意", "TO_DECIDE", "APPROVED",
          capability="cases.decide", cites="4(2)",
          needs=(*_EXPENSE_EVIDENCE, "kin_visited", "review_notice_over", "not_opposed",
                 "within_office_limit"),
          stage="decide", tells=("office_staff", "clerk", "supervisor")),
    *_decided(needs=("within_office_limit",)),
    *_by_bureau("INVESTIGATING", (*_EXPENSE_EVIDENCE, "kin_visited", "review_notice_over")),
    _extend("INVESTIGATING REVIEW_NOTICE TO_PROPOSE TO_DECIDE"),
    *_bureau("INVESTIGATING REVIEW_NOTICE TO_PROPOSE TO_DECIDE"),
    _step("hand_over", "登记发放", "APPROVED",
          capability="cases.hand_over", cites="4(2)", needs=("something_to_hand_over",)),
    _step("bank_paid", "登记银行到账", "APPROVED", by_robot=True, is_fact=True, cites="4(2)"),
)  # fmt: skip

_URGENT_EVIDENCE = ("documents", "survey", "settled", "eligible")

# 急难型: the clock runs from the request; help may come first, its paper has a limit of its own.
URGENT: tuple[Step, ...] = (
    _step("submit", "提交急难申请", "DRAFT", "URGENT",
          capability="cases.submit", cites="3(6) 4(2)", tells=("office_staff", "deputy_leader")),
    _step("decline", "不予受理", "URGENT", "DECLINED",
          capability="cases.decline", cites="18(2)", needs=("declinable",),
          tells=("clerk",), needs_note=True),
    _step("relieve_first", "先行救助", "URGENT",
          capability="cases.relieve_first", cites="3(6) 4(2)", needs=("not_relieved",),
          stage="relieve", makes_content=True, tells=("deputy_leader", "clerk")),
    _family("URGENT"),
    _step("record_survey", "登记核查情况", "URGENT",
          capability="cases.investigate", cites="3(6)", stage="survey", makes_content=True),
    _step("settle_relief", "提出救助金额", "URGENT",
          capability="cases.settle_income", cites="4(2) 8"),
    _step("propose", "提出初审意见", "URGENT", "TO_DECIDE",
          capability="cases.propose", cites="4(2)", needs=(*_URGENT_EVIDENCE, "renewed"),
          stage="propose", tells=("deputy_leader", "bureau_leader")),
    _step("propose_refusal", "提出不予批准意见", "URGENT", "TO_DECIDE",
          capability="cases.propose", cites="4(2) 18(2)", needs=("survey", "renewed"),
          stage="propose", tells=("deputy_leader", "bureau_leader"), needs_note=True),
    _step("approve", "签字同意", "TO_DECIDE", "APPROVED",
          capability="cases.decide", cites="4(2)",
          needs=(*_URGENT_EVIDENCE, "not_opposed", "within_office_limit"), stage="decide",
          tells=("office_staff", "clerk", "supervisor")),
    *_decided(back="URGENT", needs=("within_office_limit",)),
    *_by_bureau("URGENT", _URGENT_EVIDENCE),
    *_bureau("URGENT TO_DECIDE"),
    _step("hand_over", "登记发放", "URGENT APPROVED REFUSED",
          capability="cases.hand_over", cites="3(6) 4(2)", needs=("something_to_hand_over",)),
    _step("bank_paid", "登记银行到账", "URGENT TO_DECIDE APPROVED REFUSED", by_robot=True,
          is_fact=True, cites="4(2)"),
)  # fmt: skip

TABLES: dict[Programme, tuple[Step, ...]] = {
    Programme.URBAN_ALLOWANCE: ALLOWANCE,
    Programme.RURAL_ALLOWANCE: ALLOWANCE,
    Programme.URBAN_DESTITUTE: DESTITUTE,
    Programme.RURAL_DESTITUTE: DESTITUTE,
    Programme.URGENT_RELIEF: URGENT,
    Programme.EXPENSE_RELIEF: EXPENSE,
}
PROCEDURES: dict[str, dict[str, Step]] = {
    programme.value: {step.code: step for step in steps} for programme, steps in TABLES.items()
}

LIMIT_PARAMETER = {programme.value: programme.kind.limit for programme in Programme}
PAPERS_LIMIT = "limit.relief.papers"  # from the first help, for what is paid before the paper


def step_of(programme: str, code: str) -> Step:
    """The step of the programme's procedure; raises KeyError for a step that it does not have."""
    return PROCEDURES[programme][code]
