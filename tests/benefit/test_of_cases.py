"""Reviews of households that were decided here: the frozen account of the decision goes on."""

from datetime import date, timedelta
from typing import Any

import pytest

from cases.models import Benefit, Case, Review
from cases.models.entitlement import amounts_of
from cases.models.people import known
from cases.models.review_record import ReviewRecord
from cases.operations import care, endings, review_settlement, reviews
from cases.operations.destitution import Assessed
from cases.operations.review_settlement import Found
from cases.rules.settlement import replay
from cases.tasks import close_notices
from tests import road, road_household
from tests import road_relief as roads
from tests.benefit import walks
from tests.cast import Cast
from yuquan_relief.kernel.errors import Refused

DAY = date(2026, 12, 10)


@pytest.fixture
def benefit(cast: Cast) -> Benefit:
    """Two persons with wages of 12,000 a year: 682.00 a month."""
    return Benefit.objects.select_related("household", "source_case").get(
        source_case=road.approved(cast)
    )


def lines_of(review: Review) -> list[dict[str, Any]]:
    """The incomes that the last settlement knew."""
    return [dict(x) for x in ReviewRecord(review, DAY).last_facts["lines"]]


def settled(cast: Cast, benefit: Benefit, *, fen: int) -> Review:
    """Reviewed with other wages."""
    review = walks.opened(cast, benefit, DAY)
    walks.visited(cast, benefit, DAY)
    lines = lines_of(review)
    lines[0]["fen"] = fen
    review_settlement.settle(review.no, Found(lines=tuple(lines)), actor=cast.staff, on=DAY)
    return walks.fresh(review)


def test_what_was_decided_is_what_the_review_begins_with(cast: Cast, benefit: Benefit) -> None:
    review = settled(cast, benefit, fen=12_000_00)
    assert (review.outcome, review.after_fen) == ("KEEP", 682_00)
    assert review.category == "A"  # born in 1961: nobody of working age


@pytest.mark.parametrize(
    ("fen", "outcome", "after"),
    [
        (6_000_00, "RAISE", 1_182_00),
        (15_000_00, "REDUCE", 432_00),
        (20_184_00, "STOP", 0),
        (12_000_01, "KEEP", 682_00),
    ],
)
def test_the_outcome_follows_from_the_figures(
    cast: Cast, benefit: Benefit, fen: int, outcome: str, after: int
) -> None:
    review = settled(cast, benefit, fen=fen)
    assert (review.outcome, review.after_fen) == (outcome, after)


def test_a_review_is_computed_anew_to_the_fen_years_later(cast: Cast, benefit: Benefit) -> None:
    review = settled(cast, benefit, fen=6_543_21)
    stored = {"monthly_fen": review.monthly_fen, "supplement_fen": review.supplement_fen}
    assert replay(review.facts, stored).differences == ()
    assert replay(review.facts, {"monthly_fen": review.monthly_fen + 1}).differences


def test_the_next_review_begins_with_the_last_one(cast: Cast, benefit: Benefit) -> None:
    review = settled(cast, benefit, fen=6_000_00)
    reviews.propose(review.no, actor=cast.staff, on=DAY, proof=cast.proof("staff"))
    reviews.agree(review.no, actor=cast.leader, on=DAY, proof=cast.proof("leader"))
    walks.tell(cast, walks.fresh(review), DAY)
    again = walks.opened(cast, benefit, date(2027, 1, 10))
    assert lines_of(again)[0]["fen"] == 6_000_00


def test_who_left_takes_the_income_along(cast: Cast, benefit: Benefit) -> None:
    """The wife leaves: one person with 12,000 a year is above the standard of 841."""
    wife = benefit.household.members.get(relation="SPOUSE")
    wife.left_on, wife.left_reason = DAY, "DIED"
    wife.save(update_fields=["left_on", "left_reason"])
    review = walks.opened(cast, benefit, DAY)
    walks.visited(cast, benefit, DAY)
    review_settlement.settle(
        review.no, Found(lines=tuple(lines_of(review))), actor=cast.staff, on=DAY
    )
    review = walks.fresh(review)
    assert (review.outcome, review.ground) == ("STOP", "INCOME")


def test_somebody_born_is_counted_and_insured(cast: Cast, benefit: Benefit) -> None:
    child = road_household.add(benefit.household, 71, "演练子", relation="CHILD",
                               joined_on=date(2026, 12, 1))  # fmt: skip
    review = walks.opened(cast, benefit, DAY)
    walks.visited(cast, benefit, DAY)
    review_settlement.settle(
        review.no, Found(lines=tuple(lines_of(review))), actor=cast.staff, on=DAY
    )
    review = walks.fresh(review)
    # (841 - 12,000 / 12 / 3) x 3
    assert (review.outcome, review.persons, review.monthly_fen) == ("RAISE", 3, 1_523_00)
    assert child.name in [m["name"] for m in review.facts["members"]]


@pytest.fixture
def destitute(cast: Cast) -> Benefit:
    """特困, half-care, scattered."""
    case = roads.approve(cast, roads.destitute_to_decide(cast))
    return Benefit.objects.select_related("household", "source_case").get(source_case=case)


def proposed_stop(cast: Cast, benefit: Benefit, ground: str, day: date) -> Review:
    """On the leader's desk."""
    found = Found(how="STOP", ground=ground, reason="核实情况属实", lines=())
    if ground == "DIED":
        found = Found(how="STOP", ground=ground, reason="死亡", happened_on=day, lines=())
    return walks.proposed(cast, benefit, day, found)


@pytest.mark.clause("4(1).2")
def test_destitute_support_is_stopped_after_its_seven_days(cast: Cast, destitute: Benefit) -> None:
    case = destitute.source_case
    assert case is not None
    assert case.decided_on is not None
    day = case.decided_on + timedelta(30)
    review = proposed_stop(cast, destitute, "PROPERTY", day)
    with pytest.raises(Refused, match="须先公示七天"):
        reviews.agree(review.no, actor=cast.leader, on=day, proof=cast.proof("leader"))
    over = _noticed(cast, case, day)
    reviews.agree(review.no, actor=cast.leader, on=over, proof=cast.proof("leader"))
    walks.tell(cast, walks.fresh(review), over)
    destitute.refresh_from_db()
    assert destitute.end_month is not None
    assert walks.fresh(review).state == "ENDED"


def _noticed(cast: Cast, case: Case, day: date) -> date:
    endings.propose_ending(case.no, ground="MEANS", note="继承房产", actor=cast.staff, on=day)
    endings.post_ending_notice(
        case.no, place="公示栏", photo=road.photo((5, 6, 7)), actor=cast.clerk, on=day
    )
    over = case.notices.get(kind="ENDING").last_day + timedelta(1)
    assert close_notices(over) == 1
    return over


@pytest.mark.parametrize("ground", ["DIED", "OWN"])
def test_who_died_or_leaves_by_own_wish_needs_no_notice(
    cast: Cast, destitute: Benefit, ground: str
) -> None:
    case = destitute.source_case
    assert case is not None
    assert case.decided_on is not None
    day = case.decided_on + timedelta(30)
    review = proposed_stop(cast, destitute, ground, day)
    reviews.agree(review.no, actor=cast.leader, on=day, proof=cast.proof("leader"))
    assert walks.fresh(review).state == "TO_TELL"


def test_a_new_tier_of_care_is_paid_after_it_was_told(cast: Cast, destitute: Benefit) -> None:
    case = destitute.source_case
    assert case is not None
    assert case.decided_on is not None
    day = case.decided_on + timedelta(30)
    before = amounts_of(destitute, date(2027, 6, 1))
    care.report_care_change(case.no, reported_on=day, what="摔伤卧床", actor=cast.clerk, on=day)
    care.reassess_self_care(
        case.no,
        Assessed(assessed_on=day, assessor="街道卫生院", able=frozenset(), note=""),
        actor=cast.staff,
        on=day,
    )
    assert amounts_of(destitute, date(2027, 6, 1)) == before
    review = walks.told(cast, destitute, day, Found())
    after = amounts_of(destitute, date(2027, 6, 1))
    assert (review.outcome, after.care_tier) == ("RAISE", "FULL")
    assert after.supplement_fen > before.supplement_fen


def test_a_move_into_another_programme_is_no_new_entry(cast: Cast) -> None:
    home = road_household.on_the_roster(cast, 1)
    change = road_household.change("CLASS", reason="OTHER", programme="RURAL_ALLOWANCE")
    row = road_household.record(cast, home, change)
    draft = road_household.draft_of(row)
    assert draft.programme == "RURAL_ALLOWANCE"
    with pytest.raises(Refused, match="已登记过变更"):
        road_household.record(cast, home, change)


def test_a_move_into_the_same_programme_is_none(cast: Cast) -> None:
    home = road_household.on_the_roster(cast, 1)
    change = road_household.change("CLASS", reason="OTHER", programme="URBAN_ALLOWANCE")
    with pytest.raises(Refused, match="与现在不同的事项"):
        road_household.record(cast, home, change)


def test_a_family_above_the_line_may_keep_one_who_is_severely_disabled(
    cast: Cast, benefit: Benefit
) -> None:
    """单人保 (N1 第八条): 1,000 a head is between the standard and 1.5 times of it."""
    wife = benefit.household.members.get(relation="SPOUSE")
    wife.condition = "DISABLED_1"
    wife.save(update_fields=["condition"])
    review = walks.opened(cast, benefit, DAY)
    walks.visited(cast, benefit, DAY)
    lines = lines_of(review)
    lines[0]["fen"] = 24_000_00
    found = Found(lines=tuple(lines), single=wife.pk)
    review_settlement.settle(review.no, found, actor=cast.staff, on=DAY)
    review = walks.fresh(review)
    assert (review.outcome, review.persons, review.monthly_fen) == ("RAISE", 1, 841_00)
    whole = Found(lines=tuple(lines))
    review_settlement.settle(review.no, whole, actor=cast.staff, on=DAY)
    assert walks.fresh(review).outcome == "STOP"


def test_who_refuses_the_review_was_asked_twice(cast: Cast, benefit: Benefit) -> None:
    found = Found(how="STOP", ground="REFUSED_REVIEW", reason="两次拒绝入户", lines=())
    review = walks.settled(cast, benefit, DAY, found)
    with pytest.raises(Refused, match="须有两次以上不同日期的登门记录"):
        reviews.propose(review.no, actor=cast.staff, on=DAY, proof=cast.proof("staff"))
    later = date(2026, 12, 14)
    walks.visited(cast, benefit, later, note="再次拒绝")
    reviews.propose(review.no, actor=cast.staff, on=later, proof=cast.proof("staff"))
    assert walks.fresh(review).state == "TO_DECIDE"


def test_who_is_in_gradual_exit_does_not_apply_anew(cast: Cast, benefit: Benefit) -> None:
    """R02: the months of 渐退 are paid; somebody whose last month it is may apply."""
    person = benefit.household.members.get(relation="SELF").id_digest
    assert known([person], DAY)[0] == {person}
    Benefit.objects.filter(pk=benefit.pk).update(end_month=date(2027, 3, 1))
    assert known([person], DAY)[0] == {person}
    Benefit.objects.filter(pk=benefit.pk).update(end_month=date(2026, 12, 1))
    assert known([person], DAY)[0] == set()
