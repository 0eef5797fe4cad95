"""The bureau's own look: at the home of kin before the decision, at the file after it (5(9))."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError

from cases.models import BureauCheck, Case
from cases.models.case import CaseQuerySet
from cases.operations import decisions, investigation
from cases.operations.bureau import BureauFinding, recheck, record_bureau_visit
from cases.reports.bureau import BureauPage, Waiting, bureau_page
from cases.rules.procedures import PROCEDURES, STATES
from tests import road
from tests import road_relief as roads
from tests.access.world import casts
from tests.cases.days import at
from tests.cases.guards import without
from tests.cast import Cast
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event

ON = road.START
KIN: dict[str, Any] = {"kin_declared": True, "kin_note": "社区主任的弟媳"}


def found(on: date, **changes: Any) -> BureauFinding:
    """Two of the bureau have looked, and all is as it should be."""
    values: dict[str, Any] = {
        "checked_on": on,
        "checkers": "甲、乙",
        "is_sound": True,
        "finding": "情况属实",
    }
    return BureauFinding(**values | changes)


def decided(case: Case) -> date:
    """The day of the decision."""
    assert case.decided_on is not None
    return case.decided_on


def look_again(
    cast: Cast, case: Case, on: date, *, who: str = "supervisor", **changes: Any
) -> None:
    """The re-check is written down on `on`."""
    finding = found(changes.pop("checked_on", on), **changes)
    recheck(case.no, finding, actor=cast.actors[who], on=on)


def visit(cast: Cast, case: Case, on: date, *, who: str = "supervisor", **changes: Any) -> None:
    """The visit is written down on `on`."""
    finding = found(changes.pop("checked_on", on), **changes)
    record_bureau_visit(case.no, finding, actor=cast.actors[who], on=on)


def page(cast: Cast, on: date) -> BureauPage:
    """What waits for the bureau."""
    return bureau_page(cast.supervisor, on)


def numbers(rows: list[Waiting]) -> list[str]:
    """The cases of a queue, in its order."""
    return [row.case.no for row in rows]


# ------------------------------------------------------------------ the re-check of approvals


@pytest.mark.clause("5(9)")
def test_every_approval_waits_until_the_bureau_has_looked_through_it(cast: Cast) -> None:
    case = road.approved(cast)
    on = decided(case) + timedelta(3)
    road.to_decide(cast, 2)  # not approved yet
    before = page(cast, on)
    assert numbers(before.rechecks) == [case.no]
    assert (before.rechecks[0].days, before.rechecks[0].url) == (3, f"/cases/{case.no}/recheck/")
    assert (before.approved, before.rechecked) == (1, 0)
    look_again(cast, case, on)
    after = page(cast, on)
    assert (after.rechecks, after.approved, after.rechecked) == ([], 1, 1)
    row = BureauCheck.objects.get(case=case)
    assert (row.kind, row.checked_on, row.checkers) == ("RECHECK", on, "甲、乙")
    assert (row.is_sound, row.finding) == (True, "情况属实")
    assert road.fresh(case).state == "APPROVED"


def test_a_case_is_rechecked_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    case = road.approved(cast)
    on = decided(case)
    look_again(cast, case, on)
    with pytest.raises(Refused, match="区局已经复核过本件"):
        look_again(cast, case, on + timedelta(1))
    assert BureauCheck.objects.count() == 1
    without(monkeypatch, case, "recheck", "not_rechecked")
    with pytest.raises(IntegrityError, match="bureau_recheck_once"):  # the twin: the last net
        look_again(cast, case, on + timedelta(1))


@pytest.mark.parametrize(
    ("days", "is_taken"), [(-1, False), (0, True), (2, True), (5, True), (6, False)]
)
def test_it_is_looked_through_between_the_decision_and_today(
    cast: Cast, days: int, is_taken: bool
) -> None:
    case = road.approved(cast)
    day, today = decided(case) + timedelta(days), decided(case) + timedelta(5)
    if is_taken:
        look_again(cast, case, today, checked_on=day)
        assert road.fresh(case).rechecked_on == today
    else:
        with pytest.raises(Refused, match=f"核查日期应在 {case.decided_on} 到今天之间"):
            look_again(cast, case, today, checked_on=day)
        assert road.fresh(case).rechecked_on is None
    assert BureauCheck.objects.count() == is_taken


def test_before_the_decision_there_is_nothing_to_recheck(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = road.to_decide(cast)
    assert case.state_since is not None
    with pytest.raises(Refused, match="现在是“待审批”，不能登记审批复核"):
        look_again(cast, case, case.state_since)
    steps = PROCEDURES[case.programme]
    anywhere = replace(steps["recheck"], sources=frozenset(STATES))
    monkeypatch.setitem(steps, "recheck", anywhere)
    with pytest.raises(Refused, match="核查日期应在 None 到今天之间"):  # the twin: the next guard
        look_again(cast, case, case.state_since)
    assert not BureauCheck.objects.exists()


def test_a_refusal_may_be_looked_through_too_but_does_not_wait(cast: Cast) -> None:
    case = road.to_decide(cast)
    on = case.state_since
    assert on is not None
    decisions.refuse(
        case.no, ground="OTHER", note="不属实", actor=cast.leader, on=on,
        proof=cast.proof("leader"),
    )  # fmt: skip
    assert (page(cast, on).rechecks, page(cast, on).approved) == ([], 0)
    look_again(cast, case, on)
    assert road.fresh(case).rechecked_on == on


def test_the_longest_waiting_comes_first_and_the_figures_are_of_this_year(cast: Cast) -> None:
    later = road.approved(cast, 1, ON + timedelta(30))
    first = road.approved(cast, 2, ON)
    on = decided(later)
    assert numbers(page(cast, on).rechecks) == [first.no, later.no]
    look_again(cast, first, on)
    assert (page(cast, on).approved, page(cast, on).rechecked) == (2, 1)
    next_year = page(cast, date(2027, 1, 4))
    assert numbers(next_year.rechecks) == [later.no]  # what was left over still waits
    assert (next_year.approved, next_year.rechecked) == (0, 0)


def test_what_is_not_as_it_should_be_is_kept_with_its_words(cast: Cast) -> None:
    case = road.approved(cast)
    look_again(cast, case, decided(case), is_sound=False, finding="评议记录缺签名")
    row = BureauCheck.objects.get(case=case)
    assert (row.is_sound, row.finding) == (False, "评议记录缺签名")
    event = Event.objects.of("case", case.no).get(action="recheck")
    assert (event.note, event.body["is_sound"]) == ("评议记录缺签名", False)


@pytest.mark.parametrize("finding", ["", " \n"])
def test_it_is_said_what_was_found(cast: Cast, finding: str) -> None:
    case = road.approved(cast)
    with pytest.raises(Refused, match="须写明理由"):
        look_again(cast, case, decided(case), finding=finding)
    assert not BureauCheck.objects.exists()


# ------------------------------------------------------------------ the visit to kin


@pytest.mark.clause("9")
def test_a_family_of_kin_waits_for_the_visit_from_its_acceptance_on(cast: Cast) -> None:
    kin = road.submitted(cast, 1, **KIN)
    road.accepted(cast, 2)  # not of kin
    assert page(cast, ON).visits == []
    investigation.accept(kin.no, actor=cast.staff, on=ON)
    on = ON + timedelta(2)
    (row,) = page(cast, on).visits
    assert (row.case.no, row.days, row.url) == (kin.no, 2, f"/cases/{kin.no}/bureau_visit/")
    visit(cast, kin, on)
    assert page(cast, on).visits == []
    assert road.fresh(kin).bureau_visited_on == on
    assert BureauCheck.objects.get(case=kin).kind == "VISIT"


def test_who_was_found_by_comparison_waits_too_and_the_longest_first(cast: Cast) -> None:
    later = road.accepted(cast, 1, ON + timedelta(1), **KIN)
    first = road.accepted(cast, 2)
    Case.objects.filter(pk=first.pk).update(kin_found=True)
    on = ON + timedelta(2)
    assert numbers(page(cast, on).visits) == [first.no, later.no]
    assert [row.days for row in page(cast, on).visits] == [2, 1]


@pytest.mark.parametrize(
    ("days", "is_taken"), [(-1, False), (0, True), (1, True), (3, True), (4, False)]
)
def test_a_visit_is_between_the_acceptance_and_today(cast: Cast, days: int, is_taken: bool) -> None:
    case = road.accepted(cast, **KIN)
    day, today = ON + timedelta(days), ON + timedelta(3)
    if is_taken:
        visit(cast, case, today, checked_on=day)
    else:
        with pytest.raises(Refused, match=f"核查日期应在 {ON} 到今天之间"):
            visit(cast, case, today, checked_on=day)
    assert road.fresh(case).bureau_visited_on == (day if is_taken else None)


@pytest.mark.clause("9")
def test_without_the_visit_kin_are_not_approved(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = road.to_decide(cast, **KIN)
    on = case.state_since
    assert on is not None
    with pytest.raises(Refused, match="区民政局入户核查后再审批"):
        decisions.approve(case.no, actor=cast.leader, on=on, proof=cast.proof("leader"))
    without(monkeypatch, case, "approve", "kin_visited")
    decisions.approve(case.no, actor=cast.leader, on=on, proof=cast.proof("leader"))  # the twin
    assert road.fresh(case).state == "APPROVED"


def test_an_emergency_of_kin_waits_from_the_request_on(cast: Cast) -> None:
    data = roads.relief_application(urgent=True, **KIN)
    case = roads.submitted(cast, data, {}, ON)
    assert numbers(page(cast, ON).visits) == [case.no]
    visit(cast, case, ON)
    assert page(cast, ON).visits == []


def test_a_case_that_is_over_waits_for_no_visit(cast: Cast) -> None:
    case = road.to_decide(cast, **KIN)
    on = case.state_since
    assert on is not None
    assert numbers(page(cast, on).visits) == [case.no]
    decisions.refuse(
        case.no, ground="OTHER", note="不属实", actor=cast.leader, on=on,
        proof=cast.proof("leader"),
    )  # fmt: skip
    assert page(cast, on).visits == []


# ------------------------------------------------------------------ who


@pytest.mark.parametrize("who", ["clerk", "staff", "leader", "bureau", "auditor"])
def test_only_the_relief_centre_writes_down_what_the_bureau_saw(cast: Cast, who: str) -> None:
    kin, case = road.accepted(cast, 1, **KIN), road.approved(cast, 2)
    with pytest.raises(PermissionDenied):
        visit(cast, kin, ON, who=who)
    with pytest.raises(PermissionDenied):
        look_again(cast, case, decided(case), who=who)
    assert not BureauCheck.objects.exists()


def test_twin_without_the_capability_anybody_writes_it_down(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cases.operations.steps.require", lambda *_: None)
    visit(cast, road.accepted(cast, **KIN), ON, who="clerk")
    assert BureauCheck.objects.get().recorded_by_id == cast.clerk.person_id


def test_what_is_of_another_district_does_not_wait_here(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    abroad = casts(cast)["abroad"]
    kin, case = road.accepted(abroad, 1, **KIN), road.approved(abroad, 2)
    on = decided(case)
    assert page(cast, on) == BureauPage(visits=[], rechecks=[], approved=0, rechecked=0)
    with pytest.raises(Case.DoesNotExist):
        visit(cast, kin, on)
    with pytest.raises(Case.DoesNotExist):
        look_again(cast, case, on)

    def all_of_them(rows: CaseQuerySet, actor: Actor) -> CaseQuerySet:
        return rows.all()

    monkeypatch.setattr(CaseQuerySet, "visible_to", all_of_them)
    visit(cast, kin, on)  # the twin
    look_again(cast, case, on)
    assert BureauCheck.objects.count() == 2


def test_the_page_leads_to_both_and_is_empty_when_all_is_done(cast: Cast) -> None:
    kin, case = road.accepted(cast, 1, **KIN), road.approved(cast, 2)
    client, on = cast.client("supervisor"), decided(case)
    sent = {"checked_on": str(on), "checkers": "甲、乙", "is_sound": "1", "finding": "情况属实"}
    with at(on):
        text = client.get("/rechecks/").content.decode()
        assert "今年已批准 1 件，已复核 0 件" in text
        for url in (f"/cases/{kin.no}/bureau_visit/", f"/cases/{case.no}/recheck/"):
            assert f'href="{url}"' in text
            wrong = client.post(url, sent | {"checked_on": "昨天吧"})
            assert wrong.status_code == 422
            assert "昨天吧" in wrong.content.decode()
            assert "情况属实" in wrong.content.decode()
            assert client.post(url, sent).status_code == 302
        text = client.get("/rechecks/").content.decode()
    assert "今年已批准 1 件，已复核 1 件" in text
    assert "没有待核查的近亲属案件" in text
    assert "都复核完了" in text
    for who in ("staff", "bureau"):
        assert cast.client(who).get("/rechecks/").status_code == 403
