"""The books: reversal, month close, trial balance, carry-over; and each guard taken away."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

from funds import invariants
from funds.models import Allocation, FundAccount, LedgerClose, LedgerEntry, LedgerGroup
from funds.operations import books, ledger
from tests.cast import Cast, make_cast
from tests.databases import as_owner
from tests.funds import payouts
from tests.funds.payouts import PAID, PROGRAMME
from yuquan_relief.kernel.errors import Refused

NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)
AFTER = date(2027, 1, 4)


def available(cast: Cast, year: int = 2026) -> int:
    """What the office can spend."""
    return ledger.available(cast.office.pk, PROGRAMME, year)


def test_a_wrong_allocation_is_taken_back_by_another_posting(cast: Cast) -> None:
    wrong = payouts.funded(cast)
    payouts.funded(cast, 500, source="CENTRAL")
    books.reverse_allocation(wrong.group_id, note="金额多录", actor=cast.supervisor, on=PAID)
    assert available(cast) == 50_000
    assert LedgerGroup.objects.filter(kind="REVERSAL", reverses=wrong.group).count() == 1
    assert Allocation.objects.filter(pk=wrong.pk).exists()
    with pytest.raises(Refused, match="已经冲正"):
        books.reverse_allocation(wrong.group_id, note="再来", actor=cast.supervisor, on=PAID)
    assert list(invariants.broken()) == []


def test_money_that_was_spent_is_not_taken_back(cast: Cast) -> None:
    batch = payouts.approved(cast)
    group = LedgerGroup.objects.get(kind="ALLOCATION")
    with pytest.raises(Refused, match="已经用出一部分"):
        books.reverse_allocation(group.pk, note="错", actor=cast.supervisor, on=PAID)
    assert batch.state == "APPROVED"


def test_only_the_district_reverses_and_only_with_a_reason(cast: Cast) -> None:
    wrong = payouts.funded(cast)
    with pytest.raises(PermissionDenied):
        books.reverse_allocation(wrong.group_id, note="错", actor=cast.staff, on=PAID)
    with pytest.raises(Refused, match="须写明理由"):
        books.reverse_allocation(wrong.group_id, note=" ", actor=cast.supervisor, on=PAID)


def half_reversed(cast: Cast, wrong: Allocation) -> None:
    """A reversal with another sum."""
    group = LedgerGroup(
        kind="REVERSAL", programme=PROGRAMME, office=cast.office, on_day=PAID, reverses=wrong.group
    )
    ledger.post(group, 2026, [("CITY", "AVAILABLE", -1), ("CITY", "SOURCE", 1)])
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_reversal_is_the_mirror_of_what_it_takes_back(cast: Cast) -> None:
    wrong = payouts.funded(cast)
    with pytest.raises(DatabaseError, match="逐笔相反"), transaction.atomic():
        half_reversed(cast, wrong)


def test_without_the_trigger_half_a_reversal_stands(own_database: str) -> None:
    cast = make_cast()
    wrong = payouts.funded(cast)
    as_owner("DROP TRIGGER ledger_reversal_mirrors ON funds_ledgergroup", database=own_database)
    with transaction.atomic():
        half_reversed(cast, wrong)
    assert LedgerGroup.objects.filter(kind="REVERSAL").exists()


def test_months_are_closed_one_after_the_other(cast: Cast) -> None:
    payouts.through(cast, payouts.opened(cast), PAID)
    with pytest.raises(Refused, match="请先关2026年11月"):
        books.close_month(DECEMBER, actor=cast.supervisor, on=AFTER)
    with pytest.raises(Refused, match="还没有结束"):
        books.close_month(NOVEMBER, actor=cast.supervisor, on=date(2026, 11, 30))
    closed = books.close_month(NOVEMBER, actor=cast.supervisor, on=DECEMBER)
    assert sum(row[-1] for row in closed.trial) == 0
    assert closed.trial_sha256 == books.trial_digest(closed.trial)
    books.close_month(DECEMBER, actor=cast.supervisor, on=AFTER)
    december = LedgerClose.objects.get(month=DECEMBER)
    kinds = {row[4]: row[5] for row in december.trial}
    assert kinds == {"SOURCE": -10_000_000, "AVAILABLE": 10_000_000 - 204_600, "PAID": 204_600}
    with pytest.raises(PermissionDenied):
        books.close_month(date(2027, 1, 1), actor=cast.staff, on=date(2027, 2, 1))


def test_a_closed_month_takes_no_posting(cast: Cast) -> None:
    payouts.funded(cast)
    books.close_month(NOVEMBER, actor=cast.supervisor, on=DECEMBER)
    with pytest.raises(Refused, match="2026-11 已经关账"):
        payouts.funded(cast, 5, source="REGION", on=date(2026, 11, 30))
    payouts.funded(cast, 6, source="REGION", on=DECEMBER)


def test_without_the_trigger_a_closed_month_takes_one(own_database: str) -> None:
    cast = make_cast()
    payouts.funded(cast)
    books.close_month(NOVEMBER, actor=cast.supervisor, on=DECEMBER)
    as_owner("DROP TRIGGER ledger_month_open ON funds_ledgergroup", database=own_database)
    payouts.funded(cast, 5, source="REGION", on=date(2026, 11, 30))
    found = list(invariants.broken())
    assert any("关账时的试算平衡表与台账不符" in sentence for sentence in found)


def test_what_is_left_of_a_year_goes_into_the_next_once(cast: Cast) -> None:
    payouts.funded(cast)
    with pytest.raises(Refused, match="年度结束以后"):
        books.carry_over(2026, actor=cast.supervisor, on=PAID)
    assert books.carry_over(2026, actor=cast.supervisor, on=AFTER) == 1
    assert (available(cast), available(cast, 2027)) == (0, 10_000_000)
    assert books.carry_over(2026, actor=cast.supervisor, on=AFTER) == 0
    entries = LedgerEntry.objects.filter(group__kind="CARRY_OVER")
    assert {e.account.source for e in entries} == {"CITY"}
    assert list(invariants.broken()) == []


@pytest.mark.clause("18(7)")
def test_money_of_one_programme_never_pays_another(cast: Cast) -> None:
    """Impossible, not forbidden: the database has no way to write it."""
    payouts.funded(cast)
    account = FundAccount.objects.get(kind="AVAILABLE")
    group = LedgerGroup(
        kind="ALLOCATION", programme="RURAL_ALLOWANCE", office=cast.office, on_day=PAID
    )
    group.save(force_insert=True)
    with pytest.raises(DatabaseError, match="entry_account_of_programme"), transaction.atomic():
        of_another(group, account)


def of_another(group: LedgerGroup, account: FundAccount) -> None:
    """An entry of one programme's group in another's account."""
    LedgerEntry.objects.create(
        group=group, account=account, programme="RURAL_ALLOWANCE", amount_fen=-1
    )
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_without_the_key_it_could_be_written(own_database: str) -> None:
    cast = make_cast()
    payouts.funded(cast)
    as_owner(
        "ALTER TABLE funds_ledgerentry DROP CONSTRAINT entry_account_of_programme",
        database=own_database,
    )
    account = FundAccount.objects.get(kind="AVAILABLE")
    with transaction.atomic():
        group = LedgerGroup(
            kind="ALLOCATION", programme="RURAL_ALLOWANCE", office=cast.office, on_day=PAID
        )
        ledger.post(group, 2026, [("CITY", "AVAILABLE", 1)])
        LedgerEntry.objects.create(
            group=group, account=account, programme="RURAL_ALLOWANCE", amount_fen=-1
        )
    assert group.entries.count() == 2
