"""照料护理费 on a list of its own, from the month that the district has agreed (domain 10.2)."""

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from cases.models import Benefit, Entitlement, Review
from funds import invariants
from funds.models import PayoutBatch, PayoutLine
from funds.models.months import months_of
from funds.operations import building, ledger
from funds.operations.building import Order, open_list
from funds.operations.recoveries import open_recoveries, overpaid
from funds.tasks import open_month_lists
from tests.cases.benefit_rows import place
from tests.cast import Cast, make_cast
from tests.databases import as_owner
from tests.funds import payouts
from tests.funds.payouts import MONTH, OPENED, PAID
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import RuleValue

DESTITUTE = "URBAN_DESTITUTE"
BASIC, CARE = 1_500_00, 1_144_00
JANUARY = date(2027, 1, 1)


@pytest.fixture
def apart(cast: Cast) -> Cast:
    """From December on care has a list of its own; the office has money."""
    agree("2026-12")
    allocate(cast)
    return cast


def agree(month: str) -> None:
    """The district and its bank have agreed on it."""
    RuleValue.objects.create(
        rule_set="*", parameter="payout.care_apart", valid_from=date(2026, 1, 1), unit="年-月",
        value=month, source="演练协议",
    )  # fmt: skip


def allocate(cast: Cast) -> None:
    for year in (2026, 2027):
        grant = ledger.Grant(
            office_id=cast.office.pk, programme=DESTITUTE, source="CITY", year=year,
            amount_fen=10_000_000, document="玉财社〔2026〕1 号", reason="演练",
)  # fmt: skip
        ledger.allocate(grant, key=f"care-{year}", actor=cast.supervisor, on=OPENED)


def cared_for(cast: Cast, serial: int, **changes: Any) -> Benefit:
    """Somebody in 特困 with care."""
    values = {"persons": 1, "monthly_fen": BASIC, "supplement_fen": CARE, "care_tier": "FULL"}
    return payouts.in_benefit(cast, serial, programme=DESTITUTE, **values | changes)


def month_list(cast: Cast, month: date = MONTH, on: date = OPENED) -> PayoutBatch:
    return building.open_month(cast.office.pk, DESTITUTE, month=month, actor=cast.staff, on=on)


def care_list(cast: Cast, month: date = MONTH, on: date = OPENED) -> PayoutBatch:
    order = Order(kind="CARE", programme=DESTITUTE, month=month)
    return open_list(cast.office.pk, order, actor=cast.staff, on=on)


def lines(batch: PayoutBatch) -> list[tuple[str, int, int]]:
    """(kind, basic, care) of each line."""
    found = PayoutLine.objects.filter(batch=batch).order_by("line_no")
    return list(found.values_list("kind", "base_fen", "supplement_fen"))


def difference(benefit: Benefit) -> int:
    return months_of(benefit, MONTH)[0].difference_fen


def test_as_delivered_care_is_paid_with_the_month(cast: Cast) -> None:
    allocate(cast)
    cared_for(cast, 1)
    assert lines(month_list(cast)) == [("NORMAL", BASIC, CARE)]
    with pytest.raises(Refused, match="随月名单发放"):
        care_list(cast)


@pytest.mark.clause("4(1).3")
def test_both_lists_together_pay_what_was_decided(apart: Cast) -> None:
    benefit = cared_for(apart, 1)
    cared_for(apart, 2, supplement_fen=0)
    month, care = month_list(apart), care_list(apart)
    assert lines(month) == [("NORMAL", BASIC, 0)] * 2
    assert lines(care) == [("CARE", 0, CARE)]
    assert (care.no, care.title) == ("FF159900001-202612-CT-H1", "城市特困照料护理费")
    assert care.pay_by == month.pay_by  # the 10th binds both
    for batch in (month, care):
        payouts.through(apart, batch, PAID)
    assert difference(benefit) == 0
    assert open_recoveries(PAID) == 0
    assert list(invariants.broken()) == []


def test_an_earlier_month_is_not_paid_its_care_twice(cast: Cast) -> None:
    """November was paid together; from January on care goes apart."""
    agree("2027-01")
    allocate(cast)
    cared_for(cast, 1)
    assert lines(month_list(cast)) == [("NORMAL", BASIC, CARE)]
    with pytest.raises(Refused, match="没有应发放"):
        care_list(cast)  # December is still paid together


def test_what_was_forgotten_comes_with_the_next_care_list(apart: Cast) -> None:
    cared_for(apart, 1)
    payouts.through(apart, month_list(apart), PAID)
    january = date(2026, 12, 22)
    payouts.through(apart, month_list(apart, JANUARY, january), january)
    assert lines(care_list(apart, JANUARY, january)) == [("CARE", 0, CARE)] * 2


def test_the_clock_makes_both(apart: Cast) -> None:
    cared_for(apart, 1)
    assert open_month_lists(OPENED) == 3
    assert open_month_lists(OPENED) == 0
    made = PayoutBatch.objects.values_list("month", "kind").order_by("id")
    november = date(2026, 11, 1)
    assert list(made) == [(november, "NORMAL"), (MONTH, "NORMAL"), (MONTH, "CARE")]


def raised(benefit: Benefit, *, basic: int, care: int) -> None:
    """A review raises both since December, paid with January."""
    review = Review.objects.create(
        no="FH-1", benefit=benefit, trigger="HAND", opened_on=PAID, due_on=PAID,
        state="WITHDRAWN", ended_on=PAID, **place(benefit),
    )  # fmt: skip
    Entitlement.objects.create(
        benefit=benefit, review=review, from_month=MONTH, paid_with=JANUARY, persons=1,
        monthly_fen=basic, supplement_fen=care, recorded_on=PAID,
    )  # fmt: skip


def test_care_that_waits_for_its_list_is_no_difference(apart: Cast) -> None:
    """December's care is not paid yet: the raise brings only what the raise adds to the basic."""
    benefit = cared_for(apart, 1)
    payouts.through(apart, month_list(apart), PAID)
    raised(benefit, basic=BASIC + 100_00, care=CARE + 50_00)
    january = date(2026, 12, 22)
    month = month_list(apart, JANUARY, january)
    assert lines(month) == [("ARREARS", 100_00, 0), ("NORMAL", BASIC + 100_00, 0)]
    assert lines(care_list(apart, JANUARY, january)) == [("CARE", 0, CARE + 50_00)] * 2


def test_care_that_was_paid_is_made_good(apart: Cast) -> None:
    """The twin: when December's care was paid, the raise of it is a difference."""
    benefit = cared_for(apart, 1)
    for batch in (month_list(apart), care_list(apart)):
        payouts.through(apart, batch, PAID)
    raised(benefit, basic=BASIC + 100_00, care=CARE + 50_00)
    january = date(2026, 12, 22)
    assert lines(month_list(apart, JANUARY, january))[0] == ("ARREARS", 150_00, 0)
    assert lines(care_list(apart, JANUARY, january)) == [("CARE", 0, CARE + 50_00)]


def test_care_of_who_has_died_is_asked_back(apart: Cast) -> None:
    benefit = cared_for(apart, 1)
    for batch in (month_list(apart), care_list(apart)):
        payouts.through(apart, batch, PAID)
    Benefit.objects.filter(pk=benefit.pk).update(end_month=date(2026, 11, 1))
    assert [(paid, due, over) for *_, paid, due, over in overpaid(PAID)] == [
        (BASIC + CARE, 0, BASIC + CARE)
    ]


def test_care_that_came_back_is_sent_again(apart: Cast) -> None:
    benefit = cared_for(apart, 1)
    payouts.through(apart, month_list(apart), PAID)
    payouts.through(apart, care_list(apart), PAID, returned=(1,))
    order = Order(kind="REISSUE", programme=DESTITUTE, month=MONTH)
    again = open_list(apart.office.pk, order, actor=apart.staff, on=PAID)
    assert lines(again) == [("CARE", 0, CARE)]
    payouts.through(apart, again, PAID)
    assert difference(benefit) == 0
    assert list(invariants.broken()) == []


def test_a_month_has_one_effective_care(own_database: str) -> None:
    """The database refuses the second, and without its index the invariants tell (the twin)."""
    cast = make_cast()
    agree("2026-12")
    allocate(cast)
    cared_for(cast, 1)
    month_list(cast)
    care = care_list(cast)
    line = PayoutLine.objects.get(batch=care)
    line.pk, line.line_no = None, 2
    with pytest.raises(IntegrityError, match="line_one_care_a_month"), transaction.atomic():
        line.save(force_insert=True)
    as_owner("DROP INDEX line_one_care_a_month", database=own_database)
    line.save(force_insert=True)
    assert any("2 笔有效发放" in text for text in invariants.broken())


def test_the_month_stays_on_the_list(apart: Cast) -> None:
    cared_for(apart, 1)
    batch = month_list(apart)
    with pytest.raises(DatabaseError, match="只能追加"), transaction.atomic():
        PayoutBatch.objects.filter(pk=batch.pk).update(care_from=None)


def test_without_the_memory_of_the_month_the_invariants_tell(own_database: str) -> None:
    """The twin: a list that forgot that care goes apart does not pay what was decided."""
    cast = make_cast()
    agree("2026-12")
    allocate(cast)
    cared_for(cast, 1)
    batch = month_list(cast)
    payouts.through(cast, batch, PAID)
    payouts.through(cast, care_list(cast), PAID)
    assert list(invariants.broken()) == []
    as_owner("ALTER TABLE funds_payoutbatch DISABLE TRIGGER USER", database=own_database)
    PayoutBatch.objects.filter(pk=batch.pk).update(care_from=None)
    assert any("当时有效的待遇" in text for text in invariants.broken())


def test_care_that_nobody_ever_paid_is_found(own_database: str) -> None:
    cast = make_cast()
    agree("2026-12")
    allocate(cast)
    cared_for(cast, 1)
    payouts.through(cast, month_list(cast), PAID)
    for n in range(1, 4):
        month = date(2027, n, 1)
        on = date(2026, 12, 22) if n == 1 else date(2027, n - 1, 22)
        payouts.through(cast, month_list(cast, month, on), on)
    assert any("2026-12 照料护理费没有发放" in text for text in invariants.broken())
