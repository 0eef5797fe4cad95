#!/usr/bin/env python3
"""A million due dates against a bare prefix-list look-up, interleaved in one run (goal: ≤ 3 ×).

./.venv/bin/python -m benchmarks.due_dates --size 1000000
"""

import argparse
import random
import time
from collections.abc import Callable
from datetime import date, timedelta

import chinese_calendar

from yuquan_relief.kernel.workdays import WorkCalendar

GOAL = 3.0
FIRST, LAST = date(2024, 1, 1), date(2026, 12, 31)
Pairs = list[tuple[date, int]]


def published(first: int, last: int) -> WorkCalendar:
    """The calendar of these years, as the official notices have it."""
    days = [date(first, 1, 1) + timedelta(i) for i in range((last - first + 1) * 366)]
    changed = {
        d: (chinese_calendar.is_workday(d), "")
        for d in days
        if d.year <= last and chinese_calendar.is_workday(d) != (d.weekday() < 5)
    }
    return WorkCalendar(changed, range(first, last + 1))


def pairs(count: int) -> Pairs:
    """Random (start, limit) with limits up to 60 working days, ending inside the known years."""
    chance = random.Random(20260921)
    span = (LAST - FIRST).days - 100
    return [
        (FIRST + timedelta(chance.randrange(span)), chance.randint(1, 60)) for _ in range(count)
    ]


def bare(work: Pairs) -> Callable[[], float]:
    """The floor: two list look-ups on date objects, nothing else."""
    workdays = [
        d
        for d in (FIRST + timedelta(i) for i in range((LAST - FIRST).days + 1))
        if chinese_calendar.is_workday(d)
    ]
    upto, count, known = [], 0, set(workdays)
    for i in range((LAST - FIRST).days + 1):
        count += FIRST + timedelta(i) in known
        upto.append(count)
    base = FIRST.toordinal()

    def run() -> float:
        begin = time.perf_counter()
        for start, limit in work:
            workdays[upto[start.toordinal() - base] + limit - 1]
        return time.perf_counter() - begin

    return run


def ours(work: Pairs) -> Callable[[], float]:
    """What a case's due date costs: WorkCalendar.due."""
    due = published(2015, 2026).due

    def run() -> float:
        begin = time.perf_counter()
        for start, limit in work:
            due(start, limit)
        return time.perf_counter() - begin

    return run


def main() -> None:
    """Print both, best of five interleaved rounds, and the ratio."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=1_000_000)
    count = parser.parse_args().size
    work = pairs(count)
    runs = (bare(work), ours(work))
    rounds = [[run() for run in runs] for _ in range(5)]
    floor, own = (min(column) for column in zip(*rounds, strict=True))
    print(f"{count:,} 对：前缀表直接查 {floor:.3f} 秒，WorkCalendar.due {own:.3f} 秒")
    print(f"每次 {own / count * 1e9:.0f} 纳秒")
    print(f"比值 {own / floor:.2f}，目标 ≤ {GOAL}")


if __name__ == "__main__":
    main()
