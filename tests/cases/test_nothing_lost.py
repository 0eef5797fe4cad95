"""What was typed is kept, what nobody said is not recorded, and sentences name their field."""

import json
from datetime import date, datetime
from typing import Any

import pytest
from django.utils import timezone

from cases.models import Case, Draft, FirstRelief, HandOver, Objection, StaffRelative
from cases.models.checks import check_facts
from cases.models.record import CaseRecord
from cases.operations import destitution, leads, notices
from cases.rules.application import nest, read_application
from cases.rules.checks import hits
from tests import road
from tests import road_relief as roads
from tests.api.clients import api_client
from tests.cases.answers import flat
from tests.cases.days import at
from tests.cases.doors import DOORS, values
from tests.cast import SIGN_CODE, Cast
from yuquan_relief.kernel.inputs import InputError, counts

ON = road.START

# ------------------------------------------------------------------ boxes of a new row


def saved(cast: Cast, programme: str, sent: dict[str, str]) -> list[int]:
    """A new draft whose topics are saved once each, as a browser without a script does."""
    client = cast.client("clerk")
    url = client.post("/apply/", {"programme": programme})["Location"]
    with at(ON):
        return [
            client.post(
                f"{url}{topic}/", sent | {"base_version": str(Draft.objects.get().version)}
            ).status_code
            for topic in ("applicant", "members", "incomes", "account")
        ]


@pytest.mark.parametrize("box", ["is_insured", "counts_for_income"])
def test_a_box_unticked_at_the_first_saving_stays_unticked(cast: Cast, box: str) -> None:
    sent = flat(road.application())
    del sent["members-1-is_insured"]
    sent.pop(f"members-1-{box}", None)
    sent["members-1-not_counted"] = "APART" if box == "counts_for_income" else ""
    saved(cast, "URBAN_ALLOWANCE", sent)
    draft = Draft.objects.get()
    read = read_application(nest(draft.answers) | {"programme": draft.programme}, today=ON)
    assert getattr(read.members[1], box) is False


def test_a_destitute_man_who_lives_with_his_brother_is_entered_on_the_page(cast: Cast) -> None:
    data = roads.destitute_application()
    del data["obligors"]
    brother = {"name": "演练己", "id_no": road.number(5), "relation": "SIBLING"}
    data["members"].append(brother)
    sent = flat(data)
    del sent["members-1-is_insured"]  # the page offers it unticked
    assert saved(cast, "RURAL_DESTITUTE", sent)[1] == 302


# ------------------------------------------------------------------ R53 looks at the first row


@pytest.mark.parametrize(
    ("first", "on", "found"),
    [
        (date(1950, 1, 1), ON, []),
        (date(2016, 1, 1), date(2029, 3, 4), ["按未成年人认定，本人已满 18 周岁，请核对是否在校"]),
    ],
)
def test_the_check_of_age_looks_at_the_applicant_and_not_at_the_first_row(
    cast: Cast, first: date, on: date, found: list[str]
) -> None:
    other = {
        "name": "演练己", "id_no": road.number(5, born=first), "relation": "OTHER",
        "is_insured": False,
    }  # fmt: skip
    boy = {"name": "演练丙", "id_no": road.number(2, born=date(2011, 3, 4)), "relation": "SELF"}
    case = roads.destitute(cast, members=[other, boy], obligors=[])
    roads.assess(cast, case, failed=0)
    standing = roads.standing(case, labour_ground="UNDER16")
    destitution.settle_standing(case.no, standing, actor=cast.staff, on=ON)
    found_now = hits(check_facts(CaseRecord(road.fresh(case), on)))
    assert [h.text for h in found_now if "18 周岁" in h.text] == found


# ------------------------------------------------------------------ typed and lost


WRONG = "收入高于标准\n另有房产"


def test_why_a_family_does_not_qualify_is_not_lost_when_it_is_refused(cast: Cast) -> None:
    told = leads.Noticed(found_on=ON, source="VISIT", name="演练甲", phone="", difficulty="病")
    lead = leads.record_lead(told, actor=cast.clerk, on=ON)
    with at(ON):
        answer = cast.client("clerk").post(f"/leads/{lead.pk}/", {"reason": WRONG}, follow=True)
    assert "另有房产" in answer.content.decode()


def test_the_reason_of_a_withdrawal_is_not_lost_when_it_is_refused(cast: Cast) -> None:
    door = DOORS["kin"]
    client = cast.client("clerk")
    with at(ON):
        stage = door.stage(cast)
        client.post(stage.url, values(door, stage))
        pk = StaffRelative.objects.get().pk
        answer = client.post(f"/kin/{pk}/withdraw/", {"reason": WRONG}, follow=True)
    assert "另有房产" in answer.content.decode()


def test_the_answer_to_an_objection_is_not_lost_when_it_is_refused(cast: Cast) -> None:
    door = DOORS["objection"]
    stage = door.stage(cast)
    no = Case.objects.get().notices.get().no
    notices.record_objection(no, channel="电话", content="有房", actor=cast.clerk, on=ON)
    url = f"/objections/{Objection.objects.get().pk}/dismiss/"
    typed = "已核实" + "，情况属实" * 120
    with at(stage.on):
        answer = cast.client("staff").post(url, {"answer": typed}, follow=True)
    assert typed in answer.content.decode()


def test_a_draft_keeps_more_than_a_thousand_characters_or_says_so(cast: Cast) -> None:
    typed = "病" * 1200
    client = cast.client("clerk")
    url = client.post("/apply/", {"programme": "URBAN_ALLOWANCE"})["Location"]
    with at(ON):
        page = client.post(f"{url}applicant/", {"reason": typed}).content.decode()
    assert typed in page
    assert "现在是 1200 个字" in page


# ------------------------------------------------------------------ taken and should not be


def by_interface(cast: Cast, no: str, **changes: Any) -> Any:
    """A hand-over."""
    sent: dict[str, Any] = {"handed_on": str(ON), "method": "BANK", "amount": "1000"}
    sent |= {"receiver": "演练甲"} | changes
    client = api_client(cast, "staff")
    with at(ON):
        return client.post(
            f"/api/v1/cases/{no}/hand_over/", json.dumps(sent), content_type="application/json"
        )


def test_a_referral_has_no_sum(cast: Cast) -> None:
    case = roads.relieved(cast)
    by_interface(cast, case.no, method="REFERRAL", what="区医院", amount="999999999999.99")
    assert not HandOver.objects.filter(amount_fen__gt=0).exists()


@pytest.mark.parametrize("receiver", [[["演练甲"]], {"name": "演练甲"}])
def test_a_nested_value_is_refused_and_not_stored_as_it_is_printed(
    cast: Cast, receiver: Any
) -> None:
    case = roads.relieved(cast)
    assert by_interface(cast, case.no, receiver=receiver).status_code == 400


@pytest.fixture
def _morning(monkeypatch: pytest.MonkeyPatch) -> None:
    at_nine = datetime(2026, 9, 22, 9, 0, tzinfo=timezone.get_default_timezone())
    monkeypatch.setattr("cases.operations.relief.now", lambda: at_nine)


@pytest.mark.usefixtures("_morning")
@pytest.mark.parametrize("day", ["1850-01-01", "2026-09-19"])
def test_nobody_agreed_before_it_happened(cast: Cast, day: str) -> None:
    case = roads.urgent(cast)
    sent = {
        "amount": "3000", "approver": str(cast.leader.person_id), "how": "PHONE",
        "approved_on": day, "approved_at": "9:30", "reason": "夜间失火", "code": SIGN_CODE,
    }  # fmt: skip
    with at(ON):
        cast.client("surveyor").post(f"/cases/{case.no}/relieve_first/", sent)
    assert not FirstRelief.objects.exists()


def test_who_is_not_counted_has_a_reason_that_somebody_gave(cast: Cast) -> None:
    data = road.application()
    data["members"][1] |= {"counts_for_income": False, "is_insured": False, "not_counted": ""}
    client = api_client(cast, "clerk")
    with at(ON):
        answer = client.post(
            "/api/v1/cases/", json.dumps(data | {"key": "k"}), content_type="application/json"
        )
    assert answer.status_code == 400  # 不共同生活 is a statement that somebody makes


# ------------------------------------------------------------------ wrong sentences


@pytest.mark.parametrize("name", ["adopted", "ground"])
def test_what_is_left_out_of_the_standing_is_asked_for_by_its_name(cast: Cast, name: str) -> None:
    door = DOORS["settle_standing"]
    stage = door.stage(cast)
    good, here = values(door, stage), stage.names[name]
    with at(stage.on):
        answer = cast.client("staff").post(stage.url, good | {here: ""})
    assert "该字段是必填项" not in answer.content.decode()


def test_a_wrong_choice_is_not_repeated_to_whoever_sent_it(cast: Cast) -> None:
    case = roads.relieved(cast)
    answer = by_interface(cast, case.no, method="159900194908170017")
    assert "159900194908170017" not in answer.content.decode()


def test_a_body_that_is_no_json_is_answered_in_chinese(cast: Cast) -> None:
    case = roads.relieved(cast)
    with at(ON):
        answer = api_client(cast, "staff").post(
            f"/api/v1/cases/{case.no}/hand_over/",
            '{"amount": ' + "1" * 5000 + "}",
            content_type="application/json",
        )
    assert answer.status_code == 400
    assert "JSON parse error" not in answer.json()["detail"]


@pytest.mark.parametrize("text", ["很多", "99"])
def test_the_sentence_about_a_count_ends_like_every_other(text: str) -> None:
    with pytest.raises(InputError) as refusal:
        counts.clean(text, least=1, most=30)
    assert refusal.value.message.endswith("。")
