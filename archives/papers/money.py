"""Forms of money: F29 and F37 to F42 of domain 8.2, out of lists, papers and the ledger."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.template.loader import render_to_string

from archives.pdf import Pdf, make_pdf
from cases.rules.reviews import METHODS
from funds import paper_sheets, reports
from funds.models import (
    Allocation,
    ImprestRequest,
    PayoutBatch,
    PayoutLine,
    QuarterBudget,
    Recovery,
    YearPlan,
)
from funds.models.batch import office_scope
from funds.models.paper import visible
from funds.operations.papers import signatures_of
from funds.rules.matching import EXCEPTIONS
from funds.rules.spreading import SOURCES
from funds.tables import Table
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.inputs import identity_numbers
from yuquan_relief.kernel.inputs.money import capital, show
from yuquan_relief.kernel.models import Signature, Unit

from .sections import Section, more

MOST_LINES = 2_000  # a longer list is printed village by village


@dataclass(frozen=True)
class Subject:
    """Whose form it is, in the words that every sheet shows."""

    no: str
    district: Any
    office: Any
    village: Any = None


@dataclass(frozen=True)
class MoneyPaper:
    """A form: its title, how its subject is found for an actor (None outside the scope), what it
    says, and whether it is printed across the page."""

    title: str
    find: Callable[[Actor, str], Any]
    says: Callable[[Any], Mapping[str, Any]]
    is_wide: bool = False


def _table(table: Table) -> Section:
    rows = [tuple(cell.text for cell in row) for row in table.rows]
    return Section(table.caption, head=table.heads, rows=rows)


def _facts(facts: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(str(fact["label"]), str(fact["value"])) for fact in facts]


def _signed(rows: Any) -> list[str]:
    return [
        f"{s.opinion or '已签字'}　{s.unit}{s.post} {s.name}　{s.signed_at:%Y-%m-%d %H:%M}"
        for s in rows
    ]


def _paper_sections(paper: Any, *signs: str) -> dict[str, Any]:
    sheet = paper_sheets.sheet_of(paper, paper.state_since)
    cards = [(str(c["label"]), f"{c['value']} {c['unit']}") for c in sheet.cards]
    return more(
        Section("", _facts(sheet.facts) + cards),
        *(_table(table) for table in sheet.tables),
        Section("签字", text=_signed(signatures_of(paper)), signs=signs),
    )


def _recovery(paper: Any) -> Mapping[str, Any]:
    """F29: what was paid too much, how it comes back."""
    sections = _paper_sections(paper, "经办人签字", "负责人签字（盖章）")
    told = METHODS.get(paper.told_how, "还没有告知")
    note = Section(text=[f"应追缴 {capital(paper.amount_fen)}，告知方式：{told}。"])
    return {"sections": [*sections["sections"], note]}


def _list(batch: Any) -> Mapping[str, Any]:
    """F37: every line as it goes to the bank; numbers of people are masked on paper."""
    lines = PayoutLine.objects.filter(batch=batch).order_by("line_no")[:MOST_LINES]
    head = (
        "序号", "户主", "身份证号", "证号", "村（社区）", "人口", "保障金", "分类施保金", "合计",
        "户名", "开户银行", "账号", "所属月", "种类", "状态",
    )  # fmt: skip
    rows = [
        (
            str(line.line_no),
            line.head_name,
            identity_numbers.mask(line.id_no) if line.id_no else "",
            line.certificate_no,
            line.village_name,
            str(line.persons),
            show(line.base_fen),
            show(line.supplement_fen),
            show(line.amount_fen),
            line.holder,
            line.bank,
            line.masked_account,
            f"{line.month:%Y-%m}",
            line.get_kind_display(),
            line.get_state_display(),
        )
        for line in lines
    ]
    mine = Signature.objects.filter(subject_kind="payout", subject_key=batch.no).order_by("id")
    left = batch.line_count - len(rows)
    return more(
        Section("", _batch_facts(batch)),
        Section("明细", head=head, rows=rows),
        Section(text=[f"其余 {left} 笔见银行文件，摘要 {batch.file_sha256}。"] if left else []),
        Section("签字", text=_signed(mine), signs=("制单人签字", "分管领导签字（盖章）")),
    )


def _batch_facts(batch: Any) -> list[tuple[str, str]]:
    return [
        ("批次号", batch.no),
        ("救助类别、名单种类", f"{batch.programme_label}，{batch.rules.label}"),
        ("发放年月", f"{batch.month:%Y-%m}"),
        ("总户数、总人数、笔数",
         f"{batch.household_count} 户，{batch.person_count} 人，{batch.line_count} 笔"),
        ("发放总额", f"{show(batch.total_fen)} 元（{capital(batch.total_fen)}）"),
        ("状态", batch.state_label),
        ("银行文件模板和摘要", f"{batch.template or 'online'}　{batch.file_sha256 or '未锁定'}"),
    ]  # fmt: skip


def _reconciled(batch: Any) -> Mapping[str, Any]:
    """F42: list, bank and ledger side by side, and everything that differs."""
    vouchers = list(batch.vouchers.order_by("id"))
    differences = batch.exceptions.select_related("line", "resolved_by").order_by("id")
    totals = [
        ("名单", str(batch.line_count), show(batch.total_fen)),
        ("银行到账", str(batch.paid_count), show(batch.paid_fen)),
        ("银行退回", str(batch.returned_count), show(batch.returned_fen)),
        ("没有结果", str(batch.line_count - batch.paid_count - batch.returned_count),
         show(batch.pending_fen)),
        ("凭证到账", str(sum(v.paid_count for v in vouchers)),
         show(sum(v.paid_fen for v in vouchers))),
        ("凭证退回", str(sum(v.returned_count for v in vouchers)),
         show(sum(v.returned_fen for v in vouchers))),
    ]  # fmt: skip
    rows = [
        (
            EXCEPTIONS[d.kind],
            str(d.line.line_no) if d.line else "",
            d.detail,
            d.resolution or "未处理",
            f"{d.resolved_on:%Y-%m-%d} {d.resolved_by.name}" if d.resolved_on else "",
        )
        for d in differences
    ]
    return more(
        Section("", _batch_facts(batch)),
        Section("合计核对", head=("项目", "笔数", "金额（元）"), rows=totals),
        Section("差异", head=("种类", "序号", "说明", "处理", "处理人"), rows=rows),
        Section(signs=("核算中心签字（盖章）", "镇、街道签字（盖章）")),
    )


def _allocation(row: Any) -> Mapping[str, Any]:
    """F40: what the district gave, by which document."""
    return more(
        Section(
            "",
            [
                ("收款单位", row.office.name),
                ("类别", row.get_programme_display()),
                ("资金来源", SOURCES[row.source]),
                ("资金年度", str(row.year)),
                ("拨付文号", row.document),
                ("拨付日期", f"{row.allocated_on:%Y-%m-%d}"),
                ("金额", f"{show(row.amount_fen)} 元（{capital(row.amount_fen)}）"),
                ("记账凭证", f"第 {row.group_id} 号"),
            ],
        ),
        Section(signs=("经办人签字", "区民政局负责人签字（盖章）")),
    )


@dataclass(frozen=True)
class YearOfUnit:
    """The ledger of a unit in a year."""

    actor: Actor
    year: int
    unit: Any

    @property
    def no(self) -> str:
        """As the sheet names it."""
        return f"{self.unit.name} {self.year}"


def _ledger(found: YearOfUnit) -> Mapping[str, Any]:
    """F41: purses of the year, apart by programme and source."""
    head = ("镇、街道", "类别", "来源", "已拨付", "可用", "待支付", "已支付", "待重发")
    rows = [
        (
            r.office_name,
            r.programme_label,
            r.source_label,
            *map(show, (r.allocated_fen, r.available_fen, r.committed_fen, r.paid_fen, r.owed_fen)),
        )
        for r in reports.ledger(found.actor, found.year)
    ]
    note = f"单位：元。{found.year} 年，按类别和资金来源分开核算，专款专用。"
    return more(
        Section(head=head, rows=rows), Section(text=[note], signs=("会计签字", "负责人签字"))
    )


# ------------------------------------------------------------------ finding


def _batch(actor: Actor, key: str) -> PayoutBatch | None:
    found = PayoutBatch.objects.visible_to(actor).select_related("office", "district", "supplement")
    return found.filter(no=key).first()


def _find_paper(*kinds: Any) -> Callable[[Actor, str], Any]:
    def find(actor: Actor, key: str) -> Any:
        for kind in kinds:
            found = visible(kind, actor).select_related("office", "district").filter(no=key).first()
            if found:
                return found
        return None

    return find


def _find_allocation(actor: Actor, key: str) -> Allocation | None:
    scope: Q = office_scope(actor, district="office__parent_id")
    if not (key.isascii() and key.isdigit() and len(key) < 12):
        return None
    return Allocation.objects.filter(scope, pk=int(key)).select_related("office__parent").first()


def _find_year(actor: Actor, key: str) -> YearOfUnit | None:
    if not (key.isascii() and key.isdigit() and len(key) == 4):
        return None
    unit = Unit.objects.filter(pk=actor.unit_id or 0).first()
    return YearOfUnit(actor, int(key), unit) if unit else None


def _asked(paper: Any) -> Mapping[str, Any]:
    return _paper_sections(paper, "经办人签字", "负责人签字（盖章）")


PAPERS: dict[str, MoneyPaper] = {
    "F29": MoneyPaper("追缴资金办理单", _find_paper(Recovery), _recovery),
    "F37": MoneyPaper("发放名册", _batch, _list, is_wide=True),
    "F38": MoneyPaper("资金申请（请款）报告", _find_paper(ImprestRequest, YearPlan), _asked),
    "F39": MoneyPaper("季度预算表", _find_paper(QuarterBudget), _asked, is_wide=True),
    "F40": MoneyPaper("资金拨付单", _find_allocation, _allocation),
    "F41": MoneyPaper("资金台账", _find_year, _ledger, is_wide=True),
    "F42": MoneyPaper("银行对账表", _batch, _reconciled),
}


def make_page(code: str, found: Any, on: date) -> str:
    """The form as a page."""
    paper = PAPERS[code]
    office = getattr(found, "office", None) or getattr(found, "unit", None)
    district = getattr(found, "district", None) or getattr(office, "parent", None)
    no = getattr(found, "no", "") or f"{paper.title}第 {found.pk} 号"
    return render_to_string(
        "forms/sections.html",
        {
            "case": Subject(str(no), district, office or district),
            "paper": paper,
            "no_label": "编号",
            "formed_on": on,
            "is_demo": settings.MODE == "demo",
            "size": "A4 landscape" if paper.is_wide else "A4",
            **paper.says(found),
        },
    )


def make_paper(code: str, found: Any, on: date) -> Pdf:
    """The form as PDF/A, dated on the day of printing."""
    return make_pdf(make_page(code, found, on), made_on=on)
