"""What every test stands on: a cloned database, a cast of people, a store of its own."""

import gc
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.template import Context, Template
from django.test.client import store_rendered_templates
from hypothesis import HealthCheck, settings
from pytest_django.plugin import DjangoDbBlocker

from tests import databases
from tests.cast import Cast, cast_again
from tests.deep import beyond_the_small_bounds, is_small
from yuquan_relief.kernel.rulebook_values import rules

# How fast a machine is proves nothing: no example is failed for the time that it took.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With RELIEF_DEEP=small, as CI says, only a few cases of each deep proof are run."""
    if not is_small():
        return
    deep = [item.nodeid for item in items if item.get_closest_marker("deep")]
    left_out = beyond_the_small_bounds(deep)
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid in left_out])
    items[:] = [item for item in items if item.nodeid not in left_out]


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: it is not searched for garbage again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def pages_keep_their_own_context() -> Iterator[None]:
    """`response.context` holds what whole templates were given, not a copy for each of their parts.

    A page has hundreds of parts; their copies took a tenth of the time of a test of pages.
    """

    def keep(*given: Any, template: Template, context: Context, **more: Any) -> None:
        if context.template is template:
            store_rendered_templates(*given, template=template, context=context, **more)

    with mock.patch("django.test.client.store_rendered_templates", keep):
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker, worker_name: str) -> Iterator[None]:
    """One clone of the template for each worker; tests roll back in it as the app's role."""
    name = databases.clone(f"relief_{worker_name}_{os.getpid()}")
    with django_db_blocker.unblock(), databases.connected_to(name):
        rules(date(2026, 11, 27))  # as in a process that has begun: what it keeps is there
        yield
    databases.drop(name)


@pytest.fixture(scope="session")
def worker_name() -> str:
    """gw0, gw1 … or alone."""
    return os.environ.get("PYTEST_XDIST_WORKER", "alone")


@pytest.fixture
def own_database(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, worker_name: str
) -> Iterator[str]:
    """A database that the test may commit to (races, crashes, browser); its name."""
    name = databases.clone(f"relief_{worker_name}_{os.getpid()}_own")
    with django_db_blocker.unblock(), databases.connected_to(name):
        yield name
    databases.drop(name)


@pytest.fixture(autouse=True)
def own_store(tmp_path: Path, settings: Any) -> Path:
    """Attachments of a test stand in its own folder."""
    settings.ATTACHMENT_STORE = tmp_path / "store"
    return tmp_path / "store"


@pytest.fixture
def cast(db: None) -> Cast:
    """Two offices with two villages each, and everybody who works there."""
    return cast_again()
