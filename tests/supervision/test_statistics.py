"""Statistics as papers (5(8)): made in three clicks without a typed number (G13), compared, locked,
reported, taken away as CSV, XLSX and PDF; what is locked never changes, but by a new edition."""

import csv
import io
import re
import subprocess
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from python_calamine import CalamineWorkbook

from supervision import invariants
from supervision.acts import make_report
from supervision.models import PayoutSum, StatReport
from supervision.operations.statistics import Period, digest_of, previous_of
from supervision.reports.figures import Filter, figure, figure_rows
from supervision.reports.stat_tables import fill
from supervision.rules import stat_tables
from supervision.rules.stat_tables import ALLOWANCE, Column, template
from supervision.views.statistics import table_of
from tests.cases.days import at
from tests.cast import Cast, make_cast
from tests.databases import as_owner
from tests.programs import program
from tests.races.arena import CERTAIN, PATIENCE, meeting_at, together, without_row_locks
from tests.supervision.district import settle
from tests.supervision.ground import ON, Ground
from yuquan_relief.kernel.models import Event

SEPTEMBER, OCTOBER, NOVEMBER = "M2026-9", "M2026-10", "M2026-11"
LATER = date(2026, 12, 3)


pytestmark = pytest.mark.usefixtures("that_day")


@pytest.fixture
def ground(cast: Cast) -> Ground:
    """Seven households of two programmes since January, with lists of September to November."""
    ground = Ground(cast)
    rows = [ground.benefit(persons=2, programme=programme, monthly_fen=fen)
            for programme, fen in [("URBAN_ALLOWANCE", 400_10)] * 4
            + [("RURAL_ALLOWANCE", 300_05)] * 3]  # fmt: skip
    for month in (date(2026, n, 1) for n in (9, 10, 11)):
        for programme in ("URBAN_ALLOWANCE", "RURAL_ALLOWANCE"):
            batch = ground.batch(month=month, programme=programme, state="OPEN", serial=1,
                                 closed_on=None)  # fmt: skip
            for row in rows:
                if row.programme == programme:
                    ground.line(batch, row)
            settle(batch, "CLOSED")
    return ground


def made(cast: Cast, when: str = OCTOBER, table: str = "ALLOWANCE") -> StatReport:
    """The table as a draft, by the page."""
    answer = cast.client("supervisor").post("/stats/", {"table": table, "when": when})
    assert answer.status_code == 302
    return StatReport.objects.get(no=answer.url.split("/")[2])


def step(cast: Cast, row: StatReport, code: str, status: int = 302, **data: str) -> str:
    """A step by the page: lock, report; what the page says."""
    answer = cast.client("supervisor").post(f"/stats/{row.no}/{code}/", data)
    assert answer.status_code == status
    row.refresh_from_db()
    return str(answer.content.decode())


def cells(row: StatReport) -> dict[str, dict[str, Any]]:
    """Row → column → number."""
    codes = [code for code, _, _ in row.figures["heads"]]
    return {r["code"]: dict(zip(codes, r["cells"], strict=True)) for r in row.figures["rows"]}


# ------------------------------------------------------------------ G13


def test_a_monthly_table_takes_three_clicks_and_no_typed_number(cast: Cast, ground: Ground) -> None:
    browser = cast.client("supervisor")
    html = browser.get("/stats/").content.decode()
    form = re.search(r'<form method="post" action="/stats/".*?</form>', html, re.S)
    assert form
    typed = re.findall(r'<(?:input(?! type="hidden")|textarea)[^>]*>', form[0])
    choices = re.findall(r'<select[^>]*name="(\w+)"', form[0])
    assert (typed, choices) == ([], ["table", "when"])
    assert 'value="M2026-10"' in form[0]
    clicks = len(choices) + form[0].count("<button")
    assert clicks <= 3
    shown = browser.post("/stats/", {"table": "ALLOWANCE", "when": "M2026-10"}, follow=True)
    assert shown.status_code == 200
    urban = cells(StatReport.objects.get())["URBAN_ALLOWANCE"]
    assert (urban["households"], urban["persons"], urban["fen"]) == (4, 8, 4 * 400_10)
    assert urban["year_fen"] == 2 * 4 * 400_10
    assert urban["mean_fen"] == urban["fen"] // 8
    text = re.sub(r"<[^>]+>", " ", shown.content.decode())
    assert "1,600.40" in text
    assert "城乡低保情况" in text


def test_a_person_of_a_month_counts_once_whatever_is_paid_beside(
    cast: Cast, ground: Ground
) -> None:
    """补差, care and a one-off sum are money of the same persons; back pay is another month."""
    row = PayoutSum.objects.filter(batch_month=date(2026, 10, 1), programme="URBAN_ALLOWANCE").get()
    for kind in ("BACK_PAY", "ARREARS", "CARE", "ONE_OFF", "SINGLE"):
        row.pk, row.kind, row.persons, row.fen = None, kind, 2, 10_00
        row.save()
    urban = cells(made(cast))["URBAN_ALLOWANCE"]
    assert (urban["person_months"], urban["fen"]) == (8 + 2 + 2, 4 * 400_10 + 5 * 10_00)
    assert urban["mean_fen"] == urban["fen"] // 12
    asked = Filter(first=date(2026, 10, 1), last=date(2026, 10, 31), programme="URBAN_ALLOWANCE")
    assert figure("person_months", cast.supervisor, asked).numerator == 12
    listed = figure_rows("person_months", cast.supervisor, asked)
    assert [r.amount for r in listed] == [12]


@pytest.mark.parametrize(
    "when", ["M2026-12", "M2027-1", "", "M2026-13", "X", "Q2026-5", "Y2019-1", "Y2026-1"]
)
def test_what_is_not_offered_is_not_made(cast: Cast, when: str) -> None:
    answer = cast.client("supervisor").post("/stats/", {"table": "ALLOWANCE", "when": when})
    assert answer.status_code in (409, 422)
    assert not StatReport.objects.exists()


def test_who_may_make_and_who_may_look(cast: Cast, ground: Ground) -> None:
    row = made(cast)
    for who in ("staff", "leader", "clerk", "accountant"):
        assert cast.client(who).get("/stats/").status_code == 403
        assert cast.client(who).get(f"/stats/{row.no}/").status_code == 404
    bureau = cast.client("bureau")
    assert bureau.get(f"/stats/{row.no}/").status_code == 200
    assert bureau.post(f"/stats/{row.no}/lock/").status_code == 403
    assert bureau.post("/stats/", {"table": "RELIEF", "when": "M2026-10"}).status_code == 403
    assert cast.client("leader").post(f"/stats/{row.no}/lock/").status_code == 404


# ------------------------------------------------------------------ locked


def test_a_locked_table_stays_while_the_data_go_on(cast: Cast, ground: Ground) -> None:
    row = made(cast)
    step(cast, row, "lock")
    before = StatReport.objects.values().get()
    ground.benefit()
    browser = cast.client("supervisor")
    plain = browser.get(f"/stats/{row.no}/?as=csv").content
    again = made(cast)
    assert StatReport.objects.values().get(pk=row.pk) == before
    assert browser.get(f"/stats/{row.no}/?as=csv").content == plain
    assert (again.edition, again.state, again.no != row.no) == (2, "DRAFT", True)
    assert cells(again)["URBAN_ALLOWANCE"]["households"] == 5
    assert made(cast).no == again.no  # a draft is made anew in its place
    step(cast, row, "report", note="已报送")
    assert list(invariants.broken()) == []
    told = Event.objects.of("stat_report", row.no).values_list("action", flat=True)
    assert sorted(told) == ["lock", "make", "report"]


CHANGES = [
    "figures = '[]'", "figures_sha256 = repeat('0', 64)", "state = 'DRAFT', locked_on = NULL",
    "edition = 7", "template = 'RELIEF'", "first_month = '2026-09-01'", "locked_on = '2026-01-01'",
    "template_from = '2019-01-01'", "period = 'Q'", "no = 'TJ-0'", "district_id = {other}",
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_the_database_keeps_a_locked_table(cast: Cast, change: str) -> None:
    row = made(cast)
    step(cast, row, "lock")
    statement = f"UPDATE supervision_statreport SET {change.format(other=cast.office.pk)}"
    with pytest.raises(DatabaseError, match=r"统计报表|办结"), transaction.atomic():
        connection.cursor().execute(statement)
    with pytest.raises(DatabaseError), transaction.atomic():
        connection.cursor().execute("DELETE FROM supervision_statreport")


def test_the_database_keeps_what_was_reported_in_full(cast: Cast) -> None:
    row = made(cast)
    step(cast, row, "lock")
    step(cast, row, "report", note="报")
    for change in ("note = 'x'", "reported_on = NULL", "state = 'LOCKED'", "made_at = now()"):
        with pytest.raises(DatabaseError, match=r"办结|已锁定"), transaction.atomic():
            connection.cursor().execute(f"UPDATE supervision_statreport SET {change}")


def test_without_the_guard_a_locked_table_could_be_changed(own_database: str) -> None:
    cast = make_cast()
    row = made(cast)
    step(cast, row, "lock")
    wrong = dict.fromkeys(("title", "note"), "x") | {"heads": [], "rows": [], "sums": []}
    with pytest.raises(DatabaseError, match="已锁定"), transaction.atomic():
        StatReport.objects.update(figures=wrong)
    assert list(invariants.broken()) == []
    as_owner("DROP TRIGGER supervision_statreport_locked ON supervision_statreport",
             database=own_database)  # fmt: skip
    StatReport.objects.update(figures=wrong)
    assert list(invariants.broken()) == [f"统计报表 {row.no} 的数据与摘要不符"]


def test_a_period_that_is_not_over_is_not_locked(cast: Cast, ground: Ground) -> None:
    row = made(cast, NOVEMBER)
    assert "还没有结束" in step(cast, row, "lock", 409)
    assert "请先锁定" in step(cast, row, "report", 409, note="x")
    assert row.state == "DRAFT"


def test_a_draft_of_before_the_end_is_not_locked_as_the_month(cast: Cast, ground: Ground) -> None:
    """Made on the 27th, it is without what came until the 30th: it is refused, or made again."""
    row = made(cast, NOVEMBER)
    ground.benefit(start_month=date(2026, 11, 1), paid_with=date(2026, 11, 1))
    with at(LATER):
        answer = cast.client("supervisor").post(f"/stats/{row.no}/lock/")
        if answer.status_code == 409:
            row = made(cast, NOVEMBER)
            step(cast, row, "lock")
    row.refresh_from_db()
    month = date(2026, 11, 1)
    assert row.state == "LOCKED"
    assert row.figures == fill(ALLOWANCE, cast.district, month, month)


# ------------------------------------------------------------------ compared


def test_the_last_locked_period_is_compared_with(cast: Cast, ground: Ground) -> None:
    earlier = made(cast, SEPTEMBER)
    row = made(cast, OCTOBER)
    assert previous_of(row) is None  # a draft is nothing to compare with
    step(cast, earlier, "lock")
    ground.benefit(start_month=date(2026, 10, 1), paid_with=date(2026, 10, 1), persons=3)
    gone = ground.benefit(programme="RURAL_ALLOWANCE", end_month=date(2026, 9, 1))
    second = made(cast, SEPTEMBER)
    step(cast, second, "lock")
    row = made(cast, OCTOBER)
    assert previous_of(row) == second  # the latest edition
    html = cast.client("supervisor").get(f"/stats/{row.no}/").content.decode()
    assert "5（+1）" in html  # households of 城市低保
    assert "11（+3）" in html  # persons
    assert "3（−1）" in html  # 农村低保: one has gone
    assert "括号内为与2026 年 9 月（已锁定）相比的增减" in html
    assert gone.end_month == date(2026, 9, 1)
    plain = cast.client("supervisor").get(f"/stats/{row.no}/?as=csv").content.decode("utf-8-sig")
    assert "（+" not in plain


def test_a_new_template_counts_from_its_day_and_columns_are_compared_by_name(
    cast: Cast, ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = replace(ALLOWANCE, title="城乡低保（新表）", valid_from=date(2026, 10, 1),
                  heads=(Column("single", "单人保", "户"), *ALLOWANCE.heads[:2]))  # fmt: skip
    monkeypatch.setattr(stat_tables, "TABLES", (*stat_tables.TABLES, new))
    assert template("ALLOWANCE", date(2026, 9, 1)) == ALLOWANCE
    assert template("ALLOWANCE", date(2026, 11, 1)) == new
    earlier = made(cast, SEPTEMBER)
    step(cast, earlier, "lock")
    row = made(cast, OCTOBER)
    assert (earlier.template_from, row.template_from) == (date(2020, 8, 3), date(2026, 10, 1))
    shown = table_of(row, previous_of(row))
    assert shown.heads == ("项目", "单人保（户）", "户数（户）", "人数（人）")
    assert [cell.text for cell in shown.rows[0]] == ["城市低保", "0", "4", "8"]


# ------------------------------------------------------------------ taken away


def numbers_of(row: StatReport) -> list[float | None]:
    """Every number of the table as it is read: yuan, per cent, counts."""
    units = [unit for _, _, unit in row.figures["heads"]]
    lines = [*(r["cells"] for r in row.figures["rows"]), row.figures["sums"]]
    return [
        None if n is None else round(n / 100, 2) if unit in ("fen", "%") else n
        for line in lines for n, unit in zip(line, units, strict=True)
    ]  # fmt: skip


def read(text: str) -> float | None:
    """`1,600.40`, `97.83%`, or a dash."""
    return None if text == "—" else float(text.replace(",", "").rstrip("%"))


@pytest.mark.parametrize("table", ["ALLOWANCE", "DESTITUTE", "RELIEF", "SUPERVISION"])
def test_files_have_the_same_numbers(cast: Cast, ground: Ground, table: str) -> None:
    ground.case()
    row = made(cast, table=table)
    true, browser = numbers_of(row), cast.client("supervisor")
    content = browser.get(f"/stats/{row.no}/?as=csv").content.decode("utf-8-sig")
    head, *lines = csv.reader(io.StringIO(content))
    assert [read(text) for line in lines for text in line[1:]] == true
    assert len(head) == len(row.figures["heads"]) + 1

    book = CalamineWorkbook.from_filelike(
        io.BytesIO(browser.get(f"/stats/{row.no}/?as=xlsx").content)
    )
    sheet = book.get_sheet_by_index(0).to_python()
    units = [unit for _, _, unit in row.figures["heads"]]
    found = [
        None if value == "" else round(value * 100, 2) if unit == "%" else round(value, 2)
        for line in sheet[2:] for value, unit in zip(line[1:], units, strict=True)
    ]  # fmt: skip
    assert found == true
    assert sheet[1] == head

    paper = browser.get(f"/stats/{row.no}/?as=pdf")
    assert paper["Content-Type"] == "application/pdf"
    shown = subprocess.run(
        [program("pdftotext", wanted="poppler-utils"), "-raw", "-", "-"],
        input=paper.content, capture_output=True, check=True,
    ).stdout.decode()  # fmt: skip
    shown = re.sub(r"\s+", "", shown)
    assert row.figures["title"] in shown
    assert row.figures_sha256 in shown
    assert all(re.sub(r"\s+", "", text) in shown for line in lines for text in line if text != "—")
    assert digest_of(row.figures) == row.figures_sha256


# ------------------------------------------------------------------ at the same moment


def both_made(cast: Cast, patience: float) -> list[Any]:
    """Two make the table of a month at once."""
    wanted = Period(table="ALLOWANCE", period="M", year=2026, number=10)
    make = partial(make_report, wanted, actor=cast.supervisor, on=ON)
    with meeting_at("supervision.operations.statistics.Max", patience=patience):
        return together(make, make)


def test_of_two_who_make_a_table_at_once_there_is_one_draft(own_database: str) -> None:
    made = both_made(make_cast(), PATIENCE)
    assert len({one.no for one in made}) == StatReport.objects.count() == 1


def test_control_without_the_lock_there_are_two_or_one_fails(own_database: str) -> None:
    with without_row_locks():
        made = both_made(make_cast(), CERTAIN)
    failed = [one for one in made if isinstance(one, DatabaseError)]
    assert len(failed) + StatReport.objects.count() == 2
