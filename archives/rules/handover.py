"""移交 as a table: a person leaves a post, and what was theirs goes to the next (6.4).

Three people sign: who gives, who takes and has looked at each thing, and who watched.
"""

from dataclasses import dataclass
from datetime import date

from cases.rules import steps
from cases.rules.steps import unless

STATES = {
    "OPEN": "待移交人签字",
    "GIVEN": "待接收人清点",
    "TAKEN": "待监交人签字",
    "DONE": "已移交",
    "CANCELLED": "已取消",
}
FINAL = frozenset({"DONE", "CANCELLED"})
TONES = {"OPEN": "warn", "GIVEN": "warn", "TAKEN": "brand", "DONE": "ok", "CANCELLED": "mute"}
ANSWERS = {"WAITING": "待清点", "ACCEPTED": "已接收", "LACKING": "缺少或不符"}
KINDS = {
    "DOSSIER": "档案",
    "CASE": "在办案件",
    "DRAFT": "申请草稿",
    "REVIEW": "在办复核",
    "PAYOUT": "未结清名单",
    "RECOVERY": "在办追缴",
    "DISPOSAL": "在办销毁清册",
    "OLD": "待复核的历年档案",
    "FINDING": "没有办结的核查发现",
    "MENDING": "没有销号的整改",
    "COMPLAINT": "承办的举报信访",
    "SHEET": "没有办结的检查",
    "SAMPLE": "没有结束的抽查",
}


@dataclass(frozen=True, kw_only=True)
class HandoverFacts:
    """What is known of a handover when a step is judged."""

    on: date
    is_giver: bool = False
    is_taker: bool = False
    is_third: bool = False  # neither the one nor the other
    taker_holds_post: bool = False
    waiting: int = 0  # things that the taker has not looked at
    lacking_unexplained: int = 0
    is_current: bool = True  # the list holds what is theirs now


Need = steps.Need[HandoverFacts]
Step = steps.Step[HandoverFacts]

NEEDS: dict[str, Need] = {
    "giver": Need("由移交人办理", unless(lambda f: f.is_giver, "请由移交人本人办理")),
    "taker": Need("由接收人办理", unless(lambda f: f.is_taker, "请由接收人本人办理")),
    "third": Need(
        "监交人是第三人",
        unless(lambda f: f.is_third, "监交人不能是移交人或者接收人，请由另一位领导办理"),
    ),
    "current": Need(
        "清单与现有一致",
        unless(lambda f: f.is_current, "清单列出以后又有变化，请先重新列出清单"),
    ),
    "taker_holds_post": Need(
        "接收人任同一岗位",
        unless(
            lambda f: f.taker_holds_post,
            "接收人还没有任这个岗位，请先由安全管理员办理任职，在办的事项才会随岗位转过去",
        ),
    ),
    "all_looked_at": Need(
        "逐件清点完",
        lambda f: f"还有 {f.waiting} 件没有清点，请逐件接收或者注明缺少" if f.waiting else "",
    ),
    "lacking_explained": Need(
        "缺少的有说明",
        lambda f: (
            f"有 {f.lacking_unexplained} 件缺少或不符的没有说明" if f.lacking_unexplained else ""
        ),
    ),
}

_step = steps.Table(STATES, NEEDS).step

STEPS: dict[str, Step] = steps.by_code(
    (
        _step("open", "列出移交清单", "", "OPEN", capability="archives.hand_over", cites="6.4"),
        _step("relist", "重新列出清单", "OPEN", capability="archives.hand_over", cites="6.4",
              needs=("giver",)),
        _step("give", "签字移交", "OPEN", "GIVEN", capability="archives.hand_over", cites="6.4",
              needs=("giver", "current"), stage="give"),
        # Who has died, is ill or was dismissed cannot sign; the leader says so.
        _step("stand_in", "代为移交", "OPEN", "GIVEN", capability="archives.witness",
              cites="6.4", needs=("third", "current"), needs_note=True),
        _step("answer", "清点", "GIVEN", capability="archives.hand_over", cites="6.4",
              needs=("taker",)),
        _step("take", "签字接收", "GIVEN", "TAKEN", capability="archives.hand_over", cites="6.4",
              needs=("taker", "taker_holds_post", "all_looked_at", "lacking_explained"),
              stage="take"),
        _step("send_back", "退回移交人", "GIVEN TAKEN", "OPEN", capability="archives.witness",
              cites="6.4", needs_note=True),
        _step("witness", "签字监交", "TAKEN", "DONE", capability="archives.witness", cites="6.4",
              needs=("third",), stage="witness"),
        _step("cancel", "取消移交", "OPEN", "CANCELLED", capability="archives.hand_over",
              cites="6.4", needs=("giver",), needs_note=True),
    )
)  # fmt: skip
