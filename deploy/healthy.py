"""Health of one container: `python deploy/healthy.py web|worker|beat`; the exit status tells."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.request

BEAT_SILENCE = "10 minutes"  # beat writes its times down every three minutes
LONGEST_WAIT = "2 minutes"  # the sweep comes every minute


def main(role: str) -> int:
    """0 when the process of this role does its work."""
    return 0 if {"web": web, "worker": worker, "beat": beat}[role]() else 1


def web() -> bool:
    """The page answers, database included."""
    request = urllib.request.Request("http://127.0.0.1:8000/healthz")
    try:
        with urllib.request.urlopen(request, timeout=4) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def worker() -> bool:
    """The worker of this container answers through the broker, and no job has waited too long.

    A worker that lost the broker may live and take nothing: the age of the oldest job tells.
    """
    command = ["celery", "-A", "yuquan_relief", "inspect", "ping", "--timeout", "5"]
    command += ["--destination", f"celery@{socket.gethostname()}"]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        return False
    return _found(
        "SELECT count(*) = 0 FROM kernel_job"
        " WHERE state = 'WAITING' AND run_after < now() - %s::interval",
        LONGEST_WAIT,
    )


def beat() -> bool:
    """The clock has run something lately: a process that merely lives may still be stuck."""
    return _found(
        "SELECT max(last_run_at) > now() - %s::interval FROM django_celery_beat_periodictask",
        BEAT_SILENCE,
    )


def _found(sql: str, interval: str) -> bool:
    """What the database says to the question."""
    import psycopg2  # noqa: PLC0415 - the web role needs none

    connection = psycopg2.connect(os.environ["DATABASE_URL"], connect_timeout=4)
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql, [interval])
            return bool(cursor.fetchone()[0])
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
