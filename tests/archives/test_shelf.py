"""Paper beside the electronic file: boxes, comparison with money, loans, stocktaking (6.1)."""

import re
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, transaction

from archives.models import (
    Box,
    Correction,
    Dossier,
    Loan,
    PaperFile,
    Stocktake,
    StocktakeFinding,
    differing,
)
from archives.operations import comparing, shelf, stocktaking
from archives.operations.shelf import Borrower, OnPaper
from archives.rules.comparing import Figures, lines
from archives.templatetags.paper import qr
from cases.models import Benefit
from tests.archives.conftest import opened
from tests.cast import Cast
from tests.funds import payouts
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event

pytestmark = pytest.mark.usefixtures("quick_pdf")
DAY = date(2026, 11, 27)


def box(cast: Cast, place: str = "A3-12-07") -> Box:
    return shelf.open_box("2026 年 城市低保", place, actor=cast.staff, on=DAY)


def as_decided(dossier: Dossier) -> OnPaper:
    """The paper says what the system says."""
    says = comparing.electronic(dossier)
    assert says.amount_fen is not None
    return OnPaper(pages=31, amount_fen=says.amount_fen, persons=says.persons, month=says.month)


def shelved(cast: Cast, serial: int = 1, where: Box | None = None) -> Dossier:
    dossier = opened(cast, serial)
    where = where or Box.objects.order_by("-id").first() or box(cast)
    shelf.shelve(dossier.no, where.no, as_decided(dossier), actor=cast.staff, on=DAY)
    return dossier


def test_boxes_have_numbers_and_places_of_their_own(cast: Cast) -> None:
    first, second = box(cast), box(cast, "a3-12-08")
    assert (second.place, first.no < second.no) == ("A3-12-08", True)
    for place, text in (("A3-12-07", "已经放了别的盒"), ("东边柜子", "柜-层-位")):
        with pytest.raises(Refused, match=text):
            box(cast, place)
    shelf.move_box(first.no, "B1", actor=cast.staff, on=DAY)
    moved = Event.objects.of("box", first.no).filter(action="move").get()
    assert moved.body == {"from": "A3-12-07", "to": "B1"}
    assert box(cast).place == "A3-12-07"


def test_files_have_seats_in_order(cast: Cast) -> None:
    one, two = shelved(cast, 1), shelved(cast, 2)
    seats = {p.dossier_id: p.seat for p in PaperFile.objects.all()}
    assert seats == {one.pk: 1, two.pk: 2}
    other = box(cast, "A1")
    shelf.shelve(one.no, other.no, as_decided(one), actor=cast.staff, on=DAY)
    assert PaperFile.objects.get(dossier=one).box == other


@pytest.mark.parametrize("who", ["leader", "supervisor", "auditor", "clerk"])
def test_others_do_not_shelve(cast: Cast, who: str) -> None:
    dossier, where = opened(cast), box(cast)
    with pytest.raises(PermissionDenied):
        shelf.shelve(dossier.no, where.no, as_decided(dossier), actor=cast.actors[who], on=DAY)


def test_another_offices_box_does_not_exist(cast: Cast) -> None:
    dossier = opened(cast)
    foreign = shelf.open_box("乙", "Z1", actor=cast.actors["foreign_staff"], on=DAY)
    with pytest.raises(Box.DoesNotExist):
        shelf.shelve(dossier.no, foreign.no, as_decided(dossier), actor=cast.staff, on=DAY)


# The three sides


def paid(cast: Cast, dossier: Dossier) -> None:
    """The household got its first month, as the bank says."""
    Benefit.objects.filter(source_case=dossier.case).update(
        start_month=payouts.MONTH, paid_with=payouts.MONTH
    )
    payouts.through(cast, payouts.opened(cast, 1), payouts.PAID)


@pytest.mark.clause("6.1")
def test_system_paper_and_money_agree(cast: Cast) -> None:
    dossier = opened(cast)
    paid(cast, dossier)
    shelf.shelve(dossier.no, box(cast).no, as_decided(dossier), actor=cast.staff, on=DAY)
    found = {x.facet: x for x in comparing.lines_of(dossier)}
    assert set(found) == {"AMOUNT", "PERSONS", "MONTH"}
    assert all(x.electronic and x.paper and x.money for x in found.values())
    assert not any(x.differs for x in found.values())
    assert not differing(Dossier.objects.all()).exists()


@pytest.mark.parametrize(
    ("facet", "changes"),
    [
        ("AMOUNT", {"amount_fen": 465_67}),
        ("PERSONS", {"persons": 9}),
        ("MONTH", {"month": date(2025, 1, 1)}),
    ],
)
def test_a_difference_is_judged_and_nothing_is_edited(
    cast: Cast, facet: str, changes: dict[str, int | date]
) -> None:
    dossier = shelved(cast)
    PaperFile.objects.update(**changes)
    assert [x.facet for x in comparing.open_lines(dossier)] == [facet]
    assert list(differing(Dossier.objects.all())) == [dossier]
    with pytest.raises(Refused, match="写明理由"):
        shelf.correct(dossier.no, facet, "ELECTRONIC", " ", actor=cast.staff, on=DAY)
    before = comparing.electronic(dossier)
    shelf.correct(dossier.no, facet, "ELECTRONIC", "纸质笔误", actor=cast.staff, on=DAY)
    assert comparing.electronic(dossier) == before
    assert comparing.open_lines(dossier) == []
    assert not differing(Dossier.objects.all()).exists()  # the SQL knows the same fingerprint
    with pytest.raises(Refused, match="已经更正过"):
        shelf.correct(dossier.no, facet, "PAPER", "又看了", actor=cast.staff, on=DAY)
    PaperFile.objects.update(amount_fen=1)  # another value: open again
    assert "AMOUNT" in [x.facet for x in comparing.open_lines(dossier)]
    assert list(differing(Dossier.objects.all())) == [dossier]


def test_what_agrees_needs_no_correction(cast: Cast) -> None:
    dossier = shelved(cast)
    with pytest.raises(Refused, match="没有不一致"):
        shelf.correct(dossier.no, "AMOUNT", "PAPER", "x", actor=cast.staff, on=DAY)


def test_money_that_differs(cast: Cast) -> None:
    dossier = opened(cast)
    paid(cast, dossier)
    Benefit.objects.filter(source_case=dossier.case).update(monthly_fen=1_234_567_00)
    assert [x.facet for x in comparing.open_lines(dossier)] == ["AMOUNT"]
    assert list(differing(Dossier.objects.all())) == [dossier]
    shelf.correct(dossier.no, "AMOUNT", "MONEY", "按资金", actor=cast.staff, on=DAY)
    assert Correction.objects.get().electronic.startswith("1,234,567")
    assert not differing(Dossier.objects.all()).exists()


def test_one_side_alone_is_not_compared() -> None:
    nothing = Figures()
    assert list(lines(Figures(100, 1, DAY), nothing, nothing)) == []
    (line,) = lines(Figures(100), Figures(200), nothing)
    assert (line.facet, line.differs) == ("AMOUNT", True)


def test_corrections_stay(cast: Cast) -> None:
    dossier = shelved(cast)
    PaperFile.objects.update(persons=9)
    shelf.correct(dossier.no, "PERSONS", "PAPER", "漏记一人", actor=cast.staff, on=DAY)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        Correction.objects.update(right="MONEY")


# Loans

OUT = Borrower(name="演练审计", unit="区审计局", purpose="专项审计", due_on=date(2026, 12, 4))


def test_one_loan_at_a_time_and_back_with_its_state(cast: Cast) -> None:
    dossier = shelved(cast)
    shelf.lend(dossier.no, OUT, actor=cast.staff, on=DAY)
    with pytest.raises(Refused, match="还没有归还"):
        shelf.lend(dossier.no, OUT, actor=cast.staff, on=DAY)
    with pytest.raises(Refused, match="清点的情况"):
        shelf.give_back(dossier.no, " ", actor=cast.staff, on=DAY)
    shelf.give_back(dossier.no, "页数无误", actor=cast.staff, on=DAY)
    with pytest.raises(Refused, match="没有借出"):
        shelf.give_back(dossier.no, "页数无误", actor=cast.staff, on=DAY)
    with pytest.raises(DatabaseError, match="只能归还一次"), transaction.atomic():
        Loan.objects.update(condition="少三页")
    shelf.lend(dossier.no, OUT, actor=cast.staff, on=DAY)


@pytest.mark.parametrize("days", [-1, 91])
def test_a_loan_ends_within_bounds(cast: Cast, days: int) -> None:
    dossier = shelved(cast)
    to = Borrower(name="甲", unit="乙", purpose="丙", due_on=DAY + timedelta(days=days))
    with pytest.raises(Refused, match="90 天以内"):
        shelf.lend(dossier.no, to, actor=cast.staff, on=DAY)


def test_what_stands_in_no_box_is_not_lent(cast: Cast) -> None:
    dossier = opened(cast)
    with pytest.raises(Refused, match="还没有上架"):
        shelf.lend(dossier.no, OUT, actor=cast.staff, on=DAY)


# Stocktaking


@pytest.mark.clause("6.1")
def test_a_stocktaking_tells_everything_that_is_not_as_it_should_be(cast: Cast) -> None:
    first = box(cast)
    there, astray, away, lent, back = (shelved(cast, n, first) for n in range(1, 6))
    second = box(cast, "A1")
    for dossier in (lent, back):
        shelf.lend(dossier.no, OUT, actor=cast.staff, on=DAY)
    row = stocktaking.open_stocktake(actor=cast.staff, on=DAY)
    with pytest.raises(Refused, match="先扫描档案盒"):
        stocktaking.scan(row.no, there.no, actor=cast.staff)
    said = [
        stocktaking.scan(row.no, code, actor=cast.staff)
        for code in (first.no, there.no, back.no, second.no, astray.no, "来历不明-1")
    ]
    assert "正在盘点" in said[0]
    assert said[1].endswith("在位")
    assert "放错了盒" in said[4]
    assert "没有登记" in said[5]
    with pytest.raises(Refused, match="已经扫过"):
        stocktaking.scan(row.no, there.no, actor=cast.staff)
    closed = stocktaking.close(row.no, actor=cast.staff, on=DAY)
    assert (closed.expected, closed.found) == (5, 3)
    assert dict(StocktakeFinding.objects.values_list("code", "kind")) == {
        astray.no: "ELSEWHERE",
        away.no: "MISSING",
        lent.no: "LENT",
        back.no: "RETURNED",
        "来历不明-1": "UNKNOWN",
    }
    with pytest.raises(Refused, match="已经结束"):
        stocktaking.scan(row.no, away.no, actor=cast.staff)
    with pytest.raises(DatabaseError, match="结束的盘点"), transaction.atomic():
        Stocktake.objects.update(found=5)


def test_the_last_code_can_be_taken_back(cast: Cast) -> None:
    dossier = shelved(cast)
    row = stocktaking.open_stocktake(actor=cast.staff, on=DAY)
    with pytest.raises(Refused, match="没有可以撤销"):
        stocktaking.undo(row.no, actor=cast.staff)
    stocktaking.scan(row.no, Box.objects.get().no, actor=cast.staff)
    stocktaking.scan(row.no, dossier.no, actor=cast.staff)
    assert dossier.no in stocktaking.undo(row.no, actor=cast.staff)
    assert row.scans.count() == 0
    with pytest.raises(Refused, match="没有结束"):
        stocktaking.open_stocktake(actor=cast.staff, on=DAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Stocktake.objects.create(
            no="PD-2", office=cast.office, opened_on=DAY, opened_by_id=cast.staff.human_id
        )


# On the pages


def test_the_paper_goes_its_way_on_the_pages(cast: Cast) -> None:
    dossier = opened(cast)
    staff = cast.client("staff")
    bad = staff.post("/archive/boxes/", {"label": "2026", "place": "东边"})
    assert (bad.status_code, "柜-层-位" in bad.content.decode()) == (409, True)
    assert 'value="2026"' in bad.content.decode()  # nothing typed is lost
    staff.post("/archive/boxes/", {"label": "2026", "place": "a1"})
    where = Box.objects.get()
    url = f"/archive/{dossier.no}/paper/"
    says = comparing.electronic(dossier)
    assert says.month is not None
    given = {
        "act": "shelve", "box": where.no, "pages": 30, "amount": "465.67",
        "persons": says.persons, "month": f"{says.month:%Y-%m}",
    }  # fmt: skip
    empty = staff.post(url, given | {"pages": ""})
    assert (empty.status_code, "请填写页数" in empty.content.decode()) == (422, True)
    assert staff.post(url, given).status_code == 302
    page = staff.get(url).content.decode()
    assert ("465.67" in page, "不一致" in page) == (True, True)
    listed = staff.get("/archive/?differs=on").content.decode()
    assert (dossier.no in listed, "A1-1" in listed) == (True, True)
    fix = {"act": "correct", "facet": "AMOUNT", "right": "ELECTRONIC", "reason": "笔误"}
    assert staff.post(url, fix).status_code == 302
    assert "档案更正单" in staff.get(f"{url}?as=print").content.decode()
    assert dossier.no not in staff.get("/archive/?differs=on").content.decode()
    assert dossier.no not in staff.get("/archive/?unshelved=on").content.decode()
    lend = {"act": "lend", "name": "甲", "unit": "审计局", "purpose": "审计"}
    bad = staff.post(url, lend | {"due_on": "昨天"})
    assert (bad.status_code, "审计局" in bad.content.decode()) == (422, True)
    soon = DAY + timedelta(days=3650)
    assert staff.post(url, lend | {"due_on": soon.isoformat()}).status_code == 409
    assert "请选择要办理的事项" in staff.post(url, {"act": "x"}, follow=True).content.decode()
    label = staff.get(f"/archive/boxes/{where.no}/?as=print").content.decode()
    assert label.count("<svg") >= 2
    opened_at = staff.post("/archive/stocktakes/").url
    again = staff.post(f"{opened_at}scan/", {"code": dossier.no})
    assert (again.status_code, "先扫描档案盒" in again.content.decode()) == (409, True)
    for code in (where.no, dossier.no):
        assert staff.post(f"{opened_at}scan/", {"code": code}).status_code == 302
    staff.post(f"{opened_at}close/")
    assert "全部在位" in staff.get(opened_at).content.decode()
    assert "档案盘点表" in staff.get(f"{opened_at}?as=print").content.decode()


def test_labels_carry_a_code_that_every_scanner_knows() -> None:
    svg = qr("H-1", 1)
    found = re.search(r'width="(\d+)"', svg)
    assert found is not None
    assert int(found[1]) >= 21 + 4  # a QR code has 21 modules and more, a Micro QR at most 17
