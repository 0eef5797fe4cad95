"""kill -9 at every named point of the month's run: nothing lost, nothing double, no repair."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from funds import invariants
from funds.faults import POINTS
from funds.models import PayoutBatch
from tests.cast import Cast, make_cast
from tests.databases import ROOT, app_url
from tests.funds import payouts

BEFORE = {
    "open": None,
    "rebuild": payouts.opened,
    "lock": payouts.opened,
    "approve": payouts.locked,
    "take_file": payouts.approved,
    "import_result": payouts.sent,
}
STATES = {  # before and after the act
    "open": ("", "OPEN"),
    "rebuild": ("OPEN", "OPEN"),
    "lock": ("OPEN", "LOCKED"),
    "approve": ("LOCKED", "APPROVED"),
    "take_file": ("APPROVED", "SENT"),
    "import_result": ("SENT", "CLOSED"),
}
QUICK = {"funds.open.after_insert", "funds.approve.after_commit", "funds.import_result.half"}


def in_own_process(database: str, store: Path, code: str, subject: str, fault: str = "") -> int:
    """The exit status of the act in a process of its own."""
    environment = {
        **os.environ,
        "DATABASE_URL": app_url(database),
        "DJANGO_SETTINGS_MODULE": "yuquan_relief.settings",
        "RELIEF_STORE": str(store),
        "RELIEF_FAULT": fault,
    }
    command = [sys.executable, "-m", "tests.funds.crash", code, subject]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, check=False, stderr=subprocess.PIPE, timeout=120
    )
    assert done.returncode in (0, -signal.SIGKILL) or b"Refused" in done.stderr, done.stderr
    return done.returncode


def subject_of(cast: Cast, code: str) -> str:
    """What the act is done to."""
    maker = BEFORE[code]
    if maker is None:
        for serial in (1, 2, 3):
            payouts.in_benefit(cast, serial)
        return str(cast.office.pk)
    return maker(cast).no


def state() -> str:
    """The list's state, "" while there is none."""
    return PayoutBatch.objects.values_list("state", flat=True).first() or ""


@pytest.mark.parametrize(
    "point",
    [
        pytest.param(point, marks=[] if point in QUICK else pytest.mark.deep)
        for point in sorted(POINTS)
    ],
)
def test_a_kill_loses_nothing_and_doubles_nothing(
    point: str, own_database: str, own_store: Path
) -> None:
    code = point.split(".")[1]
    subject = subject_of(make_cast(), code)
    status = in_own_process(own_database, own_store, code, subject, fault=point)
    assert status == -signal.SIGKILL
    before, after = STATES[code]
    assert state() == (after if point.endswith("after_commit") else before)
    assert list(invariants.broken()) == []

    in_own_process(own_database, own_store, code, subject)  # the same again, as a person would
    assert state() == after
    batch = PayoutBatch.objects.get()
    assert (batch.line_count, batch.lines.count()) == (3, 3)
    assert batch.paid_fen == (204_600 if after == "CLOSED" else 0)
    assert list(invariants.broken()) == []


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
