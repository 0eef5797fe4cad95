"""The demo district, seeded once for the workers of a run, then cloned for each of them."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command
from pytest_django.plugin import DjangoDbBlocker

from tests import databases
from yuquan_relief.embedded import var_folder

RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))[:12]
SEEDED = f"relief_demo_{RUN}"


@contextmanager
def one_at_a_time() -> Iterator[None]:
    with (var_folder() / "demo.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def seed_again() -> str:
    """Run the command; what it printed."""
    said = StringIO()
    call_command("seed_demo", stdout=said)
    return said.getvalue()


@pytest.fixture(scope="module")
def seeded(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    worker_name: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """What a second `seed_demo` printed. The tests read, or change nothing by design."""
    name = f"relief_{worker_name}_{os.getpid()}_demo"
    store, settings.ATTACHMENT_STORE = settings.ATTACHMENT_STORE, tmp_path_factory.mktemp("store")
    with django_db_blocker.unblock():
        with one_at_a_time():
            if not databases.exists(SEEDED):
                databases.clone(f"{SEEDED}_new")
                with databases.connected_to(f"{SEEDED}_new"):
                    seed_again()
                databases.as_owner(f'ALTER DATABASE "{SEEDED}_new" RENAME TO "{SEEDED}"')
            databases.as_owner(f'CREATE DATABASE "{name}" TEMPLATE "{SEEDED}"')
        with databases.connected_to(name):
            yield seed_again()
    settings.ATTACHMENT_STORE = store
    databases.drop(name)
    with one_at_a_time():  # a worker that comes later seeds once more
        databases.drop(SEEDED)
