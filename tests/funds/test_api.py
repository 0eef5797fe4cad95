"""The same acts by interface: same rights, same refusals, errors as problem+json."""

import base64
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client

from tests.cast import SIGN_CODE, Cast
from tests.funds import payouts
from tests.funds.payouts import APPROVED, LOCKED, OPENED, PAID, SENT
from yuquan_relief.kernel import file_store

MONTH_URL = "/api/v1/payouts/2026-12/"
URL = f"{MONTH_URL}159900001/URBAN_ALLOWANCE/"
OnDay = Callable[[date], None]


def post(client: Client, step: str, **values: Any) -> Any:
    """One step as a program sends it."""
    return client.post(f"{URL}{step}/", json.dumps(values), content_type="application/json")


def test_the_lists_of_a_month_in_scope(cast: Cast, on_day: OnDay) -> None:
    on_day(LOCKED)
    payouts.opened(cast)
    payouts.in_benefit(cast, 50, village=cast.foreign_village)
    found = cast.client("accountant").get(MONTH_URL).json()
    assert [(row["office_code"], row["state"]) for row in found["lists"]] == [
        ("159900001", "OPEN"),
        ("159900002", ""),
    ]
    own = cast.client("foreign_staff").get(MONTH_URL).json()
    assert [row["office_code"] for row in own["lists"]] == ["159900002"]


@pytest.mark.parametrize("month", ["2026-13", "2026-00", "x", "26-12"])
def test_a_month_that_does_not_exist(cast: Cast, month: str) -> None:
    answer = cast.client("staff").get(f"/api/v1/payouts/{month}/")
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("name", "status"),
    [("staff", 200), ("auditor", 200), ("verifier", 403), ("foreign_staff", 404), ("clerk", 404)],
)
def test_who_reads_a_list(cast: Cast, on_day: OnDay, name: str, status: int) -> None:
    on_day(LOCKED)
    payouts.opened(cast)
    assert cast.client(name).get(URL).status_code == status


def test_without_a_name_nothing_is_told() -> None:
    assert Client().get(MONTH_URL).status_code == 401


def test_the_whole_month_by_interface(cast: Cast, on_day: OnDay) -> None:
    on_day(OPENED)
    for serial in (1, 2):
        payouts.in_benefit(cast, serial)
    payouts.funded(cast)
    staff, leader, accountant = (cast.client(n) for n in ("staff", "leader", "accountant"))
    assert post(staff, "open").json()["payout"]["households"] == 2
    assert post(staff, "rebuild").json()["payout"]["version"] == 1

    on_day(LOCKED)
    locked = post(staff, "lock", sign_code=SIGN_CODE, version=1).json()["payout"]
    assert locked["state"] == "LOCKED"
    sent_back = post(leader, "send_back", note="核对户数").json()["payout"]
    assert (sent_back["state"], sent_back["content_sha256"]) == ("OPEN", "")
    locked = post(staff, "lock", sign_code=SIGN_CODE).json()["payout"]

    on_day(APPROVED)
    stale = post(leader, "approve", sign_code=SIGN_CODE, content_sha256="0" * 64)
    assert (stale.status_code, stale.json()["code"]) == (409, "content_changed")
    approved = post(leader, "approve", sign_code=SIGN_CODE, content_sha256=locked["content_sha256"])
    assert approved.json()["payout"]["state"] == "APPROVED"

    on_day(SENT)
    early = accountant.get(f"{URL}file/")
    assert (early.status_code, early.json()["code"]) == (409, "not_taken")
    assert post(accountant, "take_file", sign_code=SIGN_CODE).status_code == 200
    again = post(accountant, "take_file", sign_code=SIGN_CODE)
    assert (again.status_code, again.json()["code"]) == (409, "reason_needed")
    file = accountant.get(f"{URL}file/")
    batch = payouts.PayoutBatch.objects.get()
    assert file.content == file_store.read(batch.file_sha256)
    assert file.headers["X-Content-SHA256"] == batch.file_sha256

    on_day(PAID)
    content = base64.b64encode(payouts.result_file(payouts.answers(batch))).decode()
    done = post(accountant, "import_result", content_base64=content, name="a.csv")
    assert done.json()["payout"]["state"] == "CLOSED"
    twice = post(accountant, "import_result", content_base64=content, name="a.csv")
    assert (twice.status_code, twice.json()["code"]) == (409, "already_imported")


@pytest.mark.parametrize(
    ("name", "step", "values", "status"),
    [
        ("staff", "lock", {}, 409),
        ("staff", "lock", {"version": -1}, 400),
        ("leader", "lock", {"sign_code": SIGN_CODE}, 403),
        ("foreign_staff", "lock", {"sign_code": SIGN_CODE}, 404),
        ("staff", "approve", {"sign_code": SIGN_CODE}, 403),
        ("staff", "close", {}, 403),
        ("staff", "nonsense", {}, 409),
        ("foreign_staff", "open", {}, 404),
        ("leader", "open", {}, 403),
        ("accountant", "import_result", {}, 400),
        ("accountant", "import_result", {"content_base64": "%%"}, 400),
        ("accountant", "import_result", {"content_base64": "eA=="}, 409),
    ],
)
def test_refusals(
    cast: Cast, on_day: OnDay, name: str, step: str, values: dict[str, Any], status: int
) -> None:
    on_day(LOCKED)
    payouts.opened(cast)
    answer = post(cast.client(name), step, **values)
    assert answer.status_code == status
    assert answer.json()["status"] == status


def test_the_schema_describes_it(cast: Cast) -> None:
    schema = cast.client("staff").get("/api/schema/?format=json").json()
    paths = [path for path in schema["paths"] if path.startswith("/api/v1/payouts/")]
    assert len(paths) == 7
