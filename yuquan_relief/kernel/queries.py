"""Reading what stands in an address: it becomes a value or nothing, never an error."""

import re

MOST_PAGES = 100_000  # further on there is nothing, and no number that the database cannot count to
_KEY = re.compile(r"[0-9]{1,18}", re.ASCII)  # what fits a bigint


def key_of(text: str | None) -> int | None:
    """A row's key from a query string; None when it is not one (²  and ٣ are digits to Python)."""
    return int(text) if text and _KEY.fullmatch(text) else None


def page_of(text: str | None) -> int:
    """The asked page of a list, from 1 to MOST_PAGES; the first for anything else."""
    return min(max(1, key_of(text) or 1), MOST_PAGES)
