"""How the interface refuses: problem+json, the right status, never a failure of the server."""

import json
import logging
import warnings
from datetime import date
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cases.models import Case
from tests import road
from tests.api.clients import api_client, register
from tests.cases.answers import flat
from tests.cases.days import at
from tests.cast import PASSWORD, Cast
from tests.corpus import CORPUS
from yuquan_relief.kernel.models import ApiClient, Post

TODAY: date = CORPUS["today"]


@pytest.fixture(autouse=True)
def today() -> Any:
    """The day of the corpus."""
    cache.clear()
    with at(TODAY):
        yield


def send(client: Client, path: str, body: Any, **headers: Any) -> Any:
    client.raise_request_exception = False
    text = body if isinstance(body, str) else json.dumps(body)
    return client.post(path, text, content_type="application/json", **headers)


def problem(response: Any, status: int) -> dict[str, Any]:
    """The body of a problem answer, of the right shape."""
    assert response.status_code == status, response.content.decode()[:300]
    assert response["Content-Type"].startswith("application/problem+json")
    body: dict[str, Any] = response.json()
    assert {"title", "status", "code", "detail"} <= set(body)
    assert body["status"] == status
    assert body["detail"]
    return body


# ------------------------------------------------------------------ who calls


@pytest.mark.parametrize(
    "header", ["", "Token", "Token ", "Token no-such", "Bearer x", "Basic eDp5", "token x"]
)
def test_without_a_good_token_401(cast: Cast, header: str) -> None:
    response = Client(headers={"Authorization": header} if header else {}).get("/api/v1/cases/")
    problem(response, 401)
    assert response["WWW-Authenticate"] == "Token"


def test_a_token_in_the_address_does_not_count(cast: Cast) -> None:
    token = register(cast, "clerk")
    problem(Client().get(f"/api/v1/cases/?token={token}"), 401)


@pytest.mark.parametrize("change", ["expired", "stopped", "post ended", "account closed"])
def test_a_client_that_no_longer_counts_401(cast: Cast, change: str) -> None:
    client = api_client(cast, "clerk")
    assert client.get("/api/v1/cases/").status_code == 200
    if change == "expired":
        ApiClient.objects.update(expires_on=date(2026, 9, 17))
    elif change == "stopped":
        ApiClient.objects.update(is_active=False)
    elif change == "post ended":
        Post.objects.filter(pk=cast.clerk.post_id or 0).update(ends_on=date(2026, 9, 17))
    else:
        account = cast.accounts["clerk"]
        account.is_active = False
        account.save()
    problem(client.get("/api/v1/cases/"), 401)


def test_a_client_for_reading_does_not_act(cast: Cast) -> None:
    client = api_client(cast, "clerk", scopes="read")
    assert client.get("/api/v1/cases/").status_code == 200
    problem(send(client, "/api/v1/cases/", road.application(1) | {"key": "k"}), 403)
    assert not Case.objects.exists()


def test_a_browser_session_needs_the_csrf_token(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.accounts["clerk"])
    assert client.get("/api/v1/cases/").status_code == 200
    problem(send(client, "/api/v1/cases/", road.application(1) | {"key": "k"}), 403)


def test_a_session_that_rested_too_long_is_no_way_in(cast: Cast) -> None:
    client = cast.client("clerk")
    client.get("/cases/")
    session = client.session
    session["seen_at"] = session["seen_at"] - 31 * 60
    session.save()
    problem(client.get("/api/v1/cases/"), 401)


def test_throttle_answers_429_and_leaves_others_alone(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    from yuquan_relief.kernel.api import ClientThrottle

    monkeypatch.setattr(ClientThrottle, "rate", "3/min", raising=False)
    one, two = api_client(cast, "clerk"), api_client(cast, "staff")
    assert [one.get("/api/v1/cases/").status_code for _ in range(3)] == [200] * 3
    refused = one.get("/api/v1/cases/")
    problem(refused, 429)
    assert int(refused["Retry-After"]) > 0
    assert two.get("/api/v1/cases/").status_code == 200


# ------------------------------------------------------------------ what is refused


def test_403_404_405_409(cast: Cast) -> None:
    case = road.accepted(cast)
    client = api_client(cast, "staff")
    path = f"/api/v1/cases/{case.no}/"
    problem(send(api_client(cast, "auditor"), f"{path}accept/", {}), 403)
    problem(send(client, "/api/v1/cases/YQ-NONE/accept/", {}), 404)
    problem(send(client, f"{path}no_such_step/", {}), 404)
    problem(send(client, f"{path}submit/", {}), 404)
    problem(send(client, f"{path}close_review_notice/", {}), 404)
    problem(client.get(f"{path}accept/"), 405)
    problem(client.put(path, "{}", content_type="application/json"), 405)
    body = problem(send(client, f"{path}accept/", {}), 409)
    assert "第四条（一）1" in body["detail"]


def test_foreign_and_missing_are_the_same_bytes(cast: Cast) -> None:
    case = road.submitted(cast)
    client = api_client(cast, "foreign_staff")
    theirs = client.get(f"/api/v1/cases/{case.no}/")
    none = client.get("/api/v1/cases/YQ-NONE/")
    assert theirs.content == none.content
    problem(theirs, 404)


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "text/plain", "text/xml"]
)
def test_another_content_type_415(cast: Cast, content_type: str) -> None:
    client = api_client(cast, "clerk")
    problem(client.post("/api/v1/cases/", "key=1", content_type=content_type), 415)


@pytest.mark.parametrize(
    "query", ["ordering=password", "fields=*", "page=1", "page_size=1000000", "x="]
)
def test_an_unknown_filter_400(cast: Cast, query: str) -> None:
    problem(api_client(cast, "clerk").get(f"/api/v1/cases/?{query}"), 400)


@pytest.mark.parametrize(
    "query",
    [
        "village=²",
        "after=²",
        "after=-1",
        "after=1",
        "before=999999999999999999999999",
        "village=999999999999999999999999",
        "state=%F0%9F%98%80",
        "programme=%27%20OR%201=1",
        "late=" + "x" * 5000,
    ],
)
def test_strange_filters_are_no_failure(cast: Cast, query: str) -> None:
    road.submitted(cast)
    client = api_client(cast, "staff")
    client.raise_request_exception = False
    assert client.get(f"/api/v1/cases/?{query}").status_code in (200, 400)


GOOD = road.application(1) | {"key": "k"}
BODIES: dict[str, Any] = {
    "nothing": "",
    "a list": "[]",
    "null": "null",
    "a number": "5",
    "a comma too many": '{"key": "k",}',
    "a comment": '{"key": "k" /* x */}',
    "deep": "[" * 100_000,
    "deep objects": '{"a":' * 50_000,
    "1e999": '{"key": "k", "phone": 1e999}',
    "NaN": '{"key": NaN}',
    "cut": '{"key": "k',
    "utf-16": '{"key": "k"}'.encode("utf-16"),
    "nul in the key": GOOD | {"key": "a\x00b"},
    "surrogate in the key": json.dumps(GOOD | {"key": "k"}).replace('"k"', '"\\ud800"'),
    "members as text": GOOD | {"members": "x"},
    "members as an object": GOOD | {"members": {}},
    "a member as text": GOOD | {"members": ["x"]},
    "no members": GOOD | {"members": []},
    "31 members": GOOD | {"members": GOOD["members"] * 16},
    "programme as a list": GOOD | {"programme": []},
    "kin as a list": GOOD | {"kin_declared": []},
    "proxy as an object": GOOD | {"is_by_proxy": {}},
    "counts as a list": GOOD | {"members": [GOOD["members"][0] | {"counts_for_income": []}]},
    "insured as an object": GOOD | {"members": [GOOD["members"][0] | {"is_insured": {}}]},
    "incomes as text": GOOD | {"members": [GOOD["members"][0] | {"incomes": "x", "name": 5}]},
    "an income as a number": GOOD
    | {"members": [GOOD["members"][0] | {"incomes": [{"kind": "WAGES", "annual": 1.5}]}]},
    "income kind as a list": GOOD
    | {"members": [GOOD["members"][0] | {"incomes": [{"kind": [], "annual": "1"}]}]},
    "phone as a number": GOOD | {"phone": 19900000000},
    "account kind as a list": GOOD | {"account_kind": ["card"]},
    "a very long reason": GOOD | {"reason": "长" * 100_000},
    "surrogate in the reason": json.dumps(GOOD | {"reason": "R"}).replace('"R"', '"\\ud800"'),
}


@pytest.mark.parametrize("name", sorted(BODIES))
def test_a_bad_application_400(cast: Cast, name: str) -> None:
    client = api_client(cast, "clerk")
    body = BODIES[name]
    client.raise_request_exception = False
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    response = client.post("/api/v1/cases/", text, content_type="application/json")
    problem(response, 400)
    assert not Case.objects.exists()


@pytest.mark.parametrize(
    "body",
    ["[]", "null", '"x"', '{"code": "\\ud800"}', '{"code": ["a"]}', '{"opinion": "a\\u0000b"}'],
)
@pytest.mark.parametrize("step", ["approve", "send_back", "accept", "record_survey"])
def test_a_bad_step_is_no_failure(cast: Cast, step: str, body: str) -> None:
    case = road.to_decide(cast)
    who = {"approve": "leader", "send_back": "leader", "accept": "staff", "record_survey": "clerk"}
    form = body
    if body.startswith("{"):
        form = json.dumps({"note": "x", "opinion": "x"} | SURVEY | json.loads(body))
    response = send(api_client(cast, who[step]), f"/api/v1/cases/{case.no}/{step}/", form)
    allowed = (200, 400, 409) if step == "send_back" else (400, 409)
    assert response.status_code in allowed, response.content.decode()[:300]


SURVEY = {
    "visited_on": "2026-09-18",
    "present": "甲",
    "housing": "有",
    "living": "简",
    "is_true": True,
    "code": "x",
}


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"", 409), (b"<html>", 415), (road.photo()[:-300], 415), (b"%PDF-1.7", 415)],
)
def test_bad_files_are_answered_as_on_the_pages(cast: Cast, content: bytes, status: int) -> None:
    case = road.submitted(cast)
    client = api_client(cast, "clerk")
    client.raise_request_exception = False
    upload = SimpleUploadedFile("a.jpg", content, "image/jpeg")
    response = client.post(f"/api/v1/cases/{case.no}/files/", {"slot": "id_card", "file": upload})
    problem(response, status)


@pytest.mark.parametrize("slot", ["a\x00b", "no_such_slot", "notice_photo"])
def test_a_slot_outside_the_list_is_refused_as_on_the_pages(cast: Cast, slot: str) -> None:
    case = road.submitted(cast)
    client = api_client(cast, "clerk")
    client.raise_request_exception = False
    upload = SimpleUploadedFile("a.jpg", road.photo((3, 3, 3)), "image/jpeg")
    response = client.post(f"/api/v1/cases/{case.no}/files/", {"slot": slot, "file": upload})
    assert response.status_code in (400, 404, 409)


def test_a_closed_case_takes_no_file_by_interface_either(cast: Cast) -> None:
    case = road.approved(cast)
    client = api_client(cast, "clerk")
    upload = SimpleUploadedFile("a.jpg", road.photo((3, 3, 3)), "image/jpeg")
    response = client.post(f"/api/v1/cases/{case.no}/files/", {"slot": "id_card", "file": upload})
    problem(response, 409)


# ------------------------------------------------------------------ the corpus, by both ways in

FIELDS = {
    "identity": ("members", "id_no"),
    "name": ("members", "name"),
    "money_form": ("members", "annual"),
    "card": ("", "account_number"),
    "phone": ("", "phone"),
    "line": ("", "reason"),
}


def inputs(*, refused: bool) -> list[Any]:
    found = []
    for case in CORPUS["case"]:
        is_refused = bool({"code", "code_any"} & case.keys())
        if case["field"] in FIELDS and is_refused == refused:
            found += [
                pytest.param(case["field"], text, id=f"{case['id']}-{case['field']}-{n}")
                for n, text in enumerate(case["texts"])
                if refused or n == 0
            ]
    return found


def application_with(field: str, text: str) -> dict[str, Any]:
    """A good application with one text of the corpus in its place."""
    where, name = FIELDS[field]
    body: dict[str, Any] = json.loads(json.dumps(road.application(1)))
    if name == "annual":
        body["members"][0]["incomes"][0]["annual"] = text
    elif where == "members":
        body["members"][0][name] = text
        if name == "name":
            body["holder"] = body["members"][1]["name"]
    else:
        body[name] = text
    return body


@pytest.mark.parametrize(("field", "text"), inputs(refused=True))
def test_refused_input_is_refused_by_the_interface(
    cast: Cast, caplog: pytest.LogCaptureFixture, field: str, text: str
) -> None:
    client = api_client(cast, "clerk")
    with caplog.at_level(logging.DEBUG):
        body = problem(
            send(client, "/api/v1/cases/", application_with(field, text) | {"key": "k"}), 400
        )
    assert body["errors"]
    assert not Case.objects.exists()
    if len(text.strip()) >= 8:
        assert text.strip() not in caplog.text
        assert text.strip() not in json.dumps(body, ensure_ascii=False)


@pytest.mark.parametrize(("field", "text"), inputs(refused=False))
def test_accepted_input_is_accepted_by_the_interface(cast: Cast, field: str, text: str) -> None:
    response = send(
        api_client(cast, "clerk"),
        "/api/v1/cases/",
        application_with(field, text) | {"key": "k"},
    )
    assert response.status_code == 201, response.content.decode()


def typed() -> list[Any]:
    """Every third refused text; NUL bytes are dropped by the draft before they are read."""
    return [p for p in inputs(refused=True) if "\x00" not in p.values[1]][::3]


@pytest.mark.parametrize(("field", "text"), typed())
def test_refused_input_is_refused_by_the_pages(cast: Cast, field: str, text: str) -> None:
    client = cast.client("clerk")
    client.raise_request_exception = False
    url = client.post("/apply/", {"programme": "URBAN_ALLOWANCE"})["Location"]
    sent = flat(application_with(field, text))
    statuses = [
        client.post(f"{url}{topic}/", sent).status_code
        for topic in ("applicant", "members", "incomes", "account")
    ]
    assert max(statuses) == 422
    assert client.post(f"{url}check/").status_code == 422


# ------------------------------------------------------------------ the description


def test_schema_is_made_without_warnings() -> None:
    from drf_spectacular.drainage import GENERATOR_STATS
    from drf_spectacular.generators import SchemaGenerator

    GENERATOR_STATS.reset()
    with GENERATOR_STATS.silence(), warnings.catch_warnings():
        warnings.simplefilter("error", DeprecationWarning)
        generator: Any = SchemaGenerator
        schema = generator().get_schema(public=True)
    told = [*GENERATOR_STATS._warn_cache, *GENERATOR_STATS._error_cache]
    assert told == []
    assert {"/api/v1/cases/", "/api/v1/cases/{no}/{step}/"} <= set(schema["paths"])


def test_schema_and_its_page_are_served(cast: Cast) -> None:
    assert Client().get("/api/schema/").status_code == 200
    assert Client().get("/api/docs/").status_code == 200


def test_no_password_opens_the_interface(cast: Cast) -> None:
    client = Client(headers={"Authorization": f"Token {PASSWORD}"})
    problem(client.get("/api/v1/cases/"), 401)
