"""What the interface holds back (5(8)): groups of a few households, what a sum would tell of them,
and an answer that, with an earlier one, would give a third away."""

from collections.abc import Callable
from datetime import date
from itertools import combinations

import pytest

from supervision.models import StatQuery
from supervision.rules.disclosure import SMALL, complements, is_small
from tests.cast import Cast, unit
from tests.supervision.asking import caller, households, lines, value
from tests.supervision.district import BARE
from tests.supervision.ground import Ground

pytestmark = pytest.mark.usefixtures("that_day")


# ------------------------------------------------------------------ small groups


@pytest.mark.parametrize("count", range(8))
def test_fewer_than_five_households_are_not_told(cast: Cast, ground: Ground, count: int) -> None:
    households(ground, count)
    (line,) = lines(caller(cast), "in_benefit")
    hidden = 0 < count < SMALL
    assert line["suppressed"] == hidden
    assert line["value"] == line["numerator"] == (None if hidden else count)


SHARES = [(6, 12, True), (1, 12, False), (11, 12, False), (12, 12, True), (0, 12, True),
          (2, 4, False)]  # fmt: skip


@pytest.mark.parametrize(("seen", "all_", "told"), SHARES)
def test_a_share_is_not_told_when_either_part_is_small(
    cast: Cast, ground: Ground, seen: int, all_: int, told: bool
) -> None:
    households(ground, seen)
    households(ground, all_ - seen, visited=None)
    (line,) = lines(caller(cast), "visited", "visits")
    assert line["suppressed"] != told
    assert (line["numerator"], line["denominator"]) == ((seen, all_) if told else (None, None))


def test_the_smallest_other_cell_goes_with_the_only_small_one(cast: Cast, ground: Ground) -> None:
    """Or the sum less the others would tell it."""
    third = unit("丙街道", "OFFICE", "159900003", cast.district)
    village = unit("丙社区", "COMMUNITY", "159900003001", third)
    households(ground, 3)
    households(ground, 7, cast.foreign_village)
    households(ground, 9, village)
    rows = lines(caller(cast), "in_benefit", by="office")
    assert [(row["group"], row["value"]) for row in rows] == [
        (cast.office.code, None), (cast.other_office.code, None), (third.code, 9),
    ]  # fmt: skip


def test_what_is_held_back_cannot_be_worked_out_from_the_sum() -> None:
    """Of every row of cells, what is told leaves at least two answers for each small cell."""
    wrong = []
    for sizes in (list(c) for n in (2, 3, 4) for c in combinations([0, 1, 1, 2, 4, 5, 6, 9], n)):
        held = complements([is_small(n, None) for n in sizes], sizes)
        hidden = sum(n for n, h in zip(sizes, held, strict=True) if h)
        others = [n for n, h in zip(sizes, held, strict=True) if not h and n]
        if any(held) and others and (sum(held) == 1 or hidden < SMALL):
            wrong.append(sizes)  # [1, 1, 5] with 5 told: of 7, two cells are one each
    assert wrong == []


# ------------------------------------------------------------------ two answers, and a third


def test_two_periods_that_differ_by_one_household(cast: Cast, ground: Ground) -> None:
    households(ground, 6)
    ground.benefit(start_month=date(2026, 11, 1), paid_with=date(2026, 11, 1))
    client = caller(cast)
    assert value(client, to="2026-10") == 6
    assert value(client, to="2026-11") is None
    assert value(client, to="2026-10") == 6  # what was told is told again
    assert value(client, to="2026-11") is None  # and what was not, not
    other = caller(cast, name="other")
    assert value(other, to="2026-11") == 7  # whoever does not know the first
    assert StatQuery.objects.count() > 0


def test_two_periods_that_differ_by_many_are_told(cast: Cast, ground: Ground) -> None:
    households(ground, 6)
    households(ground, 5, start_month=date(2026, 11, 1), paid_with=date(2026, 11, 1))
    client = caller(cast)
    assert (value(client, to="2026-10"), value(client, to="2026-11")) == (6, 11)


def test_groups_are_guarded_like_the_whole(cast: Cast, ground: Ground) -> None:
    households(ground, 6)
    households(ground, 8, cast.foreign_village)
    ground.benefit(start_month=date(2026, 11, 1), paid_with=date(2026, 11, 1))
    client = caller(cast)
    rows = [lines(client, "in_benefit", by="office", to=f"2026-{n}") for n in (10, 11)]
    before, after = ({row["group"]: row["value"] for row in month} for month in rows)
    assert before == {cast.office.code: 6, cast.other_office.code: 8}
    assert after[cast.office.code] is None
    assert value(client, office=cast.office.code, to="2026-11") is None


def test_the_district_less_its_other_offices_does_not_tell_of_one(
    cast: Cast, ground: Ground
) -> None:
    households(ground, 3)
    households(ground, 9, cast.foreign_village)
    client = caller(cast)
    told = [value(client), value(client, office=cast.other_office.code)]
    assert value(client, office=cast.office.code) is None
    assert None in told, told  # 12 and 9 are 3


def test_the_whole_less_one_programme_does_not_tell_of_the_other(
    cast: Cast, ground: Ground
) -> None:
    households(ground, 9)
    households(ground, 2, programme="RURAL_ALLOWANCE")
    client = caller(cast)
    told = [value(client), value(client, programme="URBAN_ALLOWANCE")]
    assert value(client, programme="RURAL_ALLOWANCE") is None
    assert None in told, told


def decided(ground: Ground, months: dict[int, int]) -> Callable[[int, int], int | None]:
    """So many cases were decided in those months; what a program is told from one to another."""
    for month, count in months.items():
        for _ in range(count):
            ground.case(decided_on=date(2026, month, 9), without=BARE)
    client = caller(ground.cast)

    def told(first: int, last: int) -> int | None:
        period = {"from": f"2026-{first:02}", "to": f"2026-{last:02}"}
        (line,) = lines(client, "decided", "deadlines", **period)
        found: int | None = line["value"]
        return found

    return told


def test_a_period_less_its_months_does_not_tell_of_one(ground: Ground) -> None:
    told = decided(ground, {8: 7, 9: 15, 10: 3})
    assert told(10, 10) is None
    assert None in [told(8, 8), told(9, 9), told(8, 10)]  # 25 less 15 less 7 are 3


def test_months_that_have_nothing_in_common_are_told_whatever_their_numbers(ground: Ground) -> None:
    """Seven of August and nine of September give nobody away."""
    told = decided(ground, {8: 7, 9: 9})
    assert (told(8, 8), told(9, 9), told(8, 9)) == (7, 9, 16)
