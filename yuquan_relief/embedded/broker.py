"""The embedded Valkey: the bell that wakes the workers, on a unix socket only."""

from __future__ import annotations

import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from .binaries import valkey_program
from .errors import ServersRefused, with_log
from .places import Home
from .processes import end_process, first_number

START_SECONDS = 20
SOCKET_SCHEME = "redis+socket://"


def url(home: Home) -> str:
    """The address as Celery takes it."""
    return f"{SOCKET_SCHEME}{_socket(home)}"


def client_url(redis_url: str) -> str:
    """The same server as redis-py takes it: the two name a unix socket differently."""
    if redis_url.startswith(SOCKET_SCHEME):
        return "unix://" + redis_url.removeprefix(SOCKET_SCHEME)
    return redis_url


def is_up(home: Home) -> bool:
    """Whether the broker answers."""
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(2)
        client.connect(str(_socket(home)))
        client.sendall(b"PING\r\n")
        return client.recv(16).startswith(b"+PONG")
    return False


def start(home: Home) -> None:
    """The broker runs; the caller holds the start lock."""
    if is_up(home):
        return
    stop(home)
    # A number from an earlier run must not be taken for the new server's.
    _pid_file(home).unlink(missing_ok=True)
    config = _write_config(home)
    command: list[str | Path] = [valkey_program(home.account), config]
    outcome = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
        **home.as_servers(),
    )
    end = time.monotonic() + START_SECONDS
    while not (is_up(home) and first_number(_pid_file(home))):
        if outcome.returncode or time.monotonic() > end:
            raise ServersRefused(with_log("消息服务未能启动", _folder(home) / "valkey.log"))
        time.sleep(0.02)


def stop(home: Home) -> None:
    """The broker is stopped; what is queued is in the append-only file."""
    pid = first_number(_pid_file(home))
    if pid:
        # Valkey shows its socket in its title, which tells it from a stranger with the same number.
        end_process(pid, "valkey-server", str(_socket(home)))


def _socket(home: Home) -> Path:
    return home.sockets / "valkey.sock"


def _pid_file(home: Home) -> Path:
    return _folder(home) / "valkey.pid"


def _folder(home: Home) -> Path:
    return home.data / "valkey"


def _write_config(home: Home) -> Path:
    folder = _folder(home)
    folder.mkdir(mode=0o700, exist_ok=True)
    home.give(folder)
    lines = [
        "port 0",
        f"unixsocket {_socket(home)}",
        "unixsocketperm 700",
        f"dir {_quoted(folder)}",
        f"pidfile {_quoted(_pid_file(home))}",
        f"logfile {_quoted(folder / 'valkey.log')}",
        "daemonize yes",
        f"appendonly {'no' if home.name == 'test' else 'yes'}",
        'save ""',
        # A full broker says so; it never drops a waiting job in silence.
        "maxmemory-policy noeviction",
    ]
    config = folder / "valkey.conf"
    config.write_text("\n".join(lines) + "\n", encoding="utf-8")
    config.chmod(0o600)
    home.give(config)
    return config


def _quoted(path: Path) -> str:
    text = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
