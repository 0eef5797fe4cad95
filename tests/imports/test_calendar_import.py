"""A year of the calendar from a file: the preview, the entry, and twice is once."""

from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests import road
from tests.cast import Cast
from yuquan_relief.kernel.models import CalendarYear, Event

LINES = "日期,休或班,说明\n2027-01-01,休,元旦\n2027-01-02,休,元旦\n2027-01-03,班,\n1月4日,休,演练\n"


def run(folder: Path, *options: str, text: str = LINES, encoding: str = "utf-8") -> str:
    path = folder / "2027.csv"
    path.write_text(text, encoding=encoding)
    said = StringIO()
    call_command(
        "import_calendar", "2027", str(path), "--source", "演练通知", *options, stdout=said
    )
    return said.getvalue()


def test_preview_tells_what_moves_and_enters_nothing(cast: Cast, tmp_path: Path) -> None:
    case = road.accepted(cast, on=date(2026, 11, 20))
    assert case.due_is_provisional
    said = run(tmp_path, "--preview")
    assert "有 1 个到期日变动" in said
    assert case.no in said
    assert not CalendarYear.objects.filter(pk=2027).exists()


def test_entered_year_moves_the_deadlines(cast: Cast, tmp_path: Path) -> None:
    case = road.accepted(cast, on=date(2026, 11, 20))
    assert "重算 1 个到期日" in run(tmp_path, encoding="gb18030")
    after = road.fresh(case)
    assert not after.due_is_provisional
    assert case.due_on is not None
    assert after.due_on is not None
    assert after.due_on > case.due_on


def test_the_same_file_twice_changes_nothing(db: None, tmp_path: Path) -> None:
    run(tmp_path)
    before = Event.objects.count()
    assert "没有改动" in run(tmp_path)
    assert Event.objects.count() == before


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("2026-12-31,休,", "不是 2027 年"),
        ("2027-02-30,休,", "没有这一天"),
        ("2027-05-01,放,", "“休”或“班”"),
        ("2027-01-01,班,", "重复"),
    ],
)
def test_row_errors_enter_nothing(db: None, tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(CommandError, match=f"第 6 行.*{said}"):
        run(tmp_path, text=LINES + line + "\n")
    assert not CalendarYear.objects.filter(pk=2027).exists()
