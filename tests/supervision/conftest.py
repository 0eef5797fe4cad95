"""What many tests of supervision begin with."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache

from tests.cases.days import at
from tests.cast import Cast
from tests.supervision.ground import ON, Ground


@pytest.fixture
def that_day() -> Iterator[None]:
    """It is the day of the ground; nobody has asked or told anything yet."""
    cache.clear()
    with at(ON):
        yield


@pytest.fixture
def ground(cast: Cast) -> Ground:
    """A sound district, nothing in it."""
    return Ground(cast)
