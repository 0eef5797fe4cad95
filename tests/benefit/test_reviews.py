"""A review from its opening to the list that pays what it came to (4(1).2)."""

from dataclasses import replace
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, connection, transaction

from cases.models import Benefit, Entitlement, Review
from cases.models.entitlement import amounts_of
from cases.operations import review_settlement, reviews
from cases.operations.review_settlement import Found
from funds.models import PayoutLine
from funds.operations import building
from tests.benefit import walks
from tests.cast import Cast
from tests.funds import payouts
from yuquan_relief.kernel.errors import ContentChanged, Refused
from yuquan_relief.kernel.models import Event

DAY = date(2026, 11, 10)  # before the cut-off for the list of December
LATE = date(2026, 11, 25)  # after it
DECEMBER, JANUARY = date(2026, 12, 1), date(2027, 1, 1)
BEFORE = 682_00
LESS = 432_00  # (841 - 15000 / 12 / 2) x 2
MORE = 1_182_00  # (841 - 6000 / 12 / 2) x 2


@pytest.fixture
def benefit(cast: Cast) -> Benefit:
    """A household of two from the roster with 682.00 a month since January."""
    payouts.funded(cast)
    return payouts.in_benefit(cast, 1)


def lines(cast: Cast, month: date = DECEMBER, on: date = payouts.OPENED) -> list[PayoutLine]:
    """What the list of the month pays."""
    batch = building.open_month(
        cast.office.pk, payouts.PROGRAMME, month=month, actor=cast.staff, on=on
    )
    return list(batch.lines.order_by("line_no"))


@pytest.mark.clause("4(1).2")
def test_a_reduction_is_paid_after_it_was_told(cast: Cast, benefit: Benefit) -> None:
    review = walks.told(cast, benefit, DAY, walks.from_roster(annual=15_000))
    assert (review.outcome, review.before_fen, review.after_fen) == ("REDUCE", BEFORE, LESS)
    assert (review.state, review.from_month) == ("ENDED", DECEMBER)
    assert [line.amount_fen for line in lines(cast)] == [LESS]


@pytest.mark.clause("4(1).2")
def test_what_was_signed_and_not_told_is_not_paid(cast: Cast, benefit: Benefit) -> None:
    """严禁不通知自行调整: the list goes on with what the family knows."""
    review = walks.agreed(cast, benefit, DAY, walks.from_roster(annual=15_000))
    assert review.state == "TO_TELL"
    assert amounts_of(benefit, DECEMBER).total_fen == BEFORE
    assert [line.amount_fen for line in lines(cast)] == [BEFORE]


def test_without_telling_the_list_would_pay_less(cast: Cast, benefit: Benefit) -> None:
    """The twin: an entitlement that no telling made changes what is paid."""
    review = walks.agreed(cast, benefit, DAY, walks.from_roster(annual=15_000))
    Entitlement.objects.create(
        benefit=benefit,
        review=review,
        from_month=DECEMBER,
        paid_with=DECEMBER,
        persons=2,
        monthly_fen=review.monthly_fen,
        supplement_fen=0,
        recorded_on=DAY,
    )
    assert [line.amount_fen for line in lines(cast)] == [LESS]


@pytest.mark.clause("4(1).2")
def test_told_after_the_cut_off_counts_a_month_later(cast: Cast, benefit: Benefit) -> None:
    review = walks.told(cast, benefit, LATE, walks.from_roster(annual=15_000))
    assert review.from_month == JANUARY
    assert [line.amount_fen for line in lines(cast)] == [BEFORE]
    later = lines(cast, JANUARY, date(2026, 12, 22))
    assert [(line.kind, line.amount_fen) for line in later] == [("NORMAL", LESS)]


def test_a_raise_signed_after_the_cut_off_is_made_good(cast: Cast, benefit: Benefit) -> None:
    """It counts from next month; the list that stands pays the old sum, the next one the rest."""
    walks.told(cast, benefit, LATE, walks.from_roster(annual=6_000))
    assert [line.amount_fen for line in lines(cast)] == [BEFORE]
    later = lines(cast, JANUARY, date(2026, 12, 22))
    found = [(line.kind, line.month, line.amount_fen) for line in later]
    assert found == [("ARREARS", DECEMBER, MORE - BEFORE), ("NORMAL", JANUARY, MORE)]


def test_a_difference_is_paid_once(cast: Cast, benefit: Benefit) -> None:
    walks.told(cast, benefit, LATE, walks.from_roster(annual=6_000))
    lines(cast)
    lines(cast, JANUARY, date(2026, 12, 22))
    third = lines(cast, date(2027, 2, 1), date(2027, 1, 22))
    assert [(line.kind, line.amount_fen) for line in third] == [("NORMAL", MORE)]


def test_the_database_refuses_a_difference_twice(cast: Cast, benefit: Benefit) -> None:
    walks.told(cast, benefit, LATE, walks.from_roster(annual=6_000))
    lines(cast)
    line = next(x for x in lines(cast, JANUARY, date(2026, 12, 22)) if x.kind == "ARREARS")
    line.pk, line.line_no = None, 99
    with pytest.raises(IntegrityError, match="line_one_difference_a_change"), transaction.atomic():
        line.save(force_insert=True)


@pytest.mark.clause("4(1).2")
def test_what_is_kept_goes_on_and_is_due_again(cast: Cast, benefit: Benefit) -> None:
    # 12 x 2 x 841 - 12 x 682 = 12,000 a year gives the same sum
    review = walks.proposed(cast, benefit, DAY, walks.from_roster(annual=12_000))
    assert review.outcome == "KEEP"
    with pytest.raises(Refused, match="结论是保持"):
        reviews.agree(review.no, actor=cast.leader, on=DAY, proof=cast.proof("leader"))
    reviews.keep(review.no, actor=cast.leader, on=DAY, proof=cast.proof("leader"))
    benefit.refresh_from_db()
    assert walks.fresh(review).state == "ENDED"
    assert benefit.review_due_on == date(2027, 5, 31)  # B: half a year
    assert not Entitlement.objects.exists()


@pytest.mark.clause("4(1).2")
def test_a_stop_ends_with_the_last_month_that_was_told(cast: Cast, benefit: Benefit) -> None:
    found = walks.from_roster(how="STOP", ground="MOVED", reason="户口迁往外地")
    review = walks.told(cast, benefit, DAY, found)
    benefit.refresh_from_db()
    assert (review.last_month, benefit.end_month) == (date(2026, 11, 1), date(2026, 11, 1))
    with pytest.raises(Refused, match="没有应发放的"):
        lines(cast)


def test_income_at_the_standard_stops_it_by_computation(cast: Cast, benefit: Benefit) -> None:
    review = walks.settled(cast, benefit, DAY, walks.from_roster(annual=20_184))  # 841.00 a head
    assert (review.outcome, review.ground) == ("STOP", "INCOME")
    assert "不低于标准" in review.reason


def test_gradual_exit_pays_some_months_more(cast: Cast, benefit: Benefit) -> None:
    found = walks.from_roster(annual=30_000, how="EXIT", exit_months=3, reason="稳定就业")
    review = walks.told(cast, benefit, DAY, found)
    benefit.refresh_from_db()
    assert (review.outcome, review.monthly_fen) == ("EXIT", BEFORE)
    assert (review.from_month, benefit.end_month) == (DECEMBER, date(2027, 2, 1))


@pytest.mark.parametrize("months", [0, 7])
def test_gradual_exit_is_at_most_six_months(cast: Cast, benefit: Benefit, months: int) -> None:
    review = walks.opened(cast, benefit, DAY)
    found = walks.from_roster(how="EXIT", exit_months=months, reason="就业")
    with pytest.raises(Refused, match="渐退期为 1 至 6 个月"):
        review_settlement.settle(review.no, found, actor=cast.staff, on=DAY)


def test_the_database_refuses_seven_months(cast: Cast, benefit: Benefit) -> None:
    review = walks.opened(cast, benefit, DAY)
    with pytest.raises(IntegrityError, match="review_exit_months"), transaction.atomic():
        Review.objects.filter(pk=review.pk).update(outcome="EXIT", exit_months=7)


@pytest.mark.clause("4(1).2")
def test_the_database_ends_no_change_that_was_not_told(cast: Cast, benefit: Benefit) -> None:
    review = walks.agreed(cast, benefit, DAY, walks.from_roster(annual=15_000))
    with pytest.raises(IntegrityError, match="review_told_before_it_counts"), transaction.atomic():
        Review.objects.filter(pk=review.pk).update(state="ENDED")


def test_nobody_is_reviewed_from_the_desk(cast: Cast, benefit: Benefit) -> None:
    review = walks.opened(cast, benefit, DAY)
    review_settlement.settle(review.no, walks.from_roster(annual=15_000), actor=cast.staff, on=DAY)
    with pytest.raises(Refused, match="还没有走访"):
        reviews.propose(review.no, actor=cast.staff, on=DAY, proof=cast.proof("staff"))


def test_a_visit_before_the_review_does_not_count(cast: Cast, benefit: Benefit) -> None:
    walks.visited(cast, benefit, date(2026, 11, 1))
    review = walks.opened(cast, benefit, DAY)
    review_settlement.settle(review.no, walks.from_roster(annual=15_000), actor=cast.staff, on=DAY)
    with pytest.raises(Refused, match="还没有走访"):
        reviews.propose(review.no, actor=cast.staff, on=DAY, proof=cast.proof("staff"))


@pytest.mark.clause("4(1).1")
def test_one_person_does_not_propose_and_agree(cast: Cast, benefit: Benefit) -> None:
    review = walks.proposed(cast, benefit, DAY, walks.from_roster(annual=15_000))
    same = replace(cast.leader, person_id=cast.staff.person_id)
    with pytest.raises(Refused, match="同一人不能签两个环节"):
        reviews.agree(review.no, actor=same, on=DAY, proof=cast.proof("staff"))


def test_what_changed_after_it_was_settled_is_settled_again(cast: Cast, benefit: Benefit) -> None:
    review = walks.settled(cast, benefit, DAY, walks.from_roster(annual=15_000))
    member = benefit.household.members.get()
    member.condition = "ILL"
    member.save(update_fields=["condition"])
    with pytest.raises(Refused, match="核算后家庭成员或者待遇有变化"):
        reviews.propose(review.no, actor=cast.staff, on=DAY, proof=cast.proof("staff"))


def test_the_leader_signs_what_the_office_signed(cast: Cast, benefit: Benefit) -> None:
    review = walks.proposed(cast, benefit, DAY, walks.from_roster(annual=15_000))
    Review.objects.filter(pk=review.pk).update(monthly_fen=1_00)
    with pytest.raises(Refused, match="不再覆盖现在的内容"):
        reviews.agree(review.no, actor=cast.leader, on=DAY, proof=cast.proof("leader"))


def test_the_leader_signs_what_was_read(cast: Cast, benefit: Benefit) -> None:
    review = walks.proposed(cast, benefit, DAY, walks.from_roster(annual=15_000))
    stale = replace(cast.proof("leader"), content_sha256="0" * 64)
    with pytest.raises(ContentChanged):
        reviews.agree(review.no, actor=cast.leader, on=DAY, proof=stale)


def test_sent_back_it_is_signed_anew(cast: Cast, benefit: Benefit) -> None:
    review = walks.proposed(cast, benefit, DAY, walks.from_roster(annual=15_000))
    reviews.send_back(review.no, note="请再核实工资", actor=cast.leader, on=DAY)
    review_settlement.settle(review.no, walks.from_roster(annual=6_000), actor=cast.staff, on=DAY)
    reviews.propose(review.no, actor=cast.staff, on=DAY, proof=cast.proof("staff"))
    reviews.agree(review.no, actor=cast.leader, on=DAY, proof=cast.proof("leader"))
    assert walks.fresh(review).after_fen == MORE


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"told_on": date(2026, 11, 9)}, "告知日期应在签批日"),
        ({"told_on": date(2026, 11, 11)}, "告知日期应在签批日"),
        ({"receiver": " "}, "请填写签收人"),
        ({"method": "LEFT"}, "须上传照片"),
        ({"method": "NOBODY"}, "只有本人死亡"),
        ({"method": "SMOKE"}, "请选择告知方式"),
    ],
)
def test_telling_is_proved(
    cast: Cast, benefit: Benefit, more: dict[str, object], sentence: str
) -> None:
    review = walks.agreed(cast, benefit, DAY, walks.from_roster(annual=15_000))
    with pytest.raises(Refused, match=sentence):
        walks.tell(cast, review, DAY, **more)
    assert not Entitlement.objects.exists()


def test_one_review_of_a_benefit_at_a_time(cast: Cast, benefit: Benefit) -> None:
    walks.opened(cast, benefit, DAY)
    with pytest.raises(Refused, match="这户正在复核"):
        walks.opened(cast, benefit, DAY)


def test_the_same_happening_is_reviewed_once(cast: Cast, benefit: Benefit) -> None:
    review = walks.opened(cast, benefit, DAY, cause="AGE60:1")
    reviews.withdraw(review.no, note="登记错误", actor=cast.staff, on=DAY)
    with pytest.raises(Refused, match="已经复核过"):
        walks.opened(cast, benefit, DAY, cause="AGE60:1")


def test_outside_the_scope_there_is_no_review(cast: Cast, benefit: Benefit) -> None:
    review = walks.opened(cast, benefit, DAY)
    with pytest.raises(Review.DoesNotExist):
        reviews.withdraw(review.no, note="x", actor=cast.foreign_staff, on=DAY)
    with pytest.raises(Benefit.DoesNotExist):
        reviews.open_review(
            benefit.key, reviews.Opening(trigger="HAND"), actor=cast.foreign_staff, on=DAY
        )


@pytest.mark.parametrize("name", ["clerk", "leader", "verifier", "supervisor"])
def test_only_the_office_settles(cast: Cast, benefit: Benefit, name: str) -> None:
    review = walks.opened(cast, benefit, DAY)
    with pytest.raises(PermissionDenied):
        review_settlement.settle(review.no, Found(), actor=cast.actors[name], on=DAY)


def test_an_entitlement_stays_as_it_was_written(cast: Cast, benefit: Benefit) -> None:
    walks.told(cast, benefit, DAY, walks.from_roster(annual=15_000))
    with pytest.raises(DatabaseError, match=r"permission denied|只能追加"), transaction.atomic():
        Entitlement.objects.update(monthly_fen=1)
    with pytest.raises(DatabaseError, match=r"permission denied|只能追加"), transaction.atomic():
        connection.cursor().execute("DELETE FROM cases_review")


def test_every_step_stands_in_the_chain(cast: Cast, benefit: Benefit) -> None:
    review = walks.told(cast, benefit, DAY, walks.from_roster(annual=15_000))
    actions = list(
        Event.objects.of("review", review.no).order_by("seq").values_list("action", flat=True)
    )
    assert actions == ["open", "settle", "propose", "agree", "tell"]
