"""Sums of the lists (5(8)): they follow every step of a list by the outbox, are those of a scan of
the lines, and a twin without the listener shows that the comparison sees it."""

import random
from datetime import date, timedelta

import pytest
from django.db import connection

from cases.models import Benefit
from funds.models import PayoutBatch, PayoutLine
from funds.operations import batches, building, results, returns
from funds.operations.building import Order, open_list
from supervision import invariants
from supervision.models import PayoutSum
from supervision.operations.sums import differing, keep_sums, keep_sums_of, mend_sums
from supervision.tasks import sums
from tests.cast import Cast
from tests.funds import payouts
from tests.funds.payouts import APPROVED, LOCKED, MONTH, OPENED, PAID, PROGRAMME, SENT
from yuquan_relief.kernel import outbox
from yuquan_relief.kernel.models import Job

Totals = dict[str, tuple[int, int, int]]


def kept(batch: PayoutBatch) -> Totals:
    """State → lines, persons, fen of the list, by the summary table."""
    found: Totals = {}
    for row in PayoutSum.objects.filter(batch=batch):
        n, people, fen = found.get(row.state, (0, 0, 0))
        found[row.state] = n + row.lines, people + row.persons, fen + row.fen
    return found


def counted(batch: PayoutBatch) -> Totals:
    """The same by plain Python over the lines."""
    found: Totals = {}
    for line in PayoutLine.objects.filter(batch=batch):
        n, people, fen = found.get(line.state, (0, 0, 0))
        found[line.state] = n + 1, people + line.persons, fen + line.amount_fen
    return found


def heard(*lists: PayoutBatch) -> None:
    """What waits in the outbox is done, and everything agrees."""
    outbox.sweep()
    assert not Job.objects.filter(listener="supervision.keep_sums").exclude(state="DONE").exists()
    assert differing() == []
    for batch in lists:
        assert kept(batch) == counted(batch)


def test_sums_follow_a_list_through_every_step(cast: Cast) -> None:
    batch = payouts.opened(cast)
    heard(batch)
    assert kept(batch) == {"PENDING": (3, 6, 3 * 68_200)}
    payouts.in_benefit(cast, 9)
    building.rebuild(batch.no, actor=cast.staff, on=OPENED)
    heard(batch)
    assert kept(batch)["PENDING"][0] == 4
    batches.lock(batch.no, actor=cast.staff, on=LOCKED, proof=cast.proof("staff"))
    heard(batch)
    batches.send_back(batch.no, note="重做", actor=cast.leader, on=LOCKED)
    Benefit.objects.filter(key="B9").update(end_month=date(2026, 11, 1))
    building.rebuild(batch.no, actor=cast.staff, on=LOCKED)
    heard(batch)
    assert kept(batch)["PENDING"][0] == 3
    batches.lock(batch.no, actor=cast.staff, on=LOCKED, proof=cast.proof("staff"))
    batches.approve(batch.no, actor=cast.leader, on=APPROVED, proof=cast.proof("leader", "同意"))
    batches.take_file(batch.no, actor=cast.accountant, on=SENT, proof=cast.proof("accountant"))
    heard(batch)
    rows = payouts.answers(batch)
    payouts.imported(cast, payouts.fresh(batch), [rows[0], payouts.came_back(rows[1])])
    heard(batch)
    assert kept(batch) == dict.fromkeys(("PAID", "RETURNED", "PENDING"), (1, 2, 68_200))
    payouts.imported(cast, payouts.fresh(batch), rows[2:], PAID + timedelta(days=1))
    for found in batch.exceptions.filter(resolved_on__isnull=True):
        verdict = results.Verdict(outcome="NOTED", note="已通知更换账户")
        results.resolve_exception(batch.no, found.pk, verdict, actor=cast.accountant, on=PAID)
    heard(batch)
    assert payouts.fresh(batch).state == "CLOSED"
    again = open_list(cast.office.pk, Order(kind="REISSUE", programme=PROGRAMME, month=MONTH),
                      actor=cast.staff, on=date(2026, 12, 10))  # fmt: skip
    heard(batch, again)
    payouts.through(cast, again, date(2026, 12, 10), returned=(1,))
    heard(batch, again)
    line = PayoutLine.objects.get(batch=again)
    returns.give_up(again.no, line.line_no, note="本人放弃", actor=cast.leader, on=PAID)
    heard(batch, again)
    assert list(invariants.broken()) == []


def test_what_was_late_is_kept_apart(cast: Cast) -> None:
    batch = payouts.sent(cast)
    late = [row | {"交易时间": "2026-12-11 09:00:00"} for row in payouts.answers(batch)[:1]]
    payouts.imported(cast, batch, [*late, *payouts.answers(batch)[1:]], date(2026, 12, 11))
    heard(batch)
    in_time = dict(PayoutSum.objects.filter(batch=batch).values_list("in_time", "lines"))
    assert in_time == {True: 2, False: 1}


def test_without_the_listener_the_comparison_sees_every_step(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = payouts.sent(cast)
    heard(batch)
    monkeypatch.delitem(outbox.LISTENERS, "supervision.keep_sums")
    payouts.imported(cast, batch, payouts.answers(batch))
    outbox.sweep()
    assert differing() == [batch.pk]
    assert list(invariants.broken()) == [f"发放名单（{batch.pk}）的汇总与逐笔合计不一致"]
    keep_sums_of(batch.no)
    assert differing() == []


@pytest.mark.parametrize("wrong", [
    "lines = lines + 1", "persons = persons + 1", "fen = fen - 1", "base_fen = base_fen + 1",
    "supplement_fen = 1", "in_time = NOT in_time", "state = 'RETURNED'", "kind = 'CARE'",
    "month = '2026-01-01'", "batch_month = '2026-01-01'", "programme = 'RURAL_ALLOWANCE'",
    "office_id = {other}", "district_id = {other}",
])  # fmt: skip
def test_any_wrong_sum_is_seen(cast: Cast, wrong: str) -> None:
    batch = payouts.opened(cast)
    heard(batch)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE supervision_payoutsum SET {wrong.format(other=cast.other_office.pk)}"
        )
    assert differing() == [batch.pk]


def test_sums_too_many_and_too_few_are_seen(cast: Cast) -> None:
    batch = payouts.opened(cast)
    assert differing() == [batch.pk]
    heard(batch)
    PayoutSum.objects.all().delete()
    assert differing() == [batch.pk]


def test_a_step_heard_twice_or_in_another_order_changes_nothing(cast: Cast) -> None:
    batch = payouts.through(cast, payouts.opened(cast), PAID)
    jobs = list(Job.objects.filter(listener="supervision.keep_sums").values_list("pk", flat=True))
    assert len(jobs) > 4
    random.Random(1).shuffle(jobs)
    for job in jobs:
        outbox.run(job)
    heard(batch)
    before = kept(batch)
    assert keep_sums(batch.pk) == PayoutSum.objects.count()
    assert (kept(batch), keep_sums_of("FF-NONE")) == (before, 0)


def test_the_nights_duty_makes_what_lacks_and_what_is_stale(cast: Cast) -> None:
    """Sums that are missing or stale are made again, as the duty says."""
    batch = payouts.through(cast, payouts.opened(cast), PAID)
    assert mend_sums(PAID) == 1
    heard(batch)
    assert mend_sums(PAID) == 0
    PayoutSum.objects.update(lines=99)
    assert sums(PAID) == 1
    assert differing() == []


def test_sums_whose_job_still_waits_are_behind_and_not_wrong(cast: Cast) -> None:
    batch = payouts.opened(cast)
    Job.objects.filter(listener="supervision.keep_sums").update(state=Job.State.WAITING)
    assert (differing(), list(invariants.broken())) == ([batch.pk], [])
    Job.objects.filter(listener="supervision.keep_sums").update(state=Job.State.FAILED)
    assert list(invariants.broken()) == [f"发放名单（{batch.pk}）的汇总与逐笔合计不一致"]
