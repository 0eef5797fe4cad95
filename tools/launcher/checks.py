"""`./relief check`: lint, types, import rules and drift, side by side."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from yuquan_relief.embedded import servers

from . import environment
from .console import say
from .places import PROJECT, VENV_PYTHON, has_command

AT_ONCE = 2


@dataclass(frozen=True)
class Check:
    """One check and how it is run."""

    title: str
    command: list[str]
    missing: Callable[[], bool] = lambda: False


@dataclass(frozen=True)
class Outcome:
    """What a check said."""

    title: str
    status: int | None  # None: not there yet
    output: str
    seconds: float


def run() -> int:
    """0 when every check passes; the output of those that do not is shown."""
    with servers("test"), ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = list(pool.map(_run_one, all_checks()))
    failed = [outcome for outcome in outcomes if outcome.status]
    for outcome in failed:
        say(f"\n── {outcome.title}\n{outcome.output.strip()}")
    say(f"\n检查未通过：{'、'.join(one.title for one in failed)}。" if failed else "检查全部通过。")
    return 1 if failed else 0


def all_checks() -> list[Check]:
    """The checks, the longest first."""
    python = [str(VENV_PYTHON), "-m"]
    imports = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return [
        Check("类型（mypy）", [*python, "mypy"]),
        Check("代码规范（ruff check）", [*python, "ruff", "check", "."]),
        Check("代码格式（ruff format）", [*python, "ruff", "format", "--check", "."]),
        Check("引用方向（import-linter）", [str(VENV_PYTHON), "-c", imports]),
        Check("数据库迁移无遗漏", environment.manage("makemigrations", "--check", "--dry-run")),
        _drift("办理流程说明与代码一致", "describe_procedures"),
        _drift("核查规则说明与代码一致", "describe_checks"),
        _drift("条款对照与代码一致", "trace_regulation"),
    ]


def _drift(title: str, command: str) -> Check:
    return Check(title, environment.manage(command, "--check"), lambda: not has_command(command))


def _run_one(check: Check) -> Outcome:
    start = time.monotonic()
    if check.missing():
        say(f"  略过　{check.title}（命令尚未编写）")
        return Outcome(check.title, None, "", 0)
    outcome = subprocess.run(
        check.command,
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        check=False,
    )
    seconds = time.monotonic() - start
    say(f"  {'未过' if outcome.returncode else '通过'}　{check.title}（{seconds:.1f} 秒）")
    output = outcome.stdout.decode(errors="replace")
    return Outcome(check.title, outcome.returncode, output, seconds)
