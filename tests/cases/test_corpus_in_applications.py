"""The corpus through the newer answers of an application: by interface and on the pages."""

import json
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils.html import escape

from cases.models import Case, Draft
from cases.operations.applications import MOST_LENGTH
from tests import corpus, road
from tests import road_relief as roads
from tests.api.clients import api_client
from tests.cases.answers import flat
from tests.cases.days import at
from tests.cast import Cast
from tests.corpus import is_sentence

ON = road.START


@pytest.fixture(autouse=True)
def _nobody_called_before() -> None:
    cache.clear()


APART = {"counts_for_income": False, "is_insured": False, "not_counted": "APART"}
OWNED = {"kind": "VEHICLE", "note": "旧车", "value": "3000", "area": "0"}


def applications_of(kind: str) -> dict[str, Any]:
    """A good application in which every topic is filled in."""
    if kind == "relief":
        return roads.relief_application(claim_covered="0")
    data = roads.destitute_application() | {"property": [dict(OWNED)], "proxy_name": "演练社区经办"}
    lodger = {"name": "演练己", "id_no": road.number(5), "relation": "SIBLING"}
    data["members"].append(lodger | APART)
    return data


ANSWERS: dict[str, tuple[str, str]] = {
    "proxy_name": ("destitute", "name"),
    "kin_note": ("destitute", "line"),
    "support": ("destitute", "choice"),
    "members-0-condition": ("destitute", "choice"),
    "members-1-not_counted": ("destitute", "choice"),
    "members-0-incomes-0-kind": ("destitute", "choice"),
    "members-0-incomes-0-annual": ("destitute", "money"),
    "obligors-0-name": ("destitute", "name"),
    "obligors-0-relation": ("destitute", "choice"),
    "obligors-0-ground": ("destitute", "choice"),
    "obligors-0-persons": ("destitute", "count"),
    "obligors-0-month": ("destitute", "money"),
    "obligors-0-support": ("destitute", "money"),
    "property-0-kind": ("destitute", "choice"),
    "property-0-note": ("destitute", "line"),
    "property-0-value": ("destitute", "money"),
    "property-0-area": ("destitute", "count"),
    "claim_cause": ("relief", "choice"),
    "claim_class": ("relief", "choice"),
    "claim_on": ("relief", "day"),
    "claim_place": ("relief", "line"),
    "claim_total": ("relief", "money"),
    "claim_covered": ("relief", "money"),
    "claim_asked": ("relief", "money"),
}


def answered(name: str, text: str) -> dict[str, Any]:
    """The good application with one answer in its place, as the interface takes it."""
    data = applications_of(ANSWERS[name][0])
    *way, last = (int(part) if part.isdigit() else part for part in name.split("-"))
    place: Any = data
    for part in way:
        place = place[part]
    place[last] = text
    return data | {"key": "corpus"}


def called(cast: Cast, bodies: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The interface's answer to each application."""
    client = api_client(cast, "clerk")
    client.raise_request_exception = False
    return {
        text: client.post("/api/v1/cases/", json.dumps(body), content_type="application/json")
        for text, body in bodies.items()
    }


@pytest.mark.parametrize("name", ANSWERS)
def test_a_refused_answer_is_refused_by_interface_at_its_field(cast: Cast, name: str) -> None:
    bodies = {text: answered(name, text) for text in corpus.refused(ANSWERS[name][1])}
    with at(ON):
        answers = called(cast, bodies)
    wrong = {
        text[:40]: (answer.status_code, [e["field"] for e in answer.json().get("errors", [])])
        for text, answer in answers.items()
    }
    assert wrong == {text[:40]: (400, [name]) for text in bodies}
    assert all(is_sentence([e["message"] for e in a.json()["errors"]]) for a in answers.values())
    assert not Case.objects.exists()


def test_twin_an_answer_that_nobody_judges_is_taken(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cases.rules.declarations.names.clean", lambda text: text)
    with at(ON):
        (answer,) = called(cast, {"": answered("obligors-0-name", "张3")}).values()
    assert answer.status_code == 201


@pytest.mark.parametrize("name", ANSWERS)
def test_an_accepted_answer_is_taken(cast: Cast, name: str) -> None:
    texts = corpus.accepted(ANSWERS[name][1])
    good = applications_of(ANSWERS[name][0]) | {"key": "corpus"}
    body = answered(name, texts[0]) if texts else good
    with at(ON):
        (answer,) = called(cast, {"": body}).values()
    assert answer.status_code == 201, answer.content.decode()


def topic(name: str) -> str:
    """The page on which the answer is typed."""
    table = name.partition("-")[0].partition("_")[0]
    pages = {"members": "incomes" if "incomes" in name else "members", "proxy": "applicant"}
    return (pages | {"kin": "applicant"}).get(table, table)


def drafted(cast: Cast, kind: str) -> tuple[Client, str, dict[str, str]]:
    """A draft in which every answer but those of `topic` is good; its address; the answers."""
    data = applications_of(kind)
    client = cast.client("clerk")
    client.raise_request_exception = False
    url = client.post("/apply/", {"programme": data["programme"]})["Location"]
    rows = {table: data.pop(table, []) for table in ("obligors", "property")}
    sent = flat(data) | {
        f"{table}-{i}-{k}": v
        for table in rows
        for i, row in enumerate(rows[table])
        for k, v in row.items()
    }
    client.post(f"{url}members/", sent)  # everybody counts …
    for box in ("counts_for_income", "is_insured"):
        sent.pop(f"members-1-{box}", None)
    for page in ("applicant", "members", "incomes", "obligors", "property"):  # … but the lodger
        client.post(f"{url}{page}/", sent | {"base_version": str(Draft.objects.get().version)})
    return client, url, sent


def kept_by_drafts(text: str) -> bool:
    """A draft drops NUL, which no browser sends, and keeps so many characters of an answer."""
    return "\x00" not in text and len(text) <= MOST_LENGTH


def topic_faults(answer: Any, name: str, text: str) -> list[str]:
    """What is wrong with the page's answer to a refused text."""
    page = answer.content.decode()
    if answer.status_code != 422:
        return [f"{answer.status_code}"]
    wrong = answer.context["wrong"]
    found = [] if is_sentence([wrong.get(name, "")]) else [f"no sentence at {name}"]
    found += [] if f'href="#id_{name}"' in page else [f"no link to {name}"]
    found += [] if wrong.keys() == {name} else [f"also at {', '.join(wrong)}"]
    kept = Draft.objects.get().answers[name] == text
    is_choice = ANSWERS[name][1] == "choice"
    return found + ([] if kept and (is_choice or escape(text) in page) else ["lost"])


@pytest.mark.parametrize("name", ANSWERS)
def test_a_refused_answer_is_refused_on_its_page_and_kept(cast: Cast, name: str) -> None:
    kind, texts = ANSWERS[name]
    with at(ON):
        client, url, sent = drafted(cast, kind)
        page = f"{url}{topic(name)}/"
        wrong = {}
        for text in filter(kept_by_drafts, corpus.refused(texts)):
            sent["base_version"] = str(Draft.objects.get().version)
            wrong[text[:40]] = topic_faults(client.post(page, sent | {name: text}), name, text)
    assert {text: what for text, what in wrong.items() if what} == {}
