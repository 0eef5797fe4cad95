"""From which fund source an amount comes; whole fen, no rounding."""

from collections.abc import Mapping

SOURCES = {
    "CENTRAL": "中央资金",
    "REGION": "自治区资金",
    "CITY": "市级资金",
    "DISTRICT": "区级资金",
}


def spread(total_fen: int, purses: Mapping[str, int]) -> dict[str, int]:
    """`total_fen` taken from the purses in the order of SOURCES; the parts sum to it exactly.

    Raises ValueError when the purses do not hold enough.
    """
    parts: dict[str, int] = {}
    left = total_fen
    for source in SOURCES:
        part = min(left, max(purses.get(source, 0), 0))
        if part:
            parts[source] = part
            left -= part
    if left:
        raise ValueError(f"{left} fen more than the purses hold")
    return parts
