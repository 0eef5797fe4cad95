"""Telephone numbers of mainland China: mobile, or land line with its area code."""

import re

from yuquan_relief.kernel.inputs import InputError, pasted_number

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_LAND_LINE = re.compile(r"(010|02[0-9]|0[3-9][0-9]{2})([2-8][0-9]{6,7})")
_LOCAL = re.compile(r"[2-8][0-9]{6,7}")
_COUNTRY = re.compile(r"^(?:(?:\+|00)86|86(?=1[3-9][0-9]{9}$))")


def clean(text: str) -> str:
    """`13800000021` or `0471-3590000`, or InputError; the country code 86 is dropped."""
    number = _COUNTRY.sub("", pasted_number(text).translate(_BRACKETS), count=1)
    if not number:
        raise InputError("required", "请填写联系电话；本人没有电话的，请填家人或村（社区）的电话。")
    if _MOBILE.fullmatch(number):
        return number
    if match := _LAND_LINE.fullmatch(number):
        return f"{match[1]}-{match[2]}"
    if _LOCAL.fullmatch(number):
        raise InputError("phone_area", "座机请加上区号，例如 0471-3590000。")
    raise InputError("phone_form", "请填一个 11 位手机号，或带区号的座机，例如 0471-3590000。")


def mask(number: str) -> str:
    """`138…0021`, of a land line `0471-…000`; of anything else no more than two digits."""
    if _MOBILE.fullmatch(number):
        return f"{number[:3]}…{number[-4:]}"
    area, hyphen, _ = number.partition("-")
    if hyphen and len(number) > len(area) + 4:
        return f"{area}-…{number[-3:]}"
    return f"…{number[-2:]}" if len(number) > 2 else "…"


_BRACKETS = str.maketrans("", "", "()")
