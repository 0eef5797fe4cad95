"""Databases for tests: one migrated template, cloned in a moment; the owner is needed only here."""

import contextlib
import fcntl
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
from django.conf import settings
from django.db import connections

from yuquan_relief.embedded import prepare_database, var_folder

ROOT = Path(__file__).resolve().parent.parent


def as_owner(sql: str, *, database: str = "postgres") -> None:
    """Run one statement as the owner, outside a transaction."""
    connection = psycopg2.connect(owner_url(database))
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql)
    finally:
        connection.close()


def owner_url(database: str) -> str:
    """The owner's address of one database."""
    return _with_name(os.environ["DATABASE_OWNER_URL"], database)


def app_url(database: str) -> str:
    """The application's address of one database."""
    return _with_name(os.environ["DATABASE_URL"], database)


def _with_name(url: str, database: str) -> str:
    head, _, query = url.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{database}" + (f"?{query}" if query else "")


def schema_digest() -> str:
    """What the template is made of: migrations, guards and delivered reference data."""
    digest = hashlib.sha256()
    apps = ("yuquan_relief/kernel", "cases", "funds", "archives", "supervision")
    files = [path for app in apps for path in (ROOT / app / "migrations").glob("*.py")]
    files += (ROOT / "yuquan_relief/kernel/rulebook").glob("*.toml")
    files += [*ROOT.glob("*/guards.py")]
    files += [ROOT / "yuquan_relief/kernel/guards.py", ROOT / "requirements.txt"]
    for path in sorted(set(files)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def template() -> str:
    """The name of the migrated template; made by whoever comes first, the others wait."""
    name = f"relief_template_{schema_digest()}"
    lock = var_folder() / "template.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not exists(name):
            _make_template(name)
    return name


def exists(name: str) -> bool:
    """Whether there is such a database."""
    connection = psycopg2.connect(owner_url("postgres"))
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            return cursor.fetchone() is not None
    finally:
        connection.close()


def _make_template(name: str) -> None:
    building = f"{name}_new"
    as_owner(f'DROP DATABASE IF EXISTS "{building}" WITH (FORCE)')
    as_owner(f'CREATE DATABASE "{building}"')
    prepare_database(owner_url(building))
    environment = {
        **os.environ,
        "DATABASE_OWNER_URL": owner_url(building),
        "DATABASE_URL": app_url(building),
        "DJANGO_SETTINGS_MODULE": "yuquan_relief.settings",
    }
    for command in ("migrate", "load_reference"):
        role = {"RELIEF_DB_ROLE": "owner"} if command == "migrate" else {}
        subprocess.run(
            [sys.executable, "manage.py", command, "-v0"],
            cwd=ROOT,
            env=environment | role,
            check=True,
            stdout=subprocess.DEVNULL,
        )
    as_owner(f'ALTER DATABASE "{building}" RENAME TO "{name}"')


def clone(name: str) -> str:
    """A fresh database `name` from the template."""
    as_owner(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    as_owner(f'CREATE DATABASE "{name}" TEMPLATE "{template()}"')
    return name


def drop(name: str) -> None:
    """The database is gone, whoever is still connected."""
    for attempt in range(5):
        try:
            return as_owner(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        except psycopg2.errors.InsufficientPrivilege:
            # an autovacuum worker was in it, which the owner may not end: it leaves by itself
            time.sleep(1 + attempt)
    return as_owner(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextlib.contextmanager
def connected_to(name: str) -> Iterator[str]:
    """Django's default connection points to `name` inside the block."""
    connection = connections["default"]
    before = connection.settings_dict["NAME"]
    connection.close()
    settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name
    try:
        yield name
    finally:
        connection.close()
        settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = before
