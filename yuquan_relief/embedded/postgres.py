"""The embedded PostgreSQL: made once, started when needed, on a unix socket only."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

from .binaries import POSTGRES_MAJOR, postgres_major, postgres_programs
from .errors import ServersRefused, with_log
from .places import Home
from .processes import end_process, first_number, is_running
from .roles import BOOTSTRAP_SQL, bootstrap_digest

DATABASE = "relief"
SUPERUSER = "postgres"
START_SECONDS = 60
RETRY_SECONDS = 15  # after a kill -9 the old backends need a moment to notice

CLIENT_ENVIRONMENT = {
    "PATH": os.defpath,
    "PGCLIENTENCODING": "UTF8",
    "PGOPTIONS": "-c client_min_messages=warning",
}
SETTINGS = {
    "port": "5432",
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "shared_buffers": "256MB",
    "timezone": "'Asia/Shanghai'",
    "log_timezone": "'Asia/Shanghai'",
    "log_line_prefix": "'%m [%p] %u@%d '",
}
SETTINGS_BY_NAME = {
    "up": {"max_connections": "100"},
    # A crashed test run is thrown away, so nothing in it has to survive a power failure.
    "test": {
        "max_connections": "200",
        "fsync": "off",
        "full_page_writes": "off",
        "synchronous_commit": "off",
        "wal_level": "minimal",
        "max_wal_senders": "0",
    },
}


def url(home: Home, role: str) -> str:
    """The address of the product's database for this role."""
    return f"postgresql://{role}@/{DATABASE}?host={home.sockets}"


def is_up(home: Home) -> bool:
    """Whether the server answers and takes connections."""
    return _state(home, postgres_programs(None)) == 0


def start(home: Home) -> None:
    """The server runs, with roles, extensions and database; the caller holds the start lock."""
    if is_up(home):
        return
    programs = postgres_programs(home.account)
    _refuse_other_major(home, programs)
    if not home.cluster.exists():
        _make_cluster(home, programs)
    _write_settings(home)
    _clear_away(home, programs)
    _start_server(home, programs)
    _bootstrap(home, programs)


def stop(home: Home) -> None:
    """The server is stopped: what is committed is on disk, open connections are closed."""
    programs = postgres_programs(home.account)
    for mode in ("fast", "immediate"):
        if not (home.cluster / "postmaster.pid").exists():
            return
        command: list[str | Path] = [
            programs / "pg_ctl",
            "-D",
            home.cluster,
            "stop",
            "-w",
            "-t",
            "30",
            "-m",
            mode,
        ]
        _run_quietly(command, home)


def _run_quietly(command: list[str | Path], home: Home) -> subprocess.CompletedProcess[str]:
    """Run a program that ends by itself, as the servers' user."""
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        **home.as_servers(),
    )


def _state(home: Home, programs: Path) -> int:
    """0 takes connections, 1 is starting or stopping, 2 does not answer."""
    command: list[str | Path] = [
        programs / "pg_isready",
        "-q",
        "-h",
        home.sockets,
        "-U",
        SUPERUSER,
        "-d",
        "postgres",
    ]
    return subprocess.run(command, check=False, env=CLIENT_ENVIRONMENT).returncode


def _refuse_other_major(home: Home, programs: Path) -> None:
    wheel = postgres_major(programs)
    if wheel != POSTGRES_MAJOR:
        raise ServersRefused(
            f"运行环境中的 PostgreSQL 是 {wheel} 版，本系统须使用 {POSTGRES_MAJOR} 版，"
            "请重新执行 ./relief up。"
        )
    marker = home.cluster / "PG_VERSION"
    found = marker.read_text(encoding="ascii").strip() if marker.exists() else POSTGRES_MAJOR
    if found != POSTGRES_MAJOR:
        raise ServersRefused(
            f"{home.cluster} 中是 PostgreSQL {found} 版的数据，"
            f"本系统只使用 {POSTGRES_MAJOR} 版，未作任何改动。"
            f"请以 {found} 版的 pg_dumpall 导出数据，移走该目录，启动后再用 psql 导入。"
        )


def _make_cluster(home: Home, programs: Path) -> None:
    """initdb in a scratch folder, renamed at the end: half a cluster is never used."""
    scratch = home.data / "pg.new"
    shutil.rmtree(scratch, ignore_errors=True)
    options = ["--username", SUPERUSER, "--auth", "trust", "--encoding", "UTF8", "--data-checksums"]
    options += ["--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"]
    # pg_trgm reads LC_CTYPE even with the builtin provider, and finds no Chinese in plain C.
    options += ["--locale", "C.UTF-8", "--lc-messages", "C"]
    if home.name == "test":
        options.append("--no-sync")
    command: list[str | Path] = [programs / "initdb", "--pgdata", scratch, *options]
    outcome = _run_quietly(command, home)
    if outcome.returncode:
        raise ServersRefused(f"数据库初始化失败：{outcome.stderr.strip()}")
    with (scratch / "postgresql.conf").open("a", encoding="utf-8") as config:
        config.write("\ninclude 'relief.conf'\n")
    scratch.rename(home.cluster)


def _write_settings(home: Home) -> None:
    settings = SETTINGS | SETTINGS_BY_NAME.get(home.name, SETTINGS_BY_NAME["test"])
    settings["unix_socket_directories"] = f"'{home.sockets}'"
    text = "".join(f"{key} = {value}\n" for key, value in sorted(settings.items()))
    path = home.cluster / "relief.conf"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    home.give(path)


def _clear_away(home: Home, programs: Path) -> None:
    """What a crash left behind is gone: a stale pid file, or a server that no longer answers."""
    pid_file = home.cluster / "postmaster.pid"
    pid = first_number(pid_file)
    if pid is None:
        return
    if is_running(pid, "postgres", str(home.cluster)):
        if _state(home, programs) == 1:
            _wait_for_state(home, programs)
        if _state(home, programs) != 0:
            stop(home)
            end_process(pid, "postgres", str(home.cluster))
        return
    # The number may belong to somebody else by now, and PostgreSQL would then refuse to start.
    pid_file.unlink(missing_ok=True)


def _wait_for_state(home: Home, programs: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while _state(home, programs) == 1 and time.monotonic() < end:
        time.sleep(0.1)


def _start_server(home: Home, programs: Path) -> None:
    log = home.data / "postgresql.log"
    command: list[str | Path] = [programs / "pg_ctl", "-D", home.cluster, "-l", log, "start", "-w"]
    command += ["-t", str(START_SECONDS)]
    end = time.monotonic() + RETRY_SECONDS
    while _state(home, programs) != 0:
        # No pipes: the server would inherit them, and the reader would wait for the server to end.
        outcome = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            **home.as_servers(),
        )
        if outcome.returncode and time.monotonic() > end:
            raise ServersRefused(with_log("数据库未能启动", log))
        if outcome.returncode:
            time.sleep(0.3)


def _bootstrap(home: Home, programs: Path) -> None:
    """Roles, extensions and the database exist; done again only when its SQL has changed."""
    marker = home.cluster / "relief.bootstrap"
    if marker.exists() and marker.read_text(encoding="ascii") == bootstrap_digest():
        return
    command: list[str | Path] = [
        programs / "psql",
        "--no-psqlrc",
        "--quiet",
        "--set",
        "ON_ERROR_STOP=1",
    ]
    command += ["-h", home.sockets, "-U", SUPERUSER, "-d", "postgres", "-f", BOOTSTRAP_SQL]
    outcome = subprocess.run(
        command, capture_output=True, encoding="utf-8", check=False, env=CLIENT_ENVIRONMENT
    )
    if outcome.returncode:
        raise ServersRefused(f"数据库角色和扩展未能建立：{outcome.stderr.strip()}")
    marker.write_text(bootstrap_digest(), encoding="ascii")
    home.give(marker)
