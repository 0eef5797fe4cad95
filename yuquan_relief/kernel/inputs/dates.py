"""Days and months as people write them, read without guessing a century."""

import re
from datetime import date

from yuquan_relief.kernel.inputs import InputError, typed

EARLIEST_YEAR, LATEST_YEAR = 1850, 2199

_DAY = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})")
_DAY_IN_WORDS = re.compile(r"([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})[日号]")
_DAY_IN_DIGITS = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_THIS_YEAR = re.compile(r"([0-9]{1,2})[-/.月]([0-9]{1,2})[日号]?")
_SHORT_YEAR = re.compile(r"[0-9]{1,3}([-/.年])[0-9]{1,2}[-/.月][0-9]{1,2}日?|[0-9]{6}")
_MONTH = re.compile(r"([0-9]{4})(?:[-/.]([0-9]{1,2})|年([0-9]{1,2})月|([0-9]{2}))")
_SHORT_YEAR_MONTH = re.compile(r"[0-9]{1,3}(?:[-/.][0-9]{1,2}|年[0-9]{1,2}月)")
_DASHES = str.maketrans("‐‑‒–—−／。", "------/.")  # look-alikes


def parse_day(text: str, *, today: date) -> date:
    """The day, or InputError; a day without a year is in the year of `today`."""
    written = _written(text)
    if not written:
        raise InputError("required", "请填日期，例如 2026-11-02。")
    if match := _DAY.fullmatch(written):
        return _day(match[1], match[3], match[4])
    if match := _DAY_IN_WORDS.fullmatch(written) or _DAY_IN_DIGITS.fullmatch(written):
        return _day(match[1], match[2], match[3])
    if _SHORT_YEAR.fullmatch(written):
        raise InputError("year_4_digits", "年份请写满四位，例如 1949-08-17。")
    if match := _THIS_YEAR.fullmatch(written):
        return _day(str(today.year), match[1], match[2])
    raise InputError("date_form", "请按“年-月-日”填写日期，例如 2026-11-02 或 20261102。")


def parse_month(text: str) -> date:
    """The first day of the month, or InputError: `2026-12`, `202612`, `2026年12月`."""
    written = _written(text)
    if not written:
        raise InputError("required", "请填月份，例如 2026-12。")
    if match := _MONTH.fullmatch(written):
        year, month = int(match[1]), int(match[2] or match[3] or match[4])
        if 1 <= month <= 12:
            return _in_range(date(max(year, 1), month, 1))
        raise InputError("month_unreal", "月份是 01 至 12，请核对，例如 2026-12。")
    if _SHORT_YEAR_MONTH.fullmatch(written):
        raise InputError("year_4_digits", "年份请写满四位，例如 2026-12。")
    raise InputError("month_form", "请按“年-月”填写月份，例如 2026-12。")


def _written(text: str) -> str:
    return re.sub(r"(?<=[年月日号]) +| +(?=[年月日号])", "", typed(text)).translate(_DASHES)


def _day(year: str, month: str, day: str) -> date:
    try:
        return _in_range(date(int(year), int(month), int(day)))
    except InputError:
        raise
    except ValueError:
        raise InputError("date_unreal", "日历上没有这一天，请核对年、月、日。") from None


def _in_range(day: date) -> date:
    if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        raise InputError(
            "date_range", f"年份请填 {EARLIEST_YEAR} 至 {LATEST_YEAR} 之间的，请核对。"
        )
    return day
