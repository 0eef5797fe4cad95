"""Celery wrappers: the clock takes the same road as the clerk."""

from celery import shared_task

from . import duties, outbox
from .clock import today


@shared_task(name="yuquan_relief.kernel.tasks.run_job")
def run_job(*, job_id: int) -> None:
    """Do one job of the outbox, if nobody else does."""
    outbox.run(job_id)


@shared_task(name="yuquan_relief.kernel.tasks.sweep")
def sweep() -> None:
    """Do every job that waits: what the broker lost is found here."""
    outbox.sweep()


@shared_task(name="yuquan_relief.kernel.tasks.run_duties")
def run_duties() -> None:
    """Do everything that the calendar asks for today."""
    duties.run_all(today())
