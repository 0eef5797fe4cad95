"""The children of `up`: started in their own groups, watched, started again, ended in full."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from yuquan_relief.embedded.processes import birth_mark

from .console import say
from .places import PROJECT, log_folder, var

PR_SET_PDEATHSIG = 1
GRACE_SECONDS = 15
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 60.0
# Loaded here and not between fork and exec, where importing is not safe.
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Named:
    """One process for good: its number may be used again, its birth mark is not."""

    role: str
    pid: int
    mark: str

    def lives(self) -> bool:
        """Whether this very process still runs."""
        return bool(self.mark) and birth_mark(self.pid) == self.mark


@dataclass
class Child:
    """One long-lived process of the product."""

    role: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    pause: float = 1.0
    started_at: float = 0.0
    next_start: float = 0.0

    @property
    def log(self) -> Path:
        return log_folder() / f"{self.role}.log"

    def start(self) -> None:
        """The process runs, in a group of its own, so that Ctrl-C reaches only the launcher."""
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                cwd=PROJECT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - we have one thread
            )
        self.started_at = time.monotonic()

    def named(self) -> Named | None:
        """The name of the running process, for `./relief stop`."""
        if self.process is None:
            return None
        return Named(self.role, self.process.pid, birth_mark(self.process.pid))

    def has_ended(self) -> bool:
        """Whether it was started and is gone."""
        return self.process is not None and self.process.poll() is not None

    def plan_restart(self) -> float:
        """Start again after a pause that doubles while it keeps failing; returns the pause."""
        if time.monotonic() - self.started_at > STEADY_SECONDS:
            self.pause = 1.0
        pause, self.pause = self.pause, min(self.pause * 2, LONGEST_PAUSE)
        _kill_group(self.process)
        self.process, self.next_start = None, time.monotonic() + pause
        return pause


@dataclass
class Fleet:
    """All children, and the record of them on disk."""

    children: list[Child]
    address: str

    def start(self) -> None:
        """All children run."""
        for child in self.children:
            child.start()
        self.write_record()

    def watch(self) -> None:
        """Start again what has ended; one look."""
        changed = False
        for child in self.children:
            if child.has_ended() and child.process:
                status = child.process.returncode
                pause = child.plan_restart()
                say(
                    f"{child.role} 已退出（状态 {status}），{pause:.0f} 秒后重新启动。"
                    f"日志：{child.log}"
                )
            elif child.process is None and time.monotonic() >= child.next_start:
                child.start()
                changed = True
        if changed:
            self.write_record()

    def stop(self) -> None:
        """No child runs, nor any of their children."""
        running = [c.process for c in self.children if c.process and c.process.poll() is None]
        for process in running:
            # Only the head is asked: its pool must not be shot from under a running job.
            process.terminate()
        end = time.monotonic() + GRACE_SECONDS
        for process in running:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, end - time.monotonic()))
        for child in self.children:
            _kill_group(child.process)
        record_file().unlink(missing_ok=True)

    def write_record(self, *, ready: bool = False) -> None:
        """Other commands can find us: `up` tells the address, `stop` ends what is left."""
        names = [name for child in self.children if (name := child.named())]
        write_record(names, self.address if ready or self._was_ready() else "")

    def _was_ready(self) -> bool:
        return bool(read_record()[1])


def record_file() -> Path:
    """The record of the running `up`."""
    return var() / "up" / "up.json"


def write_record(names: list[Named], address: str) -> None:
    """The record holds us, our children and, once it answers, the address."""
    me = Named("up", os.getpid(), birth_mark(os.getpid()))
    text = json.dumps(
        {
            "address": address,
            "processes": [[one.role, one.pid, one.mark] for one in [me, *names]],
        }
    )
    fresh = record_file().with_suffix(".new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(record_file())


def read_record() -> tuple[list[Named], str]:
    """Processes (the launcher first) and address of the last `up`."""
    try:
        found = json.loads(record_file().read_text(encoding="utf-8"))
        names = [Named(str(role), int(pid), str(mark)) for role, pid, mark in found["processes"]]
        return names, str(found["address"])
    except (OSError, ValueError, KeyError, TypeError):
        return [], ""


def _die_with_parent() -> None:
    """Also when the launcher is killed outright, its children get a SIGTERM."""
    if LIBC is not None:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _kill_group(process: subprocess.Popen[bytes] | None) -> None:
    if process is None:
        return
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with suppress(subprocess.TimeoutExpired):
        process.wait(5)
