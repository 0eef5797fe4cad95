"""The page of 操作记录: who may see it, what it shows, how it turns pages."""

import re
from types import ModuleType

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import include, path

from tests.audit.chains import add_events
from tests.cast import Cast
from yuquan_relief.kernel import checkpoints
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.models import Event
from yuquan_relief.kernel.views.audit import PAGE, audit_page

MOST_QUERIES = 6


@pytest.fixture(autouse=True)
def address(settings: object) -> None:
    """The page stands at /audit/ whether or not the product's addresses have it yet."""
    urls = ModuleType("audit_urls")
    urls.urlpatterns = [  # type: ignore[attr-defined] # a URLconf is a module with this name
        path("audit/", audit_page),
        path("", include("yuquan_relief.urls")),
    ]
    settings.ROOT_URLCONF = urls  # type: ignore[attr-defined] # pytest-django's wrapper


def numbers(page: str) -> list[int]:
    """The sequence numbers in the order of the rows."""
    return [int(n) for n in re.findall(r'<tr><td class="r num">(\d+)</td>', page)]


@pytest.mark.parametrize("name", ["auditor", "auditadmin"])
def test_it_shows_who_acted_in_which_post_and_where(cast: Cast, name: str) -> None:
    add_events(1)
    page = cast.client(name).get("/audit/").content.decode()
    for text in ("演练经办", "社区经办", "甲一社区", "YQ-0000", "10.1.2.3", "还没有核验过"):
        assert text in page
    assert "情况属实" not in page  # a note may tell of the family


@pytest.mark.parametrize("name", ["clerk", "leader", "supervisor", "sysadmin", "secadmin"])
def test_it_is_for_those_who_audit(cast: Cast, name: str) -> None:
    assert cast.client(name).get("/audit/").status_code == 403


def test_it_only_reads(cast: Cast) -> None:
    assert cast.client("auditor").post("/audit/").status_code == 405


def test_it_turns_pages_by_number(cast: Cast) -> None:
    add_events(PAGE * 2)
    client = cast.client("auditor")
    last = Event.objects.latest("seq").seq
    first = numbers(client.get("/audit/").content.decode())
    assert first == list(range(last, last - PAGE, -1))
    second = numbers(client.get(f"/audit/?before={first[-1]}").content.decode())
    assert second == list(range(first[-1] - 1, first[-1] - PAGE - 1, -1))
    assert numbers(client.get(f"/audit/?after={second[0]}").content.decode()) == first


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("key=YQ-0003", 1),
        ("key=YQ-9999", 0),
        ("action=audit.verify", 1),
        ("day=2026-09-22", 2),
        ("day=2026-09-22&key=YQ-0003", 1),
        ("before=0", 8),
        ("before=abc&after=-1", 8),
    ],
)
def test_it_can_be_narrowed(cast: Cast, query: str, found: int) -> None:
    delivered = Event.objects.count()
    add_events(6)
    checkpoints.verify_chain(today())
    page = cast.client("auditor").get(f"/audit/?{query}").content.decode()
    if found == 8:
        found = delivered + 7
    assert len(numbers(page)) == found


def test_a_bad_day_is_explained(cast: Cast) -> None:
    answer = cast.client("auditor").get("/audit/?day=昨天")
    assert answer.status_code == 422
    assert "请按“年-月-日”填写日期" in answer.content.decode()


def test_it_tells_of_the_last_verification_and_checkpoint(cast: Cast) -> None:
    add_events(3)
    checkpoints.make_checkpoint(today())
    checkpoints.verify_chain(today())
    page = cast.client("auditor").get("/audit/").content.decode()
    assert f"核验到第 {Event.objects.count() - 1} 条" in page
    assert "还没有检查点" not in page


def test_it_costs_six_statements_however_long_the_chain(cast: Cast) -> None:
    add_events(PAGE + 20)
    client = cast.client("auditor")
    client.get("/audit/")  # the session notes that somebody is there
    with CaptureQueriesContext(connection) as asked:
        client.get("/audit/")
    assert len(asked) <= MOST_QUERIES, [q["sql"] for q in asked]
