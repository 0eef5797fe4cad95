"""The way through the interface, one client for each person."""

import json
from typing import Any

import pytest

from cases.models import Benefit, Case
from tests import road
from tests.api.desk import CODE, MEETING, ON, SURVEY, Desk, to_benefit
from tests.cast import Cast
from yuquan_relief.kernel.models import Event, Signature


def test_from_application_to_benefit_by_interface(cast: Cast) -> None:
    desk = Desk(cast)
    no = to_benefit(desk)
    assert Benefit.objects.get(source_case__no=no).monthly_fen == 682_00
    assert Signature.objects.filter(subject_key=no).count() == 5
    shown = desk.get("supervisor", f"cases/{no}/")
    assert (shown["state"], shown["monthly_fen"]) == ("APPROVED", 682_00)


def test_the_same_key_gives_the_same_case(cast: Cast) -> None:
    desk = Desk(cast)
    first = desk.post("clerk", "cases/", road.application(1) | {"key": "k"}, wanted=201)
    desk.post("clerk", "cases/", road.application(1) | {"key": "k"}, wanted=201)
    assert Case.objects.count() == 1
    assert first["state"] == "SUBMITTED"


def test_the_same_key_with_another_application_is_refused(cast: Cast) -> None:
    desk = Desk(cast)
    desk.post("clerk", "cases/", road.application(1) | {"key": "k"}, wanted=201)
    for changed in (road.application(2), road.application(1, reason="因学致贫")):
        told = desk.post("clerk", "cases/", changed | {"key": "k"}, wanted=409)
        assert "已用于另一份申请" in told["detail"]
    assert Case.objects.count() == 1


@pytest.mark.parametrize("name", ["cosign_survey", "sign_appraisal", "propose", "approve"])
def test_nobody_signs_what_they_have_not_read(cast: Cast, name: str) -> None:
    who, before = {
        "cosign_survey": ("surveyor", _visited),
        "sign_appraisal": ("head", _met),
        "propose": ("staff", road.to_propose),
        "approve": ("leader", road.to_decide),
    }[name]
    case = before(cast)
    desk = Desk(cast, on=case.state_since or ON)
    told = desk.step(who, case.no, name, opinion="同意", **CODE, wanted=409)
    assert "看清要签的内容" in told["detail"]
    stale = desk.step(
        who, case.no, name, opinion="同意", content_sha256="0" * 64, **CODE, wanted=409
    )
    assert "内容有变化" in stale["detail"]
    desk.sign(who, case.no, name, opinion="同意")


def _visited(cast: Cast) -> Case:
    case = road.accepted(cast)
    road.add_file(cast, case, "survey_photo", "入户照片", (9, 9, 9))
    desk = Desk(cast)
    desk.step("clerk", case.no, "record_survey", **SURVEY, **CODE)
    return road.fresh(case)


def _met(cast: Cast) -> Case:
    case = road.accepted(cast)
    road.survey(cast, case, ON)
    Desk(cast).step("clerk", case.no, "record_appraisal", **MEETING)
    return road.fresh(case)


@pytest.mark.parametrize("incomes", ["12000", {"kind": "WAGES"}, [5], ["WAGES"]])
def test_incomes_in_another_shape_are_refused_and_never_dropped(cast: Cast, incomes: Any) -> None:
    body = road.application(1) | {"key": "k"}
    body["members"][0]["incomes"] = incomes
    Desk(cast).post("clerk", "cases/", body, wanted=400)
    assert not Case.objects.exists()


def test_the_key_of_another_caller_is_another_key(cast: Cast) -> None:
    desk = Desk(cast)
    one = desk.post("clerk", "cases/", road.application(1) | {"key": "k"}, wanted=201)
    two = desk.post("neighbour_clerk", "cases/", road.application(2) | {"key": "k"}, wanted=201)
    assert one["no"] != two["no"]


@pytest.mark.parametrize("key", [None, "", 5, "x" * 41, ["a"]])
def test_a_key_that_is_none_is_refused(cast: Cast, key: Any) -> None:
    body = road.application(1) | {"key": key}
    assert Desk(cast).post("clerk", "cases/", body, wanted=400)["errors"]["key"]


EXTRA = {
    "state": "APPROVED",
    "accepted_on": "2020-01-01",
    "decided_on": "2020-01-01",
    "submitted_on": "2020-01-01",
    "created_at": "2020-01-01",
    "due_on": "2099-01-01",
    "rule_set": "NAT-2022",
    "village": 1,
    "office_id": 1,
    "role": "supervisor",
    "is_superuser": True,
    "approved_by": 1,
    "round": 9,
    "version": 9,
    "no": "YQ-X",
}


def test_extra_fields_are_never_applied(cast: Cast) -> None:
    desk = Desk(cast)
    body = road.application(1) | EXTRA | {"key": "k"}
    no = desk.post("clerk", "cases/", body, wanted=201)["no"]
    case = Case.objects.get(no=no)
    assert (case.state, case.submitted_on, case.accepted_on) == ("SUBMITTED", ON, None)
    assert (case.rule_set, case.round, case.village) == ("YQ-2020", 1, cast.village)
    for i, slot in enumerate(road.SLOTS):
        desk.file("clerk", no, slot, (i, 91, 91))
    desk.step("staff", no, "accept", on="2020-01-01", accepted_on="2020-01-01", actor="x")
    case.refresh_from_db()
    assert (case.accepted_on, case.state) == (ON, "INVESTIGATING")
    assert Event.objects.of("case", no).filter(action="accept").get().on_day == ON


def test_a_case_shows_no_identity_number_account_or_phone(cast: Cast) -> None:
    case = road.to_decide(cast)
    desk = Desk(cast, on=case.state_since or ON)
    text = json.dumps([desk.get("leader", f"cases/{case.no}/"), desk.get("leader", "cases/")])
    for secret in (road.number(2), road.number(3), "6228480000000000018", "19900000000"):
        assert secret not in text
    assert text.count(case.no) >= 2  # the control: both answers tell of the case
