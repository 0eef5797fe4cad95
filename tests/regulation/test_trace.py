"""docs/regulation.md: the same from the same files, nothing left out, no false citation."""

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cases.rules.clause_words import clause_text
from cases.rules.procedures import PROCEDURES
from supervision.reports.citations import Tree
from supervision.reports.regulation import STEP_PAGES, page
from tests import road
from tests.cast import Cast
from tests.regulation.house import ROOT, mark, run, write

COMMAND = "trace_regulation"
FALSE = [
    ("cases/rules/a.py", '"""One.\n\nNobody wrote that (5(12)).\n"""\n', "第 3 行引用“5(12)”"),
    ("funds/a.py", "x = 1\n# the answer (23).\n", "第 2 行引用“23”"),
    ("archives/a.py", 'x = 1\ny = "依据第三十条"\n', "第 2 行引用“第三十条”"),
    ("cases/tasks.py", '@duty("x", label="y", clause="3(9)")\ndef f(): ...\n', "第 1 行引用“3(9)”"),
    ("templates/a.html", "<p>\n（第五条（十））", "第 2 行引用“第五条（十）”"),
    ("yuquan_relief/kernel/rulebook/a.toml", 'a = 1\nsource = "第六条5"', "第 2 行引用“第六条5”"),
    ("tests/a/test_a.py", mark("3(4)", "4(1).9"), "第 3 行引用“4(1).9”"),
]


def row(text: str, clause: str) -> list[str]:
    """The cells of a clause's row: steps, code, pages, clocks, tests."""
    (line,) = [line for line in text.splitlines() if f"</a>{clause} |" in line]
    return [cell.strip() for cell in line.strip("| ").split(" | ")][2:]


def is_open(text: str, clause: str) -> bool:
    """Whether the clause is listed as without a test."""
    return any(line.startswith(f"- {clause}：") for line in text.splitlines())


def test_it_is_the_same_in_another_process() -> None:
    code = (
        "import django, sys; django.setup(); from pathlib import Path;"
        "from supervision.reports.regulation import page;"
        "sys.stdout.write(page(Path.cwd()))"
    )
    env = os.environ | {"PYTHONHASHSEED": "7", "PYTHONUTF8": "1"}
    other = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env=env, check=True
    )
    assert other.stdout == page(ROOT)


def test_nothing_in_the_house_cites_a_clause_that_there_is_not() -> None:
    assert "## 尚无检验的条文" in page(ROOT)


@pytest.mark.parametrize(("name", "source", "where"), FALSE)
def test_a_false_citation_fails_with_file_and_line(
    house: Path, name: str, source: str, where: str
) -> None:
    write(house, name, source)
    assert run(COMMAND) == (1, f"{name} {where}，制度里没有这一条")
    assert not (house / "docs/regulation.md").exists()


@pytest.mark.parametrize(("name", "source", "where"), FALSE)
def test_twin_without_the_guard_a_false_citation_goes_unseen(
    house: Path, monkeypatch: pytest.MonkeyPatch, name: str, source: str, where: str
) -> None:
    monkeypatch.setattr(Tree, "_keys", lambda _, found, *__: ((1, c.key) for c in found))
    write(house, name, source)
    assert run(COMMAND)[0] == 0


def test_a_step_that_cites_what_there_is_not_fails_with_its_name(
    house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    procedure = next(iter(PROCEDURES.values()))
    wrong = dataclasses.replace(procedure["accept"], cites="4(1).1 3(9)")
    monkeypatch.setitem(procedure, "accept", wrong)
    assert run(COMMAND) == (1, "“受理”引用“3(9)”，制度里没有这一条")


def test_drift_is_found_and_mended(house: Path) -> None:
    stale = (1, "docs/regulation.md 已过时，请运行 manage.py trace_regulation")
    assert run(COMMAND, "--check") == stale  # there is none yet
    run(COMMAND)
    assert run(COMMAND, "--check") == (0, "")
    write(house, "tests/test_a.py", mark("5(5)"))
    assert run(COMMAND, "--check") == stale
    run(COMMAND)
    assert run(COMMAND, "--check") == (0, "")


def test_checking_writes_nothing(house: Path) -> None:
    run(COMMAND, "--check")
    assert not (house / "docs/regulation.md").exists()


def test_a_clause_without_tests_is_open_until_it_has_one(house: Path) -> None:
    assert is_open(page(house), "5(5)")
    write(house, "tests/test_a.py", mark("5(5)①, 6(1)"))
    text = page(house)
    assert not is_open(text, "5(5)")
    assert not is_open(text, "6.1")
    assert is_open(text, "6.2")
    assert row(text, "5(5)")[4] == row(text, "6.1")[4] == "`tests/test_a.py::test_it`"


def test_a_heading_is_never_listed_as_open(house: Path) -> None:
    text = page(house)
    assert [clause for clause in ("3", "4", "4(1)", "6", "7", "21") if is_open(text, clause)] == []


def test_a_mark_on_what_is_no_test_counts_for_nothing(house: Path) -> None:
    write(house, "tests/test_a.py", mark("5(5)", name="helper"))
    assert is_open(page(house), "5(5)")


def test_code_is_named_by_what_is_public_around_the_citation(house: Path) -> None:
    source = (
        '"""Money (11)."""\n\n'
        'class Purse:\n    """Kept apart (4(1).3)."""\n\n'
        '    def spend(self):\n        """Spent (4(1).3)."""\n\n'
        'def _hidden():\n    """Late (15)."""\n'
    )
    write(house, "funds/a.py", source)
    text = page(house)
    assert row(text, "11")[1] == row(text, "15")[1] == "`funds/a.py`"
    assert row(text, "4(1).3")[1] == "`funds/a.py:Purse.spend`<br>`funds/a.py:Purse`"


def test_pages_that_name_a_clause_stand_beside_it(house: Path) -> None:
    write(house, "templates/funds/board.html", "<p>每月10日前（第四条（一）3、第十一条）</p>")
    write(house, "archives/views/a.py", 'def f():\n    return "第六条（一）、（三）"\n')
    text = page(house)
    assert row(text, "11")[2] == row(text, "4(1).3")[2] == "`funds/board.html`"
    assert row(text, "6.1")[2] == row(text, "6.3")[2] == "`archives/views/a.py:f`"
    assert row(text, "6.2")[2] == "—"


def test_steps_and_clocks_that_cite_two_clauses_stand_at_both(house: Path) -> None:
    text = page(house)
    assert "发放到户提醒" in row(text, "4(1).3")[3]
    assert "发放到户提醒" in row(text, "11")[3]
    assert "提交申请" in row(text, "3(3)")[0]
    assert "签批发放" in row(text, "4(1).3")[0]
    assert row(text, "3(3)")[2] == "<br>".join(f"`{one}`" for one in STEP_PAGES)


def test_a_step_is_shown_with_its_clause_on_the_pages_named(cast: Cast) -> None:
    case = road.submitted(cast)
    step = next(iter(PROCEDURES.values()))["decline"]
    client = cast.client("staff")
    urls = (f"/cases/{case.no}/", f"/cases/{case.no}/decline/")
    for url, name in zip(urls, STEP_PAGES, strict=True):
        response = client.get(url)
        assert name in [template.name for template in response.templates]
        assert clause_text(step.cites) in response.content.decode()
