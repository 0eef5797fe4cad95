"""What a person at a slow machine and line waits for: LCP, CLS, blocking time, bytes (ux 4.2).

    ./relief up --port 8700        # in another terminal
    ./.venv/bin/python -m benchmarks.pages --url http://127.0.0.1:8700 --password 登录密码

Chromium, six times slower, on two lines: "慢" 400 kbit/s with 400 ms, "村" 4 Mbit/s with 60 ms.
Cold is the first page in a new browser, warm the same page again. Printed beside the goals, not
judged.
"""

import argparse
import shutil
import statistics
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
DESKTOP: Any = {"width": 1366, "height": 768}
SLOWER = 6  # times, the processor
LINES = {"慢": (400, 400), "村": (4000, 60)}  # kbit/s, ms
PAGES = {
    "案件清单": ("dnj_banshi1", "/cases/"),
    "签批桌": ("dnj_lingdao", ""),
    "看板": ("qu_jiuzhu1", "/board/"),
    "发放月板": ("dnj_banshi1", "/pay/"),
}
WATCH = """
window.seen = {lcp: 0, cls: 0, blocked: 0};
const on = (type, act) => new PerformanceObserver(list => list.getEntries().forEach(act))
    .observe({type, buffered: true});
on('largest-contentful-paint', e => { seen.lcp = e.startTime; });
on('layout-shift', e => { if (!e.hadRecentInput) seen.cls += e.value; });
on('longtask', e => { seen.blocked += Math.max(e.duration - 50, 0); });
"""


@dataclass(frozen=True)
class Seen:
    """One visit: milliseconds, shift, kilobytes on the wire."""

    lcp: float
    cls: float
    blocked: float
    kilobytes: float


def signed_in(browser: Browser, url: str, username: str, password: str) -> list[Any]:
    """The cookies of somebody who has signed in."""
    context = browser.new_context(base_url=url, locale="zh-CN")
    page = context.new_page()
    page.goto("/login/")
    page.get_by_label("账号").fill(username)
    page.get_by_label("密码", exact=True).fill(password)
    page.get_by_role("button", name="登录系统").click()
    page.wait_for_selector("main")
    cookies = context.cookies()
    context.close()
    return cookies


def first_on_desk(context: BrowserContext) -> str:
    """The address of the first case that waits for the leader's signature."""
    page = context.new_page()
    page.goto("/desk/sign/")
    found = page.locator("a[href^='/desk/sign/YQ']").first.get_attribute("href")
    page.close()
    assert found
    return found


def slow(context: BrowserContext, page: Page, line: str) -> CDPSession:
    """The page is on the slow machine and line from now on."""
    kilobits, latency = LINES[line]
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    conditions = {"offline": False, "latency": latency}
    speed = {"downloadThroughput": kilobits * 125, "uploadThroughput": kilobits * 125}
    session.send("Network.emulateNetworkConditions", conditions | speed)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    return session


def visit(page: Page, session: CDPSession, address: str) -> Seen:
    """One visit until nothing moves any more."""
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda e: sizes.append(e["encodedDataLength"]))
    page.goto(address, wait_until="networkidle")
    page.wait_for_timeout(300)
    seen = page.evaluate("window.seen")
    return Seen(seen["lcp"], seen["cls"], seen["blocked"], sum(sizes) / 1024)


def measure(
    browser: Browser, url: str, cookies: list[Any], address: str, line: str, rounds: int
) -> list[list[Seen]]:
    """[cold, warm] visits of one page, `rounds` of each."""
    cold, warm = [], []
    for _ in range(rounds):
        context = browser.new_context(base_url=url, viewport=DESKTOP, locale="zh-CN")
        context.add_cookies(cookies)
        here = address or first_on_desk(context)
        context.close()
        context = browser.new_context(base_url=url, viewport=DESKTOP, locale="zh-CN")
        context.add_cookies(cookies)
        context.add_init_script(WATCH)
        page = context.new_page()
        session = slow(context, page, line)
        cold.append(visit(page, session, here))
        warm.append(visit(page, session, here))
        context.close()
    return [cold, warm]


def show(name: str, line: str, visits: list[list[Seen]]) -> None:
    """The medians in one line."""
    words = [f"{name}（{line}）"]
    for label, seen in zip(("首次", "再开"), visits, strict=True):
        lcp, blocked, kilobytes = (
            statistics.median(getattr(s, field) for s in seen)
            for field in ("lcp", "blocked", "kilobytes")
        )
        worst = max(s.cls for s in seen)
        words.append(
            f"{label} LCP {lcp / 1000:.2f} s，阻塞 {blocked:.0f} ms，"
            f"移动 {worst:.3f}，{kilobytes:.0f} KB"
        )
    print("　".join(words))


def main() -> None:
    """Measure every page on both lines."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--password", required=True, help="演练账号的密码，relief up 会显示")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    path = next(filter(None, map(shutil.which, CHROMIUM)))
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for name, (username, address) in PAGES.items():
            cookies = signed_in(browser, options.url, username, options.password)
            for line in LINES:
                visits = measure(browser, options.url, cookies, address, line, options.rounds)
                show(name, line, visits)
        browser.close()
    print("目标：慢 首次 LCP ≤ 2.4 s、阻塞 ≤ 150 ms、≤ 70 KB，再开 ≤ 1.0 s")
    print("　　　村 首次 LCP ≤ 1.0 s，再开 ≤ 0.6 s；移动都 ≤ 0.02")


if __name__ == "__main__":
    main()
