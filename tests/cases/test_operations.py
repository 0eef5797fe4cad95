"""Every act: by whom it may not, from where it may not, twice, early, late."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from cases.models import (
    Case,
)
from cases.operations import decisions
from tests import road
from tests.cases.acts import ACTS
from tests.cases.stages import (
    Act,
    late,
)
from tests.cast import Cast
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event

FOREIGN = {
    "clerk": "foreign_clerk",
    "head": "foreign_clerk",
    "staff": "foreign_staff",
    "surveyor": "foreign_staff",
    "leader": "foreign_leader",
}


def take(cast: Cast, act: Act, case: Case, who: str) -> Any:
    return act.call(road.fresh(case), cast.actors[who], cast.proof(who), late(road.fresh(case)))


@pytest.mark.parametrize("name", sorted(ACTS))
def test_act_by_whoever_may_leaves_one_event(cast: Cast, name: str) -> None:
    act = ACTS[name]
    case = act.before(cast)
    take(cast, act, case, act.who)
    assert Event.objects.of("case", case.no).filter(action=name).count() == 1
    assert road.fresh(case).version > case.version


@pytest.mark.parametrize("name", sorted(ACTS))
def test_act_without_permission_changes_nothing(cast: Cast, name: str) -> None:
    act = ACTS[name]
    case = act.before(cast)
    before = road.fresh(case)
    with pytest.raises(PermissionDenied):
        take(cast, act, case, "auditor")
    assert (road.fresh(case).state, road.fresh(case).version) == (before.state, before.version)


@pytest.mark.parametrize("name", sorted(set(ACTS) - {"return_means_check"}))
def test_act_from_another_township_finds_nothing(cast: Cast, name: str) -> None:
    act = ACTS[name]
    case = act.before(cast)
    with pytest.raises(Case.DoesNotExist):
        take(cast, act, case, FOREIGN[act.who])


@pytest.mark.parametrize("name", sorted(n for n, a in ACTS.items() if a.again))
def test_act_twice_in_a_row_is_refused_with_a_reason(cast: Cast, name: str) -> None:
    act = ACTS[name]
    case = act.before(cast)
    take(cast, act, case, act.who)
    with pytest.raises(Refused) as refusal:
        take(cast, act, case, act.who)
    assert refusal.value.reason
    assert Event.objects.of("case", case.no).filter(action=name).count() == 1


@pytest.mark.parametrize("days", [0, 1, 40])
def test_on_the_due_day_and_after_it_an_act_still_goes_through(cast: Cast, days: int) -> None:
    case = road.to_decide(cast)
    assert case.due_on is not None
    on = case.due_on + timedelta(days=days)
    decisions.approve(case.no, actor=cast.leader, on=on, proof=cast.proof("leader"))
    assert road.fresh(case).state == "APPROVED"


def test_overdue_is_decided_when_read(cast: Cast) -> None:
    case = road.accepted(cast)
    assert case.due_on is not None
    assert not Case.objects.overdue(case.due_on).exists()
    assert Case.objects.overdue(case.due_on + timedelta(days=1)).get() == case
