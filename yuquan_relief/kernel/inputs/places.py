"""Where a picture was taken, as the phone says: latitude, longitude, metres of error."""

import re
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
