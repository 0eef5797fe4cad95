"""The whole verification of a long chain against a bare SQL pass over it, in one run.

./.venv/bin/python -m benchmarks.verify_chain --size 100000

Goal: 1,000,000 events in 60 s (security.md 5.4). The floor reads and hashes every event and
compares nothing.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.places import best_of, fresh_database

ROOT = Path(__file__).absolute().parent.parent
GOAL_SECONDS = 60.0

# Events as a district writes them, made by the one function that may, 500 in a transaction.
FILL = """
SELECT count(*) FROM generate_series(%s::int, %s::int) i, event_append(jsonb_build_object(
    'on_day', date '2026-09-21' + i %% 200, 'person_id', i %% 60, 'account_id', i %% 60,
    'actor_name', '演练经办' || i %% 60, 'actor_post', '社救办干事', 'actor_unit', '演练街道',
    'address', '10.2.3.' || i %% 250, 'request_id', gen_random_uuid(), 'subject_kind', 'case',
    'subject_key', 'YQ-CD-159900001-20260921-' || i / 12, 'unit_id', i %% 120, 'action',
    'record_survey', 'before', 'INVESTIGATING', 'after', 'INVESTIGATING', 'due_on', NULL,
    'note', '入户调查两人到场，情况属实', 'body', jsonb_build_object('round', 1, 'survey', i,
    'signature', i, 'content_sha256', encode(sha256(i::text::bytea), 'hex')))) e
"""
FLOOR = "SELECT count(DISTINCT sha256(prev || convert_to(canon, 'UTF8'))) FROM kernel_event"


def timed(run: Callable[[], None]) -> float:
    """Seconds that `run` takes."""
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def main() -> None:
    """Fill, verify, export and verify again; print seconds, ratio and the extrapolation."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=100_000)
    size = parser.parse_args().size
    with fresh_database() as name:
        from tests import databases

        fill(size)
        databases.as_owner("VACUUM ANALYZE", database=name)
        report(size)


def fill(count: int) -> None:
    """A chain of at least `count` events."""
    from django.db import connection

    def run() -> None:
        for first in range(1, count + 1, 500):
            with connection.cursor() as cursor:
                cursor.execute(FILL, [first, min(first + 499, count)])

    seconds = timed(run)
    print(f"写入 {count:,} 条：{seconds:.1f} 秒（每秒 {count / seconds:,.0f} 条）")


def report(count: int) -> None:
    """Interleaved rounds of the floor and the verification; then the second verifier."""
    from django.db import connection

    from yuquan_relief.kernel import audit_export, verification

    def floor() -> None:
        with connection.cursor() as cursor:
            cursor.execute(FLOOR)

    def ours() -> None:
        if problems := verification.verify().problems:
            sys.exit(f"链有问题：{problems}")

    least, own = best_of(3, floor, ours)
    million = own / count * 1_000_000
    print(f"核验 {count:,} 条：{own:.2f} 秒；只读并计算摘要 {least:.2f} 秒；比值 {own / least:.2f}")
    print(f"推算一百万条 {million:.0f} 秒，目标 ≤ {GOAL_SECONDS:.0f} 秒")
    second_verifier(count, audit_export.write)


def second_verifier(count: int, write: Callable[[Path], int]) -> None:
    """Export, and the stand-alone verifier over the export."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chain.jsonl"
        out = timed(lambda: print(f"导出 {write(path):,} 条", end="：", flush=True))
        print(f"{out:.1f} 秒，{path.stat().st_size / 1e6:.0f} MB")
        command = [sys.executable, ROOT / "tools/verify_audit.py", path]
        again = timed(
            lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL) and None
        )
        print(f"独立核验程序：{again:.1f} 秒，推算一百万条 {again / count * 1_000_000:.0f} 秒")


if __name__ == "__main__":
    main()
