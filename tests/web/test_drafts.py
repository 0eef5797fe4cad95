"""Drafts in the browser: autosave, conflicts, forms without JavaScript, uploads that are wrong."""

import io
import json
import re
import struct
import zlib
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from PIL import Image

from cases.models import Case, Draft, Objection
from cases.operations import applications
from tests import road
from tests.cases.answers import filled_draft, flat
from tests.cases.days import DAY, at
from tests.cast import Cast
from yuquan_relief.kernel.models import Attachment


@pytest.fixture(autouse=True)
def today() -> Any:
    """One day for all."""
    with at():
        yield


def empty(cast: Cast) -> Draft:
    return applications.start_draft("URBAN_ALLOWANCE", actor=cast.clerk)


def save(client: Client, draft: Draft, field: str, value: Any, base: Any = 0) -> HttpResponse:
    body = json.dumps({"field": field, "value": value, "base_version": base})
    url = f"/apply/{draft.key}/save/"
    return client.post(url, body, content_type="application/json")  # type: ignore[return-value]


def answers(draft: Draft) -> dict[str, str]:
    draft.refresh_from_db()
    return dict(draft.answers)


# ------------------------------------------------------------------ autosave


def test_a_field_is_kept_as_typed_even_when_it_is_wrong(cast: Cast) -> None:
    draft, client = empty(cast), cast.client("clerk")
    response = save(client, draft, "phone", "一二三")
    assert (response.status_code, json.loads(response.content)) == (200, {"version": 1})
    assert answers(draft) == {"phone": "一二三"}
    assert "一二三" in client.get(f"/apply/{draft.key}/applicant/").content.decode()


def test_two_editors_of_two_fields_do_not_meet(cast: Cast) -> None:
    draft = empty(cast)
    one, two = cast.client("clerk"), cast.client("clerk")
    assert save(one, draft, "phone", "1", 0).status_code == 200
    assert save(two, draft, "address", "甲", 0).status_code == 200
    assert answers(draft) == {"phone": "1", "address": "甲"}


def test_two_editors_of_one_field_are_told_and_nothing_is_lost(cast: Cast) -> None:
    draft = empty(cast)
    one, two = cast.client("clerk"), cast.client("clerk")
    save(one, draft, "phone", "111", 0)
    response = save(two, draft, "phone", "222", 0)
    assert response.status_code == 409
    told = json.loads(response.content)
    assert told["conflict"] == {"field": "phone", "theirs": "111", "mine": "222"}
    assert answers(draft) == {"phone": "111"}
    assert save(two, draft, "phone", "222", told["version"]).status_code == 200
    assert answers(draft) == {"phone": "222"}


def test_the_same_value_twice_is_no_conflict(cast: Cast) -> None:
    draft, client = empty(cast), cast.client("clerk")
    save(client, draft, "phone", "111", 0)
    assert save(client, draft, "phone", "111", 0).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "null",
        "{",
        '{"field": "phone", "value": "1", "base_version": "x"}',
        '{"field": "phone", "value": "1", "base_version": [1]}',
        '{"field": "phone", "value": "1", "base_version": Infinity}',
        '{"field": "phone", "value": "1", "base_version": 1e999}',
        '{"field": "\\ud800", "value": "1"}',
        '{"field": "phone", "value": "\\ud800"}',
        "[" * 100_000,
        '{"a":' * 50_000,
    ],
    ids=lambda body: body[:40] or "empty",
)
def test_a_body_that_cannot_be_read_is_answered_kindly(cast: Cast, body: str) -> None:
    draft, client = empty(cast), cast.client("clerk")
    client.raise_request_exception = False
    response = client.post(f"/apply/{draft.key}/save/", body, content_type="application/json")
    assert response.status_code == 400
    assert answers(draft) == {}


def test_nul_bytes_are_dropped_and_long_values_cut(cast: Cast) -> None:
    draft, client = empty(cast), cast.client("clerk")
    assert save(client, draft, "reason", "a\x00b").status_code == 200
    assert save(client, draft, "address", "长" * 5000).status_code == 200
    assert answers(draft)["reason"] == "ab"
    assert set(answers(draft)["address"]) == {"长"}


@pytest.mark.parametrize("name", ["members", "members-0-incomes", "x", "", "phone\x00", "case_no"])
def test_a_field_that_no_page_has_is_not_kept(cast: Cast, name: str) -> None:
    draft = empty(cast)
    assert save(cast.client("clerk"), draft, name, "1").status_code == 409
    assert answers(draft) == {}


def rows(*names: str) -> dict[str, str]:
    """The members' page as it is sent: each row with its boxes ticked."""
    sent: dict[str, str] = {}
    for i, name in enumerate(names):
        at = f"members-{i}-"
        sent |= {at + "name": name, at + "id_no": "", at + "relation": ""}
        sent |= {at + "counts_for_income": "on", at + "is_insured": "on"}
    return sent


def test_a_page_opened_earlier_neither_erases_nor_overwrites(cast: Cast) -> None:
    draft = empty(cast)
    one, two = cast.client("clerk"), cast.client("clerk")
    url = f"/apply/{draft.key}/members/"
    stale = 0  # the version that both pages were opened with
    two.post(url, rows("甲", "乙", "丙") | {"base_version": stale})
    response = one.post(url, rows("甲", "丁") | {"base_version": stale})
    assert response.status_code == 409
    page = response.content.decode()
    assert "刚被别人改为“乙”，您填的是“丁”" in page
    kept = answers(draft)
    assert (kept["members-1-name"], kept["members-2-name"]) == ("乙", "丙")
    version = re.search(r'name="base_version" value="(\d+)"', page)
    assert version
    again = one.post(url, rows("甲", "丁") | {"base_version": version[1]})
    assert again.status_code == 422  # kept, and what is still missing is said
    kept = answers(draft)
    assert (kept["members-1-name"], kept["members-2-name"]) == ("丁", "丙")


def test_what_was_typed_is_sealed_at_rest_and_gone_after_submission(cast: Cast) -> None:
    draft = filled_draft(cast)
    with connection.cursor() as cursor:
        cursor.execute("SELECT answers FROM cases_draft WHERE key = %s", [draft.key])
        (kept,) = cursor.fetchone()
    assert kept.startswith("k1:")
    assert "演练" not in kept
    case = applications.submit_draft(draft.key, actor=cast.clerk, on=DAY)
    assert answers(draft) == {}
    assert applications.submit_draft(draft.key, actor=cast.clerk, on=DAY) == case


def test_a_draft_does_not_grow_without_end(cast: Cast) -> None:
    draft = empty(cast)
    names = [f"members-{i}-incomes-{j}-annual" for i in range(100) for j in range(10)]
    most = applications.MOST_ANSWERS
    patches = [{"field": name, "value": "1"} for name in names[:most]]
    applications.save_answers(draft.key, patches, actor=cast.clerk)
    response = save(cast.client("clerk"), draft, names[most], "1")
    assert response.status_code == 409
    assert len(answers(draft)) == most


@pytest.mark.parametrize(
    "path", ["", "applicant/", "check/", "done/", "documents/", "members/", "no_such_topic/"]
)
def test_a_draft_of_another_village_is_not_there(cast: Cast, path: str) -> None:
    draft = filled_draft(cast)
    for who in ("neighbour_clerk", "foreign_clerk"):
        assert cast.client(who).get(f"/apply/{draft.key}/{path}").status_code == 404
    own = cast.client("clerk").get(f"/apply/{draft.key}/{path}")  # the control
    assert (own.status_code == 404) == (path == "no_such_topic/")


def test_another_village_can_neither_save_nor_discard_nor_submit(cast: Cast) -> None:
    draft, client = filled_draft(cast), cast.client("neighbour_clerk")
    assert save(client, draft, "phone", "x").status_code == 404
    assert client.post(f"/apply/{draft.key}/discard/").status_code == 404
    assert client.post(f"/apply/{draft.key}/check/").status_code == 404
    draft.refresh_from_db()
    assert (draft.discarded_at, draft.case_no) == (None, "")


# ------------------------------------------------------------------ pages without JavaScript


def test_the_whole_application_by_forms_alone(cast: Cast) -> None:
    client = cast.client("clerk")
    url = client.post("/apply/", {"programme": "URBAN_ALLOWANCE"})["Location"]
    sent = flat(road.application(1))
    for topic in ("applicant", "members", "incomes", "account"):
        response = client.post(f"{url}{topic}/", sent)
        assert response.status_code == 302, response.content.decode()[-2000:]
    for i, slot in enumerate(road.SLOTS):
        file = SimpleUploadedFile("a.jpg", road.photo((i, 50, 50)), "image/jpeg")
        answer = client.post(f"{url}documents/upload/", {"slot": slot, "files": file})
        assert answer.status_code == 302
    assert client.get(f"{url}check/").status_code == 200
    assert client.post(f"{url}check/")["Location"] == f"{url}done/"
    case = Case.objects.get()
    assert (case.state, case.household.head_name) == ("SUBMITTED", "演练甲")
    assert case.no in client.get(f"{url}done/").content.decode()
    assert Attachment.objects.filter(subject_key=case.no).count() == len(road.SLOTS)


def test_wrong_values_stay_on_the_page_and_every_error_is_named(cast: Cast) -> None:
    draft, client = empty(cast), cast.client("clerk")
    form = {"phone": "123", "address": "甲街道 1 号", "reason": ""}
    response = client.post(f"/apply/{draft.key}/applicant/", form)
    page = response.content.decode()
    assert response.status_code == 422
    assert 'value="123"' in page
    assert "甲街道 1 号" in page
    assert 'href="#id_phone"' in page
    assert 'href="#id_reason"' in page


def test_submitting_with_errors_keeps_the_draft(cast: Cast) -> None:
    draft, client = filled_draft(cast), cast.client("clerk")
    save(client, draft, "phone", "12", 99)
    response = client.post(f"/apply/{draft.key}/check/")
    assert response.status_code == 422
    assert not Case.objects.exists()
    assert answers(draft)["phone"] == "12"
    assert "members-0-id_no" in answers(draft)


def test_submitting_twice_shows_the_same_receipt(cast: Cast) -> None:
    draft, client = filled_draft(cast), cast.client("clerk")
    first = client.post(f"/apply/{draft.key}/check/")
    second = client.post(f"/apply/{draft.key}/check/")
    assert first["Location"] == second["Location"] == f"/apply/{draft.key}/done/"
    assert Case.objects.count() == 1


def test_a_submitted_draft_takes_no_more(cast: Cast) -> None:
    draft, client = filled_draft(cast), cast.client("clerk")
    client.post(f"/apply/{draft.key}/check/")
    client.raise_request_exception = False
    assert client.post(f"/apply/{draft.key}/applicant/", {"phone": "1"}).status_code == 302
    assert save(client, draft, "phone", "1").status_code in (404, 409)
    file = SimpleUploadedFile("a.jpg", road.photo(), "image/jpeg")
    url = f"/apply/{draft.key}/documents/upload/"
    assert client.post(url, {"slot": "id_card", "files": file}).status_code == 404


def test_a_discarded_draft_is_gone_from_the_pages(cast: Cast) -> None:
    draft, client = filled_draft(cast), cast.client("clerk")
    assert client.post(f"/apply/{draft.key}/discard/").status_code == 302
    assert client.get(f"/apply/{draft.key}/").status_code == 404
    page = client.get("/apply/").content.decode()
    assert f'href="/apply/{draft.key}/"' not in page  # but in the bin
    assert f"/apply/{draft.key}/restore/" in page


@pytest.mark.parametrize("name", ["members-x-name", "members-", "members--1-name", "members-²-n"])
def test_strange_field_names_do_not_break_the_page(cast: Cast, name: str) -> None:
    draft, client = empty(cast), cast.client("clerk")
    client.raise_request_exception = False
    response = client.post(f"/apply/{draft.key}/members/", {name: "甲", "members-0-name": "乙"})
    assert response.status_code in (302, 400, 422)


@pytest.mark.parametrize("rows", ["²", "-1", "99999999999999999999", "x", "٣"])
def test_strange_numbers_of_rows_do_not_break_the_page(cast: Cast, rows: str) -> None:
    draft, client = empty(cast), cast.client("clerk")
    client.raise_request_exception = False
    url = f"/apply/{draft.key}/members/"
    assert client.get(url, {"rows": rows}).status_code == 200


@pytest.mark.parametrize(
    "query", ["village=²", "office=²", "after=²", "before=²", "after=1", "after=" + "9" * 30]
)
def test_strange_keys_in_the_list_do_not_break_the_page(cast: Cast, query: str) -> None:
    client = cast.client("staff")
    client.raise_request_exception = False
    assert client.get(f"/cases/?{query}").status_code in (200, 400)


@pytest.mark.parametrize("value", ["a\x00b", "长" * 5000], ids=["nul", "5000"])
@pytest.mark.parametrize(
    ("who", "url", "field"),
    [
        ("clerk", "/apply/{draft}/applicant/", "reason"),
        ("clerk", "/apply/{draft}/members/", "members-0-name"),
        ("clerk", "/apply/", "programme"),
        ("staff", "/search/", "q"),
        ("staff", "/cases/{case}/decline/", "note"),
        ("staff", "/objections/{objection}/dismiss/", "answer"),
        ("clerk", "/notices/{notice}/object/", "content"),
        ("leader", "/desk/sign/{desk}/", "opinion"),
        ("leader", "/desk/sign/{desk}/", "content_sha256"),
        ("leader", "/desk/sign/{desk}/", "code"),
        ("clerk", "/login/", "username"),
        ("clerk", "/me/totp/", "token"),
        ("clerk", "/cases/{case}/evidence/upload/", "slot"),
    ],
)
def test_nul_bytes_and_long_values_are_never_an_error_of_the_server(
    cast: Cast, who: str, url: str, field: str, value: str
) -> None:
    desk = road.to_decide(cast, 2)
    notice = desk.notices.earliest("id")
    objection = Objection.objects.create(
        notice=notice, received_on=notice.posted_on, channel="来访", content="x"
    )
    names = {
        "draft": empty(cast).key,
        "case": road.submitted(cast, 1).no,
        "desk": desk.no,
        "notice": notice.no,
        "objection": objection.pk,
    }
    client = cast.client(who)
    client.raise_request_exception = False
    form = {"act": "return", "vouched": "1", "code": "390172", "opinion": "理由", field: value}
    response = client.post(url.format(**names), form)
    assert response.status_code < 500


# ------------------------------------------------------------------ uploads


def bomb() -> bytes:
    """A PNG whose header promises 30,000 × 30,000 pixels."""
    head = struct.pack(">IIBBBBB", 30000, 30000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in chunks
    )


def other(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, kind)
    return out.getvalue()


BAD: dict[str, tuple[bytes, int, str]] = {
    "empty": (b"", 409, "空的"),
    "html as jpg": (b"<html><script>alert(1)</script></html>", 415, "JPEG、PNG"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', 415, "JPEG、PNG"),
    "text": ("不是图片".encode(), 415, "JPEG、PNG"),
    "gif": (other("GIF"), 415, "JPEG、PNG"),
    "webp": (other("WEBP"), 415, "JPEG、PNG"),
    "truncated jpeg": (road.photo()[:-300], 415, "不完整"),
    "header only": (b"\xff\xd8\xff\xe0\x00\x10JFIF", 415, "JPEG、PNG"),
    "pixel bomb": (bomb(), 415, ""),
    "pdf with script": (b"%PDF-1.7\n1 0 obj<</JavaScript 2 0 R>>\n%%EOF", 415, "JavaScript"),
    "pdf with names": (b"%PDF-1.7\n1 0 obj<</J#61vaScript 2 0 R>>\n%%EOF", 415, ""),
    "pdf cut": (b"%PDF-1.7\n1 0 obj", 415, "不完整"),
    "zip": (b"PK\x03\x04" + b"\0" * 100, 415, "JPEG、PNG"),
}


@pytest.mark.parametrize("name", sorted(BAD))
def test_bad_files_are_refused_with_a_sentence(cast: Cast, name: str) -> None:
    content, status, said = BAD[name]
    draft, client = empty(cast), cast.client("clerk")
    client.raise_request_exception = False
    file = SimpleUploadedFile("photo.jpg", content, "image/jpeg")
    url = f"/apply/{draft.key}/documents/upload/"
    response = client.post(
        url, {"slot": "id_card", "photo": file}, headers={"accept": "application/json"}
    )
    assert response.status_code == status
    assert said in response.content.decode()
    assert not Attachment.objects.exists()


def test_too_large_is_refused_before_it_is_looked_at(cast: Cast, settings: Any) -> None:
    settings.ATTACHMENT_MAX_BYTES = 1024 * 1024
    draft, client = empty(cast), cast.client("clerk")
    file = SimpleUploadedFile("photo.jpg", b"\xff" * (1024 * 1024 + 1), "image/jpeg")
    response = client.post(
        f"/apply/{draft.key}/documents/upload/", {"slot": "id_card", "files": file}
    )
    assert response.status_code in (409, 413)
    assert "超过 1 MB" in response.content.decode()


def test_in_the_browser_a_bad_file_leads_back_with_its_sentence(cast: Cast) -> None:
    draft, client = empty(cast), cast.client("clerk")
    file = SimpleUploadedFile("photo.jpg", b"<html>", "image/jpeg")
    response = client.post(
        f"/apply/{draft.key}/documents/upload/",
        {"slot": "id_card", "files": file},
        headers={"accept": "text/html"},
        follow=True,
    )
    assert "请上传 JPEG、PNG 图片或 PDF 文件" in response.content.decode()


def test_no_file_and_no_slot(cast: Cast) -> None:
    draft, client = empty(cast), cast.client("clerk")
    url = f"/apply/{draft.key}/documents/upload/"
    assert client.post(url, {"slot": "id_card"}).status_code == 409
    assert client.post(url, {"slot": "no_such_slot"}).status_code == 404


@pytest.mark.parametrize("act", ["agree", "refuse", "return"])
@pytest.mark.parametrize("opinion", ["a\x00b", "长" * 5000], ids=["nul", "5000"])
def test_an_opinion_that_cannot_be_kept_is_sent_back_to_the_leader(
    cast: Cast, act: str, opinion: str
) -> None:
    case = road.to_decide(cast)
    client = cast.client("leader")
    client.raise_request_exception = False
    form = {"act": act, "vouched": "1", "code": "390172", "opinion": opinion}
    response = client.post(f"/desk/sign/{case.no}/", form)
    assert response.status_code in (302, 409, 422)
