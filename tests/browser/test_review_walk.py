"""A review round, and a stop with its letter, as the clerk, the office and the leader do them."""

from datetime import date

from playwright.sync_api import Page, expect

from cases.models import Benefit, Review
from tests.browser import steps
from tests.browser.house import PHONE, House
from tests.browser.steps import heading, told
from tests.cast import SIGN_CODE
from tests.funds import payouts

DAY = date(2026, 10, 12)  # Monday
NAMES = ("演练甲", "演练乙")


def due(house: House) -> list[Benefit]:
    """Two households of the village that are due for review."""
    house.move_to(DAY)
    with house.at_work():
        made = [
            payouts.in_benefit(house.cast, serial, name=name, review_due_on=date(2026, 10, 31))
            for serial, name in enumerate(NAMES, 1)
        ]
    house.do_duties()
    return made


def visit(page: Page, name: str, note: str) -> None:
    """The clerk, at the door, with a phone."""
    page.goto("/roster/")
    page.get_by_role("link", name=name).click()
    page.get_by_label("同行人").fill("社区主任")
    page.get_by_label("情况", exact=True).fill(note)
    page.locator("input[name=photo]").set_input_files(steps.picture("入户.jpg"))
    page.get_by_role("button", name="登记", exact=True).click()
    told(page, "已登记入户走访")


def find(page: Page, name: str) -> None:
    """The review of the household, out of the list."""
    page.goto("/renewals/")
    page.get_by_role("table").first.get_by_role("link", name=name).click()
    expect(heading(page, f"{name}户复核")).to_be_visible()


def settle(page: Page, annual: str) -> None:
    """What the office found."""
    act = page.locator("#act-settle")
    act.get_by_label("全家一年计入收入（元）").fill(annual)
    act.get_by_role("button", name="核算待遇").click()
    told(page, "已核算")


def sign(page: Page, act: str, button: str, opinion: str) -> None:
    """A signature over what the page shows."""
    box = page.locator(f"#act-{act}")
    box.get_by_label("意见").fill(opinion)
    box.get_by_label("签批码").fill(SIGN_CODE)
    box.get_by_role("button", name=button).click()


def test_a_round_of_reviews_and_a_stop_with_its_letter(house: House) -> None:
    due(house)
    clerk = house.person("clerk", viewport=PHONE, is_mobile=True, has_touch=True)
    visit(clerk, "演练甲", "情况没有变化")
    visit(clerk, "演练乙", "两人在外务工，收入稳定")
    house.shot(clerk, "visited")
    staff = house.person("staff")
    find(staff, "演练甲")
    settle(staff, "12,000")
    expect(heading(staff, "复核结果：保持")).to_be_visible()
    sign(staff, "propose", "提出复核意见", "建议保持")
    told(staff, "转分管领导签批")
    find(staff, "演练乙")
    settle(staff, "36,000")
    expect(heading(staff, "复核结果：停发")).to_be_visible()
    house.shot(staff, "stop-settled")
    sign(staff, "propose", "提出复核意见", "建议停发")
    leader = house.person("leader")
    leader.goto("/adjustments/")
    leader.get_by_role("link", name="演练甲").click()
    sign(leader, "keep", "签字维持", "同意")
    told(leader, "原待遇继续发放")
    leader.goto("/adjustments/")
    leader.get_by_role("link", name="演练乙").click()
    house.shot(leader, "stop-to-sign")
    sign(leader, "agree", "签字调整", "同意停发")
    told(leader, "告知家庭以后才执行")
    tell_the_family(house, staff)
    ended = Benefit.objects.get(household__head_name="演练乙")
    assert ended.end_month == date(2026, 10, 1)
    assert Benefit.objects.get(household__head_name="演练甲").end_month is None
    assert set(Review.objects.values_list("state", flat=True)) == {"ENDED"}


def tell_the_family(house: House, page: Page) -> None:
    """The letter is printed and served; only then the benefit has an end."""
    page.goto("/letters/")
    page.get_by_role("link", name="登记告知").click()
    letter = page.get_by_role("link", name="打印告知书").get_attribute("href")
    assert letter
    answer = page.request.get(letter)
    assert answer.headers["content-type"] == "application/pdf"
    assert Benefit.objects.get(household__head_name="演练乙").end_month is None
    box = page.locator("#act-tell")
    box.get_by_label("签收人").fill("演练乙")
    box.locator("input[name=photo]").set_input_files(steps.picture("签收.jpg"))
    box.get_by_role("button", name="登记告知").click()
    told(page, "已登记告知")
    expect(page.locator("main")).to_contain_text("发放到 2026年10月")
    house.shot(page, "stop-told")
    page.goto("/roster/?on=2026-11")
    expect(page.get_by_role("table").first).not_to_contain_text("演练乙")
