"""Who stands on a month's list, and who may make it."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from cases.models import Benefit, Member, PayeeAccount
from cases.operations import decisions
from funds import invariants, tasks
from funds.models import PayoutBatch, PayoutLine
from funds.operations import building
from tests import road
from tests.cast import Cast
from tests.funds import payouts
from tests.funds.payouts import MONTH, OPENED, PROGRAMME
from yuquan_relief.kernel.actor import ROBOT, Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event, Reminder, Unit


def make(cast: Cast, actor: Actor | None = None, **changes: object) -> PayoutBatch:
    """The list of December."""
    values = {"month": MONTH, "on": OPENED, "actor": actor or cast.staff}
    return building.open_month(cast.office.pk, PROGRAMME, **values | changes)  # type: ignore[arg-type]


def certificates(batch: PayoutBatch) -> list[str]:
    """Who stands on the list."""
    return list(batch.lines.order_by("line_no").values_list("certificate_no", flat=True))


@pytest.mark.parametrize(
    ("changes", "is_due"),
    [
        ({}, True),
        ({"start_month": date(2026, 12, 1), "paid_with": date(2026, 12, 1)}, True),
        ({"start_month": date(2027, 1, 1), "paid_with": date(2027, 1, 1)}, False),
        ({"start_month": date(2026, 12, 1), "paid_with": date(2027, 1, 1)}, False),
        ({"end_month": date(2026, 12, 1)}, True),
        ({"end_month": date(2026, 11, 1)}, False),
        ({"programme": "RURAL_ALLOWANCE"}, False),
    ],
)
def test_who_is_due(cast: Cast, changes: dict[str, object], is_due: bool) -> None:
    payouts.in_benefit(cast, 1)
    payouts.in_benefit(cast, 2, **changes)
    assert certificates(make(cast)) == (["C00001", "C00002"] if is_due else ["C00001"])


def test_a_household_of_another_office_is_not_on_the_list(cast: Cast) -> None:
    payouts.in_benefit(cast, 1)
    payouts.in_benefit(cast, 2, village=cast.foreign_village)
    assert certificates(make(cast)) == ["C00001"]


def test_a_line_holds_everything_the_bank_file_needs(cast: Cast) -> None:
    benefit = payouts.in_benefit(cast, 1, supplement_fen=50_00)
    line = make(cast).lines.get()
    account = PayeeAccount.objects.get(household=benefit.household)
    head = Member.objects.get(household=benefit.household)
    assert (line.amount_fen, line.base_fen, line.supplement_fen) == (732_00, 682_00, 50_00)
    assert (line.account, line.account_digest) == (account.number, account.number_digest)
    assert (line.id_no, line.village_name) == (head.id_no, "甲一社区")
    assert line.masked_account == f"…{account.number[-4:]}"


def test_totals_and_numbers_of_a_list(cast: Cast) -> None:
    for serial in (1, 2, 3):
        payouts.in_benefit(cast, serial)
    batch = make(cast)
    assert (batch.line_count, batch.household_count, batch.person_count) == (3, 3, 6)
    assert batch.total_fen == 3 * 682_00
    assert list(batch.lines.order_by("line_no").values_list("line_no", flat=True)) == [1, 2, 3]


def test_two_heads_by_mistake_give_one_line(cast: Cast) -> None:
    benefit = payouts.in_benefit(cast, 1)
    payouts.member(benefit.household, 77, "另一位")
    assert make(cast).line_count == 1


@pytest.mark.clause("4(1).1")
def test_a_decision_after_the_cut_off_is_paid_back_with_the_next_list(cast: Cast) -> None:
    case = road.to_decide(cast)
    decisions.approve(case.no, actor=cast.leader, on=date(2026, 10, 23), proof=cast.proof("leader"))
    tasks.open_month_lists(date(2026, 10, 24))
    assert not PayoutBatch.objects.exists()
    tasks.open_month_lists(date(2026, 11, 21))
    batch = PayoutBatch.objects.get(month=MONTH)
    assert [(n.kind, n.month.month) for n in batch.lines.order_by("line_no")] == [
        ("BACK_PAY", 11),
        ("NORMAL", 12),
    ]
    assert (batch.line_count, batch.household_count, batch.back_pay_count) == (2, 1, 1)
    tasks.open_month_lists(date(2026, 12, 21))
    january = PayoutBatch.objects.get(month=date(2027, 1, 1))
    assert [n.kind for n in january.lines.all()] == ["NORMAL"]
    assert list(invariants.broken()) == []


def test_the_roster_was_paid_by_former_lists(cast: Cast) -> None:
    payouts.in_benefit(cast, 1, start_month=date(2019, 5, 1), paid_with=MONTH)
    assert make(cast).back_pay_count == 0


def test_a_month_that_another_list_pays_is_left_out(cast: Cast) -> None:
    payouts.in_benefit(cast, 1)
    moved = payouts.in_benefit(cast, 2)
    make(cast)
    Benefit.objects.filter(pk=moved.pk).update(office=cast.other_office)
    payouts.in_benefit(cast, 3, village=cast.foreign_village)
    batch = building.open_month(
        cast.other_office.pk, PROGRAMME, month=MONTH, actor=cast.foreign_staff, on=OPENED
    )
    assert certificates(batch) == ["C00003"]


@pytest.mark.parametrize(
    ("on", "month", "code"),
    [
        (date(2026, 11, 20), date(2026, 12, 1), "too_early"),
        (date(2026, 11, 23), date(2027, 1, 1), "too_early"),
        (date(2026, 12, 23), date(2026, 11, 1), "month_closed"),
    ],
)
def test_only_this_month_and_the_next(cast: Cast, on: date, month: date, code: str) -> None:
    payouts.in_benefit(cast, 1)
    with pytest.raises(Refused) as refused:
        make(cast, month=month, on=on)
    assert refused.value.code == code


def test_a_list_is_made_once(cast: Cast) -> None:
    payouts.in_benefit(cast, 1)
    make(cast)
    with pytest.raises(Refused, match="已经生成"):
        make(cast)
    assert PayoutLine.objects.count() == 1


def test_an_empty_list_is_not_made(cast: Cast) -> None:
    with pytest.raises(Refused, match="没有应发放的城市低保对象"):
        make(cast)
    assert not PayoutBatch.objects.exists()


@pytest.mark.parametrize("name", ["clerk", "leader", "accountant", "supervisor", "sysadmin"])
def test_only_the_office_or_the_robot_makes_lists(cast: Cast, name: str) -> None:
    payouts.in_benefit(cast, 1)
    with pytest.raises(PermissionDenied):
        make(cast, cast.actors[name])


def test_another_office_does_not_exist(cast: Cast) -> None:
    payouts.in_benefit(cast, 1)
    with pytest.raises(Unit.DoesNotExist):
        make(cast, cast.foreign_staff)


@pytest.mark.clause("4(1).3")
@pytest.mark.parametrize(
    ("month", "pay_by"),
    [
        (date(2026, 12, 1), date(2026, 12, 10)),
        (date(2026, 10, 1), date(2026, 10, 10)),  # a make-up Saturday
        (date(2026, 5, 1), date(2026, 5, 9)),  # the 10th is a Sunday, the 9th a make-up Saturday
    ],
)
def test_the_tenth_or_the_last_workday_before(cast: Cast, month: date, pay_by: date) -> None:
    payouts.in_benefit(cast, 1)
    assert make(cast, month=month, on=month).pay_by == pay_by


def test_a_year_without_calendar_gives_a_provisional_day(cast: Cast) -> None:
    payouts.in_benefit(cast, 1)
    batch = make(cast, month=date(2027, 1, 1), on=date(2026, 12, 21))
    assert batch.pay_by_is_provisional
    assert batch.pay_by == date(2027, 1, 8)


def test_the_robot_makes_every_list_once(cast: Cast) -> None:
    payouts.in_benefit(cast, 1)
    payouts.in_benefit(cast, 2, programme="RURAL_ALLOWANCE", village=cast.other_village)
    payouts.in_benefit(cast, 3, village=cast.foreign_village)
    assert tasks.open_month_lists(OPENED) == 6  # this month's were never made either
    assert tasks.open_month_lists(OPENED) == 0
    event = Event.objects.filter(subject_kind="payout", action="open").latest("seq")
    assert event.person_id is None


def test_a_clock_that_slept_still_makes_the_list(cast: Cast) -> None:
    payouts.in_benefit(cast, 1)
    assert tasks.open_month_lists(date(2026, 12, 4)) == 1
    assert PayoutBatch.objects.get().month == MONTH


def test_a_list_is_made_again_from_who_is_due_now(cast: Cast) -> None:
    payouts.in_benefit(cast, 1)
    stopped = payouts.in_benefit(cast, 2)
    batch = make(cast)
    Benefit.objects.filter(pk=stopped.pk).update(end_month=date(2026, 11, 1))
    building.rebuild(batch.no, actor=cast.staff, on=OPENED)
    batch = payouts.fresh(batch)
    assert (batch.line_count, batch.total_fen, batch.version) == (1, 682_00, 1)
    assert list(invariants.broken()) == []


@pytest.mark.clause("11")
@pytest.mark.parametrize(
    ("on", "count"),
    [
        (date(2026, 12, 2), 0),
        (date(2026, 12, 3), 1),  # five workdays before
        (date(2026, 12, 9), 2),  # one: the district hears too
        (date(2026, 12, 10), 2),
        (date(2026, 12, 11), 2),
    ],
)
def test_whoever_holds_the_list_hears_of_the_tenth(cast: Cast, on: date, count: int) -> None:
    payouts.in_benefit(cast, 1)
    make(cast)
    assert tasks.remind_unsettled(on) == count
    assert tasks.remind_unsettled(on) == 0
    assert Reminder.objects.filter(subject_kind="payout").count() == count


def test_robot_actor_sees_every_list(cast: Cast) -> None:
    payouts.in_benefit(cast, 1)
    make(cast)
    assert PayoutBatch.objects.visible_to(ROBOT).count() == 1
