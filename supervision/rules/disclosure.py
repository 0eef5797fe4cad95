"""What statistics do not tell outside: small groups, and what two answers would give away."""

from collections.abc import Iterable, Sequence
from datetime import date

SMALL = 5  # fewer households than this are not told


def is_small(numerator: int, denominator: int | None) -> bool:
    """Whether a count, or a part of a share, is of a few households only (nought is told)."""
    parts = (
        [numerator] if denominator is None else [numerator, denominator - numerator, denominator]
    )
    return is_few(parts)


def is_few(parts: Iterable[int]) -> bool:
    """Whether any of them is of a few households only (nought is told)."""
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


def blocks(
    months: Iterable[tuple[date, Sequence[int]]], *, comes_again: bool = False
) -> list[list[date]]:
    """Months (with the households of the part, of the rest and of the whole) of what happened in
    them, joined until each block may be told. Told of whole blocks only, two periods never differ
    by a small group. `comes_again`: the same households each month, so the most of a month counts.
    """
    found: list[list[date]] = [[]]
    so_far: list[int] = []
    for month, parts in months:
        found[-1].append(month)
        so_far = _joined(so_far, parts, comes_again) if so_far else list(parts)
        if not is_few(so_far):
            found.append([])
            so_far = []
    rest = found.pop()
    if rest and found:
        found[-1] += rest
    return found or [rest]


def _joined(so_far: Sequence[int], parts: Sequence[int], comes_again: bool) -> list[int]:
    """Two months together. The rest of a share is seldom the same households'."""
    return [
        max(a, b) if comes_again and at != 1 else a + b
        for at, (a, b) in enumerate(zip(so_far, parts, strict=True))
    ]


def cuts(joined: list[list[date]], first: date, after: date) -> bool:
    """Whether a period, from the month `first` to before the month `after`, divides a block. Before
    the first block there is nothing."""
    starts = {block[0] for block in joined}
    start, end = joined[0][0], joined[-1][-1]
    if after <= start or first > end:
        return False
    return (first > start and first not in starts) or (after <= end and after not in starts)
