"""Where a picture was taken, as the phone says: latitude, longitude, metres of error."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from . import InputError

_NUMBER = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,10})?")
EARTH_METRES = 6_371_000


@dataclass(frozen=True)
class Place:
    """A point on the earth; `error` in metres."""

    latitude: float
    longitude: float
    error: int

    def __str__(self) -> str:
        return f"{self.latitude:.5f},{self.longitude:.5f},{self.error}"

    def metres_to(self, other: "Place") -> int:
        """The distance over ground (haversine), good to some metres within a district."""
        north = radians(other.latitude - self.latitude)
        east = radians(other.longitude - self.longitude)
        middle = cos(radians(self.latitude)) * cos(radians(other.latitude))
        return round(
            2 * EARTH_METRES * asin(sqrt(sin(north / 2) ** 2 + middle * sin(east / 2) ** 2))
        )


def clean(text: str) -> Place:
    """`40.80512,111.66512,12`; raises InputError for anything else, or a point off the earth."""
    parts = text.split(",")
    if len(parts) != 3 or not all(_NUMBER.fullmatch(part) for part in parts[:2]):
        raise InputError("place_form", "拍摄位置不能识别，请重新拍照。")
    latitude, longitude = float(parts[0]), float(parts[1])
    if abs(latitude) > 90 or abs(longitude) > 180 or not parts[2].isascii():
        raise InputError("place_range", "拍摄位置不能识别，请重新拍照。")
    if not (parts[2].isdigit() and len(parts[2]) <= 6):
        raise InputError("place_error", "拍摄位置不能识别，请重新拍照。")
    return Place(latitude, longitude, int(parts[2]))


def nearest_to_all(spots: Sequence[Place]) -> int:
    """Which one has the least sum of distances to all (metres_to); the first of several.

    From the middle outwards: what is far from here by more, or less, than the difference of the
    sums allows needs no sum of its own (distances are rounded: two metres of slack for each).
    """
    count = len(spots)
    north = sum(spot.latitude for spot in spots) / count
    east = sum(spot.longitude for spot in spots) / count
    order = sorted(
        range(count),
        key=lambda i: (spots[i].latitude - north) ** 2 + (spots[i].longitude - east) ** 2,
    )
    known = [(s.latitude, s.longitude, cos(radians(s.latitude))) for s in spots]
    best = (sum(_metres(known[order[0]], known)), order[0])
    while order:
        at = order.pop(0)
        far = _metres(known[at], known)
        total = sum(far)
        best = min(best, (total, at))
        near, wide = (total - best[0]) / count - 2, (total + best[0]) / count + 2
        order = [i for i in order if near <= far[i] <= wide]
    return best[1]


def _metres(spot: tuple[float, ...], others: Sequence[tuple[float, ...]]) -> list[int]:
    """As metres_to, to very many."""
    latitude, longitude, cosine = spot
    return [
        round(2 * EARTH_METRES * asin(sqrt(
            sin(radians(other[0] - latitude) / 2) ** 2
            + cosine * other[2] * sin(radians(other[1] - longitude) / 2) ** 2
        )))
        for other in others
    ]  # fmt: skip
