"""The words after ./relief."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

from . import environment
from .console import Failed, Progress, complain, say

INTERRUPTED = 130
MISUSED = 2

HELP = """玉泉区社会救助办案系统

用法：./relief 命令 [选项]

  up      建立运行环境，启动数据库、消息服务、网页、任务和定时服务；按 Ctrl-C 全部停止
            --port N     网页端口（默认 8000，被占用时顺延）
            --no-demo    不装入演示数据
  test    执行全部检查和测试；其余参数原样交给 pytest
            --deep       连同耗时较长的测试
            --no-check   只执行测试，不做代码检查
  check   只做代码检查：规范、类型、引用方向、迁移与说明是否一致
  stop    停止遗留的服务
  help    显示本说明

各管理命令：.venv/bin/python manage.py help"""


def main(arguments: list[str]) -> int:
    """Carry out one command; returns the exit status."""
    word, rest = (arguments[0], arguments[1:]) if arguments else ("help", [])
    commands: dict[str, Callable[[list[str]], int]] = {
        "up": _up,
        "test": _test,
        "check": _check,
        "stop": _stop,
    }
    if word in {"help", "-h", "--help"}:
        say(HELP)
        return 0
    if word not in commands:
        complain(f"没有“{word}”这条命令。\n\n{HELP}")
        return MISUSED
    # Interrupts too: a shell's background job begins with them ignored, and so would its children.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end_in_order)
    try:
        if word != "stop" or environment.exists():
            environment.enter(arguments)
        return commands[word](rest)
    except KeyboardInterrupt:
        complain("\n已中断。")
        return INTERRUPTED
    except Failed as failure:
        complain(str(failure))
        return 1
    except PermissionError as refusal:
        complain(f"没有权限写入 {refusal.filename}。它可能由另一用户（例如 root）建立。")
        return 1


def _end_in_order(_number: int, _frame: FrameType | None) -> NoReturn:
    """Told to end, a command gives its servers back, as after Ctrl-C."""
    raise KeyboardInterrupt


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        complain(f"选项有误：{message}\n\n{HELP}")
        raise SystemExit(MISUSED)


def _up(rest: list[str]) -> int:
    parser = _Parser(prog="./relief up", add_help=False, allow_abbrev=False)
    parser.add_argument("--port", type=int)
    parser.add_argument("--no-demo", action="store_true")
    options = parser.parse_args(rest)
    progress = _environment(steps=7, development=False)
    from . import up  # noqa: PLC0415

    return _carry_out(lambda: up.run(progress, port=options.port, demo=not options.no_demo))


def _test(rest: list[str]) -> int:
    ours = {"--deep", "--no-check"}
    others = [word for word in rest if word not in ours]
    progress = _environment(steps=4, development=True)
    from . import suite  # noqa: PLC0415

    deep, check = "--deep" in rest, "--no-check" not in rest
    return _carry_out(lambda: suite.run(progress, others, deep=deep, check=check))


def _check(rest: list[str]) -> int:
    _Parser(prog="./relief check", add_help=False).parse_args(rest)
    _environment(steps=1, development=True)
    from . import checks  # noqa: PLC0415

    return _carry_out(checks.run)


def _stop(rest: list[str]) -> int:
    _Parser(prog="./relief stop", add_help=False).parse_args(rest)
    if not environment.exists():
        say("运行环境尚未建立，没有需要停止的服务。")
        return 0
    from . import stopping  # noqa: PLC0415

    return _carry_out(stopping.run)


def _carry_out(command: Callable[[], int]) -> int:
    """Run in the finished environment; a refusal of the servers is a failure like any other."""
    from yuquan_relief.embedded import ServersRefused  # noqa: PLC0415

    try:
        return command()
    except ServersRefused as refusal:
        raise Failed(str(refusal)) from None


def _environment(*, steps: int, development: bool) -> Progress:
    """The first step of most commands; modules that need the packages are imported after it."""
    progress = Progress(steps)
    with progress.step("准备运行环境") as remarks:
        remarks.append(environment.ready(development=development))
    return progress
