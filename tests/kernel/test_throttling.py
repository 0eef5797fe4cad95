"""Two processes count together, at the broker; each by itself while the broker is away."""

import os
import subprocess
import sys
from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.cache import caches
from django.test import override_settings

from tests import databases
from yuquan_relief.kernel.throttling import SharedThrottle
from yuquan_relief.settings import CACHES


class Five(SharedThrottle):
    """Five a minute with one key, which stands for the request."""

    rate = "5/min"

    def get_cache_key(self, request: object, view: object) -> str:
        return str(request)


ELSEWHERE = """
import django, sys
django.setup()
from tests.kernel.test_throttling import Five
print([Five().allow_request(sys.argv[1], None) for _ in range(3)])
"""


@pytest.fixture
def shared() -> Iterator[None]:
    """The counts stand where the product has them."""
    with override_settings(CACHES=CACHES):
        yield
    caches["default"].clear()


def asked(key: str, times: int) -> list[bool]:
    return [Five().allow_request(key, None) for _ in range(times)]


def asked_elsewhere(key: str, settings_module: str = "yuquan_relief.settings") -> str:
    """Three times, by another process."""
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE, key],
        cwd=databases.ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": settings_module},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return done.stdout.strip()


def test_two_processes_count_together(shared: None) -> None:
    key = uuid4().hex
    assert asked(key, 3) == [True] * 3
    assert asked_elsewhere(key) == "[True, True, False]"
    assert asked(key, 1) == [False]
    assert asked(uuid4().hex, 1) == [True]  # nobody else is kept waiting


def test_twin_each_by_itself_two_processes_allow_twice_as_many() -> None:
    key = uuid4().hex  # the tests' own settings count in the process
    assert asked(key, 3) == [True] * 3
    assert asked_elsewhere(key, "yuquan_relief.settings_test") == "[True, True, True]"
    assert asked(key, 3) == [True, True, False]


def test_the_wait_is_told_and_ends(shared: None) -> None:
    key = uuid4().hex
    assert asked(key, 5) == [True] * 5
    last = Five()
    assert not last.allow_request(key, None)
    assert 0 < (last.wait() or 0) <= 60
    caches["shared"].delete(key)  # as the broker does when the minute is over
    assert asked(key, 1) == [True]


def test_the_period_begins_with_the_first_and_is_not_drawn_out(shared: None) -> None:
    key = uuid4().hex
    asked(key, 1)
    client = caches["shared"]._cache.get_client(key)
    kept = caches["shared"].make_key(key)
    client.expire(kept, 20)
    asked(key, 3)
    assert client.ttl(kept) <= 20


def test_without_a_broker_each_process_counts_by_itself(
    caplog: pytest.LogCaptureFixture,
) -> None:
    away = {**CACHES, "shared": CACHES["shared"] | {"LOCATION": "unix:///nowhere/broker.sock"}}
    key = uuid4().hex
    with override_settings(CACHES=away):
        assert asked(key, 6) == [True] * 5 + [False]
    assert "broker away" in caplog.text


def test_the_product_counts_at_its_broker() -> None:
    place = str(CACHES["shared"]["LOCATION"])
    assert place.split("://")[1] == settings.CELERY_BROKER_URL.split("://")[1]
    assert CACHES["shared"]["BACKEND"].endswith("RedisCache")
