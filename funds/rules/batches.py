"""The month's list as a table of steps: from where, to where, by whom, under what clause.

Buttons, the reasons why a button is not there, the interface and the robot read it.
"""

from cases.rules import steps
from yuquan_relief.kernel.inputs import money

from .facts import BatchFacts

STATES = {
    "OPEN": "待锁定",
    "LOCKED": "待签批",
    "APPROVED": "已签批",
    "SENT": "已报送",
    "CLOSED": "已结清",
}
TONES = {"OPEN": "warn", "LOCKED": "brand", "APPROVED": "brand", "SENT": "brand", "CLOSED": "ok"}
UNSENT = frozenset({"OPEN", "LOCKED", "APPROVED"})
FROZEN = frozenset(STATES) - {"OPEN"}
OWNER = {
    "OPEN": "office_staff",
    "LOCKED": "deputy_leader",
    "APPROVED": "accounting",
    "SENT": "accounting",
}

OF_OFFICE = frozenset({"office_staff", "deputy_leader"})  # owners in the office, not the district

# What a line pays. A line that is sent again after it came back keeps its kind.
KINDS = {
    "NORMAL": "正常发放",
    "BACK_PAY": "补发",
    "ARREARS": "补差",
    "CARE": "照料护理费",
    "ONE_OFF": "一次性补贴",
    "SINGLE": "临时救助",
}
LINE_STATES = {"PENDING": "待发", "PAID": "已到账", "RETURNED": "退回"}
EFFECTIVE = ("PENDING", "PAID")


Need = steps.Need[BatchFacts]
Step = steps.Step[BatchFacts]


def _incomplete(facts: BatchFacts) -> str:
    if not facts.incomplete:
        return ""
    shown = "、".join(facts.incomplete_examples)
    rest = "等" if facts.incomplete > len(facts.incomplete_examples) else ""
    return f"有 {facts.incomplete} 户缺收款账户或户主身份证号：{shown}{rest}，请补登后重新生成名单"


def _dead(facts: BatchFacts) -> str:
    if not facts.dead:
        return ""
    shown = "、".join(facts.dead_examples)
    rest = "等" if facts.dead > len(facts.dead_examples) else ""
    return (
        f"有 {facts.dead} 户只有一人，死亡信息显示上月以前已死亡：{shown}{rest}，"
        "请先在复核里办理停发；信息有误的，在复核里提出保持"
    )


def _totals(facts: BatchFacts) -> str:
    if (facts.line_count, facts.total_fen) == (facts.lines_found, facts.fen_found):
        return ""
    return (
        f"名单合计与逐户明细不符：合计 {facts.line_count} 笔 {money.show(facts.total_fen)} 元，"
        f"明细 {facts.lines_found} 笔 {money.show(facts.fen_found)} 元，请重新生成名单"
    )


def _funds(facts: BatchFacts) -> str:
    short = facts.total_fen - facts.available_fen
    if short <= 0:
        return ""
    return (
        f"可用资金 {money.show(facts.available_fen)} 元，还差 {money.show(short)} 元，"
        "请报区社救中心拨付"
    )


def _handed_over(facts: BatchFacts) -> str:
    if not facts.handed_over_on:
        return ""
    if facts.is_same_file:
        return (
            f"这份银行文件 {facts.handed_over_on} 已经报送（恢复备份以前），不能再报送，"
            "请办理“登记已报送”"
        )
    return (
        f"这份名单 {facts.handed_over_on} 报送过内容不同的银行文件（恢复备份以前），不能再报送；"
        "请把恢复后缺少的办理补齐，重新生成名单，使两者一致，或者请区局核对后登记"
    )


NEEDS: dict[str, Need] = {
    "lines": Need(
        "名单不为空",
        lambda f: "" if f.lines_found else "名单里没有人，请核对在享对象后重新生成",
    ),
    "accounts": Need("每户都有收款账户", _incomplete),
    "alive": Need("名单里没有已死亡的人", _dead),
    "totals": Need("合计与明细一致", _totals),
    "fresh": Need(
        "名单与在享对象一致",
        lambda f: (
            f"名单生成后有 {f.changed} 户的待遇或账户有变动，请重新生成名单" if f.changed else ""
        ),
    ),
    "still_due": Need(
        "锁定后待遇没有变动",
        lambda f: (
            f"锁定后有 {f.no_longer_due} 户停发或调整金额，请退回重新生成名单"
            if f.no_longer_due
            else ""
        ),
    ),
    "funds": Need("可用资金足够", _funds),
    "file": Need(
        "银行文件完好",
        lambda f: "" if f.is_file_sound else "银行文件缺失或与签批的摘要不符，请联系系统管理员",
    ),
    "snapshot": Need(
        "明细与锁定时一致",
        lambda f: "" if f.is_snapshot_same else "名单明细与锁定时的摘要不符，请联系系统管理员",
    ),
    "accounted": Need("已报送的名单都在系统里", lambda f: f.unaccounted),
    "not_handed_over": Need("没有报送过", _handed_over),
    "handed_over_before": Need(
        "恢复备份以前已经报送",
        lambda f: (
            ""
            if f.handed_over_on and f.is_same_file
            else "交接簿里没有这份银行文件（或者内容不同），不能登记已报送，请领取后报送"
        ),
    ),
    "settled": Need(
        "每笔都有结果", lambda f: f"还有 {f.pending} 笔没有银行结果" if f.pending else ""
    ),
    "exceptions": Need(
        "差异都已处理",
        lambda f: f"还有 {f.open_exceptions} 条差异没有处理" if f.open_exceptions else "",
    ),
}


_step = steps.Table(STATES, NEEDS).step

STEPS: dict[str, Step] = steps.by_code(
    (
        _step("open", "生成名单", "", "OPEN", capability="funds.prepare", by_robot=True,
              cites="4(1).3", tells=("office_staff",)),
        _step("rebuild", "重新生成名单", "OPEN", capability="funds.prepare", by_robot=True,
              cites="4(1).3"),
        _step("lock", "锁定名单", "OPEN", "LOCKED", capability="funds.prepare", cites="4(1).3",
              needs=("accounted", "lines", "accounts", "alive", "totals", "fresh", "funds"),
              stage="prepare",
              tells=("deputy_leader",)),
        _step("send_back", "退回名单", "LOCKED", "OPEN", capability="funds.approve",
              cites="4(1).3", needs_note=True, tells=("office_staff",)),
        _step("approve", "签批发放", "LOCKED", "APPROVED", capability="funds.approve",
              cites="4(1).3",
              needs=("accounted", "totals", "file", "snapshot", "still_due", "funds"),
              stage="approve", tells=("accounting",)),
        _step("take_file", "领取银行文件", "APPROVED SENT", "SENT", capability="funds.take_file",
              cites="4(1).3", needs=("file", "accounted", "not_handed_over"), stage="release"),
        # A restored database does not know what has gone: nothing is handed over twice.
        _step("recognise", "登记已报送", "APPROVED", "SENT", capability="funds.take_file",
              cites="4(1).3", needs=("file", "handed_over_before"), stage="release"),
        _step("import_result", "导入银行结果", "SENT CLOSED", capability="funds.import_result",
              cites="11 15", tells=("office_staff",)),
        _step("resolve_exception", "处理差异", "SENT CLOSED", capability="funds.import_result",
              cites="11", needs_note=True),
        _step("give_up", "不再重发退回款", "SENT CLOSED", capability="funds.approve", cites="11",
              needs_note=True, tells=("office_staff", "supervisor")),
        _step("nudge", "催办", "OPEN LOCKED APPROVED SENT", capability="funds.allocate",
              cites="4(1).3 11"),
        _step("close", "结清", "SENT", "CLOSED", by_robot=True, cites="11 15",
              needs=("settled", "exceptions")),
    )
)  # fmt: skip
