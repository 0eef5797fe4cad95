"""Visits, sign-ins, certifications, reports; 100 % of the households each year (4(1).2)."""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from cases.models import Benefit, Contact
from cases.operations import contacts
from cases.reports.renewals import scattered_to_visit, visit_progress
from cases.rules.contacts import expected_share, weekly_pace
from tests.benefit import walks
from tests.cast import Cast
from tests.funds import payouts
from yuquan_relief.kernel.errors import Refused

DAY = date(2026, 11, 10)


@pytest.fixture
def benefit(cast: Cast) -> Benefit:
    return payouts.in_benefit(cast, 1)


@pytest.mark.clause("4(1).2")
@pytest.mark.parametrize(
    ("kind", "means"),
    [("VISIT", "HOME"), ("SIGN_IN", "PHONE"), ("CERTIFY", "VIDEO"), ("REPORT", "OFFICE")],
)
def test_each_kind_is_recorded(cast: Cast, benefit: Benefit, kind: str, means: str) -> None:
    walks.visited(cast, benefit, DAY, kind=kind, means=means, photo=walks.PHOTO)
    row = Contact.objects.get()
    assert (row.kind, row.means, row.on_day, row.photo is not None) == (kind, means, DAY, True)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"means": "PHONE"}, "入户走访不能以“电话”的方式办理"),
        ({"kind": "CERTIFY", "means": "PHONE"}, "认证不能以“电话”"),
        ({"companion": " "}, "须两人以上"),
        ({"on_day": date(2026, 11, 11)}, "不能晚于今天"),
        ({"met": " "}, "请填写地点"),
        ({"is_changed": True}, "请写明是什么变化"),
        ({"kind": "TEA"}, "请选择种类"),
    ],
)
def test_what_is_not_a_visit_is_refused(
    cast: Cast, benefit: Benefit, more: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        walks.visited(cast, benefit, DAY, **more)
    assert not Contact.objects.exists()


def test_twice_is_once(cast: Cast, benefit: Benefit) -> None:
    walks.visited(cast, benefit, DAY)
    with pytest.raises(Refused, match="已经登记过"):
        walks.visited(cast, benefit, DAY)
    assert Contact.objects.count() == 1


def test_rights_and_scope(cast: Cast, benefit: Benefit) -> None:
    seen = contacts.Seen(kind="REPORT", on_day=DAY, means="PHONE", place="电话", met="演练甲")
    with pytest.raises(PermissionDenied):
        contacts.record_contact(benefit.key, seen, actor=cast.leader, on=DAY)
    with pytest.raises(Benefit.DoesNotExist):
        contacts.record_contact(benefit.key, seen, actor=cast.foreign_clerk, on=DAY)


@pytest.mark.clause("4(1).2")
def test_progress_stands_against_the_expected_line(cast: Cast, benefit: Benefit) -> None:
    second = payouts.in_benefit(cast, 2)
    payouts.in_benefit(cast, 3, village=cast.other_village)
    payouts.in_benefit(cast, 4, start_month=date(2027, 1, 1), paid_with=date(2027, 1, 1))
    walks.visited(cast, benefit, DAY)
    walks.visited(cast, benefit, date(2026, 11, 1))  # twice in the year is one household
    walks.visited(cast, second, date(2025, 12, 31))  # last year does not count
    rows = {r.village: (r.should, r.done) for r in visit_progress(cast.staff, DAY)}
    assert rows == {"甲一社区": (2, 1), "甲二村": (1, 0)}
    assert [r.village for r in visit_progress(cast.clerk, DAY)] == ["甲一社区"]


def test_the_expected_line() -> None:
    assert expected_share(date(2026, 12, 31)) == 1
    assert expected_share(date(2026, 1, 1)) == 1 / 365
    assert expected_share(date(2028, 7, 1)) == 183 / 366
    assert weekly_pace(10, date(2026, 12, 18)) == 5  # two weeks are left
    assert weekly_pace(0, date(2026, 12, 18)) == 0
    assert weekly_pace(3, date(2026, 12, 31)) == 3


@pytest.mark.clause("3(7)")
def test_scattered_destitute_people_are_visited_regularly(cast: Cast) -> None:
    alone = {"programme": "RURAL_DESTITUTE", "persons": 1}
    lately, long_ago, never, home, other = (
        payouts.in_benefit(cast, serial, **alone, support=support)
        for serial, support in enumerate(
            ("SCATTERED", "SCATTERED", "", "CENTRAL", "SCATTERED"), start=1
        )
    )
    Benefit.objects.filter(pk=other.pk).update(end_month=date(2026, 10, 1))
    walks.visited(cast, lately, date(2026, 10, 10))  # thirty-one days
    walks.visited(cast, long_ago, date(2026, 10, 9))
    found = [row.key for row in scattered_to_visit(cast.staff, DAY)]
    assert found == [never.key, long_ago.key]
    assert home.key not in found
