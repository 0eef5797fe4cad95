"""The bin of drafts: what was thrown away comes back as it was, in its village, for a month."""

import json
from datetime import timedelta
from typing import Any

import pytest

from cases import tasks
from cases.models import Case, Draft
from cases.operations import applications
from cases.operations.documents import Paper, add_to_draft
from tests import road
from tests.cases.answers import filled_draft
from tests.cast import Cast
from yuquan_relief.kernel.clock import now, today
from yuquan_relief.kernel.models import Attachment

ON = road.START


@pytest.fixture
def draft(cast: Cast) -> Draft:
    """A filled draft in the bin."""
    draft = filled_draft(cast)
    answer = cast.client("clerk").post(f"/apply/{draft.key}/discard/")
    assert answer.status_code == 302
    draft.refresh_from_db()
    return draft


def restored(cast: Cast, draft: Draft, who: str = "clerk") -> Any:
    """Somebody presses 找回."""
    return cast.client(who).post(f"/apply/{draft.key}/restore/")


def start_page(cast: Cast, who: str = "clerk") -> str:
    """Where drafts and the bin stand."""
    return str(cast.client(who).get("/apply/").content.decode())


def test_it_stands_in_the_bin_and_comes_back_as_it_was(cast: Cast, draft: Draft) -> None:
    before = (draft.answers, draft.versions)
    page = start_page(cast)
    assert "回收箱（1）" in page
    assert f'action="/apply/{draft.key}/restore/"' in page
    assert cast.client("clerk").get(f"/apply/{draft.key}/").status_code == 404
    answer = restored(cast, draft)
    assert answer["Location"] == f"/apply/{draft.key}/"
    draft.refresh_from_db()
    assert (draft.answers, draft.versions, draft.discarded_at) == (*before, None)
    assert "回收箱" not in start_page(cast)
    assert cast.client("clerk").get(f"/apply/{draft.key}/").status_code == 200


def test_its_papers_come_back_and_it_is_submitted(cast: Cast, draft: Draft) -> None:
    restored(cast, draft)
    case = applications.submit_draft(draft.key, actor=cast.clerk, on=ON)
    assert Attachment.objects.filter(subject_key=case.no).count() == len(road.SLOTS)


def test_what_lies_in_the_bin_is_neither_written_nor_submitted(cast: Cast, draft: Draft) -> None:
    client = cast.client("clerk")
    patch = json.dumps({"field": "phone", "value": "1", "base_version": 99})
    url = f"/apply/{draft.key}/"
    assert client.post(url + "save/", patch, content_type="application/json").status_code == 404
    assert client.post(url + "check/").status_code == 404
    assert client.post(url + "discard/").status_code == 404
    assert not Case.objects.exists()


@pytest.mark.parametrize("who", ["neighbour_clerk", "foreign_clerk"])
def test_another_village_finds_nothing_in_it(cast: Cast, draft: Draft, who: str) -> None:
    assert "回收箱" not in start_page(cast, who)
    assert draft.key not in start_page(cast, who)
    assert restored(cast, draft, who).status_code == 404
    draft.refresh_from_db()
    assert draft.discarded_at is not None
    assert restored(cast, draft).status_code == 302  # the control


@pytest.mark.parametrize("who", ["staff", "leader", "supervisor", "auditor", "sysadmin"])
def test_who_does_not_apply_has_no_bin(cast: Cast, draft: Draft, who: str) -> None:
    assert restored(cast, draft, who).status_code == 403


@pytest.mark.parametrize("key", ["D-0000000000", "x", "%00", "D-' OR 1=1", "草稿"])
def test_a_draft_that_is_none_is_not_found(cast: Cast, key: str) -> None:
    client = cast.client("clerk")
    client.raise_request_exception = False
    assert client.post(f"/apply/{key}/restore/").status_code in (400, 404)


def test_a_look_brings_nothing_back(cast: Cast, draft: Draft) -> None:
    assert cast.client("clerk").get(f"/apply/{draft.key}/restore/").status_code == 405
    draft.refresh_from_db()
    assert draft.discarded_at is not None


def test_a_second_click_finds_it_no_more_and_changes_nothing(cast: Cast, draft: Draft) -> None:
    assert restored(cast, draft).status_code == 302
    assert restored(cast, draft).status_code == 404
    draft.refresh_from_db()
    assert draft.discarded_at is None


@pytest.mark.parametrize(("days", "status"), [(30, 302), (31, 404)])
def test_after_thirty_days_it_is_emptied_and_gone(
    cast: Cast, draft: Draft, days: int, status: int
) -> None:
    Draft.objects.filter(pk=draft.pk).update(discarded_at=now() - timedelta(days=days))
    assert tasks.empty_bin(today()) == (status == 404)
    assert ("回收箱" in start_page(cast)) is (status == 302)
    assert restored(cast, draft).status_code == status


def test_twin_of_what_was_emptied_an_empty_draft_would_come_back(
    cast: Cast, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    Draft.objects.filter(pk=draft.pk).update(discarded_at=now() - timedelta(days=31))
    tasks.empty_bin(today())
    everything = Draft.objects.filter(discarded_at__isnull=False)
    monkeypatch.setattr(applications, "binned", lambda actor: everything)
    assert restored(cast, draft).status_code == 302
    draft.refresh_from_db()
    assert draft.answers == {}


def test_a_submitted_draft_never_lies_in_it(cast: Cast) -> None:
    draft = filled_draft(cast)
    applications.submit_draft(draft.key, actor=cast.clerk, on=ON)
    cast.client("clerk").post(f"/apply/{draft.key}/discard/")
    assert "回收箱" not in start_page(cast)
    assert restored(cast, draft).status_code == 404


def test_a_draft_with_papers_alone_comes_back_too(cast: Cast) -> None:
    """The message says that it can be found again for thirty days, so it can."""
    draft = applications.start_draft("URBAN_ALLOWANCE", actor=cast.clerk)
    paper = Paper("id_card", "身份证", road.photo())
    add_to_draft(draft.key, paper, actor=cast.clerk)
    cast.client("clerk").post(f"/apply/{draft.key}/discard/")
    assert "回收箱（1）" in start_page(cast)
    assert restored(cast, draft).status_code == 302
