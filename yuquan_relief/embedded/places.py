"""Where the embedded servers keep their state, and as which user they run."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import ServersRefused

PROJECT = Path(__file__).resolve().parents[2]
SERVICE_USER = "yuquan-relief"
SERVICE_HOME = Path("/var/lib/yuquan-relief")
SOCKET_LIMIT = 107  # bytes of a socket path that libpq and the kernel accept
LONGEST_SOCKET = "/.s.PGSQL.5432.lock"
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")  # goes into URLs without quoting


@dataclass(frozen=True)
class Account:
    """The user that the servers run as."""

    name: str
    uid: int
    gid: int

    def process_options(self) -> dict[str, Any]:
        """Arguments for subprocess that make the child run as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


@dataclass(frozen=True)
class Home:
    """The folders of one set of servers, `up` or `test`."""

    name: str
    folder: Path  # ours: locks, keys, logs, attachments
    data: Path  # the servers' own: cluster, append-only file
    sockets: Path
    account: Account | None  # None: the servers run as the current user

    @property
    def cluster(self) -> Path:
        return self.data / "pg"

    def as_servers(self) -> dict[str, Any]:
        """Arguments for subprocess that run a child as the servers' user."""
        options: dict[str, Any] = {"umask": 0o077, "cwd": "/", "env": server_environment()}
        return options | (self.account.process_options() if self.account else {})

    def give(self, path: Path) -> None:
        """Hand a file or folder to the servers' user."""
        if self.account:
            os.chown(path, self.account.uid, self.account.gid)


def server_environment() -> dict[str, str]:
    """A small, fixed environment: the caller's PG* and LC_* settings do not reach the servers."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "HOME": "/"}


def var_folder() -> Path:
    """The folder of all run-time state: RELIEF_VAR, or var/ in the project."""
    return Path(os.environ.get("RELIEF_VAR") or PROJECT / "var").absolute()


def home(name: str) -> Home:
    """The folders of the servers `name`; ours exists, the servers' own are made at their start."""
    folder = var_folder() / name
    folder.mkdir(parents=True, exist_ok=True, mode=0o711)
    account = service_account() if os.geteuid() == 0 else None
    if account:
        _open_for_passing(folder)
    data = _data_folder(folder, account)
    return Home(name, folder, data, _socket_folder(folder, data, account), account)


def make_ready(home: Home) -> None:
    """The servers' folders exist and are private; the caller holds the start lock."""
    for path in (home.data, home.sockets):
        _private_folder(path, home.account)


def clear_sockets(home: Home) -> None:
    """A socket folder apart from the data is not left behind; the caller holds the start lock."""
    if home.data in home.sockets.parents:
        return
    with suppress(OSError):  # still in use
        home.sockets.rmdir()
        if home.account:  # /var/lib/yuquan-relief/<mark>; elsewhere the parent is the system's
            home.sockets.parent.rmdir()


def service_account() -> Account:
    """The service user, made when it is missing: PostgreSQL refuses to run as root."""
    import pwd  # noqa: PLC0415 - not on every platform

    try:
        entry = pwd.getpwnam(SERVICE_USER)
    except KeyError:
        _create_service_user()
        entry = pwd.getpwnam(SERVICE_USER)
    return Account(SERVICE_USER, entry.pw_uid, entry.pw_gid)


def _create_service_user() -> None:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is None:
        raise ServersRefused(
            f"数据库不能以 root 身份运行，且本机没有 useradd。请先建立系统用户 {SERVICE_USER}。"
        )
    command = [useradd, "--system", "--user-group", "--no-create-home"]
    command += ["--home-dir", str(SERVICE_HOME), "--shell", "/usr/sbin/nologin", SERVICE_USER]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False)
    if outcome.returncode not in {0, 9}:  # 9: another command has just made it
        raise ServersRefused(f"系统用户 {SERVICE_USER} 未能建立：{outcome.stderr.strip()}")


def _open_for_passing(folder: Path) -> None:
    """Let the service user pass through our own folders; parent folders are left as they are."""
    for path in (folder.parent, folder):
        if path.stat().st_uid == 0 and path != Path("/"):
            path.chmod(stat.S_IMODE(path.stat().st_mode) | 0o111)


def can_enter(folder: Path, account: Account) -> bool:
    """Whether this user can pass through the folder."""
    command = ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)]
    outcome = subprocess.run(
        command, cwd="/", capture_output=True, check=False, **account.process_options()
    )
    return outcome.returncode == 0


def _data_folder(folder: Path, account: Account | None) -> Path:
    """Inside our own folder, or where the service user can get to; once chosen it stays."""
    inside, outside = folder / "data", SERVICE_HOME / _mark(folder)
    if account is None or inside.exists():
        return inside
    if outside.exists() or not can_enter(folder, account):
        return outside
    return inside


def _mark(folder: Path) -> str:
    return hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:16]


def _socket_folder(folder: Path, data: Path, account: Account | None) -> Path:
    """A folder whose socket paths are short and plain, whatever the clone's path is."""
    inside = data / "run"
    if _is_plain(inside):
        return inside
    if account:
        return SERVICE_HOME / _mark(folder) / "run"
    name = f"yuquan-relief-{os.getuid()}-{_mark(folder)}"
    for parent in (Path(tempfile.gettempdir()), Path("/tmp")):
        if _is_plain(parent / name):
            return parent / name
    raise ServersRefused("找不到足够短的目录放置数据库套接字，请设置 TMPDIR=/tmp 后重试。")


def make_readable_folder(path: Path) -> None:
    """A folder of the service home that others may pass through, whatever the umask is."""
    for folder in [*reversed(path.parents), path]:
        inside = folder == SERVICE_HOME or SERVICE_HOME in folder.parents
        if inside and not folder.exists():
            folder.mkdir(exist_ok=True)
            folder.chmod(0o755)


def _is_plain(path: Path) -> bool:
    text = str(path)
    return bool(PLAIN_PATH.fullmatch(text)) and len(text) + len(LONGEST_SOCKET) <= SOCKET_LIMIT


def _private_folder(path: Path, account: Account | None) -> None:
    """The folder exists, belongs to the servers' user and nobody else may enter it."""
    if SERVICE_HOME in path.parents:
        make_readable_folder(path.parent)
    path.mkdir(mode=0o700, exist_ok=True, parents=True)
    found = path.lstat()
    wanted = account.uid if account else os.geteuid()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {wanted, os.geteuid()}:
        raise ServersRefused(f"目录 {path} 不属于本用户，数据库不在其中启动。")
    if found.st_uid != wanted and account:
        os.chown(path, account.uid, account.gid)
    path.chmod(0o700)
