"""`./relief test`: the whole suite, from nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from types import FrameType

from yuquan_relief.embedded import servers

from . import checks, system
from .console import Progress, complain, say
from .places import PROJECT, VENV_PYTHON

AT_ONCE = "2"
SMALL = (
    "benchmarks.due_dates --size 100000",
    "benchmarks.cases --size 2000 --rounds 15",
    "benchmarks.payout --size 2000",
)


def prepare(progress: Progress) -> None:
    """Everything the tests need is installed; what is missing is said in one line each."""
    with progress.step("检查 PDF 组件"):
        missing = [system.ensure_pango()]
    with progress.step("检查浏览器"):
        missing.append(system.ensure_browser())
    with progress.step("检查 PDF 工具"):
        missing.append(system.ensure_poppler())
    for sentence in filter(None, missing):
        complain(sentence)


def run(progress: Progress, arguments: list[str], *, deep: bool, check: bool) -> int:
    """The exit status of pytest, or of the checks that come first."""
    prepare(progress)
    with servers("test"):
        if check:
            say("检查代码：")
            if status := checks.run():
                return status
        if os.environ.get("CI") and (status := ratios()):
            return status
        command = [str(VENV_PYTHON), "-m", "pytest", "-n", AT_ONCE]
        if deep:
            command += ["-m", "deep or not deep"]
        return _run_to_the_end([*command, *arguments])


def ratios() -> int:
    """The small benchmarks have printed their ratios; only one that breaks stops the run."""
    say("性能比值（小规模，只打印，不作判定）：")
    for words in SMALL:
        command = [str(VENV_PYTHON), "-m", *words.split()]
        if status := subprocess.run(command, cwd=PROJECT, check=False).returncode:
            return status
    return 0


def _run_to_the_end(command: list[str]) -> int:
    """Run in the foreground; an interrupt goes to pytest, and we wait until it has tidied up."""
    process = subprocess.Popen(command, cwd=PROJECT)

    def pass_on(number: int, _frame: FrameType | None) -> None:
        # Ctrl-C at a terminal reaches pytest by itself; twice would cut its tidying short.
        if number == signal.SIGINT and sys.stdin.isatty():
            return
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGINT)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, pass_on)
    status = process.wait()
    return 128 - status if status < 0 else status
