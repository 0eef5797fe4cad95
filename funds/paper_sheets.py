"""What the page of a paper shows, and the rows of its list: plain values for one template."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Sum

from cases.models import Case, FirstRelief
from cases.models.decision import Decision
from cases.rules.months import months_after
from cases.rules.programmes import Programme
from cases.rules.reviews import METHODS
from funds.models import Allocation, ImprestRequest, QuarterBudget, Recovery, YearPlan
from funds.models.paper import Paper, visible
from funds.models.proof import FAMILIES
from funds.operations.ledger import available
from funds.operations.papers import MODELS
from funds.operations.planning import RELIEF
from funds.rules.bank_file import plain_yuan
from funds.tables import Cell, Table, number, yuan
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.inputs import money
from yuquan_relief.kernel.rulebook_values import rules


@dataclass(frozen=True)
class Sheet:
    """What a paper says: numbers on top, facts, tables, files."""

    cards: list[dict[str, Any]]
    facts: list[dict[str, Any]]
    tables: list[Table] = field(default_factory=list)
    files: list[Any] = field(default_factory=list)
    form_no: str = ""  # of the form that prints it


def card(label: str, fen: int, tone: str = "", note: str = "") -> dict[str, Any]:
    """An amount as a number card."""
    return {"label": label, "value": money.show(fen), "unit": "元", "tone": tone, "note": note}


def day(value: date | None) -> str:
    """`2026-12-10`, or a dash."""
    return f"{value:%Y-%m-%d}" if value else "—"


def sheet_of(paper: Paper, on: date) -> Sheet:
    """The sheet of any paper."""
    return SHEETS[paper.SUBJECT](paper, on)


def initial_of(paper: Paper, code: str) -> dict[str, Any]:
    """What a step's form begins with."""
    if isinstance(paper, ImprestRequest) and code in ("restate", "grant"):
        return {"amount": plain_yuan(paper.amount_fen), "reason": paper.reason}
    if isinstance(paper, Recovery) and code == "receive":
        return {"amount": plain_yuan(paper.left_fen)}
    return {}


def _frame(paper: Paper) -> list[dict[str, Any]]:
    rows = [{"label": "编号", "value": paper.no}]
    if paper.office:
        rows.append({"label": "镇、街道", "value": paper.office.name})
    rows.append({"label": "登记日期", "value": day(paper.opened_on)})
    if paper.due_on:
        rows.append({"label": "期限", "value": day(paper.due_on)})
    return rows


def _recovery(paper: Any, on: date) -> Sheet:
    told = "还没有告知"
    if paper.told_on:
        told = f"{day(paper.told_on)} {METHODS[paper.told_how]}，{paper.told_to}"
    return Sheet(
        cards=[
            card("应追缴", paper.amount_fen),
            card("已收回", paper.received_fen),
            card("已核销", paper.written_off_fen),
            card("还没收回", paper.left_fen, "warn" if paper.left_fen else ""),
        ],
        facts=[
            *_frame(paper),
            {"label": "户主", "value": paper.household.head_name},
            {"label": "证号", "value": paper.benefit.certificate_no},
            {"label": "原因", "value": paper.reason},
            {"label": "告知", "value": told},
        ],
        tables=[_months(paper), _instalments(paper), _receipts(paper)],
        form_no="F29",
    )


def _months(paper: Any) -> Table:
    heads = ("月份", "已发（元）", "应发（元）", "多发（元）")
    rows = [
        [Cell(f"{m.month:%Y-%m}"), yuan(m.paid_fen), yuan(m.due_fen), yuan(m.fen)]
        for m in paper.months.order_by("month")
    ]
    return Table("逐月计算", heads, rows)


def _instalments(paper: Any) -> Table:
    latest = paper.instalments.order_by("-edition").values_list("edition", flat=True).first()
    plan = paper.instalments.filter(edition=latest or 0).order_by("due_on")
    rows = [[Cell(day(p.due_on)), yuan(p.fen), Cell(p.agreed_by)] for p in plan]
    return Table("分期约定", ("应还日期", "应还（元）", "同意人"), rows, empty="没有分期约定")


def _receipts(paper: Any) -> Table:
    heads = ("缴款日期", "金额（元）", "凭证号", "缴款人")
    rows = [
        [Cell(day(r.paid_on)), yuan(r.fen), Cell(r.voucher_no), Cell(r.payer)]
        for r in paper.receipts.order_by("id")
    ]
    return Table("收款记录", heads, rows, empty="还没有收款")


def _proof(paper: Any, on: date) -> Sheet:
    line = paper.line
    return Sheet(
        cards=[
            card("抽中的一笔", line.amount_fen),
            {
                "label": "到账日期",
                "value": day(line.paid_on),
                "unit": "",
            },
            {
                "label": "报送期限",
                "value": day(paper.due_on),
                "unit": "",
                "tone": "bad" if _is_late(paper, on) else "",
            },
        ],
        facts=[
            *_frame(paper),
            {"label": "类别", "value": FAMILIES[paper.family]},
            {"label": "抽中对象", "value": f"{line.head_name}（{line.certificate_no}）"},
            {"label": "收款账户", "value": f"{line.holder} {line.bank} {line.masked_account}"},
            {"label": "银行流水号", "value": line.serial},
            {"label": "抽取范围", "value": f"{paper.frame_count} 笔，抽中第 {paper.place + 1} 笔"},
            {"label": "种子", "value": paper.seed},
        ],
        files=[
            {
                "label": f.get_kind_display() + (f"（第 {f.round} 次）" if f.round > 1 else ""),
                "url": f"/files/{f.attachment_id}/view/",
                "day": day(f.added_on),
            }
            for f in paper.files.order_by("id")
        ],
    )


def _is_late(paper: Paper, on: date) -> bool:
    return paper.due_on is not None and paper.due_on < on and paper.state in ("DRAWN", "BACK")


HOW = "月应发 × 3 + 近三个月平均新增 × 6 − 平均减少 × 6 + 近三个月平均临时救助 × 3"
BUDGET_HEADS = (
    "类别", "在享", "月应发", "预计新增", "预计减少", "临时救助", "测算数", "申报数",
    "本季已拨付", "调整理由",
)  # fmt: skip


def _budget(paper: Any, on: date) -> Sheet:
    lines, given = list(paper.lines.order_by("programme")), _given(paper)
    rows = [_budget_row(line, given.get(line.programme, 0)) for line in lines]
    return Sheet(
        cards=[
            card("测算合计", sum(line.generated_fen for line in lines)),
            card("申报合计", sum(line.asked_fen for line in lines)),
        ],
        facts=[
            *_frame(paper),
            {"label": "季度", "value": f"{paper.year} 年第 {paper.quarter} 季度"},
            {"label": "怎么算的", "value": HOW},
        ],
        tables=[
            Table(
                "分类别测算（单位：元）", BUDGET_HEADS, rows, empty="没有在享对象，也没有临时救助"
            )
        ],
        form_no="F39",
    )


def _budget_row(line: Any, given: int) -> list[Cell]:
    is_same = line.asked_fen == line.generated_fen
    amounts = (
        line.monthly_fen, line.new_fen, line.exit_fen, line.reserve_fen, line.generated_fen,
    )  # fmt: skip
    return [
        Cell(Programme(line.programme).label),
        Cell(f"{line.households} 户 {line.persons} 人"),
        *map(yuan, amounts),
        Cell(money.show(line.asked_fen), is_number=True, tone="" if is_same else "warn"),
        yuan(given),
        Cell(line.reason),
    ]


def _given(paper: QuarterBudget) -> dict[str, int]:
    """Programme → what was allocated for the quarter, from its due day on; reversed ones not."""
    first = date(paper.year, paper.quarter * 3 - 2, 1)
    rows = Allocation.objects.filter(
        office_id=paper.office_id or 0,
        year=paper.year,
        allocated_on__gte=paper.due_on or first,
        allocated_on__lt=months_after(first, 3),
        group__reversed_by=None,
    )
    return dict(rows.values_list("programme").annotate(fen=Sum("amount_fen")))


def _imprest(paper: Any, on: date) -> Sheet:
    return Sheet(
        cards=[
            card("请款金额", paper.amount_fen),
            card("请款时余额", paper.balance_fen),
            card("近三个月平均用款", paper.forecast_fen),
        ],
        facts=[
            *_frame(paper),
            {"label": "类别", "value": Programme(paper.programme).label},
            {"label": "用款月", "value": f"{paper.month:%Y-%m}"},
            {"label": "理由", "value": paper.reason},
            {
                "label": "拨付",
                "value": _allocated(paper.allocation),
            },
        ],
        form_no="F38",
    )


def _allocated(allocation: Any) -> str:
    if allocation is None:
        return "还没有拨付"
    return f"{allocation.document}，{money.show(allocation.amount_fen)} 元"


def _plan(paper: Any, on: date) -> Sheet:
    lines = list(paper.lines.select_related("office").order_by("office__code", "programme"))
    needed = sum(line.year_fen for line in lines)
    total = needed + paper.reserve_fen
    raised = f"{paper.raise_permille / 10:g}%，从 {paper.raise_from} 月起"
    return Sheet(
        cards=[
            card("在享对象全年需要", needed),
            card("全年临时救助", paper.reserve_fen),
            card("合计", total),
        ],
        facts=[
            *_frame(paper),
            {"label": "方案", "value": f"{paper.year} 年第 {paper.edition} 版 {paper.name}"},
            {"label": "对象增减", "value": f"{paper.growth_permille / 10:g}%"},
            {"label": "标准提高", "value": raised},
        ],
        tables=[_editions(paper, total), _offices(lines)],
        form_no="F38",
    )


def _editions(paper: YearPlan, total: int) -> Table:
    others = YearPlan.objects.filter(district_id=paper.district_id, year=paper.year)
    found = others.annotate(fen=Sum("lines__year_fen", default=0)).order_by("edition")
    heads = ("版本", "方案", "对象增减", "标准提高", "合计（元）", "与本版相差（元）")
    rows = [
        [
            Cell(f"第 {p.edition} 版", url=f"/funds/papers/{p.no}/"),
            Cell(p.name),
            Cell(f"{p.growth_permille / 10:g}%", is_number=True),
            Cell(f"{p.raise_permille / 10:g}%", is_number=True),
            yuan(p.fen + p.reserve_fen),
            yuan(p.fen + p.reserve_fen - total),
        ]
        for p in found
    ]
    return Table("各版比较", heads, rows)


def _offices(lines: Sequence[Any]) -> Table:
    heads = ("镇、街道", "类别", "户数", "人数", "月应发（元）", "全年（元）")
    rows = [
        [
            Cell(line.office.name),
            Cell(Programme(line.programme).label),
            number(line.households),
            number(line.persons),
            yuan(line.monthly_fen),
            yuan(line.year_fen),
        ]
        for line in lines
    ]
    return Table("各镇、街道", heads, rows, empty="没有在享对象")


SHEETS: dict[str, Callable[[Any, date], Sheet]] = {
    "recovery": _recovery,
    "proof": _proof,
    "budget": _budget,
    "imprest": _imprest,
    "plan": _plan,
}


# ------------------------------------------------------------------ lists


def table_of(subject: str, rows: Sequence[Any], on: date) -> Table:
    """The rows of a list, with number, state and what distinguishes the kind."""
    heads, cells, empty = ROWS[subject]
    found = [
        [
            Cell(row.no, url=f"/funds/papers/{row.no}/"),
            Cell(row.office.name if row.office else "全区"),
            *cells(row),
            Cell(day(row.due_on), tone="bad" if _is_overdue(row, on) else ""),
            Cell(row.state_label, tone=row.tone),
        ]
        for row in rows
    ]
    caption = f"共 {len(found)} 件，新的在前"
    return Table(caption, ("编号", "镇、街道", *heads, "期限", "状态"), found, empty)


def _is_overdue(row: Paper, on: date) -> bool:
    return row.due_on is not None and row.due_on < on and not row.is_over


Rows = tuple[tuple[str, ...], Callable[[Any], list[Cell]], str]
ROWS: dict[str, Rows] = {
    "recovery": (
        ("户主", "原因", "应追缴（元）", "还没收回（元）"),
        lambda r: [
            Cell(r.household.head_name, url=f"/funds/benefits/{r.benefit.key}/"),
            Cell(r.reason),
            yuan(r.amount_fen),
            yuan(r.left_fen),
        ],
        "死亡、停发、减发追溯以前月份的，多发部分会自动列在这里",
    ),
    "proof": (
        ("月份", "类别", "抽中对象"),
        lambda r: [Cell(f"{r.month:%Y-%m}"), Cell(FAMILIES[r.family]), Cell(r.line.head_name)],
        "名单结清以后，系统从每个镇、街道抽取一户低保、一户特困",
    ),
    "budget": (
        ("季度", "申报合计（元）"),
        lambda r: [
            Cell(f"{r.year} 年第 {r.quarter} 季度"),
            yuan(sum(line.asked_fen for line in r.lines.all())),
        ],
        "在右边选择季度，系统按在享对象生成草案",
    ),
    "imprest": (
        ("类别", "用款月", "请款（元）"),
        lambda r: [
            Cell(Programme(r.programme).label),
            Cell(f"{r.month:%Y-%m}"),
            yuan(r.amount_fen),
        ],
        "临时救助备用金提前一个月请款",
    ),
    "plan": (
        ("方案", "合计（元）"),
        lambda r: [
            Cell(f"{r.year} 年第 {r.edition} 版 {r.name}"),
            yuan(sum(line.year_fen for line in r.lines.all()) + r.reserve_fen),
        ],
        "在右边填写假设，系统按在享对象测算",
    ),
}
WITH: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "recovery": (("office", "benefit", "household"), ()),
    "proof": (("office", "line"), ()),
    "budget": (("office",), ("lines",)),
    "imprest": (("office",), ()),
    "plan": (("office",), ("lines",)),
}


def rows_of(subject: str, actor: Actor) -> Any:
    """The papers of a kind that the actor sees, the latest first, with what their rows show."""
    joined, fetched = WITH[subject]
    mine = visible(MODELS[subject], actor)
    return mine.select_related(*joined).prefetch_related(*fetched).order_by("-id")


def imprest_board(actor: Actor, on: date) -> dict[str, Any]:
    """What is left for 临时救助, and what was helped first and has no papers yet (4(2))."""
    cases = Case.objects.visible_to(actor).filter(
        Exists(FirstRelief.objects.filter(case=OuterRef("pk"))),
        ~Exists(Decision.objects.filter(case=OuterRef("pk"))),
    )
    limit = rules(on)["limit.relief.papers"]["days"]
    waiting = cases.select_related("first_relief", "office").order_by("relieved_on")[:50]
    left = sum(available(actor.unit_id or 0, programme, on.year) for programme in RELIEF)
    rows = [
        [
            Cell(c.no, url=f"/cases/{c.no}/"),
            Cell(c.office.name),
            yuan(c.first_relief.amount_fen),
            Cell(day(c.relieved_on)),
            Cell(
                f"{(on - c.relieved_on).days} 天",
                is_number=True,
                tone="bad" if c.relieved_on + timedelta(days=limit) < on else "",
            ),
        ]
        for c in waiting
        if c.relieved_on
    ]
    return {
        "cards": [card("本单位备用金余额", left, "warn" if left <= 0 else "")],
        "table": Table(
            "先行救助还没有补齐手续的",
            ("案件", "镇、街道", "先行救助（元）", "救助日期", "已过"),
            rows,
            empty="没有等着补手续的",
        ),
    }
