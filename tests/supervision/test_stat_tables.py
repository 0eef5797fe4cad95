"""Monthly, quarterly and yearly tables (domain 12.1, 5(8)): equal to a count by hand, to the board
and to the interface, to the last digit; stock and flow agree."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.db import transaction
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from supervision.models import StatQuery
from supervision.reports.board import Asked, board
from supervision.reports.stat_tables import fill
from supervision.rules.stat_tables import (
    ALLOWANCE,
    DESTITUTE,
    RELIEF,
    SUPERVISION,
    StatTable,
    months_of,
)
from tests.api.clients import api_client
from tests.supervision import recount
from tests.supervision.district import District, standing
from tests.supervision.ground import MONTH, ON
from tests.supervision.oracle import Oracle, Question
from tests.supervision.recount import after, end_of

Cells = dict[str, dict[str, int | None]]
MONTHS = [date(2026, n, 1) for n in range(1, 12)]
PERIODS = [("M", 10), ("M", 11), ("M", 3), ("Q", 2), ("Q", 3), ("Y", 1)]


@pytest.fixture(scope="module")
def made(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, worker_name: str
) -> Iterator[District]:
    """The district, made once."""
    with standing(django_db_blocker, worker_name, 12) as district:
        yield district


@pytest.fixture
def district(made: District) -> Iterator[District]:
    """The same; what a test writes is undone."""
    with transaction.atomic():
        yield made
        transaction.set_rollback(True)


def filled(table: StatTable, district: District, first: date, last: date) -> Cells:
    """The table by row and column."""
    found = fill(table, district.cast.district, first, last)
    codes = [code for code, _, _ in found["heads"]]
    rows = {r["code"]: dict(zip(codes, r["cells"], strict=True)) for r in found["rows"]}
    return rows | {"": dict(zip(codes, found["sums"], strict=True))}


# ------------------------------------------------------------------ stock and flow


@pytest.mark.parametrize("what", ["households", "persons"])
@pytest.mark.parametrize("table", [ALLOWANCE, DESTITUTE], ids=lambda t: t.code)
def test_stock_is_that_of_the_month_before_and_new_less_left(
    district: District, table: StatTable, what: str
) -> None:
    moved = next(b for b in district.benefits if b.programme == "URBAN_ALLOWANCE"
                 and not b.end_month and b.start_month < date(2026, 6, 1))  # fmt: skip
    type(moved).objects.filter(pk=moved.pk).update(end_month=date(2026, 6, 1))
    district.ground.benefit(
        moved.household, programme="RURAL_ALLOWANCE", start_month=date(2026, 7, 1),
        paid_with=date(2026, 7, 1), continues=moved, persons=moved.persons,
    )  # fmt: skip
    before = filled(table, district, date(2025, 12, 1), date(2025, 12, 1))
    wrong, flows = [], 0
    for month in MONTHS:
        now = filled(table, district, month, month)
        for code, _ in table.rows:
            cells = now[code]
            new, left = cells[f"new_{what}"], cells[f"left_{what}"]
            flows += (new or 0) + (left or 0)
            if cells[what] != (before[code][what] or 0) + (new or 0) - (left or 0):
                wrong.append((month, code, before[code][what], new, left, cells[what]))
        before = now
    assert wrong == []
    assert flows > 10


@pytest.mark.parametrize("what", ["households", "persons"])
def test_flow_of_a_year_is_that_of_its_months(district: District, what: str) -> None:
    year = filled(ALLOWANCE, district, MONTHS[0], MONTHS[-1])
    for code, _ in ALLOWANCE.rows:
        for flow in (f"new_{what}", f"left_{what}"):
            months = sum(filled(ALLOWANCE, district, m, m)[code][flow] or 0 for m in MONTHS)
            assert year[code][flow] == months


# ------------------------------------------------------------------ by hand


@pytest.mark.parametrize(("period", "number"), PERIODS)
@pytest.mark.parametrize("table", [ALLOWANCE, DESTITUTE], ids=lambda t: t.code)
def test_stock_and_money_are_those_counted_by_hand(
    district: District, table: StatTable, period: str, number: int
) -> None:
    first, last = months_of(period, 2026, number)
    found, where = filled(table, district, first, last), district.cast.district
    for code, _ in table.rows:
        true = recount.stock(where, code, last) | recount.money(where, code, first, last)
        paid, people = true.get("fen", 0), true.get("person_months", 0)
        true["mean_fen"] = paid // people if people else 0
        given = {c: n for c, n in found[code].items() if "_house" not in c and c[:3] != "new"}
        given = {c: n for c, n in given.items() if c not in ("left_persons", "standard_fen")}
        assert given == {c: true.get(c, 0) for c in given}, code
        assert "standard_fen" not in found[code] or (found[code]["standard_fen"] or 0) > 0
    for name in ("households", "persons", "fen", "person_months"):
        assert found[""][name] == sum(found[code][name] or 0 for code, _ in table.rows)


@pytest.mark.parametrize(("period", "number"), PERIODS)
def test_relief_is_that_counted_by_hand(district: District, period: str, number: int) -> None:
    first, last = months_of(period, 2026, number)
    found = filled(RELIEF, district, first, last)
    for code, _ in RELIEF.rows:
        true = recount.relief(district.cast.district, code, first, last)
        times = true.get("times", 0)
        true["mean_fen"] = true["fen"] // times if times else 0
        assert found[code] == {c: true.get(c, 0) for c in found[code]}, code


# ------------------------------------------------------------------ the same as everywhere


@pytest.mark.parametrize(("period", "number"), PERIODS[:-1])
def test_supervision_is_that_of_the_figures_of_each_office(
    district: District, period: str, number: int
) -> None:
    """Also of a month that is not over: to today, as the board and the interface have it."""
    first, last = months_of(period, 2026, number)
    found, oracle = filled(SUPERVISION, district, first, last), Oracle(district.cast.district.pk)
    wrong = []
    for office in district.offices:
        asked = Question(first, min(end_of(last), ON), office.pk)
        for column in SUPERVISION.heads:
            n, whole = oracle.answer(column.code, asked)
            share = round(n / whole * 10_000) if whole else None
            true = share if column.unit == "%" else n
            if found[str(office.pk)][column.code] != true:
                wrong.append((office.name, column.code, found[str(office.pk)][column.code], true))
    assert wrong == []


@pytest.mark.parametrize(("period", "number"), PERIODS[:-1])
def test_the_last_line_is_that_of_the_whole_district(
    district: District, period: str, number: int
) -> None:
    first, last = months_of(period, 2026, number)
    found = filled(SUPERVISION, district, first, last)[""]
    oracle = Oracle(district.cast.district.pk)
    asked, told = Question(first, min(end_of(last), ON)), 0
    for column in SUPERVISION.heads:
        n, whole = oracle.answer(column.code, asked)
        share = round(n / whole * 10_000) if whole else None
        assert found[column.code] == (share if column.unit == "%" else n), column.code
        told += bool(whole)
    assert told >= 2


def line(client: Client, group: str, code: str, month: date, **more: str) -> dict[str, int]:
    """One line of the interface's answer."""
    StatQuery.objects.all().delete()
    query = {"from": f"{month:%Y-%m}", "to": f"{month:%Y-%m}", **more}
    answer = client.get(f"/api/v1/stats/{group}/", query)
    assert answer.status_code == 200
    found: dict[str, int] = next(v for v in answer.json()["values"] if v["code"] == code)
    return found


def test_the_table_equals_board_and_interface_to_the_last_digit(district: District) -> None:
    client, told = api_client(district.cast, "supervisor", scopes="read stats"), 0
    columns = (
        ("households", "overview", "in_benefit"), ("persons", "overview", "persons"),
        ("fen", "payouts", "paid"), ("person_months", "payouts", "person_months"),
    )  # fmt: skip
    for month in MONTHS[-4:]:
        for table in (ALLOWANCE, DESTITUTE):
            cells = filled(table, district, month, month)
            for programme, _ in table.rows:
                asked = Asked(month=month, programme=programme)
                shown = board(district.cast.supervisor, ON, asked)
                assert shown.values["in_benefit"].numerator == cells[programme]["households"]
                assert shown.values["paid"].numerator == cells[programme]["year_fen"]
                for column, group, code in columns:
                    value = line(client, group, code, month, programme=programme)
                    if not value["suppressed"]:
                        told += 1
                        assert value["value"] == cells[programme][column], (month, code)
    assert told > 30


def test_a_district_without_anything_has_a_table_of_noughts(district: District) -> None:
    other = district.foreign.district
    type(district.foreign).objects.filter(pk=district.foreign.pk).update(end_month=MONTHS[0])
    for table in (ALLOWANCE, DESTITUTE, RELIEF):
        found = fill(table, other, MONTH, MONTH)
        standard = [code for code, _, _ in found["heads"]].index("standard_fen") \
            if table is ALLOWANCE else None  # fmt: skip
        for row in found["rows"]:
            assert {n for at, n in enumerate(row["cells"]) if at != standard} <= {0}, row
    assert after(MONTH) == date(2026, 12, 1)
