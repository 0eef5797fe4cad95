"""Incomes with their period and evidence, from the application to the account (F02, F11)."""

import json
from typing import Any

import pytest

from cases.models import Case, Draft, IncomeLine
from cases.models.record import CaseRecord
from cases.operations import applications
from cases.operations.content import content_of
from tests import road
from tests.api.clients import api_client
from tests.cases.answers import filled_draft
from tests.cases.days import at
from tests.cast import Cast
from yuquan_relief.kernel.signing import content_digest

ON = road.START
SLIP = "工资单（2026年3月至5月）"


def family(**income: str) -> dict[str, Any]:
    """The usual application, with more said of its one income."""
    body = road.application(1)
    body["members"][0]["incomes"] = [{"kind": "WAGES", "annual": "12000"} | income]
    return body


def sent(cast: Cast, **income: Any) -> Any:
    """The interface's answer to it."""
    body = json.dumps(family(**income) | {"key": "income"})
    with at(ON):
        return api_client(cast, "clerk").post(
            "/api/v1/cases/", body, content_type="application/json"
        )


def settled_page(cast: Cast, case: Case) -> str:
    """The page on which the office adopts incomes."""
    road.means_check(cast, case, ON)
    with at(ON):
        return str(cast.client("staff").get(f"/cases/{case.no}/settle_income/").content.decode())


# ------------------------------------------------------------------ by interface


@pytest.mark.parametrize(
    ("said", "months", "evidence"),
    [
        ({}, 12, ""),
        ({"months": "3", "evidence": SLIP}, 3, SLIP),
        ({"months": "12"}, 12, ""),
        ({"months": "１", "evidence": "  银行流水 "}, 1, "银行流水"),
        ({"months": "", "evidence": ""}, 12, ""),
        ({"evidence": "长" * 100}, 12, "长" * 100),
    ],
)
def test_period_and_evidence_are_kept(
    cast: Cast, said: dict[str, str], months: int, evidence: str
) -> None:
    assert sent(cast, **said).status_code == 201
    line = IncomeLine.objects.get()
    assert (line.months, line.evidence, line.declared_fen) == (months, evidence, 12_000_00)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"months": "0"}, "months"),
        ({"months": "13"}, "months"),
        ({"months": "-1"}, "months"),
        ({"months": "2.5"}, "months"),
        ({"months": "三"}, "months"),
        ({"months": "²"}, "months"),
        ({"months": "1e1"}, "months"),
        ({"months": "9" * 400}, "months"),
        ({"evidence": "长" * 101}, "evidence"),
        ({"evidence": "工资单\u202e"}, "evidence"),
        ({"evidence": "a\x00b"}, "evidence"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    cast: Cast, said: dict[str, str], field: str
) -> None:
    answer = sent(cast, **said)
    assert answer.status_code == 400
    assert [e["field"] for e in answer.json()["errors"]] == [f"members-0-incomes-0-{field}"]
    assert not Case.objects.exists()


@pytest.mark.parametrize("said", [{"months": 3}, {"months": None}, {"evidence": ["a"]}])
def test_another_type_is_never_a_failure(cast: Cast, said: dict[str, Any]) -> None:
    assert sent(cast, **said).status_code in (201, 400)


# ------------------------------------------------------------------ by form

AT = "members-0-incomes-0-"


def typed(cast: Cast, **said: str) -> tuple[Draft, Any]:
    """A filled draft, and the answer of its page about incomes."""
    draft = filled_draft(cast)
    page = {AT + "kind": "WAGES", AT + "annual": "12000", AT + "months": "", AT + "evidence": ""}
    page |= {AT + name: value for name, value in said.items()}
    client = cast.client("clerk")
    client.raise_request_exception = False
    with at(ON):
        answer = client.post(
            f"/apply/{draft.key}/incomes/", page | {"base_version": str(draft.version)}
        )
    return draft, answer


def test_the_form_asks_for_both_and_keeps_them(cast: Cast) -> None:
    draft, answer = typed(cast, months="3", evidence=SLIP)
    assert answer.status_code == 302
    page = cast.client("clerk").get(f"/apply/{draft.key}/incomes/").content.decode()
    assert SLIP in page
    case = applications.submit_draft(draft.key, actor=cast.clerk, on=ON)
    line = IncomeLine.objects.get(case=case)
    assert (line.months, line.evidence) == (3, SLIP)


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(cast: Cast) -> None:
    draft, answer = typed(cast, months="13", evidence=SLIP)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'href="#id_{AT}months"' in page
    assert SLIP in page
    draft.refresh_from_db()
    assert draft.answers[AT + "months"] == "13"


def test_a_field_is_saved_as_it_is_typed(cast: Cast) -> None:
    draft = filled_draft(cast)
    patch = {"field": AT + "evidence", "value": SLIP, "base_version": 0}
    answer = cast.client("clerk").post(
        f"/apply/{draft.key}/save/", json.dumps(patch), content_type="application/json"
    )
    assert answer.status_code == 200
    draft.refresh_from_db()
    assert draft.answers[AT + "evidence"] == SLIP


# ------------------------------------------------------------------ to the account


def declared(cast: Cast, **income: str) -> Case:
    """An accepted case with this income."""
    return road.accepted(cast, members=family(**income)["members"])


@pytest.mark.clause("3(1)")
@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"months": "3", "evidence": SLIP}, f"近一年里 3 个月，{SLIP}"),
        ({"months": "3"}, "近一年里 3 个月"),
        ({"evidence": SLIP}, SLIP),
    ],
)
def test_who_settles_sees_on_what_it_rests(cast: Cast, said: dict[str, str], words: str) -> None:
    case = declared(cast, **said)
    assert f"工资性收入　{words}" in settled_page(cast, case)
    page = cast.client("staff").get(f"/cases/{case.no}/family/").content.decode()
    assert words in page
    assert IncomeLine.objects.get(case=case).basis_text == words


def test_a_year_without_papers_says_nothing(cast: Cast) -> None:
    case = declared(cast)
    assert IncomeLine.objects.get(case=case).basis_text == ""
    assert "近一年里" not in settled_page(cast, case)


def test_markup_in_the_evidence_is_shown_as_text(cast: Cast) -> None:
    case = declared(cast, evidence="<img src=x onerror=alert(1)>")
    page = settled_page(cast, case)
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def test_months_change_no_sum(cast: Cast) -> None:
    """What is declared is the sum of the year, in however many months it was earned."""
    sums = []
    for serial, said in ((1, {}), (2, {"months": "3"})):
        members = road.application(serial)["members"]
        members[0]["incomes"][0] |= said
        case = road.investigated(cast, serial, members=members)
        account = CaseRecord(case, ON).account
        assert account is not None
        sums.append((account.annual_fen, account.monthly_fen))
    assert sums[0] == sums[1]


def test_both_are_part_of_what_is_signed(cast: Cast) -> None:
    case = declared(cast, months="3", evidence=SLIP)
    (signed,) = content_of(CaseRecord(case, ON), "propose")["income"]
    assert (signed["months"], signed["evidence"]) == (3, SLIP)
    before = content_digest(content_of(CaseRecord(case, ON), "propose"))
    IncomeLine.objects.filter(case=case).update(months=4)
    assert content_digest(content_of(CaseRecord(road.fresh(case), ON), "propose")) != before


def test_what_was_signed_before_they_were_asked_for_reads_the_same(cast: Cast) -> None:
    case = declared(cast)
    (signed,) = content_of(CaseRecord(case, ON), "propose")["income"]
    assert not {"months", "evidence"} & set(signed)
