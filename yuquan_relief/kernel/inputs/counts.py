"""Small whole numbers as people type them: persons, square metres, months."""

import re

from . import InputError, typed


def clean(text: str, *, least: int, most: int) -> int:
    """The number; raises InputError for anything but digits, or outside least to most."""
    digits = typed(text)
    if not re.fullmatch(r"[0-9]{1,6}", digits):
        raise InputError("number", "请填整数。")
    number = int(digits)
    if not least <= number <= most:
        raise InputError("range", f"请填 {least} 到 {most} 之间的整数。")
    return number
