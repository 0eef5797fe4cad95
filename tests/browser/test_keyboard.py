"""Submitting and signing with nothing but keys; the focus is always somewhere, and can be seen."""

import pytest
from playwright.sync_api import FilePayload, Page, expect

from cases.models import Case
from tests import road
from tests.browser import steps, world
from tests.browser.house import House
from tests.browser.steps import focused, heading
from tests.cast import SIGN_CODE
from yuquan_relief.kernel.operations.attachments import attach

MOST_TABS = 60


class Keys:
    """A person with a keyboard only."""

    def __init__(self, page: Page) -> None:
        self.page, self.pressed = page, 0
        page.on("filechooser", lambda chooser: None)  # from now on, not only when one is awaited

    def press(self, key: str) -> None:
        """One key, after which something has the focus and shows it."""
        self.page.keyboard.press(key)
        self.pressed += 1

    def to(self, text: str) -> None:
        """Tab until the thing with this text, or this id, has the focus."""
        passed: list[str] = []
        for _ in range(MOST_TABS):
            self.press("Tab")
            at = focused(self.page)
            assert at["tag"] != "BODY", f"the focus was lost after {passed}"
            assert at["ring"], f"the focus on {at} cannot be seen"
            assert at["seen"], f"{at} has the focus outside the window"
            if text in (at["text"].partition("\n")[0], at["id"]) or at["text"].startswith(text):
                return
            passed.append(at["text"][:20])
        raise AssertionError(f"{text} is not reached by Tab: {passed}")

    def onto(self, selector: str) -> None:
        """Tab until what `selector` names has the focus."""
        for _ in range(MOST_TABS):
            self.press("Tab")
            at = focused(self.page)
            assert at["ring"], f"the focus on {at} cannot be seen"
            if self.page.evaluate("s => document.activeElement.matches(s)", selector):
                return
        raise AssertionError(f"{selector} is not reached by Tab")

    def type(self, id: str, text: str) -> None:
        """Tab to the field and type over what stands there."""
        self.to(id)
        self.page.keyboard.type(text)

    def choose(self, id: str, label: str) -> None:
        """Tab to the list and go down to the entry."""
        self.to(id)
        for _ in range(30):
            shown = "document.activeElement.selectedOptions[0].label"
            if self.page.evaluate(shown) == label:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{label} is not in the list")

    def attach(self, slot: str, file: FilePayload) -> None:
        """Open the chooser of the slot with a key, and take a file."""
        self.onto(f"#slot-{slot} input[name=files]")
        with self.page.expect_file_chooser() as chooser:
            self.page.keyboard.press("Enter")
        chooser.value.set_files(file)
        expect(self.page.locator(f"#slot-{slot} .slot-head")).to_contain_text("已传 1 份")

    def enter(self, text: str) -> None:
        """Tab to it and press Enter."""
        self.to(text)
        self.press("Enter")


@pytest.fixture
def ready_draft(house: House) -> str:
    """A draft with all answers and documents."""
    with house.at_work():
        key = world.draft(house, world.ANSWERS)
        for i, (slot, title) in enumerate(road.SLOTS.items()):
            attach(
                "draft",
                key,
                slot,
                road.photo((i, 5, 5)),
                title=title,
                village_id=house.cast.village.pk,
                office_id=house.cast.office.pk,
                actor=house.cast.clerk,
            )
    return key


def test_submit_by_keyboard(house: House, ready_draft: str) -> None:
    page = house.person("clerk")
    page.goto("/")
    keys = Keys(page)
    keys.press("Tab")
    assert focused(page)["text"] == "跳到正文"
    keys.press("Enter")
    keys.enter("演练丙")
    expect(page.get_by_role("heading", name="申请清单")).to_be_visible()
    keys.enter("8 检查并提交")
    expect(page.get_by_role("heading", name="检查并提交")).to_be_visible()
    keys.enter("提交申请")
    expect(page.get_by_role("heading", name="演练丙 的申请已提交")).to_be_visible()
    assert Case.objects.filter(submission_key=ready_draft).count() == 1


def test_apply_by_keyboard_from_the_first_key_to_the_receipt(house: House) -> None:
    page = house.person("clerk")
    page.goto("/apply/")
    keys = Keys(page)
    keys.enter("开始申请城市低保")
    expect(page.get_by_role("heading", name="申请清单")).to_be_visible()
    keys.enter("填写申请人与委托")
    expect(heading(page, "申请人与委托")).to_be_visible()
    keys.type("id_phone", "19900000000")
    keys.type("id_address", steps.ADDRESS)
    keys.type("id_reason", steps.REASON)
    go_on(keys, "家庭成员")
    keys.type("id_members-0-name", "演练庚")
    keys.type("id_members-0-id_no", road.number(220))
    keys.type("id_members-1-name", "演练辛")
    keys.type("id_members-1-id_no", road.number(221, is_male=False))
    keys.choose("id_members-1-relation", "配偶")
    go_on(keys, "收入")
    keys.choose("id_members-0-incomes-0-kind", "工资性收入")
    keys.type("id_members-0-incomes-0-annual", "12000")
    for topic in ("家庭财产", "法定义务人", "收款账户"):
        go_on(keys, topic)
    keys.type("id_bank", steps.BANK)
    keys.type("id_holder", "演练庚")
    keys.type("id_account_number", steps.ACCOUNT)
    go_on(keys, "材料")
    for i, (slot, title) in enumerate(road.SLOTS.items()):
        keys.attach(slot, steps.picture(title, 220 + i))
    keys.enter("继续，检查并提交")
    expect(heading(page, "检查并提交")).to_be_visible()
    keys.enter("提交申请")
    expect(heading(page, "演练庚 的申请已提交")).to_be_visible()
    assert Case.objects.filter(household__head_name="演练庚").count() == 1


def go_on(keys: Keys, following: str) -> None:
    """保存，继续下一项, with a key."""
    keys.enter("保存，继续下一项")
    expect(heading(keys.page, following)).to_be_visible()


def test_mend_by_keyboard(house: House) -> None:
    with house.at_work():
        key = world.draft(house, world.ANSWERS | {"phone": "12"})
    page = house.person("clerk")
    page.goto(f"/apply/{key}/check/")
    keys = Keys(page)
    assert focused(page)["id"] == "error-summary"
    keys.press("Tab")
    keys.press("Enter")
    expect(page.get_by_role("heading", name="申请人与委托")).to_be_visible()
    expect(
        page.get_by_label("联系电话")
    ).to_be_focused()  # one press from the sentence to its field
    keys.press("Control+a")
    page.keyboard.type("19900000000")
    keys.enter("保存，继续下一项")
    expect(page.get_by_role("heading", name="家庭成员")).to_be_visible()


def test_sign_by_keyboard(house: House) -> None:
    with house.at_work():
        first, second = (road.to_decide(house.cast, serial) for serial in (31, 32))
    house.move_to(second.state_since or house.today)
    page = house.person("leader")
    page.goto("/desk/sign/")
    keys = Keys(page)
    keys.enter("从第一件开始签批")
    expect(page.get_by_role("heading", name="1 要点与系统核查")).to_be_visible()
    keys.enter("签字同意")
    expect(page.locator("#confirm")).to_be_visible()
    before = keys.pressed
    keys.to("id_vouched")
    assert keys.pressed - before <= 3, "the confirmation is not where the keys are"
    keys.press("Space")
    expect(page.get_by_label("我已看完上面 4 块，对本签字负责")).to_be_checked()
    keys.to("id_code")
    page.keyboard.type(SIGN_CODE)
    keys.press("Enter")
    expect(page.locator("#notices")).to_contain_text("已签字同意")
    assert road.fresh(first).state_label == "已签字，待生效"
    # The next one is on the desk already; Ctrl+Enter is the primary act.
    page.keyboard.press("Control+Enter")
    expect(page.locator("#confirm")).to_be_visible()
    keys.to("id_vouched")
    keys.press("Space")
    keys.to("id_code")
    page.keyboard.type(SIGN_CODE)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("都签完了")).to_be_visible()
    with house.at_work():
        assert road.in_effect(second).state == road.fresh(first).state == "APPROVED"


def test_keys_that_shorten_the_way(house: House) -> None:
    page = house.person("clerk")
    page.goto("/cases/")
    page.keyboard.press("/")
    assert focused(page)["id"] == "find-q"
    page.keyboard.type("/")
    expect(page.locator("#find-q")).to_have_value("/")
