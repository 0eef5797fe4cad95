"""A year's notice as a table: date, rest or work, note."""

from collections.abc import Iterable
from datetime import date

from .errors import Refused
from .inputs import InputError, dates, typed
from .spreadsheets import Row

COLUMNS = ("日期", "休或班", "说明")
KINDS = {"休": False, "放假": False, "班": True, "上班": True, "调休上班": True}
Days = dict[date, tuple[bool, str]]


def read_days(rows: Iterable[Row], year: int) -> Days:
    """The days of the file; raises Refused naming every row that cannot be read."""
    days: Days = {}
    errors = []
    for row in rows:
        if missing := [name for name in COLUMNS if name not in row.cells]:
            raise Refused(f"缺少列：{'、'.join(missing)}")
        try:
            day, kind = _day(row, year)
        except InputError as error:
            errors.append(f"第 {row.number} 行：{error.message}")
            continue
        if day in days:
            errors.append(f"第 {row.number} 行：日期与前面重复，请只留一行")
        days[day] = kind
    if errors:
        raise Refused("没有录入。" + "；".join(errors[:10]))
    if not days:
        raise Refused("文件里没有放假安排，请核对后重新选择")
    return days


def _day(row: Row, year: int) -> tuple[date, tuple[bool, str]]:
    day = dates.parse_day(row.get("日期"), today=date(year, 1, 1))
    if day.year != year:
        raise InputError("year", f"不是 {year} 年的日期，请核对。")
    kind = KINDS.get(typed(row.get("休或班")))
    if kind is None:
        raise InputError("kind", "“休或班”请填“休”或“班”。")
    return day, (kind, typed(row.get("说明"))[:60] or ("调休上班" if kind else "放假"))


def as_lines(days: Days) -> str:
    """The days as the page's lines: `2027-01-01 休 元旦`."""
    return "\n".join(
        f"{day} {'班' if is_workday else '休'} {note}".rstrip()
        for day, (is_workday, note) in sorted(days.items())
    )
