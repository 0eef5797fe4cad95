"""Going round the pages and looking: axe, the width, and a picture where one is wanted."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Page

from tests.browser.house import DESKTOP, PHONE, House
from tests.deep import within_bounds

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
OPTIONS = {
    "runOnly": [
        *("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"),
        "best-practice",
    ],
    "resultTypes": ["violations"],
}
VISITOR = "visitor"  # nobody is signed in
# Of which pictures are taken on a phone and in large type.
PICTURED = (
    *("/members/", "/documents/", "/desk/sign/", "/board/", "/record_survey/", "/pay/"),
    *("/claim/", "/obligors/", "/settle_standing/", "/settle_income/", "/relieve_first/"),
    *("/assess_self_care/", "/kin/", "/leads/", "/rechecks/", "/notices/standing/", "/public/"),
    *("/desk/delegate/", "/forms/", "/property/"),
    *("/households/", "/change/", "/institutions/", "?edit=", "?village=", "/desk/signed/"),
    *("/restate_family/", "/arrange_care/", "/report_care_change/", "/reassess_self_care/"),
)
PAPER = ("as=print", "/voucher/")  # as wide as a sheet
WIDE = ("/checks/",)  # judged by a test of its own


@dataclass(frozen=True)
class Place:
    """One page: its address and who opens it."""

    url: str
    role: str


def once_each(places: list[Place]) -> list[Place]:
    """The places without those that another role has shown already."""
    return list({place.url: place for place in reversed(places)}.values())


def few_of_a_kind(places: list[Place], most: int) -> list[Place]:
    """In small bounds, of the pages that differ only by a number, the first and the last ones."""
    kinds: dict[str, list[Place]] = {}
    for place in places:
        kinds.setdefault(re.sub(r"[A-Z]{2}-[A-Z0-9-]+|\d+", "#", place.url), []).append(place)
    return [place for kind in kinds.values() for place in within_bounds(kind, most)]


def pictured(places: list[Place]) -> list[Place]:
    """One of each kind of page of which pictures are taken."""
    kinds = {part: place for place in once_each(places) for part in PICTURED if part in place.url}
    return list(dict.fromkeys(kinds.values()))


def violations(page: Page) -> list[str]:
    """What axe finds, a line for each rule, with the elements.

    It looks at the end of the page, where the bar with the buttons stands in its own place: on the
    way there it lies over whatever happens to be below it, and axe would judge that by its rest.
    """
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    if not page.evaluate("'axe' in window"):
        page.evaluate(f"() => {{ {AXE} }}")
    found = page.evaluate("async options => (await axe.run(document, options)).violations", OPTIONS)
    return [
        f"{v['id']} ({v['impact']}): " + " | ".join(n["html"][:160] for n in v["nodes"][:4])
        for v in found
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
        """The browser of the named person, or of a visitor."""
        if name not in self.pages:
            if name == VISITOR:
                self.pages[name] = self.house.page(self.house.visitor(**self.options))
            else:
                self.pages[name] = self.house.person(name, **self.options)
            self.pages[name].add_init_script(AXE)  # sent once, not for every page
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
        """Axe and width, as the page stands; at a desk the width of a phone and large type too."""
        problems = [*found, *violations(page), *sideways(page)]
        if "viewport" not in self.options and not page.url.endswith((*PAPER, *WIDE)):
            problems += self.narrow(page)
        if problems:
            self.wrong[where] = problems
        if self.pictures and any(part in where for part in PICTURED):
            parts = page.url.partition(self.house.url)[2].strip("/").split("/")
            name = "-".join(part for part in parts if not any(c.isdigit() for c in part))
            self.house.shot(page, f"{self.pictures}-{name}")

    def narrow(self, page: Page) -> list[str]:
        """What is wider than a phone, in either size of type."""
        page.set_viewport_size(PHONE)
        found = [f"on a phone {line}" for line in sideways(page)]
        size = page.evaluate("document.documentElement.dataset.size || ''")
        page.evaluate("document.documentElement.dataset.size = 'large'")
        found += [f"on a phone in large type {line}" for line in sideways(page)]
        page.evaluate("size => { document.documentElement.dataset.size = size }", size)
        page.set_viewport_size(DESKTOP)
        return found

    def finish(self) -> None:
        """Nothing was wrong."""
        assert not self.wrong, json.dumps(self.wrong, ensure_ascii=False, indent=1)
