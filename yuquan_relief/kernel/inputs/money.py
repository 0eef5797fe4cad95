"""Amounts of money: integers of fen inside, yuan with two decimals at the edges. Never a float."""

import re
from typing import Literal

from yuquan_relief.kernel.inputs import InputError, typed

Rounding = Literal["HALF_UP", "CEIL", "FLOOR"]
MAX = 99_999_999_999_999  # fen; what decimal(14, 2) holds: 999,999,999,999.99 yuan

_YUAN = re.compile(r"(0|[1-9][0-9]*)(?:\.([0-9]+))?")
_GROUPED = re.compile(r"[-\u2212]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_SECTIONS = (("亿", 10**8), ("万", 10**4), ("", 1))
_PLACES = (("仟", 1000), ("佰", 100), ("拾", 10), ("", 1))


def parse(text: str) -> int:
    """Fen from `100`, `100.0` or `100.00`; no sign, separator, exponent or currency mark.

    Refuses a third decimal instead of rounding it. Full-width digits and outer spaces are read.
    """
    yuan = typed(text)
    if not yuan:
        raise InputError("required", "请填金额，没有请填 0。")
    if yuan[0] in "-\u2212" and _YUAN.fullmatch(yuan[1:]):
        raise InputError("money_negative", "金额请填 0 或正数；需要冲减的，请用冲正办理。")
    match = _YUAN.fullmatch(yuan)
    if match is None:
        raise InputError("money_form", "金额请只填数字，以元为单位，例如 1600 或 1600.50。")
    whole, decimals = match[1], match[2] or ""
    if len(decimals) > 2:
        raise InputError("max_2_decimals", "金额最多填到分，也就是小数点后两位。")
    if len(whole) > 12:  # before int(): Python itself fails beyond 4300 digits
        raise InputError("max", "金额超过了系统能登记的上限，请核对位数和单位（元）。")
    return int(whole) * 100 + int(decimals.ljust(2, "0"))


def parse_lenient(text: str) -> int:
    """`parse` for forms, whose page shows the result back: `1,600`, `１，６００`, `￥100`, `100元`.

    Commas must stand at the thousands, so that `1,60` is asked about and not guessed.
    """
    yuan = typed(text).removeprefix("¥").removeprefix("￥").removesuffix("元").strip()
    if _GROUPED.fullmatch(yuan):
        yuan = yuan.replace(",", "")
    return parse(yuan)


def show(fen: int) -> str:
    """`1,826.68`, the unit to be said beside it."""
    yuan, cents = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{yuan:,}.{cents:02d}"


def capital(fen: int) -> str:
    """The amount as vouchers write it: 壹仟捌佰贰拾陆元陆角捌分; 整 unless it ends in 分.

    《支付结算办法》附一; of its two spellings of 1,680.32 the one without 零 before 角.
    """
    if abs(fen) > MAX:
        raise ValueError("amount beyond MAX")
    yuan, cents = divmod(abs(fen), 100)
    jiao, rest = divmod(cents, 10)
    text = f"{_capital_integer(yuan)}元" if yuan or not cents else ""
    if jiao:
        text += f"{_DIGITS[jiao]}角"
    elif rest and yuan:
        text += "零"
    text += f"{_DIGITS[rest]}分" if rest else "整"
    return f"负{text}" if fen < 0 else text


def divide(numerator_fen: int, by: int, *, unit_fen: int = 1, mode: Rounding = "HALF_UP") -> int:
    """The one rounding rule: `numerator_fen / by` to a whole multiple of `unit_fen`, in fen.

    CEIL gives the next unit for any remainder, FLOOR drops it. A negative amount rounds like its
    positive twin, so that a reversal cancels to the fen.
    """
    if by < 1 or unit_fen < 1 or mode not in {"HALF_UP", "CEIL", "FLOOR"}:
        raise ValueError("divisor and unit are at least 1, mode is HALF_UP, CEIL or FLOOR")
    units, rest = divmod(abs(numerator_fen), by * unit_fen)
    if mode == "HALF_UP":
        units += 2 * rest >= by * unit_fen
    elif mode == "CEIL":
        units += rest > 0
    amount = units * unit_fen
    return -amount if numerator_fen < 0 else amount


def _capital_integer(yuan: int) -> str:
    text, gap = "", False
    for unit, size in _SECTIONS:
        section = yuan // size % 10_000
        if not section:
            gap = True
            continue
        if text and (gap or section < 1000):
            text += "零"
        text += _capital_section(section) + unit
        gap = False
    return text or _DIGITS[0]


def _capital_section(section: int) -> str:
    text, gap = "", False
    for place, size in _PLACES:
        digit = section // size % 10
        if not digit:
            gap = True
            continue
        text += ("零" if text and gap else "") + _DIGITS[digit] + place
        gap = False
    return text
