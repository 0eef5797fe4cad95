"""A house with a server and a browser for each file of browser tests."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings
from playwright.sync_api import Browser, Playwright, sync_playwright
from pytest_django.plugin import DjangoDbBlocker

from tests import databases
from tests.browser.house import ARGUMENTS, House, chromium
from tests.cast import make_cast
from tests.road import START
from tests.serving import serve

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs Chromium; a file stays with one worker, with its house."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright's driver; its loop runs beside Django's synchronous code."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """The system's Chromium."""
    path = chromium()
    driver: Playwright = request.getfixturevalue("playwright")
    running = driver.chromium.launch(executable_path=path, args=ARGUMENTS)
    yield running
    running.close()


@pytest.fixture(scope="module")
def house(
    request: pytest.FixtureRequest,
    browser: Browser,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    worker_name: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[House]:
    """A database of its own with the cast in it, a server on it; the day is road.START."""
    name = request.module.__name__.rsplit(".", 1)[-1]
    folder = tmp_path_factory.mktemp(name)
    (folder / "day").write_text("0", "ascii")
    shots = shots_of(name)
    database = databases.clone(f"relief_{worker_name}_{os.getpid()}_{name}")
    server = serve(database, folder)
    try:
        with (
            django_db_blocker.unblock(),
            databases.connected_to(database),
            override_settings(ATTACHMENT_STORE=folder / "store"),
        ):
            built = House(server, browser, make_cast(), folder, shots)
            built.move_to(START)
            yield built
    finally:
        server.stop()
        databases.drop(database)


def shots_of(name: str) -> Path | None:
    """The folder of a file's pictures, when RELIEF_SCREENSHOTS asks for them."""
    if not (wanted := os.environ.get("RELIEF_SCREENSHOTS")):
        return None
    folder = Path(wanted) / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(autouse=True)
def quiet_house(request: pytest.FixtureRequest, own_store: Path, settings: Any) -> Iterator[None]:
    """The test writes files where the server reads them; nobody complained in the meantime."""
    built = request.getfixturevalue("house") if "house" in request.fixturenames else None
    if built is None:
        yield
        return
    settings.ATTACHMENT_STORE = built.store
    yield
    for context in built.browser.contexts:
        context.close()
    complaints = built.complaints()
    built.watches.clear()
    assert not complaints, "\n".join(complaints)
