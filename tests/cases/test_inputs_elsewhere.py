"""Inputs that need more than their value to be judged: rows `[[elsewhere]]` of the corpus."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from cases.models import Case, Household, Notice
from cases.operations import decisions, investigation, notices
from cases.rules.needs import NEEDS
from funds.operations import batches, building
from tests import road
from tests.api.clients import api_client
from tests.cases.answers import filled_draft
from tests.cases.days import at
from tests.cast import Cast
from tests.funds import payouts
from yuquan_relief.kernel.calendars import work_calendar
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import ApiClient
from yuquan_relief.kernel.rulebook_values import rules

ON = road.START
DAY = timedelta(days=1)


def sent(cast: Cast, who: str, body: dict[str, Any]) -> Any:
    """What the interface answers to an application."""
    name = f"{who}-{ApiClient.objects.count()}"
    text = json.dumps(body | {"key": name})
    client = api_client(cast, who, name=name)
    return client.post("/api/v1/cases/", text, content_type="application/json")


def errors(answer: Any) -> list[tuple[str, str]]:
    """Field and code of every error of an answer with 400."""
    assert answer.status_code == 400, answer.content.decode()
    return [(e["field"], e["code"]) for e in answer.json()["errors"]]


def on_page(cast: Cast, **changes: Any) -> str:
    """The page that answers to a draft with a fault; it is not submitted."""
    draft = filled_draft(cast, **changes)
    answer = cast.client("clerk").post(f"/apply/{draft.key}/check/")
    assert answer.status_code == 422
    return str(answer.content.decode())


# ------------------------------------------------------------------ I14, B8, B12, M12


def known_elsewhere(cast: Cast) -> tuple[Case, Any]:
    """A case, and the answer to another office that sends in the same people."""
    case = road.submitted(cast)
    body = road.application(1, phone="19900000001", address="乙街道演练路 2 号")
    with at(ON):
        return case, sent(cast, "foreign_clerk", body)


def test_a_person_known_elsewhere_is_refused_without_saying_where(cast: Cast) -> None:
    case, answer = known_elsewhere(cast)
    assert errors(answer) == [(f"members-{i}-id_no", "duplicate_person") for i in (0, 1)]
    told = answer.content.decode()
    for secret in (case.no, "甲一社区", "甲街道", "演练甲", "演练乙", road.number(2)):
        assert secret not in told
    assert Household.objects.count() == 1


def test_control_without_the_look_the_person_is_in_two_households(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    blind = "cases.operations.applications._compare"
    monkeypatch.setattr(blind, lambda application, on, change: False)
    _, answer = known_elsewhere(cast)
    assert (answer.status_code, Household.objects.count()) == (201, 2)


def test_an_account_of_nobody_in_the_family_is_refused(cast: Cast) -> None:
    with at(ON):
        answer = sent(cast, "clerk", road.application(1, holder="演练丙"))
        assert errors(answer) == [("holder", "holder_not_member")]
        assert "户名应当是家庭成员本人" in on_page(cast, holder="演练丙")
    assert not Case.objects.exists()


@pytest.mark.parametrize("holder", ["阿里木·买买提", "阿里木•买买提", "阿里木・买买提"])
def test_an_account_of_the_member_is_taken_however_its_dot_is_written(
    cast: Cast, holder: str
) -> None:
    body = road.application(1, holder=holder)
    body["members"][0]["name"] = "阿里木·买买提"
    with at(ON):
        assert sent(cast, "clerk", body).status_code == 201


def test_an_address_of_500_characters_is_refused(cast: Cast) -> None:
    with at(ON):
        answer = sent(cast, "clerk", road.application(1, address="长" * 500))
        assert errors(answer) == [("address", "max_length")]
        assert "请控制在 200 个字以内" in on_page(cast, address="长" * 500)
        assert sent(cast, "clerk", road.application(1, address="长" * 200)).status_code == 201


@pytest.mark.parametrize("amount", [{}, {"amount": "1000"}, {"monthly": "1000"}])
def test_an_income_that_is_not_said_to_be_a_years_is_refused(
    cast: Cast, amount: dict[str, str]
) -> None:
    body = road.application(1)
    body["members"][0]["incomes"] = [{"kind": "WAGES"} | amount]
    with at(ON):
        assert errors(sent(cast, "clerk", body)) == [("members-0-incomes-0-annual", "required")]
    assert not Case.objects.exists()


# ------------------------------------------------------------------ D5: midnight in 玉泉区


LAST = datetime(2026, 9, 21, 15, 59, 59, 999_000, tzinfo=UTC)  # 23:59:59.999 there


def around_midnight(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> list[Case]:
    """One application at the last moment of a day and one a second later, accepted at once."""
    found = []
    for serial, moment in enumerate((LAST, LAST + timedelta(seconds=1)), 1):
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        answer = sent(cast, "clerk", road.application(serial))
        assert answer.status_code == 201, answer.content.decode()
        case = Case.objects.get(no=answer.json()["no"])
        for i, (slot, title) in enumerate(road.SLOTS.items()):
            road.add_file(cast, case, slot, title, (serial, i, 50))
        client = api_client(cast, "staff", name=f"staff-{serial}")
        path = f"/api/v1/cases/{case.no}/accept/"
        assert client.post(path, "{}", content_type="application/json").status_code == 200
        found.append(road.fresh(case))
    return found


def days_of(case: Case) -> tuple[date | None, ...]:
    """Submitted, accepted, due."""
    return case.submitted_on, case.accepted_on, case.due_on


def test_a_second_after_midnight_is_another_day(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, after = around_midnight(cast, monkeypatch)
    assert days_of(before) == (ON, ON, date(2026, 11, 9))
    assert days_of(after) == (ON + DAY, ON + DAY, date(2026, 11, 10))


def test_control_by_the_day_of_greenwich_both_are_one_day(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda: timezone.now().date())
    before, after = around_midnight(cast, monkeypatch)
    assert days_of(before) == days_of(after)


# ------------------------------------------------------------------ D10, D12, D14


FINDINGS = investigation.SurveyFindings(
    visited_on=ON, present="演练甲", housing="自有", living="简单", neighbours="", is_true=True
)


@pytest.mark.parametrize(("extends", "last"), [(True, "2026-10-08"), (False, "2026-10-01")])
def test_a_last_day_of_rest_moves_only_if_the_rule_says_so(
    cast: Cast, extends: bool, last: str
) -> None:
    rulebook: Any = {"notice.days": 7, "notice.extends_to_workday": extends}
    found, _ = notices.last_day_of(date(2026, 9, 24), rulebook, work_calendar())
    assert found == date.fromisoformat(last)
    assert rules(ON)["notice.extends_to_workday"] is True


@pytest.mark.parametrize("visited_on", [ON - DAY, ON + 3 * DAY, date(9999, 12, 31)])
def test_a_visit_before_acceptance_or_in_the_future_is_refused(
    cast: Cast, visited_on: date
) -> None:
    case = road.accepted(cast)
    road.add_file(cast, case, "survey_photo", "入户照片", (1, 1, 1))
    on = ON + 2 * DAY

    def visited(day: date) -> Any:
        return investigation.record_survey(
            case.no,
            replace(FINDINGS, visited_on=day),
            actor=cast.clerk,
            on=on,
            proof=cast.proof("clerk"),
        )

    with pytest.raises(Refused, match="入户日期") as refusal:
        visited(visited_on)
    assert refusal.value.code == "order_of_steps"
    assert not case.surveys.exists()
    visited(on)
    assert case.surveys.get().visited_on == on


def test_a_visit_after_the_decision_is_refused(cast: Cast) -> None:
    case = road.approved(cast)
    assert case.decided_on is not None
    with pytest.raises(Refused, match="现在是"):
        investigation.record_survey(
            case.no,
            replace(FINDINGS, visited_on=case.decided_on),
            actor=cast.surveyor,
            on=case.decided_on,
            proof=cast.proof("surveyor"),
        )


def hanging(cast: Cast, code: str) -> tuple[Case, Notice]:
    """The notice hangs with its proof."""
    case = road.investigated(cast) if code == "post_review_notice" else road.to_propose(cast)
    on = case.state_since
    assert on is not None
    if code == "post_approval_notice":
        decisions.propose(case.no, actor=cast.staff, on=on, proof=cast.proof("staff"))
    notices.post_notice(
        case.no, code, place="公示栏", photo=road.photo((5, 6, 7)), actor=cast.clerk, on=on
    )
    return road.fresh(case), case.notices.latest("pk")


@pytest.mark.parametrize("code", ["post_review_notice", "post_approval_notice"])
def test_a_notice_is_not_closed_a_day_early(cast: Cast, code: str) -> None:
    case, notice = hanging(cast, code)
    day = notice.posted_on
    while day <= notice.last_day:
        assert notices.notices_to_close(day) == []
        with pytest.raises(Refused, match="期满次日自动结束"):
            notices.close_notice(case.no, on=day)
        day += DAY
    assert road.fresh(case).state == case.state
    assert (notice.last_day - notice.posted_on).days >= rules(ON)["notice.days"]
    notices.close_notice(case.no, on=day)
    assert road.fresh(case).state != case.state


def test_control_without_its_need_a_notice_closes_on_the_day_it_is_posted(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, notice = hanging(cast, "post_review_notice")
    blind = replace(NEEDS["review_notice_over"], missing=lambda facts: "")
    monkeypatch.setitem(NEEDS, "review_notice_over", blind)
    notices.close_notice(case.no, on=notice.posted_on)
    assert road.fresh(case).state == "TO_PROPOSE"


# ------------------------------------------------------------------ B10


def test_an_account_changed_after_the_lock_is_paid_into_with_the_next_list(cast: Cast) -> None:
    batch = payouts.locked(cast)
    line = batch.lines.select_related("benefit").get(line_no=1)
    sealed = (line.account, batch.file_sha256, batch.snapshot_sha256)
    payouts.account(line.benefit.household, 900, line.holder)
    batches.approve(
        batch.no, actor=cast.leader, on=payouts.APPROVED, proof=cast.proof("leader", "同意")
    )
    batch = payouts.fresh(batch)
    assert (batch.lines.get(line_no=1).account, batch.file_sha256, batch.snapshot_sha256) == sealed
    later = building.open_month(
        cast.office.pk,
        payouts.PROGRAMME,
        month=date(2027, 1, 1),
        actor=cast.staff,
        on=date(2026, 12, 22),
    )
    accounts = dict(later.lines.values_list("benefit", "account"))
    assert accounts[line.benefit_id] == payouts.card(900) != sealed[0]
