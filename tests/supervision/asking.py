"""Programs that ask for statistics, and what they are told."""

from typing import Any

from django.test import Client

from tests.api.clients import api_client
from tests.cast import Cast
from tests.supervision.ground import Ground
from yuquan_relief.kernel.models import Unit

ROOT = "/api/v1/stats/"


def caller(
    cast: Cast, who: str = "supervisor", scopes: str = "read stats", name: str = ""
) -> Client:
    """A program that may read statistics."""
    return api_client(cast, who, name=name or scopes.replace(" ", "-"), scopes=scopes)


def households(ground: Ground, count: int, village: Unit | None = None, **changes: Any) -> None:
    """So many households in benefit since January."""
    for _ in range(count):
        ground.benefit(village=village or ground.cast.village, **changes)


def lines(client: Client, code: str, group: str = "overview", **query: str) -> list[dict[str, Any]]:
    """The answer's lines of one figure."""
    answer = client.get(f"{ROOT}{group}/", query)
    assert answer.status_code == 200, answer.content
    return [line for line in answer.json()["values"] if line["code"] == code]


def value(client: Client, code: str = "in_benefit", **query: str) -> int | None:
    """The one value; None where it is held back."""
    (line,) = lines(client, code, **query)
    assert line["suppressed"] == (line["numerator"] is None)
    found: int | None = line["value"]
    return found


def problem(answer: Any, status: int) -> dict[str, Any]:
    """A problem answer of the status."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"].startswith("application/problem+json")
    body: dict[str, Any] = answer.json()
    return body
