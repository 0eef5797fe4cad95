"""2015 年以来档案的核查 as a table: each file looked at by its own year's checklist (16).

What lacks has a deadline, is mended by the office, and looked at again by the district.
"""

from dataclasses import dataclass
from datetime import date

from cases.rules import steps
from cases.rules.programmes import Programme
from cases.rules.steps import unless

FIRST_YEAR = 2015
STATES = {
    "LISTED": "待派单",
    "ASSIGNED": "待核查",
    "PROBLEM": "待整改",
    "RECHECK": "待复核",
    "DONE": "已核查",
}
FINAL = frozenset({"DONE"})
TONES = {"LISTED": "mute", "ASSIGNED": "brand", "PROBLEM": "bad", "RECHECK": "warn", "DONE": "ok"}
PROGRAMMES = {p.label: p.value for p in Programme}
COLUMNS = ("年度", "类别", "档号", "户主", "镇街道", "村社区", "页数", "盒号", "批准日期")
REQUIRED = COLUMNS[:5]


@dataclass(frozen=True, kw_only=True)
class OldFileFacts:
    """What is known of an old file when a step is judged."""

    on: date
    is_checker: bool = False
    is_other: bool = True  # not the one who mended it
    unanswered: int = 0  # lines of the checklist that nobody has looked at
    lacking: int = 0
    unmended: int = 0  # lacking, and neither mended nor explained


Need = steps.Need[OldFileFacts]
Step = steps.Step[OldFileFacts]

NEEDS: dict[str, Need] = {
    "checker": Need("由派到的人办理", unless(lambda f: f.is_checker, "请由派到的核查人办理")),
    "answered": Need(
        "清单逐项看过",
        lambda f: f"还有 {f.unanswered} 项没有核查" if f.unanswered else "",
    ),
    "whole": Need(
        "没有缺项",
        lambda f: f"有 {f.lacking} 项缺少或不符，请登记问题" if f.lacking else "",
    ),
    "lacks": Need("有缺项", unless(lambda f: bool(f.lacking), "没有缺项，请登记核查无误")),
    "mended": Need(
        "逐项整改或说明",
        lambda f: f"还有 {f.unmended} 项没有整改，也没有说明" if f.unmended else "",
    ),
    "other": Need("由另一人复核", unless(lambda f: f.is_other, "复核人不能是整改人")),
}

_step = steps.Table(STATES, NEEDS).step
CHECK, WATCH = "archives.shelve", "archives.check_old"

STEPS: dict[str, Step] = steps.by_code(
    (
        _step("assign", "派单", "LISTED ASSIGNED", "ASSIGNED", capability=WATCH, cites="16"),
        _step("answer", "登记核查", "ASSIGNED", capability=CHECK, cites="16", needs=("checker",)),
        _step("whole", "核查无误", "ASSIGNED", "DONE", capability=CHECK, cites="16",
              needs=("checker", "answered", "whole")),
        _step("problem", "登记问题", "ASSIGNED", "PROBLEM", capability=CHECK, cites="16",
              needs=("checker", "answered", "lacks")),
        _step("mend", "登记整改", "PROBLEM", capability=CHECK, cites="16"),
        _step("ask_again", "提交复核", "PROBLEM", "RECHECK", capability=CHECK, cites="16",
              needs=("mended",)),
        _step("pass", "复核通过", "RECHECK", "DONE", capability=WATCH, cites="16",
              needs=("other",)),
        _step("refuse", "退回整改", "RECHECK", "PROBLEM", capability=WATCH, cites="16",
              needs_note=True),
        _step("extend", "延长整改期限", "PROBLEM", capability=WATCH, cites="16",
              needs_note=True),
    )
)  # fmt: skip
