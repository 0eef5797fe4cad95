"""C20: no clock for 72 hours, and two clocks at once."""

import subprocess
import sys
from datetime import date, timedelta

import pytest

from cases.models import Case
from cases.operations import notices
from tests import databases, road
from tests.cast import Cast, make_cast
from tests.outbox.conftest import Lab
from yuquan_relief.kernel import duties
from yuquan_relief.kernel.models import Event, Reminder


def hung_up(cast: Cast, serial: int) -> Case:
    """A case whose review notice hangs since the start of the road."""
    case = road.investigated(cast, serial)
    notices.post_notice(
        case.no,
        "post_review_notice",
        place="社区公示栏",
        photo=road.photo((serial, 2, 3)),
        actor=cast.clerk,
        on=road.START,
    )
    return road.fresh(case)


def done_once() -> bool:
    """No notice was ended twice and nobody was told the same twice."""
    closed = Event.objects.filter(action="close_review_notice").values_list("subject_key")
    told = Reminder.objects.values_list("rule", "subject_key", "due_on", "role_code")
    return len(closed) == len(set(closed)) and len(told) == len(set(told))


@pytest.mark.clause("3(4)")
def test_a_clock_that_slept_for_72_hours_catches_up_once(cast: Cast) -> None:
    cases = [hung_up(cast, serial) for serial in (1, 2)]
    last = cases[0].notices.get().last_day
    duties.run_all(last)
    assert {road.fresh(c).state for c in cases} == {"REVIEW_NOTICE"}
    duties.run_all(last + timedelta(days=4))  # it should have run on the next three days
    assert {road.fresh(c).state for c in cases} == {"TO_PROPOSE"}
    assert duties.run_all(last + timedelta(days=4))["close_notices"] == 0
    assert done_once()


@pytest.mark.clause("4(1).1")
def test_a_clock_that_slept_tells_what_is_overdue(cast: Cast) -> None:
    case = road.accepted(cast)
    assert case.due_on is not None
    duties.run_all(case.due_on + timedelta(days=3))
    rules = set(Reminder.objects.filter(subject_key=case.no).values_list("rule", flat=True))
    assert rules == {"deadline-1"}
    assert duties.run_all(case.due_on + timedelta(days=3))["deadline_ladder"] == 0


@pytest.mark.clause("3(4)")
def test_two_clocks_at_once_do_everything_once(lab: Lab) -> None:
    cast = make_cast()
    cases = [hung_up(cast, serial) for serial in range(1, 3)]
    day = str(road.START + timedelta(days=60))
    command = [sys.executable, "manage.py", "run_duties", "--on", day]
    clocks = [
        subprocess.Popen(
            command, cwd=databases.ROOT, env=lab.environment(), stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    said = [clock.communicate(timeout=90)[0] for clock in clocks]
    assert [clock.returncode for clock in clocks] == [0, 0], said
    assert {road.fresh(c).state for c in cases} == {"TO_PROPOSE"}
    assert sum("close_notices，依据 3(4)）：办了 2 件" in text for text in said) == 1
    assert done_once()
    assert Reminder.objects.exists()


@pytest.mark.deep
def test_two_beats_of_one_minute_do_a_job_once(lab: Lab) -> None:
    lab.bell.client.flushall()
    numbers = [lab.order(f"well-{i}") for i in range(6)]
    lab.bell.client.flushall()
    for _ in range(4):
        lab.ring_sweep()
    lab.hire()
    lab.until_done(*numbers)
    assert lab.effects() == dict.fromkeys(numbers, 1)


def test_a_duty_asks_the_day_and_not_the_tick(cast: Cast) -> None:
    """Days before and after give the same answer whatever ran in between."""
    road.accepted(cast)
    quiet = duties.run_all(date(2026, 9, 22))
    assert quiet["close_notices"] == 0
    assert quiet["deadline_ladder"] == 0
