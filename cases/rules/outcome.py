"""What a settlement comes to, whatever the programme. Integer fen."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The result with its sentences; amounts are 0 when the household is not eligible.

    `monthly_fen` is without `supplement_fen` (分类施保 or 照料护理); `annual_fen` is the income of
    a year; `year_fen` is what is given in a year that is not twelve equal months; `once_fen` is
    relief given once.
    """

    persons: int
    insured: int
    annual_fen: int
    per_capita_fen: int
    standard_fen: int
    is_eligible: bool
    monthly_fen: int = 0
    supplement_fen: int = 0
    year_fen: int = 0
    once_fen: int = 0
    sentences: tuple[str, ...] = ()
    objections: tuple[str, ...] = ()  # why not, one sentence each


def month_table(year_fen: int) -> tuple[int, ...]:
    """A year's sum as twelve monthly amounts that differ by a fen at most and add up exactly.

    Each month is what is due by its end, rounded half up, less what was due a month before
    (domain 4.4: a year that is not divisible by 12).
    """
    due = [(year_fen * month + 6) // 12 for month in range(13)]
    return tuple(due[month] - due[month - 1] for month in range(1, 13))
