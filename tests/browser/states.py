"""States of pages that no address leads to: something was typed, opened, sent or signed."""

import contextlib
from collections.abc import Callable, Iterator

from playwright.sync_api import FilePayload, Page, expect

from cases.models import Case
from cases.operations import answers
from tests.browser.axe import Place, Round
from tests.browser.house import House
from tests.browser.world import World
from tests.cases.held import answered

HEAD = "案件编号,报告编号,数据截止日,有效期至,结论,说明,项目,证号,类别,内容,金额,面积"
WRONG = (
    "YQ-DB-159900001-20260921-9999,HD-1,2026-10-01,2027-03-31,未超标,,,,,,,",
    "{no},HD-2,十月一日,2027-03-31,大概没有超标,,收入,15010219610304,打工,,一万二,",
    "{no},,2026-10-01,,,,财产,,住房,,,约一百平",
)
State = Callable[[Round, House, World], None]


def bad_day(walk: Round, house: House, stand: World) -> None:
    """The day on which a household is to be seen is not one."""
    walk.page_of("clerk")
    house.watch_of().allowed.add(422)
    page = walk.visit(Place(f"/households/{stand.headed[0]}/?on=昨天", "clerk"), 422)
    expect(page.locator("#on-error")).to_be_visible()
    expect(page.locator("#on")).to_have_value("昨天")


def every_role(walk: Round, house: House, stand: World) -> None:
    """All the roles of a household, opened."""
    page = walk.page_of("clerk")
    page.goto(f"/households/{stand.split[0]}/")
    page.locator("details summary", has_text="身份变化").click()
    walk.look(page, "/households/ roles open")


def wrong_rows(walk: Round, house: House, stand: World) -> None:
    """A file of reports with lines that must be mended."""
    page = walk.page_of("verifier")
    house.watch_of().allowed.add(422)
    page.goto("/checks/")
    page.locator("#id_file").set_input_files(reports(stand.investigating))
    page.get_by_role("button", name="导入核对报告").click()
    expect(page.locator("#error-summary")).to_be_focused()
    assert page.get_by_role("row").filter(has_text="请填").count() >= 3
    walk.look(page, "wrong rows")
    assert not walk.narrow(page)


def reports(no: str) -> FilePayload:
    """A file in which nearly everything is wrong."""
    text = "\n".join((HEAD, *(line.format(no=no) for line in WRONG)))
    return {"name": "核对报告.csv", "mimeType": "text/csv", "buffer": text.encode("utf-8-sig")}


def found(walk: Round, house: House, stand: World) -> None:
    """People and cases by a name, pages by theirs, and nothing at all."""
    page = walk.page_of("staff")
    for words, there in (
        ("演练乙", "人员和家庭"),
        ("案件", "页面"),
        ("无此人", "没有找到"),
    ):
        look_for(page, words)
        expect(page.locator("main")).to_contain_text(there)
        walk.look(page, f"/search/ {words}")


def look_for(page: Page, words: str) -> None:
    """The words are typed into the one box and sent."""
    page.goto("/cases/")
    page.get_by_label("全局查找").fill(words)
    page.get_by_label("全局查找").press("Enter")
    page.wait_for_url("**/search/")


def answer_waits(walk: Round, house: House, stand: World) -> None:
    """A signed answer that can be taken back still."""
    with waiting(house, stand.to_decide):
        page = walk.visit(Place("/desk/signed/", "leader"))
        expect(page.get_by_role("button", name="取回")).to_be_visible()
        walk.visit(Place(f"/cases/{stand.to_decide}/decision/", "leader"))


@contextlib.contextmanager
def waiting(house: House, no: str) -> Iterator[None]:
    """The leader has agreed to the case; afterwards the answer is taken back."""
    with house.at_work() as on:
        answered(house.cast, Case.objects.get(no=no))
    yield
    with house.at_work():
        answers.recall(no, actor=house.cast.leader, on=on)


def bin_open(walk: Round, house: House, stand: World) -> None:
    """The bin of drafts, opened."""
    page = walk.page_of("clerk")
    page.goto("/apply/")
    page.locator("details summary", has_text="回收箱").click()
    expect(page.get_by_role("button").filter(has_text=stand.binned)).to_be_visible()
    walk.look(page, "/apply/ bin open")


def villages_open(walk: Round, house: House, stand: World) -> None:
    """The villages of an office, as anybody may see them."""
    page = walk.page_of("visitor")
    page.goto("/public/notices/")
    page.locator("details summary").first.click()
    walk.look(page, "/public/notices/ open")


STATES: tuple[State, ...] = (
    bad_day, every_role, wrong_rows, found, answer_waits, bin_open, villages_open,
)  # fmt: skip
