"""From the first key to money in the account and a package that proves itself: by interface."""

import base64
from datetime import date
from pathlib import Path

from funds import invariants
from funds.models import PayoutBatch, PayoutLine
from tests.api.desk import CODE, Desk, to_benefit
from tests.cast import SIGN_CODE, Cast
from tests.funds import payouts
from tools import verify_dossier
from yuquan_relief.kernel import file_store, outbox

LIST = "payouts/2026-11/159900001/URBAN_ALLOWANCE/"
MONEY = {
    "office": "159900001",
    "programme": "URBAN_ALLOWANCE",
    "source": "CITY",
    "year": 2026,
    "amount": "100000",
    "document": "玉财社〔2026〕1 号",
    "key": "m1",
    "reason": "季度预算还没有编制",
}
SIGNED = {"sign_code": SIGN_CODE}


def test_a_program_goes_the_whole_road_and_nobody_opens_a_page(cast: Cast, tmp_path: Path) -> None:
    desk = Desk(cast)
    no = to_benefit(desk)
    assert _paid(desk) == (682_00, "PAID")
    package = tmp_path / "package.zip"
    package.write_bytes(_sealed(desk, no))
    assert [label for label, found in verify_dossier.verify(str(package)) if found] == []
    assert list(invariants.broken()) == []


def _paid(desk: Desk) -> tuple[int, str]:
    """What the household got for November, and the state of its line."""
    desk.post("supervisor", "allocations/", MONEY, wanted=201)
    desk.post("supervisor", "allocations/", MONEY, wanted=201)
    desk.on = date(2026, 10, 21)
    desk.post("staff", f"{LIST}open/", {})
    desk.on = date(2026, 10, 23)
    locked = desk.post("surveyor", f"{LIST}lock/", SIGNED)["payout"]
    seen = {"content_sha256": locked["content_sha256"]}
    desk.post("leader", f"{LIST}approve/", SIGNED | seen)
    desk.on = date(2026, 11, 2)
    desk.post("accountant", f"{LIST}take_file/", SIGNED)
    batch = PayoutBatch.objects.get()
    assert desk.take("accountant", f"{LIST}file/") == file_store.read(batch.file_sha256)
    desk.on = date(2026, 11, 6)
    rows = [row | {"交易时间": "2026-11-05 10:30:00"} for row in payouts.answers(batch)]
    answer = {
        "content_base64": base64.b64encode(payouts.result_file(rows)).decode(),
        "name": "a.csv",
    }
    assert desk.post("accountant", f"{LIST}import_result/", answer)["payout"]["state"] == "CLOSED"
    (voucher,) = desk.get("accountant", f"{LIST}vouchers/")["vouchers"]
    line = PayoutLine.objects.get()
    assert voucher["paid_fen"] == line.amount_fen
    return line.amount_fen, line.state


def _sealed(desk: Desk, no: str) -> bytes:
    """The package of the case's file."""
    outbox.sweep()
    dossier = desk.get("staff", f"dossiers/{no}/")
    assert (dossier["case"], dossier["missing"]) == (no, [])
    dossier = desk.post("staff", f"dossiers/{dossier['no']}/refresh/", {})
    seen = {"content_sha256": dossier["content_sha256"]}
    sealed = desk.post("staff", f"dossiers/{dossier['no']}/seal/", CODE | seen | {"vouched": True})
    assert sealed["state"] == "SEALED"
    assert desk.take("staff", f"cases/{no}/forms/approval_form/").startswith(b"%PDF")
    return desk.take("auditor", f"dossiers/{dossier['no']}/package/")
