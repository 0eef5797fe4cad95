"""docs/procedures.md: the same from the same tables, every step on it, drift found."""

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cases.management.commands import describe_procedures
from cases.rules.clause_words import clause_text
from cases.rules.procedures import PROCEDURES
from cases.rules.programmes import Programme
from tests.regulation.house import ROOT, run, write

COMMAND = "describe_procedures"
STALE = (1, "docs/procedures.md 与程序表不一致，请运行 manage.py describe_procedures")


def test_it_is_the_same_in_another_process() -> None:
    code = (
        "import django, sys; django.setup();"
        "from cases.management.commands.describe_procedures import page;"
        "sys.stdout.write(page())"
    )
    env = os.environ | {"PYTHONHASHSEED": "7", "PYTHONUTF8": "1"}
    other = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env=env, check=True
    )
    assert other.stdout == describe_procedures.page()


def section(programme: Programme) -> list[str]:
    """The lines of the page between the programme's heading and the next one."""
    (after,) = describe_procedures.page().split(f"\n## {programme.label}\n")[1:]
    return after.partition("\n## ")[0].splitlines()


@pytest.mark.parametrize("programme", Programme)
def test_every_step_stands_on_it_with_its_clause(programme: Programme) -> None:
    rows = [line for line in section(programme) if line.startswith("| ") and "`" in line]
    steps = PROCEDURES[programme.value].values()
    assert len(rows) == len(steps)
    for row, step in zip(rows, steps, strict=True):
        assert row.startswith(f"| {step.label} | `{step.code}` |")
        assert row.endswith(f"| {clause_text(step.cites)} |")


def test_drift_is_found_and_mended(house: Path) -> None:
    assert run(COMMAND, "--check") == STALE  # there is none yet
    run(COMMAND)
    assert run(COMMAND, "--check") == (0, "")
    path = house / "docs/procedures.md"
    write(house, "docs/procedures.md", path.read_text(encoding="utf-8") + "手写的一行\n")
    assert run(COMMAND, "--check") == STALE


def test_a_changed_table_is_drift(house: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(COMMAND)
    procedure = next(iter(PROCEDURES.values()))
    changed = dataclasses.replace(procedure["accept"], cites="4(1).2")
    monkeypatch.setitem(procedure, "accept", changed)
    assert run(COMMAND, "--check") == STALE


def test_twin_a_page_that_never_changes_hides_the_drift(
    house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = describe_procedures.page()
    monkeypatch.setattr(describe_procedures, "page", lambda: written)
    run(COMMAND)
    procedure = next(iter(PROCEDURES.values()))
    changed = dataclasses.replace(procedure["accept"], cites="4(1).2")
    monkeypatch.setitem(procedure, "accept", changed)
    assert run(COMMAND, "--check") == (0, "")
