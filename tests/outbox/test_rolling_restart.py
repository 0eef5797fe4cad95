"""C26: old and new programs run side by side. What a process does not know waits for one that does;
columns of the next release let the old one go on writing.
"""

import logging
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from funds.models import PayoutBatch
from funds.operations import batches
from tests import databases
from tests.cast import Cast, make_cast
from tests.funds import payouts
from tests.funds.test_crashes import WEB, Post, nothing_is_broken, place  # noqa: F401 - fixture
from tests.outbox.conftest import Lab, until
from tests.outbox.next_release import LAB, NEWER, OF_LISTS
from tests.serving import keep_day, serve, shifted
from yuquan_relief.kernel import invariants, outbox
from yuquan_relief.kernel.clock import now
from yuquan_relief.kernel.models import Job


def later(job: Job) -> None:
    """A minute has gone by."""
    Job.objects.filter(pk=job.pk).update(run_after=now())


@pytest.fixture
def unheard(lab: Lab) -> Lab:
    """Nobody rings: jobs are done by hand."""
    lab.bell.stop()
    return lab


def of_next_release(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Job:
    """A job that a process of the next release has written."""
    with monkeypatch.context() as next_release:
        next_release.setitem(outbox.LISTENERS, "lab", LAB)
        job = lab.job(lab.order("well"))
    assert job.payload["version"] == NEWER
    return job


def test_a_newer_payload_waits_and_the_try_does_not_count(
    unheard: Lab, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    job = of_next_release(unheard, monkeypatch)
    for _ in range(2 * Job.MAX_ATTEMPTS):
        later(job)
        assert not outbox.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.error) == ("WAITING", 0, "")
    assert job.parked_at is not None
    assert job.run_after > now()
    assert "of a newer program" in caplog.text
    assert unheard.effects() == {}
    monkeypatch.setitem(outbox.LISTENERS, "lab", LAB)  # the new program has come
    later(job)
    assert outbox.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts, job.parked_at) == ("DONE", 1, None)


def test_a_listener_of_the_next_release_waits_too(
    unheard: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = unheard.job(unheard.order("well"))
    Job.objects.filter(pk=job.pk).update(listener="next.of_lists")
    assert not outbox.run(job.pk)
    assert Job.objects.get().parked_at is not None
    monkeypatch.setitem(outbox.LISTENERS, "next.of_lists", OF_LISTS)
    later(job)
    assert outbox.run(job.pk)


def test_without_the_parking_the_job_is_given_up(
    unheard: Lab, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, logger="yuquan_relief.kernel.outbox")
    job = unheard.job(unheard.order("well"))
    Job.objects.filter(pk=job.pk).update(listener="next.of_lists")
    monkeypatch.setattr(outbox, "is_known", lambda job: True)
    for _ in range(Job.MAX_ATTEMPTS):
        later(job)
        outbox.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == ("FAILED", "KeyError")


def test_a_new_program_reads_what_the_old_one_wrote(
    unheard: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = unheard.job(unheard.order("well"))
    Job.objects.filter(pk=job.pk).update(payload={"seq": int(job.key), "subject_key": "well"})
    monkeypatch.setitem(outbox.LISTENERS, "lab", LAB)
    assert outbox.run(job.pk)
    assert unheard.effects() == {int(job.key): 1}


def test_a_job_that_no_program_comes_for_is_told(
    unheard: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = of_next_release(unheard, monkeypatch)
    outbox.run(job.pk)
    assert list(invariants.CHECKS["jobs"].broken()) == []
    Job.objects.update(parked_at=now() - invariants.LONGEST_UPGRADE - timedelta(seconds=1))
    (told,) = invariants.CHECKS["jobs"].broken()
    assert "等待新版程序" in told


# The drill: an open list, while the next release is put in

NEXT = """
ALTER TABLE funds_payoutbatch ADD COLUMN of_next text NOT NULL DEFAULT '';
ALTER TABLE funds_payoutline ADD COLUMN of_next integer;
ALTER TABLE kernel_job ADD COLUMN of_next boolean NOT NULL DEFAULT false;
CREATE TABLE of_next (id bigint PRIMARY KEY);
"""
CARELESS = "ALTER TABLE kernel_job ADD COLUMN careless text NOT NULL"


def by_new_program(cast: Cast, batch: PayoutBatch, monkeypatch: pytest.MonkeyPatch) -> None:
    """The leader approves in a process of the next release."""
    with monkeypatch.context() as next_release, shifted(payouts.APPROVED):
        next_release.setitem(outbox.LISTENERS, "next.of_lists", OF_LISTS)
        batches.approve(
            batch.no, actor=cast.leader, on=payouts.APPROVED, proof=cast.proof("leader")
        )


@pytest.mark.deep
def test_a_list_goes_its_way_while_the_next_release_is_put_in(
    lab: Lab,
    own_database: str,
    place: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cast = make_cast()
    with shifted(payouts.LOCKED):
        batch = payouts.opened(cast)
    keep_day(place, payouts.LOCKED)
    old_worker, old = lab.hire(), serve(own_database, place)
    try:
        assert Post(cast, batch, "rebuild").send(old) == 302
        databases.as_owner(NEXT, database=own_database)  # under the running old program
        assert Post(cast, batch, "rebuild").send(old) == 302
        assert Post(cast, batch, "lock").send(old) == 302
        by_new_program(cast, batch, monkeypatch)
        job = Job.objects.get(listener="next.of_lists")
        until(lambda: Job.objects.filter(pk=job.pk, parked_at__isnull=False).exists())
        lab.kill(old_worker)
        keep_day(place, payouts.SENT)
        assert Post(cast, batch, "take_file").send(old) == 302
    finally:
        old.stop()
    assert lab.effects() == {}
    lab.hire(RELIEF_LAB_NEXT="1")
    later(job)
    lab.until_done(int(job.key))
    assert lab.effects() == {int(job.key): 1}
    new = serve(own_database, place)
    try:
        keep_day(place, payouts.PAID)
        with shifted(payouts.PAID):
            assert Post(cast, batch, "import_result").send(new) == 302
    finally:
        new.stop()
    assert payouts.fresh(batch).state == "CLOSED"
    assert (payouts.fresh(batch).paid_fen, batch.lines.count()) == (204_600, 3)
    with shifted(payouts.PAID):
        outbox.sweep()  # what the last act has ordered
    nothing_is_broken(payouts.PAID)


def test_a_careless_column_stops_the_old_program(lab: Lab, own_database: str) -> None:
    databases.as_owner(CARELESS, database=own_database)
    with pytest.raises(IntegrityError, match="careless"), transaction.atomic():
        lab.order("well")
