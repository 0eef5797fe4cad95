"""Two people enter the same thing at the same moment: one entry, and a sentence for the other."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from cases.models import Delegation, StaffRelative, StandingNotice
from cases.operations import delegations, kin
from cases.operations.standing_notices import post_standing
from tests import road
from tests.cases.days import at
from tests.cast import Cast, make_cast
from tests.races.arena import meeting_at, together
from yuquan_relief.kernel.inputs import identity_numbers

ON = road.START


@pytest.fixture
def house(own_database: str) -> Cast:
    """People in a database of their own, to which threads commit."""
    return make_cast()


def delegating(cast: Cast, first: int) -> Callable[[], Any]:
    """The leader is away for five days, from so many days on."""
    assert cast.chief.person_id is not None
    mandate = delegations.Mandate(
        taker_id=cast.chief.person_id,
        starts_on=ON + timedelta(first),
        ends_on=ON + timedelta(first + 4),
        programmes=["URBAN_ALLOWANCE"],
        basis="会议纪要",
    )
    return lambda: delegations.delegate(mandate, actor=cast.leader, on=ON)


@pytest.mark.parametrize("second", [0, 2])
def test_of_two_delegations_of_the_same_days_one_counts(house: Cast, second: int) -> None:
    with meeting_at("cases.operations.delegations._tell"):
        outcomes = together(delegating(house, 0), delegating(house, second))
    told = [type(o).__name__ for o in outcomes if isinstance(o, Exception)]
    assert (Delegation.objects.count(), told) == (1, ["Refused"])


def test_two_clicks_on_a_delegation_are_no_failure_of_the_server(house: Cast) -> None:
    sent = {
        "taker": str(house.chief.person_id), "starts_on": str(ON), "ends_on": str(ON),
        "programmes": "URBAN_ALLOWANCE", "basis": "会议纪要",
    }  # fmt: skip
    clients = [house.client("leader"), house.client("leader")]
    for client in clients:
        client.raise_request_exception = False
    with at(ON), meeting_at("cases.operations.delegations._tell"):
        answers = together(*[lambda c=c: c.post("/desk/delegate/", sent) for c in clients])
    assert sorted(a.status_code for a in answers) == [302, 409]


def entering(cast: Cast) -> Callable[[], Any]:
    """One relative of the head of the committee."""
    assert cast.head.post_id is not None
    relative = kin.Relative(
        post_id=cast.head.post_id,
        name="演练乙",
        relation="SIBLING",
        identity=identity_numbers.clean(road.number(3, is_male=False), today=ON),
    )
    return lambda: kin.register_relative(relative, actor=cast.staff, on=ON)


def test_of_two_entries_of_one_relative_one_counts(house: Cast) -> None:
    with meeting_at("cases.operations.kin.record"):
        together(entering(house), entering(house))
    assert StaffRelative.objects.count() == 1


def test_control_without_the_lock_one_relative_is_entered_twice(
    house: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cases.operations.kin.hold_people", lambda digests: None)
    with meeting_at("cases.operations.kin.record"):
        together(entering(house), entering(house))
    assert StaffRelative.objects.count() == 2


def test_control_without_the_lock_overlapping_days_are_given_twice(
    house: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cases.operations.delegations.one_at_a_time", lambda actor: None)
    with meeting_at("cases.operations.delegations._tell"):
        together(delegating(house, 0), delegating(house, 2))
    assert Delegation.objects.count() == 2


def test_two_clicks_on_a_withdrawal_are_no_failure_of_the_server(house: Cast) -> None:
    row = entering(house)()
    clients = [house.client("staff"), house.client("staff")]
    for client in clients:
        client.raise_request_exception = False
    url = f"/kin/{row.pk}/withdraw/"
    with at(ON), meeting_at("cases.operations.kin.record"):
        answers = together(*[lambda c=c: c.post(url, {"reason": "录错"}) for c in clients])
    assert sorted(a.status_code for a in answers) == [302, 422]


def test_of_two_long_term_lists_of_one_day_one_hangs(house: Cast) -> None:
    case = road.approved(house)
    assert case.decided_on is not None
    on = case.decided_on + timedelta(40)

    def posting() -> StandingNotice:
        return post_standing(place="公示栏", photo=None, actor=house.clerk, on=on)

    with meeting_at("cases.operations.standing_notices.record"):
        together(posting, posting)
    assert StandingNotice.objects.count() == 1


def test_control_without_the_lock_two_lists_of_one_day_hang(
    house: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cases.operations.standing_notices.one_at_a_time", lambda village: None)
    case = road.approved(house)
    assert case.decided_on is not None
    on = case.decided_on + timedelta(40)

    def posting() -> StandingNotice:
        return post_standing(place="公示栏", photo=None, actor=house.clerk, on=on)

    with meeting_at("cases.operations.standing_notices.record"):
        together(posting, posting)
    assert StandingNotice.objects.count() == 2
