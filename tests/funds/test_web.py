"""Pages of funds: who gets what, forms that answer 422, refusals that answer 409, no JavaScript."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from funds.models import Allocation, PayoutBatch
from funds.operations import building
from funds.tasks import remind_unsettled
from tests.cast import SIGN_CODE, Cast
from tests.funds import payouts
from tests.funds.payouts import APPROVED, LOCKED, MONTH, OPENED, PAID, SENT
from yuquan_relief.kernel import file_store
from yuquan_relief.kernel.models import Reminder

URL = "/pay/2026-12/159900001/URBAN_ALLOWANCE/"
OnDay = Callable[[date], None]


def text(answer: Any) -> str:
    """The page."""
    return str(answer.content.decode())


def post(client: Client, step: str, **values: Any) -> Any:
    """One step as the page's form sends it."""
    return client.post(f"{URL}{step}/", values)


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("staff", 200),
        ("leader", 200),
        ("chief", 200),
        ("supervisor", 200),
        ("accountant", 200),
        ("auditor", 200),
        ("foreign_staff", 404),
        ("foreign_leader", 404),
        ("clerk", 404),
        ("head", 404),
        ("sysadmin", 404),
        ("verifier", 403),
    ],
)
def test_who_sees_a_list(cast: Cast, on_day: OnDay, name: str, status: int) -> None:
    on_day(LOCKED)
    payouts.opened(cast)
    assert cast.client(name).get(URL).status_code == status


@pytest.mark.parametrize("name", ["clerk", "head", "verifier", "sysadmin", "secadmin"])
@pytest.mark.parametrize("url", ["/pay/", "/pay/2026-12/", "/funds/"])
def test_who_sees_no_money(cast: Cast, name: str, url: str) -> None:
    assert cast.client(name).get(url).status_code == 403


@pytest.mark.parametrize(
    "url",
    [
        "/pay/2026-13/",
        "/pay/2026-00/",
        "/pay/26-12/",
        "/pay/2026-12/159900001/OTHER/",
        "/pay/2026-12/999999999/URBAN_ALLOWANCE/",
        f"{URL}voucher/",
    ],
)
def test_what_does_not_exist(cast: Cast, url: str) -> None:
    payouts.opened(cast)
    assert cast.client("staff").get(url).status_code == 404


def test_the_board_shows_every_list_and_those_to_make(cast: Cast, on_day: OnDay) -> None:
    on_day(OPENED)
    payouts.opened(cast)
    payouts.in_benefit(cast, 50, village=cast.foreign_village)
    page = text(cast.client("supervisor").get("/pay/"))
    assert "2026年12月资金发放" in page
    assert URL in page
    assert "2,046.00" in page
    assert "未生成" in page
    assert "生成名单<" not in page  # the district does not make lists
    own = text(cast.client("foreign_staff").get("/pay/"))
    assert "甲街道" not in own
    assert "生成名单<" in own


def test_the_board_says_what_is_late_and_short(cast: Cast, on_day: OnDay) -> None:
    payouts.in_benefit(cast, 1)
    building.open_month(cast.office.pk, payouts.PROGRAMME, month=MONTH, actor=cast.staff, on=OPENED)
    on_day(date(2026, 12, 11))
    page = text(cast.client("staff").get("/pay/2026-12/"))
    assert "已超 1 天" in page
    assert "▲ 0.00" in page


def test_an_empty_month_says_so(cast: Cast) -> None:
    assert "这个月没有名单" in text(cast.client("staff").get("/pay/2025-01/"))


def test_making_a_list_by_hand(cast: Cast, on_day: OnDay) -> None:
    on_day(OPENED)
    payouts.in_benefit(cast, 1)
    client = cast.client("staff")
    assert post(client, "open").status_code == 302
    again = post(client, "open")
    assert again.status_code == 409
    assert "已经生成" in text(again)
    assert post(cast.client("leader"), "open").status_code == 403
    assert post(cast.client("foreign_staff"), "open").status_code == 404


def test_the_whole_month_in_the_browser(cast: Cast, on_day: OnDay) -> None:
    on_day(LOCKED)
    batch = payouts.opened(cast)
    staff, leader, accountant = (cast.client(n) for n in ("staff", "leader", "accountant"))
    page = text(staff.get(URL))
    assert "锁定名单" in page
    assert "签批发放" not in page
    answer = post(staff, "lock", version=0, households=3, sign_code=SIGN_CODE)
    assert answer.status_code == 302

    on_day(APPROVED)
    page = text(leader.get(URL))
    digest = re.search(r'name="content_sha256" value="([0-9a-f]{64})"', page)
    assert digest
    answer = post(
        leader,
        "approve",
        version=1,
        content_sha256=digest[1],
        opinion="同意发放。",
        sign_code=SIGN_CODE,
    )
    assert answer.status_code == 302

    on_day(SENT)
    assert accountant.get(f"{URL}file/").status_code == 409
    assert post(accountant, "take_file", sign_code=SIGN_CODE).status_code == 302
    assert "下载银行文件" in text(accountant.get(URL))
    file = accountant.get(f"{URL}file/")
    batch = payouts.fresh(batch)
    assert file.content == file_store.read(batch.file_sha256)
    assert file.headers["Content-Disposition"].endswith('filename="FF159900001-202612-C.csv"')
    assert leader.get(f"{URL}file/").status_code == 403

    on_day(PAID)
    rows = payouts.answers(batch)
    upload = SimpleUploadedFile("result.csv", payouts.result_file(rows))
    answer = accountant.post(f"{URL}import_result/", {"file": upload})
    assert answer.status_code == 302
    assert payouts.fresh(batch).state == "CLOSED"
    voucher = text(accountant.get(f"{URL}voucher/"))
    assert "贰仟零肆拾陆元整" in voucher
    assert "PZ159900001-202612-001" in voucher
    assert "已结清" in text(accountant.get("/pay/2026-12/"))


def test_a_second_taking_asks_for_the_reason(cast: Cast, on_day: OnDay) -> None:
    on_day(SENT)
    payouts.sent(cast)
    accountant = cast.client("accountant")
    answer = post(accountant, "take_file", sign_code=SIGN_CODE)
    assert answer.status_code == 422
    assert 'id="take_file_reason_error"' in text(answer)
    answer = post(accountant, "take_file", sign_code=SIGN_CODE, reason="网银断线")
    assert answer.status_code == 302


@pytest.mark.parametrize(
    ("values", "status", "words"),
    [
        ({"households": "2", "sign_code": SIGN_CODE}, 422, "与名单的户数不一致"),
        ({"households": "三", "sign_code": SIGN_CODE}, 422, "只填数字"),
        ({"households": "3"}, 422, 'id="lock_sign_code_error"'),
        ({"households": "3", "sign_code": "000000"}, 409, "签批码不对，还可以试 4 次"),
        ({"households": "3", "sign_code": SIGN_CODE, "version": "9"}, 409, "已有新的办理"),
    ],
)
def test_a_lock_that_is_not_taken(
    cast: Cast, on_day: OnDay, values: dict[str, str], status: int, words: str
) -> None:
    on_day(LOCKED)
    batch = payouts.opened(cast)
    answer = post(cast.client("staff"), "lock", **values)
    assert answer.status_code == status
    assert words in text(answer)
    assert payouts.fresh(batch).state == "OPEN"


@pytest.mark.parametrize(
    ("name", "step", "status"),
    [
        ("leader", "lock", 403),
        ("staff", "approve", 403),
        ("supervisor", "approve", 403),
        ("chief", "approve", 403),
        ("auditor", "rebuild", 403),
        ("staff", "take_file", 403),
        ("staff", "import_result", 403),
        ("foreign_staff", "lock", 404),
        ("clerk", "lock", 404),
        ("staff", "close", 404),
        ("staff", "nonsense", 404),
    ],
)
def test_a_step_by_the_wrong_post(
    cast: Cast, on_day: OnDay, name: str, step: str, status: int
) -> None:
    on_day(LOCKED)
    payouts.opened(cast)
    assert post(cast.client(name), step).status_code == status


def test_a_step_is_not_taken_by_looking(cast: Cast) -> None:
    payouts.opened(cast)
    assert cast.client("staff").get(f"{URL}lock/").status_code == 405


def test_reasons_stand_where_the_button_would(cast: Cast, on_day: OnDay) -> None:
    on_day(LOCKED)
    payouts.in_benefit(cast, 1)
    building.open_month(cast.office.pk, payouts.PROGRAMME, month=MONTH, actor=cast.staff, on=OPENED)
    page = text(cast.client("staff").get(URL))
    assert "现在还不能锁定名单" in page
    assert "还差 682.00 元" in page


def test_a_difference_is_resolved_in_the_browser(cast: Cast, on_day: OnDay) -> None:
    on_day(PAID)
    batch = payouts.sent(cast)
    rows = payouts.answers(batch)
    rows[0]["金额"] = "1.00"
    payouts.imported(cast, batch, rows)
    accountant = cast.client("accountant")
    pk = batch.exceptions.get().pk
    assert "金额不符" in text(accountant.get(URL))
    wrong = accountant.post(f"{URL}exceptions/{pk}/", {"outcome": "PAID"})
    assert wrong.status_code == 422
    assert f'id="exception-{pk}_note_error"' in text(wrong)
    values = {"outcome": "PAID", "note": "银行更正", "paid_on": "2026-12-08", "serial": "S7"}
    assert accountant.post(f"{URL}exceptions/{pk}/", values).status_code == 302
    assert accountant.post(f"{URL}exceptions/{pk}/", values).status_code == 409
    assert accountant.post(f"{URL}exceptions/999999/", values).status_code == 404
    assert cast.client("staff").post(f"{URL}exceptions/{pk}/", values).status_code == 403
    assert payouts.fresh(batch).state == "CLOSED"


def test_a_bad_result_file_names_its_rows(cast: Cast, on_day: OnDay) -> None:
    on_day(PAID)
    batch = payouts.sent(cast)
    rows = payouts.answers(batch)
    rows[1]["金额"] = "x"
    accountant = cast.client("accountant")
    upload = SimpleUploadedFile("result.csv", payouts.result_file(rows))
    answer = accountant.post(f"{URL}import_result/", {"file": upload})
    assert answer.status_code == 409
    assert "第 3 行" in text(answer)
    assert accountant.post(f"{URL}import_result/", {}).status_code == 422


def test_lines_by_pages_with_masked_accounts(cast: Cast) -> None:
    payouts.opened(cast, 60)
    client = cast.client("staff")
    first = text(client.get(URL))
    assert "演练户50" in first
    assert "?after=50#lines" in first
    second = text(client.get(f"{URL}?after=50"))
    assert "C00060" in second
    assert "?after=0#lines" in second
    assert not re.search(r"\d{16,19}", first + second)
    assert client.get(f"{URL}?after=x").status_code == 200


def test_the_district_gives_money_once(cast: Cast, on_day: OnDay) -> None:
    on_day(OPENED)
    client = cast.client("supervisor")
    page = text(client.get("/funds/"))
    key = re.search(r'name="key" value="([0-9a-f]{32})"', page)
    assert key
    values = {
        "key": key[1],
        "office": cast.office.code,
        "programme": "URBAN_ALLOWANCE",
        "source": "CITY",
        "year": 2026,
        "amount": "100,000",
        "document": "玉财社〔2026〕1 号",
    }
    refused = client.post("/funds/", values)
    assert refused.status_code == 409
    assert "2026 年已确认的季度预算还可拨付 0.00 元，超出的请填写理由" in text(refused)
    values["reason"] = "演练：预算还没有确认"
    assert client.post("/funds/", values).status_code == 302
    assert client.post("/funds/", values).status_code == 302
    assert "超出预算：演练" in text(client.get("/funds/"))
    assert Allocation.objects.get().amount_fen == 100_000_00
    assert "100,000.00" in text(client.get("/funds/"))
    assert "甲街道" not in text(cast.client("foreign_staff").get("/funds/"))
    assert cast.client("staff").post("/funds/", values).status_code == 403


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"amount": "1.005"}, "小数点后两位"),
        ({"amount": ""}, 'id="id_amount_error"'),
        ({"document": ""}, 'id="id_document_error"'),
        ({"office": "999999"}, 'id="id_office_error"'),
    ],
)
def test_an_allocation_that_cannot_be_read(cast: Cast, changes: dict[str, str], words: str) -> None:
    values = {
        "key": "k",
        "office": cast.office.code,
        "programme": "URBAN_ALLOWANCE",
        "source": "CITY",
        "year": 2026,
        "amount": "1",
        "document": "文",
    }
    answer = cast.client("supervisor").post("/funds/", values | changes)
    assert answer.status_code == 422
    assert words in text(answer)


def test_nothing_is_given_for_nothing(cast: Cast, on_day: OnDay) -> None:
    on_day(OPENED)
    values = {
        "key": "k",
        "office": cast.office.code,
        "programme": "URBAN_ALLOWANCE",
        "source": "CITY",
        "year": 2026,
        "amount": "0",
        "document": "文",
    }
    answer = cast.client("supervisor").post("/funds/", values)
    assert answer.status_code == 409
    assert PayoutBatch.objects.count() == 0


def test_the_inbox_leads_to_the_list_while_it_is_open(cast: Cast, on_day: OnDay) -> None:
    batch = payouts.opened(cast)
    remind_unsettled(batch.pay_by)
    on_day(batch.pay_by)
    client = cast.client("staff")
    page = text(client.get("/inbox/"))
    assert f'href="{URL}"' in page
    assert "今天到期" in page
    assert client.get(URL).status_code == 200
    assert URL not in text(cast.client("foreign_staff").get("/inbox/"))
    Reminder.objects.update(subject_key="FF-that-is-settled")
    assert URL not in text(client.get("/inbox/"))
