"""The interface to statistics (5(8)): who may ask, what is wrong with a question, what comes again,
and that no answer has anybody's name; the example of the documentation runs."""

import gzip
import importlib.util
import io
import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

import pytest
from django.test import Client

from cases.models import Benefit
from supervision.rules.figures import FIGURES, GROUPS
from tests.api.clients import register
from tests.cast import Cast, unit
from tests.supervision.asking import ROOT, caller, households, lines, problem, value
from tests.supervision.ground import ON, Ground
from yuquan_relief.kernel import roles
from yuquan_relief.kernel.models import Unit

pytestmark = pytest.mark.usefixtures("that_day")


# ------------------------------------------------------------------ who asks what


def test_the_schema_has_the_address_its_parameters_and_an_example() -> None:
    schema = Client().get("/api/schema/?format=json").json()
    get = schema["paths"]["/api/v1/stats/{group}/"]["get"]
    assert {p["name"] for p in get["parameters"]} == {
        "group", "from", "to", "by", "office", "programme",
    }  # fmt: skip
    (group,) = [p for p in get["parameters"] if p["name"] == "group"]
    assert set(group["schema"].get("enum", [])) == set(GROUPS)
    told = get["responses"]["200"]["content"]["application/json"]
    assert told["schema"]["$ref"].endswith("/Stats")
    assert told["examples"]  # an answer as it looks
    fields = schema["components"]["schemas"]["StatValue"]["properties"]
    assert {"value", "numerator", "denominator", "suppressed"} <= set(fields)


def test_every_group_answers_with_its_figures(cast: Cast, ground: Ground) -> None:
    ground.case()
    client = caller(cast)
    for group, codes in GROUPS.items():
        body = client.get(f"{ROOT}{group}/").json()
        assert tuple(line["code"] for line in body["values"]) == codes
        assert (body["group"], body["by"], body["as_of"]) == (group, "", f"{ON}")
        assert (body["first"], body["last"]) == ("2026-01-01", f"{ON}")
        for line in body["values"]:
            figure = FIGURES[line["code"]]
            assert (line["label"], line["cites"]) == (figure.label, figure.cites)
            assert line["unit"] == ("share" if figure.is_share else figure.unit)


def test_unknown_things_are_named(cast: Cast) -> None:
    client = caller(cast)
    problem(client.get(f"{ROOT}none/"), 404)
    wrong = {"sort": "x", "from": "2026", "to": "13", "by": "village", "programme": "X",
             "office": "159900009"}  # fmt: skip
    for name, text in wrong.items():
        body = problem(client.get(f"{ROOT}overview/", {name: text}), 400)
        assert list(body["errors"]) == [name]
    body = problem(client.get(f"{ROOT}overview/", {"from": "2026-05", "to": "2026-04"}), 400)
    assert list(body["errors"]) == ["from"]
    for strange in ({"office": "²"}, {"from": "0000-01"}, {"to": "9999-12"}, {"by": "x" * 5000}):
        client.raise_request_exception = False
        assert client.get(f"{ROOT}overview/", strange).status_code in (200, 400)
    assert client.post(f"{ROOT}overview/").status_code == 405


def test_tokens_have_the_scope_of_statistics_and_nothing_else(cast: Cast) -> None:
    problem(Client().get(f"{ROOT}overview/"), 401)
    for scopes in ("read", "read act"):
        problem(caller(cast, scopes=scopes).get(f"{ROOT}overview/"), 403)
    only = caller(cast, scopes="stats")
    assert only.get(f"{ROOT}overview/").status_code == 200
    problem(only.get("/api/v1/cases/"), 403)
    problem(caller(cast, "staff").get(f"{ROOT}overview/"), 403)
    problem(caller(cast, "accountant").get(f"{ROOT}overview/"), 403)
    for who in ("staff", "clerk", "worker"):
        assert cast.client(who).get(f"{ROOT}overview/").status_code == 403
    token = register(cast, "supervisor", name="old", scopes="stats", expires_on=date(2026, 1, 1))
    old = Client(headers={"Authorization": f"Token {token}"})
    problem(old.get(f"{ROOT}overview/"), 401)


def test_an_offices_program_sees_its_office_only(
    cast: Cast, ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    role = roles.ROLES["deputy_leader"]
    monkeypatch.setitem(roles.ROLES, "deputy_leader", replace(role, can=role.can | {"stats.view"}))
    households(ground, 6)
    households(ground, 9, cast.foreign_village)
    client = caller(cast, "leader")
    assert value(client) == 6
    rows = lines(client, "in_benefit", by="office")
    assert [(row["group"], row["value"]) for row in rows] == [(cast.office.code, 6)]
    assert value(client, office=cast.office.code) == 6
    problem(client.get(f"{ROOT}overview/", {"office": cast.other_office.code}), 400)
    other = unit("外区", "DISTRICT", "159800", None)
    outside = unit("外街道", "OFFICE", "159800001", other)
    problem(caller(cast).get(f"{ROOT}overview/", {"office": outside.code}), 400)


# ------------------------------------------------------------------ again, often


def test_the_same_answer_is_not_sent_twice(cast: Cast, ground: Ground) -> None:
    households(ground, 6)
    client = caller(cast)
    first = client.get(f"{ROOT}overview/")
    tag = first["ETag"]
    for given in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        again = client.get(f"{ROOT}overview/", headers={"If-None-Match": given})
        assert (again.status_code, again.content) == (304, b""), given
    assert again["ETag"] == tag
    assert client.get(f"{ROOT}overview/", headers={"If-None-Match": '"x"'}).status_code == 200
    households(ground, 6)
    changed = client.get(f"{ROOT}overview/", headers={"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed["ETag"] != tag


def test_a_packed_answers_tag_counts_too(cast: Cast, ground: Ground) -> None:
    """Packing makes the tag a weak one; with it the program asks again."""
    households(ground, 6)
    client = caller(cast)
    packed = client.get(f"{ROOT}overview/", headers={"Accept-Encoding": "gzip"})
    assert json.loads(gzip.decompress(packed.content))["group"] == "overview"
    headers = {"If-None-Match": packed["ETag"], "Accept-Encoding": "gzip"}
    assert client.get(f"{ROOT}overview/", headers=headers).status_code == 304


def test_so_many_questions_a_minute(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from yuquan_relief.kernel.api import ClientThrottle

    monkeypatch.setattr(ClientThrottle, "rate", "3/min", raising=False)
    one, two = caller(cast), caller(cast, name="two")
    assert [one.get(f"{ROOT}overview/").status_code for _ in range(4)] == [200] * 3 + [429]
    assert two.get(f"{ROOT}overview/").status_code == 200


# ------------------------------------------------------------------ the example


EXAMPLE = Path(__file__).resolve().parents[2] / "docs/api/stats_client.py"


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The example of the documentation; its requests are answered by this program."""

    def answered(request: Any) -> Any:
        parts = urlsplit(request.full_url)
        headers = {name.title(): text for name, text in request.header_items()}
        answer = Client(headers=headers).get(f"{parts.path}?{parts.query}")
        if answer.status_code != 200:
            body = io.BytesIO(answer.content)
            raise HTTPError(request.full_url, answer.status_code, "", answer.headers, body)
        found = io.BytesIO(answer.content)
        found.headers = answer.headers  # type: ignore[attr-defined]
        sent.append(answer)
        return found

    spec = importlib.util.spec_from_file_location("statistics_example", EXAMPLE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sent: list[Any] = []
    monkeypatch.setattr(module.urllib.request, "urlopen", answered)
    module.sent = sent  # type: ignore[attr-defined]
    return module


def test_the_example_asks_once_and_takes_the_rest_from_its_memory(
    cast: Cast, ground: Ground, example: Any
) -> None:
    households(ground, 6)
    token = register(cast, "supervisor", scopes="stats")
    client = example.Statistics("http://localhost/", token)
    first = client.get("overview", by="office", to="2026-11")
    assert client.get("overview", by="office", to="2026-11") == first
    assert len(example.sent) == 1
    assert next(v for v in first["values"] if v["code"] == "in_benefit")["value"] == 6
    with pytest.raises(ValueError, match="请按提示修改"):
        client.get("overview", to="x")
    with pytest.raises(ValueError, match="令牌"):
        example.Statistics("http://localhost", "no").get("overview")


def test_the_example_prints_a_group(
    cast: Cast, ground: Ground, example: Any, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    households(ground, 6)
    households(ground, 2, cast.foreign_village)
    monkeypatch.setenv("RELIEF_URL", "http://localhost")
    monkeypatch.setenv("RELIEF_TOKEN", register(cast, "supervisor", scopes="stats"))
    monkeypatch.setattr("sys.argv", ["statistics.py", "overview", "--to", "2026-11"])
    example.main()
    assert "合计\t在享户数\t8" in capsys.readouterr().out
    monkeypatch.setattr("sys.argv", ["statistics.py", "overview", "--by", "office"])
    example.main()
    assert "乙街道\t在享户数\t（基数太小，不提供）\t户" in capsys.readouterr().out


# ------------------------------------------------------------------ nobody's name


def test_no_answer_has_a_name_or_a_number_of_anybody(cast: Cast, ground: Ground) -> None:
    for n in range(6):
        case = ground.case(without="photos", state="APPROVED" if n else "REFUSED")
        ground.review(ground.benefit(), outcome="RAISE", due_on=ON)
    home, client = case.household, caller(cast)
    head = ground.head(home)
    secret = [home.head_name, head.id_no, head.id_tail, head.name, home.phone, case.no, home.key,
              Benefit.objects.latest("pk").key, Benefit.objects.latest("pk").certificate_no,
              home.accounts.get().number, home.address, cast.supervisor.name]  # fmt: skip
    text = ""
    for group in GROUPS:
        for by in ("", "office", "programme", "month"):
            text += client.get(f"{ROOT}{group}/", {"by": by}).content.decode()
    assert len(text) > 10_000
    assert [one for one in secret if one in text] == []
    ids = {f'"{u.pk}"' for u in Unit.objects.all()}
    assert not [one for one in ids if f'"group": {one}' in text or f'"group":{one}' in text]
