"""C27: yesterday's backup is restored, and the bank already has the month's file."""

import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.core.exceptions import PermissionDenied
from django.db import connections

from cases.models import PayeeAccount
from funds import invariants
from funds.downloads import file_answer
from funds.inbox import restored
from funds.models import PayoutBatch, SettledHandOver, handed_over
from funds.models.handed_over import book_path, entries, lost_tail, unaccounted, write_down
from funds.operations import batches, building, hand_overs
from funds.operations.building import Order, open_list
from funds.rules import batches as table
from funds.tasks import keep_hand_over_book
from tests.cast import SIGN_CODE, Cast, make_cast
from tests.databases import as_owner
from tests.funds import payouts
from tests.funds.payouts import APPROVED, LOCKED, MONTH, OPENED, PAID, PROGRAMME, SENT
from yuquan_relief.kernel.errors import Refused

JANUARY = date(2027, 1, 1)


@pytest.fixture
def cast(own_database: str) -> Cast:
    """The cast, committed."""
    return make_cast()


class Backup:
    """A copy of the database as it stood, and putting it back in its place."""

    def __init__(self, database: str) -> None:
        self.database, self.copy = database, f"{database}_backup"
        self._alone(f'CREATE DATABASE "{self.copy}" TEMPLATE "{database}"')

    def restore(self) -> None:
        """What has happened since the backup is gone."""
        self._alone(f'DROP DATABASE "{self.database}" WITH (FORCE)')
        self._alone(f'ALTER DATABASE "{self.copy}" RENAME TO "{self.database}"')

    def drop(self) -> None:
        """The copy is gone, if it was not used."""
        self._alone(f'DROP DATABASE IF EXISTS "{self.copy}" WITH (FORCE)')

    @staticmethod
    def _alone(sql: str) -> None:
        connections.close_all()
        for _ in range(20):
            try:
                return as_owner(sql)
            except (psycopg2.errors.ObjectInUse, psycopg2.errors.InsufficientPrivilege):
                time.sleep(0.5)  # an autovacuum worker is in it, and leaves by itself
        return as_owner(sql)


@pytest.fixture
def backup(own_database: str, cast: Cast) -> Iterator[Backup]:
    """Taken while the December list is open; an hour later its file is with the bank."""
    batch = payouts.opened(cast)
    found = Backup(own_database)
    hand_over(cast, batch)
    yield found
    found.drop()


def hand_over(cast: Cast, batch: PayoutBatch) -> PayoutBatch:
    """Locked, approved, taken, and the bytes given out."""
    approve(cast, batch)
    batches.take_file(batch.no, actor=cast.accountant, on=SENT, proof=cast.proof("accountant"))
    batch = payouts.fresh(batch)
    file_answer(batch)
    return batch


def approve(cast: Cast, batch: PayoutBatch) -> None:
    batches.lock(batch.no, actor=cast.staff, on=LOCKED, proof=cast.proof("staff"))
    batches.approve(batch.no, actor=cast.leader, on=APPROVED, proof=cast.proof("leader", "同意"))


def take(cast: Cast, no: str) -> None:
    batches.take_file(no, actor=cast.accountant, on=SENT, proof=cast.proof("accountant"))


def recognise(cast: Cast, no: str) -> None:
    hand_overs.recognise(no, actor=cast.accountant, on=SENT, proof=cast.proof("accountant"))


def test_no_byte_leaves_before_the_book_has_it(cast: Cast) -> None:
    batch = payouts.sent(cast)
    assert entries() == []
    file_answer(batch)
    file_answer(batch)  # taken again with a reason: one line
    (entry,) = entries()
    assert (entry.no, entry.file_sha256, entry.total_fen) == (batch.no, batch.file_sha256, 204_600)
    assert unaccounted() == []
    assert lost_tail() is None


def test_the_clock_completes_the_book(cast: Cast) -> None:
    payouts.sent(cast)
    assert keep_hand_over_book(SENT) == 1
    assert keep_hand_over_book(SENT) == 0
    assert list(invariants.broken()) == []


def test_a_restored_backup_pays_nobody_twice(cast: Cast, backup: Backup) -> None:
    """The whole drill: found, refused, made again with the same bytes, recognised, answered."""
    no, sha256 = PayoutBatch.objects.values_list("no", "file_sha256").get()
    backup.restore()
    batch = PayoutBatch.objects.get()
    assert batch.state == "OPEN"
    told = list(invariants.broken())
    assert any(f"名单 {no} 在 {SENT} 已经报送银行" in text for text in told)
    assert any("数据库比交接簿旧" in text for text in told)
    assert [m.hint for m in restored(cast.supervisor, SENT)] == [no]
    assert restored(cast.staff, SENT) == []
    assert handed_over.unaccounted_in(cast.district.pk) == unaccounted()
    assert handed_over.unaccounted_in(cast.office.pk) == []  # another district's is not shown
    later = date(2026, 12, 22)
    with pytest.raises(Refused, match="交接簿记着名单"):
        building.open_month(cast.office.pk, PROGRAMME, month=JANUARY, actor=cast.staff, on=later)
    approve(cast, batch)
    assert payouts.fresh(batch).file_sha256 == sha256  # the same facts, the same bytes
    with pytest.raises(Refused, match="不能再报送，请办理“登记已报送”"):
        take(cast, no)
    recognise(cast, no)
    batch = payouts.fresh(batch)
    assert (batch.state, unaccounted()) == ("SENT", [])
    payouts.imported(cast, batch, payouts.answers(batch))
    assert payouts.fresh(batch).state == "CLOSED"
    assert [t for t in invariants.broken() if "数据库比交接簿旧" not in t] == []


def test_without_the_book_the_bank_would_get_it_again(
    cast: Cast, backup: Backup, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: the need taken away, the file leaves a second time."""
    backup.restore()
    batch = PayoutBatch.objects.get()
    approve(cast, batch)
    always = table.Need("", lambda f: "")
    monkeypatch.setitem(table.NEEDS, "not_handed_over", always)
    take(cast, batch.no)
    assert payouts.fresh(batch).state == "SENT"


def test_another_list_waits_until_it_is_clear(cast: Cast, backup: Backup) -> None:
    """Of the same office and programme; others go on."""
    backup.restore()
    order = Order(kind="ADVANCE", programme=PROGRAMME, month=MONTH, months=2)
    next_one = Order(kind="ADVANCE", programme=PROGRAMME, month=JANUARY, months=2)
    payouts.in_benefit(cast, 9)
    with pytest.raises(Refused, match="交接簿记着名单"):
        open_list(cast.office.pk, next_one, actor=cast.staff, on=date(2026, 12, 2))
    other = open_list(cast.office.pk, order, actor=cast.staff, on=date(2026, 11, 30))
    with pytest.raises(Refused, match="交接簿记着名单"):
        batches.lock(other.no, actor=cast.staff, on=LOCKED, proof=cast.proof("staff"))
    payouts.in_benefit(cast, 10, programme="RURAL_ALLOWANCE")
    rural = building.open_month(
        cast.office.pk, "RURAL_ALLOWANCE", month=MONTH, actor=cast.staff, on=OPENED
    )
    assert rural.line_count == 1


def test_other_bytes_are_not_recognised_but_settled_by_the_bureau(
    cast: Cast, backup: Backup
) -> None:
    no, sha256 = PayoutBatch.objects.values_list("no", "file_sha256").get()
    backup.restore()
    household = PayeeAccount.objects.first()
    assert household is not None
    payouts.account(household.household, 77, "演练户")  # something that was not so before
    building.rebuild(no, actor=cast.staff, on=LOCKED)
    approve(cast, PayoutBatch.objects.get())
    with pytest.raises(Refused, match="内容不同的银行文件"):
        take(cast, no)
    with pytest.raises(Refused, match="不能登记已报送"):
        recognise(cast, no)
    with pytest.raises(PermissionDenied):
        hand_overs.settle(sha256, note="已支付", actor=cast.accountant, on=SENT)
    with pytest.raises(Refused, match="请写明核对的结果"):
        hand_overs.settle(sha256, note=" ", actor=cast.supervisor, on=SENT)
    hand_overs.settle(sha256, note="银行没有支付，已退回文件", actor=cast.supervisor, on=SENT)
    assert unaccounted() == []
    with pytest.raises(Refused, match="没有这份待核对"):
        hand_overs.settle(sha256, note="再登记", actor=cast.supervisor, on=SENT)
    take(cast, no)
    assert SettledHandOver.objects.get().no == no


def test_the_pages_say_what_to_do(cast: Cast, backup: Backup, on_day: Any) -> None:
    no, sha256 = PayoutBatch.objects.values_list("no", "file_sha256").get()
    backup.restore()
    on_day(SENT)
    bureau = cast.client("supervisor")
    page = bureau.get("/funds/books/").content.decode()
    assert "银行已有、系统里没有的名单" in page
    assert no in page
    assert "银行已有" not in cast.client("staff").get("/funds/books/").content.decode()
    approve(cast, PayoutBatch.objects.get())
    url = f"/pay/2026-12/{cast.office.code}/{PROGRAMME}/"
    accountant = cast.client("accountant")
    shown = accountant.get(url)
    assert "登记已报送" in shown.content.decode()
    form = next(a for a in shown.context["acts"] if a["code"] == "recognise")["form"]
    values = {f.name: f.value() for f in form if f.value() is not None}
    answer = accountant.post(url + "recognise/", values | {"sign_code": SIGN_CODE})
    assert answer.status_code == 302, answer.content.decode()
    assert "银行已有" not in bureau.get("/funds/books/").content.decode()
    settle = {"what": "settle", "file_sha256": sha256, "note": ""}
    assert bureau.post("/funds/books/", settle).status_code == 422
    assert bureau.post("/funds/books/", settle | {"note": "已核对"}).status_code == 409


def test_a_list_as_usual_has_no_such_button(cast: Cast, on_day: Any) -> None:
    batch = payouts.approved(cast)
    on_day(SENT)
    url = f"/pay/2026-12/{cast.office.code}/{PROGRAMME}/"
    assert "登记已报送" not in cast.client("accountant").get(url).content.decode()
    with pytest.raises(Refused, match="不能登记已报送"):
        recognise(cast, batch.no)


def test_half_a_line_of_a_process_that_died_spoils_nothing(cast: Cast) -> None:
    batch = payouts.sent(cast)
    write_down(batch)
    path: Path = book_path()
    with path.open("ab") as book:
        book.write(b'{"no": "FF-half')
    assert [e.no for e in entries()] == [batch.no]
    assert write_down(batch) is False
    assert path.read_bytes().endswith(b"}\n")
    assert list(invariants.broken()) == []
    with path.open("ab") as book:
        book.write(b'{"no": "FF-forged"}\n')
    assert [e.no for e in entries()] == [batch.no]
    assert list(invariants.broken()) == ["交接簿第 2 行不能读取，可能被改动"]


def test_the_clock_of_the_answer_does_not_matter(cast: Cast) -> None:
    payouts.through(cast, payouts.opened(cast), PAID)
    assert keep_hand_over_book(PAID) == 1
    assert handed_over.unaccounted() == []
