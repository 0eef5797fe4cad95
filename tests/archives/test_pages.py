"""Pages and acts of archives through the web."""

import io
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from archives.models import Dossier, DossierItem
from archives.operations.sealing import items_digest
from tests import road
from tests.archives.conftest import dossier_of, opened, sealed
from tests.archives.test_building import incomplete
from tests.cast import SIGN_CODE, Cast
from tools import verify_dossier
from yuquan_relief.kernel.models import Event

pytestmark = pytest.mark.usefixtures("quick_pdf")


def body_of(response: object) -> bytes:
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]


def test_the_list_shows_completeness_in_few_statements(cast: Cast) -> None:
    for serial in (1, 2, 3):
        opened(cast, serial)
    client = cast.client("staff")
    client.get("/archive/")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = client.get("/archive/")
    page = response.content.decode()
    assert response.status_code == 200
    assert "共 3 卷" in page
    assert "100.0" in page
    assert len(queries) <= 7  # whatever the number of files


def test_the_list_says_slot_by_slot_what_is_there(cast: Cast) -> None:
    whole, lacking = opened(cast, 1), opened(cast, 2)
    for slot in ("survey_photo", "appraisal"):
        item = DossierItem.objects.filter(dossier=lacking, slot=slot).first()
        assert item is not None
        item.pk, item.is_removed = None, True
        item._state.adding = True
        item.save()
    rows = {row.no: row for row in cast.client("staff").get("/archive/").context["listed"].rows}
    told = {no: {cell.label: cell.text for cell in row.cells} for no, row in rows.items()}
    assert told[whole.no]["入户"] == "✓ 2"
    assert told[whole.no]["评议"] == "✓"
    assert (told[lacking.no]["入户"], told[lacking.no]["评议"]) == ("▲ 1/2", "✗ 缺")
    assert told[whole.no]["公示"].startswith("✓")


def test_the_list_filters_and_pages_by_key(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archives.reports.PAGE", 2)
    dossiers = [opened(cast, serial) for serial in (1, 2, 3)]
    client = cast.client("supervisor")
    first = client.get("/archive/").context["listed"]
    assert [row.no for row in first.rows] == [dossiers[2].no, dossiers[1].no]
    second = client.get(f"/archive/{first.next_url}").context["listed"]
    assert [row.no for row in second.rows] == [dossiers[0].no]
    assert second.next_url == ""
    back = client.get(f"/archive/{second.previous_url}").context["listed"]
    assert back.rows == first.rows
    assert client.get("/archive/?gaps=on").context["listed"].rows == []
    assert (
        client.get(f"/archive/?office={cast.office.pk}&state=BUILDING").context["listed"].total == 3
    )
    assert client.get("/archive/?state=SEALED&year=2026").context["listed"].total == 0
    assert client.get("/archive/?state=nonsense&after=x").status_code == 200


def test_other_offices_see_an_empty_list(cast: Cast) -> None:
    opened(cast)
    page = cast.client("foreign_staff").get("/archive/").content.decode()
    assert "没有符合条件的档案" in page


PAGES = ["", "?as=print"]
ACTS = ["refresh/", "upload/", "seal/"]


@pytest.mark.parametrize("path", [*PAGES, "package.zip", "items/{item}/", *ACTS])
def test_outside_the_scope_it_does_not_exist(cast: Cast, path: str) -> None:
    dossier = opened(cast)
    item = DossierItem.objects.filter(dossier=dossier).first()
    assert item
    client = cast.client("foreign_staff")
    send = client.post if path in ACTS else client.get
    assert send(f"/archive/{dossier.no}/{path.format(item=item.pk)}").status_code == 404
    assert send(f"/archive/none/{path.format(item=item.pk)}").status_code == 404


@pytest.mark.parametrize("path", [*PAGES, "package.zip", "items/{item}/", *ACTS])
def test_inside_without_the_capability_is_403(cast: Cast, path: str) -> None:
    dossier = opened(cast)
    item = DossierItem.objects.filter(dossier=dossier).first()
    assert item
    client = cast.client("clerk")
    send = client.post if path in ACTS else client.get
    assert send(f"/archive/{dossier.no}/{path.format(item=item.pk)}").status_code == 403
    assert client.get("/archive/").status_code == 403


@pytest.mark.parametrize("path", ACTS)
def test_an_act_is_never_a_get(cast: Cast, path: str) -> None:
    dossier = opened(cast)
    assert cast.client("staff").get(f"/archive/{dossier.no}/{path}").status_code == 405


def test_who_may_only_look_gets_no_buttons_and_403_for_acts(cast: Cast) -> None:
    dossier = opened(cast)
    client = cast.client("leader")
    page = client.get(f"/archive/{dossier.no}/?seal=1").content.decode()
    assert "去封存" not in page
    assert "签批码" not in page
    for path in ACTS:
        assert client.post(f"/archive/{dossier.no}/{path}", {"slot": "mandate"}).status_code == 403


@pytest.mark.clause("6(1)")
def test_gaps_stand_on_top_and_are_closed_on_the_page(cast: Cast) -> None:
    dossier = incomplete(cast)
    client = cast.client("staff")
    page = client.get(f"/archive/{dossier.no}/").content.decode()
    assert "还缺 1 件" in page
    assert page.index("补传户口簿") < page.index("卷内目录")
    assert "去封存" not in page
    photo = SimpleUploadedFile("a.jpg", road.photo((3, 1, 4)))
    answer = client.post(
        f"/archive/{dossier.no}/upload/", {"slot": "household_book", "files": photo}
    )
    assert answer.status_code == 302
    assert "去封存" in client.get(f"/archive/{dossier.no}/").content.decode()


def test_an_upload_that_is_refused_says_why(cast: Cast) -> None:
    dossier = opened(cast)
    answer = cast.client("staff").post(f"/archive/{dossier.no}/upload/", {"slot": "mandate"})
    assert answer.status_code == 409
    assert "请先选择文件" in answer.content.decode()


def test_refreshing_says_what_changed(cast: Cast) -> None:
    dossier = opened(cast)
    answer = cast.client("staff").post(f"/archive/{dossier.no}/refresh/", follow=True)
    assert "卷内文件没有变化" in answer.content.decode()


def seal_form(dossier: Dossier, **changes: str) -> dict[str, str]:
    digest = items_digest(dossier)
    return {"vouched": "1", "code": SIGN_CODE, "content_sha256": digest} | changes


@pytest.mark.clause("6(3)")
def test_sealing_and_taking_the_package_without_javascript(cast: Cast, tmp_path: Path) -> None:
    dossier = opened(cast)
    client = cast.client("staff")
    page = client.get(f"/archive/{dossier.no}/?seal=1").content.decode()
    assert items_digest(dossier) in page
    answer = client.post(f"/archive/{dossier.no}/seal/", seal_form(dossier), follow=True)
    assert "已封存，档案包可以下载" in answer.content.decode()
    taken = client.get(f"/archive/{dossier.no}/package.zip")
    assert taken["Content-Disposition"] == (
        f'attachment; filename="{dossier.no.replace("·", ".")}.zip"'
    )
    (tmp_path / "p.zip").write_bytes(body_of(taken))
    dossier.refresh_from_db()
    arguments = [str(tmp_path / "p.zip"), "--sha256", dossier.package_sha256]
    assert verify_dossier.main(arguments) == 0


@pytest.mark.parametrize(
    ("changes", "status", "told"),
    [
        ({"code": "000000"}, 409, "签批码不对，还可以试 4 次"),
        ({"code": ""}, 422, "请输入签批码"),
        ({"vouched": ""}, 422, "请先核对卷内文件，再勾选"),
        ({"content_sha256": "0" * 64}, 409, "内容有变化"),
    ],
)
def test_a_refused_seal_says_why_and_shows_the_form_again(
    cast: Cast, changes: dict[str, str], status: int, told: str
) -> None:
    dossier = opened(cast)
    client = cast.client("staff")
    answer = client.post(f"/archive/{dossier.no}/seal/", seal_form(dossier, **changes))
    page = answer.content.decode()
    assert (answer.status_code, dossier_of(dossier.case).state) == (status, "BUILDING")
    assert told in page
    assert 'name="code"' in page


def test_sealing_twice_is_refused(cast: Cast) -> None:
    dossier = sealed(cast)
    client = cast.client("staff")
    answer = client.post(f"/archive/{dossier.no}/seal/", seal_form(dossier))
    assert answer.status_code == 409
    assert "本卷已封存" in answer.content.decode()


def test_an_open_file_has_no_package(cast: Cast) -> None:
    answer = cast.client("staff").get(f"/archive/{opened(cast).no}/package.zip")
    assert answer.status_code == 409


def test_the_printed_directory_has_cover_rows_and_closing_note(cast: Cast) -> None:
    dossier = opened(cast)
    page = cast.client("auditor").get(f"/archive/{dossier.no}/?as=print").content.decode()
    for text in (dossier.no, "卷内目录", "备考表", "民主评议记录", "必备件齐全", "15 件"):
        assert text in page


def test_an_item_is_served_as_kept(cast: Cast) -> None:
    dossier = opened(cast)
    item = DossierItem.objects.get(dossier=dossier, slot="id_card")
    answer = cast.client("auditor").get(f"/archive/{dossier.no}/items/{item.pk}/")
    assert body_of(answer) == road.photo((1, 0, 7))
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    other = opened(cast, 2)
    assert cast.client("staff").get(f"/archive/{other.no}/items/{item.pk}/").status_code == 404


# Forms


def test_a_form_is_printed_and_that_is_on_record(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    case = road.accepted(cast)
    answer = cast.client("clerk").get(f"/forms/{case.no}/approval_form.pdf")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert PdfReader(io.BytesIO(answer.content)).pages
    event = Event.objects.of("case", case.no).first()
    assert event
    assert (event.action, event.body["form"]) == ("print_form", "approval_form")
    assert event.actor_name == cast.clerk.name


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("clerk", 200),
        ("staff", 200),
        ("leader", 200),
        ("supervisor", 200),
        ("neighbour_clerk", 404),
        ("foreign_staff", 404),
        ("sysadmin", 404),
        ("verifier", 404),
        ("accountant", 403),
    ],
)
def test_who_may_print(cast: Cast, who: str, status: int) -> None:
    case = road.accepted(cast)
    assert cast.client(who).get(f"/forms/{case.no}/application.pdf").status_code == status


def test_unknown_forms_and_cases_do_not_exist(cast: Cast) -> None:
    case = road.accepted(cast)
    client = cast.client("clerk")
    assert client.get(f"/forms/{case.no}/unknown.pdf").status_code == 404
    assert client.get("/forms/YQ-DB-0/application.pdf").status_code == 404


def test_a_form_without_evidence_is_409_with_the_reason(cast: Cast) -> None:
    case = road.accepted(cast)
    answer = cast.client("clerk").get(f"/forms/{case.no}/survey.pdf")
    assert answer.status_code == 409
    assert "还没有入户调查记录，不能打印入户调查表" in answer.content.decode()
    assert not Event.objects.filter(action="print_form").exists()
