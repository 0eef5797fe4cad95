"""The left menu: headings, one current entry, nothing twice, and pages that stand beside theirs."""

from collections import Counter

import pytest

from tests.cast import Cast
from yuquan_relief.kernel.roles import ROLES
from yuquan_relief.kernel.shell import BESIDE, NavGroup, _menu

MANY = 20  # entries from which on a menu has headings


@pytest.mark.parametrize("role", ROLES)
def test_a_menu_names_each_page_once_and_a_long_one_has_headings(role: str) -> None:
    menu = ROLES[role].menu
    assert max(Counter(ROLES[role].nav).values()) == 1
    assert max(Counter(url for _, url in ROLES[role].nav).values()) == 1
    headings = [heading for heading, _ in menu]
    assert len(set(headings)) == len(headings)
    if len(ROLES[role].nav) > MANY:
        assert len(headings) > 3
        assert max(len(entries) for _, entries in menu) <= 10


def opened(role: str, path: str) -> tuple[list[str], list[str]]:
    """Headings of open groups, and current entries."""
    groups: tuple[NavGroup, ...] = _menu(path, ROLES[role].menu)
    current = [entry.label for group in groups for entry in group.entries if entry.current]
    return [group.label for group in groups if group.is_open], current


@pytest.mark.parametrize(
    ("role", "path", "heading", "entry"),
    [
        ("supervisor", "/board/", "", "看板"),
        ("supervisor", "/supervise/recheck/", "监督检查", "新批复核"),
        ("supervisor", "/findings/HC-1/", "", "督办"),
        ("supervisor", "/figures/late/", "", "看板"),
        ("supervisor", "/tasks/RW-1/", "政策、队伍", "第三方服务"),
        ("office_staff", "/findings/HC-1/", "监督", "督办"),
        ("third_party", "/tasks/RW-1/", "", "我的任务"),
    ],
)
def test_the_group_of_the_page_is_open_and_one_entry_current(
    role: str, path: str, heading: str, entry: str
) -> None:
    assert opened(role, path) == ([heading], [entry])


def test_a_page_of_no_entry_opens_nothing() -> None:
    assert opened("supervisor", "/me/") == ([], [])
    assert all(start not in dict(ROLES["supervisor"].nav).values() for start in BESIDE)


def test_groups_are_folded_in_the_side_and_all_there_on_the_menu_page(cast: Cast) -> None:
    browser = cast.client("supervisor")
    page = browser.get("/samples/").content.decode()
    side = page[page.index('<nav class="side"') : page.index("</nav>")]
    assert side.count("<details") == 6
    assert side.count('<details class="fold" open>') == 1
    assert side.index("open>") < side.index('href="/samples/" aria-current="page"')
    whole = browser.get("/menu/").content.decode()
    assert "<details" not in whole[whole.index("<main") :]
    assert all(url in whole for _, url in ROLES["supervisor"].nav)
