"""C11–C13: the disk is full, or the database goes away, in the middle of the month's run."""

import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.client import encode_multipart

from funds import faults, invariants
from funds.downloads import file_answer
from funds.models import BankResult, PayoutBatch
from funds.models.handed_over import entries
from funds.views.common import batch_url
from tests.cast import Cast, make_cast
from tests.funds import payouts
from tests.funds.test_crashes import STATES, WEB
from yuquan_relief.kernel import file_store
from yuquan_relief.kernel.errors import Refused

OnDay = Callable[[date], None]
MIDDLES = ["funds.lock.file_kept", "funds.lock.before_commit", "funds.approve.before_commit",
           "funds.take_file.before_commit", "funds.import_result.half",
           "funds.import_result.before_commit"]  # fmt: skip


@contextmanager
def no_room(limit: int = 100) -> Iterator[None]:
    """Whatever this process writes to a file beyond some bytes is refused by the system itself."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


def press(client: Client, batch: PayoutBatch, code: str) -> tuple[int, str]:
    """One step by its page: the status, and what it says."""
    fields: dict[str, Any] = WEB[code].form(payouts.fresh(batch))
    answer = client.post(batch_url(batch, "pay_step", code=code), fields)
    return answer.status_code, answer.content.decode()


def state(batch: PayoutBatch) -> str:
    return payouts.fresh(batch).state


@pytest.mark.parametrize("code", ["lock", "import_result"])
def test_a_full_disk_refuses_with_a_sentence_and_mends_itself(
    code: str, cast: Cast, own_store: Path, on_day: OnDay
) -> None:
    """C12: nothing half written, reading goes on, and with room again the same press works."""
    act, (before, after) = WEB[code], STATES[code]
    batch = act.before(cast)
    on_day(act.on)
    client = cast.client(act.who)
    with no_room():
        status, said = press(client, batch, code)
        assert (status, state(batch)) == (409, before)
        assert "存放文件的磁盘满了" in said
        assert client.get(batch_url(batch)).status_code == 200
    assert not list(own_store.rglob(".new-*"))
    assert not BankResult.objects.exists()
    assert list(invariants.broken()) == []
    assert press(client, batch, code)[0] == 302
    assert state(batch) == after


def test_without_the_cleaning_half_a_file_would_stay(
    own_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: what the store does about it is seen when it is not done."""
    content = b"x" * 5000
    with no_room(), pytest.raises(Refused, match="磁盘满了"):
        file_store.keep(content)
    assert list(own_store.rglob(".new-*")) == []
    monkeypatch.setattr(file_store.os, "unlink", lambda path: None)
    with no_room(), pytest.raises(Refused, match="磁盘满了"):
        file_store.keep(content)
    assert len(list(own_store.rglob(".new-*"))) == 1


@pytest.mark.parametrize("point", MIDDLES)
def test_a_database_that_goes_away_leaves_nothing_half_done(
    point: str, own_database: str, on_day: OnDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """C11: the connection is ended by the server in mid-transaction; the same press works later."""
    code = point.split(".")[1]
    act, (before, after), cast = WEB[code], STATES[code], make_cast()
    batch = act.before(cast)
    on_day(act.on)
    client = cast.client(act.who)
    client.raise_request_exception = False
    with monkeypatch.context() as patched:
        patched.setattr(faults, "point", going_away(point))
        status, said = press(client, batch, code)
    assert status == 503
    assert "也没有改动任何数据" in said
    connection.close()
    assert state(batch) == before
    assert list(invariants.broken()) == []
    assert press(client, batch, code)[0] == 302
    assert state(batch) == after
    assert list(invariants.broken()) == []


def going_away(at: str) -> Callable[[str], None]:
    """A fault point at which the server ends this connection; the next statement finds out."""

    def point(name: str) -> None:
        if name == at:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    return point


def test_the_interface_says_it_in_its_own_form(
    own_database: str, on_day: OnDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = make_cast()
    batch = payouts.opened(cast)
    on_day(payouts.LOCKED)
    client = cast.client("staff")
    client.raise_request_exception = False
    monkeypatch.setattr(faults, "point", going_away("funds.lock.before_commit"))
    fields = WEB["lock"].form(batch)
    answer = client.post(
        f"/api/v1/payouts/2026-12/{cast.office.code}/{batch.slug}/lock/",
        encode_multipart("b", fields),
        content_type="multipart/form-data; boundary=b",
    )
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
    assert answer.json()["code"] == "database_away"
    assert answer["Retry-After"] == "60"
    connection.close()
    assert state(batch) == "OPEN"


def test_another_fault_is_still_a_fault(
    cast: Cast, on_day: OnDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: not everything is excused as the database being away."""
    batch = payouts.opened(cast)
    on_day(payouts.LOCKED)
    client = cast.client("staff")
    client.raise_request_exception = False

    def broken(name: str) -> None:
        raise RuntimeError(name)

    monkeypatch.setattr(faults, "point", broken)
    assert press(client, batch, "lock")[0] == 500
    assert state(batch) == "OPEN"


def test_no_file_leaves_when_the_book_has_no_room_for_it(cast: Cast, own_store: Path) -> None:
    """Half a line would be no entry: the bytes stay here, and with room again they leave."""
    batch = payouts.sent(cast)
    with no_room(), pytest.raises(Refused, match="银行文件没有交出"):
        file_answer(batch)
    assert entries() == []
    assert file_answer(batch).status_code == 200
    assert [entry.no for entry in entries()] == [batch.no]
