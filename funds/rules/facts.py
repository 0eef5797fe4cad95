"""What the rules look at when a list is moved; plain values."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class BatchFacts:
    """A month's list as it stands: amounts in fen, counts of lines and households."""

    on: date
    line_count: int = 0
    total_fen: int = 0
    lines_found: int = 0
    fen_found: int = 0
    incomplete: int = 0
    incomplete_examples: tuple[str, ...] = ()  # certificate numbers, at most five
    dead: int = 0  # households of one who died before the month
    dead_examples: tuple[str, ...] = ()
    changed: int = 0
    no_longer_due: int = 0
    available_fen: int = 0
    is_file_sound: bool = False
    is_snapshot_same: bool = False
    pending: int = 0
    open_exceptions: int = 0
    handed_over_on: str = ""  # the book says that a file of this number has left the house
    is_same_file: bool = False  # and that it is these very bytes
    unaccounted: str = ""  # what to say of another list that the bank has and nobody here knows
