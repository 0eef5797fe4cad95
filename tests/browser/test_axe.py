"""Every page as a person meets it: axe, console, CSP, and nothing that scrolls sideways.

The pages are those of tests/browser/places.py, in the states of tests/browser/world.py.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import F
from playwright.sync_api import expect

from cases.models import CaptureLink
from cases.models.capture import LIFE
from cases.operations.capture import make_link
from tests.browser import mistakes, steps, world, world_programmes
from tests.browser import places as every
from tests.browser.axe import (
    VISITOR,
    Place,
    Round,
    few_of_a_kind,
    once_each,
    pictured,
    sideways,
    violations,
)
from tests.browser.house import DESKTOP, PHONE, House
from tests.browser.mistakes import MISTAKES
from tests.browser.states import STATES, State
from tests.browser.world import World
from tests.deep import within_bounds
from yuquan_relief.kernel.models import Account

EMPTY = (
    *(("clerk", url) for url in ("/kin/", "/leads/", "/notices/standing/", "/apply/")),
    *(("supervisor", url) for url in ("/rechecks/", "/institutions/")),
    *(("clerk", url) for url in ("/visits/", "/reviews/")),
    *(("clerk", url) for url in ("/roster/", "/renewals/", "/changes/", "/visits/progress/")),
    *(
        ("staff", url)
        for url in ("/adjustments/", "/letters/", "/standards/", "/funds/recoveries/")
    ),
    ("staff", "/desk/intake/"),
    ("head", "/desk/witness/"),
    ("leader", "/desk/delegate/"),
    ("bureau", "/desk/sign/"),
)
MENUS_IN_SMALL = 16  # of the pages of menus before there is a case
IN_SMALL = 6  # pages of each deep round in small bounds
PAGES_IN_SMALL = 90  # of test_every_page, spread over all kinds; else it opens every page
SMALL_BOXES = ("/settle_income/", "/settle_standing/")  # judged by a test of their own
Walk = Callable[[House, list[Place]], None]
NO_SIZE = ("as=print", "/voucher/", "/login/")  # pages without the shell


@pytest.fixture(scope="module")
def stand(house: House) -> World:
    """The district at work."""
    return world.build(house)


@pytest.fixture(scope="module")
def places(house: House, stand: World) -> list[Place]:
    """Every page, with who opens it."""
    with house.at_work():
        return every.every_place(house, stand)


def test_pages_with_nothing_on_them(house: House) -> None:
    """The first test of all: the district has people, and no case yet."""
    walk = Round(house)
    seen = set()
    for name in ("clerk", "staff", "head", "leader", "bureau", "verifier", "supervisor"):
        page = house.cast.client(name).get("/", follow=True)
        seen |= {(entry.url, name) for entry in page.context["shell"].nav}
    for name, url in EMPTY:
        shown = walk.visit(Place(url, name))
        expect(shown.locator("main .empty").first).to_be_visible()
    others = {url: name for url, name in sorted(seen) if (name, url) not in EMPTY}
    assert len(others) > MENUS_IN_SMALL
    for url, name in within_bounds([*others.items()], MENUS_IN_SMALL):
        walk.visit(Place(url, name))
    walk.finish()


def test_axe_sees_what_is_wrong(house: House, stand: World) -> None:
    walk = Round(house)
    page = walk.visit(Place("/cases/", "clerk"))
    walk.finish()
    page.evaluate("document.querySelector('main').append(document.createElement('img'))")
    assert any("image-alt" in line for line in violations(page))
    page.evaluate("document.querySelector('main').style.minWidth = '3000px'")
    assert sideways(page)


def test_every_page(house: House, places: list[Place]) -> None:
    walk = Round(house)
    opened = few_of_a_kind(once_each(places), 2)
    assert len(opened) > 150
    opened = within_bounds(opened, PAGES_IN_SMALL)
    for place in (*opened, *(Place("/", role) for role in every.ROLES)):
        walk.visit(place)
    walk.finish()


def on_a_phone(house: House, places: list[Place]) -> None:
    """Axe on a phone."""
    walk = Round(house, "phone", viewport=PHONE, has_touch=True, is_mobile=True)
    for place in places:
        if not place.url.endswith(SMALL_BOXES):
            walk.visit(place)
    walk.finish()


def in_large_type(house: House, places: list[Place]) -> None:
    """Axe in large type, which every page of somebody who is signed in obeys."""
    Account.objects.update(large_type=True)
    try:
        walk = Round(house, "large", viewport=DESKTOP)
        for place in places:
            page = walk.visit(place)
            if not (place.url.endswith(NO_SIZE) or place.role == VISITOR):
                expect(page.locator("html")).to_have_attribute("data-size", "large")
        walk.finish()
    finally:
        Account.objects.update(large_type=False)


@pytest.mark.parametrize("go_round", [on_a_phone, in_large_type])
def test_each_kind_of_page(house: House, places: list[Place], go_round: Walk) -> None:
    assert len(pictured(places)) >= 20
    go_round(house, pictured(places))


def test_boxes_in_tables_can_be_hit_with_a_finger(house: House, places: list[Place]) -> None:
    walk = Round(house, "phone", viewport=PHONE, has_touch=True, is_mobile=True)
    boxes = [place for place in places if place.url.endswith(SMALL_BOXES)]
    assert all(any(place.url.endswith(end) for place in boxes) for end in SMALL_BOXES)
    for place in boxes:
        walk.visit(place)
    walk.finish()


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
@pytest.mark.parametrize("look", ["desk", "phone", "large"])
def test_states_that_no_address_leads_to(
    house: House, stand: World, look: str, state: State
) -> None:
    phone = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
    Account.objects.update(large_type=look == "large")
    try:
        walk = Round(house, f"state-{look}", **(phone if look == "phone" else {}))
        state(walk, house, stand)
        walk.finish()
    finally:
        Account.objects.update(large_type=False)


@pytest.mark.deep
@pytest.mark.parametrize("go_round", [on_a_phone, in_large_type])
def test_really_every_page(house: House, places: list[Place], go_round: Walk) -> None:
    assert len(once_each(places)) > 150
    go_round(house, within_bounds(once_each(places), IN_SMALL))


@pytest.mark.deep
def test_every_menu_of_every_role(house: House, places: list[Place]) -> None:
    walk = Round(house)
    assert len(places) > 150
    for place in within_bounds(places, IN_SMALL):
        walk.visit(place)
    walk.finish()


def test_pages_that_say_no(house: House, stand: World) -> None:
    walk = Round(house)
    for name in ("clerk", "leader"):
        walk.page_of(name)
        house.watch_of().allowed |= {403, 404}
        walk.visit(Place("/settings/people/", name), 403)
        walk.visit(Place("/cases/YQ-DB-000000000-20260101-0001/", name), 404)
        walk.visit(Place("/nowhere/", name), 404)
    walk.finish()


def test_sign_in(house: House) -> None:
    walk = Round(house)
    page = house.page(house.visitor())
    house.watch_of().allowed.add(422)
    page.goto("/login/?idle=1")
    walk.look(page, "/login/")
    page.get_by_role("button", name="登录系统").click()
    expect(page.locator("#error-summary")).to_be_focused()
    walk.look(page, "/login/ empty")
    walk.finish()


@pytest.mark.parametrize("role", sorted({role for role, *_ in MISTAKES}))
def test_forms_with_mistakes_say_what_to_do_and_keep_what_was_typed(
    house: House, stand: World, role: str
) -> None:
    walk = Round(house, "mistake")
    page = walk.page_of(role)
    house.watch_of().allowed |= {409, 422}
    mine = [row for row in MISTAKES if row[0] == role]
    for _, address, button, typed in within_bounds(mine, IN_SMALL):
        page.goto(address.format(**vars(stand)))
        mistakes.send(page, button, typed)
        summary = page.locator("#error-summary")
        expect(summary).to_be_visible()
        if role != VISITOR:  # the open page has no script
            expect(summary).to_be_focused()
        expect(page).to_have_title(re.compile("^有错误："))
        for word in ("不能为空", "必填项", "非法", "错误代码", "None", "This field"):
            expect(summary).not_to_contain_text(word)
        lost, dead = mistakes.lost(page, typed), mistakes.dead_links(page)
        walk.look(page, address, [f"{name} is lost" for name in lost] + dead)
    walk.finish()


def test_list_to_lock_without_the_code(house: House, stand: World) -> None:
    walk = Round(house)
    page = walk.page_of("staff")
    house.watch_of().allowed.add(422)
    batch = stand.batch
    page.goto(f"/pay/{batch.month:%Y-%m}/{batch.office.code}/{batch.programme}/")
    page.get_by_role("button", name="锁定名单").click()
    expect(page.locator("#error-summary")).to_be_focused()
    walk.look(page, "list, empty lock")
    walk.finish()


@pytest.mark.parametrize(("role", "case"), [("leader", "to_decide"), ("bureau", "above_office")])
def test_desk_with_its_confirmation(house: House, stand: World, role: str, case: str) -> None:
    walk = Round(house)
    page = walk.page_of(role)
    house.watch_of().allowed.add(422)
    for label in ("签字同意", "退回补正", "不予批准"):
        page.goto(f"/desk/sign/{getattr(stand, case)}/")
        page.get_by_role("button", name=label, exact=True).click()
        expect(page.locator("#confirm")).to_be_visible()
        walk.look(page, label)
    page.locator("#confirm button").click()
    expect(page.locator("#error-summary")).to_contain_text("请先看完全部内容并勾选声明")
    walk.look(page, "not vouched")
    walk.finish()


def test_drawer_and_viewer(house: House, stand: World) -> None:
    walk = Round(house, viewport=PHONE)
    page = walk.page_of("leader")
    page.goto(f"/desk/sign/{stand.to_decide}/")
    page.get_by_role("link", name="菜单").click()
    expect(page.get_by_role("dialog")).to_contain_text("已签")
    walk.look(page, "drawer")
    page.keyboard.press("Escape")
    page.locator("[data-viewer] a").first.click()
    expect(page.get_by_role("dialog").locator("img")).to_be_visible()
    walk.look(page, "viewer")
    walk.finish()


def test_the_code_on_the_screen_and_the_page_on_the_phone(house: House, stand: World) -> None:
    walk, phone = Round(house, "code"), Round(house, "phone", viewport=PHONE, is_mobile=True)
    page = walk.page_of("clerk")
    page.goto(f"/cases/{stand.investigating}/evidence/")
    page.locator("#slot-income_proof").get_by_role("button", name="从手机传").click()
    expect(page.locator(".qr svg")).to_be_visible()
    walk.look(page, "/evidence/capture/")
    with house.at_work():
        token = make_link(
            "case", stand.investigating, "income_proof", "收入证明", actor=house.cast.clerk
        )
    here = phone.visit(Place(f"/public/m/{token}/", VISITOR))
    house.watch_of().allowed |= {404, 410}
    here.locator("input[name=files]").set_input_files(steps.picture("收入", 61))
    expect(here.locator("main")).to_contain_text("已传 1 份")
    phone.look(here, "/public/m/ after one")
    CaptureLink.objects.update(made_at=F("made_at") - LIFE)
    phone.visit(Place(f"/public/m/{token}/", VISITOR), 410)
    for url in ("/public/m/nothing/", "/public/notices/nothing/"):
        phone.visit(Place(url, VISITOR), 404)
    walk.finish()
    phone.finish()


def test_the_queue_of_checks_is_no_wider_than_a_phone(house: House, stand: World) -> None:
    walk = Round(house)
    page = walk.page_of("verifier")
    page.goto("/checks/")
    assert not walk.narrow(page)


@pytest.mark.parametrize("options", [{}, {"viewport": PHONE, "is_mobile": True}], ids=["", "phone"])
def test_families_that_were_noticed(house: House, stand: World, options: dict[str, Any]) -> None:
    """The last test of all, for every other page has its leads from here on."""
    with house.at_work() as on:
        world_programmes.found(house, on)
    walk = Round(house, f"found-{len(options)}", **options)
    walk.visit(Place("/leads/", "clerk")).locator("details summary").first.click()
    walk.look(walk.page_of("clerk"), "/leads/ open")
    walk.visit(Place("/leads/", "staff"))
    walk.finish()
