"""Paper in boxes, lists of files that go, old files on their way; through operations only."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from archives.models import Box, Dossier, OldFile
from archives.operations import (
    disposal,
    evidence,
    keeping,
    old_files,
    printing_many,
    shelf,
    stocktaking,
)
from archives.operations.comparing import electronic
from archives.operations.sealing import seal
from archives.operations.shelf import Borrower, OnPaper
from cases.models import Benefit
from supervision.models import Finding
from tests.archives.disposing import SIGNED, sign
from tests.archives.test_old_files import changed, table
from tests.browser.house import House


@dataclass(kw_only=True)
class Archives:
    """Keys of things that stand in different states."""

    boxes: list[str]  # with files, empty
    papered: list[str]  # with a difference and lent, without paper
    stocktakes: list[str]  # closed with findings, under way
    disposals: list[str]  # to be appraised, signed by five
    print_runs: list[str]  # being made, done
    old_files: list[str]  # not given, given and half looked at, with a problem, verified


def build(house: House, on: date, files: list[Dossier]) -> dict[str, list[str]]:
    """`files`: of four approved cases; the first is sealed, the last two will go."""
    sealed, building, *old = files
    cast = house.cast
    evidence.ask(building.case.no, "答复信访", "区信访局", actor=cast.supervisor, on=on)
    return {
        **shelved(house, on, sealed, building),
        "disposals": [listed(house, on, old[0]), ready(house, on, old[1])],
        "old_files": since_2015(house, on),
        "print_runs": printed(house, on),
    }


def shelved(house: House, on: date, differs: Dossier, bare: Dossier) -> dict[str, list[str]]:
    """One file whose paper says something else, and is lent; one stocktaking done, one begun."""
    cast = house.cast
    full = shelf.open_box("2026 年 城市低保 甲街道", "A3-12-07", actor=cast.staff, on=on)
    empty = shelf.open_box("2026 年 临时救助", "", actor=cast.staff, on=on)
    says = electronic(differs)
    paper = OnPaper(pages=31, amount_fen=465_67, persons=says.persons, month=says.month)
    shelf.shelve(differs.no, full.no, paper, actor=cast.staff, on=on)
    to = Borrower(
        name="演练审计", unit="区审计局", purpose="专项审计", due_on=on + timedelta(days=7)
    )
    shelf.lend(differs.no, to, actor=cast.staff, on=on)
    done = stocktaking.open_stocktake(actor=cast.staff, on=on)
    for code in (full.no, "来历不明-1"):
        stocktaking.scan(done.no, code, actor=cast.staff)
    stocktaking.close(done.no, actor=cast.staff, on=on)
    begun = stocktaking.open_stocktake(actor=cast.staff, on=on)
    for code in (full.no, differs.no):
        stocktaking.scan(begun.no, code, actor=cast.staff)
    keeping.place_hold(
        bare.no,
        "COMPLAINT",
        "信访第 3 号",
        document="测信〔2026〕3 号",
        actor=cast.supervisor,
        on=on,
    )
    boxes = list(Box.objects.filter(pk__in=(full.pk, empty.pk)).values_list("no", flat=True))
    return {
        "boxes": boxes,
        "papered": [differs.no, bare.no],
        "stocktakes": [done.no, begun.no],
    }


def expired(house: House, on: date, file: Dossier) -> None:
    """The file is sealed, its term has passed, and what the night found of it is done with."""
    cast = house.cast
    about = Q(subject_key=file.case.no) | Q(household=file.household_id)
    about |= Q(subject_key__in=Benefit.objects.filter(source_case=file.case).values("key"))
    Finding.objects.filter(about).update(state="DONE")
    seal(file.no, actor=cast.actors["surveyor"], on=on, proof=cast.proof("surveyor"))
    Dossier.objects.filter(pk=file.pk).update(retain_until=on - timedelta(days=1))


def listed(house: House, on: date, file: Dossier) -> str:
    """A list that nobody has looked at."""
    expired(house, on, file)
    return disposal.open_disposal(house.cast.office.pk, actor=house.cast.supervisor, on=on).no


def ready(house: House, on: date, file: Dossier) -> str:
    """A list with its five signatures."""
    cast = house.cast
    row = disposal.Disposal.objects.get(no=listed(house, on, file))
    ids = list(row.items.values_list("pk", flat=True))
    disposal.destroyable(row.no, ids, note="无留存价值", actor=cast.supervisor, on=on)
    for code, who in SIGNED:
        sign(cast, row, code, who)
    return row.no


def since_2015(house: House, on: date) -> list[str]:
    """Four old files in four states, of three years."""
    cast = house.cast
    rows = [
        changed(年度=year, 档号=f"{year}-00{n}", 户主=f"演练{name}")
        for n, (year, name) in enumerate((("2015", "戊"), ("2016", "己"), ("2016", "庚"),
                                          ("2021", "辛")), 1)
    ]  # fmt: skip
    old_files.import_archives(table(*rows), name="a.csv", actor=cast.supervisor, on=on)
    for year in (2016, 2021):
        old_files.assign(
            cast.office.pk, year, cast.staff.human_id, due_on=on + timedelta(days=20),
            actor=cast.supervisor, on=on,
        )  # fmt: skip
    bare, half, lacking, whole = OldFile.objects.order_by("no")
    old_files.answer(half.no, {"survey": (True, "")}, actor=cast.staff, on=on)
    for file in (lacking, whole):
        found = {line.slot: (True, "") for line in file.lines.all()}
        if file == lacking:
            found["notice"] = (False, "缺公示单")
        old_files.answer(file.no, found, actor=cast.staff, on=on)
    old_files.problem(lacking.no, actor=cast.staff, on=on)
    old_files.whole(whole.no, actor=cast.staff, on=on)
    return [file.no for file in (bare, half, lacking, whole)]


def printed(house: House, on: date) -> list[str]:
    """One run that the worker has not begun, one that is done."""
    files = Dossier.objects.filter(office=house.cast.office)
    begun, done = (
        printing_many.ask(title, files, actor=house.cast.staff, on=on)
        for title in ("档案清单", "2026 年 城市低保 甲街道")
    )
    while printing_many.go_on(done.no, on):
        pass
    return [begun.no, done.no]
