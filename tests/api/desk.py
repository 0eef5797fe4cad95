"""Callers by name, each with one client, and the road through the interface alone."""

import json
from datetime import date, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from cases.models import IncomeLine, MeansCheck
from cases.operations.answers import release
from cases.tasks import close_notices
from tests import road
from tests.api.clients import api_client
from tests.cases.days import at
from tests.cast import SIGN_CODE, Cast
from yuquan_relief.kernel.clock import now

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

    def take(self, who: str, path: str) -> bytes:
        """The bytes of a file."""
        with at(self.on):
            response = self.client(who).get(f"/api/v1/{path}")
        assert response.status_code == 200, response.content.decode()
        return response.content

    def file(self, who: str, no: str, slot: str, colour: tuple[int, int, int]) -> None:
        """A photo in a slot."""
        self.send(who, f"cases/{no}/files/", road.photo(colour), wanted=201, slot=slot)

    def send(
        self,
        who: str,
        path: str,
        content: bytes,
        *,
        name: str = "file",
        wanted: int = 200,
        **values: str,
    ) -> Any:
        """What is answered to a file, sent as a form with its bytes."""
        upload = SimpleUploadedFile("a.jpg", content, "application/octet-stream")
        with at(self.on):
            response = self.client(who).post(f"/api/v1/{path}", {name: upload} | values)
        assert response.status_code == wanted, response.content.decode()
        return response.json()


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


def to_benefit(desk: Desk) -> str:
    """The number of a case that went from its first key to the letter in the family's hands."""
    no = str(desk.post("clerk", "cases/", road.application(1) | {"key": "k1"}, wanted=201)["no"])
    for i, slot in enumerate(road.SLOTS):
        desk.file("clerk", no, slot, (i, 90, 90))
    assert desk.step("staff", no, "accept")["after"] == "INVESTIGATING"
    _investigate(desk, no)
    _hang_out(desk, no, "post_review_notice")
    desk.sign("staff", no, "propose", opinion="建议批准")
    _hang_out(desk, no, "post_approval_notice")
    assert desk.sign("leader", no, "approve", opinion="同意")["action"] == "hold"
    assert desk.get("leader", f"cases/{no}/")["state"] == "TO_DECIDE"
    assert release(now() + timedelta(minutes=6)) == 1
    letter = {"served_on": str(desk.on), "method": "DIRECT", "receiver": "演练甲"}
    desk.step("staff", no, "serve_letter", **letter)
    return no


def _investigate(desk: Desk, no: str) -> None:
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


def _hang_out(desk: Desk, no: str, code: str) -> None:
    """The notice has hung with its photo; it is the day after its last."""
    desk.step("clerk", no, code, place="公示栏")
    notice = desk.get("staff", f"cases/{no}/")["notices"][-1]
    desk.send("clerk", f"notices/{notice['no']}/photo/", road.photo(), name="photo")
    desk.on = date.fromisoformat(notice["last_day"]) + timedelta(days=1)
    assert close_notices(desk.on) == 1
