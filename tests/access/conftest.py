"""A world for one test, on one day, and no real printing."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from archives.pdf import Pdf
from tests.access.world import World, make_world
from tests.cases.days import at


@pytest.fixture(autouse=True)
def quick_day(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Pages are asked for on one day; paper is made elsewhere."""
    cache.clear()
    for place in ("archives.operations.building", "archives.operations.printing"):
        monkeypatch.setattr(f"{place}.print_sheet", lambda sheet: Pdf(b"%PDF-1.7\n%%EOF", 1))
    with at():
        yield


@pytest.fixture
def world(db: None) -> World:
    """One object of each kind at each place."""
    return make_world()
