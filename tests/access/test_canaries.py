"""Two offices with names that nobody else has: no page of one shows a name of the other."""

import json
import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from cases.models import CareArrangement, Household, HouseholdChange, Institution
from cases.operations import applications, households, investigation, kin, leads, notices
from funds.operations import building
from supervision import acts
from supervision.models import Complaint
from supervision.operations import bulletins, complaints, findings
from supervision.operations.checking import run_checks
from tests import road, road_relief
from tests.access import matrix
from tests.access.world import (
    PEOPLE,
    binned,
    casts,
    institution,
    lives_at,
    noticed,
    relative_of,
)
from tests.api.clients import api_client
from tests.cases.answers import flat
from tests.cases.days import DAY, at
from tests.cast import Cast
from tests.funds import payouts
from yuquan_relief.kernel.actor import ROBOT
from yuquan_relief.kernel.models import Event, Reminder

CANARIES = {"own": "雀甲本地", "foreign": "雀乙外地"}
# Also what leads to them: numbers of cases, notices and files carry the office's code.
FOREIGN_MARKS = (CANARIES["foreign"], "159900002", "雀乙外地路")
OWN_ROLES = ("clerk", "committee_head", "office_staff", "deputy_leader", "chief_leader")
STRANGERS = ("system_admin", "security_admin", "audit_admin")
MOST_PAGES = 220
HOME = "演练敬老院"  # one for the whole district; who lives there is of one office or the other


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


def changing(cast: Cast, canary: str, first: int) -> str:
    """A household in benefit whose head has died; the draft of those who stay waits. Its key."""
    household = payouts.in_benefit(
        cast, 870 + first, village=cast.village, name=canary, programme="RURAL_ALLOWANCE"
    ).household
    heir = payouts.member(household, 871 + first, f"{canary}儿", relation="CHILD")
    change = households.Change(
        kind="HEAD",
        happened_on=road.START,
        reason="DIED",
        note=f"{canary}病故",
        programme="RURAL_ALLOWANCE",
        head=heir.pk,
    )
    households.record_change(household.key, change, actor=cast.clerk, on=road.START)
    return household.key


def cared_for(cast: Cast, canary: str, first: int) -> None:
    """Somebody who lives in the institution of the district."""
    person = {"name": canary, "id_no": road.number(1800 + first), "relation": "SELF"}
    case = road_relief.destitute(cast, 900 + first, members=[person], holder=canary)
    home = Institution.objects.filter(name=HOME).first() or institution(cast.district, HOME)
    lives_at(home, case, f"{first} 床", cast)


def registers(cast: Cast, canary: str, first: int) -> None:
    """A relative of somebody in office, and two families that were noticed."""
    relative = relative_of(cast, f"{canary}亲属", 850 + first)
    kin.register_relative(relative, actor=cast.clerk, on=road.START)
    leads.record_lead(noticed(canary), actor=cast.clerk, on=road.START)
    closed = leads.record_lead(noticed(canary), actor=cast.clerk, on=road.START)
    leads.explain_lead(closed.pk, reason=f"{canary}超标", actor=cast.clerk, on=road.START)


def supervised(local: dict[str, Cast]) -> None:
    """What was found in either office stands in one bulletin; each looks into the other."""
    cast, numbers = local["own"], []
    by: dict[str, Any] = {"actor": cast.supervisor, "on": road.START}
    for place, canary in CANARIES.items():
        office = local[place].office
        found = findings.Registered(
            source="SITE", severity="M", cites="9", subject_kind="office",
            subject_key=office.code, what=f"{canary}患病，没有复核", office_id=office.pk,
        )  # fmt: skip
        numbers.append(findings.register(found, **by).no)
        told = complaints.Told(
            kind="REPORT", channel="LETTER", content=f"{canary}说的", received_on=road.START,
            office_id=next(c.office.pk for p, c in local.items() if p in CANARIES and p != place),
        )  # fmt: skip
        complaints.assign(complaints.receive(told, **by).no, office.pk, **by)
    words = bulletins.Words(title="通报", period_from=road.START, period_to=road.START)
    made = bulletins.open_bulletin(words, numbers, **by)
    bulletins.perform(made.no, "submit", **by)
    acts.issue(made.no, actor=cast.bureau, on=road.START, proof=cast.proof("bureau"))


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
    changing(cast, canary, first)
    cared_for(cast, canary, first)
    binned(cast, {"members-0-name": canary, "reason": canary})


@pytest.fixture
def two_offices(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> dict[str, Cast]:
    """Both offices at work."""
    local = casts(cast)
    populate(local["own"], CANARIES["own"], 10)
    monkeypatch.setattr(payouts, "funded", lambda *a, **k: None)
    populate(local["foreign"], CANARIES["foreign"], 40)
    supervised(local)
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


def marks_of(path: str) -> tuple[str, ...]:
    """What the page may not show: of what is public only the names."""
    return FOREIGN_MARKS[:1] if path.startswith("/public/") else FOREIGN_MARKS


@pytest.mark.parametrize("role", OWN_ROLES)
def test_no_page_of_one_office_shows_the_other(two_offices: dict[str, Cast], role: str) -> None:
    client = two_offices["own"].client(PEOPLE[role])
    pages = dict(crawl(client))
    found = [(path, m) for path, text in pages.items() for m in marks_of(path) if m in text]
    assert found == []
    assert any(CANARIES["own"] in text for text in pages.values())  # the canaries are not mute
    told = [p for p, text in pages.items() if "/households/" in p and CANARIES["own"] in text]
    assert told, sorted(pages)  # nor are those of the households


@pytest.mark.parametrize("who", ["staff", "leader", "chief"])
def test_an_office_reads_nowhere_that_somebody_told_of_it(
    two_offices: dict[str, Cast], who: str
) -> None:
    cast = two_offices["own"]
    Complaint.objects.update(due_on=road.START)  # late: the night's checks find them
    run_checks(cast.district, actor=ROBOT, on=DAY, rules=["R72"])
    about, handled = (
        Complaint.objects.get(office=office).no for office in (cast.office, cast.other_office)
    )
    told = ""
    for url in (
        *("/", "/supervise/", "/petitions/", "/board/", "/petitions/?as=csv"),
        *("/supervise/?as=csv", "/figures/petitions/", "/figures/findings_open/"),
        "/figures/petitions_in_time/?whole=1",
    ):
        text = cast.client(who).get(url, follow=True).getvalue().decode()
        assert about not in text, url
        told += text
    assert handled in told  # numbers are not mute


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


def household_of(cast: Cast) -> Household:
    """The household of the office that is changing."""
    return HouseholdChange.objects.get(household__office=cast.office).household


def test_who_lives_in_an_institution_is_told_to_their_own_office_and_the_district(
    two_offices: dict[str, Cast],
) -> None:
    url = f"/institutions/{Institution.objects.get(name=HOME).pk}/"
    for place, canary in CANARIES.items():
        text = two_offices[place].client("staff").get(url).content.decode()
        assert [c for c in CANARIES.values() if c in text] == [canary]
    whole = two_offices["own"].client("supervisor").get(url).content.decode()
    assert all(canary in whole for canary in CANARIES.values())


@pytest.mark.parametrize("who", ["clerk", "staff", "leader"])
def test_a_chain_that_leads_to_another_office_names_nobody_there(
    two_offices: dict[str, Cast], who: str
) -> None:
    mine, theirs = (household_of(two_offices[place]) for place in CANARIES)
    theirs.change = mine.changes.get()  # as when they moved, and the other office decided
    theirs.save(update_fields=["change"])
    text = two_offices["own"].client(who).get(f"/households/{mine.key}/").content.decode()
    assert "外辖区的户" in text
    assert CANARIES["foreign"] not in text
    assert theirs.key not in text
    whole = two_offices["own"].client("supervisor").get(f"/households/{mine.key}/").content.decode()
    assert f"/households/{theirs.key}/" in whole
    assert CANARIES["foreign"] in whole


def test_the_bin_of_one_village_holds_nothing_of_another(two_offices: dict[str, Cast]) -> None:
    pages = {
        place: two_offices[place].client("clerk").get("/apply/").content.decode()
        for place in CANARIES
    }
    keys = {place: re.findall(r"/apply/(D-\w+)/restore/", text) for place, text in pages.items()}
    assert all(len(found) == 1 for found in keys.values())
    assert keys["own"] != keys["foreign"]


def test_the_public_list_shows_no_name(two_offices: dict[str, Cast], client: Client) -> None:
    hung = 0
    with at(road.START):
        for place in CANARIES:
            code = two_offices[place].village.code
            text = client.get(f"/public/notices/?village={code}").content.decode()
            hung += text.count('href="/public/notices/')
            assert not any(c in text for c in CANARIES.values())
            assert "雀" in text  # the surname stays, as the rules of masking say
    assert hung > len(CANARIES)


def test_the_file_for_the_platform_holds_what_was_sent_and_its_log_line_no_person(
    two_offices: dict[str, Cast], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    cast = two_offices["own"]
    case = road.accepted(cast, 95, members=[_person("雀甲待核", 195)], holder="雀甲待核")
    investigation.request_means_check(case.no, actor=cast.staff, on=road.START)
    answer = cast.client("verifier").post("/checks/export/")
    assert answer.status_code == 200
    text = answer.content.decode("utf-8-sig")
    assert road.number(195) in text
    assert "雀" not in answer["Content-Disposition"]
    event = Event.objects.get(action="export_requests")
    assert not [w for w in ("雀甲待核", road.number(195)) if w in f"{event.body}{event.note}"]
    assert not [w for w in ("雀甲待核", road.number(195)) if w in caplog.text]


def _person(name: str, serial: int) -> dict[str, Any]:
    return {"name": name, "id_no": road.number(serial), "relation": "SELF"}


TYPED = {
    "note": "雀丙打字", "head": "雀丙打字", "other_id_no": road.number(998), "reason": "雀丙打字",
    "name": "雀丙打字", "phone": "13800000998", "since": "雀丙打字", "join-name": "雀丙打字",
    "join-id_no": road.number(998), "carer_name": "雀丙打字", "carer_phone": "13800000998",
    "holder": "雀丙打字", "number": payouts.card(998), "q": "雀丙打字", "what": "雀丙打字",
}  # fmt: skip
SECRETS = ("雀", "13800000998", road.number(998), payouts.card(998), quote("雀"))


def new_pages(cast: Cast) -> Iterator[tuple[str, str]]:
    """Who, and the address of a new page."""
    household = household_of(cast)
    for kind in ("head", "split", "merge", "move"):
        yield "clerk", f"/households/{household.key}/change/{kind}/"
    yield "clerk", f"/households/{household.key}/?on=2026-09-21"
    yield "clerk", f"/households/{household.key}/?on=%E6%98%A8%E5%A4%A9"
    yield "clerk", "/apply/"
    yield "verifier", "/checks/"
    yield "staff", "/institutions/"
    yield "supervisor", "/institutions/"
    yield "staff", f"/institutions/{Institution.objects.get(name=HOME).pk}/"
    case = CareArrangement.objects.get(case__office=cast.office).case
    for code in ("restate_family", "arrange_care", "report_care_change", "reassess_self_care"):
        yield "clerk", f"/cases/{case.no}/{code}/"
    yield "clerk", "/search/"
    yield "leader", "/desk/signed/"
    yield "leader", "/desk/sign/"


def test_no_person_stands_in_an_address_or_in_the_log(
    two_offices: dict[str, Cast], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    cast, found, told = two_offices["own"], [], ""
    for who, url in new_pages(cast):
        client = cast.client(who)
        client.raise_request_exception = False
        answers = [client.get(url), client.post(url, TYPED)]
        assert answers[0].status_code in (200, 422), url
        assert answers[1].status_code in (200, 302, 403, 405, 409, 422), url
        for answer in answers:
            text = unescape(answer.getvalue().decode("utf-8", "replace"))
            told += text
            where = re.findall(r'(?:href|src|action|hx-\w+)="([^"]*)"', text)
            where += [answer.get("Location", ""), answer.get("Content-Disposition", "")]
            found += [(url, w) for w in where for s in SECRETS if s in w]
    assert found == []
    assert [s for s in SECRETS if s in caplog.text] == []
    assert CANARIES["own"] in told  # the pages speak of people, only the addresses do not
    assert "/households/" in caplog.text  # the log is not mute
