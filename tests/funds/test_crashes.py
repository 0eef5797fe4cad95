"""kill -9 of web process and worker at every named point of the month's run: nothing lost,
nothing double, no repair.
"""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from funds import reports
from funds.faults import POINTS
from funds.models import PayoutBatch
from funds.views.common import batch_url
from tests.cast import SIGN_CODE, Cast, make_cast
from tests.funds import payouts
from tests.funds.presses import press, session_of
from tests.outbox.conftest import Lab, lab, until  # noqa: F401 - the fixture
from tests.serving import Server, keep_day, serve, shifted

STATES = {  # before and after the act
    "open": ("", "OPEN"),
    "rebuild": ("OPEN", "OPEN"),
    "lock": ("OPEN", "LOCKED"),
    "approve": ("LOCKED", "APPROVED"),
    "take_file": ("APPROVED", "SENT"),
    "import_result": ("SENT", "CLOSED"),
}
OF_WORKER = sorted(point for point in POINTS if point.startswith("funds.open."))
OF_WEB = sorted(
    point for point in POINTS if point.split(".")[1] in STATES and point not in OF_WORKER
)
Form = Callable[[PayoutBatch], dict[str, Any]]


@dataclass(frozen=True)
class WebAct:
    """An act as a page sends it: who, on which day, after what, with which fields."""

    who: str
    on: date
    before: Callable[[Cast], PayoutBatch]
    form: Form


WEB: dict[str, WebAct] = {
    "rebuild": WebAct("staff", payouts.LOCKED, payouts.opened, lambda b: {"version": b.version}),
    "lock": WebAct(
        "staff",
        payouts.LOCKED,
        payouts.opened,
        lambda b: {"version": b.version, "households": 3, "sign_code": SIGN_CODE},
    ),
    "approve": WebAct(
        "leader",
        payouts.APPROVED,
        payouts.locked,
        lambda b: {
            "version": b.version,
            "content_sha256": reports.content_sha256(b),
            "opinion": "同意发放。",
            "sign_code": SIGN_CODE,
        },
    ),
    "take_file": WebAct(
        "accountant", payouts.SENT, payouts.approved, lambda b: {"sign_code": SIGN_CODE}
    ),
    "import_result": WebAct(
        "accountant",
        payouts.PAID,
        payouts.sent,
        lambda b: {"file": SimpleUploadedFile("r.csv", payouts.result_file(payouts.answers(b)))},
    ),
}


def state() -> str:
    """The list's state, "" while there is none."""
    return PayoutBatch.objects.values_list("state", flat=True).first() or ""


def nothing_is_broken(on: date) -> None:
    """check_invariants, as an operator runs it, ends well."""
    with shifted(on):
        call_command("check_invariants")


@dataclass
class Post:
    """One press of a button: the same cookies and fields however often it is sent."""

    cast: Cast
    batch: PayoutBatch
    code: str

    def send(self, server: Server) -> int:
        """The status that comes back; raises ConnectionError when the process dies."""
        act = WEB[self.code]
        path = batch_url(self.batch, "pay_step", code=self.code)
        session = session_of(self.cast, act.who, act.on)
        return press(server, session, path, act.form(payouts.fresh(self.batch)))


@pytest.fixture
def place(own_database: str, own_store: Path, tmp_path: Path) -> Path:
    """The server's folder; its store is the test's."""
    (tmp_path / "day").write_text("0", "ascii")
    return tmp_path


@pytest.mark.deep
@pytest.mark.parametrize("point", OF_WEB)
def test_a_killed_web_process_loses_nothing_and_doubles_nothing(
    point: str, own_database: str, place: Path
) -> None:
    code = point.split(".")[1]
    act, (before, after) = WEB[code], STATES[code]
    cast = make_cast()
    with shifted(act.on):
        button = Post(cast, act.before(cast), code)
    keep_day(place, act.on)
    deadly = serve(own_database, place, RELIEF_FAULT=point)
    try:
        with pytest.raises(ConnectionError):
            button.send(deadly)
    finally:
        deadly.stop()
    assert state() == (after if point.endswith("after_commit") else before)
    nothing_is_broken(act.on)

    server = serve(own_database, place)
    try:
        assert button.send(server) in (302, 409, 422)  # the same again, as a person would
    finally:
        server.stop()
    assert state() == after
    the_month_is_whole(paid=after == "CLOSED")
    nothing_is_broken(act.on)


def the_month_is_whole(*, paid: bool) -> None:
    """Every household has its one line, and the money is the bank's word."""
    batch = PayoutBatch.objects.get()
    assert (batch.line_count, batch.lines.count()) == (3, 3)
    assert batch.paid_fen == (204_600 if paid else 0)


@pytest.mark.deep
@pytest.mark.parametrize("point", OF_WORKER)
def test_a_killed_worker_makes_the_lists_once(point: str, lab: Lab) -> None:  # noqa: F811
    cast = make_cast()
    for serial in (1, 2, 3):
        payouts.in_benefit(cast, serial)
    worker = lab.hire(RELIEF_FAULT=point)
    current_app.send_task("yuquan_relief.kernel.tasks.run_duties")
    until(lambda: "signal 9 (SIGKILL)" in lab.log.read_text())
    lab.kill(worker)
    assert state() == ""
    lab.hire()
    current_app.send_task("yuquan_relief.kernel.tasks.run_duties")  # as the clock does each hour
    until(lambda: state() == "OPEN")
    until(lambda: lab.sessions() == 0)
    months = PayoutBatch.objects.values_list("month", flat=True)
    assert len(months) == len(set(months))
    for batch in PayoutBatch.objects.all():
        assert (batch.line_count, batch.lines.count()) == (3, 3)
    call_command("check_invariants")


def test_a_fault_point_does_nothing_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    from funds import faults

    monkeypatch.delenv("RELIEF_FAULT", raising=False)
    killed: list[int] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: killed.append(number))
    for point in POINTS:
        faults.point(point)
    monkeypatch.setenv("RELIEF_FAULT", "elsewhere")
    faults.point("elsewhere")
    assert killed == []
    monkeypatch.setenv("RELIEF_FAULT", "funds.open.before_insert")
    faults.point("funds.open.before_insert")
    assert killed == [signal.SIGKILL]  # or the proofs above would prove nothing
