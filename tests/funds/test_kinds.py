"""Lists beside the month's: sent again, in advance, made good, once; relief by bank."""

from datetime import date

import pytest
from django.db import DatabaseError, transaction

from cases.models import Benefit, Entitlement, HandOver, Review
from cases.operations import relief
from funds import invariants
from funds.models import FundAccount, LedgerEntry, PayoutBatch, PayoutLine, Recovery, Supplement
from funds.models.months import months_of
from funds.operations import building, ledger, returns
from funds.operations.building import Order, open_list
from funds.operations.recoveries import open_recoveries
from funds.operations.supplements import Measure, enter_supplement
from tests import road, road_relief
from tests.cases.benefit_rows import place
from tests.cast import Cast, make_cast
from tests.databases import as_owner
from tests.funds import payouts
from tests.funds.payouts import MONTH, OPENED, PAID, PROGRAMME
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.rulebook_values import rules

AGAIN = date(2026, 12, 10)
THIRD = date(2026, 12, 17)
DECEMBER = date(2026, 12, 1)


def balance(cast: Cast, kind: str, programme: str = PROGRAMME) -> int:
    """What the office's accounts of the kind hold (fen)."""
    accounts = FundAccount.objects.filter(office=cast.office, programme=programme)
    return sum(accounts.balances(kind).values())


def again(cast: Cast, on: date = AGAIN) -> PayoutBatch:
    """An open list of what came back."""
    order = Order(kind="REISSUE", programme=PROGRAMME, month=on.replace(day=1))
    return open_list(cast.office.pk, order, actor=cast.staff, on=on)


@pytest.fixture
def december(cast: Cast) -> PayoutBatch:
    """Three households, of whom the second did not get their money."""
    return payouts.through(cast, payouts.opened(cast), PAID, returned=(2,))


# ------------------------------------------------------------------ 退回重发


def test_golden_e_a_line_that_fails_twice_is_one_household_paid_once(
    cast: Cast, december: PayoutBatch
) -> None:
    first = PayoutLine.objects.get(batch=december, line_no=2)
    assert (december.state, balance(cast, "OWED")) == ("CLOSED", 68_200)
    payouts.account(first.household, 77, first.holder)
    second_list = again(cast)
    assert (second_list.no, second_list.title) == ("FF159900001-202612-C-C1", "城市低保退回重发")
    second_list = payouts.through(cast, second_list, AGAIN, returned=(1,))
    assert balance(cast, "OWED") == 68_200  # still owed
    third_list = payouts.through(cast, again(cast, THIRD), THIRD)
    last = PayoutLine.objects.get(batch=third_list)
    assert (last.state, last.month, last.kind) == ("PAID", MONTH, "NORMAL")
    assert last.account_tail == payouts.card(77)[-4:]
    chain = returns.chain_of(last)
    assert [(line.batch.no, line.state) for line in chain] == [
        ("FF159900001-202612-C", "RETURNED"),
        ("FF159900001-202612-C-C1", "RETURNED"),
        ("FF159900001-202612-C-C2", "PAID"),
    ]
    assert (balance(cast, "OWED"), balance(cast, "PAID")) == (0, 3 * 68_200)
    month = months_of(first.benefit, MONTH)[0]
    assert (month.paid_fen, month.returned_fen, month.difference_fen) == (68_200, 0, 0)
    assert open_recoveries(THIRD) == 0
    assert list(invariants.broken()) == []
    with pytest.raises(Refused, match="没有应发放的城市低保退回重发"):
        again(cast, THIRD)


def test_a_list_of_what_came_back_is_due_in_five_workdays(
    cast: Cast, december: PayoutBatch
) -> None:
    batch = again(cast)
    assert batch.pay_by == date(2026, 12, 17)
    assert (batch.fund_year, batch.line_count, batch.total_fen) == (2026, 1, 68_200)


def test_only_one_list_of_what_came_back_is_prepared_at_a_time(
    cast: Cast, december: PayoutBatch
) -> None:
    made = again(cast)
    with pytest.raises(Refused, match=made.no):
        again(cast)


def test_what_came_back_does_not_wait_for_new_money(cast: Cast, december: PayoutBatch) -> None:
    spend_everything(cast)
    batch = payouts.through(cast, again(cast), AGAIN)
    assert batch.state == "CLOSED"
    assert balance(cast, "AVAILABLE") == 0


def spend_everything(cast: Cast) -> None:
    """All that was available has been set aside for something else."""
    left = balance(cast, "AVAILABLE")
    group = ledger.LedgerGroup(
        kind="ALLOCATION", programme=PROGRAMME, office=cast.office, on_day=PAID, note="试验"
    )
    ledger.post(group, 2026, [("CITY", "AVAILABLE", -left), ("CITY", "SOURCE", left)])


def test_a_returned_line_is_sent_again_once(cast: Cast, december: PayoutBatch) -> None:
    payouts.through(cast, again(cast), AGAIN)
    paid = PayoutLine.objects.get(reissues__isnull=False)
    with pytest.raises(DatabaseError, match="line_reissued_once"), transaction.atomic():
        copy(paid, line_no=2, month=date(2027, 1, 1))


def test_what_was_paid_is_not_sent_again(cast: Cast, december: PayoutBatch) -> None:
    batch = again(cast)
    paid = PayoutLine.objects.get(batch=december, line_no=1)
    with pytest.raises(DatabaseError, match="只有退回的才能重发"), transaction.atomic():
        copy(paid, line_no=9, batch=batch, reissues=paid, month=date(2027, 1, 1))


def copy(line: PayoutLine, **changes: object) -> PayoutLine:
    """A line like this one."""
    names = [f.attname for f in PayoutLine._meta.concrete_fields if f.attname != "id"]
    values = {name: getattr(line, name) for name in names}
    fresh = {"state": "PENDING", "is_effective": True, "paid_on": None, "serial": ""}
    made = PayoutLine(**values | fresh)
    for name, value in changes.items():
        setattr(made, name, value)
    made.save(force_insert=True)
    return made


def test_a_chain_that_is_broken_is_found(own_database: str) -> None:
    cast = make_cast()
    payouts.through(cast, payouts.opened(cast), PAID, returned=(2,))
    payouts.through(cast, again(cast), AGAIN)
    for sql in (
        "ALTER TABLE funds_payoutline DISABLE TRIGGER line_settled_once",
        "ALTER TABLE funds_payoutline DISABLE TRIGGER line_frozen",
        "UPDATE funds_payoutline SET amount_fen = amount_fen - 1, base_fen = base_fen - 1"
        " WHERE line_no = 2 AND reissues_id IS NULL",
    ):
        as_owner(sql, database=own_database)
    assert any("重发 68200 分，被重发的一笔是 RETURNED、68199 分" in s for s in invariants.broken())


def test_the_first_result_was_wrong_and_the_household_was_paid(
    cast: Cast, december: PayoutBatch
) -> None:
    """C18: the bank says later that the first payment arrived after all."""
    first = PayoutLine.objects.get(batch=december, line_no=2)
    late = payouts.imported(cast, december, [payouts.answer(first)], AGAIN)
    assert (late.paid_count, late.exception_count) == (0, 1)
    found = december.exceptions.get(result=late)
    assert found.kind == "LATE"
    with pytest.raises(Refused, match="只有银行退回"):
        returns.give_up(december.no, 1, note="误", actor=cast.leader, on=AGAIN)
    before = balance(cast, "AVAILABLE")
    returns.give_up(december.no, 2, note="银行补报：原款已到账", actor=cast.leader, on=AGAIN)
    assert (balance(cast, "OWED"), balance(cast, "AVAILABLE")) == (0, before + 68_200)
    with pytest.raises(Refused, match="没有应发放的"):
        again(cast)
    with pytest.raises(Refused, match="已经登记不再重发"):
        returns.give_up(december.no, 2, note="再来", actor=cast.leader, on=AGAIN)
    assert list(invariants.broken()) == []


def test_what_is_on_a_list_is_not_given_up(cast: Cast, december: PayoutBatch) -> None:
    made = again(cast)
    with pytest.raises(Refused, match=f"已经列入重发名单 {made.no}"):
        returns.give_up(december.no, 2, note="不要了", actor=cast.leader, on=AGAIN)
    with pytest.raises(Refused, match="须写明理由"):
        returns.give_up(december.no, 2, note=" ", actor=cast.leader, on=AGAIN)


def test_the_year_of_the_money_stays(cast: Cast, december: PayoutBatch) -> None:
    on = date(2027, 1, 11)
    batch = again(cast, on)
    assert (batch.month, batch.fund_year) == (date(2027, 1, 1), 2026)
    batch = payouts.through(cast, batch, on)
    years = LedgerEntry.objects.filter(group__batch=batch).values_list("account__year", flat=True)
    assert set(years) == {2026}


# ------------------------------------------------------------------ 提前发放


def in_advance(cast: Cast, months: int = 2) -> PayoutBatch:
    """December and what follows, before a festival."""
    payouts.funded(cast)
    order = Order(kind="ADVANCE", programme=PROGRAMME, month=MONTH, months=months)
    return open_list(cast.office.pk, order, actor=cast.staff, on=OPENED)


def test_several_months_at_once_are_not_paid_again(cast: Cast) -> None:
    payouts.in_benefit(cast, 1)
    payouts.in_benefit(cast, 2, end_month=date(2026, 12, 1))
    batch = payouts.through(cast, in_advance(cast), OPENED)
    found = batch.lines.order_by("line_no").values_list("certificate_no", "month__month", "kind")
    assert list(found) == [
        ("C00001", 12, "NORMAL"), ("C00001", 1, "NORMAL"), ("C00002", 12, "NORMAL"),
    ]  # fmt: skip
    assert (batch.pay_by, batch.household_count) == (date(2026, 12, 10), 2)
    payouts.in_benefit(cast, 3)
    late = building.open_month(cast.office.pk, PROGRAMME, month=MONTH, actor=cast.staff, on=OPENED)
    assert [line.certificate_no for line in late.lines.all()] == ["C00003"]
    assert list(invariants.broken()) == []


def test_what_is_raised_after_an_advance_is_made_good(cast: Cast) -> None:
    benefit = payouts.in_benefit(cast, 1)
    payouts.through(cast, in_advance(cast), OPENED)
    raised(cast, benefit, date(2027, 1, 1), 700_00)
    payouts.in_benefit(cast, 2)
    give_2027(cast)
    january = building.open_month(
        cast.office.pk, PROGRAMME, month=date(2027, 1, 1), actor=cast.staff, on=date(2026, 12, 22)
    )
    line = january.lines.get(benefit=benefit)
    assert (line.kind, line.month, line.amount_fen) == ("ARREARS", date(2027, 1, 1), 18_00)


def test_who_leaves_after_an_advance_is_asked_back(cast: Cast) -> None:
    benefit = payouts.in_benefit(cast, 1)
    payouts.through(cast, in_advance(cast), OPENED)
    Benefit.objects.filter(pk=benefit.pk).update(end_month=date(2026, 12, 1))
    assert open_recoveries(date(2026, 12, 20)) == 1
    recovery = Recovery.objects.get()
    assert [(m.month, m.fen) for m in recovery.months.all()] == [(date(2027, 1, 1), 682_00)]


def raised(cast: Cast, benefit: Benefit, month: date, fen: int) -> Entitlement:
    """A review raised the benefit, and the family was told."""
    return Entitlement.objects.create(
        benefit=benefit, review=looked_at(benefit, month), from_month=month,
        paid_with=month, persons=benefit.persons, monthly_fen=fen, supplement_fen=0,
        recorded_on=OPENED,
    )  # fmt: skip


def looked_at(benefit: Benefit, on: date) -> Review:
    """The review that a change came out of."""
    values = {"no": f"FH-{on:%Y%m}", "trigger": "HAND", "opened_on": on, "due_on": on}
    return Review.objects.create(benefit=benefit, **place(benefit), **values)


def give_2027(cast: Cast) -> None:
    """Money of the next year."""
    grant = ledger.Grant(
        office_id=cast.office.pk, programme=PROGRAMME, source="CITY", year=2027,
        amount_fen=1_000_000, document="玉财社〔2027〕1 号", reason="演练",
)  # fmt: skip
    ledger.allocate(grant, key="2027", actor=cast.supervisor, on=date(2026, 12, 20))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"months": 1}, "请选 2 至 3 个月"),
        ({"months": 4}, "请选 2 至 3 个月"),
        ({"month": date(2027, 3, 1)}, "从本月或者下月起"),
        ({"programme": "URGENT_RELIEF"}, "这个类别没有这种名单"),
        ({"kind": "NORMAL", "months": 1}, "请选择类别和名单种类"),
        ({"kind": "REISSUE", "month": MONTH, "months": 1}, "列在本月"),
        ({"kind": "ONE_OFF", "month": date(2026, 11, 1), "months": 1}, "请选择要发放的一次性补贴"),
        ({"programme": "NOTHING"}, "请选择类别和名单种类"),
    ],
)
def test_orders_that_make_no_sense(cast: Cast, changes: dict[str, object], said: str) -> None:
    values = {"kind": "ADVANCE", "programme": PROGRAMME, "month": MONTH, "months": 2} | changes
    with pytest.raises(Refused, match=said):
        open_list(cast.office.pk, Order(**values), actor=cast.staff, on=OPENED)  # type: ignore[arg-type]


# ------------------------------------------------------------------ 补发、提标补发、一次性补贴


def test_back_pay_does_not_wait_for_the_next_list(cast: Cast) -> None:
    payouts.through(cast, payouts.opened(cast, 1), PAID)
    payouts.in_benefit(cast, 9, start_month=MONTH, paid_with=MONTH)
    on = date(2027, 1, 4)
    give_2027(cast)
    order = Order(kind="BACK_PAY", programme=PROGRAMME, month=date(2027, 1, 1))
    batch = open_list(cast.office.pk, order, actor=cast.staff, on=on)
    assert [(line.certificate_no, line.kind, line.month) for line in batch.lines.all()] == [
        ("C00009", "BACK_PAY", MONTH)
    ]
    january = building.open_month(
        cast.office.pk, PROGRAMME, month=date(2027, 1, 1), actor=cast.staff, on=on
    )
    assert {line.kind for line in january.lines.all()} == {"NORMAL"}


def test_a_raise_is_made_good_on_its_own(cast: Cast) -> None:
    benefit = payouts.in_benefit(cast, 1)
    payouts.through(cast, payouts.opened(cast, 0), PAID)
    entitlement = Entitlement.objects.create(
        benefit=benefit, review=looked_at(benefit, MONTH), from_month=MONTH,
        paid_with=date(2027, 1, 1), persons=2, monthly_fen=700_00, supplement_fen=0,
        recorded_on=PAID,
    )  # fmt: skip
    give_2027(cast)
    order = Order(kind="RAISE", programme=PROGRAMME, month=date(2027, 1, 1))
    batch = open_list(cast.office.pk, order, actor=cast.staff, on=date(2027, 1, 4))
    line = batch.lines.get()
    assert (line.kind, line.entitlement, line.amount_fen) == ("ARREARS", entitlement, 18_00)
    january = building.open_month(
        cast.office.pk, PROGRAMME, month=date(2027, 1, 1), actor=cast.staff, on=date(2027, 1, 4)
    )
    assert [line.kind for line in january.lines.all()] == ["NORMAL"]


def measure(cast: Cast, **changes: object) -> Supplement:
    """500 yuan for each household in benefit in December."""
    values: dict[str, object] = {
        "name": "一次性生活补贴", "document": "玉民发〔2026〕演练 9 号", "month": MONTH,
        "basis": "HOUSEHOLD", "amount_fen": 500_00,
    }  # fmt: skip
    found = Measure(**values | changes)  # type: ignore[arg-type]
    return enter_supplement(found, key=str(changes), actor=cast.supervisor, on=OPENED)


@pytest.mark.parametrize(("basis", "fen"), [("HOUSEHOLD", 500_00), ("PERSON", 1_000_00)])
def test_a_supplement_is_paid_once_to_each_and_is_not_the_months_money(
    cast: Cast, basis: str, fen: int
) -> None:
    batch = payouts.opened(cast, 2)
    on = date(2026, 12, 3)
    order = Order(
        kind="ONE_OFF", programme=PROGRAMME, month=DECEMBER, supplement=measure(cast, basis=basis)
    )
    extra = payouts.through(cast, open_list(cast.office.pk, order, actor=cast.staff, on=on), on)
    assert [line.amount_fen for line in extra.lines.all()] == [fen, fen]
    assert (extra.state, extra.title) == ("CLOSED", "城市低保一次性补贴")
    with pytest.raises(Refused, match="没有应发放的"):
        open_list(cast.office.pk, order, actor=cast.staff, on=on)
    payouts.through(cast, batch, PAID)
    assert open_recoveries(PAID) == 0
    assert months_of(Benefit.objects.get(certificate_no="C00001"), MONTH)[0].difference_fen == 0
    assert list(invariants.broken()) == []


def test_a_measure_is_complete_and_the_districts(cast: Cast) -> None:
    with pytest.raises(Refused, match="请填写补贴名称和依据文件"):
        measure(cast, name=" ")
    with pytest.raises(Refused, match="大于 0"):
        measure(cast, amount_fen=0)
    first = measure(cast)
    assert measure(cast) == first  # a retry
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        Supplement.objects.update(amount_fen=1)


# ------------------------------------------------------------------ 临时救助支付


def relief_money(cast: Cast, programme: str) -> None:
    """Money for 临时救助."""
    grant = ledger.Grant(
        office_id=cast.office.pk, programme=programme, source="CITY", year=2026,
        amount_fen=5_000_000, document="玉财社〔2026〕2 号", reason="演练",
)  # fmt: skip
    ledger.allocate(grant, key=programme, actor=cast.supervisor, on=road.START)


@pytest.mark.clause("4(2)")
def test_relief_goes_through_the_bank_and_stands_in_its_case(cast: Cast) -> None:
    case = road_relief.approve(cast, road_relief.expense_to_decide(cast))
    payouts.account(case.household, 5, "演练甲")
    assert case.decided_on is not None
    on = case.decided_on
    relief_money(cast, "EXPENSE_RELIEF")
    order = Order(kind="SINGLE", programme="EXPENSE_RELIEF", month=on.replace(day=1))
    batch = open_list(cast.office.pk, order, actor=cast.staff, on=on)
    assert (batch.total_fen, batch.lines.get().certificate_no) == (800_000, case.no)
    handed = relief.Handed(handed_on=on, method="GOODS", amount_fen=1, receiver="演练甲", what="被")
    with pytest.raises(Refused, match="已经全部发放"):
        relief.hand_over(case.no, handed, actor=cast.staff, on=on)
    batch = payouts.through(cast, batch, on)
    row = HandOver.objects.get(case=case)
    assert (row.method, row.amount_fen, row.receiver, row.handed_on) == (
        "BANK", 800_000, "演练甲", on,
    )  # fmt: skip
    with pytest.raises(Refused, match="没有应发放的"):
        open_list(cast.office.pk, order, actor=cast.staff, on=on)
    assert list(invariants.broken()) == []


def test_relief_that_came_back_is_owed_and_sent_again(cast: Cast) -> None:
    case = road_relief.relieved(cast)
    payouts.account(case.household, 5, "演练甲")
    relief_money(cast, "URGENT_RELIEF")
    on, month = road.START, road.START.replace(day=1)
    order = Order(kind="SINGLE", programme="URGENT_RELIEF", month=month)
    batch = open_list(cast.office.pk, order, actor=cast.staff, on=on)
    payouts.through(cast, batch, on, returned=(1,))
    assert not HandOver.objects.exists()
    with pytest.raises(Refused, match="没有应发放的"):
        open_list(cast.office.pk, order, actor=cast.staff, on=on)
    order = Order(kind="REISSUE", programme="URGENT_RELIEF", month=month)
    with pytest.raises(Refused, match="这个类别没有这种名单"):
        open_list(cast.office.pk, Order(kind="RAISE", programme="URGENT_RELIEF", month=month),
                  actor=cast.staff, on=on)  # fmt: skip
    payouts.through(cast, open_list(cast.office.pk, order, actor=cast.staff, on=on), on)
    assert HandOver.objects.get().amount_fen == 300_000
    assert list(invariants.broken()) == []


def test_every_value_that_lists_need_is_delivered() -> None:
    assert rules(OPENED)["payout.reissue_days"] == 5
