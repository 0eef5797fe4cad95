"""Blocks of the board: money that runs out, a month with nothing, a block that cannot be read."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import OperationalError, connection

from cases.rules.months import previous_month
from funds.models import FundAccount, LedgerEntry, LedgerGroup
from supervision.models import Complaint
from supervision.operations import complaints
from supervision.operations.complaints import Told
from supervision.reports.board import Asked, board
from supervision.reports.figures import figure, figure_rows
from supervision.reports.run_out import run_outs
from supervision.rules.figures import FIGURES
from tests.cast import Cast
from tests.supervision.district import settle
from tests.supervision.ground import ON, Ground

pytestmark = pytest.mark.usefixtures("that_day")


# ------------------------------------------------------------------ money that runs out, gaps


def money_of(ground: Ground, *, monthly: int, sent: int, lists: int) -> None:
    """So much was paid in each of the last months, and so much was sent down (fen)."""
    benefit = ground.benefit()
    for back in range(lists):
        month = date(ON.year, ON.month - back, 1)
        batch = ground.batch(month=month, state="OPEN", serial=1, closed_on=None)
        ground.line(batch, benefit, month=month, amount_fen=monthly, state="PAID")
        settle(batch, "CLOSED")
    if sent:
        send(ground, benefit.programme, sent)


def send(ground: Ground, programme: str, fen: int) -> None:
    """The office has money of the year to spend."""
    of = {"programme": programme, "office": ground.cast.office}
    group = LedgerGroup.objects.create(kind="ALLOCATION", on_day=ON, **of)
    for kind, part in (("AVAILABLE", fen), ("SOURCE", -fen)):
        account = FundAccount.objects.create(kind=kind, source="DISTRICT", year=ON.year, **of)
        LedgerEntry.objects.create(
            group=group, account=account, programme=programme, amount_fen=part
        )


@pytest.mark.parametrize(
    ("sent", "month", "is_near"),
    [(0, date(2026, 12, 1), True), (99_999, date(2026, 12, 1), True),
     (100_000, date(2027, 1, 1), True), (199_999, date(2027, 1, 1), True),
     (200_000, date(2027, 2, 1), False)],
)  # fmt: skip
def test_the_first_month_that_cannot_be_paid_is_told(
    cast: Cast, ground: Ground, sent: int, month: date, is_near: bool
) -> None:
    money_of(ground, monthly=100_000, sent=sent, lists=3)
    (row,) = run_outs(cast.supervisor, ON)
    assert (row.available_fen, row.monthly_fen) == (sent, 100_000)
    assert (row.short_month, row.is_near) == (month, is_near)
    assert run_outs(cast.leader, ON) == [row]
    assert run_outs(cast.supervisor, ON, office_id=cast.other_office.pk) == []
    assert run_outs(cast.supervisor, ON, programme="TEMPORARY") == []
    html = cast.client("supervisor").get("/board/").content.decode()
    assert f"{month:%Y-%m}" in html[html.index("预计用完") :]


def months_paid(ground: Ground, paid: dict[int, list[tuple[str, str, int]]]) -> None:
    """By months back the lines: the kind of their list (one of each), state, fen."""
    for back, lists in paid.items():
        month = date(ON.year, ON.month - back, 1)
        for kind in dict.fromkeys(kind for kind, _, _ in lists):
            batch = ground.batch(month=month, state="OPEN", kind=kind, serial=1, closed_on=None)
            for _, state, fen in (line for line in lists if line[0] == kind):
                ground.line(batch, ground.benefit(), month=month, amount_fen=fen, state=state)
            settle(batch, "CLOSED")  # SENT while a line waits


PAID, PENDING = ("NORMAL", "PAID", 90_000), ("NORMAL", "PENDING", 90_000)
EARLIER = {1: [PAID], 2: [PAID], 3: [PAID]}


@pytest.mark.parametrize(
    ("paid", "monthly", "last"),
    [
        ({0: [PAID]}, 90_000, 11),  # one month is not three
        ({1: [PAID], 3: [PAID]}, 90_000, 10),
        ({0: [("NORMAL", "PAID", 30_000)], **EARLIER}, 70_000, 11),
        # what is not paid yet, or only in part, or only beside the month's own list, is no month
        ({0: [PENDING], **EARLIER}, 90_000, 10),
        ({0: [("NORMAL", "PAID", 30_000), ("NORMAL", "PENDING", 60_000)], **EARLIER}, 90_000, 11),
        ({0: [("BACK_PAY", "PAID", 30_000)], **EARLIER}, 90_000, 11),
        ({0: [PAID, ("RAISE", "PENDING", 5_000)], **EARLIER}, 90_000, 11),
        ({4: [PAID]}, 0, 0),  # too long ago
        ({0: [("BACK_PAY", "PAID", 30_000)]}, 0, 0),
    ],
)
def test_the_mean_is_that_of_whole_months_that_were_paid(
    cast: Cast, ground: Ground, paid: dict[int, list[Any]], monthly: int, last: int
) -> None:
    months_paid(ground, paid)
    send(ground, "URBAN_ALLOWANCE", monthly or 1)
    rows = run_outs(cast.supervisor, ON)
    found = [(row.monthly_fen, previous_month(previous_month(row.short_month))) for row in rows]
    # one month can be paid, the one after it is short
    assert found == ([(monthly, date(ON.year, last, 1))] if monthly else [])


def test_where_nothing_was_paid_nothing_runs_out(cast: Cast, ground: Ground) -> None:
    assert run_outs(cast.supervisor, ON) == []
    assert "预计用完" not in cast.client("supervisor").get("/board/").content.decode()


def test_a_month_without_anything_names_the_one_that_has(cast: Cast, ground: Ground) -> None:
    money_of(ground, monthly=100_000, sent=0, lists=1)
    browser = cast.client("supervisor")
    empty = browser.get("/board/?month=2026-03").content.decode()
    assert "2026 年 3 月没有办结的案件和发放" in empty
    assert '<a href="/board/?month=2026-11">2026 年 11 月</a>' in empty
    none = browser.get("/board/?month=2026-03&programme=RURAL_DESTITUTE").content.decode()
    assert "没有办结的案件和发放" not in none  # nor is there another month to go to
    assert "没有办结的案件和发放" not in browser.get("/board/").content.decode()


def broken(part: str) -> Callable[..., Any]:
    """The database gives up on statements with these words."""

    def run(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if part in sql:
            raise OperationalError("canceling statement due to statement timeout")
        return execute(sql, params, many, context)

    return run


@pytest.mark.parametrize(
    ("part", "title"),
    [("SELECT c.office_id, c.state, c.due_on", "时限热表、在办账龄"),
     ("SELECT l.programme, ", "资金执行"), ("max(s.batch_month) AS last_list", "预计用完")],
)  # fmt: skip
def test_a_block_that_cannot_be_read_says_so_and_leaves_the_others(
    cast: Cast, ground: Ground, part: str, title: str
) -> None:
    browser = cast.client("supervisor")
    assert "暂时读不出来" not in browser.get("/board/").content.decode()
    with connection.execute_wrapper(broken(part)):
        answer = browser.get("/board/?month=2026-11")
    html = answer.content.decode()
    assert answer.status_code == 200
    assert title in html
    assert html.count("暂时读不出来") == 1
    assert 'href="/board/?month=2026-11">重新读取' in html
    assert all(text in html for text in ("超期在办", "抽查进度", "各街镇情况"))


# ------------------------------------------------------------------ who is named in a complaint


def of_complaints(cast: Cast, who: str) -> tuple[int | None, int | None, list[str]]:
    """On the board, in the list's head, and the list."""
    asked = Asked(month=ON.replace(day=1))
    shown = board(cast.actors[who], ON, asked).values["petitions_in_time"].denominator
    year = asked.period("year", ON)
    alone = figure("petitions_in_time", cast.actors[who], year).denominator
    rows = figure_rows("petitions", cast.actors[who], year)
    return shown, alone, [row.key for row in rows]


def test_whom_a_complaint_names_does_not_count_it_either(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who sees one more than there is to open would know of it (7.2)."""
    named = cast.supervisor2.human_id or 0
    told = Told(
        kind="REPORT", channel="VISIT", content="反映区里人员", persons=(named,),
        received_on=date(2026, 10, 8),
    )  # fmt: skip
    row = complaints.receive(told, actor=cast.supervisor, on=date(2026, 10, 8))
    Complaint.objects.filter(pk=row.pk).update(due_on=date(2026, 11, 9))
    assert of_complaints(cast, "supervisor") == (1, 1, [row.no])
    assert of_complaints(cast, "supervisor2") == (0, 0, [])
    for code in ("petitions", "petitions_in_time"):  # the twin
        monkeypatch.setitem(FIGURES, code, replace(FIGURES[code], open_to="true"))
    assert of_complaints(cast, "supervisor2") == (1, 1, [row.no])
