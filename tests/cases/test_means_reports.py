"""What the report says of people is kept and shown to who signs, and decides nothing by itself."""

import json
from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from cases.models import Case, MeansCheck, MeansFinding
from cases.models.record import CaseRecord
from cases.operations import decisions, investigation
from cases.operations.content import content_of
from cases.operations.investigation import Finding
from cases.rules.programmes import FINDINGS
from tests import road
from tests import road_relief as roads
from tests.api.clients import api_client
from tests.cases.days import at
from tests.cases.reported import ON, asked, found_in, head_of, report, returned
from tests.cast import Cast
from yuquan_relief.kernel.errors import Refused

RULE = {
    "ORPHAN": "R04", "PAYROLL": "R23", "PRISON": "R13", "DEAD": "R13", "MARRIED": "R13",
    "MOVED": "R13",
}  # fmt: skip
ABOUT_PEOPLE = {"R04", "R13", "R23"}


@pytest.mark.clause("5(3)")
@pytest.mark.parametrize("kind", FINDINGS)
def test_each_finding_is_looked_at_under_its_rule(cast: Cast, kind: str) -> None:
    case = asked(cast, "ALLOWANCE")
    assert not ABOUT_PEOPLE & set(found_in(case))
    case = returned(cast, case, kind, note="平台比对")
    found = {rule: words for rule, words in found_in(case).items() if rule in ABOUT_PEOPLE}
    wanted = {RULE[kind]} if kind in RULE else set()
    assert set(found) == wanted
    for words in found.values():
        assert words[0].startswith(f"核对发现演练甲{FINDINGS[kind]}（平台比对）")


@pytest.mark.clause("4(3)")
@pytest.mark.parametrize(
    ("kind", "failed", "is_found"),
    [
        ("ORPHAN", None, True),
        ("ORPHAN", 0, True),
        ("ORPHAN", 6, True),
        ("NURSING", None, False),
        ("NURSING", 0, False),  # no care money is paid
        ("NURSING", 1, True),
        ("NURSING", 4, True),
    ],
)
def test_the_nursing_allowance_excludes_care_money_where_it_is_paid(
    cast: Cast, kind: str, failed: int | None, is_found: bool
) -> None:
    case = returned(cast, asked(cast, "DESTITUTE"), kind)
    if failed is not None:
        roads.assess(cast, case, failed=failed)
    found = found_in(case).get("R04", [])
    assert found == ([f"核对发现演练丙{FINDINGS[kind]}，不能同时享受"] if is_found else [])


@pytest.mark.parametrize(
    ("programme", "kind", "is_found"),
    [
        ("ALLOWANCE", "ORPHAN", True),
        ("ALLOWANCE", "NURSING", False),
        ("RELIEF", "ORPHAN", False),
        ("RELIEF", "NURSING", False),
    ],
)
def test_what_excludes_what_is_a_rule_of_each_programme(
    cast: Cast, programme: str, kind: str, is_found: bool
) -> None:
    case = returned(cast, asked(cast, programme), kind)
    assert ("R04" in found_in(case)) is is_found


def test_only_the_latest_report_speaks(cast: Cast) -> None:
    case = returned(cast, asked(cast, "ALLOWANCE"), "PRISON", "PAYROLL")
    assert {"R13", "R23"} <= set(found_in(case))
    investigation.request_recheck(case.no, objection="同名另一人", actor=cast.staff, on=ON)
    case = returned(cast, case, no="HD-2")
    assert not ABOUT_PEOPLE & set(found_in(case))
    assert MeansFinding.objects.count() == 2  # what the first one said stands


def test_a_finding_reminds_and_the_leader_decides(cast: Cast) -> None:
    case = asked(cast, "ALLOWANCE")
    road.survey(cast, case, ON)
    case = returned(cast, case, "MOVED", note="户籍已迁往外市")
    road.settle(cast, case, ON)
    road.appraise(cast, case, ON)
    case = road.through_notice(cast, case, "post_review_notice", ON)
    assert case.state_since is not None
    decisions.propose(case.no, actor=cast.staff, on=case.state_since, proof=cast.proof("staff"))
    case = road.through_notice(cast, case, "post_approval_notice", case.state_since)
    assert case.state_since is not None
    with at(case.state_since):
        page = cast.client("leader").get(f"/desk/sign/{case.no}/").content.decode()
    assert "核对发现演练甲户籍登记与申报不同（户籍已迁往外市）" in page
    decisions.approve(case.no, actor=cast.leader, on=case.state_since, proof=cast.proof("leader"))
    assert road.fresh(case).state == "APPROVED"


@pytest.mark.parametrize("kinds", [(), ("PRISON",), ("DEAD", "MOVED")])
def test_what_was_found_is_part_of_what_is_signed(cast: Cast, kinds: tuple[str, ...]) -> None:
    case = returned(cast, asked(cast, "ALLOWANCE"), *kinds)
    content = content_of(CaseRecord(case, ON), "propose")
    found = [{"member": head_of(case), "kind": kind, "note": ""} for kind in kinds]
    assert content.get("findings", []) == found


# ------------------------------------------------------------------ what is refused


def test_somebody_of_another_family_is_refused(cast: Cast) -> None:
    case, other = asked(cast, "ALLOWANCE"), asked(cast, "ALLOWANCE", 5)
    found = [Finding(member_id=head_of(other), kind="DEAD")]
    with pytest.raises(Refused, match="不属于本户"):
        investigation.return_means_check(case.no, report(case, found), actor=cast.verifier, on=ON)
    assert MeansCheck.objects.get(case=case).returned_on is None
    assert not MeansFinding.objects.exists()
    returned(cast, case, "DEAD")  # the control


def test_the_same_thing_twice_is_refused_and_by_the_database_too(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = asked(cast, "ALLOWANCE")
    with pytest.raises(Refused, match="请合并填写"):
        returned(cast, case, "DEAD", "DEAD")
    monkeypatch.setattr(investigation, "_set_findings", added_blindly)
    with pytest.raises(IntegrityError, match="means_finding_once"), transaction.atomic():
        returned(cast, case, "DEAD", "DEAD")  # the twin


def added_blindly(case: Case, check: MeansCheck, found: Any) -> None:
    """The findings as they came."""
    MeansFinding.objects.bulk_create(MeansFinding(check_of=check, **f.__dict__) for f in found)


def test_what_was_found_is_never_rewritten(cast: Cast) -> None:
    returned(cast, asked(cast, "ALLOWANCE"), "DEAD")
    row = MeansFinding.objects.get()
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        MeansFinding.objects.update(kind="STUDENT")
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        row.delete()


# ------------------------------------------------------------------ the form, and the interface


FORM = {
    "report_no": "HD-9", "data_upto": str(ON), "valid_until": "2027-03-01",
    "conclusion": "WITHIN", "note": "",
}  # fmt: skip


def of_person(i: int, member: object, kind: str, note: str = "") -> dict[str, str]:
    """One row of the form's table of people."""
    at_row = f"person-{i}-"
    return {at_row + "member": str(member), at_row + "kind": kind, at_row + "note": note}


def sent(cast: Cast, case: Case, **fields: str) -> Any:
    """The form as the centre fills it in."""
    client = cast.client("verifier")
    client.raise_request_exception = False
    with at(ON):
        return client.post(f"/cases/{case.no}/return_means_check/", FORM | fields)


def test_the_form_keeps_what_was_found(cast: Cast) -> None:
    case = asked(cast, "ALLOWANCE")
    rows = of_person(0, head_of(case), "PAYROLL", "某中学") | of_person(2, head_of(case), "DEAD")
    assert sent(cast, case, **rows).status_code == 302
    found = MeansFinding.objects.order_by("kind").values_list("kind", "note")
    assert list(found) == [("DEAD", ""), ("PAYROLL", "某中学")]


@pytest.mark.parametrize(
    ("member", "kind", "note", "wrong"),
    [
        ("", "DEAD", "", "id_person-0-member"),
        ("{head}", "", "", "id_person-0-kind"),
        ("", "", "有说明", "id_person-0-kind"),
        ("999999", "DEAD", "", "id_person-0-member"),
        ("0x1", "DEAD", "", "id_person-0-member"),
        ("{head}", "RICH", "", "id_person-0-kind"),
        ("{head}", "DEAD", "长" * 201, "id_person-0-note"),
        ("{head}", "DEAD", "a\x00b", "id_person-0-note"),
    ],
)
def test_the_form_says_at_the_field_what_to_mend(
    cast: Cast, member: str, kind: str, note: str, wrong: str
) -> None:
    case = asked(cast, "ALLOWANCE")
    row = of_person(0, member.format(head=head_of(case)), kind, note)
    answer = sent(cast, case, **row)
    assert answer.status_code == 422
    assert f'href="#{wrong}"' in answer.content.decode()
    assert "HD-9" in answer.content.decode()  # and nothing that was typed is lost
    assert not MeansFinding.objects.exists()


def test_the_same_twice_on_the_form_is_refused_with_its_words(cast: Cast) -> None:
    case = asked(cast, "ALLOWANCE")
    rows = of_person(0, head_of(case), "DEAD") | of_person(1, head_of(case), "DEAD", "另一行")
    answer = sent(cast, case, **rows)
    assert answer.status_code == 409
    assert "同一人的同一种情况请合并填写" in answer.content.decode()


def test_by_interface_the_same(cast: Cast) -> None:
    case = asked(cast, "ALLOWANCE")
    check = MeansCheck.objects.get(case=case)
    body = FORM | of_person(0, head_of(case), "STUDENT", "某大学")
    client, url = api_client(cast, "verifier"), f"/api/v1/means-checks/{check.pk}/report/"
    with at(ON):
        wrong = client.post(
            url, json.dumps(body | {"person-0-kind": "X"}), content_type="application/json"
        )
        right = client.post(url, json.dumps(body), content_type="application/json")
    assert (wrong.status_code, right.status_code) == (400, 200)
    assert MeansFinding.objects.get().note == "某大学"


def test_a_report_of_the_future_or_of_the_past_is_refused(cast: Cast) -> None:
    case = asked(cast, "ALLOWANCE")
    wrong: list[dict[str, Any]] = [
        {"data_upto": ON.replace(day=22)},
        {"valid_until": ON.replace(day=20)},
    ]
    for changes in wrong:
        with pytest.raises(Refused, match="截止日不晚于今天，有效期不早于今天"):
            investigation.return_means_check(
                case.no, replace(report(case), **changes), actor=cast.verifier, on=ON
            )
    assert returned(cast, case).means_checks.get().returned_on == ON
