"""A fresh database for a benchmark, and fair timing: interleaved, the best of several rounds."""

import contextlib
import os
import time
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def fresh_database() -> Iterator[str]:
    """Servers with fsync on and one empty, migrated database that goes away at the end."""
    from yuquan_relief.embedded import servers

    with servers("bench"):
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yuquan_relief.settings")
        import django

        django.setup()
        from django.conf import settings

        settings.STORAGES["staticfiles"]["BACKEND"] = (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
        from tests import databases

        name = databases.clone(f"bench_{os.getpid()}")
        with databases.connected_to(name):
            yield name
        databases.drop(name)


def best_of(rounds: int, *runs: Callable[[], object]) -> list[float]:
    """Seconds of the best round of each run; the runs take turns, so noise hits all alike."""
    best = [float("inf")] * len(runs)
    for _ in range(rounds):
        for i, run in enumerate(runs):
            start = time.perf_counter()
            run()
            best[i] = min(best[i], time.perf_counter() - start)
    return best


def middle(rounds: int, *runs: Callable[[], object]) -> list[float]:
    """Median seconds of each run; the runs take turns."""
    taken: list[list[float]] = [[] for _ in runs]
    for _ in range(rounds):
        for i, run in enumerate(runs):
            start = time.perf_counter()
            run()
            taken[i].append(time.perf_counter() - start)
    return [sorted(times)[len(times) // 2] for times in taken]
