"""Deep proofs in small bounds: the same proofs, with fewer seeds and positions each."""

import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TypeVar

CASES = 2  # of each deep proof in small bounds
T = TypeVar("T")


def beyond_the_small_bounds(deep: Iterable[str], most: int = CASES) -> set[str]:
    """Of the node ids of deep tests, those beyond `most` of each test function.

    The ones kept lie spread evenly, first and last among them.
    """
    proofs: dict[str, list[str]] = defaultdict(list)
    for node in deep:
        proofs[node.partition("[")[0]].append(node)
    return {case for cases in proofs.values() for case in set(cases) - set(spread(cases, most))}


def is_small() -> bool:
    """Whether this run keeps the small bounds."""
    return os.environ.get("RELIEF_DEEP") == "small"


def within_bounds(items: Sequence[T], most: int) -> list[T]:
    """All of them; with RELIEF_DEEP=small, as CI says, at most `most`, spread evenly."""
    return spread(items, most) if is_small() else list(items)


def spread(cases: Sequence[T], most: int) -> list[T]:
    """At most `most` of the cases."""
    if len(cases) <= most:
        return list(cases)
    return [cases[round(i * (len(cases) - 1) / (most - 1))] for i in range(most)]
