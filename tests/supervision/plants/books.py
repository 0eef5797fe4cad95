"""Offices of their own, their lists with sums, and their books: what the plants of money need."""

from datetime import date
from typing import Any

from django.db import transaction

from cases.models import Benefit, Entitlement, Review
from funds.models import (
    FundAccount,
    LedgerClose,
    LedgerEntry,
    LedgerGroup,
    PayoutBatch,
    PayoutLine,
)
from tests.cast import unit
from tests.supervision.ground import ON, Ground
from yuquan_relief.kernel.models import Unit

LAST = date(2026, 10, 1)  # the month before
NEXT = date(2026, 12, 1)
MOST = date(2026, 11, 10)


def branch(ground: Ground, district: Unit | None = None) -> Unit:
    """The village of an office of its own, for what is counted office by office."""
    n = next(ground.serial)
    office = unit(f"演练{n}街道", "OFFICE", f"7{n:08d}", district or ground.cast.district)
    return unit(f"演练{n}社区", "COMMUNITY", f"7{n:08d}001", office)


def office_of(village: Unit) -> Unit:
    """The village's office."""
    assert village.parent is not None
    return village.parent


def post(ground: Ground, office: Unit, day: date, kind: str, **of: Any) -> LedgerGroup:
    """A posting of the books: `fen` by kind of account. The month before is closed.

    `of`: fen, and programme, source, year, batch where they are not the usual ones.
    """
    moves: dict[str, int] = of.pop("fen")
    programme, source = of.pop("programme", "URBAN_ALLOWANCE"), of.pop("source", "CITY")
    key = {"office": office, "source": source, "year": of.pop("year", ON.year)}
    with ground.past("funds_ledgergroup", "funds_ledgerentry"), transaction.atomic():
        group = LedgerGroup.objects.create(
            kind=kind, programme=programme, office=office, on_day=day, **of
        )
        for name, fen in moves.items():
            purse, _ = FundAccount.objects.get_or_create(kind=name, programme=programme, **key)
            LedgerEntry.objects.create(
                group=group, account=purse, programme=programme, amount_fen=fen
            )
    if office.parent == ground.cast.district:
        closed(ground, ground.cast.district)
    return group


def given(ground: Ground, office: Unit, day: date, fen: int, **of: Any) -> LedgerGroup:
    """The district has allocated so much."""
    moves = {"SOURCE": -fen, "AVAILABLE": fen}
    return post(ground, office, day, "ALLOCATION", fen=moves, **of)


def closed(ground: Ground, district: Unit) -> None:
    """The books of the month before are closed."""
    LedgerClose.objects.get_or_create(
        district=district,
        month=LAST,
        defaults={
            "trial": {}, "trial_sha256": "0" * 64, "closed_on": date(2026, 11, 5),
            "closed_by_id": ground.person("accountant"),
        },
    )  # fmt: skip


def opened(ground: Ground, village: Unit, month: date = LAST, **changes: Any) -> PayoutBatch:
    """A list of the village's office without lines yet."""
    serial = 1 if changes.get("kind", "NORMAL") == "NORMAL" else next(ground.serial) % 30_000
    values = {"state": "OPEN", "serial": serial} | changes
    return ground.batch(office=office_of(village), month=month, **values)


def settled(
    ground: Ground, batch: PayoutBatch, *, books: bool = True, **changes: Any
) -> PayoutBatch:
    """The list has the sums of its lines, is CLOSED and stands in the books.

    `changes`: of its row (state and so on); `books` False: nothing of it was posted.
    """
    lines = list(batch.lines.values_list("state", "amount_fen"))
    paid = [fen for state, fen in lines if state == "PAID"]
    back = [fen for state, fen in lines if state == "RETURNED"]
    values = {
        "state": "CLOSED", "file_sha256": "" if changes.get("state") == "OPEN" else "0" * 64,
        "line_count": len(lines),
        "total_fen": sum(fen for _, fen in lines), "household_count": len(lines),
        "paid_count": len(paid), "paid_fen": sum(paid),
        "returned_count": len(back), "returned_fen": sum(back),
    }  # fmt: skip
    with ground.past("funds_payoutbatch"):
        PayoutBatch.objects.filter(pk=batch.pk).update(**values | changes)
    batch.refresh_from_db()
    if books and batch.state in ("APPROVED", "SENT", "CLOSED"):
        _book(ground, batch, {"PAID": sum(paid), "OWED": sum(back)})
    return batch


def _book(ground: Ground, batch: PayoutBatch, into: dict[str, int]) -> None:
    day, programme = min(batch.month.replace(day=8), ON), batch.programme
    total = batch.total_fen
    given(ground, batch.office, day, total, programme=programme, year=batch.fund_year)
    of = {"batch": batch, "programme": programme, "year": batch.fund_year}
    moves = {"AVAILABLE": -total, "COMMITTED": total}
    post(ground, batch.office, day, "COMMITMENT", fen=moves, **of)
    gone = {name: fen for name, fen in into.items() if fen}
    if gone:
        moves = {"COMMITTED": -sum(gone.values())} | gone
        post(ground, batch.office, day, "PAYMENT", fen=moves, **of)


def one_line(
    ground: Ground,
    *,
    benefit: dict[str, Any] | None = None,
    batch: dict[str, Any] | None = None,
    village: Unit | None = None,
    **line: Any,
) -> tuple[PayoutBatch, PayoutLine, Benefit]:
    """A closed list of last month with one line, in an office of its own; changes of each row.

    `batch` may have month, and what `settled` takes.
    """
    village, rows = village or branch(ground), dict(batch or {})
    made = ground.benefit(village=village, **(benefit or {}))
    after = {k: rows.pop(k) for k in AFTER & set(rows)}
    found = opened(ground, village, **rows)
    only = ground.line(found, made, **line)
    return settled(ground, found, **after), only, made


AFTER = {"state", "books", "total_fen", "line_count", "paid_fen", "paid_count", "snapshot_sha256"}


def entitlement(
    ground: Ground, benefit: Benefit, day: date, fen: int, outcome: str = "RAISE", **changes: Any
) -> Entitlement:
    """The family was told on `day` that it gets so much from that month on."""
    first = day.replace(day=1)
    reviewed: Review = ground.review(
        benefit, outcome=outcome, opened_on=day, decided_on=day, monthly_fen=fen,
        from_month=changes.get("from_month", first),
    )  # fmt: skip
    values = {
        "from_month": first, "paid_with": first, "persons": benefit.persons, "monthly_fen": fen,
        "supplement_fen": 0, "recorded_on": day,
    }  # fmt: skip
    return Entitlement.objects.create(benefit=benefit, review=reviewed, **values | changes)
