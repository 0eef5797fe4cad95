"""Every answer says what a page may use: the camera and the place, nothing else, nobody within."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from tests.cases.days import at
from tests.cases.stages import noticed
from tests.cast import Cast
from yuquan_relief.kernel.middleware import PERMISSIONS, say_what_pages_may_use

USED = {"camera": "(self)", "geolocation": "(self)"}


def policy(header: str) -> dict[str, str]:
    """Feature → who may use it."""
    return dict(part.strip().split("=", 1) for part in header.split(","))


def test_only_the_camera_and_the_place_are_open() -> None:
    found = policy(PERMISSIONS)
    assert {feature for feature, who in found.items() if who != "()"} == set(USED)
    assert {feature: found[feature] for feature in USED} == USED
    assert {"microphone", "payment", "usb"} <= set(found)


@pytest.mark.parametrize(
    "url",
    ["/", "/login/", "/inbox/", "/healthz", "/public/notices/", "/nothing/", "/api/v1/cases/"],
)
def test_every_answer_says_it(cast: Cast, url: str) -> None:
    for client in (Client(), cast.client("clerk")):
        assert client.get(url).headers["Permissions-Policy"] == PERMISSIONS


def test_refusals_say_it_too(cast: Cast) -> None:
    client = cast.client("clerk")
    refused = [client.get("/settings/people/"), client.put("/")]
    assert [r.status_code for r in refused] == [403, 405]
    assert {r.headers.get("Permissions-Policy") for r in refused} == {PERMISSIONS}


def test_the_phones_page_and_the_public_page_say_it(cast: Cast) -> None:
    notice = noticed(cast).notices.get()
    with at(notice.posted_on):
        answer = Client().get(f"/public/notices/{notice.public_key}/")
    assert answer.headers["Permissions-Policy"] == PERMISSIONS


def test_what_a_page_says_of_itself_stands() -> None:
    def page(request: HttpRequest) -> HttpResponse:
        return HttpResponse(headers={"Permissions-Policy": "camera=()"})

    answer = say_what_pages_may_use(page)(RequestFactory().get("/"))
    assert answer.headers["Permissions-Policy"] == "camera=()"
