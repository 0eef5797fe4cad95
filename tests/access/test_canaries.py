"""Two offices with names that nobody else has: no page of one shows a name of the other."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from cases.operations import applications, kin, leads, notices
from funds.operations import building
from tests import road, road_relief
from tests.access import matrix
from tests.access.world import PEOPLE, casts, noticed, relative_of
from tests.api.clients import api_client
from tests.cases.answers import flat
from tests.cast import Cast
from tests.funds import payouts
from yuquan_relief.kernel.models import Reminder

CANARIES = {"own": "雀甲本地", "foreign": "雀乙外地"}
# Also what leads to them: numbers of cases, notices and files carry the office's code.
FOREIGN_MARKS = (CANARIES["foreign"], "159900002", "雀乙外地路")
OWN_ROLES = ("clerk", "committee_head", "office_staff", "deputy_leader", "chief_leader")
STRANGERS = ("system_admin", "security_admin", "audit_admin")
MOST_PAGES = 110


def family(canary: str, serial: int) -> dict[str, Any]:
    """An application in which everything readable is a canary."""
    body = road.application(serial)
    body["members"][0]["name"] = body["holder"] = canary
    return body | {"address": f"{canary}路", "reason": f"{canary}患病"}


def emergency(cast: Cast, canary: str, serial: int) -> None:
    """A family in an emergency, with an obligor and a thing of its own."""
    obligor = {"name": canary, "relation": "SIBLING", "persons": "2", "ground": "OLD70"}
    owned = {"kind": "VEHICLE", "note": f"{canary}车", "value": "30000"}
    data = family(canary, serial) | {
        "obligors": [obligor | {"month": "900", "support": "0"}],
        "property": [owned],
        "claim_place": f"{canary}路口",
    }
    del data["programme"]
    road_relief.urgent(cast, serial, **data)


def money(cast: Cast, canary: str, first: int) -> None:
    """A benefit, and the list of the month that pays it."""
    payouts.in_benefit(cast, 700 + first, village=cast.village, name=canary)
    payouts.funded(cast)
    building.open_month(
        cast.office.pk,
        payouts.PROGRAMME,
        month=payouts.MONTH,
        actor=cast.staff,
        on=payouts.OPENED,
    )


def registers(cast: Cast, canary: str, first: int) -> None:
    """A relative of somebody in office, and two families that were noticed."""
    relative = relative_of(cast, f"{canary}亲属", 850 + first)
    kin.register_relative(relative, actor=cast.clerk, on=road.START)
    leads.record_lead(noticed(canary), actor=cast.clerk, on=road.START)
    closed = leads.record_lead(noticed(canary), actor=cast.clerk, on=road.START)
    leads.explain_lead(closed.pk, reason=f"{canary}超标", actor=cast.clerk, on=road.START)


def populate(cast: Cast, canary: str, first: int) -> None:
    """Cases in several states, an emergency, a draft, an objection, registers, money …"""

    def changes(serial: int) -> dict[str, Any]:
        return {k: v for k, v in family(canary, serial).items() if k != "programme"}

    road.submitted(cast, first, **changes(first))
    accepted = road.accepted(cast, first + 1, **changes(first + 1))
    road.to_decide(cast, first + 2, **changes(first + 2))
    road.approved(cast, first + 3, **changes(first + 3))
    case = road.investigated(cast, first + 4, **changes(first + 4))
    notices.post_notice(
        case.no,
        "post_review_notice",
        place=f"{canary}公示栏",
        photo=None,
        actor=cast.clerk,
        on=road.START,
    )
    notices.record_objection(
        case.notices.get().no, channel="来访", content=canary, actor=cast.clerk, on=road.START
    )
    emergency(cast, canary, first + 6)
    draft = applications.start_draft("URBAN_ALLOWANCE", actor=cast.clerk)
    patches = [{"field": k, "value": v} for k, v in flat(changes(first + 5)).items() if v]
    applications.save_answers(draft.key, patches, actor=cast.clerk)
    for unit, role in ((cast.office, "office_staff"), (cast.village, "clerk")):
        Reminder.objects.create(
            rule="x",
            subject_kind="case",
            subject_key=accepted.no,
            due_on=road.START,
            unit_id=unit.pk,
            role_code=role,
            text=canary,
        )
    registers(cast, canary, first)
    money(cast, canary, first)


@pytest.fixture
def two_offices(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> dict[str, Cast]:
    """Both offices at work."""
    local = casts(cast)
    populate(local["own"], CANARIES["own"], 10)
    monkeypatch.setattr(payouts, "funded", lambda *a, **k: None)
    populate(local["foreign"], CANARIES["foreign"], 40)
    return local


def starts() -> Iterator[str]:
    """Pages without an object in their address."""
    for address in matrix.addresses():
        for row in matrix.rows(address.name):
            if "get" in row.may and not row.named and "<" not in address.filled(row.values):
                yield address.filled(row.values)


def crawl(client: Client) -> Iterator[tuple[str, str]]:
    """Every page that can be reached by links, with its text."""
    waiting, seen = list(dict.fromkeys(starts())), set[str]()
    while waiting and len(seen) < MOST_PAGES:
        path = waiting.pop(0)
        if path in seen or path.startswith(("/files/", "/static/", "/forms/", "/api/schema")):
            continue
        seen.add(path)
        response = client.get(path, follow=True)
        text = response.getvalue().decode("utf-8", "replace")
        yield path, text
        found = re.findall(r'(?:href|hx-get)="(/[^"#]*)', text)
        waiting += [p.replace("&amp;", "&") for p in found if not p.startswith("/help/rules")]


@pytest.mark.parametrize("role", OWN_ROLES)
def test_no_page_of_one_office_shows_the_other(two_offices: dict[str, Cast], role: str) -> None:
    client = two_offices["own"].client(PEOPLE[role])
    pages = dict(crawl(client))
    found = [(path, mark) for path, text in pages.items() for mark in FOREIGN_MARKS if mark in text]
    assert found == []
    assert any(CANARIES["own"] in text for text in pages.values())  # the canaries are not mute


@pytest.mark.parametrize("url", ["/kin/", "/leads/"])
def test_the_canaries_stand_in_the_registers_of_their_own_office(
    two_offices: dict[str, Cast], url: str
) -> None:
    for place, canary in CANARIES.items():
        text = two_offices[place].client("staff").get(url).content.decode()
        assert [c for c in CANARIES.values() if c in text] == [canary]


@pytest.mark.parametrize("role", STRANGERS)
def test_administrators_see_no_household_at_all(two_offices: dict[str, Cast], role: str) -> None:
    client = two_offices["own"].client(PEOPLE[role])
    found = [p for p, text in crawl(client) if any(c in text for c in CANARIES.values())]
    assert found == []


@pytest.mark.parametrize("who", ["supervisor", "bureau"])
def test_the_district_sees_both(two_offices: dict[str, Cast], who: str) -> None:
    text = two_offices["own"].client(who).get("/cases/").content.decode()
    assert all(canary in text for canary in CANARIES.values())


WORDS = ("雀乙", "QYWD", "QUEYI", "0000", "0018", "YQ-DB-159900002", "乙一社区")


def test_search_finds_nothing_of_the_other_office(two_offices: dict[str, Cast]) -> None:
    found = []
    for role in OWN_ROLES:
        client = two_offices["own"].client(PEOPLE[role])
        for words in WORDS:
            page = client.post("/search/", {"q": words}, follow=True).content.decode()
            if CANARIES["foreign"] in page or "/cases/YQ-DB-159900002" in page:
                found.append((role, words))
    assert found == []


def test_search_finds_ones_own(two_offices: dict[str, Cast]) -> None:
    client = two_offices["own"].client("staff")
    assert CANARIES["own"] in client.post("/search/", {"q": "雀甲"}, follow=True).content.decode()


def test_the_interface_shows_only_its_own(two_offices: dict[str, Cast]) -> None:
    other = two_offices["own"].other_office.pk
    queries = ("", f"?office={other}", "?state=TO_DECIDE", "?late=1", "?open=1")
    told = ""
    for who in ("clerk", "staff", "leader"):
        client = api_client(two_offices["own"], who)
        addresses = [f"cases/{query}" for query in queries]
        addresses += ["payouts/2026-12/"] if who != "clerk" else []
        for address in addresses:
            answer = client.get(f"/api/v1/{address}")
            text = json.dumps(answer.json(), ensure_ascii=False)
            assert answer.status_code == 200
            assert not [mark for mark in FOREIGN_MARKS if mark in text]
            told += text
    assert CANARIES["own"] in told  # the canaries are not mute
