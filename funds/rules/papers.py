"""Papers of money as tables: recovery, proof of payment, budget, imprest, the year's plan.

Each is a small procedure of the one shape (cases.rules.steps); one function moves them all
(funds.operations.papers.perform).
"""

from dataclasses import dataclass
from datetime import date

from cases.rules import steps
from cases.rules.steps import unless


@dataclass(frozen=True, kw_only=True)
class PaperFacts:
    """What is known of a paper when a step is judged (fen); what a kind has not stays as it is."""

    on: date
    amount_fen: int = 0
    settled_fen: int = 0  # of a recovery: paid back or written off
    unexplained: int = 0  # adjusted lines without a reason
    files: int = 0  # of a proof: flow and vouchers


Need = steps.Need[PaperFacts]
Step = steps.Step[PaperFacts]

NEEDS: dict[str, Need] = {
    "amount": Need("金额大于 0", unless(lambda f: f.amount_fen > 0, "金额为 0，请核对后再办")),
    "explained": Need(
        "调整都有理由",
        lambda f: f"有 {f.unexplained} 项调整没有写理由，请补写" if f.unexplained else "",
    ),
    "files": Need(
        "已上传流水和凭证", unless(lambda f: f.files > 0, "还没有上传银行流水和支付凭证")
    ),
    "left": Need(
        "还有没收回的", unless(lambda f: f.amount_fen > f.settled_fen, "已经全部收回或者核销")
    ),
    "all_back": Need(
        "已经全部收回或者核销",
        unless(lambda f: f.amount_fen == f.settled_fen, "还有没收回的金额"),
    ),
}


@dataclass(frozen=True, kw_only=True)
class Procedure:
    """One kind of paper: its name, states, colours and steps."""

    subject: str
    label: str
    states: dict[str, str]
    final: frozenset[str]
    tones: dict[str, str]
    owners: dict[str, str]  # state → the role that has to do something
    steps: dict[str, Step]


RECOVERY_STATES = {
    "OPEN": "待告知",
    "TOLD": "待收回",
    "WRITE_OFF": "待核销审批",
    "DONE": "已办结",
}
_recovery = steps.Table(RECOVERY_STATES, NEEDS).step
RECOVERY = Procedure(
    subject="recovery",
    label="追缴",
    states=RECOVERY_STATES,
    final=frozenset({"DONE"}),
    tones={"OPEN": "warn", "TOLD": "brand", "WRITE_OFF": "warn", "DONE": "ok"},
    owners={"OPEN": "office_staff", "TOLD": "office_staff", "WRITE_OFF": "bureau_leader"},
    steps=steps.by_code(
        (
            _recovery("tell", "登记告知", "OPEN", "TOLD", capability="funds.prepare",
                      cites="4(1).2 20(1)", tells=("deputy_leader",)),
            _recovery("agree_plan", "登记分期约定", "TOLD", capability="funds.prepare",
                      cites="20(1)", needs=("left",)),
            _recovery("receive", "登记收回", "TOLD", capability="funds.prepare",
                      cites="20(1)", needs=("left",)),
            _recovery("ask_write_off", "提出核销", "TOLD", "WRITE_OFF", capability="funds.approve",
                      cites="20(1)", needs=("left",), needs_note=True, stage="approve",
                      tells=("bureau_leader",)),
            _recovery("refuse_write_off", "不同意核销", "WRITE_OFF", "TOLD",
                      capability="funds.confirm", cites="20(1)", needs_note=True,
                      tells=("deputy_leader", "office_staff")),
            _recovery("write_off", "签字核销", "WRITE_OFF", "DONE", capability="funds.confirm",
                      cites="20(1)", stage="confirm",
                      tells=("office_staff", "supervisor")),
            _recovery("close", "办结追缴", "TOLD", "DONE", by_robot=True, cites="20(1)",
                      needs=("all_back",)),
        )
    ),
)  # fmt: skip

PROOF_STATES = {"DRAWN": "待上传", "SENT": "待查验", "BACK": "退回补传", "PASSED": "已通过"}
_proof = steps.Table(PROOF_STATES, NEEDS).step
PROOF = Procedure(
    subject="proof",
    label="流水凭证",
    states=PROOF_STATES,
    final=frozenset({"PASSED"}),
    tones={"DRAWN": "warn", "SENT": "brand", "BACK": "bad", "PASSED": "ok"},
    owners={"DRAWN": "office_staff", "BACK": "office_staff", "SENT": "supervisor"},
    steps=steps.by_code(
        (
            _proof("add", "上传流水、凭证", "DRAWN BACK", capability="funds.prepare", cites="15"),
            _proof("send", "报送流水凭证", "DRAWN BACK", "SENT", capability="funds.prepare",
                   cites="15", needs=("files",), tells=("supervisor",)),
            _proof("send_back", "退回流水凭证", "SENT", "BACK", capability="funds.allocate",
                   cites="15", needs_note=True, tells=("office_staff",)),
            _proof("pass", "通过流水凭证", "SENT", "PASSED", capability="funds.allocate",
                   cites="15 11", tells=("office_staff",)),
        )
    ),
)  # fmt: skip

BUDGET_STATES = {
    "OPEN": "编制中",
    "SIGNED": "待区局核定",
    "BACK": "退回修改",
    "CONFIRMED": "已核定",
}
_budget = steps.Table(BUDGET_STATES, NEEDS).step
BUDGET = Procedure(
    subject="budget",
    label="季度预算",
    states=BUDGET_STATES,
    final=frozenset({"CONFIRMED"}),
    tones={"OPEN": "warn", "SIGNED": "brand", "BACK": "bad", "CONFIRMED": "ok"},
    owners={"OPEN": "office_staff", "BACK": "office_staff", "SIGNED": "supervisor"},
    steps=steps.by_code(
        (
            _budget("generate", "重新生成草案", "OPEN BACK", capability="funds.prepare",
                    cites="4(1).3"),
            _budget("adjust", "调整预算", "OPEN BACK", capability="funds.prepare", cites="4(1).3"),
            _budget("sign", "签字上报", "OPEN BACK", "SIGNED", capability="funds.approve",
                    cites="4(1).3", needs=("amount", "explained"), stage="approve",
                    tells=("supervisor",)),
            _budget("send_back", "退回预算", "SIGNED", "BACK", capability="funds.allocate",
                    cites="4(1).3 5(2)", needs_note=True, tells=("office_staff", "deputy_leader")),
            _budget("confirm", "核定预算", "SIGNED", "CONFIRMED", capability="funds.allocate",
                    cites="4(1).3 5(2)", stage="confirm", tells=("office_staff", "deputy_leader")),
        )
    ),
)  # fmt: skip

IMPREST_STATES = {
    "OPEN": "待签报",
    "ASKED": "待拨付",
    "BACK": "退回修改",
    "GRANTED": "已拨付",
    "REFUSED": "不予拨付",
}
_imprest = steps.Table(IMPREST_STATES, NEEDS).step
IMPREST = Procedure(
    subject="imprest",
    label="备用金请款",
    states=IMPREST_STATES,
    final=frozenset({"GRANTED", "REFUSED"}),
    tones={"OPEN": "warn", "ASKED": "brand", "BACK": "bad", "GRANTED": "ok", "REFUSED": "mute"},
    owners={"OPEN": "deputy_leader", "BACK": "office_staff", "ASKED": "supervisor"},
    steps=steps.by_code(
        (
            _imprest("restate", "修改请款", "OPEN BACK", capability="funds.prepare", cites="4(2)"),
            _imprest("sign", "签字请款", "OPEN BACK", "ASKED", capability="funds.approve",
                     cites="4(2)", needs=("amount",), stage="approve", tells=("supervisor",)),
            _imprest("send_back", "退回请款", "ASKED", "BACK", capability="funds.allocate",
                     cites="4(2)", needs_note=True, tells=("office_staff",)),
            _imprest("grant", "拨付备用金", "ASKED", "GRANTED", capability="funds.allocate",
                     cites="4(2)", stage="confirm", tells=("office_staff", "deputy_leader")),
            _imprest("refuse", "不予拨付", "ASKED", "REFUSED", capability="funds.allocate",
                     cites="4(2)", needs_note=True, tells=("office_staff", "deputy_leader")),
        )
    ),
)  # fmt: skip

PLAN_STATES = {"OPEN": "测算中", "SIGNED": "已签发上报"}
_plan = steps.Table(PLAN_STATES, NEEDS).step
PLAN = Procedure(
    subject="plan",
    label="年度资金计划",
    states=PLAN_STATES,
    final=frozenset({"SIGNED"}),
    tones={"OPEN": "warn", "SIGNED": "ok"},
    owners={"OPEN": "bureau_leader"},
    steps=steps.by_code(
        (
            _plan("sign", "签发上报", "OPEN", "SIGNED", capability="funds.confirm", cites="5(2)",
                  needs=("amount",), stage="confirm", tells=("supervisor",)),
        )
    ),
)  # fmt: skip

PROCEDURES: dict[str, Procedure] = {p.subject: p for p in (RECOVERY, PROOF, BUDGET, IMPREST, PLAN)}
