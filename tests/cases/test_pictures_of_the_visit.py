"""Pictures of the visit that were taken on another day or far from each other (R45)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from cases.models import Case
from cases.models import checks as reading
from cases.reports.pictures import pictures
from tests import road
from tests.cases.reported import found_in
from tests.cases.test_spending import visited
from tests.cast import Cast
from yuquan_relief.kernel.models import Attachment
from yuquan_relief.kernel.operations.attachments import attach, withdraw_attachment

ON = road.START
DAY = timedelta(days=1)


@pytest.fixture
def case(cast: Cast) -> Case:
    return road.accepted(cast)


HERE = "40.80512,111.66512,12"


def pictured(
    cast: Cast, case: Case, *, taken_at: datetime | None = None, place: str = "", serial: int = 1,
    slot: str = "survey_photo",
) -> Attachment:  # fmt: skip
    """A picture of the visit, with what the phone says of it."""
    return attach(
        "case", case.no, slot, road.photo((serial, 99, 99)), title="入户照片",
        village_id=case.village_id, office_id=case.office_id, actor=cast.clerk,
        taken_at=taken_at, place=place,
    )  # fmt: skip


def instant(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment there, which is eight hours earlier in Greenwich."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


@pytest.mark.clause("9")
@pytest.mark.parametrize(
    ("taken", "is_odd"),
    [
        (instant(ON, 10), False),
        (instant(ON - DAY, 0, 1), False),
        (instant(ON + DAY, 23, 59), False),
        (instant(ON - 2 * DAY, 23, 59), True),
        (instant(ON + 2 * DAY, 0, 1), True),
        (instant(ON - 400 * DAY, 10), True),
    ],
)
def test_a_picture_of_another_day_is_found(
    cast: Cast, case: Case, taken: datetime, is_odd: bool
) -> None:
    pictured(cast, case, taken_at=taken)
    assert "R45" not in found_in(case)  # before the visit there is nothing to compare
    case = visited(cast, case)
    assert ("R45" in found_in(case)) is is_odd
    if is_odd:
        assert found_in(case)["R45"][0].endswith(f"入户日期是 {ON}")


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (HERE, ""),
        ("40.82302,111.66512,5", ""),  # 1,990 metres to the north
        ("40.82320,111.66512,5", "入户照片拍摄地点相距 2.0 公里"),
        ("40.90512,111.66512,5", "入户照片拍摄地点相距 11.1 公里"),
        ("-40.80512,-68.33488,5", "入户照片拍摄地点相距 20015.1 公里"),
    ],
)
def test_pictures_far_from_each_other_are_found(
    cast: Cast, case: Case, other: str, words: str
) -> None:
    pictured(cast, case, place=HERE)
    case = visited(cast, case)
    assert "R45" not in found_in(case)  # one place alone says nothing
    pictured(cast, case, place=other, serial=2)
    assert found_in(case).get("R45", []) == ([words] if words else [])


def test_only_pictures_of_the_visit_that_stand_are_compared(cast: Cast, case: Case) -> None:
    pictured(cast, case, place=HERE)
    pictured(cast, case, place="41.90512,111.66512,5", serial=2, slot="income_proof")
    gone = pictured(cast, case, place="42.90512,111.66512,5", serial=3)
    case = visited(cast, case)
    assert "R45" in found_in(case)
    withdraw_attachment(gone, reason="拍错", actor=cast.clerk)
    assert "R45" not in found_in(case)


def test_twin_with_another_measure_the_same_pictures_are_far_apart(
    cast: Cast, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictured(cast, case, place=HERE, taken_at=instant(ON - DAY, 12))
    pictured(cast, case, place="40.80612,111.66512,5", serial=2)
    case = visited(cast, case)
    assert "R45" not in found_in(case)
    monkeypatch.setattr(reading, "FAR_METRES", 100)
    monkeypatch.setattr(reading, "DAYS_OFF", 0)
    assert len(found_in(case)["R45"]) == 2


def uploaded(cast: Cast, case: Case, **more: str) -> Attachment:
    """A picture from the page, with what its script adds."""
    photo = SimpleUploadedFile("p.jpg", road.photo((7, 7, 7)), "image/jpeg")
    answer = cast.client("clerk").post(
        f"/cases/{case.no}/evidence/upload/", {"slot": "survey_photo", "files": photo} | more
    )
    assert answer.status_code == 302
    return Attachment.objects.get(subject_key=case.no, slot="survey_photo")


def test_the_place_stands_sealed_and_is_told_beside_the_picture(cast: Cast, case: Case) -> None:
    file = uploaded(cast, case, place=HERE, taken_at="2026-09-21T10:30:00+08:00")
    with connection.cursor() as cursor:
        cursor.execute("SELECT a::text FROM kernel_attachment a WHERE id = %s", [file.pk])
        (kept,) = cursor.fetchone()
    assert "40.805" not in kept
    assert file.place == HERE
    (shown,) = pictures([file])
    assert "2026-09-21 10:30 拍摄，位置 40.80512，111.66512（误差 12 米）" in shown["note"]


@pytest.mark.parametrize(
    "place", ["", "x", "nan,nan,1", "91,0,1", "1,2", HERE + "\x00", "9" * 9999]
)
@pytest.mark.parametrize("taken", ["", "yesterday", "2026-13-01T00:00:00Z", "9999-12-31T23:59:59Z",
                                   "2026-09-21T10:30:00"])  # fmt: skip
def test_what_a_phone_says_wrongly_is_not_kept_and_the_picture_is(
    cast: Cast, case: Case, place: str, taken: str
) -> None:
    file = uploaded(cast, case, place=place, taken_at=taken)
    assert file.place == ""
    (shown,) = pictures([file])
    assert "位置" not in shown["note"]


def test_a_moment_before_all_years_keeps_no_page_from_opening(cast: Cast, case: Case) -> None:
    """It is a day of the year 1 where it was typed, and of no year at all in Greenwich."""
    client = cast.client("clerk")
    client.raise_request_exception = False
    photo = SimpleUploadedFile("p.jpg", road.photo((7, 7, 7)), "image/jpeg")
    sent = {"slot": "survey_photo", "files": photo, "taken_at": "0001-01-01T00:00:00+14:00"}
    assert client.post(f"/cases/{case.no}/evidence/upload/", sent).status_code == 302
    assert client.get(f"/cases/{case.no}/evidence/").status_code == 200
