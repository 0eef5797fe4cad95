"""The public list of notices, village by village: open, masked, and empty when they end (3(4))."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from cases.models import Notice
from cases.operations import notices
from tests import road
from tests.cases.days import at
from tests.cases.stages import noticed, objected
from tests.cast import Cast

ON = road.START
DAY = timedelta(days=1)
URL = "/public/notices/"


def listed(village: str = "", on: Any = ON) -> Any:
    """The list, or that of one village, for anybody."""
    client = Client(raise_request_exception=False)
    with at(on):
        return client.get(URL, {"village": village} if village else {})


def text(village: str = "", on: Any = ON) -> str:
    """What stands on it."""
    answer = listed(village, on)
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.mark.clause("3(4)")
def test_anybody_sees_what_hangs_in_a_village_and_nobodys_name(cast: Cast) -> None:
    notice = noticed(cast).notices.get()
    page = text(cast.village.code)
    assert f"/public/notices/{notice.public_key}/" in page
    assert "演*" in page
    member = notice.case.household.members.get(relation="SELF")
    secrets = ("演练甲", "演练乙", member.id_no, member.id_tail, "19900000000", notice.case.no)
    assert not [secret for secret in secrets if secret in page]
    assert notice.snapshot["applicant"] == "演练甲"  # the twin: the notice itself has the name


def test_it_is_found_by_who_looks_and_by_no_machine(cast: Cast) -> None:
    noticed(cast)
    for answer in (listed(), listed(cast.village.code)):
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert "Permissions-Policy" in answer.headers
    assert not Client().get(URL).wsgi_request.user.is_authenticated


def test_the_first_page_counts_by_village_under_its_office(cast: Cast) -> None:
    noticed(cast)
    page = text()
    assert (
        page.index("甲街道") < page.index("甲一社区") < page.index("甲二村") < page.index("乙街道")
    )
    assert '<a href="?village=159900001001">甲一社区</a>（1 件）' in page
    assert '<a href="?village=159900001201">甲二村</a></li>' in page  # none hangs there


def test_another_village_has_nothing_of_it(cast: Cast) -> None:
    noticed(cast)
    for village in (cast.other_village, cast.foreign_village):
        assert "现在没有公示" in text(village.code)
    assert "现在没有公示" not in text(cast.village.code)  # the control


def test_it_hangs_to_its_last_day_and_not_a_day_longer(cast: Cast) -> None:
    notice = noticed(cast).notices.get()
    assert notice.public_key in text(cast.village.code, notice.last_day)
    assert "（1 件）" in text("", notice.last_day)
    after = notice.last_day + DAY
    assert notice.public_key not in text(cast.village.code, after)
    assert "（1 件）" not in text("", after)


def test_what_was_taken_down_is_gone_at_once(cast: Cast) -> None:
    case = objected(cast)
    notice = case.notices.get()
    assert notice.public_key in text(cast.village.code)
    notices.uphold_objection(case.no, note="属实", actor=cast.staff, on=ON)
    assert notice.public_key not in text(cast.village.code)
    assert "（1 件）" not in text()


@pytest.mark.parametrize(
    "code",
    [
        *("0", "159900001999", "159900001", "159900", "' OR 1=1 --", "%", "_" * 12, "甲一社区"),
        *("１５９９００００１００１", "159900001001 ", "<script>", "9" * 5000),
    ],
)
def test_a_village_that_is_none_is_not_found(cast: Cast, code: str) -> None:
    noticed(cast)
    answer = listed(code)
    assert answer.status_code == 404
    assert "<script>" not in answer.content.decode()


def test_a_nul_byte_in_the_address_is_refused(cast: Cast) -> None:
    answer = Client(raise_request_exception=False).get(f"{URL}?village=%00")
    assert answer.status_code == 400


def test_it_is_read_and_nothing_else(cast: Cast) -> None:
    assert Client().post(URL).status_code == 405
    assert Client().delete(URL).status_code == 405
    assert Client().head(URL).status_code == 200


def test_markup_in_a_name_is_shown_as_text(cast: Cast) -> None:
    noticed(cast)
    cast.village.name = "<img src=x onerror=alert(1)>"
    cast.village.save()
    for page in (text(), text(cast.village.code)):
        assert cast.village.name not in page
        assert escape(cast.village.name) in page


def test_the_first_page_takes_no_more_statements_for_more_notices(cast: Cast) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            text()
            text(cast.village.code)
        return len(captured)

    noticed(cast)
    one = statements()
    for serial in (2, 3):
        case = road.investigated(cast, serial)
        notices.post_notice(
            case.no, "post_review_notice", place="公示栏", photo=None, actor=cast.clerk, on=ON
        )
    assert Notice.objects.count() == 3
    assert "（3 件）" in text()
    assert statements() == one
