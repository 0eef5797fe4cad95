"""What the leader sees and presses while a signed answer waits; the same by interface."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from cases.models import Case
from tests import road
from tests import road_relief as roads
from tests.api.desk import CODE, Desk
from tests.cases.days import at
from tests.cases.held import LATER, NOTHING, answered, followed, last
from tests.cases.stages import late
from tests.cast import SIGN_CODE, Cast
from yuquan_relief.kernel.clock import now
from yuquan_relief.kernel.models import Event

SIGNED = "/desk/signed/"
BUTTON = '<button class="btn btn-small">取回'


@pytest.fixture
def case(cast: Cast) -> Case:
    """A case on the leader's desk."""
    return road.to_decide(cast)


def text(client: Client, url: str) -> str:
    """The page."""
    response = client.get(url)
    assert response.status_code == 200, response
    return response.content.decode()


def signed_at_the_desk(client: Client, case: Case) -> str:
    """The leader reads, agrees and confirms; the page that follows."""
    url = f"/desk/sign/{case.no}/"
    with at(late(case)):
        page = client.get(url).content.decode()
        seen = page.partition('name="content_sha256" value="')[2][:64]
        form = {"act": "agree", "opinion": "同意", "code": SIGN_CODE, "vouched": "1"}
        after = client.post(url, form | {"content_sha256": seen}, follow=True)
    assert after.status_code == 200
    return after.content.decode()


def test_signed_at_the_desk_it_waits_and_is_taken_back_by_a_button(cast: Cast, case: Case) -> None:
    client = cast.client("leader")
    told = signed_at_the_desk(client, case)
    assert "已签字同意" in told
    assert "前可以在“已签”里取回" in told
    assert followed(case) == NOTHING
    url = f"/cases/{case.no}/recall/"
    page = text(client, SIGNED)
    assert BUTTON in page
    assert f'action="{url}"' in page
    assert road.fresh(case).household.head_name in page
    with at(late(case)):
        after = client.post(url)
    assert (after.status_code, after["Location"]) == (302, f"/cases/{case.no}/")
    assert last(case).state == "RECALLED"
    assert BUTTON not in text(client, SIGNED)
    assert f"/desk/sign/{case.no}/" in text(client, "/desk/sign/")
    assert "取回过：" in text(client, f"/cases/{case.no}/decision/")


def test_pressed_twice_the_second_says_why_not(cast: Cast, case: Case) -> None:
    client = cast.client("leader")
    answered(cast, case)
    url = f"/cases/{case.no}/recall/"
    assert client.post(url).status_code == 302
    again = client.post(url)
    assert again.status_code == 409
    assert "没有可以取回的签字" in again.content.decode()


def test_while_it_waits_the_desk_leads_to_the_case_which_says_until_when(
    cast: Cast, case: Case
) -> None:
    answered(cast, case)
    client = cast.client("leader")
    sent = client.get(f"/desk/sign/{case.no}/")
    assert (sent.status_code, sent["Location"]) == (302, f"/cases/{case.no}/decision/")
    page = text(client, f"/cases/{case.no}/decision/")
    assert "演练分管副主任（分管副主任）已签同意" in page
    assert "生效前签字人可以取回" in page
    assert "已签字，待生效" in page
    assert "已签字，待生效" in text(cast.client("clerk"), "/cases/")


def test_only_ones_own_answers_stand_on_the_page_and_only_while_they_wait(
    cast: Cast, case: Case
) -> None:
    cast.add("leader2", "deputy_leader", cast.office, "另一分管副主任")
    answered(cast, case)
    assert BUTTON not in text(cast.client("leader2"), SIGNED)
    assert BUTTON in text(cast.client("leader"), SIGNED)
    road.in_effect(case)
    page = text(cast.client("leader"), SIGNED)
    assert BUTTON not in page
    assert case.no in page


def test_after_its_moment_there_is_no_button(
    cast: Cast, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered(cast, case)
    client = cast.client("leader")
    monkeypatch.setattr("cases.reports.desk.now", lambda: now() + LATER)
    assert BUTTON not in text(client, SIGNED)
    monkeypatch.setattr("cases.reports.desk.now", lambda: now() + timedelta(minutes=4))
    assert BUTTON in text(client, SIGNED)  # the control


def test_the_bureaus_button_takes_back_the_bureaus_answer(cast: Cast) -> None:
    case = roads.expense_to_decide(cast, amount_fen=20_000_00)
    answered(cast, case, "approve_large", who="bureau")
    client, url = cast.client("bureau"), f"/cases/{case.no}/recall_large/"
    assert f'action="{url}"' in text(client, SIGNED)
    assert client.post(url).status_code == 302
    assert last(case).state == "RECALLED"


def test_by_interface_it_waits_shows_and_is_recalled(cast: Cast, case: Case) -> None:
    desk = Desk(cast, on=late(case))
    event = desk.sign("leader", case.no, "approve", opinion="同意")
    assert (event["action"], event["before"], event["after"]) == ("hold", "TO_DECIDE", "TO_DECIDE")
    shown = desk.get("clerk", f"cases/{case.no}/")
    assert (shown["state"], shown["state_label"]) == ("TO_DECIDE", "已签字，待生效")
    actions = {a["code"]: a for a in desk.get("leader", f"cases/{case.no}/")["actions"]}
    assert actions["recall"]["why_not"] == ""
    assert actions["approve"]["why_not"].startswith("本件已经签字，几分钟内生效")
    assert desk.step("leader", case.no, "recall")["action"] == "recall"
    assert desk.sign("leader", case.no, "approve", opinion="同意")["seq"] > event["seq"]
    assert road.in_effect(case).state == "APPROVED"
    acts = Event.objects.of("case", case.no).values_list("action", flat=True)[:4]
    assert list(acts) == ["approve", "hold", "recall", "hold"]


def test_by_interface_another_answer_meanwhile_is_refused(cast: Cast, case: Case) -> None:
    desk = Desk(cast, on=late(case))
    seen = desk.read("leader", case.no, "approve")
    body: dict[str, Any] = {"opinion": "同意", "content_sha256": seen, **CODE}
    assert desk.step("leader", case.no, "approve", **body)["action"] == "hold"
    told = desk.step("leader", case.no, "approve", **body, wanted=409)
    assert told["detail"].startswith("本件已经签字，几分钟内生效")
    assert last(case).state == "WAITING"
