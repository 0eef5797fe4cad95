"""拟终止 of 特困: proposed, told for seven days, withdrawn or objected to (N3 第二十五条)."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from archives.papers import sections
from archives.papers.reading import read_case
from cases.invariants import broken
from cases.models import Case, Notice
from cases.operations import endings, notices
from cases.tasks import close_notices
from tests import road
from tests import road_relief as roads
from tests.cases.guards import without
from tests.cast import Cast
from yuquan_relief.kernel.errors import Refused


@pytest.fixture
def case(cast: Cast) -> Case:
    """特困, approved and in benefit."""
    return roads.approve(cast, roads.destitute_to_decide(cast))


def later(case: Case, days: int = 30) -> date:
    """A working day after the decision."""
    assert case.decided_on is not None
    day = case.decided_on + timedelta(days)
    return day + timedelta(7 - day.weekday()) if day.weekday() > 4 else day


def proposed(cast: Cast, case: Case) -> date:
    """The office means to end it."""
    on = later(case)
    endings.propose_ending(case.no, ground="MEANS", note="继承房产一处", actor=cast.staff, on=on)
    return on


def posted(cast: Cast, case: Case) -> Notice:
    """The notice hangs with its photo."""
    on = proposed(cast, case)
    endings.post_ending_notice(
        case.no, place="社区公示栏", photo=road.photo((5, 6, 7)), actor=cast.clerk, on=on
    )
    return case.notices.get(kind=Notice.Kind.ENDING)


def test_it_hangs_seven_days_and_ends_by_itself(cast: Cast, case: Case) -> None:
    notice = posted(cast, case)
    assert (notice.last_day - notice.posted_on).days >= 7
    assert notice.no == f"{case.no}-ZZ1"
    assert close_notices(notice.last_day) == 0
    assert close_notices(notice.last_day + timedelta(1)) == 1
    ended = road.fresh(case)
    assert ended.ending_noticed_on == notice.last_day + timedelta(1)
    assert (ended.state, ended.benefit.end_month) == ("APPROVED", None)  # nothing stops by itself
    assert not [text for text in broken() if case.no in text]


def test_it_shows_no_reason(cast: Cast, case: Case) -> None:
    assert "房产" not in str(posted(cast, case).snapshot)


def test_without_its_photo_it_does_not_end(cast: Cast, case: Case) -> None:
    on = proposed(cast, case)
    endings.post_ending_notice(case.no, place="公示栏", photo=None, actor=cast.clerk, on=on)
    assert close_notices(on + timedelta(30)) == 0
    notice = case.notices.get(kind=Notice.Kind.ENDING)
    notices.add_notice_photo(notice.no, road.photo((1, 1, 1)), actor=cast.clerk)
    assert close_notices(on + timedelta(30)) == 1  # the twin


def test_an_objection_holds_it_and_when_it_is_right_the_support_goes_on(
    cast: Cast, case: Case
) -> None:
    notice = posted(cast, case)
    notices.record_objection(
        notice.no, channel="来访", content="房产已出售", actor=cast.clerk, on=notice.first_day
    )
    assert close_notices(notice.last_day + timedelta(1)) == 0
    endings.uphold_ending_objection(
        case.no, note="属实，已出售用于治病", actor=cast.staff, on=notice.last_day
    )
    after = road.fresh(case)
    assert (after.ending, after.ending_noticed_on) == ("", None)
    assert not case.notices.filter(closed_on__isnull=True, kind=Notice.Kind.ENDING).exists()


def test_withdrawn_it_may_be_proposed_again_with_a_notice_of_its_own(
    cast: Cast, case: Case
) -> None:
    notice = posted(cast, case)
    endings.withdraw_ending(case.no, note="核实有误", actor=cast.staff, on=notice.first_day)
    endings.propose_ending(
        case.no, ground="OWN", note="本人申请", actor=cast.staff, on=notice.first_day
    )
    endings.post_ending_notice(
        case.no, place="公示栏", photo=None, actor=cast.clerk, on=notice.first_day
    )
    numbers = case.notices.filter(kind=Notice.Kind.ENDING).values_list("no", flat=True)
    assert sorted(numbers) == [f"{case.no}-ZZ1", f"{case.no}-ZZ2"]


def test_nothing_is_posted_that_nobody_proposed(
    cast: Cast, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    on = later(case)

    def post() -> None:
        endings.post_ending_notice(case.no, place="公示栏", photo=None, actor=cast.clerk, on=on)

    with pytest.raises(Refused, match="还没有提出拟终止，请先提出"):
        post()
    without(monkeypatch, case, "post_ending_notice", "ending_proposed")
    post()  # the twin
    assert case.notices.filter(kind=Notice.Kind.ENDING).count() == 1


def test_it_hangs_once(cast: Cast, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    notice = posted(cast, case)
    on = notice.first_day

    def again() -> None:
        endings.post_ending_notice(case.no, place="公示栏", photo=None, actor=cast.clerk, on=on)

    with pytest.raises(Refused, match="拟终止公示已经张贴"):
        again()
    without(monkeypatch, case, "post_ending_notice", "ending_notice_absent")
    again()  # the twin
    assert case.notices.filter(kind=Notice.Kind.ENDING).count() == 2


@pytest.mark.parametrize(
    ("ground", "says"), [("", "请选择拟终止的情形"), ("TIRED", "请选择拟终止的情形")]
)
def test_a_ground_is_one_of_the_law(cast: Cast, case: Case, ground: str, says: str) -> None:
    with pytest.raises(Refused, match=says):
        endings.propose_ending(case.no, ground=ground, note="x", actor=cast.staff, on=later(case))


@pytest.mark.parametrize("who", ["clerk", "leader", "supervisor", "auditor"])
def test_the_office_proposes(cast: Cast, case: Case, who: str) -> None:
    with pytest.raises(PermissionDenied):
        endings.propose_ending(
            case.no, ground="OWN", note="x", actor=getattr(cast, who), on=later(case)
        )


def test_who_is_in_no_benefit_is_not_ended(cast: Cast, case: Case) -> None:
    month = case.benefit.start_month
    case.household.benefits.update(end_month=month)
    with pytest.raises(Refused, match="本人已不在享"):
        endings.propose_ending(case.no, ground="OWN", note="x", actor=cast.staff, on=later(case))


def test_low_income_households_have_no_such_notice(cast: Cast) -> None:
    with pytest.raises(Refused, match="没有这个环节"):
        endings.propose_ending(
            road.approved(cast, 3).no,
            ground="OWN",
            note="x",
            actor=cast.staff,
            on=date(2026, 12, 1),
        )


def test_its_form_says_the_ground_and_how_it_was_told(cast: Cast, case: Case) -> None:
    posted(cast, case)
    page = cast.client("staff").get(f"/forms/{case.no}/ending_form.pdf")
    assert (page.status_code, page.content[:4]) == (200, b"%PDF")
    read = read_case(case.no, later(case))
    text = str(sections.ending_form(read))
    assert "收入和财产状况不再符合规定" in text
    assert "继承房产一处" in text
