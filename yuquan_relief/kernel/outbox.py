"""The outbox: listeners hear of events through job rows written in the same transaction.

The broker is told after commit and may lose or repeat what it likes: a sweep every minute picks
up what waits, and a job's effects commit together with its mark of success (blueprint 5).
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from celery import current_app
from django.db import connection, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from kombu.exceptions import OperationalError

from .models import Event, Job

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=120)
PARKED = timedelta(seconds=60)  # until somebody looks again whether the program knows the job
VERSION = "version"  # of the payload, in the payload; jobs without one are of version 1


@dataclass(frozen=True)
class Listener:
    """A named function that does what follows from events of some actions; idempotent.

    `version` is that of the payloads it writes and the newest that it reads: while a new release is
    put in, processes of the old one still run, and may be handed what they do not know.
    """

    name: str
    actions: frozenset[str]
    run: Callable[[dict[str, Any]], None]
    version: int = 1


LISTENERS: dict[str, Listener] = {}


def listen(
    name: str, *, actions: set[str], version: int = 1
) -> Callable[[Callable[[dict[str, Any]], None]], Any]:
    """Register the decorated function for events `<subject_kind>.<action>` in `actions`.

    It is called with {"version", "seq", "subject_key", "action", "on_day"} in a transaction of its
    own. Raise `version` when the payload changes, and go on reading the older ones.
    """

    def register(run: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any]], None]:
        LISTENERS[name] = Listener(name, frozenset(actions), run, version)
        return run

    return register


def announce(event: Event) -> None:
    """A job waits for each listener of the event; the broker is told after commit."""
    action = f"{event.subject_kind}.{event.action}"
    heard = [listener for listener in LISTENERS.values() if action in listener.actions]
    payload = {
        "seq": event.seq,
        "subject_key": event.subject_key,
        "action": event.action,
        "on_day": str(event.on_day),
    }
    if heard:
        now = timezone.now()
        jobs = Job.objects.bulk_create(
            Job(
                listener=listener.name,
                key=str(event.seq),
                payload=payload | {VERSION: listener.version},
                run_after=now,
            )
            for listener in heard
        )
        transaction.on_commit(partial(ring, [job.pk for job in jobs]), robust=True)


def ring(job_ids: list[int]) -> None:
    """Tell the broker. A broker that is away costs at most a minute: the sweep finds the rows."""
    for job_id in job_ids:
        try:
            current_app.send_task("yuquan_relief.kernel.tasks.run_job", kwargs={"job_id": job_id})
        except OperationalError as error:
            logger.warning("broker away, job %s waits for the sweep: %s", job_id, error)
            return


def waiting(now: datetime) -> list[int]:
    """Ids of jobs that nobody holds and whose time has come, oldest first, at most 500."""
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    return list(
        Job.objects.filter(free, state=Job.State.WAITING, run_after__lte=now)
        .order_by("id")
        .values_list("id", flat=True)[:500]
    )


def claim(job_id: int) -> Job | None:
    """The job, leased to the caller with a new fence; None when someone else holds it.

    A job that has been tried MAX_ATTEMPTS times is marked failed and stays for a person.
    """
    now = timezone.now()
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=now)
    mine = Job.objects.filter(free, pk=job_id, state=Job.State.WAITING, run_after__lte=now)
    tired = mine.filter(attempts__gte=Job.MAX_ATTEMPTS).update(state=Job.State.FAILED)
    if tired:
        logger.error("job %s failed %s times and was given up", job_id, Job.MAX_ATTEMPTS)
        return None
    took = mine.update(lease_until=now + LEASE, fence=F("fence") + 1, attempts=F("attempts") + 1)
    return Job.objects.get(pk=job_id) if took else None


class FenceLost(Exception):
    """Another worker took the job over; this one's effects are rolled back."""


def run(job_id: int) -> bool:
    """Do one job once: its effects and its mark are one transaction. False when not ours."""
    job = claim(job_id)
    if job is None:
        return False
    if not is_known(job):
        _park(job)
        return False
    try:
        with transaction.atomic():
            LISTENERS[job.listener].run(job.payload)
            _mark_done(job)
    except FenceLost:
        return False
    except Exception as error:
        logger.exception("job %s (%s) did not succeed", job.pk, job.listener)
        _put_back(job, error)
        return False
    return True


def is_known(job: Job) -> bool:
    """Whether this program has the job's listener, and reads what it was given."""
    listener = LISTENERS.get(job.listener)
    return listener is not None and job.payload.get(VERSION, 1) <= listener.version


def _park(job: Job) -> None:
    """The job waits, and the try does not count: a process of the new release will do it (C26)."""
    now = timezone.now()
    logger.warning("job %s (%s) is of a newer program and waits for it", job.pk, job.listener)
    Job.objects.filter(pk=job.pk, fence=job.fence).update(
        attempts=F("attempts") - 1,
        lease_until=None,
        run_after=now + PARKED,
        parked_at=Coalesce(F("parked_at"), Value(now)),
    )


def _mark_done(job: Job) -> None:
    done = Job.objects.filter(pk=job.pk, fence=job.fence, state=Job.State.WAITING).update(
        state=Job.State.DONE,
        done_at=timezone.now(),
        lease_until=None,
        parked_at=None,
        error="",
    )
    if not done:
        raise FenceLost(job.pk)


def _put_back(job: Job, error: Exception) -> None:
    wait = timedelta(seconds=15 * 2**job.attempts)
    is_last = job.attempts >= Job.MAX_ATTEMPTS
    Job.objects.filter(pk=job.pk, fence=job.fence).update(
        state=Job.State.FAILED if is_last else Job.State.WAITING,
        lease_until=None,
        run_after=timezone.now() + wait,
        error=type(error).__name__[:300],
    )


def sweep() -> int:
    """Run every waiting job; the number that succeeded."""
    connection.ensure_connection()
    return sum(run(job_id) for job_id in waiting(timezone.now()))
