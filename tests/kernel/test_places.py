"""Where a picture was taken: read strictly, and how far two places lie apart."""

from math import asin, atan2, cos, degrees, radians, sin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuquan_relief.kernel.inputs import InputError, places
from yuquan_relief.kernel.inputs.places import Place

HERE = Place(40.80512, 111.66512, 12)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("40.80512,111.66512,12", HERE),
        ("40.8051234567,111.6651234567,12", Place(40.8051234567, 111.6651234567, 12)),
        ("0,0,0", Place(0, 0, 0)),
        ("-90,-180,999999", Place(-90, -180, 999_999)),
        ("90,180,1", Place(90, 180, 1)),
    ],
)
def test_a_place_is_read(text: str, place: Place) -> None:
    assert places.clean(text) == place


@pytest.mark.parametrize("place", [HERE, Place(-0.00001, 179.99999, 0), Place(89.5, -0.5, 3000)])
def test_what_is_written_is_read_again(place: Place) -> None:
    assert places.clean(str(place)) == place


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "place_form"),
        (",,", "place_form"),
        ("40.8,111.6", "place_form"),
        ("40.8,111.6,12,5", "place_form"),
        ("40.8 111.6 12", "place_form"),
        ("nan,111.6,12", "place_form"),
        ("inf,111.6,12", "place_form"),
        ("1e1,111.6,12", "place_form"),
        ("+40.8,111.6,12", "place_form"),
        ("40.,111.6,12", "place_form"),
        ("40.80512345678,111.6,12", "place_form"),
        ("４０.8,111.6,12", "place_form"),
        ("٤٠,111.6,12", "place_form"),
        ("40.8\n,111.6,12", "place_form"),
        (" 40.8,111.6,12", "place_form"),
        ("40.8\x00,111.6,12", "place_form"),
        ("9999,111.6,12", "place_form"),
        ("90.0000001,0,1", "place_range"),
        ("-90.1,0,1", "place_range"),
        ("0,180.0000001,1", "place_range"),
        ("0,-181,1", "place_range"),
        ("0,0,２", "place_range"),
        ("0,0,²", "place_range"),
        ("0,0,", "place_error"),
        ("0,0,-1", "place_error"),
        ("0,0,1.5", "place_error"),
        ("0,0,1\n", "place_error"),
        ("0,0,1000000", "place_error"),
        ("=cmd|' /c calc'!A0", "place_form"),
        ("<img src=x>,0,0", "place_form"),
    ],
)
def test_anything_else_is_refused(text: str, code: str) -> None:
    with pytest.raises(InputError) as refused:
        places.clean(text)
    assert refused.value.code == code
    assert refused.value.message == "拍摄位置不能识别，请重新拍照。"


@given(st.text())
def test_whatever_is_sent_is_read_or_refused(text: str) -> None:
    try:
        place = places.clean(text)
    except InputError:
        return
    assert abs(place.latitude) <= 90
    assert abs(place.longitude) <= 180


@pytest.mark.parametrize(
    ("other", "metres"),
    [
        (HERE, 0),
        (Place(40.80512, 111.66513, 12), 1),
        (Place(41.80512, 111.66512, 12), 111_195),  # one degree of a meridian
        (Place(39.90420, 116.40740, 12), 414_000),  # 北京
        (Place(-40.80512, -68.33488, 12), 20_015_087),  # the other side of the earth
    ],
)
def test_distances_over_ground(other: Place, metres: int) -> None:
    assert HERE.metres_to(other) == pytest.approx(metres, rel=0.005, abs=1)
    assert other.metres_to(HERE) == HERE.metres_to(other)


def walked(place: Place, *, metres: float, bearing: float) -> Place:
    """Where one arrives on a sphere of that size, by the direct formula."""
    arc, lat = metres / places.EARTH_METRES, radians(place.latitude)
    b = radians(bearing)
    north = asin(sin(lat) * cos(arc) + cos(lat) * sin(arc) * cos(b))
    east = atan2(sin(b) * sin(arc) * cos(lat), cos(arc) - sin(lat) * sin(north))
    return Place(degrees(north), place.longitude + degrees(east), 0)


@given(st.floats(0, 50_000), st.floats(0, 360))
def test_who_walks_so_far_is_so_far_away(metres: float, bearing: float) -> None:
    assert abs(HERE.metres_to(walked(HERE, metres=metres, bearing=bearing)) - metres) <= 1


DEGREES = st.integers(-90_00000, 90_00000).map(lambda n: n / 100_000)


@given(DEGREES, st.integers(-180_00000, 180_00000).map(lambda n: n / 100_000))
def test_the_far_side_of_the_earth_has_a_distance_too(latitude: float, longitude: float) -> None:
    far = longitude - 180 if longitude > 0 else longitude + 180
    place = Place(latitude, longitude, 0)
    assert 0 <= place.metres_to(Place(-latitude, far, 0)) <= 20_015_200
