"""Allocation: who, for whom, how much, and twice is once."""

import pytest
from django.core.exceptions import PermissionDenied

from funds import reports
from funds.models import Allocation, LedgerEntry
from funds.operations.ledger import Grant, allocate
from tests.cast import Cast
from tests.funds import payouts
from tests.funds.payouts import OPENED
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event, Unit


def grant(cast: Cast, **changes: object) -> Grant:
    """A thousand yuan for the first office."""
    values = {
        "office_id": cast.office.pk,
        "programme": payouts.PROGRAMME,
        "source": "CENTRAL",
        "year": 2026,
        "amount_fen": 1000_00,
        "document": "玉财社〔2026〕2 号",
        "reason": "演练",
    }
    return Grant(**values | changes)  # type: ignore[arg-type]


@pytest.mark.clause("4(1).3")
def test_money_is_given_to_an_office(cast: Cast) -> None:
    allocate(grant(cast), key="a", actor=cast.supervisor, on=OPENED)
    (row,) = reports.ledger(cast.chief, 2026)
    assert (row.allocated_fen, row.available_fen, row.source_label) == (
        1000_00,
        1000_00,
        "中央资金",
    )
    assert reports.ledger(cast.foreign_staff, 2026) == []
    assert Event.objects.get(subject_kind="allocation").body["amount_fen"] == 1000_00


def test_the_same_key_gives_the_same_allocation(cast: Cast) -> None:
    first = allocate(grant(cast), key="a", actor=cast.supervisor, on=OPENED)
    second = allocate(grant(cast), key="a", actor=cast.supervisor, on=OPENED)
    assert first.pk == second.pk
    assert LedgerEntry.objects.count() == 2


@pytest.mark.parametrize("name", ["staff", "leader", "accountant", "auditor", "sysadmin"])
def test_only_the_supervisor_gives(cast: Cast, name: str) -> None:
    with pytest.raises(PermissionDenied):
        allocate(grant(cast), key="a", actor=cast.actors[name], on=OPENED)


def test_an_office_of_another_district_does_not_exist(cast: Cast) -> None:
    with pytest.raises(Unit.DoesNotExist):
        allocate(grant(cast, office_id=cast.village.pk), key="a", actor=cast.supervisor, on=OPENED)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"programme": "OTHER"}, "请选择类别"),
        ({"source": "OTHER"}, "请选择类别和资金来源"),
        ({"amount_fen": 0}, "须大于 0"),
        ({"amount_fen": -1}, "须大于 0"),
        ({"amount_fen": 10**15}, "核对单位"),
        ({"document": " "}, "请填写拨付文号"),
        ({"year": 2030}, "年度只能是"),
    ],
)
def test_an_allocation_that_is_refused(cast: Cast, changes: dict[str, object], words: str) -> None:
    with pytest.raises(Refused, match=words):
        allocate(grant(cast, **changes), key="a", actor=cast.supervisor, on=OPENED)
    assert not Allocation.objects.exists()
