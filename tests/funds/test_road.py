"""From the approved case to the settled list, through operations."""

from datetime import date

from cases.models import Benefit
from funds import invariants, reports
from funds.models import PayoutBatch, PayoutLine
from funds.operations import batches
from tests import road
from tests.cast import Cast
from tests.funds import payouts
from yuquan_relief.kernel import file_store
from yuquan_relief.kernel.duties import run_all


def test_an_approved_household_is_paid(cast: Cast) -> None:
    case = road.approved(cast)
    benefit = Benefit.objects.get(source_case=case)
    payouts.funded(cast, on=date(2026, 10, 21))
    run_all(date(2026, 10, 21))
    batch = PayoutBatch.objects.get()
    assert (batch.no, batch.month) == ("FF159900001-202611-C", date(2026, 11, 1))
    assert (batch.line_count, batch.total_fen) == (1, benefit.monthly_fen)

    batches.lock(batch.no, actor=cast.surveyor, on=date(2026, 10, 22), proof=cast.proof("surveyor"))
    batches.approve(batch.no, actor=cast.leader, on=date(2026, 10, 23), proof=cast.proof("leader"))
    batches.take_file(
        batch.no, actor=cast.accountant, on=date(2026, 11, 2), proof=cast.proof("accountant")
    )
    batch = payouts.fresh(batch)
    assert batch.state == "SENT"
    assert file_store.is_sound(batch.file_sha256)

    rows = payouts.answers(batch)
    rows[0]["交易时间"] = "20261105103000"
    payouts.imported(cast, batch, rows, on=date(2026, 11, 6))
    batch = payouts.fresh(batch)
    assert (batch.state, batch.closed_on) == ("CLOSED", date(2026, 11, 6))
    line = PayoutLine.objects.get()
    assert (line.state, line.paid_on) == ("PAID", date(2026, 11, 5))
    (purse,) = reports.ledger(cast.supervisor, 2026)
    assert (purse.available_fen, purse.committed_fen, purse.paid_fen) == (
        100_000_00 - 682_00,
        0,
        682_00,
    )
    assert batch.vouchers.get().paid_fen == 682_00
    assert list(invariants.broken()) == []
