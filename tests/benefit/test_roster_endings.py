"""拟终止公示 of 特困 taken over from the roster: it hangs on the review (N3 第二十五条, 3(4))."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from cases.invariants import broken
from cases.models import Benefit, Notice, Review
from cases.operations import notices, review_notices, reviews
from cases.reports.inbox_of_benefits import reviews_to_do
from cases.rules import reviews as table
from cases.tasks import close_notices
from tests import road
from tests.benefit import walks
from tests.benefit.test_pages import hidden
from tests.cases.days import at
from tests.cast import SIGN_CODE, Cast
from tests.funds import payouts
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event, Reminder

DAY = date(2026, 11, 10)
STOP = walks.from_roster(1, how="STOP", ground="PROPERTY", reason="继承房产一处")


@pytest.fixture
def benefit(cast: Cast) -> Benefit:
    """特困 that came with the roster: nobody decided it here."""
    return payouts.in_benefit(
        cast, 1, programme="URBAN_DESTITUTE", persons=1, monthly_fen=1_093_30, village=cast.village
    )


def proposed(cast: Cast, benefit: Benefit, on: date = DAY) -> Review:
    """The office means to end it."""
    review = walks.settled(cast, benefit, on, STOP)
    review_notices.propose_ending(
        review.no, actor=cast.staff, on=on, proof=cast.proof("staff", "建议终止")
    )
    return walks.fresh(review)


def posted(cast: Cast, review: Review, on: date = DAY) -> Notice:
    """The notice hangs with its photo."""
    review_notices.post_ending_notice(
        review.no, place="社区公示栏", photo=walks.PHOTO, actor=cast.clerk, on=on
    )
    return Notice.objects.get(review=review, round=walks.fresh(review).round)


def agree(cast: Cast, review: Review, on: date) -> None:
    reviews.agree(review.no, actor=cast.leader, on=on, proof=cast.proof("leader", "同意"))


@pytest.mark.clause("3(4)", "4(1).2")
def test_it_hangs_seven_days_before_anybody_decides(cast: Cast, benefit: Benefit) -> None:
    review = proposed(cast, benefit)
    assert review.state == "TO_NOTICE"
    notice = posted(cast, review)
    assert (notice.last_day - notice.posted_on).days >= 7
    assert (notice.no, notice.case_id) == (f"{review.no}-ZZ1", None)
    with pytest.raises(Refused, match="待公示期满"):
        agree(cast, review, notice.last_day)
    assert close_notices(notice.last_day) == 0
    over = notice.last_day + timedelta(1)
    assert close_notices(over) == 1
    assert walks.fresh(review).state == "TO_DECIDE"
    agree(cast, review, over)
    walks.tell(cast, walks.fresh(review), over)
    benefit.refresh_from_db()
    assert benefit.end_month == date(2026, 11, 1)
    assert broken_of_cases() == []


def broken_of_cases() -> list[str]:
    return [text for text in broken() if "复核" in text or "保障" in text or "待遇" in text]


def test_the_usual_opinion_does_not_lead_around_the_notice(
    cast: Cast, benefit: Benefit, monkeypatch: pytest.MonkeyPatch
) -> None:
    review = walks.settled(cast, benefit, DAY, STOP)
    with pytest.raises(Refused, match="请用“提出终止意见”"):
        reviews.propose(review.no, actor=cast.staff, on=DAY, proof=cast.proof("staff", "终止"))
    for need in ("no_notice_here", "noticed"):  # the twin: without both the way is open
        always = table.Need("", lambda f: "")
        monkeypatch.setitem(table.NEEDS, need, always)
    reviews.propose(review.no, actor=cast.staff, on=DAY, proof=cast.proof("staff", "终止"))
    agree(cast, review, DAY)
    assert walks.fresh(review).state == "TO_TELL"


@pytest.mark.parametrize("ground", ["DIED", "OWN"])
def test_death_and_own_wish_need_no_notice(cast: Cast, benefit: Benefit, ground: str) -> None:
    found = walks.from_roster(1, how="STOP", ground=ground, reason="已核实", happened_on=DAY)
    review = walks.settled(cast, benefit, DAY, found)
    with pytest.raises(Refused, match="请用“提出复核意见”"):
        review_notices.propose_ending(
            review.no, actor=cast.staff, on=DAY, proof=cast.proof("staff", "终止")
        )
    reviews.propose(review.no, actor=cast.staff, on=DAY, proof=cast.proof("staff", "终止"))
    agree(cast, review, DAY)
    assert walks.fresh(review).state == "TO_TELL"


def test_it_shows_what_is_given_and_no_reason(cast: Cast, benefit: Benefit) -> None:
    snapshot = posted(cast, proposed(cast, benefit)).snapshot
    assert "房产" not in str(snapshot)
    assert (snapshot["persons"], snapshot["monthly_fen"], snapshot["kin"]) == (1, 1_093_30, False)
    assert snapshot["ending"] is True


def test_an_objection_holds_it_and_a_right_one_begins_the_review_anew(
    cast: Cast, benefit: Benefit
) -> None:
    review = proposed(cast, benefit)
    notice = posted(cast, review)
    with pytest.raises(Refused, match="请先登记"):
        review_notices.uphold_ending_objection(review.no, note="属实", actor=cast.staff, on=DAY)
    notices.record_objection(
        notice.no, channel="来访", content="房产已出售", actor=cast.clerk, on=notice.first_day
    )
    assert close_notices(notice.last_day + timedelta(1)) == 0
    review_notices.uphold_ending_objection(
        review.no, note="属实，已出售用于治病", actor=cast.staff, on=notice.last_day
    )
    after = walks.fresh(review)
    assert (after.state, after.round, after.proposed_on) == ("OPEN", 2, None)
    notice.refresh_from_db()
    assert notice.closed_on == notice.last_day
    told = Event.objects.of("review", review.no).filter(action="objection")
    assert told.count() == 1


def test_what_was_withdrawn_is_posted_again_under_another_number(
    cast: Cast, benefit: Benefit
) -> None:
    """The days of a notice that was withdrawn do not count for the next."""
    review = proposed(cast, benefit)
    first = posted(cast, review)
    review_notices.withdraw_ending(review.no, note="核实有误", actor=cast.staff, on=DAY)
    review_notices.propose_ending(
        review.no, actor=cast.staff, on=DAY, proof=cast.proof("staff", "再核实")
    )
    second = posted(cast, walks.fresh(review))
    assert (first.no, second.no) == (f"{review.no}-ZZ1", f"{review.no}-ZZ2")
    with pytest.raises(Refused):
        agree(cast, review, DAY)


def test_it_hangs_once(cast: Cast, benefit: Benefit) -> None:
    review = proposed(cast, benefit)
    posted(cast, review)
    with pytest.raises(Refused, match="已经张贴"):
        posted(cast, review)


def test_without_its_photo_it_does_not_end(cast: Cast, benefit: Benefit) -> None:
    review = proposed(cast, benefit)
    review_notices.post_ending_notice(
        review.no, place="公示栏", photo=None, actor=cast.clerk, on=DAY
    )
    later = DAY + timedelta(30)
    assert close_notices(later) == 0
    with pytest.raises(Refused, match="缺张贴照片"):
        review_notices.close_ending_notice(review.no, on=later)
    notices.add_notice_photo(f"{review.no}-ZZ1", road.photo((1, 1, 1)), actor=cast.clerk)
    assert close_notices(later) == 1  # the twin
    notice = Notice.objects.get(review=review)
    notices.add_removal_photo(notice.no, road.photo((2, 2, 2)), actor=cast.clerk, on=later)
    notice.refresh_from_db()
    assert notice.removed_on == later


def test_who_may(cast: Cast, benefit: Benefit) -> None:
    review = proposed(cast, benefit)
    with pytest.raises(PermissionDenied):
        review_notices.post_ending_notice(
            review.no, place="公示栏", photo=None, actor=cast.leader, on=DAY
        )
    with pytest.raises(PermissionDenied):
        review_notices.withdraw_ending(review.no, note="有误", actor=cast.leader, on=DAY)


def test_the_database_keeps_a_notice_to_one_thing(cast: Cast, benefit: Benefit) -> None:
    notice = posted(cast, proposed(cast, benefit))
    for changes in ({"kind": "REVIEW"}, {"review": None}):
        copy = Notice.objects.get(pk=notice.pk)
        copy.pk, copy.no, copy.round, copy.public_key = None, "X-1", 9, "another-key"
        for name, value in changes.items():
            setattr(copy, name, value)
        with pytest.raises(IntegrityError, match="notice_of_one_thing"), transaction.atomic():
            copy.save(force_insert=True)


def test_the_village_hears_of_it_until_it_hangs(cast: Cast, benefit: Benefit) -> None:
    review = proposed(cast, benefit)
    assert [m.hint for m in reviews_to_do(cast.clerk, DAY)] == [review.no]
    posted(cast, review)
    assert reviews_to_do(cast.clerk, DAY) == []
    assert Reminder.objects.filter(subject_key=review.no).count() == 0


def test_the_whole_of_it_on_the_pages(cast: Cast, benefit: Benefit) -> None:
    """Opinion, posting, objection and its answer, by the clerk's and the office's pages."""
    with at(DAY):
        review = walks.settled(cast, benefit, DAY, STOP)
        url = f"/adjustments/{review.no}/"
        office, village = cast.client("staff"), cast.client("clerk")
        page = office.get(url).content.decode()
        assert "提出终止意见" in page
        assert "提出复核意见" not in page
        assert "在案件里提出拟终止" not in page
        typed = {"sign_code": SIGN_CODE, "opinion": "终止"}
        seen = hidden(cast, "staff", url, url + "propose_ending/")
        answer = office.post(url + "propose_ending/", {**seen, **typed})
        assert answer.status_code == 302, answer.content.decode()
        answer = village.post(url + "post_ending_notice/", {"place": "社区公示栏"})
        assert answer.status_code == 302
        notice = Notice.objects.get(review=review)
        shown = village.get(f"/notices/{notice.no}/").content.decode()
        assert "查看复核" in shown
        assert "缺张贴照片" in village.get(url).content.decode()
        assert notice.no in village.get("/notices/").content.decode()
        assert "演练户1" in village.get("/").content.decode()
        printed = village.get(f"/notices/{notice.no}/?as=print").content.decode()
        assert "拟终止特困供养的人员" in printed
        assert cast.client("foreign_clerk").get(f"/notices/{notice.no}/").status_code == 404
        public = village.get(f"/public/notices/{notice.public_key}/").content.decode()
        assert "演练户1" not in public
        listed = village.get(f"/public/notices/?village={cast.village.code}").content.decode()
        assert notice.public_key in listed
