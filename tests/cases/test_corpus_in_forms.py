"""The corpus through every field of the newer forms: refused at its field, nothing typed lost."""

import json
from datetime import date
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms import BoundField
from django.test import Client
from django.utils.html import escape

from cases.views.public import PublicThrottle
from tests import corpus, road
from tests.api.clients import api_client
from tests.cases.days import at
from tests.cases.doors import DOORS, PAGES, STEPS, Door, fields, values
from tests.cast import Cast
from tests.corpus import is_sentence
from tests.deep import within_bounds
from yuquan_relief.kernel.api import ClientThrottle

TURNED = "腿\u202e伤"
IN_SMALL = 8  # texts of each kind that go through each field in small bounds


@pytest.fixture(autouse=True)
def _many_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    for throttle in (PublicThrottle, ClientThrottle):
        monkeypatch.setattr(throttle, "rate", "100000/hour", raising=False)


def faults(response: Any, name: str, sent: dict[str, str]) -> list[str]:
    """What is wrong with the answer to a refused text: silence, another field, or a loss."""
    if response.status_code != 422:
        return [f"{response.status_code}"]
    form, page = response.context["form"], response.content.decode()
    found = [] if is_sentence(form.errors.get(name, [])) else [f"no sentence at {name}"]
    found += [f"also at {other}" for other in form.errors if other != name]
    found += [] if f'href="#{_target(form[name])}"' in page else [f"no link to {name}"]
    return found + lost(form, page, sent)


def _target(bound: Any) -> str:
    return f"{bound.auto_id}_0" if bound.use_fieldset else bound.id_for_label


def lost(form: Any, page: str, sent: dict[str, str]) -> list[str]:
    """Fields whose answer is not shown again as it was given; a code never is."""
    return [f"{k} is lost" for k, v in sent.items() if k != "code" and not _kept(form[k], v, page)]


def _kept(bound: Any, value: str, page: str) -> bool:
    choices = getattr(bound.field, "choices", None)
    if choices is None:
        return escape(value) in page
    if value not in {str(code) for code, _ in choices}:
        return True  # what was never offered cannot be shown as chosen
    return bound.value() in ([value], value)


def opened(cast: Cast, door: Door) -> Client:
    """The browser of whoever fills in the form; on the public page that is anybody."""
    client = cast.client(door.who) if door.who else Client()
    client.raise_request_exception = False
    return client


def found_by_page(
    cast: Cast, door: str, name: str, texts: list[str] | None = None
) -> dict[str, list[str]]:
    """Refused texts (all, if none are given) that the page answers wrongly, with what is wrong."""
    form, client = DOORS[door], opened(cast, DOORS[door])
    texts = texts or within_bounds(corpus.refused(form.kinds[name]), IN_SMALL)
    stage = form.stage(cast)
    good, here = values(form, stage), stage.names.get(name, name)
    with at(stage.on):
        answers = {
            text: faults(client.post(stage.url, good | {here: text}), here, good | {here: text})
            for text in texts
        }
    return {text[:40]: wrong for text, wrong in answers.items() if wrong}


@pytest.mark.parametrize(("door", "name"), fields(DOORS))
def test_what_is_refused_is_said_at_its_field_and_nothing_is_lost(
    cast: Cast, door: str, name: str
) -> None:
    assert found_by_page(cast, door, name) == {}


def test_twin_a_field_that_judges_nothing_is_found(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yuquan_relief.kernel.forms.names.clean_text", lambda text, **_: text)
    assert found_by_page(cast, "extend", "told_how", [TURNED])[TURNED] == ["302"]


def test_twin_a_page_that_shows_nothing_again_is_found(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BoundField, "value", lambda field: None)
    wrong = found_by_page(cast, "extend", "told_how", [TURNED])[TURNED]
    assert wrong == ["reason is lost", "note is lost", "told_how is lost"]


MAY_BE_EMPTY = {
    *(("settle_relief", name) for name in ("special", "new_reason")),
    *(("hand_over", name) for name in ("amount", "what", "outcome", "cash_reason")),
    *(("settle_standing", name) for name in ("labour_ground", "line_reason", "ground_reason")),
    ("assess_self_care", "note"),
    *(("arrange_care", name) for name in ("carer_relation", "carer_phone", "month_pay")),
    ("reassess_self_care", "note"),
    *(("record_survey", name) for name in ("utilities", "luxury")),
    *(("return_means_check", f"person-0-{part}") for part in ("member", "kind", "note")),
    ("leads", "phone"),
    ("public_objection", "contact"),
}
ASKED_FOR = [f for f in fields(DOORS) if f not in MAY_BE_EMPTY]


@pytest.mark.parametrize(("door", "name"), ASKED_FOR)
def test_what_is_left_out_is_asked_for_by_its_name(cast: Cast, door: str, name: str) -> None:
    form, client = DOORS[door], opened(cast, DOORS[door])
    stage = form.stage(cast)
    good, here = values(form, stage), stage.names.get(name, name)
    with at(stage.on):
        blank = client.post(stage.url, good | {here: ""})
        del good[here]
        answer = client.post(stage.url, good | {"sent": "1"})
    assert (blank.status_code, faults(answer, here, good)) == (422, [])
    bound = answer.context["form"][here]
    (said,) = bound.errors
    assert said.startswith("请")
    assert bound.label.split("（")[0] in said


FAULTY = ("day", "money", "choice", "count")


def taken(door: str) -> str:
    """A field of the form that can be left out with a fault; the others are judged beside it."""
    return next(f for f, kind in DOORS[door].kinds.items() if kind in FAULTY)


TAKEN = [
    (door, name)
    for door, name in fields(DOORS)
    if door not in ("standing_notice", "public_objection")
    and name not in (taken(door), "bed")  # the number of a bed is shorter than these texts
    and corpus.accepted(DOORS[door].kinds[name])
]


@pytest.mark.parametrize(("door", "name"), TAKEN)
def test_what_is_well_written_stands_while_another_field_is_mended(
    cast: Cast, door: str, name: str
) -> None:
    form, client = DOORS[door], opened(cast, DOORS[door])
    stage = form.stage(cast)
    spoilt, here = (stage.names.get(f, f) for f in (taken(door), name))
    sent = values(form, stage) | {spoilt: "NOT_THERE"}
    with at(stage.on):
        answers = {
            text: faults(client.post(stage.url, sent | {here: text}), spoilt, sent | {here: text})
            for text in within_bounds(corpus.accepted(form.kinds[name]), IN_SMALL)
        }
    assert {text: wrong for text, wrong in answers.items() if wrong} == {}


FILES = {
    "empty": ("a.jpg", b"", 422),
    "another kind": ("a.jpg", b"GIF89a;", 409),
    "a picture of markup": ("a.svg", b"<svg onload='alert(1)'/>", 409),
    "cut off": ("a.jpg", road.photo()[:-400], 409),
    "a long name": ("长" * 300 + ".jpg", b"x", 409),
    "too big": ("a.jpg", b"\xff\xd8\xff" + bytes(21 * 2**20), 409),
}


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize(("door", "name"), [("hand_over", "receipt"), ("standing_notice", "photo")])
def test_a_file_that_is_none_is_said_and_the_words_stay(
    cast: Cast, door: str, name: str, kind: str
) -> None:
    road.approved(cast, 5)  # somebody is on the long-term list
    form, client = DOORS[door], opened(cast, DOORS[door])
    stage = form.stage(cast)
    sent = values(form, stage) | ({"method": "CASH"} if door == "hand_over" else {})
    title, content, status = FILES[kind]
    with at(stage.on if door == "hand_over" else date(2026, 12, 1)):
        answer = client.post(stage.url, sent | {name: SimpleUploadedFile(title, content)})
    page = answer.content.decode()
    assert (answer.status_code, lost(answer.context["form"], page, sent)) == (status, [])
    assert 'id="error-summary"' in page


# ------------------------------------------------------------------ the same forms by interface


def api_faults(response: Any, name: str) -> list[str]:
    """What is wrong with the interface's answer to a refused text."""
    if response.status_code != 400:
        return [f"{response.status_code}"]
    errors = response.json()["errors"]
    words = [e["message"] for e in errors.get(name, [])]
    found = [] if is_sentence(words) else [f"no sentence at {name}"]
    return found + [f"also at {other}" for other in errors if other != name]


def called(cast: Cast, path: str, who: str, bodies: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The interface's answer to each body."""
    client = api_client(cast, who)
    client.raise_request_exception = False
    return {
        text: client.post(path, json.dumps(body), content_type="application/json")
        for text, body in bodies.items()
    }


BY_INTERFACE = fields(STEPS) + [("objection", name) for name in PAGES["objection"].kinds]


def found_by_interface(cast: Cast, door: str, name: str) -> dict[str, list[str]]:
    """Refused texts that the interface answers wrongly, with what is wrong."""
    form = DOORS[door]
    stage = form.stage(cast)
    good, here = values(form, stage), stage.names.get(name, name)
    path = f"/api/v1{stage.url}".replace("/object/", "/objections/")
    bodies = {
        text: good | {here: text}
        for text in within_bounds(corpus.refused(form.kinds[name]), IN_SMALL)
    }
    with at(stage.on):
        answers = called(cast, path, form.who, bodies)
    wrong = {text[:40]: api_faults(answer, here) for text, answer in answers.items()}
    return {text: what for text, what in wrong.items() if what}


@pytest.mark.parametrize(("door", "name"), BY_INTERFACE)
def test_what_is_refused_is_refused_by_interface_at_the_same_field(
    cast: Cast, door: str, name: str
) -> None:
    assert found_by_interface(cast, door, name) == {}


def test_twin_what_nobody_judges_is_taken_by_interface(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("yuquan_relief.kernel.forms.names.clean_text", lambda text, **_: text)
    assert found_by_interface(cast, "extend", "told_how")["腿\u202e伤"] == ["200"]
