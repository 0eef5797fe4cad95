"""The verification centre's reports as a table: one line for each thing found (F09, 5(3))."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from yuquan_relief.kernel.inputs import InputError, dates, identity_numbers, money, names

from .programmes import ALL_INCOMES, FINDINGS, PROPERTY_KINDS

HEAD = ("案件编号", "报告编号", "数据截止日", "有效期至", "结论", "说明")
ITEM = ("项目", "证号", "类别", "内容", "金额", "面积")
REQUESTED = ("案件编号", "委托日期", "第几次", "姓名", "证号", "与户主关系")
CONCLUSIONS = {"未超标": "WITHIN", "疑似超标": "SUSPECT", "超标": "OVER"}
KINDS = {
    "收入": {label: code for code, label in ALL_INCOMES.items()},
    "财产": {label: code for code, label in PROPERTY_KINDS.items()},
    "人员": {label: code for code, label in FINDINGS.items()},
}


@dataclass(frozen=True)
class RowError:
    """What is wrong in one line of the file: its number, the column, and what to do."""

    number: int
    column: str
    message: str


@dataclass(frozen=True)
class Item:
    """One thing found: an income (fen a year), a property (fen, square metres) or a person's."""

    what: str
    id_no: str  # "" for property of the whole family
    kind: str
    note: str
    fen: int
    area: int
    number: int  # of its line


@dataclass
class Report:
    """One report as its lines give it."""

    number: int  # of its first line
    case_no: str
    head: tuple[str, ...]
    report_no: str
    data_upto: date
    valid_until: date
    conclusion: str
    note: str
    items: list[Item] = field(default_factory=list)


def read_reports(
    rows: Iterable[tuple[int, Mapping[str, str]]], *, today: date
) -> tuple[list[Report], list[RowError]]:
    """Reports in the order of the file, and every line that must be mended.

    `rows`: number as the spreadsheet shows it, text by column. Lines of one case belong together
    and repeat the same head.
    """
    reports: dict[str, Report | None] = {}  # None: its head must be mended
    errors: list[RowError] = []
    for number, cells in rows:
        line = _Line(number, cells, today, errors)
        no = line.text("案件编号")
        if no not in reports or not no:
            reports[no] = line.report()
        report = reports[no]
        if report is None:
            line.item()  # its own mistakes are said too
            continue
        if report.head != line.head():
            line.refuse("报告编号", f"与第 {report.number} 行同一案件的报告内容不一致，请核对")
            continue
        item = line.item()
        if item and item.what != "财产" and any(_is_same(item, other) for other in report.items):
            line.refuse("类别", "同一人同一类的请合并成一行")
        elif item:
            report.items.append(item)
    return [report for report in reports.values() if report], errors


def _is_same(one: Item, other: Item) -> bool:
    return (one.what, one.id_no, one.kind) == (other.what, other.id_no, other.kind)


@dataclass
class _Line:
    number: int
    cells: Mapping[str, str]
    today: date
    errors: list[RowError]

    def refuse(self, column: str, message: str) -> None:
        self.errors.append(RowError(self.number, column, message))

    def text(self, column: str) -> str:
        return self.cells.get(column, "").strip()

    def head(self) -> tuple[str, ...]:
        return tuple(self.text(column) for column in HEAD)

    def report(self) -> Report | None:
        before = len(self.errors)
        for column in HEAD[:5]:
            if not self.text(column):
                self.refuse(column, f"请填写{column}")
        upto, until = self._day("数据截止日"), self._day("有效期至")
        conclusion = CONCLUSIONS.get(self.text("结论"), "")
        if self.text("结论") and not conclusion:
            self.refuse("结论", f"请填{'、'.join(CONCLUSIONS)}之一")
        for column, most in (("案件编号", 40), ("报告编号", 40), ("说明", 500)):
            self._words(column, most)
        if len(self.errors) > before or upto is None or until is None:
            return None
        no, report_no = self.text("案件编号"), self.text("报告编号")
        return Report(
            self.number, no, self.head(), report_no, upto, until, conclusion, self.text("说明")
        )

    def item(self) -> Item | None:
        what = self.text("项目")
        if not what:
            return None
        if what not in KINDS:
            self.refuse("项目", f"请填{'、'.join(KINDS)}之一，没有查到的留空")
            return None
        before = len(self.errors)
        kind = KINDS[what].get(self.text("类别"), "")
        if not kind:
            self.refuse("类别", f"请填{'、'.join(KINDS[what])}之一")
        id_no = self._id_no(is_needed=what != "财产")
        fen, area = self._fen(is_needed=what == "收入"), self._area()
        note = self.text("内容")
        if what == "财产" and not note:
            self.refuse("内容", "请写明是什么财产")
        self._words("内容", 100)
        if len(self.errors) > before:
            return None
        return Item(what, id_no, kind, note, fen, area, self.number)

    def _words(self, column: str, most: int) -> None:
        """Refuse what a form's field would refuse: hidden characters, and too much."""
        try:
            names.clean_text(self.text(column), most=most, lines=column == "说明")
        except InputError as error:
            self.refuse(column, error.message)

    def _day(self, column: str) -> date | None:
        if not self.text(column):
            return None
        try:
            return dates.parse_day(self.text(column), today=self.today)
        except InputError as error:
            self.refuse(column, error.message)
            return None

    def _id_no(self, *, is_needed: bool) -> str:
        if not self.text("证号"):
            if is_needed:
                self.refuse("证号", "请填写证号")
            return ""
        try:
            return identity_numbers.clean(self.text("证号"), today=self.today).number
        except InputError as error:
            self.refuse("证号", error.message)
            return ""

    def _fen(self, *, is_needed: bool) -> int:
        if not self.text("金额") and is_needed:
            self.refuse("金额", "请填写金额，没有请填 0")
            return 0
        try:
            return money.parse_lenient(self.text("金额") or "0")
        except InputError as error:
            self.refuse("金额", error.message)
            return 0

    def _area(self) -> int:
        text = self.text("面积") or "0"
        if not (text.isascii() and text.isdigit() and len(text) <= 4):
            self.refuse("面积", "面积请填 0 到 9999 的整数（平方米）")
            return 0
        return int(text)
