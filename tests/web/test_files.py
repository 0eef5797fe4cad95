"""Files in the browser: kept whole, shown without their data, and only to whom they concern."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from cases.models import Draft
from cases.operations import applications
from tests import road
from tests.cases.days import at
from tests.cast import Cast
from yuquan_relief.kernel.models import Attachment


@pytest.fixture(autouse=True)
def today() -> Any:
    """One day for all."""
    with at():
        yield


def empty(cast: Cast) -> Draft:
    return applications.start_draft("URBAN_ALLOWANCE", actor=cast.clerk)


def test_a_good_file_is_kept_whole_and_shown_without_its_data(cast: Cast) -> None:
    draft, client = empty(cast), cast.client("clerk")
    picture = Image.new("RGB", (60, 40))
    exif = picture.getexif()
    exif[0x010E] = "GPS canary 40.81"
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif)
    file = SimpleUploadedFile("../../etc/passwd.jpg", out.getvalue(), "text/html")
    url = f"/apply/{draft.key}/documents/upload/"
    client.post(url, {"slot": "id_card", "files": file})
    kept = Attachment.objects.get()
    assert (kept.content_type, kept.size) == ("image/jpeg", len(out.getvalue()))
    shown = client.get(f"/files/{kept.pk}/view/")
    assert b"GPS canary" not in shown.getvalue()
    assert client.get(f"/files/{kept.pk}/").getvalue() == out.getvalue()
    assert shown["X-Content-Type-Options"] == "nosniff"
    assert "passwd" not in shown["Content-Disposition"]


def test_a_file_of_a_draft_is_nobody_elses_until_it_is_handed_in(cast: Cast) -> None:
    draft, client = empty(cast), cast.client("clerk")
    file = SimpleUploadedFile("a.jpg", road.photo(), "image/jpeg")
    client.post(f"/apply/{draft.key}/documents/upload/", {"slot": "id_card", "files": file})
    kept = Attachment.objects.get()
    assert client.get(f"/files/{kept.pk}/view/").status_code == 200
    for who in ("staff", "leader", "supervisor", "neighbour_clerk"):
        assert cast.client(who).get(f"/files/{kept.pk}/view/").status_code == 404
    Attachment.objects.update(subject_kind="case")
    assert cast.client("staff").get(f"/files/{kept.pk}/view/").status_code == 200


def test_without_the_guard_the_office_would_see_a_draft(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = empty(cast)
    file = SimpleUploadedFile("a.jpg", road.photo(), "image/jpeg")
    url = f"/apply/{draft.key}/documents/upload/"
    cast.client("clerk").post(url, {"slot": "id_card", "files": file})
    monkeypatch.setattr("yuquan_relief.kernel.views.files.DRAFT", "none")
    kept = Attachment.objects.get()
    assert cast.client("staff").get(f"/files/{kept.pk}/view/").status_code == 200


def test_a_picture_is_shown_in_a_sandbox_and_a_pdf_in_its_reader(cast: Cast) -> None:
    case = road.submitted(cast)
    kept = Attachment.objects.filter(subject_key=case.no).earliest("id")
    client = cast.client("staff")
    assert "sandbox" in client.get(f"/files/{kept.pk}/")["Content-Security-Policy"]
    Attachment.objects.filter(pk=kept.pk).update(content_type="application/pdf")
    policy = client.get(f"/files/{kept.pk}/")["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" not in policy


def test_a_roster_file_is_no_picture_and_no_failure(cast: Cast) -> None:
    kept = Attachment.objects.create(
        subject_kind="roster",
        subject_key=str(cast.office.pk),
        slot="roster",
        title="名册.xlsx",
        office=cast.office,
        sha256="0" * 64,
        size=1,
        content_type="application/octet-stream",
    )
    for who in ("staff", "leader", "auditor"):
        client = cast.client(who)
        client.raise_request_exception = False
        assert client.get(f"/files/{kept.pk}/").status_code == 404
