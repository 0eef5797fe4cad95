"""The product's web server as a process of its own, with a day that the test can move."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from unittest import mock

from django.utils import timezone

from tests import databases


@dataclass
class Server:
    """Gunicorn with one worker on a socket that is open before it starts."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path
    read: int = 0

    def faults(self) -> str:
        """What the log holds of errors of ours since the last call."""
        text = self.log.read_text("utf-8", "replace")
        self.read, text = len(text), text[self.read :]
        found = re.findall(r"^.*Internal Server Error.*$(?:\n(?!\d{4}-).*)*", text, re.MULTILINE)
        return "\n".join(found)[-6000:]

    def stop(self) -> None:
        """Gone, with its worker."""
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(5)


def serve(database: str, folder: Path, **more: str) -> Server:
    """Start the server for `database`; its store, its log and its day stand in `folder`."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    listener.set_inheritable(True)
    port = listener.getsockname()[1]
    log = folder / "server.log"
    environment = {
        **os.environ,
        "DATABASE_URL": databases.app_url(database),
        "RELIEF_STORE": str(folder / "store"),
        "RELIEF_TEST_DAY_FILE": str(folder / "day"),
        "DJANGO_SETTINGS_MODULE": "yuquan_relief.settings",
        "PYTHONUNBUFFERED": "1",
        **more,
    }
    command = [sys.executable, "-m", "gunicorn", "tests.browser.server:application"]
    command += ["--bind", f"fd://{listener.fileno()}", "--workers", "1", "--threads", "4"]
    command += ["--worker-class", "gthread", "--graceful-timeout", "2", "--no-control-socket"]
    with log.open("wb") as out, listener:
        process = subprocess.Popen(
            command,
            cwd=databases.ROOT,
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
            pass_fds=[listener.fileno()],
            start_new_session=True,
        )
    return Server(f"http://127.0.0.1:{port}", process, log)


def day_of(folder: Path) -> date:
    """The day of the server whose folder this is."""
    return timezone.localdate() + timedelta(days=int((folder / "day").read_text("ascii")))


def keep_day(folder: Path, day: date) -> None:
    """It is `day` there from now on, at the machine's time of day."""
    scratch = folder / "day.new"
    scratch.write_text(str((day - timezone.localdate()).days), "ascii")
    scratch.replace(folder / "day")


@contextlib.contextmanager
def shifted(day: date) -> Iterator[date]:
    """This process keeps `day` inside the block."""
    real, days = timezone.now, day - timezone.localdate()

    def shifted_now() -> datetime:
        return real() + days

    with mock.patch.object(timezone, "now", shifted_now):
        yield day
