"""C3–C8: the broker may lose, repeat or refuse what it likes; nothing is lost, nothing doubled."""

import logging
import subprocess
import sys
import threading
import time
from datetime import timedelta
from subprocess import Popen

import pytest
from django.db import connection

from tests import databases
from tests.outbox.conftest import Lab, until
from yuquan_relief.kernel import outbox
from yuquan_relief.kernel.clock import now
from yuquan_relief.kernel.models import Event, Job
from yuquan_relief.kernel.tasks import run_job

# The bell works


def test_a_worker_hears_the_bell(lab: Lab) -> None:
    lab.hire()
    number = lab.order("well")
    until(lambda: lab.job(number).state == "DONE")  # without a sweep
    assert lab.effects() == {number: 1}


# C3: between commit and publish


def test_a_broker_that_is_away_fails_no_business_and_loses_no_job(
    lab: Lab, caplog: pytest.LogCaptureFixture
) -> None:
    lab.bell.stop()
    begin = time.monotonic()
    number = lab.order("well")
    assert time.monotonic() - begin < 2  # nobody waits for a bell
    assert "waits for the sweep" in caplog.text
    assert Event.objects.filter(seq=number).exists()
    assert lab.effects() == {}
    assert outbox.sweep() == 1
    assert lab.effects() == {number: 1}
    assert outbox.sweep() == 0


KILLED_AFTER_COMMIT = """
import os, signal, django
django.setup()
from django.db import transaction
from tests.outbox import listeners
from yuquan_relief.kernel import outbox
from yuquan_relief.kernel.actor import ROBOT
from yuquan_relief.kernel.events import record
outbox.ring = lambda ids: os.kill(os.getpid(), signal.SIGKILL)
with transaction.atomic():
    record("lab", "well", "ring", actor=ROBOT)
"""


def test_kill_between_commit_and_publish_loses_no_job(lab: Lab) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED_AFTER_COMMIT],
        cwd=databases.ROOT,
        env=lab.environment(),
        check=False,
    )
    assert done.returncode == -9
    assert lab.bell.client.llen("celery") == 0
    number = Event.objects.get(subject_kind="lab").seq
    assert outbox.sweep() == 1
    assert lab.effects() == {number: 1}


# C4: kill -9 of the whole worker in mid-job


def test_a_killed_workers_job_is_done_by_another_once(lab: Lab) -> None:
    first = lab.hire(RELIEF_LAB_NAP="long")
    number = lab.order("slow")
    until(lambda: lab.started(number) == 1)
    lab.kill(first)
    assert lab.effects() == {}
    assert lab.job(number).state == "WAITING"
    lab.hire()
    lab.until_done(number)
    assert lab.effects() == {number: 1}
    assert (lab.started(number), lab.job(number).attempts) == (2, 2)


# C5: poison


def test_a_job_that_cannot_succeed_is_given_up_after_five_tries(
    lab: Lab, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, logger="yuquan_relief.kernel.outbox")
    number = lab.order("poison")
    well = lab.order("well")
    for _ in range(8):
        outbox.sweep()
        Job.objects.filter(key=str(number)).update(run_after=now())
    job = lab.job(number)
    assert (job.state, job.attempts, job.error) == ("FAILED", 5, "ValueError")
    assert lab.started(number) == 5
    assert lab.effects() == {well: 1}  # what it did was rolled back, and it held nobody up


def test_a_job_that_failed_waits_longer_each_time(lab: Lab) -> None:
    number = lab.order("poison")
    waits = []
    for _ in range(3):
        Job.objects.filter(key=str(number)).update(run_after=now())
        outbox.sweep()
        waits.append((lab.job(number).run_after - now()).total_seconds())
    assert waits[0] < waits[1] < waits[2]


@pytest.mark.deep
def test_a_job_that_kills_its_worker_is_given_up_after_five_tries(lab: Lab) -> None:
    lab.lease = 0.5
    lab.hire()
    number, well = lab.order("killer"), lab.order("well")
    end = time.monotonic() + 90
    while lab.job(number).state == "WAITING" and time.monotonic() < end:
        lab.ring_sweep()
        time.sleep(0.5)
    assert (lab.job(number).state, lab.started(number)) == ("FAILED", 5)
    assert lab.effects() == {well: 1}


# C6: one job, two runners at once


def run_twice_at_once(lab: Lab, patch: pytest.MonkeyPatch) -> tuple[int, list[bool]]:
    """A slow runner whose lease runs out, and a quick one that takes over; what each says."""
    lab.bell.stop()
    number = lab.order("slow")
    said: list[bool] = []
    patch.setenv("RELIEF_LAB_NAP", "long")

    def slow() -> None:
        try:
            said.append(outbox.run(lab.job(number).pk))
        finally:
            connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    until(lambda: lab.started(number) == 1)
    until(lambda: outbox.run(lab.job(number).pk))
    assert thread.is_alive()  # or the two never overlapped
    (lab.marks / "wake").touch()
    thread.join()
    return number, said


def test_the_late_writers_effects_are_rolled_back(
    lab: Lab, short_lease: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, said = run_twice_at_once(lab, monkeypatch)
    assert said == [False]
    assert lab.effects() == {number: 1}
    assert (lab.job(number).state, lab.job(number).fence) == ("DONE", 2)


def test_without_the_fence_the_effect_is_doubled(
    lab: Lab, short_lease: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mark_whatever_the_fence(job: Job) -> None:
        Job.objects.filter(pk=job.pk).update(state=Job.State.DONE, done_at=now())

    monkeypatch.setattr(outbox, "_mark_done", mark_whatever_the_fence)
    number, said = run_twice_at_once(lab, monkeypatch)
    assert said == [True]
    assert lab.effects() == {number: 2}


def test_a_job_whose_lease_runs_is_nobody_elses(lab: Lab) -> None:
    lab.bell.stop()
    job = lab.job(lab.order("well"))
    assert outbox.claim(job.pk) is not None
    assert outbox.claim(job.pk) is None
    assert outbox.sweep() == 0
    Job.objects.update(lease_until=now() - timedelta(seconds=1))
    assert outbox.sweep() == 1


# C7: the broker forgets everything


def test_a_flushed_broker_loses_and_doubles_nothing(lab: Lab) -> None:
    numbers = [lab.order(f"well-{i}") for i in range(20)]
    assert lab.bell.client.llen("celery") == 20
    lab.bell.client.flushall()
    lab.hire()
    lab.until_done(*numbers)
    assert lab.effects() == dict.fromkeys(numbers, 1)


def test_a_bell_that_rings_twice_is_answered_once(lab: Lab) -> None:
    number = lab.order("well")
    job = lab.job(number)
    assert [run_job(job_id=job.pk) for _ in range(3)] == [None] * 3
    assert lab.effects() == {number: 1}
    assert lab.job(number).attempts == 1


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(10))
def test_flushed_and_killed_at_any_moment(lab: Lab, seed: int) -> None:
    import random

    chance = random.Random(seed)
    worker = lab.hire()
    numbers = []
    for i in range(20):
        numbers.append(lab.order(f"{chance.choice(['well', 'well', 'slow'])}-{i}"))
        time.sleep(chance.random() * 0.3)
        if chance.random() < 0.2:
            lab.bell.client.flushall()
        if chance.random() < 0.1:
            lab.kill(worker)
            worker = lab.hire()
    lab.until_done(*numbers)
    assert lab.effects() == dict.fromkeys(numbers, 1)


# C9: a worker that lost its broker takes up again


@pytest.mark.deep
def test_a_worker_outlives_a_restart_of_the_broker(lab: Lab) -> None:
    lab.hire()
    first = lab.order("well-1")
    until(lambda: lab.job(first).state == "DONE")
    lab.bell.stop()
    second = lab.order("well-2")
    lab.bell.start()
    lab.until_done(second)
    assert lab.effects() == {first: 1, second: 1}


def take_the_broker_from_a_busy_worker(lab: Lab, **more: str) -> tuple[Popen[bytes], list[int]]:
    """Four slow jobs, two of them begun, when the broker is gone and comes back empty."""
    lab.lease = 30.0
    worker = lab.hire(**more)
    numbers = [lab.order(f"slow-{i}") for i in range(4)]
    until(lambda: sum(map(lab.started, numbers)) == 2)
    lab.bell.stop()
    lab.bell.start()
    return worker, numbers


def test_a_busy_worker_outlives_a_restart_of_the_broker(lab: Lab) -> None:
    worker, numbers = take_the_broker_from_a_busy_worker(lab)
    lab.until_done(*numbers)
    assert worker.poll() is None
    assert lab.effects() == dict.fromkeys(numbers, 1)
    assert [lab.started(n) for n in numbers] == [1, 1, 1, 1]  # what was under way went on


def test_with_channels_as_kombu_has_them_a_busy_worker_ends(lab: Lab) -> None:
    worker, _ = take_the_broker_from_a_busy_worker(lab, RELIEF_LAB_KOMBUS_CHANNELS="1")
    assert worker.wait(60) != 0
    assert "has no attribute 'hostname'" in lab.log.read_text(encoding="utf-8")


# C8: the broker is full or refuses


@pytest.mark.parametrize("setting", [("maxmemory", "1"), ("min-replicas-to-write", "1")])
def test_a_broker_that_refuses_fails_no_business(lab: Lab, setting: tuple[str, str]) -> None:
    lab.bell.client.config_set(*setting)
    number = lab.order("well")
    assert lab.job(number).state == "WAITING"
    assert outbox.sweep() == 1
    assert lab.effects() == {number: 1}


def test_no_worker_begins_on_a_broker_that_drops_what_waits(lab: Lab) -> None:
    lab.bell.client.config_set("maxmemory-policy", "allkeys-lru")
    worker = lab.hire()
    assert worker.wait(60) == 1
    assert "请改为 noeviction" in lab.log.read_text(encoding="utf-8")
    lab.bell.client.config_set("maxmemory-policy", "noeviction")
    lab.hire()
    number = lab.order("well")
    lab.until_done(number)
    assert lab.effects() == {number: 1}


def test_without_the_guard_a_worker_begins_on_such_a_broker(lab: Lab) -> None:
    lab.bell.client.config_set("maxmemory-policy", "allkeys-lru")
    worker = lab.hire(RELIEF_LAB_ANY_BROKER="1")
    number = lab.order("well")
    until(lambda: lab.job(number).state == "DONE")  # nobody but the worker does it here
    assert worker.poll() is None


def test_a_worker_begins_while_the_broker_is_away(lab: Lab) -> None:
    lab.bell.stop()
    lab.hire()
    until(lambda: "没有说明 maxmemory-policy" in lab.log.read_text(encoding="utf-8"))
    lab.bell.start()
    number = lab.order("well")
    lab.until_done(number)
    assert lab.effects() == {number: 1}
