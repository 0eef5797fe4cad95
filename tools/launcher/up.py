"""`./relief up`: from nothing to a running product, until Ctrl-C."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path
from types import FrameType
from typing import NoReturn

from yuquan_relief.embedded import locks, servers

from . import environment, stopping, system
from .console import Failed, Progress, complain, last_lines, say
from .fleet import Child, Fleet, read_record, write_record
from .places import PROJECT, VENV_PYTHON, has_command, log_folder, var

FIRST_PORT = 8000
PORTS_TO_TRY = 100
ANSWER_SECONDS = 90
LOOK_SECONDS = 0.5
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(progress: Progress, *, port: int | None, demo: bool) -> int:
    """Serve until a signal comes; 0 when everything was stopped in order."""
    for number in SIGNALS:
        if not (number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN):  # nohup
            signal.signal(number, _interrupt)
    with progress.step("检查 PDF 组件") as remarks:
        if warning := system.ensure_pango():
            remarks.append("缺少组件")
    if warning:
        complain(warning)
    lock = locks.open_lock(_folder() / "up.lock")
    if not locks.try_alone(lock):
        os.close(lock)
        return _already_running()
    try:
        stopping.end_leftovers()
        write_record([], "")
        return _serve(progress, port or FIRST_PORT, demo=demo)
    finally:
        _ignore_signals()
        fcntl.flock(lock, fcntl.LOCK_UN)


def _serve(progress: Progress, wanted_port: int, *, demo: bool) -> int:
    try:
        with progress.step("启动数据库和消息服务"):
            holding = servers("up")
            holding.__enter__()
        try:
            _prepare_and_watch(progress, wanted_port, demo=demo)
        finally:
            _ignore_signals()
            holding.__exit__(None, None, None)
    except KeyboardInterrupt:
        say("\n已全部停止。数据保留在 var/up，再次执行 ./relief up 即可继续。")
    return 0


def _prepare_and_watch(progress: Progress, wanted_port: int, *, demo: bool) -> None:
    with progress.step("更新数据库结构"):
        _manage("migrate", "--noinput")
        if has_command("load_reference"):
            _manage("load_reference")
    logins = ""
    with progress.step("准备演示数据") as remarks:
        if not demo:
            remarks.append("按要求略过")
        elif has_command("seed_demo"):
            logins = _manage("seed_demo")
        else:
            remarks.append("暂无此命令，略过")
    with progress.step("整理静态文件"):
        _manage("collectstatic", "--noinput", "--verbosity", "0")
    port = free_port(wanted_port)
    fleet = Fleet(children(port), f"http://127.0.0.1:{port}/")
    try:
        with progress.step("启动网页、任务和定时服务") as remarks:
            fleet.start()
            _wait_for_answer(fleet)
            fleet.write_record(ready=True)
            if port != wanted_port:
                remarks.append(f"端口 {wanted_port} 已被占用，改用 {port}")
        _announce(fleet.address, logins)
        while True:
            time.sleep(LOOK_SECONDS)
            fleet.watch()
    finally:
        _ignore_signals()
        say("\n正在停止，请稍候……")
        fleet.stop()


def children(port: int) -> list[Child]:
    """Web, worker and clock."""
    python = str(VENV_PYTHON)
    celery = [python, "-m", "celery", "-A", "yuquan_relief"]
    web = [python, "-m", "gunicorn", "yuquan_relief.wsgi:application", "--chdir", str(PROJECT)]
    web += ["--bind", f"127.0.0.1:{port}", "--worker-class", "gthread", "--workers", "2"]
    web += ["--threads", "4", "--graceful-timeout", "10", "--no-control-socket"]
    web += ["--access-logfile", "-", "--error-logfile", "-"]
    # Names of their own: two clones on one machine must not take each other's remote commands.
    worker = [*celery, "worker", "--pool", "prefork", "--concurrency", "2", "--loglevel", "INFO"]
    worker += ["--hostname", f"up-{os.getpid()}@%h", "--without-gossip", "--without-mingle"]
    clock = [*celery, "beat", "--loglevel", "INFO", "--pidfile", ""]
    clock += ["--scheduler", "django_celery_beat.schedulers:DatabaseScheduler"]
    return [Child("web", web), Child("worker", worker), Child("beat", clock)]


def free_port(first: int) -> int:
    """The first port from here on that nobody listens on."""
    for port in range(first, min(first + PORTS_TO_TRY, 65536)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise Failed(f"从 {first} 起的 {PORTS_TO_TRY} 个端口都已被占用，请用 --port 指定其他端口。")


def _folder() -> Path:
    folder = var() / "up"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _manage(*words: str) -> str:
    """Run one of Django's commands; returns what it printed."""
    log = log_folder() / f"{words[0]}.log"
    with log.open("wb") as errors:
        outcome = subprocess.run(
            environment.manage(*words),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=PROJECT,
            check=False,
        )
    told = outcome.stdout.decode(errors="replace")
    with log.open("a", encoding="utf-8") as file:
        file.write(told)
    if outcome.returncode:
        raise Failed(f"manage.py {words[0]} 未成功，日志 {log} 的最后几行：\n{last_lines(log)}")
    return told


def _wait_for_answer(fleet: Fleet) -> None:
    end = time.monotonic() + ANSWER_SECONDS
    web = fleet.children[0]
    while not _answers(f"{fleet.address}healthz"):
        if web.has_ended() or time.monotonic() > end:
            raise Failed(f"网页服务没有应答，日志 {web.log} 的最后几行：\n{last_lines(web.log)}")
        time.sleep(0.2)


def _answers(address: str) -> bool:
    # No proxy of the caller's stands between this machine and itself.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(address, timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def _announce(address: str, logins: str) -> None:
    say()
    say(f"系统已启动：{address}")
    if logins.strip():
        say(logins.strip())
    say(f"日志在 {log_folder()}。按 Ctrl-C 停止全部服务。")


def _already_running() -> int:
    """Tell where the other `up` serves; it may still be on its way."""
    end = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < end:
        names, address = read_record()
        if address and any(name.lives() for name in names):
            say(f"系统已经在运行：{address}（停止请执行 ./relief stop）")
            return 0
        time.sleep(LOOK_SECONDS)
    say("系统正由另一条 ./relief up 启动，尚未就绪。")
    return 0


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    _ignore_signals()  # one is enough: stopping in order is already on its way
    raise KeyboardInterrupt


def _ignore_signals() -> None:
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
