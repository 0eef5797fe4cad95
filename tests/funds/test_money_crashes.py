"""kill -9 in the middle of what goes beside the month's run: lists of their own, papers of money,
the book of bank files. The same press again, and it stands once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cases.models import Benefit
from funds import invariants
from funds.faults import POINTS
from funds.models import (
    Allocation,
    GivenUpReturn,
    ImprestRequest,
    LedgerGroup,
    PayoutBatch,
    PayoutLine,
    Recovery,
    RecoveryReceipt,
)
from funds.models.handed_over import entries
from funds.operations import batches, paying_back, planning
from funds.operations.paper_acts import content_sha256
from funds.operations.papers import perform
from funds.operations.planning import Asked
from funds.operations.recoveries import open_recoveries
from funds.views.common import batch_url
from tests.cast import SIGN_CODE, Cast, make_cast
from tests.funds import payouts
from tests.funds.payouts import PAID, SENT
from tests.funds.presses import press, session_of
from tests.funds.test_crashes import OF_WEB, OF_WORKER
from tests.serving import keep_day, serve, shifted

DAY = date(2026, 12, 14)


@dataclass(frozen=True)
class Case:
    """Who presses on which day, what stands before (giving the address and the fields), and how
    often the effect is there."""

    who: str
    on: date
    before: Callable[[Cast], tuple[str, dict[str, Any] | None]]
    effects: Callable[[], int]


def came_back(cast: Cast) -> PayoutBatch:
    """Of two households one did not get its money."""
    return payouts.through(cast, payouts.opened(cast, 2), PAID, returned=(1,))


def reissue(cast: Cast) -> tuple[str, dict[str, Any]]:
    came_back(cast)
    return "/pay/2026-12/new/", {"kind": "REISSUE", "programme": "URBAN_ALLOWANCE"}


def give_up(cast: Cast) -> tuple[str, dict[str, Any]]:
    batch = came_back(cast)
    return batch_url(batch, "pay_give_up", line_no=1), {"note": "本人死亡，没有家属"}


def asked_back(cast: Cast) -> Recovery:
    """One household has to pay back a month, and was told."""
    payouts.through(cast, payouts.opened(cast, 2), PAID)
    Benefit.objects.filter(certificate_no="C00001").update(end_month=date(2026, 11, 1))
    open_recoveries(DAY)
    told = paying_back.Told(told_on=DAY, method="DIRECT", receiver="演练户1")
    paying_back.tell(Recovery.objects.get().no, told, actor=cast.staff, on=DAY)
    return Recovery.objects.get()


def receive(cast: Cast) -> tuple[str, dict[str, Any]]:
    recovery = asked_back(cast)
    return f"/funds/papers/{recovery.no}/receive/", {
        "version": recovery.version,
        "key": "k" * 32,
        "paid_on": "2026-12-14",
        "amount": "682",
        "voucher_no": "JK-1",
        "payer": "演练户1",
    }


def write_off(cast: Cast) -> tuple[str, dict[str, Any]]:
    recovery = asked_back(cast)
    note, proof = "本人死亡，没有遗产", cast.proof("leader")
    perform(Recovery, recovery.no, "ask_write_off", actor=cast.leader, on=DAY, note=note,
            proof=proof)  # fmt: skip
    return f"/funds/papers/{recovery.no}/write_off/", signed(Recovery.objects.get())


def signed(paper: Any) -> dict[str, Any]:
    """What the form of a signed step brings."""
    return {
        "version": paper.version,
        "content_sha256": content_sha256(paper),
        "sign_code": SIGN_CODE,
    }


def grant(cast: Cast) -> tuple[str, dict[str, Any]]:
    asked = Asked(
        programme="URGENT_RELIEF", month=date(2027, 1, 1), amount_fen=200_000, reason="冬季"
    )
    made = planning.ask_imprest(asked, actor=cast.staff, on=DAY)
    perform(ImprestRequest, made.no, "sign", actor=cast.leader, on=DAY, proof=cast.proof("leader"))
    money = {"source": "CITY", "amount": "2000", "document": "玉财社〔2027〕5 号"}
    return f"/funds/papers/{made.no}/grant/", money | signed(ImprestRequest.objects.get())


def download(cast: Cast) -> tuple[str, None]:
    batch = payouts.approved(cast)
    batches.take_file(batch.no, actor=cast.accountant, on=SENT, proof=cast.proof("accountant"))
    return batch_url(batch, "pay_file"), None


def receipts() -> int:
    """Receipts, each with its postings."""
    assert RecoveryReceipt.objects.count() == LedgerGroup.objects.filter(kind="RECOVERY").count()
    return RecoveryReceipt.objects.count()


CASES = {
    "funds.open.after_insert": Case(
        "staff", DAY, reissue, PayoutBatch.objects.filter(kind="REISSUE").count
    ),
    "funds.open.before_commit": Case(
        "staff", DAY, reissue, PayoutLine.objects.filter(reissues__isnull=False).count
    ),
    "funds.give_up.before_commit": Case("leader", DAY, give_up, GivenUpReturn.objects.count),
    "funds.recovery.receive.before_commit": Case("staff", DAY, receive, receipts),
    "funds.recovery.receive.after_commit": Case("staff", DAY, receive, receipts),
    "funds.recovery.write_off.before_commit": Case(
        "bureau", DAY, write_off, Recovery.objects.filter(written_off_fen=68_200).count
    ),
    "funds.imprest.grant.before_commit": Case("supervisor", DAY, grant, Allocation.objects.count),
    "funds.imprest.grant.after_commit": Case("supervisor", DAY, grant, Allocation.objects.count),
    "funds.hand_over.book_written": Case("accountant", SENT, download, lambda: len(entries())),
}


def test_every_named_point_is_killed_at() -> None:
    """A point that no test asks for would prove nothing."""
    assert set(CASES) | set(OF_WEB) | set(OF_WORKER) == POINTS


@pytest.fixture
def place(own_database: str, own_store: Path, tmp_path: Path) -> Path:
    """The server's folder; its store is the test's."""
    (tmp_path / "day").write_text("0", "ascii")
    return tmp_path


@pytest.mark.deep
@pytest.mark.parametrize("point", CASES)
def test_killed_and_pressed_again_it_stands_once(
    point: str, own_database: str, place: Path
) -> None:
    case, cast = CASES[point], make_cast()
    with shifted(case.on):
        path, fields = case.before(cast)
        session = session_of(cast, case.who, case.on)
    keep_day(place, case.on)
    deadly = serve(own_database, place, RELIEF_FAULT=point)
    try:
        with pytest.raises(ConnectionError):
            press(deadly, session, path, fields)
    finally:
        deadly.stop()
    kept = point.endswith(("after_commit", "book_written"))
    assert case.effects() == (1 if kept else 0)
    assert list(invariants.broken()) == []
    server = serve(own_database, place)
    try:
        assert press(server, session, path, fields) in (200, 302, 409)
        assert press(server, session, path, fields) in (200, 302, 409)  # a second click
    finally:
        server.stop()
    assert case.effects() == 1
    assert list(invariants.broken()) == []
