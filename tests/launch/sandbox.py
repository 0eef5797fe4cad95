"""Servers and launcher in a folder of their own, with nothing inherited from the test run."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
OURS = ("DATABASE_", "REDIS_", "RELIEF_", "DJANGO_", "PYTEST_")

HOLD = """
import sys, time
from yuquan_relief.embedded import servers
with servers("up") as endpoints:
    print(endpoints.database_url, flush=True)
    sys.stdin.read()
"""


@dataclass(frozen=True)
class Sandbox:
    """One var folder."""

    var: Path

    @property
    def environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(OURS)}
        return kept | {"RELIEF_VAR": str(self.var), "PYTHONPATH": str(PROJECT), "PYTHONUTF8": "1"}

    def python(self, code: str) -> subprocess.CompletedProcess[str]:
        """Run a few lines to their end."""
        command = [sys.executable, "-c", code]
        return subprocess.run(
            command,
            env=self.environment,
            cwd="/",
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=60,
        )

    def holder(self) -> Holder:
        """A process that holds the servers until it is told to let go."""
        return Holder(
            subprocess.Popen(
                [sys.executable, "-c", HOLD],
                env=self.environment,
                cwd="/",
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                encoding="utf-8",
            )
        )

    def relief(self, *words: str, cwd: str = "/") -> subprocess.CompletedProcess[str]:
        """Run ./relief to its end."""
        return subprocess.run(
            [PROJECT / "relief", *words],
            env=self.environment,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=120,
        )

    def server_processes(self) -> list[int]:
        """PostgreSQL and the broker of this folder, as far as they run."""
        return [int(pid) for pid in _processes_with(str(self.var))]


@dataclass(frozen=True)
class Holder:
    """A process that holds the servers."""

    process: subprocess.Popen[str]

    def url(self) -> str:
        """The database's address, as soon as the servers run."""
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def let_go(self) -> int:
        """It ends in order; its exit status."""
        assert self.process.stdin
        self.process.stdin.close()
        return self.process.wait(30)

    def kill(self) -> None:
        """It ends with no chance to tidy up."""
        self.process.kill()
        self.process.wait(10)


def _processes_with(word: str) -> list[str]:
    """Numbers of running postmasters and brokers whose command line names this folder."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                line = (folder / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if word in line and ("bin/postgres\0" in line or "valkey-server" in line):
                found.append(folder.name)
    return found


def eventually(true: Callable[[], bool], seconds: float = 15) -> bool:
    """Whether it becomes true in time."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
