"""Bad inputs in the cells of a report: told by line or kept as text, never a failure (3.1-3.7)."""

from typing import Any

import pytest

from cases.models import Case, MeansCheck, MeansFinding, PropertyItem
from tests import corpus
from tests.cases.exchanged import COLUMNS, asked, id_of, line, sent, written
from tests.cast import Cast
from tests.imports.test_spreadsheets import changed

KINDS = ("identity", "day", "money", "line", "name", "phone", "choice", "count")
NASTY = [
    *("=cmd|'/c calc'!A0", "+1+1", "-2+3", "@SUM(1)", "＝1+1", "' OR 1=1 --", "%", "\\", "𠮷𬭊"),
    *("{{7*7}}", "{% debug %}", "%(x)s", "{0.__class__}", "<img src=x onerror=alert(1)>"),
    *("null", "None", "NaN", "1e400", "0x10", "٣", "²", "乌兰·巴特尔"),
]  # fmt: skip


def texts() -> list[str]:
    """Everything that the corpus has, whatever its kind, as far as a file can hold it."""
    found = {t for kind in KINDS for t in (*corpus.refused(kind), *corpus.accepted(kind))}
    return sorted(t for t in {*found, *NASTY} if t.strip() and len(t) < 2000 and is_text(t))


def is_text(text: str) -> bool:
    """Whether a file can hold it: half a surrogate pair is no text, and a NUL ends none."""
    return "\x00" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def about(case: Case, what: str) -> dict[str, str]:
    """The cells of a good line about a property or a person."""
    if what == "财产":
        return {"项目": what, "类别": "其他财产", "内容": "羊", "金额": "1", "面积": "1"}
    return {"项目": what, "证号": id_of(case), "类别": "在校学生", "内容": "某大学"}


def state() -> tuple[int, ...]:
    """What a report leaves, counted."""
    returned = MeansCheck.objects.filter(returned_on__isnull=False)
    return returned.count(), PropertyItem.objects.count(), MeansFinding.objects.count()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("column", COLUMNS)
def test_whatever_stands_in_a_column_is_told_by_its_line(
    cast: Cast, column: str, form: str
) -> None:
    case = asked(cast)
    rows: list[list[Any]] = [line(case, **about(case, "人员"))]
    for i, text in enumerate(texts()):
        no = (
            f"YQ-{i}" if column in COLUMNS[:6] else case.no
        )  # a report of its own, or one more line
        rows.append(line(case, **about(case, "人员") | {"案件编号": no} | {column: text}))
    answer = sent(cast, written(rows, form), f"报告.{form}")
    assert answer.status_code == 422
    assert state() == (0, 0, 0)
    wrong = answer.context["wrong"]
    assert wrong
    assert all(e.number > 1 and e.column in COLUMNS and e.message for e in wrong)


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_is_kept_is_kept_as_it_was_and_shown_as_text(cast: Cast, form: str) -> None:
    cases = {text: asked(cast, serial) for serial, text in enumerate(NASTY, start=1)}
    rows = [
        line(case, **about(case, what) | {"报告编号": text, "说明": text, "内容": text})
        for text, case in cases.items()
        for what in ("财产", "人员")
    ]
    assert sent(cast, written(rows, form), f"报告.{form}").status_code == 302
    client = cast.client("staff")
    for text, case in cases.items():
        check = MeansCheck.objects.get(case=case)
        (owned,), (found,) = check.property_items.all(), check.findings.all()
        assert {check.report_no, check.note, owned.note, found.note} == {text}
        page = client.get(f"/cases/{case.no}/family/")
        assert page.status_code == 200
        assert "<img src=x" not in page.content.decode()
    assert "<img src=x" not in cast.client("verifier").get("/checks/").content.decode()


@pytest.mark.parametrize(("column", "most"), [("报告编号", 40), ("说明", 500), ("内容", 100)])
def test_texts_have_their_length(cast: Cast, column: str, most: int) -> None:
    case = asked(cast)
    row = about(case, "财产")
    long = sent(cast, written([line(case, **row | {column: "长" * (most + 1)})]))
    assert long.status_code == 422
    assert f"请控制在 {most} 个字以内" in long.content.decode()
    assert state() == (0, 0, 0)
    assert sent(cast, written([line(case, **row | {column: "长" * most})])).status_code == 302


ALL_WORDS = ("报告编号", "说明", "内容")  # of 说明 several lines are taken, as on the form


def line_refused() -> list[str]:
    """What a line of text on the form refuses for its characters, as far as a file can hold it."""
    return [t for t in corpus.refused("line") if is_text(t) and len(t) <= 40]


def test_what_the_form_refuses_is_refused_in_a_file_too(cast: Cast) -> None:
    """N3, N13, N22: characters that hide or turn text around are on no page by a detour."""
    case = asked(cast)
    taken = []
    for text in line_refused():
        for column in ("报告编号", "内容") if len(f"{text}.".splitlines()) > 1 else ALL_WORDS:
            cells = about(case, "财产") | {column: f"甲{text}乙"}
            answer = sent(cast, written([line(case, **cells)], "xlsx"), "报告.xlsx")
            if answer.status_code != 422:
                taken.append((column, text, answer.status_code))
                case = asked(cast, case.pk % 200 + 200)
    assert taken == []


@pytest.mark.parametrize("column", ["案件编号", "报告编号", "说明", "内容", "证号", "数据截止日"])
def test_a_nul_byte_within_a_workbook_is_no_failure(cast: Cast, column: str) -> None:
    """N14: a workbook writes it as _x0000_, which is read as the character that it stands for."""
    case = asked(cast)
    cells = about(case, "人员") | {column: "QQQQ"}
    book = written([line(case, **cells)], "xlsx")
    hidden = changed(book, "xl/sharedStrings.xml", b"QQQQ", b"a_x0000_b")
    answer = sent(cast, hidden, "报告.xlsx")
    assert answer.status_code in (415, 422)
    assert state() == (0, 0, 0)
