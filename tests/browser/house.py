"""A running house: the server as a process of its own, a browser, and the people in it."""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Response,
    ViewportSize,
    expect,
)

from tests.cast import PASSWORD, Cast
from tests.programs import program
from tests.serving import Server, day_of, keep_day, shifted
from tools.launcher.system import BROWSERS, MAC_BROWSER

DESKTOP: ViewportSize = {"width": 1366, "height": 768}
PHONE: ViewportSize = {"width": 390, "height": 844}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
READY_WITHIN = 60


def chromium() -> str:
    """The path of the browser, any of those with which ./relief test is content."""
    return program(*BROWSERS, wanted="Chromium", also=[str(MAC_BROWSER)])


@dataclass
class Watch:
    """What a page's console and network said."""

    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    allowed: set[int] = field(default_factory=set)
    may_be_cut_off: bool = False

    def on_console(self, message: ConsoleMessage) -> None:
        """An error in the console, except an answer that the test expects, or a dead line."""
        if message.type != "error":
            return
        if self.may_be_cut_off and "ERR_INTERNET_DISCONNECTED" in message.text:
            return
        status = re.search(r"status of (\d+)", message.text)
        if not (status and int(status[1]) in self.allowed):
            self.errors.append(f"{message.location.get('url', '')}: {message.text}"[:600])

    def on_response(self, response: Response) -> None:
        """A request that was answered."""
        self.requests.append(response.url)


@dataclass
class House:
    """The server, the browser and the cast; the day is the house's own."""

    server: Server
    browser: Browser
    cast: Cast
    folder: Path
    shots: Path | None  # None: nobody asked for pictures
    watches: list[Watch] = field(default_factory=list)
    number: int = 0

    @property
    def url(self) -> str:
        """Where the product is."""
        return self.server.url

    @property
    def store(self) -> Path:
        """Where the server keeps files."""
        return self.folder / "store"

    @property
    def today(self) -> date:
        """The day in the house."""
        return day_of(self.folder)

    def move_to(self, day: date) -> None:
        """It is `day` in the house from now on, at the machine's time of day."""
        keep_day(self.folder, day)

    @contextlib.contextmanager
    def at_work(self) -> Iterator[date]:
        """The test's own process keeps the day of the house inside the block."""
        with shifted(self.today) as here:
            yield here

    def do_duties(self) -> dict[str, int]:
        """What the clock owes on this day is done, and what waits in the outbox."""
        from yuquan_relief.kernel import duties, outbox

        with self.at_work() as on:
            done = duties.run_all(on)
            outbox.sweep()
        return done

    def visitor(self, **options: Any) -> BrowserContext:
        """A browser of its own in which nobody is signed in."""
        settings = {
            "viewport": DESKTOP,
            "base_url": self.url,
            "locale": "zh-CN",
            "timezone_id": "Asia/Shanghai",
            "reduced_motion": "reduce",
        }
        context = self.browser.new_context(**(settings | options))
        context.set_default_timeout(15_000)
        return context

    def page(self, context: BrowserContext) -> Page:
        """A page that is watched."""
        page = context.new_page()
        watch = Watch()
        self.watches.append(watch)
        page.on("console", watch.on_console)
        page.on("response", watch.on_response)
        page.on("pageerror", lambda error: watch.errors.append(str(error)))
        return page

    def watch_of(self) -> Watch:
        """The watch of the page that was opened last."""
        return self.watches[-1]

    def person(self, name: str, **options: Any) -> Page:
        """A browser of their own in which the named person is signed in already."""
        context = self.visitor(**options)
        for key, morsel in self.cast.client(name).cookies.items():
            context.add_cookies([{"name": key, "value": morsel.value, "url": self.url}])
        return self.page(context)

    def sign_in(self, name: str, **options: Any) -> Page:
        """A browser of their own in which the named person signs in by hand."""
        page = self.page(self.visitor(**options))
        page.goto("/login/")
        fill_sign_in(page, name)
        expect(page.locator("summary", has_text=self.cast.actors[name].name)).to_be_visible()
        return page

    def shot(self, page: Page, name: str) -> None:
        """A picture of the whole page, numbered in the order of the walk, if anybody wants it."""
        if self.shots is None:
            return
        self.number += 1
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(path=self.shots / f"{self.number:02d}-{name}.png", full_page=True)

    def complaints(self) -> list[str]:
        """What browsers and server complained of since the last call."""
        found = [error for watch in self.watches for error in watch.errors]
        for watch in self.watches:
            watch.errors.clear()
        return found + list(filter(None, [self.server.faults()]))


def fill_sign_in(page: Page, name: str) -> None:
    """The sign-in page is filled in and sent."""
    page.get_by_label("账号").fill(name)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录系统").click()
