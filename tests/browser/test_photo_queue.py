"""Photos wait in the browser until the server has them (IR-20, IR-32); signing out empties it."""

import itertools

import pytest
from playwright.sync_api import Page, Route, expect

from tests import road
from tests.browser import steps
from tests.browser.house import House
from yuquan_relief.kernel.models import Attachment

SLOT = "survey_photo"
SERIALS = itertools.count(10)
KEPT = """async () => {
  if (!(await indexedDB.databases()).some((one) => one.name === "photos")) return 0;
  return new Promise((done) => {
    const open = indexedDB.open("photos", 1);
    open.onsuccess = () => {
      const ask = open.result.transaction("waiting").objectStore("waiting").count();
      ask.onsuccess = () => { open.result.close(); done(ask.result); };
    };
  });
}"""
FORGET = """() => new Promise((done) => {
  const gone = indexedDB.deleteDatabase("photos");
  gone.onsuccess = done;
})"""


def watched(house: House) -> Page:
    """The clerk's browser, whose console may speak of a dead line."""
    page = house.person("clerk")
    house.watch_of().may_be_cut_off = True
    return page


def kept(page: Page) -> int:
    """How many photos wait in this browser."""
    count: int = page.evaluate(KEPT)
    return count


def arrived(no: str) -> int:
    """How many photos the server has."""
    return Attachment.objects.filter(subject_key=no, slot=SLOT).count()


@pytest.fixture
def case_no(house: House) -> str:
    """A case under investigation, another for each test."""
    with house.at_work():
        return road.accepted(house.cast, next(SERIALS), house.today).no


def cut_off(page: Page, no: str, *, taken: bool = False, big: bool = False) -> None:
    """The line goes dead while a photo is on its way; with `taken` the server has it already."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        if taken and not held:
            route.fetch()
        held.append(route)

    page.route("**/evidence/upload/", hold)
    page.goto(f"/cases/{no}/evidence/")
    with page.expect_request("**/evidence/upload/"):
        files = page.locator(f"#slot-{SLOT} input[name=files]")
        files.set_input_files(steps.picture("入户", 90, big=big))
    while not held:
        page.wait_for_timeout(20)
    page.context.set_offline(True)
    held[0].abort("internetdisconnected")
    expect(page.locator(f"#slot-{SLOT} .files")).to_contain_text("入户")
    assert kept(page) == 1


def come_back(page: Page) -> None:
    """The line is there again."""
    page.unroute("**/evidence/upload/")
    page.context.set_offline(False)


def empty(page: Page) -> bool:
    """Within a few seconds nothing waits in this browser any more."""
    for _ in range(100):
        if not kept(page):
            return True
        page.wait_for_timeout(50)
    return False


@pytest.mark.parametrize(
    ("taken", "big"),
    [
        pytest.param(False, False, id="not taken"),
        pytest.param(True, False, id="taken, the answer lost"),
        pytest.param(False, True, id="large, not taken"),
        pytest.param(True, True, id="large, taken, the answer lost"),
    ],
)
def test_a_photo_that_was_cut_off_arrives_by_itself_and_once(
    house: House, case_no: str, taken: bool, big: bool
) -> None:
    page = watched(house)
    cut_off(page, case_no, taken=taken, big=big)
    assert arrived(case_no) == int(taken)
    come_back(page)
    page.reload()
    expect(page.locator("#notices")).to_contain_text("接着上传上次没有传完的照片")
    expect(page.locator(f"#slot-{SLOT} .slot-head")).to_contain_text("已传 1 份")
    assert empty(page)
    page.reload()
    expect(page.locator(f"#slot-{SLOT} .slot-head")).to_contain_text("已传 1 份")
    assert arrived(case_no) == 1


def test_without_what_is_kept_the_photo_would_be_lost(house: House, case_no: str) -> None:
    page = watched(house)
    cut_off(page, case_no)
    page.evaluate(FORGET)
    come_back(page)
    page.reload(wait_until="networkidle")
    expect(page.locator(f"#slot-{SLOT} .slot-head")).to_contain_text("可不传")
    assert arrived(case_no) == 0


def test_signing_out_leaves_no_photo_on_a_shared_computer(house: House, case_no: str) -> None:
    page = watched(house)
    cut_off(page, case_no)
    come_back(page)
    page.goto("/cases/")  # no place for photos here, so it still waits
    assert kept(page) == 1
    page.locator("details.menu summary").click()
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_label("账号")).to_be_visible()
    assert empty(page)
    assert arrived(case_no) == 0
