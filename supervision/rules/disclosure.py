"""What statistics do not tell outside: small groups, and what two answers would give away."""

from collections.abc import Iterable
from datetime import date

SMALL = 5  # fewer households than this are not told


def is_small(numerator: int, denominator: int | None) -> bool:
    """Whether a count, or a part of a share, is of a few households only (nought is told)."""
    parts = (
        [numerator] if denominator is None else [numerator, denominator - numerator, denominator]
    )
    return any(0 < part < SMALL for part in parts)


def complements(cells: list[bool], sizes: list[int]) -> list[bool]:
    """Which cells of a row are held back, when the row's sum is told: beside small cells the
    smallest others go too, or the sum less the others would tell it, or that two are one each."""
    held = list(cells)
    while any(held) and (sum(held) < 2 or _size(held, sizes) < SMALL):
        others = [(size, at) for at, size in enumerate(sizes) if not held[at] and size > 0]
        if not others:
            break
        held[min(others)[1]] = True
    return held


def _size(held: list[bool], sizes: list[int]) -> int:
    return sum(size for is_held, size in zip(held, sizes, strict=True) if is_held)


def gives_away(earlier: list[int], population: int) -> bool:
    """Whether a client that knows these populations of the same figure would learn of a small
    group from one more: two that differ by a few."""
    return any(0 < abs(known - population) < SMALL for known in earlier)


def blocks(months: Iterable[tuple[date, int, int | None]]) -> list[list[date]]:
    """Months (with numerator and denominator) of what happened in them, joined until each block may
    be told. Told of whole blocks only, two periods never differ by a small group."""
    found: list[list[date]] = [[]]
    n = d = 0
    for month, numerator, denominator in months:
        found[-1].append(month)
        n, d = n + numerator, d + (denominator or 0)
        if not is_small(n, None if denominator is None else d):
            found.append([])
            n = d = 0
    rest = found.pop()
    if rest and found:
        found[-1] += rest
    return found or [rest]


def cuts(joined: list[list[date]], first: date, after: date) -> bool:
    """Whether a period, from the month `first` to before the month `after`, divides a block."""
    starts = {block[0] for block in joined}
    is_within = first <= joined[-1][-1]
    return is_within and (first not in starts or (after <= joined[-1][-1] and after not in starts))
