"""提标 as a table: a raised standard is computed, signed in one list, told, and then in force."""

from typing import Any

from . import steps

STATES = {
    "OPEN": "待送签",
    "TO_DECIDE": "待签批",
    "TO_TELL": "待告知",
    "ENDED": "已执行",
    "WITHDRAWN": "已撤回",
}
TONES = {"OPEN": "warn", "TO_DECIDE": "brand", "TO_TELL": "warn", "ENDED": "ok"}

Step = steps.Step[Any]
_step = steps.Table[Any](STATES).step

STEPS: dict[str, Step] = steps.by_code(
    (
        _step("open", "按新标准测算", "", "OPEN", capability="cases.review", cites="4(1).2"),
        _step("compute", "重新测算", "OPEN", capability="cases.review", cites="4(1).2"),
        _step("propose", "送分管领导签批", "OPEN", "TO_DECIDE", capability="cases.review",
              cites="4(1).2", stage="propose", tells=("deputy_leader",)),
        _step("send_back", "退回测算", "TO_DECIDE", "OPEN", capability="cases.decide",
              cites="4(1).2", needs_note=True, tells=("office_staff",)),
        _step("agree", "签批调整名单", "TO_DECIDE", "TO_TELL", capability="cases.decide",
              cites="4(1).2", stage="decide", tells=("office_staff", "clerk")),
        _step("tell", "登记张贴告知", "TO_TELL", capability="cases.post_notice",
              cites="4(1).2 3(4)", tells=("office_staff",)),
        _step("end", "全部告知，执行完毕", "TO_TELL", "ENDED", by_robot=True,
              cites="4(1).2"),
        _step("withdraw", "撤回测算", "OPEN", "WITHDRAWN", capability="cases.review",
              cites="4(1).2", needs_note=True),
    )
)  # fmt: skip
