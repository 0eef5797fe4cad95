#!/usr/bin/env python3
"""Django's commands; the embedded servers are started when nothing else is configured."""

from __future__ import annotations

import importlib.util
import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

PROJECT = Path(__file__).resolve().parent
INTERRUPTED = 130
# Only these may change the schema; everything else runs with the role that owns nothing.
OWNER_COMMANDS = {"migrate", "makemigrations", "sqlmigrate", "squashmigrations"}


def main() -> None:
    """Run one command; its exit status is ours."""
    _use_own_environment()
    from yuquan_relief.embedded import ServersRefused, servers  # noqa: PLC0415

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yuquan_relief.settings")
    arguments = list(sys.argv)
    if needs_owner(arguments):
        os.environ["RELIEF_DB_ROLE"] = "owner"
    signal.signal(signal.SIGTERM, _leave)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup
        signal.signal(signal.SIGHUP, _leave)
    try:
        with servers("up"):
            _execute(arguments)
    except KeyboardInterrupt:
        sys.stderr.write("\n已中断。\n")
        sys.exit(INTERRUPTED)
    except ServersRefused as refusal:
        sys.stderr.write(f"{refusal}\n")
        sys.exit(1)


def _execute(arguments: list[str]) -> None:
    """Run the command; a database without any table gets a sentence instead of a traceback."""
    from django.core.management import execute_from_command_line  # noqa: PLC0415
    from django.db import ProgrammingError, connection  # noqa: PLC0415

    try:
        execute_from_command_line(arguments)
    except ProgrammingError:
        connection.close()
        if connection.introspection.table_names():
            raise
        sys.exit("数据库中还没有表，请先执行 ./relief up，或者 manage.py migrate。")


def needs_owner(arguments: list[str]) -> bool:
    """Whether the command needs the owner; `dbshell --owner` says so, and loses that option."""
    command = arguments[1] if len(arguments) > 1 else ""
    if command == "dbshell" and "--owner" in arguments:
        arguments.remove("--owner")
        return True
    return command in OWNER_COMMANDS


def _use_own_environment() -> None:
    """Go on in .venv when this Python has no Django."""
    if importlib.util.find_spec("django"):
        return
    python = PROJECT / ".venv" / "bin" / "python"
    if python.exists() and Path(sys.prefix).resolve() != (PROJECT / ".venv").resolve():
        os.execv(python, [str(python), *sys.argv])
    sys.exit("运行环境尚未建立，请先执行：./relief up")


def _leave(number: int, _frame: object) -> NoReturn:
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
