"""扫码补传: a link for ten minutes, one slot, in the name of whoever made it."""

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from cases.models import CaptureLink
from cases.operations import capture
from cases.views import capture as page
from tests import road
from tests.cases.days import at
from tests.cast import Cast
from yuquan_relief.kernel.clock import now
from yuquan_relief.kernel.middleware import current_posts
from yuquan_relief.kernel.models import Attachment, Post

ON = road.START


def link(cast: Cast, no: str) -> str:
    return capture.make_link("case", no, "income_proof", "收入证明", actor=cast.clerk)


def send(token: str, colour: int = 1, **headers: Any) -> Any:
    photo = SimpleUploadedFile("p.jpg", road.photo((colour, 2, 3)), "image/jpeg")
    return Client().post(f"/public/m/{token}/", {"files": photo}, **headers)


@pytest.mark.clause("6(1)")
def test_a_phone_without_a_sign_in_adds_to_the_slot(cast: Cast) -> None:
    case = road.submitted(cast)
    token = link(cast, case.no)
    assert Client().get(f"/public/m/{token}/").status_code == 200
    with at(ON):
        assert send(token).status_code == 200
    file = Attachment.objects.get(subject_key=case.no, slot="income_proof")
    assert file.uploaded_by_id == cast.clerk.person_id


def test_the_page_names_nobody(cast: Cast) -> None:
    case = road.submitted(cast)
    text = Client().get(f"/public/m/{link(cast, case.no)}/").content.decode()
    assert "收入证明" in text
    for word in ("演练甲", case.no, "演练社区经办"):
        assert word not in text


def test_after_ten_minutes_it_is_over(cast: Cast) -> None:
    case = road.submitted(cast)
    token = link(cast, case.no)
    CaptureLink.objects.update(made_at=now() - timedelta(minutes=10))
    answer = send(token, HTTP_ACCEPT="text/html")
    assert answer.status_code == 410
    assert "请回电脑重新出码" in answer.content.decode()
    assert not Attachment.objects.filter(slot="income_proof").exists()
    CaptureLink.objects.update(made_at=now() - timedelta(minutes=9))
    assert send(token).status_code == 200  # the control: a minute earlier it is open


def test_twins_of_the_ten_minutes_are_two(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    token = link(cast, road.submitted(cast).no)
    CaptureLink.objects.update(made_at=now() - timedelta(minutes=10))
    monkeypatch.setattr(CaptureLink, "is_over", lambda *_: False)  # the page looks no more
    answer = send(token)
    assert answer.status_code == 410  # and whoever takes the file does
    assert "已经用完" in answer.content.decode()
    monkeypatch.setattr(capture, "LIFE", timedelta(minutes=11))
    assert send(token).status_code == 200


def test_only_so_many_files(cast: Cast) -> None:
    case = road.submitted(cast)
    token = link(cast, case.no)
    CaptureLink.objects.update(files=20)
    assert send(token).status_code == 410
    CaptureLink.objects.update(files=19)  # the twin
    assert send(token).status_code == 200


def test_who_has_left_the_post_gives_no_more(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    token = link(cast, road.submitted(cast).no)
    posts = current_posts(cast.accounts["clerk"])
    Post.objects.filter(pk=cast.clerk.post_id or 0).update(ends_on=ON - timedelta(days=1))
    with at(ON):
        assert send(token).status_code == 410
        assert not Attachment.objects.filter(slot="income_proof").exists()
        monkeypatch.setattr(page, "current_posts", lambda _: posts)
        assert send(token).status_code == 200  # the twin
    Post.objects.filter(pk=cast.clerk.post_id or 0).update(ends_on=ON)
    monkeypatch.undo()
    with at(ON):
        assert send(token, 2).status_code == 200  # the last day still counts


def test_an_unknown_link_is_not_there(cast: Cast) -> None:
    assert Client().get("/public/m/nothing-here/").status_code == 404
    assert send("nothing-here").status_code == 404


def test_a_closed_slot_is_refused_with_its_reason(cast: Cast) -> None:
    case = road.to_propose(cast)
    answer = send(link(cast, case.no))
    assert answer.status_code == 409
    assert "材料不能增减" in answer.content.decode()


def test_the_token_stands_nowhere(cast: Cast) -> None:
    case = road.submitted(cast)
    token = link(cast, case.no)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT l::text FROM cases_capturelink l UNION ALL SELECT e::text FROM kernel_event e"
        )
        kept = "".join(text for (text,) in cursor.fetchall())
    assert token not in kept
    assert hashlib.sha256(token.encode()).hexdigest() in kept  # the control: its digest does


def test_the_code_is_drawn_for_who_may_upload(cast: Cast) -> None:
    case = road.submitted(cast)
    url = f"/cases/{case.no}/evidence/capture/"
    page = cast.client("clerk").post(url, {"slot": "income_proof"})
    assert "<svg" in page.content.decode()
    assert cast.client("clerk").post(url, {"slot": "nothing"}).status_code == 404
    assert cast.client("leader").post(url, {"slot": "income_proof"}).status_code == 403
    assert cast.client("foreign_clerk").post(url, {"slot": "income_proof"}).status_code == 404
    with pytest.raises(PermissionDenied):
        capture.make_link("case", case.no, "income_proof", "收入证明", actor=cast.leader)
