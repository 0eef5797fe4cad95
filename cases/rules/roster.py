"""Reading the district's roster of households in benefit (F37): clean rows, or errors by row."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from yuquan_relief.kernel.inputs import (
    InputError,
    bank_accounts,
    dates,
    identity_numbers,
    money,
    names,
    typed,
)
from yuquan_relief.kernel.spreadsheets import Row

from .months import next_month
from .programmes import Programme

REQUIRED = (
    "地区",
    "户主姓名",
    "身份证号",
    "低保证号",
    "救助类别",
    "保障人口数",
    "救助金额(基本)",
    "开户银行",
    "账户名称",
    "账号",
    "发放年月",
)
OPTIONAL = ("分类施保金额", "发放合计", "发放月数")
PASSED_OVER = ("序号", "发放方式", "发放状态", "反馈状态", "备注")
SPELLINGS = {"救助金额": "救助金额(基本)"}
PROGRAMMES = {
    "城市低保": Programme.URBAN_ALLOWANCE,
    "城镇低保": Programme.URBAN_ALLOWANCE,
    "01": Programme.URBAN_ALLOWANCE,
    "农村低保": Programme.RURAL_ALLOWANCE,
    "农村牧区低保": Programme.RURAL_ALLOWANCE,
    "02": Programme.RURAL_ALLOWANCE,
    "城市特困": Programme.URBAN_DESTITUTE,
    "农村特困": Programme.RURAL_DESTITUTE,
    "农村五保": Programme.RURAL_DESTITUTE,  # the name before 2014, still in old files (K10)
    "五保": Programme.RURAL_DESTITUTE,
    "03": Programme.RURAL_DESTITUTE,
}
# The letter of a provincial certificate and the family that it stands for (domain 9.3).
LETTERS = {
    "C": {Programme.URBAN_ALLOWANCE},
    "N": {Programme.RURAL_ALLOWANCE},
    "W": {Programme.URBAN_DESTITUTE, Programme.RURAL_DESTITUTE},
}
MOST_PERSONS = 30
MONTHS_AHEAD = 3

_CERTIFICATE = re.compile(r"[A-Z0-9-]{6,30}")
_PROVINCIAL = re.compile(r"([CNW])[0-9]{16,18}")
_COUNT = re.compile(r"[0-9]{1,3}")
T = TypeVar("T")


@dataclass(frozen=True)
class RowError:
    """What is wrong with one cell. Never holds the cell's content."""

    number: int
    column: str
    message: str


@dataclass(frozen=True, kw_only=True)
class RosterRow:
    """One household of the roster, clean; `number` is its line in the file."""

    number: int
    place: str
    head_name: str
    identity: identity_numbers.IdentityNumber = field(repr=False)
    certificate_no: str
    programme: Programme
    persons: int
    monthly_fen: int
    supplement_fen: int
    bank: str
    holder: str
    account_kind: str
    account_number: str = field(repr=False)
    month: date


@dataclass
class Roster:
    """A file as read: clean rows, and everything that must be mended or looked at."""

    rows: list[RosterRow] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    warnings: list[RowError] = field(default_factory=list)


def header_errors(header: Sequence[str]) -> list[str]:
    """What is wrong with the first line, in sentences; empty when the file can be read."""
    meant = [SPELLINGS.get(name, name) for name in header]
    errors = []
    if missing := [name for name in REQUIRED if name not in meant]:
        errors.append(f"缺少列：{'、'.join(missing)}")
    known = {*REQUIRED, *OPTIONAL, *PASSED_OVER}
    if unknown := [name for name in header if SPELLINGS.get(name, name) not in known]:
        errors.append(f"有不认识的列：{'、'.join(unknown)}，请改成名册的列名或删去")
    if doubled := sorted({name for name in meant if meant.count(name) > 1}):
        errors.append(f"列“{doubled[0]}”出现了两次，请只留一列")
    return errors


def read_roster(rows: Iterable[Row], *, today: date) -> Roster:
    """Every row read, the errors of each; a number or certificate may stand in the file once."""
    roster = Roster()
    first: dict[str, int] = {}
    for row in rows:
        reader = _Reader(row, today)
        clean = reader.row()
        roster.errors += reader.errors
        roster.warnings += reader.warnings
        if clean is None:
            continue
        twice = _twice(clean, first)
        roster.errors += twice
        if not twice:
            roster.rows.append(clean)
    return roster


def _twice(row: RosterRow, first: dict[str, int]) -> list[RowError]:
    found = []
    for column, key in (
        ("低保证号", f"c{row.certificate_no}"),
        ("身份证号", f"i{row.identity.number}"),
    ):
        number = first.setdefault(key, row.number)
        if number != row.number:
            found.append(RowError(row.number, column, f"与第 {number} 行重复，请只留一行"))
    return found


def first_month(month: date, today: date) -> date:
    """The month from which this system pays: the roster's, but not before next month.

    What the roster shows for this month and earlier has been paid by the old way.
    """
    return max(month, next_month(today))


class _Reader:
    """Reads one row and collects everything that is wrong with it."""

    def __init__(self, row: Row, today: date) -> None:
        self._row = row
        self._today = today
        self.errors: list[RowError] = []
        self.warnings: list[RowError] = []

    def row(self) -> RosterRow | None:
        """The clean row; None when anything is wrong."""
        place = self._read("地区", _text(60))
        head = self._read("户主姓名", names.clean)
        identity = self._read("身份证号", self._identity, as_text=True)
        certificate = self._read("低保证号", _certificate, as_text=True)
        programme = self._read("救助类别", _programme)
        persons = self._read("保障人口数", _count(MOST_PERSONS))
        monthly, supplement = self._amounts()
        bank = self._read("开户银行", _text(60))
        holder = self._read("账户名称", names.clean)
        account = self._read("账号", _account, as_text=True)
        month = self._read("发放年月", self._month)
        if self.errors or not (identity and certificate and programme and account and month):
            return None
        self._compare(certificate, programme, head or "", holder or "")
        if self.errors:
            return None
        kind, number = account
        return RosterRow(
            number=self._row.number,
            place=place or "",
            head_name=head or "",
            identity=identity,
            certificate_no=certificate,
            programme=programme,
            persons=persons or 0,
            monthly_fen=monthly,
            supplement_fen=supplement,
            bank=bank or "",
            holder=holder or "",
            account_kind=kind,
            account_number=number,
            month=month,
        )

    def refuse(self, column: str, message: str) -> None:
        self.errors.append(RowError(self._row.number, column, message))

    def warn(self, column: str, message: str) -> None:
        self.warnings.append(RowError(self._row.number, column, message))

    def _read(
        self, column: str, read: Callable[[str], T], *, as_text: bool = False, missing: str = ""
    ) -> T | None:
        """The read cell; None after an error. `as_text`: a numeric cell is refused."""
        try:
            text = self._cell(column)
            if as_text:
                self._row.text(_written(self._row, column))
            if not text.strip():
                if missing:
                    return read(missing)
                raise InputError("required", "没有填写")
            return read(text)
        except InputError as error:
            self.refuse(column, error.message)
            return None

    def _cell(self, column: str) -> str:
        return self._row.get(_written(self._row, column))

    def _identity(self, text: str) -> identity_numbers.IdentityNumber:
        identity = identity_numbers.clean_legacy(text, today=self._today)
        for warning in identity.warnings:
            if warning != identity_numbers.AREA_UNKNOWN:
                self.warn("身份证号", warning)
        return identity

    def _month(self, text: str) -> date:
        month = dates.parse_month(text)
        latest = self._today
        for _ in range(MONTHS_AHEAD):
            latest = next_month(latest)
        if month > latest:
            raise InputError("month_ahead", "发放年月太晚，请核对；最多可提前三个月。")
        return month

    def _amounts(self) -> tuple[int, int]:
        """Monthly amounts; the total must be theirs times the months (domain 10.1)."""
        monthly = self._read("救助金额(基本)", money.parse_lenient)
        supplement = self._read("分类施保金额", money.parse_lenient, missing="0")
        months = self._read("发放月数", _count(12), missing="1")
        if monthly is None or supplement is None or months is None:
            return 0, 0
        if monthly == 0:
            self.refuse("救助金额(基本)", "金额应大于 0，请核对")
        written = self._cell("发放合计").strip()
        if months > 1 and not written:
            self.refuse("发放合计", "发放月数大于 1 时请填合计，救助金额填每月的金额")
        total = self._read("发放合计", money.parse_lenient, missing="0")
        if written and total is not None and total != (monthly + supplement) * months:
            self.refuse("发放合计", "不等于（救助金额＋分类施保金额）×发放月数，请核对")
        return monthly, supplement

    def _compare(self, certificate: str, programme: Programme, head: str, holder: str) -> None:
        letter = _PROVINCIAL.fullmatch(certificate)
        if letter and programme not in LETTERS[letter[1]]:
            self.refuse("低保证号", "证号的类别字母与救助类别不一致，请核对")
        if not bank_accounts.same_holder(head, holder):
            self.warn("账户名称", "与户主姓名不同，请核对是不是家庭成员本人或监护人")


def _written(row: Row, column: str) -> str:
    """The spelling of the column that the file uses."""
    if column in row.cells:
        return column
    return next((old for old, new in SPELLINGS.items() if new == column), column)


def _text(most: int) -> Callable[[str], str]:
    return lambda text: names.clean_text(text, most=most, lines=False)


def _certificate(text: str) -> str:
    number = typed(text).upper().replace(" ", "")
    if not _CERTIFICATE.fullmatch(number):
        raise InputError("certificate", "低保证号应为 6 至 30 位字母和数字，请核对。")
    return number


def _programme(text: str) -> Programme:
    found = PROGRAMMES.get(typed(text))
    if found is None:
        raise InputError(
            "programme",
            "救助类别请填“城市低保”或“农村低保”；其他类别不在这份名册里导入，请删去这一行。",
        )
    return found


def _count(most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        written = typed(text)
        if not _COUNT.fullmatch(written) or not 1 <= int(written) <= most:
            raise InputError("count", f"请填 1 至 {most} 的整数。")
        return int(written)

    return read


def _account(text: str) -> tuple[str, str]:
    """(kind, number). The roster does not say whether card or passbook: a card begins with 62."""
    try:
        return "card", bank_accounts.clean(text, kind="card")
    except InputError as error:
        digits = typed(text).replace(" ", "")
        if error.code not in {"luhn", "account_length"} or digits.startswith("62"):
            raise
        return "passbook", bank_accounts.clean(text, kind="passbook")


def spellings_of(village: str, office: str, district: str) -> list[str]:
    """How rosters write a village: alone, after its office, after its district."""
    return [village, office + village, district + office + village]


def matched(place: str, villages: Mapping[str, T]) -> T | None:
    """The village that `place` names; None when there is none of that name."""
    plain = re.sub(r"[\s\-—/、,，]", "", place)
    plain = re.sub(r"^(内蒙古自治区)?(呼和浩特市)?", "", plain)
    return villages.get(plain)
