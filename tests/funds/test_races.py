"""Two people at once, on two real connections: one wins. And with the guard away, the double."""

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connections

from funds import invariants
from funds.models import BankResult, FundAccount, LedgerGroup, PayoutBatch, PayoutLine
from funds.models.batch import PayoutBatchQuerySet
from funds.models.ledger import FundAccountQuerySet
from funds.operations import batches, building, ledger, results
from tests.cast import Cast, make_cast
from tests.databases import as_owner
from tests.funds import payouts
from tests.funds.payouts import APPROVED, LOCKED, MONTH, OPENED, PAID, PROGRAMME
from tests.races.arena import CERTAIN, PATIENCE
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event, Signature

Act = Callable[[], object]


def at_once(*acts: Act) -> list[str]:
    """Each act in a thread with a connection of its own; what became of each, sorted."""
    outcomes: list[str] = []

    def run(act: Act) -> None:
        try:
            act()
            outcomes.append("done")
        except Refused as refused:
            outcomes.append(refused.code)
        except (DatabaseError, PermissionDenied) as error:
            outcomes.append(type(error).__name__)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=2 * CERTAIN)
    assert len(outcomes) == len(acts)
    return sorted(outcomes)


def meeting_after(
    monkeypatch: pytest.MonkeyPatch,
    place: Any,
    name: str,
    parties: int = 2,
    patience: float = PATIENCE,
) -> None:
    """Whoever has come through `name` waits for the others before going on: the controls for as
    long as it takes, the others a moment, since whoever waits for a lock does not come."""
    barrier = threading.Barrier(parties)
    original = getattr(place, name)

    def met(*args: Any, **kwargs: Any) -> Any:
        value = original(*args, **kwargs)
        with suppress(threading.BrokenBarrierError):
            barrier.wait(timeout=patience)
        return value

    monkeypatch.setattr(place, name, met)


@pytest.fixture
def cast(own_database: str) -> Cast:
    """The cast, committed."""
    return make_cast()


def builders(cast: Cast, number: int) -> list[Act]:
    """So many people who make the same list."""
    return [
        lambda: building.open_month(
            cast.office.pk, PROGRAMME, month=MONTH, actor=cast.staff, on=OPENED
        )
    ] * number


def no_lock(*_: object) -> None:
    """Nobody waits for anybody."""


@pytest.mark.parametrize("guard", ["both", "constraint alone"])
def test_of_two_builders_one_wins(cast: Cast, monkeypatch: pytest.MonkeyPatch, guard: str) -> None:
    payouts.in_benefit(cast, 1)
    meeting_after(monkeypatch, building, "_refuse_other_months", 4)
    if guard != "both":
        monkeypatch.setattr(building, "builder_lock", no_lock)
    outcomes = at_once(*builders(cast, 4))
    assert outcomes.count("done") == 1
    assert set(outcomes) <= {"done", "being_built", "already_open"}
    assert PayoutLine.objects.count() == 1
    assert list(invariants.broken()) == []


def test_without_the_guards_two_builders_pay_twice(
    own_database: str, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    payouts.in_benefit(cast, 1)
    for constraint in ("batch_once_a_month", "funds_payoutbatch_no_key"):
        as_owner(
            f"ALTER TABLE funds_payoutbatch DROP CONSTRAINT {constraint}", database=own_database
        )
    as_owner("DROP INDEX line_one_effective_a_month", database=own_database)
    monkeypatch.setattr(building, "builder_lock", no_lock)
    # They meet with their lines written: met earlier, the slower may see what the other committed.
    meeting_after(monkeypatch, building, "fill", patience=CERTAIN)
    assert at_once(*builders(cast, 2)) == ["done", "done"]
    assert PayoutLine.objects.count() == 2
    assert any("笔有效发放" in sentence for sentence in invariants.broken())


def lockers(cast: Cast, batch: PayoutBatch) -> list[Act]:
    """Two members of staff who lock the same list."""
    return [
        lambda name=name: batches.lock(  # type: ignore[misc]
            batch.no, actor=cast.actors[name], on=LOCKED, proof=cast.proof(name)
        )
        for name in ("staff", "surveyor")
    ]


def without_row_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """select_for_update does nothing."""
    monkeypatch.setattr(PayoutBatchQuerySet, "select_for_update", lambda self, **_: self.all())


def test_a_list_is_locked_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = payouts.opened(cast)
    meeting_after(monkeypatch, batches, "_held")
    assert at_once(*lockers(cast, batch)) == ["done", "refused"]
    assert Event.objects.filter(action="lock").count() == 1
    assert list(invariants.broken()) == []


def test_without_the_row_lock_it_is_locked_twice(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = payouts.opened(cast)
    without_row_lock(monkeypatch)
    meeting_after(monkeypatch, batches, "_held", patience=CERTAIN)
    assert at_once(*lockers(cast, batch)) == ["done", "done"]
    assert Event.objects.filter(action="lock").count() == 2


def approvers(cast: Cast, batch: PayoutBatch) -> list[Act]:
    """Two leaders who approve the same list."""
    cast.add("leader2", "deputy_leader", cast.office, "副主任")
    return [
        lambda name=name: batches.approve(  # type: ignore[misc]
            batch.no, actor=cast.actors[name], on=APPROVED, proof=cast.proof(name)
        )
        for name in ("leader", "leader2")
    ]


def test_a_list_is_approved_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = payouts.locked(cast)
    acts = approvers(cast, batch)
    meeting_after(monkeypatch, batches, "_held")
    assert at_once(*acts) == ["done", "refused"]
    assert Signature.objects.filter(subject_kind="payout", stage="approve").count() == 1
    assert LedgerGroup.objects.filter(kind="COMMITMENT").count() == 1
    assert list(invariants.broken()) == []


def test_without_the_guards_the_money_is_set_aside_twice(
    own_database: str, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = payouts.locked(cast)
    acts = approvers(cast, batch)
    as_owner("DROP INDEX group_commits_once", database=own_database)
    without_row_lock(monkeypatch)
    meeting_after(monkeypatch, batches, "_held", patience=CERTAIN)
    assert at_once(*acts) == ["done", "done"]
    assert LedgerGroup.objects.filter(kind="COMMITMENT").count() == 2
    assert any("占用资金与合计不符" in sentence for sentence in invariants.broken())


def test_without_the_row_lock_the_index_still_sets_the_money_aside_once(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = payouts.locked(cast)
    acts = approvers(cast, batch)
    without_row_lock(monkeypatch)
    meeting_after(monkeypatch, batches, "_held", patience=CERTAIN)
    assert at_once(*acts) == ["IntegrityError", "done"]
    assert LedgerGroup.objects.filter(kind="COMMITMENT").count() == 1
    assert list(invariants.broken()) == []


def importers(cast: Cast, batch: PayoutBatch, lines: int) -> list[Act]:
    """The accounting centre imports the bank's answer about the first lines twice."""
    content = payouts.result_file(payouts.answers(batch)[:lines])
    return [
        lambda: results.import_result(batch.no, content, actor=cast.accountant, on=PAID),
    ] * 2


def test_the_same_answer_at_once_counts_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = payouts.sent(cast)
    acts = importers(cast, batch, 2)
    meeting_after(monkeypatch, results, "read_result")
    assert at_once(*acts) == ["already_imported", "done"]
    assert payouts.fresh(batch).paid_count == 2
    assert list(invariants.broken()) == []


def test_without_the_row_lock_each_line_still_has_one_result(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = payouts.sent(cast)
    acts = importers(cast, batch, 2)
    without_row_lock(monkeypatch)
    meeting_after(monkeypatch, results, "_expected", patience=CERTAIN)
    assert at_once(*acts) == ["done", "stale"]
    assert payouts.fresh(batch).paid_count == 2
    assert list(invariants.broken()) == []


def test_without_the_guards_the_same_answer_is_paid_twice(
    own_database: str, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = payouts.sent(cast)
    acts = importers(cast, batch, 1)
    without_row_lock(monkeypatch)
    blind = results.SETTLE_PAID.replace(" AND l.state = 'PENDING'", "")
    assert blind != results.SETTLE_PAID
    monkeypatch.setattr(results, "SETTLE_PAID", blind)
    for statement in (
        "ALTER TABLE funds_payoutline DISABLE TRIGGER line_settled_once",
        "ALTER TABLE funds_bankresult DROP CONSTRAINT bank_result_once",
        "DROP INDEX exception_missing_once",
    ):
        as_owner(statement, database=own_database)
    meeting_after(monkeypatch, results, "_expected", patience=CERTAIN)
    assert at_once(*acts) == ["done", "done"]
    assert BankResult.objects.count() == 2
    assert any("与支付凭证不符" in sentence for sentence in invariants.broken())


def spenders(cast: Cast) -> list[Act]:
    """The leader approves two lists, of which the money reaches for one."""
    for serial in (1, 2):
        payouts.in_benefit(cast, serial)
    payouts.funded(cast, 2000)
    lists = [
        building.open_month(cast.office.pk, PROGRAMME, month=month, actor=cast.staff, on=OPENED)
        for month in (date(2026, 11, 1), MONTH)
    ]
    for batch in lists:
        batches.lock(batch.no, actor=cast.staff, on=LOCKED, proof=cast.proof("staff"))
    return [
        lambda no=batch.no: batches.approve(  # type: ignore[misc]
            no, actor=cast.leader, on=APPROVED, proof=cast.proof("leader")
        )
        for batch in lists
    ]


def available() -> int:
    """What can still be spent (fen)."""
    return sum(FundAccount.objects.all().balances("AVAILABLE").values())


def without_account_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for the accounts; both have worked out what is there before either spends."""
    monkeypatch.setattr(FundAccountQuerySet, "select_for_update", lambda self, **_: self.all())
    meeting_after(monkeypatch, ledger, "spread", patience=CERTAIN)


def test_two_lists_cannot_spend_the_same_money(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    acts = spenders(cast)
    meeting_after(monkeypatch, batches, "_require_cover")
    assert at_once(*acts) == ["done", "no_funds"]
    assert available() == 2000_00 - 2 * 682_00
    assert list(invariants.broken()) == []


def test_without_the_lock_on_accounts_the_database_refuses_the_second(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    acts = spenders(cast)
    without_account_lock(monkeypatch)
    assert at_once(*acts) == ["IntegrityError", "done"]
    assert available() == 2000_00 - 2 * 682_00


def test_without_the_guards_two_lists_spend_the_same_money(
    own_database: str, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    acts = spenders(cast)
    as_owner("DROP TRIGGER ledger_balances ON funds_ledgerentry", database=own_database)
    without_account_lock(monkeypatch)
    assert at_once(*acts) == ["done", "done"]
    assert available() == 2000_00 - 4 * 682_00
