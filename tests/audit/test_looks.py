"""Who looked at whom: every page of a person leaves a row that nobody takes back (隐私)."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

from tests import road
from tests.archives.conftest import opened
from tests.cast import Cast
from yuquan_relief.kernel import looks
from yuquan_relief.kernel.models import Attachment, Look

OF_PEOPLE = {"no", "key", "case_no", "dossier_no"}


def test_a_page_of_a_case_leaves_a_look(cast: Cast) -> None:
    case = road.submitted(cast)
    cast.client("staff").get(f"/cases/{case.no}/")
    look = Look.objects.get()
    assert (look.name, look.kind, look.key, look.what) == (
        cast.staff.name, "case", case.no, "案件",
    )  # fmt: skip
    assert look.unit == cast.staff.unit_name


def test_the_same_look_within_half_an_hour_is_one(cast: Cast) -> None:
    case = road.submitted(cast)
    staff, clerk = cast.client("staff"), cast.client("clerk")
    for client in (staff, staff, clerk):
        client.get(f"/cases/{case.no}/")
        client.get(f"/cases/{case.no}/family/")
    assert Look.objects.count() == 2
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT person_id) FROM kernel_look")
        assert cursor.fetchone() == (2,)


def test_files_and_dossiers_leave_looks(cast: Cast) -> None:
    dossier = opened(cast)
    staff = cast.client("staff")
    file = Attachment.objects.filter(subject_key=dossier.case.no).earliest("id")
    staff.get(f"/files/{file.pk}/")
    staff.get(f"/files/{file.pk}/thumb/")
    staff.get(f"/archive/{dossier.no}/")
    assert set(Look.objects.values_list("kind", "key")) == {
        ("file", str(file.pk)), ("dossier", dossier.no),
    }  # fmt: skip


def test_what_was_not_shown_leaves_nothing(cast: Cast) -> None:
    case = road.submitted(cast)
    cast.client("foreign_staff").get(f"/cases/{case.no}/")  # 404
    cast.client("sysadmin").get(f"/cases/{case.no}/")
    cast.client("staff").get("/cases/")
    cast.client("staff").get("/cases/nothing/")
    assert not Look.objects.exists()


def test_a_look_costs_one_statement(cast: Cast) -> None:
    case = road.submitted(cast)
    staff = cast.client("staff")
    staff.get(f"/cases/{case.no}/")
    with CaptureQueriesContext(
        connection,
    ) as kept:
        staff.get(f"/cases/{case.no}/")
    assert sum("kernel_look" in q["sql"] for q in kept.captured_queries) == 1


def test_nobody_looks_unseen(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    case = road.submitted(cast)
    staff = cast.client("staff")
    monkeypatch.setattr(looks, "KEEP", "SELECT 1/0")
    with pytest.raises(DatabaseError), transaction.atomic():
        staff.get(f"/cases/{case.no}/")


def test_without_the_middleware_nothing_is_kept(cast: Cast, settings: object) -> None:
    case = road.submitted(cast)
    mine = "yuquan_relief.kernel.middleware.keep_looks"
    kept = [name for name in settings.MIDDLEWARE if name != mine]  # type: ignore[attr-defined]
    settings.MIDDLEWARE = kept  # type: ignore[attr-defined]
    cast.client("staff").get(f"/cases/{case.no}/")
    assert not Look.objects.exists()


@pytest.mark.parametrize("change", ["UPDATE kernel_look SET key = 'x'", "DELETE FROM kernel_look"])
def test_nobody_takes_a_look_back(cast: Cast, change: str) -> None:
    case = road.submitted(cast)
    cast.client("staff").get(f"/cases/{case.no}/")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


# Pages that name a case, a household, a benefit, a draft, a review or a file and show no person.
NO_PERSON = {
    "case_reveal", "case_capture", "case_upload", "case_step",  # acts; reveal has its own event
    "draft_done", "draft_capture", "draft_upload", "autosave", "discard_draft", "restore_draft",
}  # fmt: skip


def test_every_page_of_a_case_a_household_or_a_benefit_is_known() -> None:
    """A new page of a person that forgets to say so turns this red."""

    def routes(patterns: list[URLPattern | URLResolver], prefix: str = "") -> dict[str, str]:
        found: dict[str, str] = {}
        for pattern in patterns:
            path = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                found |= routes(pattern.url_patterns, path)
            elif pattern.name:
                found[path] = pattern.name
        return found

    starts = ("cases/<str:no>/", "households/<str:key>/", "roster/<str:key>/")
    acts = {"household_change", "contact", "no_change", "open_review", "change_new"}
    pages = {
        name for path, name in routes(get_resolver().url_patterns).items()
        if path.startswith(starts)
    } - NO_PERSON - acts  # fmt: skip
    assert pages - set(looks.SHOWN) == set()


# The page for auditors


def test_auditors_see_who_looked(cast: Cast) -> None:
    case = road.submitted(cast)
    cast.client("staff").get(f"/cases/{case.no}/")
    page = cast.client("auditor").get("/audit/access/").content.decode()
    assert (case.no in page, cast.staff.name in page) == (True, True)
    none = cast.client("auditor").get("/audit/access/?name=没有这个人").content.decode()
    assert "没有符合条件的痕迹" in none
    assert cast.client("auditor").get("/audit/access/?day=去年").status_code == 422
    assert cast.client("staff").get("/audit/access/").status_code == 403
