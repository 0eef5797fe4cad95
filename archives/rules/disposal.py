"""销毁 as a table: appraised, approved by two, watched by two, and only then done (6.4).

Files whose term has passed are listed by the district; who appraised, who approved and who watches
are five different people. The last step has two more locks: days to think, and the database, which
looks for itself whether the term has passed, nothing holds the file, and all have signed.
"""

from dataclasses import dataclass
from datetime import date

from cases.rules import steps
from cases.rules.steps import unless

STATES = {
    "OPEN": "待鉴定",
    "APPRAISED": "待镇、街道审批",
    "OFFICE": "待区局审批",
    "APPROVED": "待监销人签字",
    "WATCHED": "待第二监销人签字",
    "READY": "待销毁",
    "DONE": "已销毁",
    "CANCELLED": "已取消",
}
FINAL = frozenset({"DONE", "CANCELLED"})
TONES = {"READY": "bad", "DONE": "mute", "CANCELLED": "mute"}
STAGES = {
    "appraise": "鉴定",
    "approve_office": "镇、街道审批",
    "approve": "区局审批",
    "watch": "监销人",
    "watch_too": "第二监销人",
}


@dataclass(frozen=True, kw_only=True)
class DisposalFacts:
    """What is known of a disposal when a step is judged."""

    on: date
    files: int = 0
    unappraised: int = 0  # files of which nobody has said what they are worth
    not_free: tuple[str, ...] = ()  # why files of the list may not go: "档号：原因"
    thinks_until: date | None = None  # first day on which it may be done


Need = steps.Need[DisposalFacts]
Step = steps.Step[DisposalFacts]

NEEDS: dict[str, Need] = {
    "files": Need("清册有档案", unless(lambda f: bool(f.files), "清册里没有档案，请取消这份清册")),
    "appraised": Need(
        "逐卷鉴定",
        lambda f: f"还有 {f.unappraised} 卷没有鉴定意见" if f.unappraised else "",
    ),
    "free": Need(
        "期满且没有保留",
        lambda f: (
            f"有 {len(f.not_free)} 卷不能销毁：{'；'.join(f.not_free[:3])}" if f.not_free else ""
        ),
    ),
    "thought": Need(
        "审批后的等待期已满",
        lambda f: (
            f"监销人签字后还须等待，{f.thinks_until:%Y-%m-%d} 起才能销毁"
            if f.thinks_until and f.on < f.thinks_until
            else ""
        ),
    ),
}

_step = steps.Table(STATES, NEEDS).step
DISPOSE, WATCH = "archives.dispose", "archives.watch"

STEPS: dict[str, Step] = steps.by_code(
    (
        _step("open", "列出到期档案", "", "OPEN", capability=DISPOSE, cites="6.4"),
        _step("keep", "延长保管", "OPEN", capability=DISPOSE, cites="6.4", needs_note=True),
        _step("destroyable", "鉴定可以销毁", "OPEN", capability=DISPOSE, cites="6.4",
              needs_note=True),
        _step("appraise", "签字鉴定", "OPEN", "APPRAISED", capability=DISPOSE, cites="6.4",
              needs=("files", "appraised", "free"), stage="appraise"),
        _step("approve_office", "签字同意", "APPRAISED", "OFFICE", capability="archives.let_go",
              cites="6.4", needs=("free",), stage="approve_office"),
        _step("approve", "签字批准", "OFFICE", "APPROVED", capability="archives.release",
              cites="6.4", needs=("free",), stage="approve"),
        _step("watch", "签字监销", "APPROVED", "WATCHED", capability=WATCH, cites="6.4",
              needs=("free",), stage="watch"),
        _step("watch_too", "签字监销（第二人）", "WATCHED", "READY", capability=WATCH, cites="6.4",
              needs=("free",), stage="watch_too"),
        _step("destroy", "销毁", "READY", "DONE", capability=DISPOSE, cites="6.4",
              needs=("free", "thought")),
        _step("send_back", "退回鉴定", "APPRAISED OFFICE APPROVED WATCHED READY", "OPEN",
              capability="archives.look_again", cites="6.4", needs_note=True),
        _step("cancel", "取消清册", "OPEN", "CANCELLED", capability=DISPOSE, cites="6.4",
              needs_note=True),
    )
)  # fmt: skip
