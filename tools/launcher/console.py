"""What the launcher says: plain lines, also when nobody is at a terminal any more."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class Failed(Exception):
    """The command cannot go on; the text is for the person at the terminal."""


def say(text: str = "", *, end: str = "\n") -> None:
    """Print at once; a terminal that is gone is no reason to stop tidying up."""
    with suppress(OSError, ValueError):
        print(text, end=end, flush=True)


def complain(text: str) -> None:
    """Print to standard error."""
    with suppress(OSError, ValueError):
        print(text, file=sys.stderr, flush=True)


class Progress:
    """Numbered steps, each with its seconds."""

    def __init__(self, total: int) -> None:
        self.total, self.number = total, 0

    @contextmanager
    def step(self, title: str) -> Iterator[list[str]]:
        """One step; what the block adds to the list is said at its end."""
        self.number += 1
        start = time.monotonic()
        head = f"[{self.number}/{self.total}] {title}……"
        if sys.stdout.isatty():
            say(head, end="\r")
        remarks: list[str] = []
        try:
            yield remarks
        except BaseException:
            say(f"{head}未完成")
            raise
        told = "，".join([f"{time.monotonic() - start:.1f} 秒", *remarks])
        say(f"{head}完成（{told}）")


def last_lines(log: Path, count: int = 15) -> str:
    """The end of a log, for a message about what went wrong."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])
