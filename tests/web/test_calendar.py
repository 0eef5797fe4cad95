"""The calendar page: a look at what moves, then the entry; a file, one day, an entered year."""

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests import road
from tests.cases.days import at
from tests.cast import Cast
from yuquan_relief.kernel.models import CalendarDay, CalendarYear, Event

URL = "/settings/calendar/"
LINES = "2027-01-01 休 元旦\n2027-01-04 休 调休"
NOTICE = {"year": "2027", "source": "演练通知", "days": LINES}
TABLE = "日期,休或班,说明\n2027-01-01,休,元旦\n2027-01-04,休,调休\n".encode("gb18030")


@pytest.fixture(autouse=True)
def today() -> Any:
    """One day for all."""
    with at():
        yield


def test_the_preview_enters_nothing_and_the_confirmation_moves(cast: Cast) -> None:
    case = road.accepted(cast, on=date(2026, 11, 20))
    client = cast.client("supervisor")
    page = client.post(URL, NOTICE).content.decode()
    assert f"办理期限 {case.no}" in page
    assert not CalendarYear.objects.filter(pk=2027).exists()
    assert road.fresh(case).due_is_provisional
    response = client.post(URL, NOTICE | {"confirm": "1"}, follow=True)
    assert "已录入 2027 年安排，重算 1 个到期日" in response.content.decode()
    assert not road.fresh(case).due_is_provisional


def test_a_file_is_shown_as_lines_before_it_counts(cast: Cast) -> None:
    client = cast.client("supervisor")
    file = SimpleUploadedFile("2027.csv", TABLE)
    page = client.post(URL, NOTICE | {"days": "", "file": file}).content.decode()
    assert LINES in page
    assert not CalendarYear.objects.filter(pk=2027).exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"days": ""}, "请粘贴放假安排，或选择安排文件"),
        ({"days": "2026-01-01 休"}, "2026-01-01 不在 2027 年"),
        ({"days": "元旦放假"}, "第 1 行请按"),
        ({"file": SimpleUploadedFile("x.csv", b"a,b\n1,2\n")}, "缺少列：日期"),
        ({"source": ""}, "请填写依据文件"),
    ],
)
def test_what_cannot_be_read_is_said_and_kept(
    cast: Cast, changes: dict[str, Any], said: str
) -> None:
    response = cast.client("supervisor").post(URL, NOTICE | changes | {"confirm": "1"})
    assert response.status_code == 422
    assert said in response.content.decode()
    assert not CalendarYear.objects.filter(pk=2027).exists()


def test_an_entered_year_is_shown_for_mending(cast: Cast) -> None:
    page = cast.client("supervisor").get(f"{URL}?year=2026").content.decode()
    assert "2026-10-10 班" in page
    assert cast.client("supervisor").get(f"{URL}?year=x").status_code == 200


def test_one_day_is_changed_with_its_document(cast: Cast) -> None:
    sent = {"day": "2026-12-31", "is_workday": "", "note": "临时放假", "source": "演练〔2026〕3 号"}
    client = cast.client("supervisor")
    assert client.post(f"{URL}day/", sent).status_code == 302
    assert not CalendarDay.objects.get(day=date(2026, 12, 31)).is_workday
    assert Event.objects.filter(action="enter_calendar").latest("seq").note == "演练〔2026〕3 号"
    refused = client.post(f"{URL}day/", sent | {"day": "2027-05-04"})
    assert refused.status_code == 422
    assert "2027 年还没有录入" in refused.content.decode()
