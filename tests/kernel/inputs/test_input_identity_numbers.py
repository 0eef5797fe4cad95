"""Identity numbers: the arithmetic, the ages, the masks, and the made-up people."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric
from stdnum.exceptions import InvalidComponent

from yuquan_relief.kernel.inputs import InputError, identity_numbers

TODAY = date(2026, 9, 18)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
births = st.dates(date(1910, 1, 1), TODAY)
people = st.builds(
    identity_numbers.synthetic,
    st.integers(0, 49_899),
    birth_on=births,
    is_male=st.booleans(),
)


def check_by_the_standard(first_seventeen: str) -> str:
    """GB 11643's own wording, independent of stdnum's."""
    total = sum(int(digit) * weight for digit, weight in zip(first_seventeen, WEIGHTS, strict=True))
    return "10X98765432"[total % 11]


@given(people)
def test_synthetic_numbers_pass_and_carry_the_standard_check(number: str) -> None:
    assert identity_numbers.clean(number, today=TODAY).number == number
    assert number[17] == check_by_the_standard(number[:17])


@given(st.integers(0, 49_899), births, st.booleans())
def test_synthetic_number_says_what_was_asked(serial: int, birth_on: date, is_male: bool) -> None:
    number = identity_numbers.synthetic(serial, birth_on=birth_on, is_male=is_male)
    found = identity_numbers.clean(number, today=TODAY)
    assert (found.birth_on, found.is_male, found.area[:4]) == (birth_on, is_male, "1599")


def test_synthetic_numbers_of_one_birthday_never_repeat() -> None:
    made = {
        identity_numbers.synthetic(serial, birth_on=TODAY, is_male=is_male)
        for serial in range(49_900)
        for is_male in (True, False)
    }
    assert len(made) == 99_800


@pytest.mark.parametrize(("serial", "area"), [(-1, "159900"), (49_900, "159900"), (499, "150104")])
def test_synthetic_refuses_to_enter_another_county(serial: int, area: str) -> None:
    with pytest.raises(ValueError, match="serial"):
        identity_numbers.synthetic(serial, birth_on=TODAY, is_male=True, area=area)


def test_areas_of_made_up_people_were_never_assigned() -> None:
    known = [code for code in range(159900, 160000) if identity_numbers._is_known(f"{code}")]
    assert known == []


@given(people, st.integers(0, 17), st.integers(1, 9))
def test_any_one_wrong_digit_is_refused(number: str, place: int, shift: int) -> None:
    digit = "0123456789X".index(number[place])
    wrong = f"{number[:place]}{(digit + shift) % 10}{number[place + 1 :]}"
    if wrong == number:
        return
    with pytest.raises(InputError):
        identity_numbers.clean(wrong, today=TODAY)


@given(people, st.integers(0, 16))
def test_any_two_neighbours_swapped_are_refused(number: str, place: int) -> None:
    swapped = f"{number[:place]}{number[place + 1]}{number[place]}{number[place + 2 :]}"
    if swapped == number:
        return
    with pytest.raises(InputError):
        identity_numbers.clean(swapped, today=TODAY)


@given(people)
def test_mask_shows_eight_characters_and_is_stable(number: str) -> None:
    masked = identity_numbers.mask(number)
    assert masked == f"{number[:4]}…{number[-4:]}"
    assert number[6:14] not in masked


@given(st.text())
def test_mask_never_shows_the_whole_of_anything(text: str) -> None:
    assert text == "" or text not in identity_numbers.mask(text) or text in "…"


def test_repr_for_logs_is_masked() -> None:
    found = identity_numbers.clean("159900194908170017", today=TODAY)
    assert f"{found} {found!r}" == " ".join(["IdentityNumber(1599…0017)"] * 2)


def test_born_today_is_accepted_and_tomorrow_is_not() -> None:
    newborn = identity_numbers.synthetic(0, birth_on=TODAY, is_male=False)
    assert identity_numbers.clean(newborn, today=TODAY).birth_on == TODAY
    with pytest.raises(InputError) as refusal:
        identity_numbers.clean(newborn, today=TODAY - timedelta(days=1))
    assert refusal.value.code == "id_future"


def test_the_day_before_turning_121_is_the_last_accepted() -> None:
    old = identity_numbers.synthetic(0, birth_on=date(1905, 9, 19), is_male=False)
    assert identity_numbers.clean(old, today=TODAY).number == old
    with pytest.raises(InputError) as refusal:
        identity_numbers.clean(old, today=TODAY + timedelta(days=1))
    assert refusal.value.code == "id_over_120"


def test_district_override_accepts_over_120_with_a_warning() -> None:
    found = identity_numbers.clean("159900189912310012", today=TODAY, may_exceed_120=True)
    assert identity_numbers.OVER_120 in found.warnings


def test_legacy_number_is_upgraded_to_the_same_person() -> None:
    old = identity_numbers.clean_legacy("159900490817001", today=TODAY)
    new = identity_numbers.clean("159900194908170017", today=TODAY)
    assert (old.number, old.birth_on, old.is_male) == (new.number, new.birth_on, new.is_male)
    assert identity_numbers.UPGRADED in old.warnings


@pytest.mark.parametrize("area", ["150104", "810000", "820000", "830000", "150000"])
def test_known_areas_give_no_warning(area: str) -> None:
    number = identity_numbers.synthetic(0, birth_on=date(1990, 1, 1), is_male=True, area=area)
    assert identity_numbers.clean(number, today=TODAY).warnings == ()


@pytest.mark.parametrize("area", ["159900", "830000"])
def test_twin_stdnum_alone_fails_on_numbers_we_must_accept(area: str) -> None:
    number = identity_numbers.synthetic(0, birth_on=date(1990, 1, 1), is_male=True, area=area)
    with pytest.raises((KeyError, InvalidComponent)):
        ric.validate(number)


@pytest.mark.parametrize(
    ("birth_on", "day", "age"),
    [
        (date(2000, 2, 29), date(2026, 2, 28), 25),
        (date(2000, 2, 29), date(2026, 3, 1), 26),
        (date(2000, 2, 29), date(2024, 2, 29), 24),
        (date(1966, 9, 19), TODAY, 59),
        (date(1966, 9, 18), TODAY, 60),
        (TODAY, TODAY, 0),
    ],
)
def test_age_counts_full_years_birthday_included(birth_on: date, day: date, age: int) -> None:
    assert identity_numbers.age_on(birth_on, day) == age


@pytest.mark.parametrize(
    ("birth_on", "is_male", "fields"),
    [
        (date(1949, 8, 17), True, ()),
        (None, None, ()),
        (date(1949, 8, 18), None, ("birth_on",)),
        (None, False, ("is_male",)),
        (date(1950, 8, 17), False, ("birth_on", "is_male")),
    ],
)
def test_contradictions_name_the_fields(
    birth_on: date | None, is_male: bool | None, fields: tuple[str, ...]
) -> None:
    number = "159900194908170017"
    found = identity_numbers.contradictions(number, birth_on=birth_on, is_male=is_male)
    assert found == fields


def test_tail_is_four_unless_asked() -> None:
    assert identity_numbers.tail("159900194908170017") == "0017"
    assert identity_numbers.tail("159900194908170017", most=6) == "170017"
