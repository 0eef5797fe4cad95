"""The whole way through the interface, one client for each person."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from cases.models import Benefit, Case, IncomeLine, MeansCheck
from cases.tasks import close_notices
from tests import road
from tests.api.clients import api_client
from tests.cases.days import at
from tests.cast import SIGN_CODE, Cast
from yuquan_relief.kernel.models import Event, Signature

ON = road.START
CODE = {"code": SIGN_CODE}


class Desk:
    """Callers by name, on a day."""

    def __init__(self, cast: Cast, on: date = ON) -> None:
        self.cast, self.on = cast, on
        self.clients: dict[str, Client] = {}

    def client(self, who: str) -> Client:
        """The one client of that person."""
        if who not in self.clients:
            self.clients[who] = api_client(self.cast, who)
        return self.clients[who]

    def post(self, who: str, path: str, body: Any, *, wanted: int = 200) -> Any:
        """What is answered."""
        with at(self.on):
            response = self.client(who).post(
                f"/api/v1/{path}", json.dumps(body), content_type="application/json"
            )
        assert response.status_code == wanted, response.content.decode()
        return response.json()

    def read(self, who: str, no: str, code: str) -> str:
        """The digest of what the step would sign, as it was read."""
        actions = {a["code"]: a for a in self.get(who, f"cases/{no}/")["actions"]}
        return str(actions[code]["content_sha256"])

    def sign(self, who: str, no: str, code: str, **body: Any) -> Any:
        """Read what is to be signed, and sign it."""
        seen = self.read(who, no, code)
        return self.step(who, no, code, content_sha256=seen, **CODE, **body)

    def step(self, who: str, no: str, step: str, *, wanted: int = 200, **body: Any) -> Any:
        """One step on the case."""
        return self.post(who, f"cases/{no}/{step}/", body, wanted=wanted)

    def get(self, who: str, path: str) -> Any:
        """What is shown."""
        with at(self.on):
            response = self.client(who).get(f"/api/v1/{path}")
        assert response.status_code == 200, response.content.decode()
        return response.json()

    def file(self, who: str, no: str, slot: str, colour: tuple[int, int, int]) -> None:
        """A photo in a slot."""
        from django.core.files.uploadedfile import SimpleUploadedFile

        upload = SimpleUploadedFile("a.jpg", road.photo(colour), "image/jpeg")
        with at(self.on):
            response = self.client(who).post(
                f"/api/v1/cases/{no}/files/", {"slot": slot, "file": upload}
            )
        assert response.status_code == 201, response.content.decode()


SURVEY = {
    "visited_on": str(ON),
    "present": "演练甲",
    "housing": "自有住房",
    "living": "简单",
    "is_true": True,
}
MEETING = {
    "held_on": str(ON),
    "place": "会议室",
    "host": "主任",
    "expected": 9,
    "attended": 9,
    "agree": 8,
    "oppose": 1,
    "abstain": 0,
}


def test_from_application_to_benefit_by_interface(cast: Cast) -> None:
    desk = Desk(cast)
    no = desk.post("clerk", "cases/", road.application(1) | {"key": "k1"}, wanted=201)["no"]
    for i, slot in enumerate(road.SLOTS):
        desk.file("clerk", no, slot, (i, 90, 90))
    assert desk.step("staff", no, "accept")["after"] == "INVESTIGATING"
    desk.file("clerk", no, "survey_photo", (9, 9, 9))
    desk.step("clerk", no, "record_survey", **SURVEY, **CODE)
    desk.sign("surveyor", no, "cosign_survey")
    desk.step("staff", no, "request_means_check")
    check = MeansCheck.objects.get(case__no=no)
    line = IncomeLine.objects.get(case__no=no)
    report = {
        "report_no": "HD-1",
        "data_upto": str(ON),
        "valid_until": str(ON + timedelta(days=90)),
        "conclusion": "WITHIN",
        f"line-{line.member_id}-{line.kind}": "12000",
    }
    desk.post("verifier", f"means-checks/{check.pk}/report/", report)
    income = {f"adopted-{line.pk}": "12000", f"counted-{line.pk}": True, "deductions": "0"}
    desk.step("staff", no, "settle_income", **income)
    desk.step("clerk", no, "record_appraisal", **MEETING)
    desk.sign("head", no, "sign_appraisal")
    for code in ("post_review_notice", "post_approval_notice"):
        desk.step("clerk", no, code, place="公示栏")
        desk.on = _hang_out(cast, no)
        if code == "post_review_notice":
            desk.sign("staff", no, "propose", opinion="建议批准")
    event = desk.sign("leader", no, "approve", opinion="同意")
    assert event["after"] == "APPROVED"
    desk.step(
        "staff", no, "serve_letter", served_on=str(desk.on), method="DIRECT", receiver="演练甲"
    )
    assert Benefit.objects.get(source_case__no=no).monthly_fen == 682_00
    assert Signature.objects.filter(subject_key=no).count() == 5
    shown = desk.get("supervisor", f"cases/{no}/")
    assert (shown["state"], shown["monthly_fen"]) == ("APPROVED", 682_00)


def _hang_out(cast: Cast, no: str) -> date:
    """The notice of the case has its photo and its days are over; the day after."""
    from cases.operations.notices import add_notice_photo

    notice = Case.objects.get(no=no).notices.latest("id")
    add_notice_photo(notice.no, road.photo(), actor=cast.clerk)
    day = notice.last_day + timedelta(days=1)
    assert close_notices(day) == 1
    return day


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
