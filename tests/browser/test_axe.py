"""Every page as a person meets it: axe, console, CSP, and nothing that scrolls sideways.

The pages come from the URLconf: each address that answers GET with a page to some role is opened by
that role, in the states of tests/browser/world.py. A new address with a parameter needs a sample.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from playwright.sync_api import Page, expect

from cases.operations.roster import keep_upload
from funds.models import PayoutBatch
from tests.browser import world
from tests.browser.house import PHONE, House
from tests.browser.world import World
from tests.imports.rosters import as_csv, line
from yuquan_relief.kernel.models import Account

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
OPTIONS = {
    "runOnly": [
        *("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"),
        "best-practice",
    ],
    "resultTypes": ["violations"],
}
ROLES = (
    *("clerk", "staff", "head", "leader", "chief", "verifier", "supervisor", "accountant"),
    *("auditor", "sysadmin", "secadmin", "auditadmin"),
)
# Of which pictures are taken on a phone and in large type.
PICTURED = ("/members/", "/documents/", "/desk/sign/", "/board/", "/record_survey/", "/pay/")
# Acts, data, downloads, and pages that others made.
NOT_PAGES = {
    *("logout", "choose_post", "change_size", "change_password", "change_sign_code", "totp"),
    *("alive", "file", "file_view", "file_thumb", "rule_confirm", "healthz", "readyz"),
    *("autosave", "discard_draft", "draft_upload", "file_withdraw", "case_reveal", "case_upload"),
    *("notice_photo", "notice_object", "objection_dismiss"),
    *("pay_open", "pay_file", "pay_resolve", "pay_step", "calendar_day", "client_end"),
    *("person_post", "person_post_end", "person_account"),
    *("dossier_refresh", "dossier_upload", "dossier_seal", "dossier_package", "dossier_item"),
    *("form_pdf", "api_schema", "api_docs"),
}


@dataclass(frozen=True)
class Place:
    """One page: its address and who opens it."""

    url: str
    role: str


@pytest.fixture(scope="module")
def stand(house: House) -> World:
    """The district at work."""
    return world.build(house)


@pytest.fixture(scope="module")
def places(house: House, stand: World) -> list[Place]:
    """Every page, with the first role that may open it, and the menus of all the others."""
    found = [place_of(house, url) for url in addresses(house, stand)]
    for name in ROLES:
        page = house.cast.client(name).get("/", follow=True)
        nav = [entry.url for entry in page.context["shell"].nav]
        found += [Place(url, name) for url in nav]
    return list(dict.fromkeys(found))


def routes(patterns: Sequence[URLPattern | URLResolver] | None = None) -> Iterator[URLPattern]:
    """Every named address outside the interface and Django's own."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            if not str(pattern.pattern).startswith("api/"):
                yield from routes(pattern.url_patterns)
        elif pattern.name and pattern.name not in NOT_PAGES:
            yield pattern


def addresses(house: House, stand: World) -> list[str]:
    """An address for each page in each of its states."""
    samples = samples_of(house, stand)
    found, unknown = [], []
    for route in routes():
        assert route.name
        try:
            found += [reverse(route.name, kwargs=kw) for kw in samples.get(route.name, [{}])]
        except NoReverseMatch:
            unknown.append(route.name)
    assert not unknown, f"no sample for {unknown}: add them to samples_of or NOT_PAGES"
    return [
        *found,
        *(f"/cases/?{query}" for query in ("state=DECLINED", "late=1")),
        f"/notices/{stand.review_notice}/?as=print",
        f"/archive/{stand.dossier}/?as=print",
        f"/archive/{stand.dossier}/?seal=1",
        f"/apply/{stand.draft}/members/?rows=6",
        *step_pages(stand),
    ]


def step_pages(stand: World) -> list[str]:
    """The page of every step, in a state in which it may be taken and in one in which not."""
    wanted = {
        stand.submitted: "accept decline request_corrections record_survey",
        stand.investigating: "record_survey cosign_survey request_means_check return_means_check "
        "settle_income record_appraisal sign_appraisal post_review_notice",
        stand.objected: "uphold_objection",
        stand.to_propose: "propose",
        stand.approved: "serve_letter post_approval_notice",
    }
    return [f"/cases/{no}/{code}/" for no, codes in wanted.items() for code in codes.split()]


def samples_of(house: House, stand: World) -> dict[str, list[dict[str, Any]]]:
    """Name of an address → its parameters, once for each state worth seeing."""
    cases = (stand.submitted, stand.investigating, stand.objected, stand.to_decide, stand.approved)
    batch = stand.batch
    topics = ("applicant", "members", "incomes", "account")
    pay = of_list(batch)
    of_draft = [{"key": stand.draft}, {"key": stand.empty_draft}]
    tabs = ("case", "case_family", "case_evidence", "case_field", "case_notice", "case_decision")
    return {
        **{tab: [{"no": no} for no in cases] for tab in (*tabs, "case_timeline")},
        "case_step": [],
        "draft": of_draft,
        "draft_check": of_draft,
        "draft_documents": of_draft[:1],
        "draft_done": [{"key": stand.done_draft}],
        "draft_topic": [{**key, "name": name} for key in of_draft for name in topics],
        "notice": [{"no": stand.review_notice}, {"no": stand.objected_notice}],
        "desk_sign": [{"no": stand.to_decide}],
        "dossier": [{"no": stand.dossier}, {"no": stand.sealed}],
        "person": [{"pk": house.cast.accounts["clerk"].person_id}],
        "rule_entry": [{"parameter": "notice.days"}],
        "pay_month": [{"month": batch.month}, {"month": batch.month.replace(month=1)}],
        "pay_batch": [pay, *map(of_list, stand.lists)],
        "pay_voucher": [of_list(one) for one in stand.lists if one.paid_count],
        "roster_preview": [{"sha256": sha} for sha in rosters(house)],
    }


def of_list(batch: PayoutBatch) -> dict[str, Any]:
    """The parameters of a list's addresses."""
    return {"month": batch.month, "office_code": batch.office.code, "programme": batch.programme}


def rosters(house: House) -> list[str]:
    """Two uploaded rosters: one that can be taken over, one that cannot."""
    good = as_csv([line(71), line(72)])
    bad = as_csv([line(73, 户主姓名=""), line(74, 账号="12")])
    with house.at_work():
        return [keep_upload(x, name="名册.csv", actor=house.cast.staff) for x in (good, bad)]


def place_of(house: House, url: str) -> Place:
    """The page with the first role that gets it."""
    tried = {}
    for name in ROLES:
        answer = house.cast.client(name).get(url)
        tried[name] = answer.status_code
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            return Place(url, name)
    raise AssertionError(f"no role gets a page at {url}: {tried}")


def once_each(places: list[Place]) -> list[Place]:
    """The places without those that another role has shown already."""
    return list({place.url: place for place in reversed(places)}.values())


def violations(page: Page) -> list[str]:
    """What axe finds, a line for each rule, with the elements."""
    page.evaluate(f"() => {{ {AXE} }}")
    result = page.evaluate("options => axe.run(document, options)", OPTIONS)
    return [
        f"{v['id']} ({v['impact']}): " + " | ".join(n["html"][:160] for n in v["nodes"][:4])
        for v in result["violations"]
    ]


def sideways(page: Page) -> list[str]:
    """What makes the page wider than the window."""
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [f"{wide} px wider than the window"] if wide > 0 else []


class Round:
    """Somebody goes round; what is wrong is collected by address."""

    def __init__(self, house: House, pictures: str = "", **options: Any) -> None:
        self.house, self.pictures, self.options = house, pictures, options
        self.pages: dict[str, Page] = {}
        self.wrong: dict[str, list[str]] = {}

    def page_of(self, name: str) -> Page:
        """The browser of the named person."""
        if name not in self.pages:
            self.pages[name] = self.house.person(name, **self.options)
        return self.pages[name]

    def visit(self, place: Place, status: int = 200) -> Page:
        """Open the page and look."""
        page = self.page_of(place.role)
        answer = page.goto(place.url)
        assert answer
        found = [] if answer.status == status else [f"answered {answer.status}"]
        self.look(page, f"{place.role} {place.url}", found)
        return page

    def look(self, page: Page, where: str, found: Sequence[str] = ()) -> None:
        """Axe and width, as the page stands."""
        problems = [*found, *violations(page), *sideways(page)]
        if problems:
            self.wrong[where] = problems
        if self.pictures and any(part in where for part in PICTURED):
            parts = page.url.partition(self.house.url)[2].strip("/").split("/")
            name = "-".join(part for part in parts if not any(c.isdigit() for c in part))
            self.house.shot(page, f"{self.pictures}-{name}")

    def finish(self) -> None:
        """Nothing was wrong."""
        assert not self.wrong, json.dumps(self.wrong, ensure_ascii=False, indent=1)


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
    assert len(places) > 90
    for place in places:
        walk.visit(place)
    walk.finish()


def test_every_page_on_a_phone(house: House, places: list[Place]) -> None:
    walk = Round(house, "phone", viewport=PHONE, has_touch=True, is_mobile=True)
    for place in once_each(places):
        walk.visit(place)
    walk.finish()


def test_every_page_in_large_type(house: House, places: list[Place]) -> None:
    Account.objects.update(large_type=True)
    try:
        walk = Round(house, "large")
        for place in once_each(places):
            page = walk.visit(place)
            if not place.url.endswith(("as=print", "/voucher/", "/login/")):
                expect(page.locator("html")).to_have_attribute("data-size", "large")
        walk.finish()
    finally:
        Account.objects.update(large_type=False)


def test_pages_with_nothing_on_them(house: House, stand: World) -> None:
    walk = Round(house)
    for name in ("foreign_clerk", "foreign_staff", "foreign_leader"):
        entries = house.cast.client(name).get("/", follow=True).context["shell"].nav
        for entry in entries:
            walk.visit(Place(entry.url, name))
            walk.visit(Place("/search/", name))
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


ERRORS = [
    ("staff", "/cases/{submitted}/decline/", "不予受理"),
    ("clerk", "/cases/{investigating}/record_survey/", "登记入户调查"),
    ("clerk", "/cases/{investigating}/record_appraisal/", "登记民主评议"),
    ("verifier", "/cases/{investigating}/return_means_check/", "返回核对报告"),
    ("staff", "/cases/{to_propose}/propose/", "提出审核意见"),
    ("staff", "/cases/{approved}/serve_letter/", "登记文书送达"),
    ("clerk", "/apply/{empty_draft}/applicant/", "保存，继续下一项"),
    ("clerk", "/apply/{empty_draft}/account/", "保存，继续下一项"),
    ("clerk", "/apply/{empty_draft}/members/", "保存，继续下一项"),
    ("clerk", "/apply/{empty_draft}/check/", "提交申请"),
    ("clerk", "/notices/{review_notice}/", "登记异议"),
    ("staff", "/roster/import/", "上传"),
    ("supervisor", "/funds/", "登记拨付"),
    ("supervisor", "/settings/calendar/", ""),
    ("supervisor", "/settings/rules/notice.days/", ""),
    ("secadmin", "/settings/people/", ""),
    ("staff", "/archive/{dossier}/?seal=1", "签字封存"),
    ("clerk", "/me/", "修改密码"),
    ("clerk", "/me/", "设置签批码"),
]


@pytest.mark.parametrize(("role", "address", "button"), ERRORS)
def test_empty_forms_say_what_to_do(
    house: House, stand: World, role: str, address: str, button: str
) -> None:
    walk = Round(house)
    url = address.format(**vars(stand))
    page = walk.page_of(role)
    house.watch_of().allowed |= {409, 422}
    page.goto(url)
    form = page.locator("main")
    named = form.get_by_role("button", name=button, exact=button != "上传")
    with page.expect_navigation():
        (named.first if button else form.locator(".btn-primary").first).click()
    summary = page.locator("#error-summary")
    expect(summary).to_be_focused()
    expect(page).to_have_title(re.compile("^有错误："))
    for link in summary.locator("a").all():
        target = (link.get_attribute("href") or "").partition("#")[2]
        if "/apply/" not in (link.get_attribute("href") or ""):
            assert page.locator(f"[id='{target}']").count() == 1, f"{target} is not on the page"
    for word in ("不能为空", "必填项", "非法", "错误代码"):
        expect(summary).not_to_contain_text(word)
    walk.look(page, url)
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


def test_desk_with_its_confirmation(house: House, stand: World) -> None:
    walk = Round(house)
    page = walk.page_of("leader")
    house.watch_of().allowed.add(422)
    for label in ("签字同意", "退回补正", "不予批准"):
        page.goto(f"/desk/sign/{stand.to_decide}/")
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
