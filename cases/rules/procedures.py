"""The procedure is a table: every lawful act on a case, from where, by whom, under what clause.

Buttons, the reasons why a button is not there, the interface, the robot, the printed procedure
(docs/procedures.md) and the supervisor's checks are all read from here.
"""

from collections.abc import Callable
from dataclasses import dataclass

from .facts import Facts, NoticeFacts
from .programmes import Programme

STATES = {
    "DRAFT": "草稿",
    "SUBMITTED": "待受理",
    "CORRECTING": "补正中",
    "DECLINED": "不予受理",
    "INVESTIGATING": "调查中",
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
    {"INVESTIGATING", "REVIEW_NOTICE", "TO_PROPOSE", "APPROVAL_NOTICE", "TO_DECIDE"}
)


# What a leader may ask to be mended when a case is sent back.
MENDABLE = {
    "documents": "申请材料",
    "survey": "入户调查",
    "means": "经济状况核对",
    "income": "收入核算",
    "appraisal": "民主评议",
    "notice": "公示",
}


@dataclass(frozen=True)
class Need:
    """Evidence that must exist before a step: its name, what to say when it does not, and which
    part of the facts that reads (documents, evidence, notices, letter), so that no more is loaded.
    """

    label: str
    missing: Callable[[Facts], str]
    part: str = "evidence"


def _notice(kind: str, notice: NoticeFacts | None, facts: Facts) -> str:
    if notice is None:
        return f"{kind}还没有张贴，请先登记张贴"
    if not notice.has_photo:
        return f"{kind}缺张贴照片，请补传"
    if notice.open_objections:
        return f"{kind}有 {notice.open_objections} 件异议未答复，请先处理"
    if facts.on <= notice.last_day:
        return f"{kind}到 {notice.last_day:%Y-%m-%d} 期满，期满次日自动结束"
    return ""


NEEDS: dict[str, Need] = {
    "documents": Need(
        "材料齐全",
        lambda f: f"还缺：{'、'.join(f.missing_documents)}" if f.missing_documents else "",
        part="documents",
    ),
    "not_asked_before": Need(
        "一次性告知",
        lambda f: "补正只能一次性告知，本件已经告知过" if f.corrections_asked else "",
        part="documents",
    ),
    "survey_this_round": Need(
        "本轮入户调查已登记",
        lambda f: "" if f.survey_this_round else "本轮还没有登记入户调查，请先登记",
    ),
    "survey_by_two": Need(
        "入户调查两人签字",
        lambda f: (
            "" if f.survey_signers >= 2 else f"入户调查须两名调查人签字，现有 {f.survey_signers} 人"
        ),
    ),
    "survey_photo": Need(
        "入户照片",
        lambda f: "" if f.survey_photos else "还没有入户照片，请先在“材料”里上传",
        part="documents",
    ),
    "means_requested": Need(
        "已委托核对", lambda f: "" if f.means_requested else "还没有委托经济状况核对"
    ),
    "means_not_requested": Need(
        "本轮未重复委托",
        lambda f: (
            ""
            if not f.means_this_round
            else "本轮核对报告已返回"
            if f.means_returned
            else "已委托核对，请等待报告"
        ),
    ),
    "means_not_returned": Need(
        "报告未返回", lambda f: "核对报告已返回，不能重复提交" if f.means_returned else ""
    ),
    "means_returned": Need(
        "核对报告已返回", lambda f: "" if f.means_returned else "经济状况核对报告还没有返回"
    ),
    "income": Need("收入已核算", lambda f: "" if f.income_settled else "还没有核算收入"),
    "eligible": Need(
        "按核算结果符合条件",
        lambda f: (
            "按核算结果不符合条件，请重新核算，或提出不予批准意见"
            if f.income_settled and not f.income_eligible
            else ""
        ),
    ),
    "renewed": Need(
        "退回后重新办理过",
        lambda f: (
            ""
            if f.is_renewed
            else "退回或异议成立后，还没有重新调查、核对、核算或评议，请至少重新办理一项"
        ),
    ),
    "begun": Need(
        "本轮已经开始调查",
        lambda f: "" if f.is_begun else "本轮还没有调查、核对、核算或评议，不需要重新开始",
    ),
    "looked_into": Need(
        "已调查或核对",
        lambda f: (
            ""
            if f.survey_signers >= 2 or f.means_returned
            else "还没有两人签字的入户调查，也没有核对报告，请先调查或核对"
        ),
    ),
    "appraisal_this_round": Need(
        "本轮民主评议已登记",
        lambda f: "" if f.appraisal_this_round else "本轮还没有登记民主评议，请先登记",
    ),
    "appraisal_signed": Need(
        "主任或书记已签字",
        lambda f: "" if f.appraisal_signed else "民主评议须村（居）委会主任或书记签字",
    ),
    "review_notice_over": Need(
        "审核公示期满", lambda f: _notice("审核公示", f.review_notice, f), part="notices"
    ),
    "approval_notice_absent": Need(
        "未重复张贴", lambda f: "拟批准公示已经张贴" if f.approval_notice else "", part="notices"
    ),
    "approval_notice_over": Need(
        "拟批准公示期满", lambda f: _notice("拟批准公示", f.approval_notice, f), part="notices"
    ),
    "letter_not_served": Need(
        "未重复送达",
        lambda f: "决定文书已经送达" if f.letter_served else "",
        part="letter",
    ),
}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One lawful act. `target` "" leaves the state; `stage` names the signature it takes."""

    code: str
    label: str
    sources: frozenset[str]
    target: str = ""
    capability: str = ""
    cites: str
    needs: tuple[str, ...] = ()
    stage: str = ""
    by_robot: bool = False
    tells: tuple[str, ...] = ()
    needs_note: bool = False
    makes_content: bool = False  # what is signed is written by the act itself

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
        if state not in self.sources:
            return [f"现在是“{STATES[state]}”，不能{self.label}"]
        return [text for need in self.needs if (text := NEEDS[need].missing(facts))]

    def why_not(self, state: str, facts: Facts) -> str:
        """The first reason with its clause, in words; "" if the step may be taken."""
        reasons = self.reasons(state, facts)
        return f"{reasons[0]}（{clause_text(self.cites)}）" if reasons else ""


def clause_text(clauses: str) -> str:
    """`3(1) 4(1).1` as `第三条（一）、第四条（一）1`."""
    return "、".join(_clause(c) for c in clauses.split())


_DIGITS = "〇一二三四五六七八九"


def _number(n: int) -> str:
    tens, ones = divmod(n, 10)
    if not tens:
        return _DIGITS[ones]
    return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")


def _clause(clause: str) -> str:
    article, _, rest = clause.partition("(")
    article, dot, item = article.partition(".")
    text = f"第{_number(int(article))}条"
    if rest:
        paragraph, _, tail = rest.partition(")")
        text += f"（{_number(int(paragraph))}）"
        item = tail.lstrip(".")
        dot = "." if item else ""
    return text + (item if dot else "")


def _step(code: str, label: str, sources: str, target: str = "", **rest: object) -> Step:
    return Step(
        code=code,
        label=label,
        sources=frozenset(sources.split()),
        target=target,
        **rest,  # type: ignore[arg-type] # keyword table below, checked by Step itself
    )


_EVIDENCE = (
    "survey_by_two",
    "survey_photo",
    "means_returned",
    "income",
    "eligible",
    "appraisal_signed",
)

ALLOWANCE: tuple[Step, ...] = (
    _step("submit", "提交申请", "DRAFT", "SUBMITTED",
          capability="cases.submit", cites="3(1) 3(3)", tells=("office_staff",)),
    _step("accept", "受理", "SUBMITTED", "INVESTIGATING",
          capability="cases.accept", cites="4(1).1", needs=("documents",), tells=("clerk",)),
    _step("request_corrections", "一次性告知补正", "SUBMITTED", "CORRECTING",
          capability="cases.request_corrections", cites="18(2)", needs=("not_asked_before",),
          tells=("clerk",), needs_note=True),
    _step("resubmit", "提交补正", "CORRECTING", "SUBMITTED",
          capability="cases.resubmit", cites="3(1)", needs=("documents",), tells=("office_staff",)),
    _step("decline", "不予受理", "SUBMITTED", "DECLINED",
          capability="cases.decline", cites="18(2)", tells=("clerk",), needs_note=True),
    _step("record_survey", "登记入户调查", "INVESTIGATING",
          capability="cases.investigate", cites="3(1)", needs=("survey_photo",), stage="survey",
          makes_content=True),
    _step("cosign_survey", "签入户调查", "INVESTIGATING",
          capability="cases.investigate", cites="3(1) 17(2)", needs=("survey_this_round",),
          stage="survey"),
    _step("request_means_check", "委托核对", "INVESTIGATING",
          capability="cases.request_means_check", cites="5(3)", needs=("means_not_requested",),
          tells=("verification",)),
    _step("return_means_check", "返回核对报告", "INVESTIGATING",
          capability="cases.return_means_check", cites="5(3)",
          needs=("means_requested", "means_not_returned"), tells=("office_staff",)),
    _step("settle_income", "核算收入", "INVESTIGATING",
          capability="cases.settle_income", cites="3(1) 8", needs=("means_returned",)),
    _step("record_appraisal", "登记民主评议", "INVESTIGATING",
          capability="cases.record_appraisal", cites="3(1) 9", needs=("survey_by_two",),
          tells=("committee_head",)),
    _step("sign_appraisal", "签民主评议", "INVESTIGATING",
          capability="cases.sign_appraisal", cites="3(1) 17(2)", needs=("appraisal_this_round",),
          stage="witness", tells=("clerk",)),
    _step("post_review_notice", "张贴审核公示", "INVESTIGATING", "REVIEW_NOTICE",
          capability="cases.post_notice", cites="3(4)", needs=(*_EVIDENCE, "renewed")),
    _step("uphold_objection", "异议成立，重新调查", "REVIEW_NOTICE APPROVAL_NOTICE",
          "INVESTIGATING", capability="cases.uphold_objection", cites="9", tells=("clerk",),
          needs_note=True),
    _step("close_review_notice", "结束审核公示", "REVIEW_NOTICE", "TO_PROPOSE", by_robot=True,
          cites="3(4)", needs=("review_notice_over",), tells=("office_staff",)),
    _step("propose", "提出审核意见", "TO_PROPOSE", "APPROVAL_NOTICE",
          capability="cases.propose", cites="4(1).1", needs=_EVIDENCE, stage="propose",
          tells=("clerk",)),
    _step("propose_refusal", "提出不予批准意见", "INVESTIGATING TO_PROPOSE", "TO_DECIDE",
          capability="cases.propose", cites="4(1).1 18(2)", needs=("looked_into", "renewed"),
          stage="propose", tells=("deputy_leader",), needs_note=True),
    _step("reopen", "重新调查", "INVESTIGATING TO_PROPOSE", "INVESTIGATING",
          capability="cases.propose", cites="4(1).1 9", needs=("begun",), tells=("clerk",),
          needs_note=True),
    _step("post_approval_notice", "张贴拟批准公示", "APPROVAL_NOTICE",
          capability="cases.post_notice", cites="3(4) 17(5)", needs=("approval_notice_absent",)),
    _step("close_approval_notice", "结束拟批准公示", "APPROVAL_NOTICE", "TO_DECIDE", by_robot=True,
          cites="3(4)", needs=("approval_notice_over",), tells=("deputy_leader",)),
    _step("approve", "签字同意", "TO_DECIDE", "APPROVED",
          capability="cases.decide", cites="4(1).1",
          needs=(*_EVIDENCE, "review_notice_over", "approval_notice_over"), stage="decide",
          tells=("office_staff", "clerk", "supervisor")),
    _step("refuse", "不予批准", "TO_DECIDE", "REFUSED",
          capability="cases.decide", cites="4(1).1 18(2)", stage="decide",
          tells=("office_staff", "clerk"), needs_note=True),
    _step("send_back", "退回补正", "TO_DECIDE", "INVESTIGATING",
          capability="cases.decide", cites="4(1).1", tells=("office_staff", "clerk"),
          needs_note=True),
    _step("serve_letter", "登记文书送达", "APPROVED REFUSED",
          capability="cases.serve", cites="4(1).2 18(2)", needs=("letter_not_served",)),
)  # fmt: skip

PROCEDURES: dict[str, dict[str, Step]] = {
    programme.value: {step.code: step for step in ALLOWANCE} for programme in Programme
}

LIMIT_PARAMETER = {programme.value: "limit.allowance.total" for programme in Programme}


def step_of(programme: str, code: str) -> Step:
    """The step of the programme's procedure; raises KeyError for a step that it does not have."""
    return PROCEDURES[programme][code]
