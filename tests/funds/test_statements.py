"""The number of statements does not depend on the number of households."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from funds import reports
from funds.models import PayoutBatch
from funds.operations import batches, building
from tests.cast import Cast
from tests.funds import payouts
from tests.funds.payouts import APPROVED, LOCKED, MONTH, OPENED, PROGRAMME
from yuquan_relief.kernel.calendars import work_calendar

FEW, MANY = 10, 120


def counted(act: Callable[[], object]) -> int:
    """How many statements the act sent."""
    with CaptureQueriesContext(
        connection,
    ) as captured:
        act()
    return len(captured)


def run(cast: Cast, households: int, first: int) -> dict[str, int]:
    """One list of so many households through every step; statements by step."""
    for serial in range(first, first + households):
        payouts.in_benefit(cast, serial)
    payouts.funded(cast, 1_000_000 + first)
    found: dict[str, int] = {}
    found["open"] = counted(
        lambda: building.open_month(
            cast.office.pk, PROGRAMME, month=MONTH, actor=cast.staff, on=OPENED
        )
    )
    no = PayoutBatch.objects.get().no
    found["rebuild"] = counted(lambda: building.rebuild(no, actor=cast.staff, on=OPENED))
    found["lock"] = counted(
        lambda: batches.lock(no, actor=cast.staff, on=LOCKED, proof=cast.proof("staff"))
    )
    found["approve"] = counted(
        lambda: batches.approve(no, actor=cast.leader, on=APPROVED, proof=cast.proof("leader"))
    )
    batches.take_file(no, actor=cast.accountant, on=APPROVED, proof=cast.proof("accountant"))
    batch = PayoutBatch.objects.get(no=no)
    rows = payouts.answers(batch)
    found["import_result"] = counted(lambda: payouts.imported(cast, batch, rows))
    found["board"] = counted(lambda: reports.board(cast.supervisor, MONTH, LOCKED))
    found["lines"] = counted(lambda: reports.lines(batch, after=5))
    found["differences"] = counted(lambda: reports.differences(batch))
    found["ledger"] = counted(lambda: reports.ledger(cast.supervisor, 2026))
    return found


MOST = {
    "open": 16,  # each act also gives the sums of supervision their job
    "rebuild": 16,
    "lock": 21,
    "approve": 30,
    "import_result": 40,
    "board": 6,
    "lines": 2,  # and what was sent again
    "differences": 2,
    "ledger": 1,
}


@pytest.mark.parametrize("households", [FEW, MANY])
def test_statements_are_few(cast: Cast, households: int) -> None:
    work_calendar()  # read once by a process
    found = run(cast, households, 1)
    assert all(found[name] <= most for name, most in MOST.items()), found


def test_many_households_cost_no_more_statements(
    cast: Cast, django_assert_max_num_queries: object
) -> None:
    work_calendar()  # read once by a process
    for serial in range(1, FEW + 1):
        payouts.in_benefit(cast, serial)
    few = counted(
        lambda: building.open_month(
            cast.office.pk, PROGRAMME, month=MONTH, actor=cast.staff, on=OPENED
        )
    )
    for serial in range(FEW + 1, 301):
        payouts.in_benefit(cast, serial, village=cast.foreign_village)
    many = counted(
        lambda: building.open_month(
            cast.other_office.pk, PROGRAMME, month=MONTH, actor=cast.foreign_staff, on=OPENED
        )
    )
    assert few == many
    assert many <= 40
