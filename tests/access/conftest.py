"""One world for each file of tests, on one day, and no real printing."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from pytest_django.plugin import DjangoDbBlocker

from archives.pdf import Pdf
from tests import databases
from tests.access.world import World, make_world
from tests.cases.days import at

PAPER = Pdf(b"%PDF-1.7\n%%EOF", 1)


@pytest.fixture(scope="module")
def world_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the files of the world stand."""
    return tmp_path_factory.mktemp("store")


@pytest.fixture(autouse=True)
def own_store(world_store: Path, settings: Any) -> Path:
    """Every test reads the files of the world."""
    settings.ATTACHMENT_STORE = world_store
    return world_store


@pytest.fixture(scope="module")
def world(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    worker_name: str,
    world_store: Path,
) -> Iterator[World]:
    """One object of each kind at each place, in a database of its own."""
    name = databases.clone(f"relief_{worker_name}_{os.getpid()}_access")
    before = django_settings.ATTACHMENT_STORE
    django_settings.ATTACHMENT_STORE = world_store
    with django_db_blocker.unblock(), databases.connected_to(name), at():
        yield make_world()
    django_settings.ATTACHMENT_STORE = before
    databases.drop(name)


@pytest.fixture(autouse=True)
def quick_day(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Pages are asked for on one day; paper is made elsewhere."""
    cache.clear()
    for place in ("archives.operations.building", "archives.operations.printing"):
        monkeypatch.setattr(f"{place}.print_sheet", lambda sheet: PAPER)
    for place in ("supervision.operations.bulletin_paper", "supervision.views.statistics"):
        monkeypatch.setattr(f"{place}.make_pdf", lambda html, **_: PAPER)
    with at():
        yield
