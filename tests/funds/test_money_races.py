"""Two people at once over what came back and what is paid back; and with the guards away."""

import threading
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from django.db.models import QuerySet

from cases.models import Benefit
from funds import invariants
from funds.models import GivenUpReturn, PayoutLine, QuarterBudget, Recovery, RecoveryReceipt
from funds.operations import building, ledger, paying_back, planning, returns
from funds.operations.building import Order, open_list
from funds.operations.papers import perform
from funds.operations.recoveries import open_recoveries
from tests.cast import Cast, make_cast
from tests.databases import as_owner
from tests.funds import payouts
from tests.funds.payouts import PAID, PROGRAMME
from tests.funds.test_races import Act, at_once, meeting_after, no_lock
from tests.races.arena import CERTAIN, PATIENCE

DAY = date(2026, 12, 14)
MONTH = date(2026, 12, 1)


@pytest.fixture
def cast(own_database: str) -> Cast:
    """The cast, committed."""
    return make_cast()


def builders(cast: Cast) -> list[Act]:
    """Two people who order a list of what came back."""
    order = Order(kind="REISSUE", programme=PROGRAMME, month=MONTH)
    return [lambda: open_list(cast.office.pk, order, actor=cast.staff, on=DAY)] * 2


def came_back(cast: Cast) -> None:
    """One of two households did not get its money."""
    payouts.through(cast, payouts.opened(cast, 2), PAID, returned=(1,))


def test_what_came_back_is_listed_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    came_back(cast)
    meeting_after(monkeypatch, building, "_why_not")
    outcomes = at_once(*builders(cast))
    assert outcomes.count("done") == 1
    assert PayoutLine.objects.filter(reissues__isnull=False).count() == 1
    assert list(invariants.broken()) == []


def test_without_the_lock_the_database_still_lists_it_once(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    came_back(cast)
    monkeypatch.setattr(building, "builder_lock", no_lock)
    meeting_after(monkeypatch, building, "_begin")
    assert at_once(*builders(cast)).count("done") == 1
    assert PayoutLine.objects.filter(reissues__isnull=False).count() == 1


def test_without_the_guards_it_is_listed_twice(
    own_database: str, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    came_back(cast)
    monkeypatch.setattr(building, "builder_lock", no_lock)
    for sql in (
        "ALTER TABLE funds_payoutbatch DROP CONSTRAINT batch_once_a_month",
        "ALTER TABLE funds_payoutbatch DROP CONSTRAINT funds_payoutbatch_no_key",
        "DROP INDEX line_one_effective_a_month",
        "DROP INDEX line_reissued_once",
    ):
        as_owner(sql, database=own_database)
    meeting_after(monkeypatch, building, "_begin", patience=CERTAIN)
    assert at_once(*builders(cast)) == ["done", "done"]
    assert PayoutLine.objects.filter(reissues__isnull=False).count() == 2


def receivers(cast: Cast) -> list[Act]:
    """Two clerks of the office who take the whole sum at once, on two receipts."""
    no = Recovery.objects.get().no

    def receive(key: str) -> object:
        receipt = paying_back.Receipt(paid_on=DAY, fen=68_200, voucher_no=key, payer="演练户1")
        return paying_back.receive(no, receipt, key=key, actor=cast.staff, on=DAY)

    return [lambda: receive("JK-1"), lambda: receive("JK-2")]


def asked_back(cast: Cast) -> None:
    """One household has to pay back a month, and was told."""
    payouts.through(cast, payouts.opened(cast, 2), PAID)
    Benefit.objects.filter(certificate_no="C00001").update(end_month=date(2026, 11, 1))
    open_recoveries(DAY)
    told = paying_back.Told(told_on=DAY, method="DIRECT", receiver="演练户1")
    paying_back.tell(Recovery.objects.get().no, told, actor=cast.staff, on=DAY)


def test_the_whole_sum_is_received_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    asked_back(cast)
    meeting_after(monkeypatch, paying_back, "_why_not")
    outcomes = at_once(*receivers(cast))
    assert outcomes.count("done") == 1
    assert RecoveryReceipt.objects.count() == 1
    assert list(invariants.broken()) == []


def test_without_the_row_lock_it_is_received_twice(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_back(cast)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_: self.all())
    meeting_after(monkeypatch, paying_back, "_why_not", patience=CERTAIN)
    at_once(*receivers(cast))
    assert RecoveryReceipt.objects.count() == 2
    assert any("收款记录合计 136400 分" in sentence for sentence in invariants.broken())


def both(cast: Cast) -> tuple[PayoutLine, list[Act]]:
    """The leader gives up what the office sends again, at the same time."""
    came_back(cast)
    line = PayoutLine.objects.select_related("batch").get(state="RETURNED")
    no = line.batch.no

    def give_up() -> object:
        return returns.give_up(no, line.line_no, note="重复", actor=cast.leader, on=DAY)

    return line, [give_up, builders(cast)[0]]


def both_look_first(monkeypatch: pytest.MonkeyPatch, patience: float) -> None:
    """Neither writes before both have looked, or the patience is over."""
    barrier = threading.Barrier(2)
    for place, name in ((returns, "why_not_given_up"), (building, "fill")):
        original = getattr(place, name)

        def met(*args: Any, original: Any = original) -> Any:
            value = original(*args)
            with suppress(threading.BrokenBarrierError):
                barrier.wait(timeout=patience)
            return value

        monkeypatch.setattr(place, name, met)


def test_without_the_locks_it_is_both(
    own_database: str, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    line, acts = both(cast)
    for sql in (
        "ALTER TABLE funds_payoutline DISABLE TRIGGER line_reissues_what_came_back",
        "ALTER TABLE funds_givenupreturn DISABLE TRIGGER given_up_only_what_waits",
    ):
        as_owner(sql, database=own_database)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_: self.all())
    both_look_first(monkeypatch, CERTAIN)
    assert at_once(*acts) == ["done", "done"]
    assert PayoutLine.objects.filter(reissues=line).exists()
    assert GivenUpReturn.objects.filter(line=line).exists()


def test_with_the_locks_the_second_waits_and_sees_the_first(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    line, acts = both(cast)
    both_look_first(monkeypatch, PATIENCE)
    at_once(*acts)
    again = PayoutLine.objects.filter(reissues=line).exists()
    assert again != GivenUpReturn.objects.filter(line=line).exists()
    assert list(invariants.broken()) == []


def givers(cast: Cast) -> list[Act]:
    """Two officials of the bureau who allocate what is left of the budget at once."""

    def give(key: str) -> object:
        grant = ledger.Grant(
            office_id=cast.office.pk, programme=PROGRAMME, source="CITY", year=2027,
            amount_fen=204_600, document="玉财社〔2027〕1 号",
        )  # fmt: skip
        return ledger.allocate(grant, key=key, actor=cast.supervisor, on=DAY)

    return [lambda: give("one"), lambda: give("two")]


def budgeted(cast: Cast) -> None:
    """The first quarter of 2027 is confirmed: 2,046.00 for one household."""
    payouts.in_benefit(cast, 1)
    made = planning.make_budget(2027, 1, actor=cast.staff, on=DAY)
    for code, who in (("sign", "leader"), ("confirm", "supervisor")):
        proof = cast.proof(who)
        perform(QuarterBudget, made.no, code, actor=cast.actors[who], on=DAY, proof=proof)


def test_what_is_left_of_a_budget_is_allocated_once(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    budgeted(cast)
    meeting_after(monkeypatch, ledger, "_why_not")
    assert at_once(*givers(cast)).count("done") == 1


def test_without_the_hold_it_is_allocated_twice(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    budgeted(cast)
    monkeypatch.setattr(ledger, "hold_office", no_lock)
    meeting_after(monkeypatch, ledger, "left_of_budget", patience=CERTAIN)
    assert at_once(*givers(cast)) == ["done", "done"]
