"""`./relief stop`: ends what an `up` left behind, and only that."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress

from yuquan_relief import embedded

from .console import say
from .fleet import Named, read_record, record_file
from .places import var

LAUNCHER_SECONDS = 60
CHILD_SECONDS = 10


def run() -> int:
    """Nothing of ours runs any more, except what another command still uses."""
    names, _address = read_record()
    if names and names[0].lives():
        _end(names[0], LAUNCHER_SECONDS)
    end_leftovers()
    busy = [name for name in ("up", "test") if _has_state(name) and not embedded.stop(name)]
    if busy:
        say(f"另有命令仍在使用数据库（{'、'.join(busy)}），它结束时数据库随之停止。")
        return 1
    say("已全部停止。")
    return 0


def end_leftovers() -> None:
    """No process of an earlier `up` runs, and its record is gone."""
    names, _address = read_record()
    for name in names[1:]:
        if name.lives():
            _end(name, CHILD_SECONDS)
    record_file().unlink(missing_ok=True)


def _has_state(name: str) -> bool:
    return (var() / name / "start.lock").exists()


def _end(name: Named, seconds: float) -> None:
    """Asked first, then killed with its group; a stranger with the same number is let be."""
    with suppress(ProcessLookupError):
        os.kill(name.pid, signal.SIGTERM)
    end = time.monotonic() + seconds
    while name.lives() and time.monotonic() < end:
        time.sleep(0.05)
    if not name.lives():
        return
    with suppress(ProcessLookupError):
        if name.role == "up":
            os.kill(name.pid, signal.SIGKILL)
        else:
            os.killpg(name.pid, signal.SIGKILL)
