"""Bank, ledger, purses, what is owed, and changes of amounts: R63-R66; R60-R62 are in lists."""

from datetime import date, timedelta
from typing import Any

from cases.models import Benefit
from funds.models import BankResult, PayoutLine, ResultException
from tests.cast import unit
from tests.supervision.ground import MONTH, ON, Ground
from tests.supervision.plants import lists
from tests.supervision.plants.books import (
    LAST,
    NEXT,
    branch,
    closed,
    entitlement,
    given,
    office_of,
    one_line,
    opened,
    post,
    settled,
)
from tests.supervision.plants.shape import Plant
from yuquan_relief.kernel.fields import digest
from yuquan_relief.kernel.models import Unit

RELIEF = "EXPENSE_RELIEF"
AUGUST, SEPTEMBER = date(2026, 8, 1), date(2026, 9, 1)

# ---------------------------------------------------------------- R63


def _booked(ground: Ground, fen: int, **of: Any) -> str:
    """A list of 400.00 that was paid; `fen` of it stand in the books."""
    batch, _, _ = one_line(ground, batch={"month": MONTH, "books": False} | of)
    day = MONTH.replace(day=8)
    given(ground, batch.office, day, 400_00)
    for kind, out_of, into, sum_fen in (
        ("COMMITMENT", "AVAILABLE", "COMMITTED", 400_00),
        ("PAYMENT", "COMMITTED", "PAID", fen),
    ):
        post(ground, batch.office, day, kind, fen={out_of: -sum_fen, into: sum_fen}, batch=batch)
    return str(batch.no)


def _exception(ground: Ground, imported: date, **changes: Any) -> str:
    batch, _, _ = one_line(ground, batch={"month": MONTH})
    result = BankResult.objects.create(
        batch=batch, sha256=digest(batch.no), rows=2, paid_count=1, paid_fen=400_00,
        returned_count=0, returned_fen=0, exception_count=1, imported_on=imported,
    )  # fmt: skip
    ResultException.objects.create(
        result=result, batch=batch, kind="EXTRA", row_number=2, detail="名单里没有", **changes
    )
    return str(batch.no)


def _resolved(ground: Ground) -> str:
    by = ground.person("accountant")
    return _exception(
        ground, date(2026, 11, 9), resolution="银行更正", resolved_on=ON, resolved_by_id=by
    )


def _two_lines(ground: Ground, *serials: str, offices: int = 1) -> str:
    """Two lines of one day with these serial numbers, in one list or in those of two offices."""
    villages = [branch(ground) for _ in range(offices)]
    batches = [opened(ground, village, MONTH) for village in villages]
    for serial, at in zip(serials, (0, -1), strict=True):
        ground.line(batches[at], ground.benefit(village=villages[at]), serial=serial)
    return str([settled(ground, batch) for batch in batches][-1].no)


# ---------------------------------------------------------------- R64


def _purse(ground: Ground, **by_source: int) -> str:
    """An office whose purses hold so much since this month."""
    office = office_of(branch(ground))
    for source, fen in by_source.items():
        given(ground, office, date(2026, 11, 2), fen, source=source)
    return str(office.code)


def _imprest(ground: Ground, left: int, *months: date) -> str:
    """Relief of 3,364.00 was paid in each month; so much is left of what was allocated."""
    village = branch(ground)
    for month in months:
        _relief_of(ground, village, month)
    given(ground, office_of(village), MONTH, left, programme=RELIEF)
    return str(office_of(village).code)


def _relief_of(ground: Ground, village: Unit, month: date) -> None:
    case = ground.case(village=village, programme=RELIEF)
    batch = opened(ground, village, month, programme=RELIEF, kind="SINGLE")
    head, account = ground.head(case.household), case.household.accounts.get()
    PayoutLine.objects.create(
        batch=batch, office=batch.office, line_no=1, case=case, household=case.household,
        month=month, kind="SINGLE", amount_fen=3_364_00, base_fen=3_364_00, supplement_fen=0,
        persons=1, certificate_no=case.no, village_name="村", head_name=head.name,
        id_no=head.id_no, id_tail=head.id_tail, holder=head.name, bank="演练银行",
        account=account.number, account_digest=account.number_digest,
        account_tail=account.number_tail, state="PAID", paid_on=month.replace(day=8),
        serial=f"S{next(ground.serial)}", answered_on=month.replace(day=8),
    )  # fmt: skip
    settled(ground, batch)


def _books(ground: Ground, first: date, *, is_closed: bool = False) -> str:
    """An office of another district, with its first posting on a day."""
    district = unit("演练区", "DISTRICT", f"6{next(ground.serial):05d}", None)
    village = branch(ground, district)
    given(ground, office_of(village), first, 100_00)
    if is_closed:
        closed(ground, district)
    return str(office_of(village).code)


# ---------------------------------------------------------------- R65


def _unlisted(ground: Ground, month: date = LAST, **changes: Any) -> str:
    """A household without a line, in an office that had a list of the month."""
    village = branch(ground)
    one_line(ground, village=village, batch={"month": month}, benefit={"end_month": month})
    return str(ground.benefit(village=village, **changes).key)


def _listed(ground: Ground, kind: str, month: date = LAST, **line: Any) -> str:
    """October is in a list of the kind; another household is in the list of the month itself."""
    village = branch(ground)
    programme = {"programme": "URBAN_DESTITUTE"}
    one_line(ground, village=village, benefit=programme, batch=programme)
    changes = {"kind": kind, "month": LAST} | line
    batch = {"kind": kind, "month": month} | programme
    _, _, benefit = one_line(
        ground, village=village, benefit=programme, batch=batch, **changes,
    )  # fmt: skip
    return str(benefit.key)


def _came_back(ground: Ground) -> str:
    village = branch(ground)
    one_line(ground, village=village, state="RETURNED", answered_on=date(2026, 11, 20))
    return str(Benefit.objects.get(village=village).key)


def _idle(ground: Ground, *moves: tuple[date, str, int]) -> str:
    """An office whose purse moved so."""
    office = office_of(branch(ground))
    for day, kind, fen in moves:
        other = "COMMITTED" if kind == "COMMITMENT" else "SOURCE"
        batch = {"batch": _paper(ground, office)} if kind == "COMMITMENT" else {}
        post(ground, office, day, kind, fen={other: -fen, "AVAILABLE": fen}, **batch)
    return str(office.code)


def _paper(ground: Ground, office: Unit) -> Any:
    """A list to which a posting may refer, and which nobody is in."""
    n = next(ground.serial) % 30_000
    return ground.batch(office=office, month=NEXT, state="OPEN", kind="BACK_PAY", serial=n)


# ---------------------------------------------------------------- R66


def _raised_and_reduced(ground: Ground, first: date, *steps: int) -> str:
    """400.00 a month becomes each of these sums in turn, the first told on a day."""
    benefit = ground.benefit(village=branch(ground))
    days = [first, date(2026, 10, 1)]
    before = 400_00
    for day, fen in zip(days, steps, strict=True):
        if fen > before:
            entitlement(ground, benefit, day, fen)
        else:
            entitlement(ground, benefit, day, fen, "REDUCE", from_month=LAST, paid_with=LAST)
        before = fen
    return str(benefit.key)


def _saved(ground: Ground, **changes: Any) -> str:
    """A row from the roster that somebody has changed, with its history."""
    benefit = ground.benefit(village=branch(ground))
    for name, value in changes.items():
        setattr(benefit, name, value)
    benefit.save()
    return str(benefit.key)


def _written(ground: Ground, **changes: Any) -> str:
    """A row from the roster that was changed in the database, past its history."""
    benefit = ground.benefit(village=branch(ground))
    Benefit.objects.filter(pk=benefit.pk).update(**changes)
    return str(benefit.key)


def _decided(ground: Ground, **changes: int) -> str:
    case = ground.case(village=branch(ground))
    Benefit.objects.filter(source_case=case).update(**changes)
    return str(Benefit.objects.get(source_case=case).key)


def _decided_and_raised(ground: Ground) -> str:
    case = ground.case(village=branch(ground))
    benefit = Benefit.objects.get(source_case=case)
    entitlement(ground, benefit, date(2026, 11, 16), 450_00)
    return str(benefit.key)


AUGUST_28, AUGUST_29 = ON - timedelta(days=91), ON - timedelta(days=90)
JANUARY = date(2026, 1, 12)
PLANTS = [
    *lists.PLANTS,
    Plant("R63", "台账记", hit=lambda g: _booked(g, 399_99), near=lambda g: _booked(g, 400_00)),
    Plant("R63", "台账记",
          hit=lambda g: _booked(g, 399_99, state="SENT", month=NEXT),
          near=lambda g: _booked(g, 400_00, state="SENT", month=NEXT)),
    Plant("R63", "有差异", hit=lambda g: _exception(g, date(2026, 11, 23)),
          near=lambda g: _exception(g, date(2026, 11, 24))),
    Plant("R63", "有差异", hit=lambda g: _exception(g, date(2026, 11, 9)), near=_resolved),
    Plant("R63", "对应两笔", hit=lambda g: _two_lines(g, "T1", "T1"),
          near=lambda g: _two_lines(g, "T2", "T3")),
    Plant("R63", "对应两笔", hit=lambda g: _two_lines(g, "T4", "T4", offices=2),
          near=lambda g: _two_lines(g, "T5", "T6", offices=2)),
    Plant("R64", "透支", hit=lambda g: _purse(g, CITY=-1), near=lambda g: _purse(g, CITY=1)),
    Plant("R64", "透支", hit=lambda g: _purse(g, CITY=-1, DISTRICT=100_00),
          near=lambda g: _purse(g, CITY=1, DISTRICT=100_00)),
    Plant("R64", "三个月用量", hit=lambda g: _imprest(g, 3_364_01, LAST),
          near=lambda g: _imprest(g, 3_364_00, LAST)),
    Plant("R64", "三个月用量",  # the month that goes on is none of the three
          hit=lambda g: _imprest(g, 6_728_00, LAST, MONTH),
          near=lambda g: _imprest(g, 6_728_00, AUGUST, LAST)),
    Plant("R64", "三个月用量", hit=lambda g: _imprest(g, 6_728_00, date(2026, 7, 1), AUGUST),
          near=lambda g: _imprest(g, 6_728_00, MONTH)),
    Plant("R64", "没有对账关账", hit=lambda g: _books(g, date(2026, 10, 31)),
          near=lambda g: _books(g, MONTH)),
    Plant("R64", "没有对账关账", hit=lambda g: _books(g, date(2026, 9, 30)),
          near=lambda g: _books(g, date(2026, 10, 31), is_closed=True)),
    Plant("R65", "应发未发", hit=_unlisted,
          near=lambda g: _unlisted(g, start_month=LAST, paid_with=MONTH)),
    Plant("R65", "应发未发", hit=lambda g: _unlisted(g, end_month=LAST),
          near=lambda g: _unlisted(g, end_month=SEPTEMBER)),
    Plant("R65", "应发未发", hit=lambda g: _listed(g, "CARE"),
          near=lambda g: _listed(g, "BACK_PAY", MONTH)),
    Plant("R65", "应发未发", hit=lambda g: _unlisted(g, SEPTEMBER), near=_came_back),
    Plant("R65", "应发未发",  # several months went by without a list; the first one is not due yet
          hit=lambda g: (_unlisted(g, AUGUST), _unlisted(g, date(2026, 2, 1))),
          near=lambda g: _unlisted(g, MONTH)),
    Plant("R65", "没有使用", hit=lambda g: _idle(g, (AUGUST_28, "ALLOCATION", 100_00)),
          near=lambda g: _idle(g, (AUGUST_29, "ALLOCATION", 100_00))),
    Plant("R65", "没有使用",
          hit=lambda g: _idle(g, (JANUARY, "ALLOCATION", 100_00), (AUGUST_28, "COMMITMENT", -1)),
          near=lambda g: _idle(g, (JANUARY, "ALLOCATION", 100_00), (AUGUST_29, "COMMITMENT", -1))),
    Plant("R65", "没有使用",
          hit=lambda g: _idle(g, (JANUARY, "ALLOCATION", 100_00), (MONTH, "CARRY_OVER", -1)),
          near=lambda g: _idle(g, (JANUARY, "ALLOCATION", 100_00), (JANUARY, "COMMITMENT", -100_00),
                               (AUGUST_29, "ALLOCATION", 100_00))),
    Plant("R66", "又变回", hit=lambda g: _raised_and_reduced(g, date(2026, 7, 1), 500_00, 400_00),
          near=lambda g: _raised_and_reduced(g, date(2026, 6, 30), 500_00, 400_00)),
    Plant("R66", "又变回", hit=lambda g: _raised_and_reduced(g, date(2026, 9, 7), 500_00, 410_00),
          near=lambda g: _raised_and_reduced(g, date(2026, 9, 7), 300_00, 400_00)),
    Plant("R66", "又变回", hit=lambda g: _raised_and_reduced(g, date(2026, 9, 7), 500_00, 395_00),
          near=lambda g: _raised_and_reduced(g, date(2026, 9, 7), 500_00, 510_00)),
    Plant("R66", "改动", hit=lambda g: _saved(g, monthly_fen=400_01),
          near=lambda g: _saved(g, category="A")),
    Plant("R66", "改动", hit=lambda g: _saved(g, supplement_fen=1),
          near=lambda g: _written(g, category="A")),
    Plant("R66", "改动", hit=lambda g: _written(g, monthly_fen=400_01),
          near=lambda g: _saved(g, support="")),
    Plant("R66", "与决定的", hit=lambda g: _decided(g, monthly_fen=400_01),
          near=_decided_and_raised),
    Plant("R66", "与决定的", hit=lambda g: _decided(g, supplement_fen=1),
          near=lambda g: _decided(g, monthly_fen=400_00)),
]  # fmt: skip
