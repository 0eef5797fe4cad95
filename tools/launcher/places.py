"""Where the launcher finds and keeps things."""

from __future__ import annotations

import os
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
VENV = PROJECT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
MANAGE = PROJECT / "manage.py"


def var() -> Path:
    """The folder of all run-time state, the same as the embedded servers use."""
    return Path(os.environ.get("RELIEF_VAR") or PROJECT / "var").absolute()


def log_folder() -> Path:
    """The folder of the logs of `up`, made ready."""
    folder = var() / "up" / "log"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def in_own_environment() -> bool:
    """Whether this process already runs in .venv."""
    return Path(sys.prefix).resolve() == VENV.resolve()


def has_command(name: str) -> bool:
    """Whether one of our apps has this management command."""
    apps = ("yuquan_relief/kernel", "cases", "funds", "archives", "supervision")
    return any((PROJECT / app / "management" / "commands" / f"{name}.py").exists() for app in apps)
