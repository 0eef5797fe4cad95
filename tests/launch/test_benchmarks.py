"""The benchmarks can be called as CI and their page call them; no figure is judged here."""

import re
import subprocess
import sys

import pytest

from tools.launcher.places import PROJECT
from tools.launcher.suite import SMALL

PAGE = (PROJECT / "benchmarks" / "README.md").read_text(encoding="utf-8")
WRITTEN = sorted(set(re.findall(r"python -m (benchmarks\.[^`]+)", PAGE)))


def says(*words: str) -> str:
    """What a benchmark prints; it must end well."""
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("call", [*SMALL, *WRITTEN])
def test_every_call_that_is_written_down_is_understood(call: str) -> None:
    module, *options = call.split()
    known = says(module, "--help")
    assert all(option in known for option in options if option.startswith("--"))


def test_a_misspelt_option_would_be_noticed() -> None:
    assert "--size" in says("benchmarks.due_dates", "--help")
    assert "--sise" not in says("benchmarks.due_dates", "--help")


@pytest.mark.parametrize(
    "call",
    [
        "due_dates --size 2000",
        "cases --size 400 --rounds 2",
        "payout --size 200",
        "roster --size 200 --form xlsx",
        "supervision --cases 200 --board 200 --lines 2000 --rounds 2",
    ],
)
def test_a_small_run_prints_its_ratio(call: str) -> None:
    module, *options = call.split()
    assert re.search(r"比值 ?\d+", says(f"benchmarks.{module}", *options))
