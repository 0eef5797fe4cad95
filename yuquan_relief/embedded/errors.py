"""What the embedded servers say when they cannot start."""

from __future__ import annotations

from pathlib import Path


class ServersRefused(Exception):
    """The servers cannot be used; the text is for the person at the terminal."""


def with_log(sentence: str, log: Path) -> str:
    """The sentence, followed by the last lines of the log."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    return "\n".join([f"{sentence}。日志 {log} 的最后几行：", *lines[-8:]])
