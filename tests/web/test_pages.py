"""Every page opens for those whom it serves, with data and without."""

from contextlib import AbstractContextManager
from datetime import timedelta
from unittest import mock

import pytest

from cases.models import Case
from tests import road
from tests.cast import Cast

CASE_TABS = ("", "family/", "evidence/", "field/", "notice/", "decision/", "timeline/")


@pytest.mark.parametrize("tab", CASE_TABS)
def test_case_tabs_open_at_the_desk(cast: Cast, tab: str) -> None:
    case = road.to_decide(cast)
    for name in ("clerk", "staff", "leader", "supervisor", "auditor"):
        assert cast.client(name).get(f"/cases/{case.no}/{tab}").status_code == 200


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("clerk", "/"),
        ("clerk", "/apply/"),
        ("clerk", "/cases/"),
        ("clerk", "/notices/"),
        ("clerk", "/inbox/"),
        ("clerk", "/search/"),
        ("clerk", "/me/"),
        ("clerk", "/menu/"),
        ("clerk", "/help/"),
        ("clerk", "/help/rules/"),
        ("head", "/"),
        ("staff", "/"),
        ("leader", "/desk/sign/"),
        ("leader", "/desk/signed/"),
        ("verifier", "/checks/"),
        ("supervisor", "/board/"),
        ("supervisor", "/settings/rules/"),
        ("supervisor", "/settings/calendar/"),
        ("supervisor", "/settings/rules/standard.URBAN_ALLOWANCE/"),
        ("sysadmin", "/settings/units/"),
        ("sysadmin", "/settings/ui/"),
        ("sysadmin", "/settings/health/"),
        ("secadmin", "/settings/people/"),
    ],
)
@pytest.mark.parametrize("has_data", [False, True])
def test_pages_open(cast: Cast, name: str, url: str, has_data: bool) -> None:
    if has_data:
        road.to_decide(cast, 1)
        road.submitted(cast, 2)
    response = cast.client(name).get(url)
    assert response.status_code == 200, response.content.decode()[:500]


def on_the_day(case: Case, days: int = 0) -> AbstractContextManager[object]:
    """The server's clock stands at the case's day."""
    assert case.state_since is not None
    day = case.state_since + timedelta(days=days)
    return mock.patch("yuquan_relief.kernel.clock.timezone.localdate", return_value=day)


@pytest.mark.parametrize("state", ["submitted", "accepted", "investigated", "to_propose"])
def test_step_pages_open_for_whoever_may(cast: Cast, state: str) -> None:
    case = getattr(road, state)(cast)
    opened = 0
    with on_the_day(road.fresh(case)):
        for name in ("clerk", "staff", "surveyor", "head", "verifier"):
            client = cast.client(name)
            page = client.get(f"/cases/{case.no}/")
            assert page.status_code in (200, 404)
            for action in (page.context or {}).get("actions", []):
                assert client.get(action.url).status_code == 200, action
                opened += 1
    assert opened > 0
