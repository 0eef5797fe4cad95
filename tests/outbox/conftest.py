"""The crash lab: a broker and workers of its own, real processes that can be killed."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import redis
from celery import current_app
from django.db import connection, transaction
from kombu import pools
from kombu.exceptions import OperationalError

from tests import databases
from yuquan_relief.embedded.binaries import valkey_program
from yuquan_relief.kernel import outbox
from yuquan_relief.kernel.actor import ROBOT
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.models import Job

from . import listeners  # noqa: F401 - the listeners of the lab are known here too

PATIENCE = 60.0


def until(is_so: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Return as soon as it is so; fail when it takes too long."""
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            pytest.fail("waited in vain")
        time.sleep(0.1)


class Bell:
    """A broker of the lab's own: it can be stopped, emptied and filled up."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="lab-", dir="/tmp"))  # a short socket path
        self.socket = self.folder / "valkey.sock"
        self.url = f"redis+socket://{self.socket}"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def client(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self.socket))

    def start(self) -> None:
        command: list[str | Path] = [valkey_program(None), "--port", "0"]
        command += ["--unixsocket", self.socket, "--dir", self.folder]
        command += ["--save", "", "--appendonly", "no"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        until(self._answers, 20)

    def _answers(self) -> bool:
        with contextlib.suppress(redis.RedisError):
            return bool(self.client.ping())
        return False

    def stop(self) -> None:
        """Gone at once, with all that was queued."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.socket.unlink(missing_ok=True)

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass
class Lab:
    """One database, one broker, any number of workers."""

    database: str
    bell: Bell
    marks: Path
    log: Path
    lease: float = 1.0
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def environment(self, **more: str) -> dict[str, str]:
        """What a process of the lab needs to know."""
        return {
            **os.environ,
            "DATABASE_URL": databases.app_url(self.database),
            "DATABASE_OWNER_URL": databases.owner_url(self.database),
            "REDIS_URL": self.bell.url,
            "DJANGO_SETTINGS_MODULE": "yuquan_relief.settings",
            "RELIEF_LAB_LEASE": str(self.lease),
            "RELIEF_LAB_MARKS": str(self.marks),
            **more,
        }

    def hire(self, **more: str) -> subprocess.Popen[bytes]:
        """A real Celery worker with two children, in a process group of its own."""
        command = [sys.executable, "-m", "celery", "-A", "yuquan_relief", "worker", "-c", "2"]
        command += ["-I", "tests.outbox.listeners,tests.outbox.next_release"]
        command += ["--without-gossip", "--without-mingle"]
        with self.log.open("ab") as log:
            worker = subprocess.Popen(
                command,
                cwd=databases.ROOT,
                env=self.environment(**more),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.workers.append(worker)
        return worker

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        """kill -9 of the worker with all its children."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        # What the dead had open is over only when the server has noticed.
        until(lambda: self.sessions() == 0)

    def sessions(self) -> int:
        """Other transactions that are open in the database."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND xact_start IS NOT NULL"
            )
            return int(cursor.fetchone()[0])

    def order(self, subject: str) -> int:
        """A committed event with a job; its number."""
        with transaction.atomic():
            return record("lab", subject, "ring", actor=ROBOT).seq

    def job(self, seq: int) -> Job:
        return Job.objects.get(key=str(seq))

    def started(self, seq: int) -> int:
        """How often the job was begun."""
        return len(list(self.marks.glob(f"{seq}.*")))

    def effects(self) -> dict[int, int]:
        """Event → number of committed effects."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT seq, count(*) FROM effect GROUP BY seq")
            return dict(cursor.fetchall())

    def ring_sweep(self) -> None:
        """What beat does every minute."""
        with contextlib.suppress(OperationalError, redis.RedisError):  # away, or refuses
            current_app.send_task("yuquan_relief.kernel.tasks.sweep")

    def until_done(self, *numbers: int) -> None:
        """Sweep as beat does, only more often, until all these jobs are done."""
        keys = [str(n) for n in numbers]
        end = time.monotonic() + PATIENCE
        while Job.objects.filter(key__in=keys).exclude(state="DONE").exists():
            if time.monotonic() > end:
                pytest.fail(f"not done in time; the log says:\n{self.log.read_text()[-3000:]}")
            self.ring_sweep()
            time.sleep(0.4)


@pytest.fixture
def lab(own_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """A lab whose broker runs; this process rings the lab's bell, not that of the other tests."""
    databases.as_owner("CREATE TABLE effect (seq bigint)", database=own_database)
    marks = tmp_path / "marks"
    marks.mkdir()
    monkeypatch.setenv("RELIEF_LAB_MARKS", str(marks))
    bell = Bell()
    bell.start()
    monkeypatch.setenv("CELERY_BROKER_URL", bell.url)
    forget_connections()
    lab = Lab(own_database, bell, marks, tmp_path / "worker.log")
    try:
        yield lab
    finally:
        for worker in lab.workers:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()
        dismiss_sessions(own_database)
        monkeypatch.undo()
        forget_connections()
        bell.close()


def dismiss_sessions(name: str) -> None:
    """Nobody is connected any more: the owner, who drops the database, may not end sessions."""
    with connection.cursor() as cursor:
        others = "datname = current_database() AND pid <> pg_backend_pid() AND usename = user"
        cursor.execute(
            f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {others}"
        )
    connection.close()
    until(lambda: not connected(name), 10)


def connected(name: str) -> int:
    """How many sessions the database has."""
    with contextlib.closing(psycopg2.connect(databases.owner_url("postgres"))) as server:
        cursor = server.cursor()
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = %s", [name])
        return int(cursor.fetchone()[0])


def forget_connections() -> None:
    """Celery connects anew, to wherever the environment now says."""
    pools.reset()
    app: Any = current_app._get_current_object()  # type: ignore[attr-defined] # a Proxy has it
    app._pool = None
    app.amqp._producer_pool = None


@pytest.fixture
def short_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leases of this process end after 0.3 seconds."""
    monkeypatch.setattr(outbox, "LEASE", timedelta(seconds=0.3))
