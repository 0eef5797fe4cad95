"""A reading of the kept sums is told again while they stay, and made anew once they change."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from supervision.models import StatQuery
from supervision.reports import kept as readings
from supervision.rules.figures import GROUPS
from tests.api.clients import api_client
from tests.cases.days import at
from tests.cast import Cast
from tests.supervision.district import settle
from tests.supervision.ground import ON, Ground

URL = "/api/v1/stats/payouts/?from=2026-10&to=2026-11"


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    """The day of the ground; nothing is kept from before."""
    readings._kept.clear()
    with at(ON):
        yield


def told(client: Any) -> int:
    """How many payments the interface tells."""
    StatQuery.objects.all().delete()
    values = client.get(URL).json()["values"]
    return int(next(v["value"] or 0 for v in values if v["code"] == "paid_lines"))


def paid(ground: Ground, month: date, lines: int) -> None:
    """A list of the month with so many lines."""
    batch = ground.batch(month=month, state="OPEN", serial=1, closed_on=None)
    for _ in range(lines):
        ground.line(batch, ground.benefit(), month=month, state="PAID")
    settle(batch, "CLOSED")


@pytest.mark.parametrize("forgets", [True, False])
def test_what_was_read_is_told_until_a_list_changes(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, forgets: bool
) -> None:
    if not forgets:  # the twin
        monkeypatch.setattr(readings, "version", lambda: ("", 0, 0))
    ground, client = Ground(cast), api_client(cast, "supervisor", scopes="read stats")
    paid(ground, date(2026, 10, 1), 12)
    assert (told(client), told(client)) == (12, 12)
    paid(ground, date(2026, 11, 1), 11)
    assert told(client) == (23 if forgets else 12)


def test_another_place_or_question_is_another_reading(cast: Cast) -> None:
    ground = Ground(cast)
    paid(ground, date(2026, 10, 1), 12)
    client = api_client(cast, "supervisor", name="whole", scopes="read stats")
    assert told(client) == 12
    before = len(readings._kept)
    office = client.get(f"{URL}&office={cast.other_office.code}").json()["values"]
    assert next(v["numerator"] for v in office if v["code"] == "paid_lines") == 0
    assert len(readings._kept) > before


def test_few_readings_are_kept_and_only_of_the_sums(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readings, "version", lambda: ("", 0, 0))
    for n in range(readings.MOST + 5):
        assert readings.kept(n, lambda n=n: n) == n  # type: ignore[misc]
    assert len(readings._kept) == readings.MOST
    assert readings.of_sums(GROUPS["payouts"])
    assert not readings.of_sums(GROUPS["overview"])
