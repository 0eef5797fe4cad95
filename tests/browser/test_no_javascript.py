"""Without JavaScript everything works: a whole application with its files, and a signature."""

from playwright.sync_api import Page, expect

from cases.models import Case
from tests import road
from tests.browser import steps
from tests.browser.house import House
from tests.browser.steps import heading, told, type_code
from yuquan_relief.kernel.models import Attachment


def test_submit_without_javascript(house: House) -> None:
    page = house.sign_in("clerk", java_script_enabled=False)
    steps.start_application(page)
    page.get_by_role("link", name="填写申请人与委托").click()
    steps.type_applicant(page)
    steps.go_on(page, "家庭成员")
    page.get_by_role("button", name="增加一位成员").click()
    expect(page.locator("#id_members-2-name")).to_be_visible()
    steps.type_members(page)
    steps.go_on(page, "收入")
    steps.type_incomes(page)
    steps.nothing_to_declare(page)
    steps.type_account(page)
    steps.go_on(page, "材料")
    slot = page.locator("#slot-id_card")
    expect(slot.get_by_role("button", name="上传所选文件")).to_be_visible()
    slot.locator("input[name=files]").set_input_files(steps.picture("身份证"))
    slot.get_by_role("button", name="上传所选文件").click()
    told(page, "已上传 身份证")
    expect(slot).to_contain_text("已传 1 份")
    house.shot(page, "documents")
    no = steps.submit_checked(page)
    assert Attachment.objects.filter(subject_key=no, slot="id_card").count() == 1
    house.shot(page, "receipt")


def test_mend_without_javascript(house: House) -> None:
    page = house.sign_in("clerk", java_script_enabled=False)
    house.watch_of().allowed.add(422)
    steps.start_application(page)
    page.get_by_role("link", name="填写申请人与委托").click()
    steps.type_applicant(page, **{"联系电话": "12"})
    page.get_by_role("button", name="保存，继续下一项").click()
    expect(page.locator("#error-summary")).to_contain_text("有 1 处需要修改")
    expect(page.get_by_label("居住地址")).to_have_value(steps.ADDRESS)
    expect(page.get_by_label("联系电话")).to_have_value("12")


def sign(page: Page) -> None:
    """The open case is signed."""
    page.get_by_role("button", name="签字同意", exact=True).click()
    expect(page.locator("#confirm")).to_be_visible()
    page.get_by_label("我已看完上面 4 块，对本签字负责").check()
    type_code(page)
    page.get_by_role("button", name="签字同意，看下一件").click()


def test_sign_without_javascript(house: House) -> None:
    with house.at_work():
        case = road.to_decide(house.cast, 41)
    house.move_to(case.state_since or house.today)
    page = house.sign_in("leader", java_script_enabled=False)
    page.get_by_role("link", name="演练甲", exact=True).click()
    sign(page)
    told(page, "前可以在“已签”里取回")
    take_back(page, case)
    page.goto(f"/desk/sign/{case.no}/")
    sign(page)
    with house.at_work():
        assert road.in_effect(case).state == "APPROVED"


def take_back(page: Page, case: Case) -> None:
    """What was signed waits on 已签, with a button that takes it back."""
    page.goto("/desk/signed/")
    page.get_by_role("button", name="取回").click()
    told(page, "已取回签字")
    assert road.fresh(case).state_label == "待审批"


def test_find_and_menu_without_javascript(house: House) -> None:
    with house.at_work():
        case = road.submitted(house.cast, 42)
    page = house.sign_in("clerk", java_script_enabled=False)
    page.get_by_label("全局查找").fill("ylj")
    page.get_by_role("button", name="查找").click()
    expect(page.locator("main")).to_contain_text(case.no)
    page.goto("/menu/")
    expect(heading(page, "菜单")).to_be_visible()
    expect(page.locator("main").get_by_role("link", name="代办申请")).to_be_visible()
