"""G15: next year's days off, pasted; what moves is right for two hundred cases (ux 4.1)."""

import random
from datetime import date, timedelta

from cases.models import Case
from tests.cast import Cast
from tests.supervision.ground import Ground
from yuquan_relief.kernel.calendars import known_days, work_calendar

OFF = [date(2027, 1, 1), date(2027, 1, 2), date(2027, 1, 3)] + [
    date(2027, 2, 5) + timedelta(days=n) for n in range(8)
]
BACK = [date(2027, 1, 30), date(2027, 2, 20)]
PASTED = "\n".join([*(f"{d} 休 节日" for d in OFF), *(f"{d} 班 调休" for d in BACK)])
LIMIT = 30


def counted(start: date) -> date:
    """The thirtieth working day after the start, one day after another."""
    known = known_days(2026) | dict.fromkeys(OFF, (False, "")) | dict.fromkeys(BACK, (True, ""))
    day, left = start, LIMIT
    while left:
        day += timedelta(days=1)
        left -= known[day][0] if day in known else day.weekday() < 5
    return day


def test_what_the_preview_says_is_right_for_two_hundred_cases(cast: Cast) -> None:
    dice, ground, calendar = random.Random(20270101), Ground(cast), work_calendar()
    expected = {}
    for _ in range(200):
        start = date(2026, 11, 1) + timedelta(days=dice.randrange(60))
        before = calendar.due(start, LIMIT, _workday(), []).on
        case = ground.case(
            state="INVESTIGATING", without="notices means appraisal account survey",
            submitted_on=start, accepted_on=start, due_on=before,
            due_is_provisional=before.year > 2026,
        )  # fmt: skip
        expected[case.no] = (before, counted(start))
    client = cast.client("supervisor")
    typed = {"year": "2027", "source": "国办发明电〔2026〕7 号", "days": PASTED}
    page = client.post("/settings/calendar/", typed)
    said = {move.key: (move.before, move.after) for move in page.context["preview"]}
    moved = {no: pair for no, pair in expected.items() if pair[0] != pair[1]}
    assert {no: said[no] for no in moved} == moved
    still = {no for no, pair in said.items() if pair[0] == pair[1]}  # only no longer provisional
    assert still | set(moved) == set(said)
    assert len(moved) > 50
    client.post("/settings/calendar/", typed | {"confirm": "1"})  # the second and last click
    for no, due in Case.objects.filter(no__in=expected).values_list("no", "due_on"):
        assert due == expected[no][1], no


def _workday() -> object:
    from yuquan_relief.kernel.workdays import LimitUnit

    return LimitUnit.WORKDAY
