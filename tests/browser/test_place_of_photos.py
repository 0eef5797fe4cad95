"""A photo carries where it was taken: on a phone, if whoever takes it allows that (R45)."""

import itertools
import re
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Page, expect

from cases.operations.capture import make_link
from tests import road
from tests.browser import steps
from tests.browser.house import PHONE, House
from yuquan_relief.kernel.models import Attachment

SLOT = "survey_photo"
SERIALS = itertools.count(10)
HERE = {"latitude": 40.8051234, "longitude": 111.6651278, "accuracy": 12.4}
PLACE = "40.80512,111.66513,12"
ON_PHONE = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
ALLOWED = {"geolocation": HERE, "permissions": ["geolocation"]}
COUNT = """
  const ask = navigator.geolocation.getCurrentPosition.bind(navigator.geolocation);
  window.asked = [];
  navigator.geolocation.getCurrentPosition = (done, not, options) => {
    window.asked.push(options); ask(done, not, options);
  };
  const append = FormData.prototype.append;
  window.sent = [];
  FormData.prototype.append = function (name, ...rest) {
    if (name === "place") window.sent.push(rest[0]);
    return append.call(this, name, ...rest);
  };
"""


@pytest.fixture
def case_no(house: House) -> str:
    """A case under investigation, another for each test."""
    with house.at_work():
        return road.accepted(house.cast, next(SERIALS), house.today).no


def at_the_papers(house: House, no: str, **options: Any) -> Page:
    """The clerk's browser with the papers of the case; it counts who asks where it is."""
    page = house.person("clerk", **options)
    page.add_init_script(COUNT)
    page.goto(f"/cases/{no}/evidence/")
    return page


def upload(page: Page, seed: int = 1) -> list[str]:
    """A photo of the visit is sent; the places that went with it."""
    slot = page.locator(f"#slot-{SLOT}")
    slot.locator("input[name=files]").set_input_files(steps.picture("入户", seed))
    expect(slot.locator(".slot-head")).to_contain_text("已传 1 份")
    places: list[str] = page.evaluate("window.sent")
    return places


def arrived(no: str) -> Attachment:
    """The one photo that the server has."""
    return Attachment.objects.get(subject_key=no, slot=SLOT)


def test_with_leave_a_photo_from_a_phone_carries_its_place(house: House, case_no: str) -> None:
    page = at_the_papers(house, case_no, **ON_PHONE, **ALLOWED)
    assert upload(page) == [PLACE]
    assert arrived(case_no).place == PLACE
    (options,) = page.evaluate("window.asked")
    assert options["timeout"] == 5000
    page.goto(f"/cases/{case_no}/field/")
    note = page.locator("[data-note*='40.80512']")
    expect(note).to_have_attribute("data-note", re.compile("误差 12 米"))
    assert not [url for watch in house.watches for url in watch.requests if "40.8" in url]


def test_the_place_stands_sealed_in_the_database(house: House, case_no: str) -> None:
    upload(at_the_papers(house, case_no, **ON_PHONE, **ALLOWED))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT row_to_json(a)::text FROM {Attachment._meta.db_table} a WHERE id = %s",
            [arrived(case_no).pk],
        )
        row = cursor.fetchone()[0]
    assert f'"{SLOT}"' in row  # the row was read
    assert "40.80" not in row
    assert "111.66" not in row


def test_without_leave_the_photo_goes_without_a_place(house: House, case_no: str) -> None:
    page = at_the_papers(house, case_no, **ON_PHONE, geolocation=HERE)
    session = page.context.new_cdp_session(page)
    permission = {"permission": {"name": "geolocation"}, "setting": "denied"}
    session.send("Browser.setPermission", {**permission, "origin": house.url})
    assert upload(page) == []
    assert arrived(case_no).place == ""
    assert len(page.evaluate("window.asked")) == 1  # asked, and refused


def test_a_computer_with_a_mouse_is_never_asked(house: House, case_no: str) -> None:
    page = at_the_papers(house, case_no, **ALLOWED)
    assert upload(page) == []
    assert page.evaluate("window.asked") == []
    assert arrived(case_no).place == ""


def test_the_phone_that_scanned_the_code_carries_the_place_too(house: House, case_no: str) -> None:
    with house.at_work():
        token = make_link("case", case_no, SLOT, "入户照片", actor=house.cast.clerk)
    page = house.page(house.visitor(**ON_PHONE, **ALLOWED))
    page.goto(f"/public/m/{token}/")
    page.locator("input[name=files]").set_input_files(steps.picture("入户", 7))
    expect(page.locator("main")).to_contain_text("已传 1 份")
    assert arrived(case_no).place == PLACE


def test_a_photo_that_waited_keeps_the_place_where_it_was_taken(house: House, case_no: str) -> None:
    page = at_the_papers(house, case_no, **ON_PHONE, **ALLOWED)
    house.watch_of().may_be_cut_off = True
    page.route("**/evidence/upload/", lambda route: route.abort("internetdisconnected"))
    page.locator(f"#slot-{SLOT} input[name=files]").set_input_files(steps.picture("入户", 8))
    expect(page.locator(f"#slot-{SLOT} .files")).to_contain_text("没有传上", timeout=20_000)
    page.unroute("**/evidence/upload/")
    page.context.set_geolocation({"latitude": 39.9, "longitude": 116.4, "accuracy": 5})
    page.reload()
    expect(page.locator(f"#slot-{SLOT} .slot-head")).to_contain_text("已传 1 份")
    assert arrived(case_no).place == PLACE
    assert page.evaluate("window.asked") == []  # not asked again where it is now


@pytest.mark.parametrize("url", ["/cases/", "/login/"])
def test_pages_may_ask_where_they_are_and_nothing_else(house: House, url: str) -> None:
    page = house.person("clerk")
    answer = page.goto(url)
    assert answer
    policy = answer.headers["permissions-policy"]
    allowed = {part.strip() for part in policy.split(",")}
    assert {"camera=(self)", "geolocation=(self)", "microphone=()"} <= allowed
    assert not [part for part in allowed if not part.endswith(("=()", "=(self)"))]
