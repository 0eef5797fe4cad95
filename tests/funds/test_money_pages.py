"""Pages of money: every act through its form, refused with a sentence, nothing typed lost."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cases.models import Benefit
from funds import invariants
from funds.models import (
    FlowProof,
    GivenUpReturn,
    ImprestRequest,
    LedgerClose,
    PayoutBatch,
    QuarterBudget,
    Recovery,
    Supplement,
    YearPlan,
)
from funds.operations import proofs
from funds.operations.recoveries import open_recoveries
from tests import road
from tests.cast import SIGN_CODE, Cast
from tests.funds import payouts
from tests.funds.payouts import MONTH, PAID
from yuquan_relief.kernel.models import Event, Reminder

DAY = date(2026, 12, 14)
LISTS = "/budget/ /imprest/ /funds/plan/ /funds/proofs/ /funds/recoveries/ /pay/returns/"


@pytest.fixture(autouse=True)
def today(on_day: Callable[[date], None]) -> None:
    """The server's day."""
    on_day(DAY)


def act(client: Client, no: str, code: str, status: int = 302, **values: Any) -> str:
    """One step of a paper, through its form as the page gives it."""
    page = client.get(f"/funds/papers/{no}/")
    form = next(a for a in page.context["acts"] if a["code"] == code)["form"]
    given = {f.name: f.value() for f in form if f.value() is not None}
    if "sign_code" in form.fields:
        values.setdefault("sign_code", SIGN_CODE)
    answer = client.post(f"/funds/papers/{no}/{code}/", given | values)
    assert answer.status_code == status, answer.content.decode()
    return str(answer.content.decode())


def test_a_recovery_from_the_letter_to_the_end(cast: Cast) -> None:
    payouts.through(cast, payouts.opened(cast, 1), PAID)
    Benefit.objects.update(end_month=date(2026, 11, 1))
    open_recoveries(DAY)
    no = Recovery.objects.get().no
    staff, leader, bureau = (cast.client(n) for n in ("staff", "leader", "bureau"))
    assert no in staff.get("/funds/recoveries/").content.decode()
    assert "告知日期" in act(staff, no, "tell", 422, receiver="演练户1")
    act(staff, no, "tell", told_on="2026-12-14", method="DIRECT", receiver="演练户1")
    act(staff, no, "agree_plan", count="2", first_due="2027-01-10", agreed_by="演练户1")
    paid = {"paid_on": "2026-12-14", "voucher_no": "JK-1", "payer": "甲"}
    refused = act(staff, no, "receive", 409, amount="9999", **paid)
    assert "不超过还没收回的 682.00 元" in refused
    assert 'value="9999"' in refused
    act(staff, no, "receive", amount="82", **paid)
    act(leader, no, "ask_write_off", note="本人死亡，没有遗产")
    act(bureau, no, "write_off")
    page = staff.get(f"/funds/papers/{no}/").content.decode()
    assert "已办结" in page
    assert "JK-1" in page
    assert list(invariants.broken()) == []


def test_a_wrong_code_counts_and_a_stale_page_is_told(cast: Cast) -> None:
    payouts.in_benefit(cast, 1)
    staff, leader = cast.client("staff"), cast.client("leader")
    staff.post("/budget/", {"year": "2027", "quarter": "1"})
    no = QuarterBudget.objects.get().no
    assert "签批码不对" in act(leader, no, "sign", 409, sign_code="000001")
    page = leader.get(f"/funds/papers/{no}/")
    read = next(a for a in page.context["acts"] if a["code"] == "sign")["form"].initial
    act(staff, no, "adjust", programme="URBAN_ALLOWANCE", asked="5000", reason="春节")
    answer = leader.post(f"/funds/papers/{no}/sign/", {"sign_code": SIGN_CODE, **read})
    assert answer.status_code == 409


def stale(client: Client, no: str, code: str, **values: Any) -> str:
    """The form of a page that was opened one act ago."""
    page = client.get(f"/funds/papers/{no}/")
    form = next(a for a in page.context["acts"] if a["code"] == code)["form"]
    given = {f.name: f.value() for f in form if f.value() is not None}
    answer = client.post(
        f"/funds/papers/{no}/{code}/", given | {"version": int(given["version"]) - 1} | values
    )
    assert answer.status_code == 409, answer.content.decode()
    return str(answer.content.decode())


def test_two_clicks_on_an_agreement_make_one(cast: Cast) -> None:
    payouts.through(cast, payouts.opened(cast, 1), PAID)
    Benefit.objects.update(end_month=date(2026, 11, 1))
    open_recoveries(DAY)
    recovery = Recovery.objects.get()
    staff = cast.client("staff")
    act(staff, recovery.no, "tell", told_on="2026-12-14", method="DIRECT", receiver="演练户1")
    agreed = {"count": "2", "first_due": "2027-01-10", "agreed_by": "演练户1"}
    act(staff, recovery.no, "agree_plan", **agreed)
    told = stale(staff, recovery.no, "agree_plan", **agreed)  # the second click of the same page
    assert "已有新的办理" in told
    assert 'value="演练户1"' in told
    assert recovery.instalments.count() == 2
    act(staff, recovery.no, "agree_plan", **agreed)  # the twin: a page that was opened after it
    assert recovery.instalments.count() == 4


def test_a_stale_page_of_every_paper_is_told(cast: Cast) -> None:
    """Steps with a form of their own compare what was seen, as the others do."""
    payouts.in_benefit(cast, 1)
    staff, supervisor = cast.client("staff"), cast.client("supervisor")
    staff.post("/budget/", {"year": "2027", "quarter": "1"})
    budget = QuarterBudget.objects.get().no
    act(staff, budget, "adjust", programme="URBAN_ALLOWANCE", asked="5000", reason="春节")
    stale(staff, budget, "adjust", programme="URBAN_ALLOWANCE", asked="1", reason="再改")
    stale(staff, budget, "generate")
    asked = {"programme": "URGENT_RELIEF", "month": "2027-01", "amount": "2000", "reason": "冬季"}
    staff.post("/imprest/", asked)
    no = ImprestRequest.objects.get().no
    act(staff, no, "restate", amount="2500", reason="冬季")
    stale(staff, no, "restate", amount="1", reason="再改")
    act(cast.client("leader"), no, "sign")
    stale(
        supervisor,
        no,
        "grant",
        source="CITY",
        amount="2500",
        document="玉财社",
        sign_code=SIGN_CODE,
    )
    assert ImprestRequest.objects.get().amount_fen == 250_000


def test_a_budget_through_its_pages(cast: Cast) -> None:
    payouts.in_benefit(cast, 1)
    staff = cast.client("staff")
    quarter = {"year": "2027", "quarter": "1"}
    assert staff.post("/budget/", quarter).status_code == 302
    assert staff.post("/budget/", quarter).status_code == 409
    no = QuarterBudget.objects.get().no
    act(cast.client("leader"), no, "sign")
    act(cast.client("supervisor"), no, "confirm")
    assert QuarterBudget.objects.get().state == "CONFIRMED"


@pytest.mark.clause("4(2)")
def test_imprest_through_its_pages(cast: Cast) -> None:
    staff = cast.client("staff")
    asked = {"programme": "URGENT_RELIEF", "month": "2027-01", "amount": "2000", "reason": "冬季"}
    assert staff.post("/imprest/", asked | {"month": "2026-12"}).status_code == 409
    assert staff.post("/imprest/", asked).status_code == 302
    no = ImprestRequest.objects.get().no
    act(cast.client("leader"), no, "sign")
    given = {"source": "CITY", "amount": "2000", "document": "玉财社〔2027〕5 号"}
    act(cast.client("supervisor"), no, "grant", **given)
    assert ImprestRequest.objects.get().state == "GRANTED"


@pytest.mark.clause("5(2)")
def test_a_plan_through_its_pages(cast: Cast) -> None:
    payouts.in_benefit(cast, 1)
    supervisor = cast.client("supervisor")
    plan = {"year": "2027", "name": "现状", "growth": "0", "rise": "5", "raise_from": "7"}
    plan |= {"reserve": "0"}
    assert supervisor.post("/funds/plan/", plan | {"rise": "51"}).status_code == 422
    assert supervisor.post("/funds/plan/", plan).status_code == 302
    assert supervisor.post("/funds/plan/", plan | {"name": "第二版"}).status_code == 302
    act(cast.client("bureau"), YearPlan.objects.latest("id").no, "sign")


@pytest.mark.clause("15")
def test_a_proof_through_its_pages(cast: Cast) -> None:
    payouts.through(cast, payouts.opened(cast), PAID)
    proofs.draw_month(MONTH, DAY)
    no = FlowProof.objects.get().no
    staff, supervisor = cast.client("staff"), cast.client("supervisor")
    assert "请选择银行流水或者支付凭证" in act(staff, no, "add", 422)
    files = {
        name: SimpleUploadedFile(f"{name}.jpg", road.photo((colour, 5, 5)), "image/jpeg")
        for colour, name in enumerate(("flow", "voucher"))
    }
    act(staff, no, "add", **files)
    act(staff, no, "send")
    act(supervisor, no, "send_back", note="看不清")
    assert FlowProof.objects.get().state == "BACK"
    assert "退回补传" in staff.get("/funds/proofs/").content.decode()
    assert "/funds/papers/" in staff.get("/pay/2026-12/").content.decode()


def test_what_came_back_is_given_up_by_the_leader(cast: Cast) -> None:
    payouts.through(cast, payouts.opened(cast), PAID, returned=(2, 3))
    leader = cast.client("leader")
    assert "1,364.00" in leader.get("/pay/returns/").content.decode()
    url = f"/pay/2026-12/{cast.office.code}/URBAN_ALLOWANCE/lines"
    assert leader.post(f"{url}/3/give_up/", {"note": ""}).status_code == 422
    assert leader.post(f"{url}/3/give_up/", {"note": "本人死亡"}).status_code == 302
    assert leader.post(f"{url}/3/give_up/", {"note": "本人死亡"}).status_code == 409
    assert leader.post(f"{url}/99/give_up/", {"note": "没有"}).status_code == 404
    assert cast.client("staff").post(f"{url}/2/give_up/", {"note": "我"}).status_code == 403
    assert GivenUpReturn.objects.count() == 1


def test_lists_are_ordered_on_their_page(cast: Cast) -> None:
    batch = payouts.through(cast, payouts.opened(cast), PAID, returned=(2,))
    staff = cast.client("staff")
    url = f"/pay/2026-12/{cast.office.code}/URBAN_ALLOWANCE"
    assert staff.get("/pay/2026-11/new/").status_code == 302
    order = {"kind": "REISSUE", "programme": "URBAN_ALLOWANCE"}
    assert staff.post("/pay/2026-12/new/", order | {"kind": "ADVANCE"}).status_code == 422
    answer = staff.post("/pay/2026-12/new/", order)
    assert answer.status_code == 302
    assert answer["Location"] == f"{url}.REISSUE.1/"
    again = PayoutBatch.objects.get(kind="REISSUE")
    assert f"原为 {batch.no} 第 2 笔" in staff.get(answer["Location"]).content.decode()
    assert f"重发：{again.no} 第 1 笔" in staff.get(f"{url}/").content.decode()
    assert f"已列入 {again.no}" in staff.get("/pay/returns/").content.decode()
    assert staff.post("/pay/2026-12/new/", order).status_code == 409


@pytest.mark.parametrize("name", ["REISSUE.2", "REISSUE.01", "NORMAL.1", "X", "REISSUE.99999"])
def test_names_of_no_list(cast: Cast, name: str) -> None:
    payouts.opened(cast)
    url = f"/pay/2026-12/{cast.office.code}/URBAN_ALLOWANCE.{name}/"
    assert cast.client("staff").get(url).status_code == 404


def test_the_books_are_closed_reversed_and_carried(cast: Cast) -> None:
    wrong = payouts.funded(cast)
    supervisor = cast.client("supervisor")
    assert "关 2026年11月 的账" in supervisor.get("/funds/books/").content.decode()
    reverse = {"what": "reverse", "group": str(wrong.group_id)}
    assert supervisor.post("/funds/books/", reverse | {"note": ""}).status_code == 422
    assert supervisor.post("/funds/books/", reverse | {"note": "多录"}).status_code == 302
    assert supervisor.post("/funds/books/", reverse | {"note": "多录"}).status_code == 409
    assert supervisor.post("/funds/books/", {"what": "close"}).status_code == 302
    assert LedgerClose.objects.get().month == date(2026, 11, 1)
    assert supervisor.post("/funds/books/", {"what": "close"}).status_code == 409
    assert supervisor.post("/funds/books/", {"what": "carry"}).status_code == 302
    assert cast.client("staff").post("/funds/books/", {"what": "close"}).status_code == 403


def test_a_supplement_is_entered_and_listed(cast: Cast) -> None:
    payouts.opened(cast)
    supervisor, staff = cast.client("supervisor"), cast.client("staff")
    values = {"key": "k", "name": "生活补贴", "document": "玉民发〔2026〕9 号"}
    values |= {"month": "2026-12", "basis": "HOUSEHOLD", "amount": "500"}
    assert supervisor.post("/funds/supplements/", values | {"amount": "x"}).status_code == 422
    assert supervisor.post("/funds/supplements/", values).status_code == 302
    measure = Supplement.objects.get()
    order = {"kind": "ONE_OFF", "programme": "URBAN_ALLOWANCE"}
    assert staff.post("/pay/2026-12/new/", order).status_code == 422
    answer = staff.post("/pay/2026-12/new/", order | {"supplement": str(measure.pk)})
    assert answer.status_code == 302
    assert "1,500.00" in supervisor.get("/funds/supplements/").content.decode()


@pytest.mark.clause("4(1).3")
def test_the_month_board_says_what_to_do_and_the_district_asks(cast: Cast) -> None:
    payouts.opened(cast)
    supervisor = cast.client("supervisor")
    page = supervisor.get("/pay/2026-12/").content.decode()
    assert "超过到户期限，还没有结清" in page
    assert "名单没有锁定，已过" in page
    for milestone in ("审批截止", "名单锁定", "报核算中心", "发放到户", "流水凭证上报"):
        assert milestone in page
    url = f"/pay/2026-12/{cast.office.code}/URBAN_ALLOWANCE/nudge/"
    for _ in range(2):
        assert supervisor.post(url).status_code == 302
    assert Reminder.objects.filter(rule__startswith="payout.nudge").count() == 1
    assert Event.objects.filter(action="nudge").count() == 1
    assert cast.client("staff").post(url).status_code == 403


@pytest.mark.parametrize("url", [*LISTS.split(), "/funds/books/", "/funds/supplements/"])
def test_empty_pages_say_what_comes(cast: Cast, url: str) -> None:
    assert cast.client("supervisor").get(url).status_code == 200
    assert cast.client("clerk").get(url).status_code == 403
