"""What tests of funds share."""

from collections.abc import Callable
from datetime import date

import pytest
from django.utils import timezone


@pytest.fixture
def on_day(monkeypatch: pytest.MonkeyPatch) -> Callable[[date], None]:
    """Set the server's day for pages and interface."""

    def set_day(day: date) -> None:
        monkeypatch.setattr(timezone, "localdate", lambda *_: day)

    return set_day
