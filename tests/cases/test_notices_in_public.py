"""The public page of a notice, taking it down, and the village's long-term list (3(4))."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import DatabaseError, transaction
from django.test import Client

from cases.models import Notice, Objection, StandingNotice
from cases.models.standing import hanging, is_current, rows_of
from cases.operations import notices
from cases.operations.standing_notices import post_standing
from cases.views.public import PublicThrottle
from tests import road
from tests.cases.days import at
from tests.cases.guards import without
from tests.cases.stages import noticed
from tests.cast import Cast
from yuquan_relief.kernel.errors import Refused

ON = road.START


@pytest.fixture(autouse=True)
def _no_throttle_left() -> None:
    cache.clear()


def page_of(notice: Notice) -> str:
    return f"/public/notices/{notice.public_key}/"


@pytest.mark.clause("3(4)")
def test_the_page_is_open_masked_and_gone_with_the_last_day(cast: Cast) -> None:
    notice = noticed(cast).notices.get()
    with at(notice.last_day):
        page = Client().get(page_of(notice))
    text = page.content.decode()
    assert page.status_code == 200
    assert "演*" in text
    assert "演练甲" not in text
    assert page.headers["X-Robots-Tag"] == "noindex"
    with at(notice.last_day + timedelta(days=1)):
        assert Client().get(page_of(notice)).status_code == 404


def test_the_address_does_not_follow_from_the_number(cast: Cast) -> None:
    notice = noticed(cast).notices.get()
    with at(ON):
        assert Client().get(f"/public/notices/{notice.no}/").status_code == 404


@pytest.mark.clause("9")
def test_an_objection_without_a_name_stops_the_notice(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = noticed(cast)
    notice = case.notices.get()
    with at(ON + timedelta(days=1)):
        answer = Client().post(page_of(notice), {"content": "家里有车", "contact": ""})
    assert answer.status_code == 302
    objection = Objection.objects.get()
    assert (objection.channel, objection.contact) == ("公开网页", "")
    over = notice.last_day + timedelta(days=1)
    with pytest.raises(Refused, match="1 件异议未答复"):
        notices.close_notice(case.no, on=over)
    assert notices.notices_to_close(over) == []
    without(monkeypatch, case, "close_review_notice", "review_notice_over")
    notices.close_notice(case.no, on=over)  # the twin
    assert road.fresh(case).state == "TO_PROPOSE"


def test_an_objection_that_was_answered_stops_nothing(cast: Cast) -> None:
    case = noticed(cast)
    notice = case.notices.get()
    found = notices.object_in_public(notice.public_key, content="家里有车", contact="", on=ON)
    notices.dismiss_objection(found.pk, answer="车已报废", actor=cast.staff, on=ON)
    over = notice.last_day + timedelta(days=1)
    assert notices.notices_to_close(over) == [case.no]
    notices.close_notice(case.no, on=over)
    assert road.fresh(case).state == "TO_PROPOSE"


def test_what_was_typed_stays_when_the_objection_is_empty(cast: Cast) -> None:
    notice = noticed(cast).notices.get()
    with at(ON):
        answer = Client().post(page_of(notice), {"content": " ", "contact": "留言人"})
    assert answer.status_code == 422
    assert "留言人" in answer.content.decode()
    assert not Objection.objects.exists()


def test_enough_objections_wait_and_the_page_says_so(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    notice = noticed(cast).notices.get()
    for number in range(notices.MOST_OPEN):
        notices.object_in_public(
            notice.public_key, content=f"情况 {number}", contact="", on=ON + timedelta(days=1)
        )
    with at(ON):
        answer = Client().post(page_of(notice), {"content": "又一件"})
    assert answer.status_code == 409
    assert "已经收到异议" in answer.content.decode()
    assert Objection.objects.count() == notices.MOST_OPEN
    monkeypatch.setattr(notices, "MOST_OPEN", notices.MOST_OPEN + 1)
    notices.object_in_public(notice.public_key, content="又一件", contact="", on=ON)  # the twin
    assert Objection.objects.count() == notices.MOST_OPEN


def test_one_address_may_not_flood_the_page(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cases.operations.notices.MOST_OPEN", 100)
    notice = noticed(cast).notices.get()
    with at(ON):
        found = [Client().post(page_of(notice), {"content": str(n)}).status_code for n in range(11)]
    assert found == [302] * 10 + [429]
    assert Objection.objects.count() == 10
    with at(ON):
        other = Client(REMOTE_ADDR="10.9.9.9").post(page_of(notice), {"content": "别处"})
        assert other.status_code == 302  # the control: it was this address alone
        monkeypatch.setattr(PublicThrottle, "allow_request", lambda *_: True)
        assert Client().post(page_of(notice), {"content": "11"}).status_code == 302  # the twin


@pytest.mark.clause("3(4)")
def test_taking_down_needs_its_photo_and_comes_after_the_end(cast: Cast) -> None:
    case = noticed(cast)
    notice = case.notices.get()
    with pytest.raises(Refused, match="还没有结束"):
        notices.add_removal_photo(notice.no, road.photo((8, 8, 8)), actor=cast.clerk, on=ON)
    over = notice.last_day + timedelta(days=1)
    notices.close_notice(case.no, on=over)
    notices.add_removal_photo(notice.no, road.photo((8, 8, 8)), actor=cast.clerk, on=over)
    notice.refresh_from_db()
    assert (notice.removed_on, notice.removal_photo is not None) == (over, True)
    with pytest.raises(Refused, match="已经登记撤下"):
        notices.add_removal_photo(notice.no, road.photo((8, 8, 9)), actor=cast.clerk, on=over)


@pytest.mark.clause("3(4)")
def test_the_long_term_list_follows_who_is_in_benefit(cast: Cast) -> None:
    case = road.approved(cast)
    assert case.decided_on is not None
    month = (case.decided_on.replace(day=1) + timedelta(days=40)).replace(day=5)
    rows = rows_of(cast.village.pk, month)
    assert [(r["name"], r["persons"], r["category"]) for r in rows] == [("演练甲", 2, "城市低保")]
    assert set(rows[0]) == {"name", "category", "persons", "monthly_fen", "since"}
    assert not is_current(hanging(cast.village.pk), rows)
    post_standing(place="社区公示栏", photo=road.photo((4, 4, 4)), actor=cast.clerk, on=month)
    assert is_current(hanging(cast.village.pk), rows)
    assert not is_current(hanging(cast.village.pk), [])
    with at(month):
        assert "与张贴的一致" in cast.client("clerk").get("/notices/standing/").content.decode()
        printed = cast.client("clerk").get("/notices/standing/?as=print").content.decode()
    assert "共 1 户 2 人" in printed


def test_nothing_is_posted_where_nobody_is_in_benefit(cast: Cast) -> None:
    with pytest.raises(Refused, match="没有在享人员"):
        post_standing(place="公示栏", photo=None, actor=cast.clerk, on=ON)


def test_what_hung_never_changes(cast: Cast) -> None:
    case = road.approved(cast)
    assert case.decided_on is not None
    month = (case.decided_on.replace(day=1) + timedelta(days=40)).replace(day=5)
    post_standing(place="公示栏", photo=None, actor=cast.clerk, on=month)
    changes: list[dict[str, Any]] = [{"rows": []}, {"place": "别处"}, {"posted_on": ON}]
    for change in changes:
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            StandingNotice.objects.update(**change)
    StandingNotice.objects.update(photo=None)  # the control: its photo may come later


def test_the_printed_sheet_leads_to_the_page_while_it_is_open(cast: Cast) -> None:
    case = noticed(cast)
    notice = case.notices.get()
    client = cast.client("clerk")
    with at(ON):
        assert 'class="qr' in client.get(f"/notices/{notice.no}/?as=print").content.decode()
    notices.close_notice(case.no, on=notice.last_day + timedelta(days=1))
    assert 'class="qr' not in client.get(f"/notices/{notice.no}/?as=print").content.decode()
