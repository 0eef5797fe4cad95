"""A running house: the server as a process of its own, a browser, and the people in it."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, expect

from tests import databases
from tests.cast import PASSWORD, Cast

DESKTOP = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
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
    """The path of Chromium. Without one the test is skipped, under CI it fails."""
    found = [path for name in CHROMIUM if (path := shutil.which(name))]
    if not found:
        reason = f"没有找到 Chromium（{'、'.join(CHROMIUM)}），请先安装再执行浏览器测试"
        if os.environ.get("CI", "").lower() in ("1", "true"):
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return found[0]


@dataclass
class Server:
    """Gunicorn with one worker on a socket that is open before it starts."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path
    read: int = 0

    def faults(self) -> str:
        """What the log holds of errors of ours since the last call."""
        text = self.log.read_text("utf-8", "replace")
        self.read, text = len(text), text[self.read :]
        found = re.findall(r"^.*Internal Server Error.*$(?:\n(?!\d{4}-).*)*", text, re.MULTILINE)
        return "\n".join(found)[-6000:]

    def stop(self) -> None:
        """Gone, with its worker."""
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(5)


def serve(database: str, folder: Path) -> Server:
    """Start the server for `database`; its store, its log and its day stand in `folder`."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    listener.set_inheritable(True)
    port = listener.getsockname()[1]
    log = folder / "server.log"
    environment = {
        **os.environ,
        "DATABASE_URL": databases.app_url(database),
        "RELIEF_STORE": str(folder / "store"),
        "RELIEF_TEST_DAY_FILE": str(folder / "day"),
        "DJANGO_SETTINGS_MODULE": "yuquan_relief.settings",
        "PYTHONUNBUFFERED": "1",
    }
    command = [sys.executable, "-m", "gunicorn", "tests.browser.server:application"]
    command += ["--bind", f"fd://{listener.fileno()}", "--workers", "1", "--threads", "4"]
    command += ["--worker-class", "gthread", "--graceful-timeout", "2", "--no-control-socket"]
    with log.open("wb") as out, listener:
        process = subprocess.Popen(
            command,
            cwd=databases.ROOT,
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
            pass_fds=[listener.fileno()],
            start_new_session=True,
        )
    return Server(f"http://127.0.0.1:{port}", process, log)


@dataclass
class Watch:
    """What a page's console and network said."""

    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    allowed: set[int] = field(default_factory=set)

    def on_console(self, message: ConsoleMessage) -> None:
        """An error in the console, except an answer that the test expects."""
        if message.type != "error":
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
    shots: Path
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
        days = int((self.folder / "day").read_text("ascii"))
        return timezone.localdate() + timedelta(days=days)

    def move_to(self, day: date) -> None:
        """It is `day` in the house from now on, at the machine's time of day."""
        scratch = self.folder / "day.new"
        scratch.write_text(str((day - timezone.localdate()).days), "ascii")
        scratch.replace(self.folder / "day")

    @contextlib.contextmanager
    def at_work(self) -> Iterator[date]:
        """The test's own process keeps the day of the house inside the block."""
        here, real = self.today, timezone.now
        days = here - timezone.localdate()

        def shifted_now() -> datetime:
            return real() + days

        with mock.patch.object(timezone, "now", shifted_now):
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
        """A picture of the whole page, numbered in the order of the walk."""
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
