"""check_invariants sees what is broken, one planted fault at a time, and nothing else."""

from datetime import date

import pytest
from django.db import connection

from cases.models import Benefit
from funds import invariants
from funds.models import PayoutBatch
from tests.cast import Cast, make_cast
from tests.databases import as_owner
from tests.funds import payouts
from yuquan_relief.kernel import file_store
from yuquan_relief.kernel.models import Signature


@pytest.fixture
def closed(own_database: str) -> PayoutBatch:
    """A settled list, committed."""
    cast = make_cast()
    batch = payouts.sent(cast)
    payouts.imported(cast, batch, payouts.answers(batch))
    return payouts.fresh(batch)


GUARDED = ("funds_payoutline", "funds_payoutbatch", "funds_ledgerentry", "funds_voucher")
PLANTED = {
    "UPDATE funds_ledgerentry SET amount_fen = amount_fen + 1 WHERE id = 1": "不为零",
    "UPDATE funds_payoutline SET amount_fen = amount_fen + 1, base_fen = base_fen + 1"
    " WHERE line_no = 1": "明细是",
    "UPDATE funds_payoutbatch SET paid_fen = 136400, returned_fen = 68200": "与明细不符",
    "UPDATE funds_ledgerentry SET amount_fen = -1 WHERE account_id ="
    " (SELECT id FROM funds_fundaccount WHERE kind = 'AVAILABLE')": "小于零",
    "UPDATE funds_voucher SET paid_fen = 1": "与支付凭证不符",
    "UPDATE cases_benefit SET source = ''": "没有经签字的批准决定",
    "UPDATE funds_payoutbatch SET total_fen = 204601, paid_fen = 204601": "重新生成的银行文件",
    "UPDATE funds_payoutbatch SET snapshot_sha256 = repeat('0', 64)": "缺少覆盖现有内容的签字",
}


@pytest.mark.parametrize("sql", PLANTED)
def test_a_planted_fault_is_found(sql: str, own_database: str, closed: PayoutBatch) -> None:
    assert list(invariants.broken()) == []
    for table in GUARDED:
        as_owner(f"ALTER TABLE {table} DISABLE TRIGGER USER", database=own_database)
    as_owner(sql, database=own_database)
    assert any(PLANTED[sql] in sentence for sentence in invariants.broken())


def test_a_changed_file_is_found(cast: Cast) -> None:
    batch = payouts.approved(cast)
    file_store.place(batch.file_sha256).write_bytes(b"other")
    (sentence,) = invariants.broken()
    assert "银行文件缺失或被改动" in sentence


def test_a_lost_result_is_found(cast: Cast) -> None:
    batch = payouts.sent(cast)
    result = payouts.imported(cast, batch, payouts.answers(batch))
    file_store.place(result.sha256).unlink()
    (sentence,) = invariants.broken()
    assert "银行结果文件缺失" in sentence


def test_a_list_without_event_is_found(cast: Cast) -> None:
    batch = payouts.opened(cast)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO funds_payoutbatch SELECT (b).* FROM (SELECT jsonb_populate_record("
            'NULL::funds_payoutbatch, to_jsonb(o) || \'{"id": 999999, "no": "X",'
            ' "month": "2027-02-01", "line_count": 0, "total_fen": 0}\'::jsonb) AS b'
            " FROM funds_payoutbatch o WHERE o.id = %s) x",
            [batch.pk],
        )
    assert any("事件里没有对应的记录" in sentence for sentence in invariants.broken())
    assert Signature.objects.count() == 0


@pytest.mark.clause("4(1)")
def test_a_household_that_no_list_remembered_is_found(cast: Cast) -> None:
    batch = payouts.approved(cast, households=1)
    forgotten = Benefit.objects.get()
    assert list(invariants.broken()) == []
    PayoutBatch.objects.create(
        no="X", district_id=batch.district_id, office_id=batch.office_id,
        programme=batch.programme, month=date(2026, 9, 1), state_since=batch.opened_on,
        opened_on=batch.opened_on, pay_by=batch.pay_by, fund_year=2026,
    )  # fmt: skip
    text = f"保障 {forgotten.key} 的 2026-09 没有发放，以后的名单也没有补发"
    assert text in list(invariants.broken())
    Benefit.objects.update(start_month=batch.month)
    assert text not in list(invariants.broken())
