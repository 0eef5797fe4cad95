"""Spending far above that of the other families of the office, as the visit saw it (R28)."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from cases.models import Case, Survey
from cases.operations import investigation
from tests import road
from tests.cases.days import at
from tests.cases.reported import found_in
from tests.cases.stages import FINDINGS
from tests.cast import SIGN_CODE, Cast

ON = road.START
DAY = timedelta(days=1)


def visited(cast: Cast, case: Case, **changes: Any) -> Case:
    """The visit is written down with these findings."""
    road.add_file(cast, case, "survey_photo", "入户照片", (9, 9, 9))
    found = replace(FINDINGS, **changes)
    investigation.record_survey(case.no, found, actor=cast.clerk, on=ON, proof=cast.proof("clerk"))
    return road.fresh(case)


@pytest.fixture
def case(cast: Cast) -> Case:
    return road.accepted(cast)


def others(case: Case, *fen: int | None, visited_on: date = ON, **places: Any) -> None:
    """So many other families of the office, each with what it pays a month."""
    for i, value in enumerate(fen):
        other = road.fresh(case)
        other.pk, other.state, other.due_on = None, "DECLINED", None
        other.no = other.submission_key = f"other-{i}-{visited_on}-{sorted(places)}"
        for name, place in places.items():
            setattr(other, name, place)
        other.save(force_insert=True)
        Survey.objects.create(
            case=other, round=1, visited_on=visited_on, present="甲", housing="自有",
            living="简单", is_true=True, utilities_fen=value,
            recorded_by_id=case.submitted_by_id or 0,
        )  # fmt: skip


NINETEEN = tuple(range(100_00, 119_00, 1_00))  # 100, 101 … 118 yuan a month
TWENTY = (*NINETEEN, 500_00)


@pytest.mark.parametrize(
    ("around", "mine", "is_found"),
    [
        (NINETEEN, 300_00, True),
        (NINETEEN[1:], 300_00, False),  # nineteen surveys with this one: not enough
        (NINETEEN, 118_00, False),
        (NINETEEN, 118_01, True),  # of twenty, the highest lies above the line between two
        (TWENTY, 118_01, False),  # of twenty-one, the second highest is the line itself
        (TWENTY, 500_01, True),
        (TWENTY, 500_00, False),  # as high as the highest
        ((100_00,) * 19, 100_00, False),  # all alike
        ((0,) * 19, 0, False),
    ],
)
@pytest.mark.clause("8")
def test_who_pays_more_than_ninety_five_of_a_hundred_is_found(
    cast: Cast, case: Case, around: tuple[int, ...], mine: int, is_found: bool
) -> None:
    others(case, *around)
    case = visited(cast, case, utilities_fen=mine)
    assert ("R28" in found_in(case)) is is_found
    assert is_found is (len(around) >= 19 and mine > percentile_95((*around, mine)))


def percentile_95(values: tuple[int, ...]) -> float:
    """Counted by hand: the point at 95 % of the way from the lowest to the highest place."""
    ordered = sorted(values)
    whole, rest = divmod(95 * (len(ordered) - 1), 100)
    if not rest:
        return ordered[whole]
    return ordered[whole] + (ordered[whole + 1] - ordered[whole]) * rest / 100


def test_the_words_name_the_sum_and_the_office(cast: Cast, case: Case) -> None:
    others(case, *NINETEEN)
    case = visited(cast, case, utilities_fen=1_234_56)
    assert found_in(case)["R28"] == ["水电气话费每月 1234.56 元，高于本镇街 95% 的调查户"]


@pytest.mark.parametrize(
    "where",
    ["other_office", "long_ago", "not_seen"],
)
def test_only_families_of_the_office_within_a_year_are_compared(
    cast: Cast, case: Case, where: str
) -> None:
    if where == "other_office":
        others(case, *NINETEEN, office=cast.other_office)
    elif where == "long_ago":
        others(case, *NINETEEN, visited_on=ON - 365 * DAY)
    else:
        others(case, *[None] * 19)
    case = visited(cast, case, utilities_fen=900_00)
    assert "R28" not in found_in(case)
    others(case, *NINETEEN, visited_on=ON - 364 * DAY)  # the twin
    assert "R28" in found_in(case)


def test_who_was_not_asked_is_not_compared(cast: Cast, case: Case) -> None:
    others(case, *NINETEEN)
    assert "R28" not in found_in(visited(cast, case))


def test_luxury_needs_no_comparison(cast: Cast, case: Case) -> None:
    case = visited(cast, case, luxury="子女自费择校")
    assert found_in(case)["R28"] == ["入户调查登记了高消费：子女自费择校"]


SURVEY = {
    "visited_on": str(ON), "present": "演练甲", "housing": "自有", "living": "简单",
    "is_true": "1", "code": SIGN_CODE,
}  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "kept"), [("", None), ("0", 0), ("１２３．４５", 123_45), ("1,600", 1_600_00)]
)
def test_the_form_asks_for_both(cast: Cast, case: Case, typed: str, kept: int | None) -> None:
    road.add_file(cast, case, "survey_photo", "入户照片", (9, 9, 9))
    more = {"utilities": typed, "luxury": "贵重首饰"}
    with at(ON):
        answer = cast.client("clerk").post(f"/cases/{case.no}/record_survey/", SURVEY | more)
    assert answer.status_code == 302
    survey = Survey.objects.get(case=case)
    assert (survey.utilities_fen, survey.luxury) == (kept, "贵重首饰")


@pytest.mark.parametrize("typed", ["-1", "1e3", "NaN", "0.001", "9" * 20, "一百", "1\x00"])
def test_what_is_no_sum_is_refused_at_its_field(cast: Cast, case: Case, typed: str) -> None:
    road.add_file(cast, case, "survey_photo", "入户照片", (9, 9, 9))
    with at(ON):
        answer = cast.client("clerk").post(
            f"/cases/{case.no}/record_survey/", SURVEY | {"utilities": typed}
        )
    assert answer.status_code == 422
    assert 'href="#id_utilities"' in answer.content.decode()
    assert not Survey.objects.exists()
