"""Bank account numbers and their holders' names, as strings: 19 digits fit no spreadsheet cell."""

import re
from typing import Literal

from stdnum import luhn

from yuquan_relief.kernel.inputs import InputError, half_width, names, pasted_number

Kind = Literal["card", "passbook"]

_CARD = re.compile(r"[0-9]{16,19}")
_PASSBOOK = re.compile(r"[0-9]{12,32}")


def clean(text: str, *, kind: Kind = "card") -> str:
    """The digits alone, or InputError.

    A card has 16–19 digits and a Luhn check digit; a passbook has 12–32 and none. Whether the
    bank is listed, and whether it is the agent bank, is for the caller.
    """
    number = pasted_number(text)
    if not number:
        raise InputError("required", "请填写收款账号。")
    if not (number.isascii() and number.isdigit()):
        raise InputError("account_characters", "账号请只填数字，请对照卡面或存折核对。")
    if kind == "passbook":
        if not _PASSBOOK.fullmatch(number) or len(set(number)) == 1:
            raise InputError("account_length", "存折账号一般为 12 至 32 位数字，请对照存折核对。")
        return number
    if not _CARD.fullmatch(number) or number[0] == "0":
        raise InputError(
            "account_length",
            "银行卡号是 16 至 19 位数字，且不以 0 开头，请对照卡面核对；是存折的请选“存折”。",
        )
    if not luhn.is_valid(number):
        raise InputError("luhn", "卡号与末位校验码对不上，可能有一位写错了，请对照卡面核对。")
    return number


def mask(number: str) -> str:
    """`6217…0129`; of a short or damaged number no more than its last four digits."""
    if len(number) >= 12:
        return f"{number[:4]}…{number[-4:]}"
    return f"…{number[-4:]}" if len(number) > 4 else "…"


_PLAIN_NAME = re.compile(r"[\u4e00-\u9fffA-Za-z0-9]+")


def same_holder(a: str, b: str) -> bool:
    """Whether two spellings are one name: dots of any kind, width, case and spaces do not count.

    A missing dot does count: the payment then waits for a person to look (银行户名不符).
    """
    if a == b and _PLAIN_NAME.fullmatch(a):  # nearly all lines of a bank's answer
        return True
    first = _bare(a)
    return first != "" and first == _bare(b)


def _bare(name: str) -> str:
    kept = [
        names.INTERPUNCT if char in names.DOTS else char
        for char in half_width(names.unified(name)).casefold()
        if not char.isspace() and not names.is_invisible(char)
    ]
    return "".join(kept)
