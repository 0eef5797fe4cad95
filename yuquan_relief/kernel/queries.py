"""Reading what stands in an address: it becomes a value or nothing, never an error."""

import re

_KEY = re.compile(r"[0-9]{1,18}", re.ASCII)  # what fits a bigint


def key_of(text: str | None) -> int | None:
    """A row's key from a query string; None when it is not one (²  and ٣ are digits to Python)."""
    return int(text) if text and _KEY.fullmatch(text) else None
