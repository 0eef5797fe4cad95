"""Real PostgreSQL and a real broker for a machine on which nothing is prepared.

Every command that needs them takes `servers()` or `hold()`. The holders share one lock; the one
that leaves last stops the servers, so two commands at once share them and neither takes them from
the other.
Where DATABASE_URL and REDIS_URL are set, those are used and nothing is started.
"""

from __future__ import annotations

import atexit
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from . import broker, locks, postgres
from .broker import client_url
from .errors import ServersRefused
from .places import Home, clear_sockets, home, make_ready, var_folder
from .roles import prepare_database

__all__ = [
    "Endpoints",
    "ServersRefused",
    "client_url",
    "hold",
    "prepare_database",
    "servers",
    "stop",
    "var_folder",
]


@dataclass(frozen=True)
class Endpoints:
    """Where the servers are."""

    database_url: str
    owner_url: str
    redis_url: str


@contextmanager
def servers(name: str = "up") -> Iterator[Endpoints]:
    """Inside the block the servers run and their addresses are in the environment.

    `name` is "up" for the product and "test" for the tests (faster, forgets on a power failure).
    """
    endpoints, release = _enter(name)
    try:
        yield endpoints
    finally:
        release()


def hold(name: str = "up") -> Endpoints:
    """Like `servers`, for a process that needs them until it ends."""
    endpoints, release = _enter(name)
    atexit.register(release)
    return endpoints


def stop(name: str) -> bool:
    """The servers are stopped; False when another command still holds them."""
    here = home(name)
    with locks.exclusive(here.folder / "start.lock"):
        holders = locks.open_lock(here.folder / "holders.lock")
        try:
            if not locks.try_alone(holders):
                return False
            _stop_both(here)
        finally:
            os.close(holders)
    return True


class _Release:
    """Gives the servers back, once, and only in the process that took them."""

    def __init__(self, here: Home | None, holders: int, before: dict[str, str | None]) -> None:
        self.here, self.holders, self.before, self.process = here, holders, before, os.getpid()

    def __call__(self) -> None:
        if self.process != os.getpid():  # a forked child that ends does not speak for its parent
            return
        self.process = -1
        for key, value in self.before.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value
        if self.here:
            _leave(self.here, self.holders)


def _enter(name: str) -> tuple[Endpoints, _Release]:
    given = [key for key in ("DATABASE_URL", "REDIS_URL") if os.environ.get(key)]
    if len(given) == 1:
        raise ServersRefused(
            f"只设置了 {given[0]}。DATABASE_URL 和 REDIS_URL 应当同时设置，或者都不设置。"
        )
    if given:
        return _given(name)
    here = home(name)
    with locks.exclusive(here.folder / "start.lock"):
        holders = locks.open_lock(here.folder / "holders.lock")
        locks.share(holders)
        try:
            make_ready(here)
            postgres.start(here)
            broker.start(here)
        except BaseException:
            _stop_if_last(here, holders)
            raise
    endpoints = Endpoints(
        database_url=postgres.url(here, "relief_app"),
        owner_url=postgres.url(here, "relief_owner"),
        redis_url=broker.url(here),
    )
    # A PGPORT or PGOPTIONS of the caller's would turn libpq away from this server.
    before: dict[str, str | None] = {
        key: os.environ.pop(key) for key in list(os.environ) if key.startswith("PG")
    }
    return endpoints, _Release(here, holders, before | _export(here.folder, endpoints))


def _given(name: str) -> tuple[Endpoints, _Release]:
    """Servers run by others; their secrets are theirs too, except for tests."""
    application = os.environ["DATABASE_URL"]
    owner = os.environ.get("DATABASE_OWNER_URL") or application
    endpoints = Endpoints(application, owner, os.environ["REDIS_URL"])
    before: dict[str, str | None] = {}
    if name == "test":
        folder = var_folder() / name
        folder.mkdir(parents=True, exist_ok=True)
        before = _export(folder, endpoints)
    return endpoints, _Release(None, -1, before)


def _export(folder: Path, endpoints: Endpoints) -> dict[str, str | None]:
    """Settings and children read these; returns what was there before."""
    wanted = {
        "DATABASE_URL": endpoints.database_url,
        "DATABASE_OWNER_URL": endpoints.owner_url,
        "REDIS_URL": endpoints.redis_url,
    }
    chosen: dict[str, Callable[[], str]] = {
        "DJANGO_SECRET_KEY": lambda: _secret(folder / "secret.key"),
        "RELIEF_FIELD_KEY": lambda: _secret(folder / "field.key"),
        "RELIEF_MODE": lambda: "demo",
        "RELIEF_STORE": lambda: _folder(folder / "store"),
    }
    wanted |= {key: make() for key, make in chosen.items() if not os.environ.get(key)}
    before = {key: os.environ.get(key) for key in wanted}
    os.environ.update(wanted)
    return before


def _secret(path: Path) -> str:
    """32 random bytes in hex, made once for this machine."""
    with suppress(FileExistsError):
        scratch = path.with_name(f"{path.name}.{os.getpid()}")
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
        try:
            os.link(scratch, path)  # appears whole, and only once, whoever else is doing the same
        finally:
            scratch.unlink()
    return path.read_text(encoding="ascii").strip()


def _folder(path: Path) -> str:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return str(path)


def _leave(here: Home, holders: int) -> None:
    with locks.exclusive(here.folder / "start.lock"):
        _stop_if_last(here, holders)


def _stop_if_last(here: Home, holders: int) -> None:
    """Stop the servers when nobody else holds them; the caller has the start lock."""
    try:
        if locks.try_alone(holders):
            _stop_both(here)
    finally:
        os.close(holders)


def _stop_both(here: Home) -> None:
    broker.stop(here)
    postgres.stop(here)
    clear_sockets(here)
