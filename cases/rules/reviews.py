"""复核 as a table: what may be done with somebody in benefit, by whom, under what clause (3.9).

A review ends with the benefit as it was, or with a change that the family was told of first:
the table has no way from a signature to an effect that does not pass `tell` (4(1).2).
"""

from dataclasses import dataclass
from datetime import date

from . import steps
from .facts import NoticeFacts, why_not_over
from .steps import unless

STATES = {
    "OPEN": "待复核",
    "TO_NOTICE": "待公示期满",
    "TO_DECIDE": "待签批",
    "TO_TELL": "待告知",
    "ENDED": "已办结",
    "WITHDRAWN": "已撤回",
}
FINAL_STATES = frozenset({"ENDED", "WITHDRAWN"})
TONES = {
    "OPEN": "warn",
    "TO_NOTICE": "pause",
    "TO_DECIDE": "brand",
    "TO_TELL": "warn",
    "ENDED": "ok",
}
OWNER = {
    "OPEN": ("clerk", "office_staff"),
    "TO_NOTICE": ("clerk", "office_staff"),
    "TO_DECIDE": ("deputy_leader",),
    "TO_TELL": ("clerk", "office_staff"),
}

# Why somebody is looked at again.
TRIGGERS = {
    "PERIODIC": "定期复核",
    "CHANGE": "家庭报告变化",
    "EVENT": "到龄、到期等情况",
    "DEATH": "死亡信息比对",
    "HAND": "经办发起",
}

# What a review comes to (F21 待遇变化分类).
OUTCOMES = {
    "KEEP": "保持",
    "RAISE": "增发",
    "REDUCE": "减发",
    "STOP": "停发",
    "EXIT": "渐退",
}
MOST_EXIT_MONTHS = 6  # N7 一（三）

# Why a benefit stops (domain 3.9, from N1 七、二十九、三十三、三十四 and N7).
GROUNDS = {
    "INCOME": "家庭收入不再符合条件",
    "PROPERTY": "家庭财产不再符合条件",
    "DIED": "死亡",
    "MOVED": "户籍迁出本区",
    "FAMILY": "家庭成员变化（婚姻、成年、毕业、就业）",
    "DESTITUTE": "转为特困供养",
    "ABLE": "具备或者恢复劳动能力",
    "OBLIGOR": "法定义务人具有履行义务能力",
    "PRISON": "服刑、强制隔离戒毒或者失踪",
    "REFUSED_REVIEW": "拒不配合复核",
    "REFUSED_WORK": "无正当理由三次拒绝就业",
    "FRAUD": "虚报、隐瞒或者伪造",
    "OWN": "本人自愿退出",
    "TWICE": "重复享受",
    "OTHER": "其他情形",
}

# How the family was told (F17 送达). Of who has died nobody may be left to be told.
METHODS = {
    "DIRECT": "直接送达",
    "LEFT": "留置送达",
    "POST": "邮寄",
    "NOTICE": "公告",
    "NOBODY": "本人死亡，无共同生活的家属",
}
SEEN_ONLY_BY_PROOF = frozenset({"LEFT", "NOTICE"})


@dataclass(frozen=True, kw_only=True)
class ReviewFacts:
    """What is known of a review when a step is judged."""

    on: date
    is_looked_into: bool = False  # somebody went there or spoke with them since it was opened
    attempts: int = 0  # days on which somebody went there
    is_settled: bool = False
    is_stale: bool = False  # the family or its benefit changed after it was settled
    outcome: str = ""
    ground: str = ""
    must_be_noticed: bool = False  # 特困 is told for seven days before it is ended (N3 第二十五条)
    is_noticed: bool = False
    hangs_here: bool = False  # the notice hangs on the review: taken over, there is no case
    notice: NoticeFacts | None = None  # that hangs on the review now
    may_withdraw: bool = False


Need = steps.Need[ReviewFacts]
Step = steps.Step[ReviewFacts]

NEEDS: dict[str, Need] = {
    "looked_into": Need(
        "复核期间入户或者核实过",
        unless(
            lambda f: f.is_looked_into or f.ground == "DIED",
            "复核期间还没有走访或者核实的记录，请先登记走访",
        ),
    ),
    "tried_twice": Need(
        "拒不配合的，两次登门有记录",
        unless(
            lambda f: f.ground != "REFUSED_REVIEW" or f.attempts >= 2,
            "以拒不配合复核停发的，须有两次以上不同日期的登门记录，写明拒绝的情况",
        ),
    ),
    "settled": Need("已核算", unless(lambda f: f.is_settled, "还没有核算，请先核算待遇")),
    "fresh": Need(
        "核算后没有变化",
        unless(lambda f: not f.is_stale, "核算后家庭成员或者待遇有变化，请重新核算"),
    ),
    "kept": Need("结论是保持", unless(lambda f: f.outcome == "KEEP", "结论不是保持，请签字调整")),
    "changed": Need("结论是调整", unless(lambda f: f.outcome != "KEEP", "结论是保持，请签字维持")),
    "noticed": Need(
        "拟终止公示期满",
        unless(
            lambda f: not f.must_be_noticed or f.is_noticed,
            "终止特困供养须先公示七天，请在案件里张贴拟终止公示，期满后再签批",
        ),
    ),
    "no_notice_here": Need(
        "不用先公示",
        unless(
            lambda f: not (f.must_be_noticed and f.hangs_here),
            "终止特困供养须先公示七天，请用“提出终止意见”，转村（社区）张贴公示",
        ),
    ),
    "notice_here": Need(
        "须先公示",
        unless(
            lambda f: f.must_be_noticed and f.hangs_here,
            "只有终止从名册接收的特困供养，公示才挂在复核上，请用“提出复核意见”",
        ),
    ),
    "notice_absent": Need("未重复张贴", unless(lambda f: f.notice is None, "拟终止公示已经张贴")),
    "notice_hangs": Need(
        "拟终止公示正在张贴",
        unless(lambda f: f.notice is not None, "没有正在张贴的拟终止公示"),
    ),
    "notice_over": Need("拟终止公示期满", lambda f: why_not_over("拟终止公示", f.notice, f.on)),
    "withdrawable": Need(
        "可以撤回",
        unless(lambda f: f.may_withdraw, "定期复核不能撤回，没有变化的请提出“保持”"),
    ),
}


_step = steps.Table(STATES, NEEDS).step

STEPS: dict[str, Step] = steps.by_code(
    (
        _step("open", "发起复核", "", "OPEN", capability="cases.review", by_robot=True,
              cites="4(1).2", tells=("clerk", "office_staff")),
        _step("settle", "核算待遇", "OPEN", capability="cases.review", cites="4(1).2 8"),
        _step("propose", "提出复核意见", "OPEN", "TO_DECIDE", capability="cases.review",
              cites="4(1).2",
              needs=("settled", "fresh", "looked_into", "tried_twice", "no_notice_here"),
              stage="propose", tells=("deputy_leader",)),
        # 特困 taken over from the roster has no case that its notice could hang on (N3 第二十五条).
        _step("propose_ending", "提出终止意见", "OPEN", "TO_NOTICE", capability="cases.review",
              cites="4(1).2 18(5)",
              needs=("settled", "fresh", "looked_into", "tried_twice", "notice_here"),
              stage="propose", tells=("clerk",)),
        _step("post_ending_notice", "张贴拟终止公示", "TO_NOTICE", capability="cases.post_notice",
              cites="3(4) 4(1).2", needs=("fresh", "notice_absent")),
        _step("uphold_ending_objection", "异议成立，重新复核", "TO_NOTICE", "OPEN",
              capability="cases.uphold_objection", cites="9", needs=("notice_hangs",),
              needs_note=True, tells=("clerk",)),
        _step("withdraw_ending", "撤回拟终止", "TO_NOTICE", "OPEN", capability="cases.review",
              cites="4(1).2", needs_note=True, tells=("clerk",)),
        _step("close_ending_notice", "结束拟终止公示", "TO_NOTICE", "TO_DECIDE", by_robot=True,
              cites="3(4)", needs=("notice_over",), tells=("deputy_leader",)),
        _step("send_back", "退回复核", "TO_DECIDE", "OPEN", capability="cases.decide",
              cites="4(1).2", needs_note=True, tells=("office_staff", "clerk")),
        _step("keep", "签字维持", "TO_DECIDE", "ENDED", capability="cases.decide",
              cites="4(1).2", needs=("settled", "fresh", "kept"), stage="decide",
              tells=("office_staff",)),
        _step("agree", "签字调整", "TO_DECIDE", "TO_TELL", capability="cases.decide",
              cites="4(1).2", needs=("settled", "fresh", "changed", "noticed"), stage="decide",
              tells=("office_staff", "clerk")),
        _step("tell", "登记告知", "TO_TELL", "ENDED", capability="cases.serve",
              cites="4(1).2 3(2)", needs=("fresh",), tells=("office_staff", "supervisor")),
        _step("reopen", "重新复核", "TO_TELL", "OPEN", capability="cases.review",
              cites="4(1).2", needs_note=True, tells=("deputy_leader", "clerk")),
        _step("withdraw", "撤回复核", "OPEN", "WITHDRAWN", capability="cases.review",
              cites="4(1).2", needs=("withdrawable",), needs_note=True),
    )
)  # fmt: skip


def outcome_of(before_fen: int, after_fen: int, *, is_eligible: bool) -> str:
    """What the figures say: total a month before and after (fen); not eligible is STOP."""
    if not is_eligible:
        return "STOP"
    if after_fen == before_fen:
        return "KEEP"
    return "RAISE" if after_fen > before_fen else "REDUCE"


def exit_amounts(
    *, monthly_fen: int, supplement_fen: int, standard_fen: int, persons: int
) -> tuple[int, int]:
    """What 渐退 goes on with (fen): the household's amount, at most the standard for each person
    who remains, and the 分类施保 of those who remain (domain 3.10)."""
    return min(monthly_fen, standard_fen * persons), supplement_fen


# Who can work: age and health (domain 3.9 classes A, B, C).
ABLE_AGES = range(18, 60)
ABLE_CONDITIONS = frozenset({"HEALTHY", "DISABLED_4", "DISABLED_3"})
EARNED = frozenset({"WAGES", "BUSINESS"})


def category_of(facts: dict[str, object]) -> str:
    """A: nobody can work (reviewed yearly); C: somebody can, and earns by work that changes
    (quarterly); B: the rest (half-yearly). `facts`: those of a settlement; 特困 is A."""
    if facts.get("method") == "destitute":
        return "A"
    members: list[dict[str, object]] = facts.get("members", [])  # type: ignore[assignment]
    able = [
        m for m in members
        if m["counted"] and m["age"] in ABLE_AGES and m["condition"] in ABLE_CONDITIONS
    ]  # fmt: skip
    if members and not able:
        return "A"
    lines: list[dict[str, object]] = facts.get("lines", [])  # type: ignore[assignment]
    earns = any(line["kind"] in EARNED and line["fen"] for line in lines)
    return "C" if able and earns else "B"
