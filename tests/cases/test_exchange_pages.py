"""The queue of the verification centre in the browser: list, template, import with its errors."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from cases.models import MeansCheck, MeansFinding
from cases.rules.exchange import HEAD, ITEM, REQUESTED
from cases.views import checks
from tests import road
from tests.cases.days import at
from tests.cases.exchanged import ON, asked, fetched, full, id_of, line, rows_of, sent, written
from tests.cast import Cast
from tests.imports.rosters import as_csv
from yuquan_relief.kernel.models import Event

STRANGERS = ["clerk", "staff", "leader", "supervisor", "auditor", "sysadmin"]


def queue(cast: Cast, who: str = "verifier", query: str = "") -> Any:
    """The page."""
    with at(ON):
        return cast.client(who).get(f"/checks/{query}")


def test_the_list_is_a_file_that_spreadsheets_open(cast: Cast) -> None:
    case = asked(cast)
    answer = fetched(cast)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "20260921" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    header, *rows = rows_of(answer)
    assert header == list(REQUESTED)
    assert [row[4] for row in rows] == [id_of(case), id_of(case, "SPOUSE")]


def test_an_empty_list_is_a_list(cast: Cast) -> None:
    assert rows_of(fetched(cast)) == [list(REQUESTED)]
    assert Event.objects.get(subject_kind="means_exchange").body == {"cases": 0, "persons": 0}


def test_it_is_fetched_by_an_act_and_not_by_a_look(cast: Cast) -> None:
    asked(cast)
    assert cast.client("verifier").get("/checks/export/").status_code == 405
    assert cast.client("verifier").get("/checks/import/").status_code == 405
    assert not Event.objects.filter(subject_kind="means_exchange").exists()


def test_the_template_has_the_columns(cast: Cast) -> None:
    assert rows_of(queue(cast, query="?as=template")) == [[*HEAD, *ITEM]]


def test_the_template_filled_in_by_hand_is_taken(cast: Cast) -> None:
    case = asked(cast)
    (header,) = rows_of(queue(cast, query="?as=template"))
    assert sent(cast, as_csv(full(case), header=header)).status_code == 302


@pytest.mark.parametrize("who", STRANGERS)
def test_nobody_else_comes_in(cast: Cast, who: str) -> None:
    case = asked(cast)
    assert queue(cast, who).status_code == 403
    assert queue(cast, who, "?as=template").status_code == 403
    assert fetched(cast, who).status_code == 403
    assert sent(cast, written([line(case)]), who=who).status_code == 403
    assert MeansCheck.objects.get().returned_on is None


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_file_is_taken_in_and_said_to_be(cast: Cast, form: str) -> None:
    content = written([*full(asked(cast, 1)), *full(asked(cast, 2))], form)
    client = cast.client("verifier")
    assert sent(cast, content, f"报告.{form}").status_code == 302
    assert MeansFinding.objects.count() == 2
    assert queue(cast).content.decode().count("反馈　未超标") == 2
    answer = sent(cast, content, f"报告.{form}")  # the second click of a double one
    assert answer.status_code == 302
    assert MeansFinding.objects.count() == 2
    assert client.get("/checks/").status_code == 200


def test_the_words_tell_new_ones_from_those_that_were_there(cast: Cast) -> None:
    first, second = asked(cast, 1), asked(cast, 2)
    client = cast.client("verifier")
    for rows, words in (
        (full(first), "已导入 1 份核对报告"),
        ([*full(first), *full(second)], "已导入 1 份核对报告，1 份以前已导入"),
    ):
        with at(ON):
            client.post("/checks/import/", {"file": SimpleUploadedFile("报告.csv", written(rows))})
            assert words in client.get("/checks/").content.decode()


def test_what_is_wrong_is_said_by_line_and_nobody_is_named(cast: Cast) -> None:
    case, other = asked(cast, 1), asked(cast, 2)
    number = id_of(other)
    rows = [
        line(case, 项目="人员", 证号=number, 类别="死亡或者殡葬登记", 内容="某殡仪馆"),
        *full(case),
        line(other, 结论="可能"),
    ]
    answer = sent(cast, written(rows))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "文件有 2 处需要修改，没有导入" in page
    assert 'href="#id_file"' in page
    assert [(e.number, e.column) for e in answer.context["wrong"]] == [(2, "证号"), (7, "结论")]
    for secret in (number, id_of(case), "某中学", "某殡仪馆"):
        assert secret not in page


def test_of_many_errors_the_first_hundred_are_shown(cast: Cast) -> None:
    answer = sent(cast, written([line(None, 案件编号=f"YQ-{i}") for i in range(150)]))
    assert "文件有 150 处需要修改" in answer.content.decode()
    assert len(answer.context["wrong"]) == checks.SHOWN == 100


@pytest.mark.parametrize(
    ("content", "name", "status", "said"),
    [
        (b"", "a.csv", 415, "文件是空的"),
        (b"\x00\x00\x00", "a.csv", 415, "文件是空的"),
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "a.xls", 415, "旧版 .xls"),
        (b"PK\x03\x04broken", "a.xlsx", 415, "已损坏"),
        (b"%PDF-1.4", "a.csv", 415, "缺少列"),
        (as_csv([["1"]], header=["甲"]), "a.csv", 415, "缺少列"),
        (as_csv([], header=[*HEAD, *ITEM]), "a.csv", 415, "文件里没有报告"),
        (as_csv([], header=[*HEAD, *HEAD]), "a.csv", 415, "出现了两次"),
        (as_csv([["x"] * 13], header=[*HEAD, *ITEM]), "a.csv", 415, "格子比首行的列名多"),
        (as_csv([["1"]], header=["甲"]), "a.xlsx", 415, "扩展名与内容不符"),
        (b"\xff\x00\xff\xff,\x80\xff\n", "a.csv", 415, "编码"),
    ],
)  # fmt: skip
def test_what_is_no_report_is_refused_with_what_to_do(
    cast: Cast, content: bytes, name: str, status: int, said: str
) -> None:
    asked(cast)
    answer = sent(cast, content, name)
    assert answer.status_code == status
    assert said in answer.content.decode()
    assert MeansCheck.objects.get().returned_on is None


def test_formulas_are_refused_with_their_cell(cast: Cast) -> None:
    content = written([line(asked(cast))], "xlsx", formula="L2")
    answer = sent(cast, content, "报告.xlsx")
    assert answer.status_code == 415
    assert "L2 等格子里是公式" in answer.content.decode()


def test_a_number_cell_of_an_identity_number_is_refused(cast: Cast) -> None:
    case = asked(cast)
    row = line(case, 项目="人员", 证号=int(id_of(case)[:17] + "0"), 类别="在校学生")
    answer = sent(cast, written([row], "xlsx"), "报告.xlsx")
    assert answer.status_code == 422
    assert {e.column for e in answer.context["wrong"]} == {"证号"}


def test_no_file_and_too_large_a_file(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    client = cast.client("verifier")
    answer = client.post("/checks/import/", {})
    assert (answer.status_code, "请选择核对报告文件" in answer.content.decode()) == (422, True)
    monkeypatch.setattr(checks, "MOST_BYTES", 10)
    answer = sent(cast, written([line(asked(cast))]))
    assert (answer.status_code, "请分成几个文件" in answer.content.decode()) == (422, True)


def test_a_column_more_is_passed_over(cast: Cast) -> None:
    case = asked(cast)
    content = written([[*line(case), "备忘"]], header=[*HEAD, *ITEM, "备注"])
    assert sent(cast, content).status_code == 302
    assert road.fresh(case).means_checks.get().returned_on == ON
