"""Pages travel packed; files and pages that show a secret do not."""

from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.test import RequestFactory

from tests import road
from tests.cast import Cast
from yuquan_relief import settings as production
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


# Styles and scripts

COLLECTED = ["drf_spectacular_sidecar*", "rest_framework*", "*.map"]  # not of our pages


def served(settings: Any, folder: Path, name: str) -> Any:
    """The answer of a server that has collected its files in `folder`."""
    settings.STATIC_ROOT = folder
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=COLLECTED)
    handler = WSGIHandler()
    return handler(RequestFactory().get(f"/static/{name}", headers=PACKS).environ, Mock())


@pytest.mark.parametrize(("name", "most"), [("app.css", 16), ("app.js", 12)])
def test_styles_and_scripts_are_served_packed(
    settings: Any, tmp_path: Path, name: str, most: int
) -> None:
    settings.WHITENOISE_USE_FINDERS = production.WHITENOISE_USE_FINDERS
    answer = served(settings, tmp_path, name)
    assert answer["Content-Encoding"] == "gzip"
    assert int(answer["Content-Length"]) <= most * 1024


def test_files_from_their_source_would_go_unpacked(settings: Any, tmp_path: Path) -> None:
    settings.WHITENOISE_USE_FINDERS = True
    assert "Content-Encoding" not in served(settings, tmp_path, "app.css")
