"""Processes by their number: a number alone proves nothing, since numbers are used again."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

POLL_SECONDS = 0.02


def command_line(pid: int) -> str:
    """The command line of a running process; "" when there is none (or only a zombie)."""
    proc = Path(f"/proc/{pid}/cmdline")
    if Path("/proc/self/cmdline").exists():
        with suppress(OSError):
            return proc.read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        return ""
    # -ww: a line is never cut at the width of a screen (COLUMNS), which would hide its last words.
    command = ["ps", "-ww", "-o", "command=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def is_running(pid: int, *words: str) -> bool:
    """Whether the process lives and its command line holds all these words."""
    line = command_line(pid)
    return bool(line) and all(word in line for word in words)


def birth_mark(pid: int) -> str:
    """When the process began, in whatever form the system tells it; "" when there is none.

    A number and its birth mark together name one process for good.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        if Path("/proc/self/stat").exists():
            return ""
        command = ["ps", "-o", "lstart=", "-p", str(pid)]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    # The name in brackets may hold spaces; state is the first field after it, start time the 20th.
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in {"Z", "X"} else fields[19]


def wait_until_gone(pid: int, seconds: float, *words: str) -> bool:
    """True as soon as the process is gone, False when the time is over."""
    end = time.monotonic() + seconds
    while is_running(pid, *words):
        if time.monotonic() > end:
            return False
        time.sleep(POLL_SECONDS)
    return True


def end_process(pid: int, *words: str, seconds: float = 10) -> None:
    """End the process whose command line has these words: asked first, killed after `seconds`."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if not is_running(pid, *words):
            return
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        if wait_until_gone(pid, seconds, *words):
            return


def first_number(path: Path) -> int | None:
    """The number on the first line of a pid file, None when there is none."""
    try:
        return int(path.read_text(encoding="utf-8", errors="replace").split()[0])
    except (OSError, ValueError, IndexError):
        return None
