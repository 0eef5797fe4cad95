"""The demo district, seeded once for all tests of this folder, in a database of its own."""

import os
from collections.abc import Iterator
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command
from pytest_django.plugin import DjangoDbBlocker

from tests import databases


@pytest.fixture(scope="module")
def seeded(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    worker_name: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """What `seed_demo` printed. The tests only read, or change nothing by design."""
    name = databases.clone(f"relief_{worker_name}_{os.getpid()}_demo")
    store, settings.ATTACHMENT_STORE = settings.ATTACHMENT_STORE, tmp_path_factory.mktemp("store")
    with django_db_blocker.unblock(), databases.connected_to(name):
        said = StringIO()
        call_command("seed_demo", stdout=said)
        yield said.getvalue()
    settings.ATTACHMENT_STORE = store
    databases.drop(name)
