"""What the database refuses, whoever asks: one test a constraint."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from funds.models import (
    Allocation,
    BankResult,
    FundAccount,
    LedgerEntry,
    LedgerGroup,
    PayoutBatch,
    PayoutLine,
    ResultException,
    Voucher,
)
from tests.cast import Cast
from tests.funds import payouts

Batch = PayoutBatch.objects
LINE = "funds_payoutline"


def refused(name: str, act: Callable[[], object]) -> None:
    """The database refuses `act` and names the constraint."""

    @transaction.atomic
    def tried() -> None:
        act()
        check_now()

    with pytest.raises(DatabaseError, match=name):
        tried()


def check_now() -> None:
    """Deferred constraints are checked."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def run(sql: str) -> None:
    """One statement as the application."""
    with connection.cursor() as cursor:
        cursor.execute(sql)


def copied(line: PayoutLine, **changes: object) -> PayoutLine:
    """Another line like this one."""
    values = {f.attname: getattr(line, f.attname) for f in PayoutLine._meta.concrete_fields}
    return PayoutLine(**values | {"id": None, "line_no": 99} | changes)


@pytest.fixture
def batch(cast: Cast) -> PayoutBatch:
    """An open list of two households."""
    return payouts.opened(cast, 2)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("batch_known_state", {"state": "PAID", "file_sha256": "0" * 64}),
        ("batch_first_of_month", {"month": date(2026, 12, 2)}),
        ("batch_frozen_with_file", {"file_sha256": "0" * 64}),
        ("batch_frozen_with_file", {"state": "LOCKED"}),
        ("batch_not_overpaid", {"paid_fen": 136_401}),
        ("batch_not_overpaid", {"paid_count": 3}),
        (
            "batch_closed_when_settled",
            {"state": "CLOSED", "file_sha256": "0" * 64, "paid_fen": 5},
        ),
    ],
)
def test_lists(batch: PayoutBatch, name: str, values: dict[str, object]) -> None:
    kept = {
        f.attname: getattr(batch, f.attname)
        for f in PayoutBatch._meta.concrete_fields
        if f.attname != "id"
    }
    other = kept | {"no": "other", "month": date(2027, 3, 1)} | values
    refused(name, lambda: Batch.create(**other))


def test_one_list_a_month(batch: PayoutBatch) -> None:
    batch.pk, batch.no = None, "other"
    refused("batch_once_a_month", lambda: batch.save(force_insert=True))


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("line_no_once", {"line_no": 2, "month": date(2026, 11, 1)}),
        ("line_one_effective_a_month", {}),
        ("line_one_effective_a_month", {"kind": "BACK_PAY"}),
        ("line_amount", {"amount_fen": 1, "month": date(2026, 11, 1)}),
        ("line_amount", {"amount_fen": 0, "base_fen": 0, "month": date(2026, 11, 1)}),
        ("line_effective_unless_returned", {"state": "RETURNED", "failure": "销户"}),
        ("line_effective_unless_returned", {"state": "RETURNED", "is_effective": False}),
        ("line_effective_unless_returned", {"is_effective": False}),
        ("line_paid_with_proof", {"state": "PAID", "month": date(2026, 11, 1)}),
        ("line_first_of_month", {"month": date(2026, 11, 2)}),
    ],
)
def test_lines(batch: PayoutBatch, name: str, changes: dict[str, object]) -> None:
    line = batch.lines.get(line_no=1)
    refused(name, lambda: copied(line, **changes).save(force_insert=True))


def test_a_line_names_the_office_of_its_list(cast: Cast, batch: PayoutBatch) -> None:
    line = copied(
        batch.lines.get(line_no=1), office_id=cast.other_office.pk, month=date(2026, 11, 1)
    )
    refused("line_batch_of_office", lambda: line.save(force_insert=True))


def test_a_returned_line_makes_room_for_another(batch: PayoutBatch) -> None:
    line = batch.lines.get(line_no=1)
    refused("line_one_effective_a_month", lambda: copied(line).save(force_insert=True))
    PayoutLine.objects.filter(pk=line.pk).update(
        state="RETURNED", is_effective=False, failure="销户"
    )
    copied(line).save(force_insert=True)
    check_now()
    same = PayoutLine.objects.filter(batch=batch, household_id=line.household_id)
    assert {row.is_effective for row in same} == {True, False}


@pytest.mark.parametrize(
    "sql",
    [
        f"UPDATE {LINE} SET amount_fen = amount_fen + 1, base_fen = base_fen + 1",
        f"UPDATE {LINE} SET holder = 'x'",
        f"UPDATE {LINE} SET account = 'x'",
        f"TRUNCATE {LINE} CASCADE",
        "DELETE FROM funds_payoutbatch",
        "UPDATE funds_ledgerentry SET amount_fen = amount_fen + 1",
        "DELETE FROM funds_ledgerentry",
        "TRUNCATE funds_ledgerentry",
        "UPDATE funds_ledgergroup SET note = 'x'",
        "DELETE FROM funds_ledgergroup",
        "UPDATE funds_allocation SET amount_fen = 1",
        "DELETE FROM funds_allocation",
        "UPDATE funds_voucher SET paid_fen = 1",
        "UPDATE funds_bankresult SET rows = 1",
        "DELETE FROM funds_fundaccount",
        "DELETE FROM funds_resultexception",
        "UPDATE funds_resultexception SET detail = 'x'",
    ],
)
def test_the_application_cannot_rewrite_money(batch: PayoutBatch, sql: str) -> None:
    refused("permission denied", lambda: run(sql))


def test_lines_of_a_locked_list_stay(cast: Cast) -> None:
    payouts.locked(cast)
    refused("不能删除", lambda: run(f"DELETE FROM {LINE}"))


def test_a_line_is_settled_once(cast: Cast) -> None:
    batch = payouts.sent(cast)
    payouts.imported(cast, batch, payouts.answers(batch))
    again = batch.lines.filter(line_no=1)
    refused("只能追加", lambda: again.update(state="PENDING", paid_on=None, serial=""))


@pytest.mark.parametrize(
    "values",
    [
        {"total_fen": 1},
        {"file_sha256": "1" * 64},
        {"snapshot_sha256": "1" * 64},
        {"line_count": 7},
        {"month": date(2027, 1, 1)},
        {"state": "OPEN", "file_sha256": "", "snapshot_sha256": ""},
        {"state": "LOCKED"},
    ],
)
def test_an_approved_list_is_frozen(cast: Cast, values: dict[str, object]) -> None:
    batch = payouts.approved(cast)
    refused("只能追加", lambda: Batch.filter(pk=batch.pk).update(**values))


def group(cast: Cast, **changes: object) -> LedgerGroup:
    """A group of an allocation."""
    values = {
        "kind": "ALLOCATION",
        "programme": payouts.PROGRAMME,
        "office": cast.office,
        "on_day": payouts.OPENED,
    }
    return LedgerGroup.objects.create(**values | changes)


def account(kind: str) -> FundAccount:
    """An account of the office."""
    return FundAccount.objects.get(kind=kind)


def entry(made: LedgerGroup, kind: str, fen: int, programme: str = payouts.PROGRAMME) -> None:
    """One entry of the group."""
    LedgerEntry.objects.create(
        group=made, account=account(kind), programme=programme, amount_fen=fen
    )


def test_a_group_sums_to_zero(cast: Cast, batch: PayoutBatch) -> None:
    made = group(cast)

    def unbalanced() -> None:
        entry(made, "SOURCE", -5)
        entry(made, "AVAILABLE", 4)

    refused("分录合计不为零", unbalanced)


def test_no_purse_is_overdrawn(cast: Cast, batch: PayoutBatch) -> None:
    made = group(cast)

    def overdrawn() -> None:
        entry(made, "SOURCE", 100_000_01)
        entry(made, "AVAILABLE", -100_000_01)

    refused("资金不足", overdrawn)


def test_an_entry_is_not_zero(cast: Cast, batch: PayoutBatch) -> None:
    made = group(cast)
    refused("entry_not_zero", lambda: entry(made, "SOURCE", 0))


def test_an_account_once_in_a_group(cast: Cast, batch: PayoutBatch) -> None:
    made = group(cast)

    def twice() -> None:
        entry(made, "SOURCE", -1)
        entry(made, "SOURCE", 1)

    refused("entry_once_in_group", twice)


def test_money_does_not_cross_programmes(cast: Cast, batch: PayoutBatch) -> None:
    made = group(cast, programme="RURAL_ALLOWANCE")
    refused("entry_account_of_programme", lambda: entry(made, "SOURCE", -1, "RURAL_ALLOWANCE"))


def test_an_entry_has_the_programme_of_its_group(cast: Cast, batch: PayoutBatch) -> None:
    made = group(cast, programme="RURAL_ALLOWANCE")
    refused("entry_group_of_programme", lambda: entry(made, "SOURCE", -1))


def test_accounts_are_unique_and_known(batch: PayoutBatch) -> None:
    known = account("SOURCE")
    known.pk = None
    refused("account_once", lambda: known.save(force_insert=True))
    known.kind = "PETTY"
    refused("account_known_kind", lambda: known.save(force_insert=True))


def test_a_payment_belongs_to_a_list(cast: Cast, batch: PayoutBatch) -> None:
    refused("group_kind", lambda: group(cast, kind="PAYMENT"))


def test_a_list_is_set_aside_once(cast: Cast) -> None:
    batch = payouts.approved(cast)
    refused("group_commits_once", lambda: group(cast, kind="COMMITMENT", batch=batch))


def test_an_allocation_is_more_than_nothing(cast: Cast, batch: PayoutBatch) -> None:
    known = Allocation.objects.get()
    known.pk, known.amount_fen, known.key, known.group = None, 0, "other", group(cast)
    refused("allocation_amount", lambda: known.save(force_insert=True))


def test_a_voucher_tells_of_something(cast: Cast, batch: PayoutBatch) -> None:
    voucher = Voucher(
        no="V",
        batch=batch,
        group=group(cast),
        made_on=payouts.PAID,
        paid_count=0,
        paid_fen=0,
        returned_count=0,
        returned_fen=0,
        made_by="演练",
    )
    refused("voucher_not_empty", lambda: voucher.save(force_insert=True))


@pytest.fixture
def difference(cast: Cast) -> ResultException:
    """A missing line."""
    batch = payouts.sent(cast)
    payouts.imported(cast, batch, payouts.answers(batch)[:2])
    return ResultException.objects.get()


def test_a_bank_file_counts_once(difference: ResultException) -> None:
    result = BankResult.objects.get()
    result.pk = None
    refused("bank_result_once", lambda: result.save(force_insert=True))


def test_a_difference_is_resolved_with_a_reason(difference: ResultException) -> None:
    mine = ResultException.objects.filter(pk=difference.pk)
    refused("exception_resolved_with_reason", lambda: mine.update(resolved_on=payouts.PAID))


def test_a_difference_is_of_a_known_kind_and_missing_once(difference: ResultException) -> None:
    difference.pk = None
    refused("exception_missing_once", lambda: difference.save(force_insert=True))
    difference.kind = "ODD"
    refused("exception_known_kind", lambda: difference.save(force_insert=True))


def test_a_resolved_difference_stays(cast: Cast, difference: ResultException) -> None:
    mine = ResultException.objects.filter(pk=difference.pk)
    mine.update(
        resolution="已核实", resolved_on=payouts.PAID, resolved_by=cast.accountant.person_id
    )
    refused("只能追加", lambda: mine.update(resolution="另一个说法"))


def test_a_deferred_refusal_comes_at_the_commit(cast: Cast, batch: PayoutBatch) -> None:
    made = group(cast)
    entry(made, "SOURCE", -5)
    with pytest.raises(IntegrityError, match="分录合计不为零"):
        check_now()
