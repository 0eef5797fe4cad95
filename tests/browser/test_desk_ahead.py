"""The desk is one page ahead: the next case is there before it is asked, and only it is put in."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from cases.models import Case, HeldAnswer
from cases.operations import decisions
from tests import road
from tests.browser.house import House
from tests.browser.steps import told, type_code
from tests.cases.held import answered

HEADS = ("演练甲一", "演练甲二", "演练甲三")
MARK = "() => { window.mark = 'the same page'; document.querySelector('header').mark = 1; }"
MARKED = "() => [window.mark, document.querySelector('header').mark]"
SAME = ["the same page", 1]
WITHIN = 100  # times 50 ms


@pytest.fixture
def desk(house: House) -> list[Case]:
    """Three cases of three families, in the order of the desk; nothing else is on it."""
    house.move_to(road.START)
    for waiting in Case.objects.filter(state="TO_DECIDE", held_until__isnull=True):
        with house.at_work() as on:
            decisions.send_back(
                waiting.no, note="请补正", actor=house.cast.leader, on=on, mend=["income"]
            )
    first = Case.objects.count() + 1
    with house.at_work():
        cases = [on_the_desk(house, first + i, head) for i, head in enumerate(HEADS)]
    house.move_to(cases[-1].state_since or house.today)
    return cases


def on_the_desk(house: House, serial: int, head: str) -> Case:
    """A case of the family of the named head."""
    body = road.application(serial)
    body["members"][0]["name"] = head
    return road.to_decide(house.cast, serial, members=body["members"], holder=head)


def address(case: Case) -> str:
    """Where the case is signed."""
    return f"/desk/sign/{case.no}/"


def opened(house: House, case: Case, **options: Any) -> Page:
    """The leader has the case before them, in a page that can be told from another."""
    page = house.person("leader", **options)
    page.goto(address(case))
    page.evaluate(MARK)
    return page


def asked(house: House, case: Case) -> int:
    """How often the browser has asked for the page of the case."""
    urls = [url for watch in house.watches for url in watch.requests]
    return sum(url.endswith(address(case)) for url in urls)


def comes_ahead(house: House, page: Page, case: Case) -> bool:
    """Within a few seconds the page of the case has come, though nobody asked for it."""
    for _ in range(WITHIN):
        if asked(house, case):
            return True
        page.wait_for_timeout(50)
    return False


def shows(page: Page, case: Case) -> None:
    """The case is before the leader: heading, title, address; the heading has the focus."""
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text(case.household.head_name)
    expect(heading).to_be_focused()
    expect(page).to_have_title(re.compile(f"^签批 {case.household.head_name}"))
    expect(page).to_have_url(re.compile(f"{address(case)}$"))
    expect(page.locator("main")).to_have_count(1)
    expect(page.locator(".sign form")).to_have_attribute("action", f"{address(case)}#confirm")


def look(page: Page, label: str) -> None:
    """看上一件 or 看下一件."""
    page.get_by_role("link", name=label, exact=True).click()


def test_the_next_case_was_there_before_and_only_the_middle_changes(
    house: House, desk: list[Case]
) -> None:
    page = opened(house, desk[0])
    assert comes_ahead(house, page, desk[1])
    look(page, "看下一件")
    shows(page, desk[1])
    assert page.evaluate(MARKED) == SAME
    assert asked(house, desk[1]) == 1  # the click asked for nothing more
    assert comes_ahead(house, page, desk[2])
    look(page, "看下一件")
    shows(page, desk[2])
    assert page.evaluate(MARKED) == SAME
    expect(page.get_by_role("link", name="看下一件")).to_have_count(0)
    expect(page.locator("main .acts").first).to_contain_text("第 3 / 3 件")


def test_nothing_is_fetched_ahead_of_the_last_case(house: House, desk: list[Case]) -> None:
    page = opened(house, desk[2])
    page.wait_for_timeout(1500)
    assert asked(house, desk[0]) == asked(house, desk[1]) == 0
    look(page, "看上一件")
    shows(page, desk[1])
    assert asked(house, desk[1]) == 1
    assert page.evaluate(MARKED) == SAME


def test_back_and_forward_lead_through_what_was_seen(house: House, desk: list[Case]) -> None:
    page = house.person("leader")
    page.goto("/desk/sign/")
    with page.expect_navigation():
        page.get_by_role("link", name=HEADS[0], exact=True).click()
    page.evaluate(MARK)
    for case in desk[1:]:
        look(page, "看下一件")
        shows(page, case)
    for case in (desk[1], desk[0]):
        page.go_back()
        shows(page, case)
    page.go_forward()
    shows(page, desk[1])
    assert page.evaluate(MARKED) == SAME
    page.go_back()
    page.go_back()
    expect(page.get_by_role("heading", name="待我签批")).to_be_visible()


def test_the_same_with_keys(house: House, desk: list[Case]) -> None:
    page = opened(house, desk[0])
    page.get_by_role("link", name="看下一件").focus()
    page.keyboard.press("Enter")
    shows(page, desk[1])
    page.keyboard.press("2")
    expect(page.locator("[data-block='2']")).to_be_focused()  # keys find what was put in
    page.keyboard.press("Control+Enter")
    expect(page.locator("#confirm-title")).to_contain_text(HEADS[1])


def test_in_a_window_of_its_own_it_is_an_ordinary_link(house: House, desk: list[Case]) -> None:
    page = opened(house, desk[0])
    with page.context.expect_page() as other:
        page.get_by_role("link", name="看下一件").click(modifiers=["Control"])
    expect(other.value.get_by_role("heading", level=1)).to_contain_text(HEADS[1])
    expect(page).to_have_url(re.compile(f"{address(desk[0])}$"))


def test_without_javascript_the_links_lead_there(house: House, desk: list[Case]) -> None:
    page = house.person("leader", java_script_enabled=False)
    page.goto(address(desk[0]))
    for label, case in (("看下一件", desk[1]), ("看下一件", desk[2]), ("看上一件", desk[1])):
        with page.expect_navigation():
            look(page, label)
        expect(page.get_by_role("heading", level=1)).to_contain_text(case.household.head_name)
        expect(page).to_have_url(re.compile(f"{address(case)}$"))


def agree(page: Page) -> None:
    """签字同意, read and confirmed with the code."""
    page.get_by_role("button", name="签字同意", exact=True).click()
    expect(page.locator("#confirm")).to_be_visible()
    page.get_by_label("我已看完上面 4 块，对本签字负责").check()
    type_code(page)
    page.get_by_role("button", name="签字同意，看下一件").click()


def waits(case: Case) -> bool:
    """Whether a signed answer to the case waits."""
    return HeldAnswer.objects.filter(case=case, state="WAITING").exists()


def test_what_is_signed_after_a_change_of_the_middle_is_what_is_shown(
    house: House, desk: list[Case]
) -> None:
    page = opened(house, desk[0])
    look(page, "看下一件")
    shows(page, desk[1])
    page.get_by_role("textbox", name="我的意见").fill("同意，按拟定金额办理。")
    agree(page)
    told(page, f"已签字同意　{HEADS[1]}")
    assert [waits(case) for case in desk] == [False, True, False]
    held = HeldAnswer.objects.get(case=desk[1])
    assert held.opinion == "同意，按拟定金额办理。"
    expect(page).to_have_url(re.compile(f"{address(desk[2])}$"))


def change(house: House, case: Case, *, comes_again: bool) -> None:
    """A paper is added; the case goes round again and lies on the desk as another, or does not."""
    cast, on = house.cast, case.state_since or house.today
    with house.at_work():
        road.add_file(cast, case, "income_proof", "收入证明", (3, case.pk % 250, 5))
        if not comes_again:
            return
        decisions.send_back(case.no, note="请补正", actor=cast.leader, on=on, mend=["income"])
        case = road.fresh(case)
        for act in (road.survey, road.settle, road.appraise):
            act(cast, case, on)
        case = road.through_notice(cast, case, "post_review_notice", on)
        on = case.state_since or on
        decisions.propose(case.no, actor=cast.staff, on=on, proof=cast.proof("staff", "建议批准"))
        case = road.through_notice(cast, case, "post_approval_notice", on)
    house.move_to(case.state_since or on)


@pytest.mark.parametrize("when", ["before the click", "after it"])
@pytest.mark.parametrize("comes_again", [True, False], ids=["comes again", "lies there"])
def test_what_changed_after_it_was_fetched_is_not_signed_unread(
    house: House, desk: list[Case], when: str, comes_again: bool
) -> None:
    page = opened(house, desk[0])
    house.watch_of().allowed.add(409)
    assert comes_ahead(house, page, desk[1])
    page.wait_for_load_state("networkidle")
    if when == "before the click":
        change(house, desk[1], comes_again=comes_again)
    look(page, "看下一件")
    shows(page, desk[1])
    if when == "after it":
        change(house, desk[1], comes_again=comes_again)
    agree(page)
    said = "内容有变化，请" if comes_again else "不再覆盖现在的内容"
    expect(page.locator("#error-summary")).to_contain_text(said)
    assert not waits(desk[1])
    if not comes_again:
        return
    vow = page.get_by_label("我已看完上面 4 块，对本签字负责")
    expect(vow).not_to_be_checked()
    vow.check()  # now it has been read
    type_code(page)
    page.get_by_role("button", name="签字同意，看下一件").click()
    told(page, f"已签字同意　{HEADS[1]}")
    assert waits(desk[1])


def test_a_case_that_somebody_signed_meanwhile_is_not_offered_again(
    house: House, desk: list[Case]
) -> None:
    page = opened(house, desk[0])
    assert comes_ahead(house, page, desk[1])
    page.wait_for_load_state("networkidle")
    with house.at_work():
        answered(house.cast, desk[1])
    look(page, "看下一件")
    shows(page, desk[1])  # as it was fetched
    house.watch_of().allowed.add(409)
    agree(page)
    expect(page.locator("#error-summary")).to_contain_text("本件已经签字")
    assert HeldAnswer.objects.filter(case=desk[1]).count() == 1


def test_when_the_next_one_cannot_be_fetched_the_link_still_leads_there(
    house: House, desk: list[Case]
) -> None:
    page = house.person("leader")
    house.watch_of().may_be_cut_off = True
    page.route(f"**{address(desk[1])}", lambda route: route.abort("internetdisconnected"))
    page.goto(address(desk[0]))
    page.evaluate(MARK)
    page.wait_for_timeout(1000)
    page.unroute(f"**{address(desk[1])}")
    look(page, "看下一件")
    expect(page.get_by_role("heading", level=1)).to_contain_text(HEADS[1])
    expect(page).to_have_url(re.compile(f"{address(desk[1])}$"))
    watch = house.watch_of()
    watch.errors = [
        e for e in watch.errors if e != "Failed to fetch"
    ]  # what came ahead, and did not
