"""What the interface holds back of money, of groups and of months (5(8)), each guard with a twin:
with the guard away, the household's number is told."""

import threading
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.models import Benefit
from funds.models import Recovery
from supervision.reports import disclosure
from supervision.reports import kept as readings
from supervision.rules.figures import FIGURES
from tests.api.clients import register
from tests.cast import Cast, make_cast, unit
from tests.races.arena import CERTAIN, PATIENCE, together
from tests.supervision.asking import ROOT, caller, households, lines, value
from tests.supervision.district import BARE, settle
from tests.supervision.ground import MONTH, ON, Ground
from yuquan_relief.kernel.models import Unit

MONEY = ("paid", "paid_lines", "person_months", "paid_in_time", "paid_in_full")
ALL_YEAR = [date(2026, n, 1) for n in range(1, 12)]
DESTITUTE = "RURAL_DESTITUTE"


pytestmark = pytest.mark.usefixtures("that_day")


def homes(ground: Ground, count: int, village: Unit | None = None, **changes: Any) -> list[Benefit]:
    """So many households that are in benefit."""
    return [ground.benefit(village=village or ground.cast.village, **changes) for _ in range(count)]


def paid(ground: Ground, to: list[Benefit], *months: date, back: int = 0) -> None:
    """They were paid by the lists of these months; to the first so many the bank did not pay."""
    for month in months or (MONTH,):
        batch = ground.batch(
            office=to[0].office, month=month, programme=to[0].programme, state="OPEN", serial=1,
            closed_on=None,
        )  # fmt: skip
        for place, benefit in enumerate(to):
            ground.line(batch, benefit, state="RETURNED" if place < back else "PAID")
        settle(batch, "CLOSED")


def told(client: Client, group: str, **query: str) -> dict[tuple[str, str], Any]:
    """Code and group → what is told of the part; one question."""
    answer = client.get(f"{ROOT}{group}/", query)
    assert answer.status_code == 200, answer.content
    return {(row["code"], row["group"]): row["numerator"] for row in answer.json()["values"]}


def third(cast: Cast) -> Unit:
    """The village of a third office."""
    office = unit("丙街道", "OFFICE", "159900003", cast.district)
    return unit("丙社区", "COMMUNITY", "159900003001", office)


# ------------------------------------------------------------------ what is behind an amount


@pytest.mark.parametrize("months", [[MONTH], ALL_YEAR], ids=["a month", "a year"])
def test_what_one_household_got_is_not_told(
    cast: Cast, ground: Ground, months: list[date], monkeypatch: pytest.MonkeyPatch
) -> None:
    paid(ground, homes(ground, 1, programme=DESTITUTE), *months)
    paid(ground, homes(ground, 6, cast.foreign_village, programme=DESTITUTE), *months)
    paid(ground, homes(ground, 9, third(cast), programme=DESTITUTE), *months)
    asked = {"by": "office", "programme": DESTITUTE}
    found = told(caller(cast), "payouts", **asked)
    for code in MONEY:
        assert found[code, cast.office.code] is None, code
        assert found[code, cast.other_office.code] is None, code  # or the sum less it tells
        assert found[code, "159900003"], code  # nine are many
    monkeypatch.setattr(disclosure, "is_few", lambda parts: False)
    found = told(caller(cast, name="twin"), "payouts", **asked)
    assert found["paid", cast.office.code] == len(months) * 400_00


def test_eleven_lines_of_one_household_are_one_household(
    cast: Cast, ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    paid(ground, homes(ground, 1), *ALL_YEAR)
    assert told(caller(cast), "payouts")["paid", ""] is None
    for code in MONEY:
        monkeypatch.setitem(FIGURES, code, replace(FIGURES[code], homes=""))
    readings._kept.clear()  # what was read by the other definition
    assert told(caller(cast, name="twin"), "payouts")["paid", ""] == 11 * 400_00


def test_many_households_of_small_offices_are_many(cast: Cast, ground: Ground) -> None:
    """Three and four: no list has five lines, but the month has seven households."""
    paid(ground, homes(ground, 3), *ALL_YEAR)
    paid(ground, homes(ground, 4, cast.foreign_village), *ALL_YEAR)
    assert told(caller(cast), "payouts")["paid", ""] == 11 * 7 * 400_00


def test_what_one_household_did_not_get_is_not_told(
    cast: Cast, ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole less the part is the one that the bank has sent back."""
    paid(ground, homes(ground, 9), back=1)
    found = told(caller(cast), "payouts")
    assert found["paid_in_full", ""] is found["returned", ""] is found["returned_lines", ""] is None
    assert found["paid", ""] == 8 * 400_00
    monkeypatch.setattr(disclosure, "is_few", lambda parts: False)
    found = told(caller(cast, name="twin"), "payouts")
    assert (found["paid_in_full", ""], found["returned", ""]) == (8 * 400_00, 400_00)


@pytest.mark.parametrize(("count", "persons", "shown"), [(1, 6, None), (5, 1, 5), (0, 1, 0)])
def test_persons_are_judged_by_their_households(
    cast: Cast,
    ground: Ground,
    count: int,
    persons: int,
    shown: int | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    homes(ground, count, persons=persons)
    assert value(caller(cast), "persons") == shown
    monkeypatch.setitem(FIGURES, "persons", replace(FIGURES["persons"], count=""))
    assert value(caller(cast, name="twin"), "persons") == count * persons


@pytest.mark.parametrize(("count", "behind"), [(1, 0), (6, 0), (6, 1)])
def test_what_few_paid_back_is_not_told(
    cast: Cast, ground: Ground, count: int, behind: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for at_ in range(count):
        benefit = ground.benefit()
        Recovery.objects.create(
            no=f"ZJ-{at_}", district=cast.district, office=cast.office, state="TOLD",
            state_since=ON, opened_on=ON, told_on=ON, told_how="DIRECT", told_to="本人",
            reason="多发", benefit=benefit, household=benefit.household, amount_fen=900_00,
            received_fen=500_00 if at_ < behind else 900_00,
        )  # fmt: skip
    is_told = count == 6 and not behind
    assert (told(caller(cast), "funds")["recovered", ""] is not None) == is_told
    monkeypatch.setattr(disclosure, "is_few", lambda parts: False)
    assert told(caller(cast, name="twin"), "funds")["recovered", ""] is not None


# ------------------------------------------------------------------ groups like a question alone


def test_by_month_tells_no_more_of_what_stands_than_without(
    cast: Cast, ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    households(ground, 3)
    households(ground, 9, cast.foreign_village)
    client, other = caller(cast), cast.other_office.code
    assert value(client) == 12
    for by in ("", "month"):
        (row,) = lines(client, "in_benefit", office=other, by=by)
        assert (row["group"], row["value"]) == ("", None)
    monkeypatch.setattr(disclosure, "beside_small", lambda rows, memory: set())
    (row,) = lines(client, "in_benefit", office=other, by="month")
    assert row["value"] == 9


@pytest.mark.parametrize("by", ["office", "programme"])
def test_groups_are_looked_at_along_what_was_chosen_too(
    cast: Cast, ground: Ground, by: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the office eleven, nine of them of one programme: two are of the other."""
    households(ground, 9)
    households(ground, 2, programme="RURAL_ALLOWANCE")
    households(ground, 8, cast.foreign_village)
    client = caller(cast)
    asked = {"by": by, "office": cast.office.code, "programme": "URBAN_ALLOWANCE"}
    (row,) = lines(client, "in_benefit", **asked)
    assert row["value"] is None
    monkeypatch.setattr(disclosure, "beside_small", lambda rows, memory: set())
    assert lines(client, "in_benefit", **asked)[0]["value"] == 9


def decided(ground: Ground, months: dict[date, int], village: Unit | None = None) -> None:
    """So many cases were decided in those months."""
    for month, count in months.items():
        for _ in range(count):
            home = ground.home(village=village)
            ground.case(home, decided_on=month.replace(day=9), without=BARE)


def test_months_are_joined_by_each_office(
    cast: Cast, ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the district every month is many; of the office, October is three."""
    august, september, october = (date(2026, n, 1) for n in (8, 9, 10))
    decided(ground, {august: 7, september: 15, october: 3})
    decided(ground, dict.fromkeys((august, september, october), 9), cast.foreign_village)

    def asked(client: Client) -> list[int | None]:
        periods = [("2026-08", "2026-10"), ("2026-08", "2026-08"), ("2026-09", "2026-09")]
        return [
            told(client, "deadlines", by="office", **{"from": first, "to": last})[
                "decided", cast.office.code
            ]
            for first, last in periods
        ]

    assert None in asked(caller(cast))
    monkeypatch.setattr(disclosure, "divides", lambda joined, by, cell: False)
    assert asked(caller(cast, name="twin")) == [25, 7, 15]  # and so three


def test_blocks_do_not_begin_anew_in_january(
    cast: Cast, ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    decided(ground, {date(2025, 11, 1): 10, date(2025, 12, 1): 2, date(2026, 1, 1): 5})

    def asked(client: Client) -> list[int | None]:
        periods = [("2025-11", "2026-01"), ("2025-11", "2025-11"), ("2026-01", "2026-01")]
        return [
            told(client, "deadlines", **{"from": first, "to": last})["decided", ""]
            for first, last in periods
        ]

    assert asked(caller(cast)) == [17, 10, None]
    monkeypatch.setattr(disclosure, "EPOCH", date(2026, 1, 1))
    assert asked(caller(cast, name="twin")) == [17, 10, 5]  # and so two


# ------------------------------------------------------------------ what was told before


def test_beside_what_an_earlier_answer_would_give_away_another_goes(
    cast: Cast, ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    households(ground, 6)
    households(ground, 8, cast.foreign_village)
    households(ground, 9, third(cast))
    ground.benefit(start_month=MONTH, paid_with=MONTH)
    client = caller(cast)
    for month in ("2026-10", "2026-11"):
        rows = lines(client, "in_benefit", by="office", to=month)
        assert [row["value"] for row in rows] == {
            "2026-10": [6, 8, 9], "2026-11": [None, None, 9],
        }[month]  # fmt: skip
    assert value(client, to="2026-11") == 24
    other = {"office": cast.other_office.code, "to": "2026-11"}
    assert value(client, **other) is None
    monkeypatch.setattr(disclosure, "complements", lambda cells, sizes: list(cells))
    assert value(client, **other) == 8  # 24 less 8 less 9 are 7, where there were 6


@pytest.mark.parametrize("is_held", [True, False])
def test_two_questions_at_once_know_of_each_other(
    own_database: str, monkeypatch: pytest.MonkeyPatch, is_held: bool
) -> None:
    cast = make_cast()
    ground = Ground(cast)
    households(ground, 6)
    ground.benefit(start_month=MONTH, paid_with=MONTH)
    token = register(cast, "supervisor", scopes="stats")
    recall, barrier = disclosure.Memory.recall, threading.Barrier(2)

    def met(self: disclosure.Memory, cells: Any) -> None:
        recall(self, cells)
        with suppress(threading.BrokenBarrierError):
            barrier.wait(PATIENCE if is_held else CERTAIN)

    monkeypatch.setattr(disclosure.Memory, "recall", met)
    if not is_held:
        monkeypatch.setattr(disclosure, "hold_client", lambda client: None)

    def ask(month: str) -> int | None:
        return value(Client(headers={"Authorization": f"Token {token}"}), to=month)

    found = together(lambda: ask("2026-10"), lambda: ask("2026-11"))
    if is_held:
        assert found in ([6, None], [None, 7])
    else:
        assert found == [6, 7]  # and so one


# ------------------------------------------------------------------ few statements


def test_a_question_takes_few_statements(cast: Cast, ground: Ground) -> None:
    """However many offices there are, and figures: the figures, what is beside them by office and
    by programme, the months, the lock, what was told and what is told now."""
    households(ground, 6)
    households(ground, 7, cast.foreign_village)
    client = caller(cast)
    asked = {"by": "office", "office": cast.office.code, "programme": "URBAN_ALLOWANCE"}
    client.get(f"{ROOT}overview/", asked)
    with CaptureQueriesContext(connection) as captured:
        client.get(f"{ROOT}overview/", asked)
    about = [q["sql"] for q in captured if "FILTER" in q["sql"] or "advisory" in q["sql"]
             or "statquery" in q["sql"]]  # fmt: skip
    assert len(about) <= 7, "\n".join(about)
