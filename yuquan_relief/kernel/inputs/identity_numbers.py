"""Resident identity numbers (GB 11643-1999): 6 area, 8 birth, 3 sequence, 1 check character."""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from stdnum import numdb
from stdnum.cn import ric

from yuquan_relief.kernel.inputs import InputError, pasted_number

MOST_YEARS = 120
AREA_UNKNOWN = "号码前六位不在现有区划代码中，可能是已撤并的地区，请与证件核对一次。"
OVER_120 = "按号码推算年龄超过 120 周岁，请核对证件并留存佐证材料。"
UPGRADED = "由 15 位旧号换算为 18 位，出生年份按 19 开头推算，请与卷内材料核对。"

_EIGHTEEN = re.compile(r"[0-9]{17}[0-9X]")
_FIFTEEN = re.compile(r"[0-9]{15}")
_PERMIT_AREAS = frozenset({"810000", "820000", "830000"})  # 港澳台居民居住证; 83 is not in stdnum
_SPARE_AREAS = "1599"  # no county was ever given such a code; for made-up people only
_SERIALS = 499  # sequence numbers of one sex on one day: 001…997 or 002…998


@dataclass(frozen=True)
class IdentityNumber:
    """A number that may be stored, and what it says about its holder.

    `area` is the six-digit code; `warnings` are sentences for the clerk and never a refusal.
    Its repr is masked: it ends up in logs.
    """

    number: str
    birth_on: date
    is_male: bool
    area: str
    warnings: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"IdentityNumber({mask(self.number)})"


def clean(text: str, *, today: date, may_exceed_120: bool = False) -> IdentityNumber:
    """The number in normal form with its holder's birth date and sex, or InputError.

    `may_exceed_120` is the district's override with evidence; the warning then stays.
    """
    number = _eighteen(_pasted(text))
    birth_on = _birth_on(number, today)
    warnings = () if _is_known(number[:6]) else (AREA_UNKNOWN,)
    if age_on(birth_on, today) > MOST_YEARS:
        if not may_exceed_120:
            raise InputError(
                "id_over_120",
                "按号码推算年龄超过 120 周岁，请核对出生年份；确实无误的，请报区级复核后办理。",
            )
        warnings = (*warnings, OVER_120)
    is_male = int(number[16]) % 2 == 1
    return IdentityNumber(number, birth_on, is_male, number[:6], warnings)


def clean_legacy(text: str, *, today: date) -> IdentityNumber:
    """For the import of old files: a 15-digit number is accepted too and becomes 18 characters.

    The dead stay on file, so an age over 120 is only a warning here.
    """
    number = _pasted(text)
    if not _FIFTEEN.fullmatch(number):
        return clean(number, today=today, may_exceed_120=True)
    upgraded = _with_check(f"{number[:6]}19{number[6:]}")
    found = clean(upgraded, today=today, may_exceed_120=True)
    warnings = (*found.warnings, UPGRADED)
    return IdentityNumber(found.number, found.birth_on, found.is_male, found.area, warnings)


def mask(number: str) -> str:
    """`1501…4021`; of a short or damaged number no more than its last four characters."""
    if len(number) >= 15:
        return f"{number[:4]}…{number[-4:]}"
    return f"…{number[-4:]}" if len(number) > 4 else "…"


def tail(number: str, *, most: int = 4) -> str:
    """The last characters, for search by 尾号 (four to six)."""
    return number[-most:]


def age_on(birth_on: date, day: date) -> int:
    """Full years (周岁), the birthday included; born on 29 February: 1 March in common years."""
    return day.year - birth_on.year - ((day.month, day.day) < (birth_on.month, birth_on.day))


def contradictions(
    number: str, *, birth_on: date | None = None, is_male: bool | None = None
) -> tuple[str, ...]:
    """Names of the given fields that the number (already cleaned) contradicts: `id_mismatch`."""
    found = []
    if birth_on is not None and number[6:14] != f"{birth_on:%Y%m%d}":
        found.append("birth_on")
    if is_male is not None and is_male != (int(number[16]) % 2 == 1):
        found.append("is_male")
    return tuple(found)


def synthetic(serial: int, *, birth_on: date, is_male: bool, area: str = "159900") -> str:
    """A check-valid number of nobody, different for each serial, birth date and sex.

    Serials 0–498 fit one area code; beyond that the codes 1599xx are used in turn (49 900 in
    all); under any other area a greater serial is a ValueError, it would enter the next county.
    """
    step, rest = divmod(serial, _SERIALS)
    code = f"{int(area) + step:06d}"
    if serial < 0 or (step and not (area.startswith(_SPARE_AREAS) and code[:4] == _SPARE_AREAS)):
        raise ValueError("serial does not fit this area code")
    return _with_check(f"{code}{birth_on:%Y%m%d}{rest * 2 + (1 if is_male else 2):03d}")


def _pasted(text: str) -> str:
    number = pasted_number(text).upper()
    if not number:
        raise InputError("required", "请填写身份证号码；暂时没有证件的，请选择“无证件”并说明原因。")
    return number


def _eighteen(number: str) -> str:
    if _FIFTEEN.fullmatch(number):
        raise InputError(
            "id_15_expired", "15 位旧号码已停止使用，请按现用居民身份证填写 18 位号码。"
        )
    if len(number) != 18:
        raise InputError(
            "id_length", f"身份证号码是 18 位，现在是 {len(number)} 位，请对照证件核对。"
        )
    if not _EIGHTEEN.fullmatch(number):
        raise InputError(
            "id_characters", "身份证号码由数字组成，只有最后一位可以是 X，请对照证件核对。"
        )
    if number[-1] != ric.calc_check_digit(number):
        raise InputError(
            "id_checksum", "号码与末位校验码对不上，可能有一位写错了，请对照证件核对。"
        )
    return number


def _birth_on(number: str, today: date) -> date:
    try:
        birth_on = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise InputError(
            "id_birthdate", "号码第 7 至 14 位是出生日期，但日历上没有这一天，请对照证件核对。"
        ) from None
    if birth_on > today:
        raise InputError("id_future", "号码中的出生日期晚于今天，请对照证件核对第 7 至 14 位。")
    return birth_on


def _with_check(first_seventeen: str) -> str:
    return first_seventeen + ric.calc_check_digit(f"{first_seventeen}0")


@lru_cache(maxsize=4096)
def _is_known(area: str) -> bool:
    """Whether stdnum lists the county, abolished ones included.

    `ric.validate` is of no use here: it refuses abolished counties, and raises KeyError for a
    known province with an unknown county.
    """
    if area in _PERMIT_AREAS:
        return True
    return any("county" in found for _, found in numdb.get("cn/loc").info(area))
