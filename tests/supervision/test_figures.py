"""One number on the board, in its list, in the list's file and by the interface (5(8)), for 200
filters drawn by a seed over a district drawn by a seed; and each once more by another way."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any

import pytest
from django.core.cache import cache as store
from django.db import connection
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from cases.rules.months import next_month
from cases.rules.programmes import CHOICES
from supervision.models import StatQuery
from supervision.reports.board import MONTH, PERIODS, STATE, Asked, board
from supervision.rules.figures import FIGURES, GROUPS
from tests.api.clients import api_client
from tests.supervision.district import District, standing
from tests.supervision.ground import MONTH as NOW
from tests.supervision.ground import ON
from tests.supervision.oracle import Oracle, Question

FILTERS, SEED = 200, 20_261_127
SUMS = {code for code, figure in FIGURES.items() if figure.agg.startswith("sum(")}
GROUP_OF = {code: group for group, codes in GROUPS.items() for code in codes}
STARTS = [date(2025, 12, 1), *(date(2026, n, 1) for n in (3, 7, 8, 9, 10, 11, 11))]


@dataclass(frozen=True)
class Wanted:
    """One filter: a figure over the period of its kind."""

    code: str
    month: date
    office: int | None
    programme: str
    whole: bool

    @property
    def kind(self) -> str:
        """Over what the board takes it; what is not on the board, over the year."""
        return PERIODS.get(self.code, "year")

    @property
    def first(self) -> date:
        """The first day."""
        return self.month if self.kind in (STATE, MONTH) else self.month.replace(month=1)

    @property
    def last(self) -> date:
        """The last day: of the month, and not after today; what is as it stands is of today."""
        if self.kind == STATE:
            return ON
        return min(next_month(self.month) - timedelta(days=1), ON)

    @property
    def url(self) -> str:
        """The list's address."""
        parts = [f"month={self.month:%Y-%m}", f"whole={int(self.whole)}"]
        parts += [f"office={self.office}"] if self.office else []
        parts += [f"programme={self.programme}"] if self.programme else []
        return f"/figures/{self.code}/?{'&'.join(parts)}"


@pytest.fixture(scope="module")
def district(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, worker_name: str
) -> Iterator[District]:
    """The district, made once."""
    with standing(django_db_blocker, worker_name, SEED) as made:
        yield made


@pytest.fixture(scope="module")
def wanted(district: District) -> list[Wanted]:
    """Every figure at least five times, over everything and over parts."""
    random = Random(SEED)
    codes = [code for code in FIGURES for _ in range(5)]
    codes += random.choices(list(FIGURES), k=FILTERS - len(codes))
    offices = [None, None, *(unit.pk for unit in district.offices)]
    programmes = ["", "", *(code for code, _ in CHOICES)]
    return [
        Wanted(code, random.choice(STARTS), random.choice(offices), random.choice(programmes),
               FIGURES[code].is_share and random.random() < 0.4)
        for code in codes
    ]  # fmt: skip


@pytest.fixture(scope="module")
def ways(district: District) -> "Ways":
    """The ways to ask."""
    return Ways(district)


@pytest.fixture(scope="module")
def oracle(district: District) -> Oracle:
    """The other way."""
    return Oracle(district.cast.district.pk)


# ------------------------------------------------------------------ five ways to one number


class Ways:
    """The ways to ask, each with its own caller."""

    def __init__(self, district: District) -> None:
        self.district, self.actor = district, district.cast.supervisor
        self.browser = district.cast.client("supervisor")
        self.program = api_client(district.cast, "supervisor", name="ways", scopes="read stats")
        self.codes = {unit.pk: unit.code for unit in district.offices}
        self.board = cache(self._board)

    def _board(self, month: date, office: int | None, programme: str) -> Any:
        return board(self.actor, ON, Asked(month=month, office_id=office, programme=programme))

    def on_board(self, one: Wanted) -> tuple[int, int | None] | None:
        """As the board has it: from the office's own and from the row of the whole district."""
        if one.code not in PERIODS:
            return None
        value = self.board(one.month, one.office, one.programme).values[one.code]
        if one.office:
            row = self.board(one.month, None, one.programme).by_office[one.code].get(one.office)
            beside = (row.numerator, row.denominator or 0) if row else (0, 0)
            assert beside == (value.numerator, value.denominator or 0), one
        return value.numerator, value.denominator

    def listed(self, one: Wanted) -> list[str]:
        """The numbers of the rows on all pages of the list."""
        keys: list[str] = []
        page = 1
        while page:
            context = self.browser.get(f"{one.url}&page={page}").context
            keys += [row[1].text for row in context["table"].rows]
            page = page + 1 if context["pager"].next_url else 0
        return keys

    def exported(self, one: Wanted) -> list[str]:
        """The same of the file."""
        answer = self.browser.get(f"{one.url}&as=csv")
        content = answer.getvalue() if answer.streaming else answer.content
        head, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig")))
        assert head[1] == "编号"
        return [row[1] for row in rows]

    def by_interface(self, one: Wanted) -> dict[str, Any] | None:
        """The line of the interface's answer; nothing of what it told before is remembered."""
        if one.code not in GROUP_OF:
            return None
        StatQuery.objects.all().delete()
        store.clear()
        return asked(self.program, one, self.codes)


def asked(program: Client, one: Wanted, codes: dict[int, str], **more: str) -> dict[str, Any]:
    """The figure's line for the months of the filter."""
    query = {"from": f"{one.first:%Y-%m}", "to": f"{one.last:%Y-%m}", **more}
    query |= {"office": codes[one.office]} if one.office else {}
    query |= {"programme": one.programme} if one.programme else {}
    answer = program.get(f"/api/v1/stats/{GROUP_OF[one.code]}/", query)
    assert answer.status_code == 200, answer.content
    (line,) = [row for row in answer.json()["values"] if row["code"] == one.code]
    found: dict[str, Any] = line
    return found


def few(numerator: int, denominator: int | None) -> bool:
    """Whether it would tell of fewer than five households."""
    parts = [numerator] + ([denominator, denominator - numerator] if denominator else [])
    return any(0 < part < 5 for part in parts)


def test_board_list_export_interface_and_recount_are_equal_for_200_filters(
    ways: "Ways", wanted: list[Wanted], oracle: Oracle
) -> None:
    wrong, told, filled = [], 0, 0
    for one in wanted:
        true = oracle.answer(one.code, Question(one.first, one.last, one.office, one.programme))
        number = (true[1] if one.whole else true[0]) or 0
        found: dict[str, Any] = {"board": ways.on_board(one) or true}
        rows = ways.listed(one)
        found["export"] = sorted(ways.exported(one)) == sorted(rows)
        found["list"] = True if one.code in SUMS else len(rows) == number
        line = ways.by_interface(one)
        if line and not line["suppressed"]:
            told += 1
            found["interface"] = line["numerator"], line["denominator"]
            if not FIGURES[one.code].is_share:
                assert line["value"] == line["numerator"]
            elif line["denominator"]:
                assert line["value"] == pytest.approx(line["numerator"] / line["denominator"])
        elif line:
            assert (line["value"], line["numerator"], line["denominator"]) == (None, None, None)
            # Beside an office, a programme or a period another one may be small.
            is_part = one.office or one.programme or FIGURES[one.code].day
            assert few(*true) or is_part, one
        filled += bool(number)
        if bad := {k: v for k, v in found.items() if v not in (True, true)}:
            wrong.append((one, true, len(rows), bad))
    assert not wrong, "\n".join(map(str, wrong))
    assert len(wanted) == FILTERS
    assert told > 80  # most of it is told, and most of it is something
    assert filled > 80


LINES = """
SELECT coalesce(sum(l.amount_fen) FILTER (WHERE l.state = 'PAID'), 0)::bigint,
       count(*) FILTER (WHERE l.state = 'PAID'),
       coalesce(sum(l.persons) FILTER (WHERE l.state = 'PAID'), 0)::bigint,
       coalesce(sum(l.amount_fen) FILTER (WHERE l.state = 'RETURNED'), 0)::bigint,
       count(*) FILTER (WHERE l.state = 'PAID' AND l.paid_on <= b.pay_by AND b.kind = 'NORMAL'
                          AND (b.state IN ('APPROVED', 'SENT', 'CLOSED') OR b.pay_by < %s)),
       count(*) FILTER (WHERE b.kind = 'NORMAL'
                          AND (b.state IN ('APPROVED', 'SENT', 'CLOSED') OR b.pay_by < %s))
  FROM funds_payoutline l JOIN funds_payoutbatch b ON b.id = l.batch_id
 WHERE b.district_id = %s AND b.month BETWEEN %s AND %s
   AND (%s::bigint IS NULL OR b.office_id = %s) AND (%s = '' OR b.programme = %s)
"""


def test_money_is_that_of_the_lines(ways: Ways, wanted: list[Wanted]) -> None:
    def scanned(first: date, *rest: Any) -> tuple[int, ...]:
        month, office, programme = rest
        with connection.cursor() as cursor:
            last = min(next_month(month) - timedelta(days=1), ON)
            where = [ways.actor.unit_id, first, month, office, office, programme, programme]
            cursor.execute(LINES, [last, last, *where])
            return cursor.fetchone()

    for one in {(w.month, w.office, w.programme) for w in wanted}:
        month, office, programme = one
        _, _, _, back, in_time, lines = scanned(month, *one)
        paid = scanned(month.replace(month=1), *one)[0]
        values = ways.board(month, office, programme).values
        assert (values["returned"].numerator, values["paid"].numerator) == (back, paid), one
        timely = values["paid_in_time"]
        assert (timely.numerator, timely.denominator) == (in_time, lines), one


@pytest.mark.parametrize("code", sorted(SUMS))
def test_rows_behind_a_sum_add_up_to_it(ways: Ways, oracle: Oracle, code: str) -> None:
    """A list of numbers of lists does not say where 3 062 938 fen come from."""
    one, first = Wanted(code, NOW, None, "", whole=False), date(2026, 1, 1)
    content = ways.browser.get(f"{one.url}&first={first}&as=csv").content.decode("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(content))
    number = oracle.answer(code, Question(first, one.last))[0]
    column = len(head) - 1
    assert number > 0
    assert column > 2, head  # beside name, number and office: how much
    added = sum(float(row[column].replace(",", "")) for row in rows)
    assert round(added * (100 if FIGURES[code].is_money else 1)) == number


def test_a_list_says_how_many_it_has(ways: Ways) -> None:
    """The pager's number is that of the rows."""
    wrong = {}
    for code in sorted(set(FIGURES) - SUMS):
        for whole in {False, FIGURES[code].is_share}:
            one = Wanted(code, NOW, None, "", whole)
            caption = ways.browser.get(one.url).context["pager"].caption
            said, rows = int(caption.split()[1].replace(",", "")), len(ways.listed(one))
            if said != rows:
                wrong[code, whole] = said, rows
    assert wrong == {}


def test_only_a_share_offers_what_it_is_a_share_of(ways: Ways) -> None:
    """Of a plain count, ?whole=1 is a list of something that no number counts."""
    wrong = []
    for code, figure in FIGURES.items():
        context = ways.browser.get(Wanted(code, NOW, None, "", whole=False).url).context
        if any(label == "看全部" for label, _ in context["links"]) != figure.is_share:
            wrong.append(code)
    assert wrong == []


def test_the_interface_tells_every_number_of_the_board_and_every_indicator() -> None:
    """I11, I12 and I21 of domain 12.2 have their figures: notices, appraisals, active finding."""
    assert set(PERIODS) <= set(GROUP_OF)
    assert set(FIGURES) == set(GROUP_OF)


@pytest.mark.parametrize("by", ["office", "programme", "month"])
def test_groups_add_up_to_the_whole(district: District, by: str) -> None:
    from supervision.reports.figures import many, months

    whole = months(date(2026, 1, 1), NOW)
    actor = district.cast.supervisor
    for code, (value,) in many(FIGURES, actor, whole).items():
        rows = many([code], actor, whole, by)[code]
        if code == "errors" and by != "office":
            continue  # a household of two months or programmes is one of the whole
        assert sum(row.numerator for row in rows) == value.numerator, (code, by)
        assert sum(row.denominator or 0 for row in rows) == (value.denominator or 0), (code, by)
        assert len({row.group for row in rows}) == len(rows)
