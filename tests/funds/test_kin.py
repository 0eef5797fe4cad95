"""Relatives of those in office are matched again when a list is paid (9)."""

import pytest

from cases.models import StaffRelative
from cases.operations import kin
from funds.models import kin as matching
from funds.models.kin import kin_of
from tests import road
from tests.cast import Cast
from tests.funds import payouts
from tests.funds.payouts import APPROVED
from yuquan_relief.kernel.inputs import identity_numbers
from yuquan_relief.kernel.models import Event, Post


def registered(cast: Cast, serial: int) -> StaffRelative:
    """Whoever has that number is the brother of the head of the committee."""
    assert cast.head.post_id is not None
    relative = kin.Relative(
        post_id=cast.head.post_id,
        name="演练亲属",
        relation="SIBLING",
        identity=identity_numbers.clean(road.number(serial), today=road.START),
    )
    return kin.register_relative(relative, actor=cast.staff, on=road.START)


@pytest.mark.clause("9")
def test_who_was_registered_since_is_found_among_those_paid(cast: Cast) -> None:
    batch = payouts.opened(cast)
    assert kin_of(batch, APPROVED) == []
    registered(cast, 2)
    (row,) = kin_of(batch, APPROVED)
    assert (row.certificate_no, row.head_name, row.is_visited) == ("C00002", "演练户2", False)
    assert cast.head.name in row.staff


def test_the_approval_keeps_whom_it_found(cast: Cast) -> None:
    registered(cast, 2)
    batch = payouts.approved(cast)
    event = Event.objects.of("payout", batch.no).get(action="approve")
    assert (event.body["kin"], event.body["kin_not_visited"]) == (1, ["C00002"])


def test_the_page_shows_them_to_who_signs(cast: Cast) -> None:
    batch = payouts.locked(cast)
    registered(cast, 3)
    url = f"/pay/{batch.month:%Y-%m}/{batch.office.code}/{batch.programme}/"
    page = cast.client("leader").get(url).content.decode()
    assert "近亲属比对（1 户）" in page
    assert "区局没有入户" in page


@pytest.mark.parametrize("gone", ["left office", "withdrawn"])
def test_who_no_longer_counts_is_not_found(
    cast: Cast, gone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = payouts.opened(cast)
    row = registered(cast, 2)
    if gone == "withdrawn":
        kin.withdraw_relative(row.pk, reason="录错", actor=cast.staff, on=road.START)
    else:
        Post.objects.filter(pk=cast.head.post_id).update(ends_on=road.START)
    assert kin_of(batch, APPROVED) == []
    guard = (
        "AND NOT EXISTS (SELECT FROM cases_staffrelative w WHERE w.withdraws_id = r.id)"
        if gone == "withdrawn"
        else "AND o.starts_on <= %(on)s AND coalesce(o.ends_on, %(on)s) >= %(on)s"
    )
    assert guard in matching.KIN
    monkeypatch.setattr(matching, "KIN", matching.KIN.replace(guard, ""))
    assert [k.certificate_no for k in kin_of(batch, APPROVED)] == ["C00002"]  # the twin
