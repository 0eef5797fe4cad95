"""Pages travel packed; files and pages that show a secret do not."""

import pytest

from tests import road
from tests.cast import Cast
from yuquan_relief.kernel.models import Attachment

PACKS = {"Accept-Encoding": "gzip"}


def encoding_of(cast: Cast, who: str, url: str) -> str:
    return cast.client(who).get(url, headers=PACKS).headers.get("Content-Encoding", "")


@pytest.mark.parametrize("url", ["/cases/", "/", "/api/v1/cases/"])
def test_pages_and_answers_are_packed(cast: Cast, url: str) -> None:
    for serial in range(1, 6):
        road.submitted(cast, serial)
    assert encoding_of(cast, "staff", url) == "gzip"


@pytest.mark.parametrize(
    ("who", "url"), [("staff", "/me/"), ("secadmin", "/settings/clients/"), ("staff", "/me/totp/")]
)
def test_a_page_with_a_secret_is_not(cast: Cast, who: str, url: str) -> None:
    assert encoding_of(cast, who, url) == ""


def test_the_secret_page_would_be_packed_without_the_guard(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yuquan_relief.kernel.middleware.SECRET", ("/none/",))
    assert encoding_of(cast, "staff", "/me/") == "gzip"


def test_a_file_goes_as_it_is(cast: Cast) -> None:
    case = road.submitted(cast)
    file = Attachment.objects.filter(subject_key=case.no).earliest("id")
    assert encoding_of(cast, "staff", f"/files/{file.pk}/") == ""
