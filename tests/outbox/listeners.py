"""Listeners for the crash lab, for the test's process and for real workers (celery -I).

What a job does is in its event's subject: `well-…`, `slow-…` (sleeps the first time), `poison-…`
(raises), `killer-…` (kills its own process). An effect is a row in the lab's table `effect`.
"""

import os
import signal
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from celery.signals import worker_init
from django.db import connection

from yuquan_relief import broker
from yuquan_relief.celery import refuse_a_broker_that_drops
from yuquan_relief.kernel import outbox

NAP_SECONDS = 2.0

if "RELIEF_LAB_LEASE" in os.environ:
    outbox.LEASE = timedelta(seconds=float(os.environ["RELIEF_LAB_LEASE"]))
if "RELIEF_LAB_ANY_BROKER" in os.environ:  # the guard taken away
    worker_init.disconnect(refuse_a_broker_that_drops)
if "RELIEF_LAB_KOMBUS_CHANNELS" in os.environ:  # the mended channels taken away
    del broker.Channel._connparams


def marks() -> Path:
    """The folder in which every start leaves a mark, whatever the database rolls back."""
    return Path(os.environ["RELIEF_LAB_MARKS"])


@outbox.listen("lab", actions={"lab.ring"})
def work(payload: dict[str, Any]) -> None:
    """Leave a mark, have one effect, then behave as told."""
    kind, seq = payload["subject_key"].partition("-")[0], payload["seq"]
    is_first = not list(marks().glob(f"{seq}.*"))
    (marks() / f"{seq}.{os.getpid()}.{time.monotonic_ns()}").touch()
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO effect (seq) VALUES (%s)", [seq])
    if kind == "poison":
        raise ValueError("a job that cannot succeed")
    if kind == "killer":
        os.kill(os.getpid(), signal.SIGKILL)
    if kind == "slow" and is_first:
        nap()


def nap() -> None:
    """Some seconds; with RELIEF_LAB_NAP a minute, or until somebody wakes it."""
    is_long = "RELIEF_LAB_NAP" in os.environ
    end = time.monotonic() + (60 if is_long else NAP_SECONDS)
    while time.monotonic() < end and not (is_long and (marks() / "wake").exists()):
        time.sleep(0.05)
