"""Bad input in the new topics: a sentence at the field, nothing lost, never a 500."""

import json
from typing import Any

import pytest

from cases.models import Case, Draft
from tests import road_relief as roads
from tests.api.clients import api_client
from tests.cases.days import at
from tests.cast import Cast
from yuquan_relief.kernel.models import ApiClient

LONG = "长" * 1200
TEXTS = ["\u202e倒写", "a\u0000b", LONG, "\ufffd", "  ", "<script>alert(1)</script>"]
MONEY = ["-5", "1e9", "一百", "1.234", "99999999999999999999", "￥", LONG]
DAYS = ["2026-13-45", "昨天", "0000-00-00", "2999-01-01", "26-9-1"]
CHOICES = ["", "NOT_THERE", "'; DROP TABLE", LONG]
COUNTS = ["-1", "0x10", "１２３４５", "1.5", "很多"]

RELIEF: list[tuple[str, str]] = [
    *(("claim_place", text) for text in TEXTS if "<" not in text),
    *((name, text) for name in ("claim_total", "claim_covered", "claim_asked") for text in MONEY),
    *(("claim_on", text) for text in DAYS),
    *((name, text) for name in ("claim_cause", "claim_class") for text in CHOICES),
]
ROWS: list[tuple[str, str, str]] = [
    *(("obligors", "name", text) for text in TEXTS if text.strip() and "<" not in text),
    *(("obligors", "month", text) for text in MONEY),
    *(("obligors", "support", text) for text in MONEY),
    *(("obligors", "persons", text) for text in COUNTS),
    *(("obligors", name, text) for name in ("relation", "ground") for text in CHOICES[1:]),
    *(("property", "value", text) for text in MONEY),
    *(("property", "area", text) for text in COUNTS),
    *(("property", "kind", text) for text in CHOICES[1:]),
    *(("property", "note", text) for text in TEXTS if "<" not in text),
]
OWNED = {"kind": "VEHICLE", "note": "旧车", "value": "3000", "area": "0"}


def send(cast: Cast, data: dict[str, Any]) -> tuple[int, set[str]]:
    """The interface's answer and the fields that it names."""
    body = json.dumps(data | {"key": data["members"][0]["id_no"]})
    name = f"clerk-{ApiClient.objects.count()}"
    client = api_client(cast, "clerk", name=name)
    with at(roads.START):
        answer = client.post("/api/v1/cases/", body, content_type="application/json")
    named = {e.get("field", "") for e in answer.json().get("errors", []) if isinstance(e, dict)}
    return answer.status_code, named


@pytest.mark.parametrize(("field", "text"), RELIEF)
def test_a_claim_is_refused_at_its_field(cast: Cast, field: str, text: str) -> None:
    status, named = send(cast, roads.relief_application() | {field: text})
    assert status == 400
    assert field in named
    assert not Case.objects.exists()


@pytest.mark.parametrize(("table", "field", "text"), ROWS)
def test_a_row_is_refused_at_its_field(cast: Cast, table: str, field: str, text: str) -> None:
    data = roads.destitute_application()
    rows = data["obligors"] if table == "obligors" else [OWNED]
    status, named = send(cast, data | {table: [rows[0] | {field: text}]})
    assert status == 400
    assert f"{table}-0-{field}" in named
    assert not Case.objects.exists()


def test_what_is_well_written_is_taken(cast: Cast) -> None:
    assert send(cast, roads.relief_application())[0] == 201
    data = roads.destitute_application(7) | {"property": [OWNED]}
    assert send(cast, data)[0] == 201


@pytest.mark.parametrize("topic", ["claim", "property", "obligors", "support"])
def test_the_page_keeps_what_was_typed(cast: Cast, topic: str) -> None:
    client = cast.client("clerk")
    programme = "EXPENSE_RELIEF" if topic == "claim" else "RURAL_DESTITUTE"
    url = client.post("/apply/", {"programme": programme})["Location"]
    typed = {
        "claim": {"claim_place": "演练地点", "claim_on": "昨天"},
        "property": {"property-0-kind": "VEHICLE", "property-0-note": "旧车",
                     "property-0-value": "一百"},
        "obligors": {"obligors-0-name": "演练丁", "obligors-0-relation": "SIBLING",
                     "obligors-0-persons": "很多", "obligors-0-ground": "OLD70"},
        "support": {"support": "NOT_THERE"},
    }[topic]  # fmt: skip
    answer = client.post(f"{url}{topic}/", typed)
    assert answer.status_code == 422
    draft = Draft.objects.get()
    assert {name: draft.answers.get(name) for name in typed} == typed
    shown = answer.content.decode()
    assert all(text in shown for name, text in typed.items() if name != "support")


def test_more_rows_than_the_page_has_are_no_error_of_the_server(cast: Cast) -> None:
    data = roads.destitute_application() | {"obligors": [{"name": "甲"}] * 40}
    assert send(cast, data)[0] == 400
    assert send(cast, roads.destitute_application() | {"property": "车"})[0] == 400
