"""A change that reaches back: what was paid and what was due, month by month (R12, 4(1).2).

Golden cases (a) and (m) of domain 18 in benefit: a death found late, and a death within 渐退.
"""

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from cases.models import Benefit, Review
from cases.models.entitlement import amounts_of
from cases.operations import deaths, review_settlement, reviews
from cases.operations.review_rounds import open_happenings
from funds.models import PayoutBatch, Recovery
from funds.models.accounts import account_alerts
from funds.models.months import MonthRow, months_of
from funds.operations import batches, building
from funds.operations.recoveries import open_recoveries
from tests import road
from tests.benefit import walks
from tests.benefit.test_standards import money, paid
from tests.cases.days import at
from tests.cast import Cast
from tests.funds import payouts
from yuquan_relief.kernel.errors import Refused

DAY, JUNE = date(2027, 5, 10), date(2027, 6, 1)
BEFORE = 682_00


@pytest.fixture
def benefit(cast: Cast) -> Benefit:
    """A household from the roster that is paid from January to April."""
    money(cast)
    found = payouts.in_benefit(cast, 1, persons=1)
    for month in (1, 2, 3, 4):
        paid(cast, date(2027, month, 1))
    return found


def died(cast: Cast, benefit: Benefit, on: date, day: date = DAY) -> Review:
    """Found in a list of the dead, stopped, and nobody is left to be told."""
    rows = f"姓名,身份证号,死亡日期,来源\n演练户,{road.number(1)},{on},殡葬\n"
    deaths.import_deaths(rows.encode(), name="死亡.csv", actor=cast.supervisor, on=day)
    open_happenings(day)
    review = Review.objects.get(benefit=benefit)
    found = walks.from_roster(how="STOP", ground="DIED", reason="殡葬信息", happened_on=on)
    review_settlement.settle(review.no, found, actor=cast.staff, on=day)
    reviews.propose(review.no, actor=cast.staff, on=day, proof=cast.proof("staff"))
    reviews.agree(review.no, actor=cast.leader, on=day, proof=cast.proof("leader"))
    walks.tell(cast, walks.fresh(review), day, method="NOBODY", receiver="社区主任见证")
    return walks.fresh(review)


@pytest.mark.clause("4(1).2")
def test_golden_a_a_death_found_late_is_asked_back_from_the_month_after(
    cast: Cast, benefit: Benefit
) -> None:
    review = died(cast, benefit, date(2027, 2, 17))
    assert review.last_month == date(2027, 2, 1)  # the month of the death is still paid
    assert open_recoveries(DAY) == 1
    recovery = Recovery.objects.get()
    months = [(m.month.month, m.paid_fen, m.due_fen, m.fen) for m in recovery.months.order_by("id")]
    assert months == [(3, BEFORE, 0, BEFORE), (4, BEFORE, 0, BEFORE)]
    assert recovery.amount_fen == 2 * BEFORE
    assert open_recoveries(DAY) == 0  # once
    assert not benefit.household.members.filter(left_on__isnull=True).exists()


def test_of_who_is_not_dead_nothing_is_asked_back(cast: Cast, benefit: Benefit) -> None:
    assert open_recoveries(DAY) == 0


def test_a_reduction_that_reaches_back_asks_for_the_difference(
    cast: Cast, benefit: Benefit
) -> None:
    found = walks.from_roster(persons=1, annual=3_600, happened_on=date(2027, 1, 20))
    review = walks.told(cast, benefit, DAY, found)  # 841 - 300
    assert (review.outcome, review.from_month) == ("REDUCE", date(2027, 2, 1))
    assert open_recoveries(DAY) == 0  # the list of June is the first that knows it
    open_recoveries(JUNE)
    months = Recovery.objects.get().months.order_by("id").values_list("month", "fen")
    over = BEFORE - 541_00
    assert list(months) == [(date(2027, m, 1), over) for m in (2, 3, 4)]


def test_a_raise_that_reaches_back_is_paid_with_the_next_list(cast: Cast, benefit: Benefit) -> None:
    found = walks.from_roster(persons=1, annual=1_200, happened_on=date(2027, 2, 20))
    walks.told(cast, benefit, DAY, found)  # 841 - 100
    lines = paid(cast, date(2027, 6, 1))
    back = [(x.month.month, x.amount_fen) for x in lines if x.kind == "ARREARS"]
    assert back == [(3, 741_00 - BEFORE), (4, 741_00 - BEFORE)]
    assert [x.amount_fen for x in lines if x.kind != "ARREARS"] == [741_00]
    assert open_recoveries(DAY) == 0


def test_what_is_asked_back_and_then_due_again_is_not_paid_twice(
    cast: Cast, benefit: Benefit
) -> None:
    """Reduced back to February, then raised back to February: the difference of both is asked."""
    walks.told(
        cast, benefit, DAY,
        walks.from_roster(persons=1, annual=3_600, happened_on=date(2027, 1, 20)),
    )  # fmt: skip
    paid(cast, date(2027, 5, 1))
    paid(cast, JUNE)
    open_recoveries(JUNE)
    walks.told(
        cast, benefit, date(2027, 6, 11),
        walks.from_roster(persons=1, annual=2_400, happened_on=date(2027, 1, 20)),
    )  # fmt: skip
    lines = paid(cast, date(2027, 7, 1))
    back = {x.month.month: x.amount_fen for x in lines if x.kind == "ARREARS"}
    # 641 is due, 682 was paid and 141 of it is asked back: a hundred more is due
    assert back == {**dict.fromkeys((2, 3, 4, 5), 100_00), 6: 100_00}


def test_what_is_found_stays(cast: Cast, benefit: Benefit) -> None:
    died(cast, benefit, date(2027, 2, 17))
    open_recoveries(DAY)
    with pytest.raises(DatabaseError, match="amount_fen 不能修改"), transaction.atomic():
        connection.cursor().execute("UPDATE funds_recovery SET amount_fen = 1")


@pytest.mark.clause("4(1).2")
def test_golden_m_a_member_dies_within_gradual_exit(cast: Cast) -> None:
    """渐退 of six months for two; after the death the sum is at most the standard for one."""
    money(cast)
    benefit = payouts.in_benefit(cast, 1, persons=2, monthly_fen=1_500_00)
    wife = road.number(77, is_male=False)
    second = payouts.member(
        benefit.household, 77, "演练妻", relation="SPOUSE", id_no=wife, id_digest="7" * 64
    )
    exit_ = walks.told(
        cast, benefit, date(2027, 1, 10),
        walks.from_roster(annual=40_000, how="EXIT", exit_months=6, reason="子女稳定就业"),
    )  # fmt: skip
    benefit.refresh_from_db()
    assert (exit_.from_month, benefit.end_month) == (date(2027, 2, 1), date(2027, 7, 1))
    assert amounts_of(benefit, date(2027, 2, 1)).total_fen == 1_500_00
    second.left_on, second.left_reason = date(2027, 3, 15), "DIED"
    second.save(update_fields=["left_on", "left_reason"])
    again = walks.told(
        cast, benefit, date(2027, 4, 10),
        walks.from_roster(persons=1, annual=20_000, how="EXIT", exit_months=3, reason="成员死亡",
                          happened_on=date(2027, 4, 9)),
    )  # fmt: skip
    benefit.refresh_from_db()
    assert again.from_month == date(2027, 5, 1)
    assert benefit.end_month == date(2027, 7, 1)  # the six months do not begin anew
    assert amounts_of(benefit, date(2027, 4, 1)).total_fen == 1_500_00
    assert amounts_of(benefit, date(2027, 5, 1)).total_fen == 841_00
    longer = walks.from_roster(persons=1, how="EXIT", exit_months=4, reason="再延长")
    review = walks.opened(cast, benefit, date(2027, 4, 12))
    with pytest.raises(Refused, match="合计不超过 6 个月，最多到 2027-07"):
        review_settlement.settle(review.no, longer, actor=cast.staff, on=date(2027, 4, 12))
    for month in (5, 6, 7):
        assert [x.amount_fen for x in paid(cast, date(2027, month, 1))] == [841_00]
    with pytest.raises(Refused, match="没有应发放的"):
        paid(cast, date(2027, 8, 1))


def listed(cast: Cast, month: date) -> PayoutBatch:
    """The list of the month, made."""
    return building.open_month(
        cast.office.pk, payouts.PROGRAMME, month=month, actor=cast.staff, on=month
    )


def in_the_list_of_the_dead(cast: Cast, on: date) -> None:
    rows = f"姓名,身份证号,死亡日期,来源\n演练户,{road.number(1)},{on},殡葬\n"
    deaths.import_deaths(rows.encode(), name="死亡.csv", actor=cast.supervisor, on=DAY)


@pytest.mark.clause("11")
def test_a_list_with_somebody_dead_is_not_locked(cast: Cast, benefit: Benefit) -> None:
    batch = listed(cast, date(2027, 5, 1))
    in_the_list_of_the_dead(cast, date(2027, 4, 30))
    with pytest.raises(Refused, match="上月以前已死亡：C00001，请先在复核里办理停发"):
        batches.lock(batch.no, actor=cast.staff, on=DAY, proof=cast.proof("staff"))
    open_happenings(DAY)
    review = Review.objects.get()
    walks.visited(cast, benefit, DAY)  # the person is there: the list was wrong
    review_settlement.settle(
        review.no, walks.from_roster(persons=1, annual=1_908), actor=cast.staff, on=DAY
    )
    reviews.propose(review.no, actor=cast.staff, on=DAY, proof=cast.proof("staff"))
    reviews.keep(review.no, actor=cast.leader, on=DAY, proof=cast.proof("leader"))
    batches.lock(batch.no, actor=cast.staff, on=DAY, proof=cast.proof("staff"))


@pytest.mark.parametrize("case", ["died in the month", "others live on"])
def test_the_month_of_the_death_and_those_who_live_on_are_paid(
    cast: Cast, benefit: Benefit, case: str
) -> None:
    day = date(2027, 5, 2) if case == "died in the month" else date(2027, 4, 2)
    if case == "others live on":
        payouts.member(benefit.household, 5, "演练妻", relation="SPOUSE", id_digest="5" * 64)
    batch = listed(cast, date(2027, 5, 1))
    in_the_list_of_the_dead(cast, day)
    batches.lock(batch.no, actor=cast.staff, on=DAY, proof=cast.proof("staff"))
    batch.refresh_from_db()
    assert batch.state == "LOCKED"
    assert [line.household_id for line in batch.lines.all()] == [benefit.household_id]


def by_month(benefit: Benefit) -> dict[int, MonthRow]:
    """The months of 2027."""
    found = months_of(benefit, date(2027, 4, 1))
    return {row.month.month: row for row in found if row.month.year == 2027}


def test_the_months_are_shown_side_by_side(cast: Cast, benefit: Benefit) -> None:
    died(cast, benefit, date(2027, 2, 17))
    rows = by_month(benefit)
    assert [rows[m].difference_fen for m in (1, 2, 3, 4)] == [0, 0, BEFORE, BEFORE]
    open_recoveries(DAY)
    rows = by_month(benefit)
    assert [rows[m].difference_fen for m in (3, 4)] == [0, 0]
    with at(date(2027, 4, 30)):
        page = cast.client("staff").get(f"/funds/benefits/{benefit.key}/").content.decode()
        assert "2027-03" in page
        assert Recovery.objects.get().no in page
        listed_too = cast.client("supervisor").get("/funds/recoveries/").content.decode()
    assert Recovery.objects.get().no in listed_too


def test_accounts_that_ask_for_a_look(cast: Cast) -> None:
    """R14: one account of two households, a holder from outside, and one changed lately."""
    money(cast)
    for serial in (1, 2, 3, 4):
        payouts.in_benefit(cast, serial)
    account = payouts.PayeeAccount.objects
    first = account.get(household__key="H1")
    account.filter(household__key="H2").update(number_digest=first.number_digest)
    account.filter(household__key="H3").update(holder="别人")
    abroad = payouts.in_benefit(cast, 5, village=cast.foreign_village, name="演练外")
    third = account.get(household__key="H3")
    account.filter(household=abroad.household).update(number_digest=third.number_digest)
    payouts.account(payouts.Household.objects.get(key="H4"), 44, "演练户4")
    account.filter(household__key="H4", is_current=True).update(valid_from=date(2027, 4, 20))
    batch = listed(cast, date(2027, 5, 1))
    found = [(a.certificate_no, a.why) for a in account_alerts(batch)]
    assert found == [
        ("C00001", "账户同时用于另一户：演练户2"),
        ("C00002", "账户同时用于另一户：演练户1"),
        ("C00003", "户名 别人 不是这户的成员"),
        ("C00003", "账户同时用于另一户：在别的镇、街道"),
        ("C00004", "账户 2027-04-20 才更换"),
    ]
    url = f"/pay/2027-05/{batch.office.code}/{batch.programme}/"
    assert "账户核对（5 处）" in cast.client("leader").get(url).content.decode()
