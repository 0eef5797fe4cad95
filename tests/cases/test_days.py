"""Deadlines, notices and objections on their days."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from cases.models import (
    Benefit,
    Notice,
    Objection,
)
from cases.models.assessment import start_if_decided
from cases.models.record import CaseRecord
from cases.operations import decisions, investigation, notices
from cases.tasks import close_notices
from tests import road
from tests.cases.stages import (
    FINDINGS,
    ON,
    noticed,
    objected,
    posting,
)
from tests.cast import Cast
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import RuleValue
from yuquan_relief.kernel.rulebook_values import RULE_SET


@pytest.mark.parametrize(("day", "paid_with"), [(20, date(2026, 11, 1)), (21, date(2026, 12, 1))])
def test_decision_after_the_twentieth_is_paid_a_month_later(
    cast: Cast, day: int, paid_with: date
) -> None:
    case = road.to_decide(cast)
    decisions.approve(
        case.no, actor=cast.leader, on=date(2026, 10, day), proof=cast.proof("leader")
    )
    benefit = Benefit.objects.get(source_case=case)
    assert (benefit.start_month, benefit.paid_with) == (date(2026, 11, 1), paid_with)


@pytest.mark.parametrize(
    ("on", "last"),
    [
        (date(2026, 2, 16), date(2026, 2, 14)),  # Spring Festival: a Saturday that is worked
        (date(2026, 6, 18), date(2026, 6, 18)),  # 端午
        (date(2026, 9, 20), date(2026, 9, 20)),  # a Sunday that is worked
        (date(2026, 12, 19), date(2026, 12, 18)),
    ],
)
def test_cut_off_moves_to_the_workday_before(cast: Cast, on: date, last: date) -> None:
    case = road.submitted(cast)
    case.accepted_on = on
    for day, is_late in ((last, False), (last + timedelta(days=1), True)):
        assert start_if_decided(CaseRecord(case, day)).is_back_pay == is_late


def binding(rule_set: str) -> None:
    """The district has said that the set binds from the day on (how: test_rule_set_in_force)."""
    RuleValue.objects.create(
        parameter=RULE_SET, rule_set="*", valid_from=ON, value=rule_set, unit="规则集", source="文"
    )


@pytest.mark.parametrize(
    ("rule_set", "after_one", "after_two"),
    [
        ("YQ-2020", date(2026, 11, 17), date(2026, 11, 24)),  # 30 workdays
        ("NAT-2022", date(2026, 11, 3), date(2026, 11, 10)),  # 20
    ],
)
def test_the_clock_skips_the_notices(
    cast: Cast, rule_set: str, after_one: date, after_two: date
) -> None:
    binding(rule_set)
    case = road.accepted(cast, on=ON)
    assert case.rule_set == rule_set
    road.survey(cast, case, ON)
    road.means_check(cast, case, ON)
    road.settle(cast, case, ON)
    road.appraise(cast, case, ON)
    posting("post_review_notice")(case, cast.clerk, cast.proof("clerk"), date(2026, 10, 8))
    notice = Notice.objects.get(case=case)
    assert (notice.first_day, notice.last_day) == (date(2026, 10, 9), date(2026, 10, 15))
    assert road.fresh(case).due_on == after_one
    notices.add_notice_photo(notice.no, road.photo(), actor=cast.clerk)
    notices.close_notice(case.no, on=date(2026, 10, 16))
    decisions.propose(case.no, actor=cast.staff, on=date(2026, 10, 21), proof=cast.proof("staff"))
    posting("post_approval_notice")(case, cast.clerk, cast.proof("clerk"), date(2026, 10, 21))
    assert road.fresh(case).due_on == after_two


@pytest.mark.parametrize(
    ("accepted_on", "due_on"),
    [
        (date(2020, 8, 3), date(2020, 9, 14)),
        (date(2026, 2, 10), date(2026, 3, 30)),
        (date(2026, 4, 28), date(2026, 6, 11)),
        (date(2026, 9, 21), date(2026, 11, 9)),
    ],
)
def test_thirty_workdays_from_acceptance(cast: Cast, accepted_on: date, due_on: date) -> None:
    assert road.accepted(cast, on=accepted_on).due_on == due_on


def test_notice_that_would_end_in_the_holiday_ends_after_it(cast: Cast) -> None:
    case = road.investigated(cast)
    posting("post_review_notice")(case, cast.clerk, cast.proof("clerk"), date(2026, 9, 24))
    notice = Notice.objects.get(case=case)
    assert (notice.first_day, notice.last_day) == (date(2026, 9, 25), date(2026, 10, 8))


@pytest.mark.parametrize(("days", "closed"), [(0, 0), (1, 1), (30, 1)])
def test_robot_closes_the_day_after_the_last_and_whenever_it_wakes(
    cast: Cast, days: int, closed: int
) -> None:
    case = noticed(cast)
    last = case.notices.get().last_day
    assert close_notices(last + timedelta(days=days)) == closed
    assert close_notices(last + timedelta(days=days)) == 0
    assert (road.fresh(case).state == "TO_PROPOSE") == bool(closed)


def test_robot_waits_for_the_photo(cast: Cast) -> None:
    case = noticed(cast, photo=None)
    on = case.notices.get().last_day + timedelta(days=1)
    assert close_notices(on) == 0
    with pytest.raises(Refused, match="张贴照片"):
        notices.close_notice(case.no, on=on)
    notices.add_notice_photo(case.notices.get().no, road.photo(), actor=cast.clerk)
    assert close_notices(on) == 1


def test_robot_waits_for_the_answer_to_an_objection(cast: Cast) -> None:
    case = objected(cast)
    on = case.notices.get().last_day + timedelta(days=1)
    assert close_notices(on) == 0
    with pytest.raises(Refused, match="异议未答复"):
        notices.close_notice(case.no, on=on)
    objection = Objection.objects.get()
    notices.dismiss_objection(objection.pk, answer="查无此事", actor=cast.staff, on=on)
    assert close_notices(on) == 1


def test_upheld_objection_begins_a_second_round(cast: Cast) -> None:
    case = objected(cast)
    notices.uphold_objection(case.no, note="收入须重核", actor=cast.staff, on=ON)
    now = road.fresh(case)
    assert (now.state, now.round) == ("INVESTIGATING", 2)
    assert Objection.objects.get().is_upheld is True
    assert Notice.objects.get().closed_on == ON
    findings = replace(FINDINGS, living="重新入户")
    investigation.record_survey(
        case.no, findings, actor=cast.clerk, on=ON, proof=cast.proof("clerk")
    )
    with pytest.raises(Refused, match="现有 1 人"):  # the second round's visit needs two again
        posting("post_review_notice")(now, cast.clerk, cast.proof("clerk"), ON)
    investigation.cosign_survey(case.no, actor=cast.surveyor, on=ON, proof=cast.proof("surveyor"))
    posting("post_review_notice")(now, cast.clerk, cast.proof("clerk"), ON)
    assert case.notices.filter(round=2).exists()


def test_objection_without_one_on_record_cannot_be_upheld(cast: Cast) -> None:
    case = noticed(cast)
    with pytest.raises(Refused, match="还没有登记"):
        notices.uphold_objection(case.no, note="属实", actor=cast.staff, on=ON)


@pytest.mark.parametrize("days", [-1, 99])
def test_objection_outside_the_days_of_the_notice_is_refused(cast: Cast, days: int) -> None:
    case = noticed(cast)
    with pytest.raises(Refused, match="公示期已过"):
        notices.record_objection(
            case.notices.get().no,
            channel="来访",
            content="x",
            actor=cast.clerk,
            on=ON + timedelta(days=days),
        )


@pytest.mark.parametrize("who", ["auditor", "chief", "verifier", "head"])
def test_notice_acts_ask_for_the_right_themselves(cast: Cast, who: str) -> None:
    case = objected(cast)
    notice, objection = case.notices.get(), Objection.objects.get()
    with pytest.raises(PermissionDenied):
        notices.dismiss_objection(objection.pk, answer="x", actor=cast.actors[who], on=ON)
    with pytest.raises(PermissionDenied):
        notices.record_objection(
            notice.no, channel="来访", content="x", actor=cast.actors[who], on=ON
        )
