"""The month walked by office, leader, accounting centre and bureau; G8 and G9 of ux 4.1 counted."""

from datetime import date

import pytest
from playwright.sync_api import FilePayload, Page, expect

from funds import invariants
from funds.models import FlowProof, PayoutBatch, PayoutLine
from funds.operations import building
from tests import road
from tests.browser.house import House
from tests.browser.steps import told, type_code
from tests.browser.tally import Tally
from tests.funds import payouts
from tests.funds.payouts import MONTH, OPENED

PAY_DAY = date(2026, 12, 8)
LATER = date(2026, 12, 9)
pytestmark = pytest.mark.browser


def picture(name: str, colour: int) -> FilePayload:
    """A photo of a page."""
    return {"name": name, "mimeType": "image/jpeg", "buffer": road.photo((colour, 60, 60))}


def answer(batch: PayoutBatch, returned: tuple[int, ...] = ()) -> FilePayload:
    """The bank's file."""
    rows = payouts.answers(batch)
    said = [payouts.came_back(r) if int(r["序号"]) in returned else r for r in rows]
    return {"name": "结果.csv", "mimeType": "text/csv", "buffer": payouts.result_file(said)}


def to_list(page: Page, name: str = "甲街道 城市低保") -> None:
    """From the board to the list."""
    page.goto("/pay/2026-12/")
    page.get_by_role("link", name=name, exact=True).click()


def sign(page: Page, button: str, said: str) -> None:
    """The code, the button, the answer."""
    type_code(page)
    page.get_by_role("button", name=button, exact=True).click()
    told(page, said)


@pytest.fixture(scope="module")
def paid(house: House) -> tuple[Tally, Tally]:
    """G8: the office locks, the centre takes the file and takes in the answer."""
    house.move_to(OPENED)
    cast = house.cast
    with house.at_work():
        for serial in range(401, 405):
            payouts.in_benefit(cast, serial)
        payouts.funded(cast)
        building.open_month(
            cast.office.pk, "URBAN_ALLOWANCE", month=MONTH, actor=cast.staff, on=OPENED
        )
    staff = house.person("staff")
    office = Tally(staff)
    staff.goto("/pay/2026-12/")
    office.click(staff.get_by_role("link", name="甲街道 城市低保", exact=True))
    office.fill({"households": "4"})
    type_code(staff)
    office.click(staff.get_by_role("button", name="锁定名单"))
    told(staff, "名单已锁定")
    house.shot(staff, "money-locked")
    leader = house.person("leader")
    to_list(leader)
    sign(leader, "签批发放", "名单已签批")
    accountant = house.person("accountant")
    centre = Tally(accountant)
    accountant.goto("/pay/2026-12/")
    centre.click(accountant.get_by_role("link", name="甲街道 城市低保", exact=True))
    type_code(accountant)
    centre.click(accountant.get_by_role("button", name="领取银行文件"))
    told(accountant, "已登记领取")
    house.move_to(PAY_DAY)
    accountant = house.sign_in("accountant")
    centre.page = accountant
    batch = PayoutBatch.objects.get(kind="NORMAL")
    accountant.goto(f"/pay/2026-12/{cast.office.code}/URBAN_ALLOWANCE/")
    with accountant.expect_file_chooser() as chooser:
        centre.click(accountant.get_by_label("银行结果文件"))
    chooser.value.set_files(answer(batch, returned=(4,)))
    centre.click(accountant.get_by_role("button", name="导入银行结果"))
    told(accountant, "到账 3 笔，退回 1 笔")
    house.shot(accountant, "money-answered")
    return office, centre


@pytest.mark.clause("11")
def test_g8_from_the_lock_to_the_money(paid: tuple[Tally, Tally]) -> None:
    office, centre = paid
    cost = f"G8: office {office}; centre {centre}"
    assert office.actions + centre.actions <= 10, cost
    assert centre.characters == 0, cost  # no amount is typed again
    assert [name for name, _ in office.typed] == ["households"], cost


@pytest.fixture(scope="module")
def sent_again(house: House, paid: tuple[Tally, Tally]) -> PayoutBatch:
    """The household that did not get it has another account, and a list of its own pays it."""
    cast, accountant = house.cast, house.sign_in("accountant")
    to_list(accountant)
    accountant.get_by_text("处理差异").first.click()
    accountant.get_by_label("核实结果").select_option(label="已核实，不改变各笔结果")
    accountant.get_by_label("核实情况").fill("户主已换卡")
    accountant.get_by_role("button", name="登记处理结果").click()
    told(accountant, "差异已处理")
    with house.at_work():
        line = PayoutLine.objects.get(state="RETURNED")
        payouts.account(line.household, 499, line.holder)
    staff = house.sign_in("staff")
    staff.goto("/pay/returns/")
    expect(staff.locator("main")).to_contain_text("已换账户")
    house.shot(staff, "money-returned")
    staff.get_by_role("link", name="另开重发名单").click()
    staff.get_by_label("退回重发").check()
    staff.get_by_label("类别", exact=True).select_option(label="城市低保")
    staff.get_by_role("button", name="生成名单").click()
    told(staff, "名单已生成：1 笔")
    staff.get_by_label("核对户数").fill("1")
    sign(staff, "锁定名单", "名单已锁定")
    leader = house.sign_in("leader")
    to_list(leader, "甲街道 城市低保退回重发")
    sign(leader, "签批发放", "名单已签批")
    to_list(accountant, "甲街道 城市低保退回重发")
    sign(accountant, "领取银行文件", "已登记领取")
    batch = PayoutBatch.objects.get(kind="REISSUE")
    accountant.get_by_label("银行结果文件").set_input_files(answer(batch))
    accountant.get_by_role("button", name="导入银行结果").click()
    told(accountant, "到账 1 笔")
    house.shot(accountant, "money-sent-again")
    assert cast
    return payouts.fresh(batch)


def test_what_came_back_arrives_by_a_list_of_its_own(house: House, sent_again: PayoutBatch) -> None:
    assert sent_again.state == "CLOSED"
    staff = house.sign_in("staff")
    staff.goto("/pay/returns/")
    expect(staff.locator("main")).to_contain_text("没有退回待重发的")
    with house.at_work():
        assert list(invariants.broken()) == []


@pytest.mark.clause("15")
def test_g9_a_proof_is_picked_and_sent(house: House, sent_again: PayoutBatch) -> None:
    house.move_to(LATER)
    house.do_duties()
    with house.at_work():
        no = FlowProof.objects.get(family="ALLOWANCE").no
    page = house.sign_in("staff")
    tally = Tally(page)
    page.goto("/pay/2026-12/")
    house.shot(page, "money-board")
    tally.click(page.get_by_role("link", name="低保待上传"))
    for label, colour in (("银行流水", 30), ("支付凭证", 90)):
        with page.expect_file_chooser() as chooser:
            tally.click(page.get_by_label(label, exact=True))
        chooser.value.set_files(picture(f"{label}.jpg", colour))
    tally.click(page.get_by_role("button", name="上传流水、凭证"))
    told(page, "已上传")
    tally.click(page.get_by_role("button", name="报送流水凭证"))
    told(page, "已报送区社救中心")
    assert tally.clicks <= 6, f"G9: {tally}"
    house.shot(page, "money-proof")
    supervisor = house.sign_in("supervisor")
    supervisor.goto(f"/funds/papers/{no}/")
    supervisor.get_by_role("button", name="通过流水凭证").click()
    told(supervisor, "已办理：通过流水凭证")
    house.shot(supervisor, "money-proof-passed")
