"""The month board beside its rows: the days of the month, and what has to be done now (ux 2.4)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from cases.rules.months import previous_month
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.calendars import work_calendar
from yuquan_relief.kernel.inputs import money
from yuquan_relief.kernel.rulebook_values import rules

from .models import FlowProof
from .models.paper import visible
from .models.proof import FAMILIES
from .reports import BoardRow
from .rules.lists import NORMAL


@dataclass(frozen=True)
class Milestone:
    """One day of the month's payment, and whose it is: a clause, or the district's own."""

    label: str
    day: date
    basis: str

    def step(self, on: date) -> dict[str, str]:
        """As components/steps.html shows it."""
        left = (self.day - on).days
        text = f"{self.day:%m-%d}（{self.basis}）"
        if left < 0:
            return {"label": self.label, "state": "done", "date_text": text}
        return {"label": self.label, "state": "todo", "date_text": f"{text}剩 {left} 天"}


def milestones(month: date, on: date) -> list[Milestone]:
    """The days of the month's payment in order; rest days move to the working day before."""
    rulebook, calendar = rules(on), work_calendar()
    before = previous_month(month)
    inner = rulebook["payout.inner_days"]
    pay = calendar.on_or_before(month.replace(day=rulebook["payout.pay_day"]))

    def workday(day: int) -> date:
        return calendar.on_or_before(before.replace(day=day))

    cut_off, proof = rulebook["decision.cut_off_day"], timedelta(rulebook["payout.proof_days"])
    return [
        Milestone("审批截止", before.replace(day=cut_off), "第四条（一）1"),
        Milestone("名单锁定", workday(inner["lock"]), "内部节点"),
        Milestone("报核算中心", workday(inner["send"]), "内部节点"),
        Milestone("发放到户", pay, "第十一条"),
        Milestone("流水凭证上报", pay + proof, "第十五条"),
    ]


def steps(month: date, on: date) -> list[dict[str, str]]:
    """The milestones as a row of steps; the next one is where we are."""
    found = [milestone.step(on) for milestone in milestones(month, on)]
    following = next((step for step in found if step["state"] == "todo"), None)
    if following:
        following["state"] = "now"
    return found


@dataclass(frozen=True)
class ToDo:
    """One thing that somebody has to do about a list, worst first."""

    text: str
    slug: str
    office_code: str
    tone: str
    no: str = ""


def to_do(rows: Sequence[BoardRow], month: date, on: date) -> list[ToDo]:
    """What is late, short, or waits for somebody, out of the board's rows; no statement."""
    days = {m.label: m.day for m in milestones(month, on)}
    found = [item for row in rows for item in _of_row(row, days, on)]
    return sorted(found, key=lambda item: item.tone != "bad")


def _of_row(row: BoardRow, days: dict[str, date], on: date) -> Iterator[ToDo]:
    def said(text: str, tone: str) -> ToDo:
        name = f"{row.office_name}{row.title}"
        return ToDo(f"{name}：{text}", row.slug, row.office_code, tone, row.no)

    if row.is_late:
        yield said("超过到户期限，还没有结清", "bad")
    if row.kind == NORMAL and row.state in ("", "OPEN") and on > days["名单锁定"]:
        yield said(f"名单没有锁定，已过 {(on - days['名单锁定']).days} 天", "bad")
    elif row.kind == NORMAL and row.state in ("LOCKED", "APPROVED") and on > days["报核算中心"]:
        yield said(f"没有报核算中心，已过 {(on - days['报核算中心']).days} 天", "bad")
    if row.is_short:
        short = money.show(row.total_fen - row.available_fen)
        yield said(f"可用资金少 {short} 元", "bad")
    if row.open_exceptions:
        yield said(f"银行结果有 {row.open_exceptions} 条差异没有处理", "warn")
    if row.owed_count:
        yield said(f"银行退回 {row.owed_count} 笔待重发，请核实账户后重发", "warn")


@dataclass(frozen=True)
class ProofCell:
    """The proof of an office and family in the month's board."""

    no: str
    text: str
    tone: str


def proofs(actor: Actor, month: date, on: date) -> dict[tuple[str, str], ProofCell]:
    """(office code, family) → the state of its flow and voucher (one statement)."""
    found = visible(FlowProof, actor).filter(month=month).select_related("office")
    return {
        (proof.office.code if proof.office else "", proof.family): ProofCell(
            proof.no,
            f"{FAMILIES[proof.family]}{proof.state_label}",
            "bad" if not proof.is_over and proof.due_on and proof.due_on < on else proof.tone,
        )
        for proof in found
    }
