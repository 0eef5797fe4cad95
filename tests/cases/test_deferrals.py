"""容缺: a document comes later, on its own day; until it is there no opinion is signed (IR-10)."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, transaction

from cases.models import Case, Deferral
from cases.models.facts import facts_of, missing_slots, open_deferrals
from cases.models.record import CaseRecord
from cases.operations import decisions, investigation
from cases.operations.deferrals import defer_document
from cases.operations.documents import Paper, add_to_case, withdraw_from_case
from cases.operations.steps import perform
from cases.reports.actions import evidence_checks
from cases.tasks import deferred_papers
from cases.views.common import deferred_text
from tests import road
from tests import road_relief as roads
from tests.cases.days import at
from tests.cases.guards import without
from tests.cases.procedure_walks import TABLES, approved_without, without_needs
from tests.cast import Cast
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.inbox import messages_for
from yuquan_relief.kernel.models import Attachment, Reminder
from yuquan_relief.kernel.workdays import WorkCalendar

ON = road.START
PROMISED = date(2026, 10, 12)
LAST = date(2026, 10, 26)  # twenty working days from 2026-09-21, over the holidays of October
BOOK = "household_book"
REASON = "户口簿在外地补办"
ALERT = "容缺：户口簿（10-12 前）"


def short(cast: Cast, *missing: str, data: dict[str, Any] | None = None) -> Case:
    """A submitted case without some of its required documents."""
    slots = {s: t for s, t in road.SLOTS.items() if s not in (missing or (BOOK,))}
    return road.fresh(roads.submitted(cast, data or road.application(), slots))


def defer(
    cast: Cast, case: Case, promised_on: date = PROMISED, slot: str = BOOK, **changes: Any
) -> Case:
    """The office lets it come later."""
    values: dict[str, Any] = {"reason": REASON, "actor": cast.staff, "on": ON} | changes
    defer_document(case.no, slot=slot, promised_on=promised_on, **values)
    return road.fresh(case)


def bring(cast: Cast, case: Case, slot: str = BOOK) -> Attachment:
    """The document as the clerk uploads it."""
    paper = Paper(slot, road.SLOTS[slot], road.photo((case.pk % 250, 77, 7)))
    return add_to_case(case.no, paper, actor=cast.clerk)


def accepted(cast: Cast, *missing: str) -> Case:
    """Accepted although documents are missing, all of them promised for one day."""
    case = short(cast, *missing)
    for slot in missing or (BOOK,):
        case = defer(cast, case, slot=slot)
    investigation.accept(case.no, actor=cast.staff, on=ON)
    return road.fresh(case)


def to_propose(cast: Cast) -> Case:
    """Its first notice is over, and the document has not come."""
    case = accepted(cast)
    road.survey(cast, case, ON)
    road.means_check(cast, case, ON)
    road.settle(cast, case, ON)
    road.appraise(cast, case, ON)
    return road.through_notice(cast, road.fresh(case), "post_review_notice", ON)


def propose(cast: Cast, case: Case) -> Case:
    """The office's opinion."""
    assert case.state_since is not None
    decisions.propose(case.no, actor=cast.staff, on=case.state_since, proof=cast.proof("staff"))
    return road.fresh(case)


# ------------------------------------------------------------------ accepted without it


def test_a_case_is_accepted_without_the_document_that_was_deferred(cast: Cast) -> None:
    case = short(cast)
    with pytest.raises(Refused, match="还缺：户口簿"):
        investigation.accept(case.no, actor=cast.staff, on=ON)
    case = defer(cast, case)
    row = Deferral.objects.get(case=case)
    assert (row.slot, row.title, row.promised_on) == (BOOK, "户口簿", PROMISED)
    assert (row.reason, row.recorded_by_id) == (REASON, cast.staff.person_id)
    assert (case.state, case.has_deferrals) == ("SUBMITTED", True)
    investigation.accept(case.no, actor=cast.staff, on=ON)
    assert road.fresh(case).state == "INVESTIGATING"


def test_of_two_missing_documents_each_is_deferred_by_itself(cast: Cast) -> None:
    case = defer(cast, short(cast, BOOK, "authorisation"))
    with pytest.raises(Refused, match="还缺：核对授权书（"):
        investigation.accept(case.no, actor=cast.staff, on=ON)
    defer(cast, case, slot="authorisation")
    investigation.accept(case.no, actor=cast.staff, on=ON)
    assert road.fresh(case).state == "INVESTIGATING"


def test_what_was_asked_for_may_be_deferred_too(cast: Cast) -> None:
    case = short(cast)
    investigation.request_corrections(case.no, items="请补户口簿", actor=cast.staff, on=ON)
    with pytest.raises(Refused, match="还缺：户口簿"):
        perform(case.no, "resubmit", actor=cast.clerk, on=ON)
    defer(cast, case)
    perform(case.no, "resubmit", actor=cast.clerk, on=ON)
    assert road.fresh(case).state == "SUBMITTED"


# ------------------------------------------------------------------ the opinion waits


def test_the_opinion_waits_until_the_file_is_there(cast: Cast) -> None:
    case = to_propose(cast)
    with pytest.raises(Refused, match="容缺材料还没有补齐：户口簿"):
        propose(cast, case)
    road.add_file(cast, case, BOOK, "户口簿", (7, 7, 70))
    assert propose(cast, case).state == "APPROVAL_NOTICE"


def test_twin_without_the_need_the_opinion_does_not_wait(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = to_propose(cast)
    without(monkeypatch, case, "propose", "deferred_here")
    assert propose(cast, case).state == "APPROVAL_NOTICE"


def test_while_the_opinion_waits_the_document_can_be_handed_in(cast: Cast) -> None:
    case = to_propose(cast)
    bring(cast, case)  # before its day, as it was promised
    assert propose(cast, case).state == "APPROVAL_NOTICE"


@pytest.mark.parametrize("name", ["ALLOWANCE", "DESTITUTE", "EXPENSE"])
def test_over_no_path_is_approved_what_is_still_promised(name: str) -> None:
    assert {facts.deferred for facts in approved_without(name)} == {()}
    open_to_all = without_needs(TABLES[name], "deferred_here")
    found = approved_without(name, table=open_to_all)
    assert {facts.deferred for facts in found} == {(), ("户口簿",)}  # the twin


# ------------------------------------------------------------------ what may be deferred


@pytest.mark.parametrize("slot", ["id_card", "income_proof", "survey_photo", "no_such_slot", ""])
def test_only_a_required_document_that_is_not_there_is_deferred(cast: Cast, slot: str) -> None:
    with pytest.raises(Refused, match="不在缺少的必交材料中"):
        defer(cast, short(cast), slot=slot)
    assert not Deferral.objects.exists()


def test_when_all_are_there_nothing_is_deferred(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = road.submitted(cast)
    with pytest.raises(Refused, match="必交材料已经齐全，不用容缺"):
        defer(cast, case)
    without(monkeypatch, case, "defer_document", "documents_missing")
    with pytest.raises(Refused, match="不在缺少的必交材料中"):  # the second guard
        defer(cast, case)
    assert road.fresh(case).has_deferrals is False
    monkeypatch.setattr("cases.operations.deferrals.missing_slots", lambda _: [(BOOK, "户口簿")])
    assert defer(cast, case).has_deferrals  # the twin


def test_a_document_is_deferred_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    case = defer(cast, short(cast, BOOK, "authorisation"))
    with pytest.raises(Refused, match="不在缺少的必交材料中"):
        defer(cast, case, LAST)
    monkeypatch.setattr("cases.operations.deferrals.missing_slots", lambda _: [(BOOK, "户口簿")])
    with pytest.raises(IntegrityError, match="deferral_once"), transaction.atomic():
        defer(cast, case, LAST)  # the twin: the last net
    assert Deferral.objects.get(case=case).promised_on == PROMISED


DAYS = [
    (ON - timedelta(1), False),
    (ON, False),
    (ON + timedelta(1), True),
    (LAST, True),
    (LAST + timedelta(1), False),
]


@pytest.mark.parametrize(("day", "is_taken"), DAYS)
def test_its_day_is_within_twenty_working_days(cast: Cast, day: date, is_taken: bool) -> None:
    case = short(cast)
    if is_taken:
        defer(cast, case, day)
    else:
        with pytest.raises(Refused, match="补交日期应在明天到 2026-10-26 之间"):
            defer(cast, case, day)
    assert Deferral.objects.filter(promised_on=day).count() == is_taken


def test_twin_with_a_longer_calendar_a_later_day_is_taken(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(WorkCalendar, "add_workdays", lambda _, day, n: day + timedelta(n * 2))
    assert defer(cast, short(cast), LAST + timedelta(1)).has_deferrals


@pytest.mark.parametrize("reason", ["", " \n"])
def test_it_is_said_why(cast: Cast, reason: str) -> None:
    with pytest.raises(Refused, match="须写明理由"):
        defer(cast, short(cast), reason=reason)
    assert not Deferral.objects.exists()


def test_the_office_of_the_case_defers_and_nobody_else(cast: Cast) -> None:
    case = short(cast)
    for who in ("clerk", "leader", "supervisor"):
        with pytest.raises(PermissionDenied):
            defer(cast, case, actor=cast.actors[who])
    with pytest.raises(Case.DoesNotExist):
        defer(cast, case, actor=cast.foreign_staff)
    assert not Deferral.objects.exists()


def test_after_acceptance_nothing_is_deferred(cast: Cast) -> None:
    case = accepted(cast)
    with pytest.raises(Refused, match="现在是“调查中”"):
        defer(cast, case, slot="authorisation")


@pytest.mark.parametrize("act", ["update", "delete"])
def test_what_was_promised_stays(cast: Cast, act: str) -> None:
    rows = Deferral.objects.filter(case=accepted(cast))
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        rows.update(promised_on=LAST) if act == "update" else rows._raw_delete(rows.db)
    assert rows.get().promised_on == PROMISED


# ------------------------------------------------------------------ the header


def shown(cast: Cast, case: Case, who: str = "clerk") -> str:
    """The page of the case on the first day."""
    with at(ON):
        return cast.client(who).get(f"/cases/{case.no}/").content.decode()


def test_the_header_says_what_is_promised_until_it_is_there(cast: Cast) -> None:
    case = short(cast)
    assert "容缺：" not in shown(cast, case)
    case = defer(cast, case)
    assert ALERT in shown(cast, case)
    assert ALERT in shown(cast, case, "staff")
    file = bring(cast, case)
    assert "容缺：" not in shown(cast, case)
    withdraw_from_case(case.no, file, actor=cast.clerk)
    assert ALERT in shown(cast, case)


def test_of_several_each_goes_by_itself(cast: Cast) -> None:
    case = accepted(cast, BOOK, "authorisation")
    both = "容缺：户口簿（10-12 前）、核对授权书（10-12 前）"
    assert deferred_text(CaseRecord(case, ON)) == both
    bring(cast, case)
    record = CaseRecord(case, ON)
    assert deferred_text(record) == "容缺：核对授权书（10-12 前）"
    assert [d.slot for d in open_deferrals(record)] == ["authorisation"]
    assert missing_slots(record) == []


def test_kin_and_what_is_promised_stand_side_by_side(cast: Cast) -> None:
    case = short(cast, data=road.application(kin_declared=True, kin_note="社区主任的弟媳"))
    assert f"已申报近亲属关系　{ALERT}" in shown(cast, defer(cast, case))


def test_the_papers_are_not_called_complete_while_one_is_promised(cast: Cast) -> None:
    case = accepted(cast)
    facts = facts_of(CaseRecord(case, ON))
    assert facts.deferred == ("户口簿",)
    assert "材料齐全" not in [check.text for check in evidence_checks(case, facts)]


# ------------------------------------------------------------------ reminders


def told(cast: Cast, who: str, on: date = PROMISED) -> list[str]:
    """What the inbox says of promised documents."""
    messages = messages_for(cast.actors[who], on)
    return [m.text for m in messages if m.text.startswith("容缺材料")]


SENTENCE = "容缺材料户口簿应在 2026-10-12 前补交"


def test_the_clerk_and_the_office_hear_of_it_once_from_its_day_on(cast: Cast) -> None:
    case = accepted(cast)
    assert deferred_papers(PROMISED - timedelta(1)) == 0
    assert deferred_papers(PROMISED) == 2
    assert deferred_papers(PROMISED) == deferred_papers(PROMISED + timedelta(9)) == 0
    heard = {(r.role_code, r.unit_id) for r in Reminder.objects.filter(subject_key=case.no)}
    assert heard == {("clerk", case.village_id), ("office_staff", case.office_id)}
    assert told(cast, "clerk") == told(cast, "staff") == [SENTENCE]
    for who in ("neighbour_clerk", "foreign_staff", "leader"):
        assert told(cast, who) == []


def test_a_clock_that_slept_still_tells(cast: Cast) -> None:
    accepted(cast)
    assert deferred_papers(PROMISED + timedelta(30)) == 2


def test_of_what_has_come_nobody_hears(cast: Cast) -> None:
    case = accepted(cast)
    file = bring(cast, case)
    assert deferred_papers(PROMISED) == 0
    withdraw_from_case(case.no, file, actor=cast.clerk)
    assert deferred_papers(PROMISED) == 2  # the control


def test_the_inbox_empties_itself_when_the_file_comes(cast: Cast) -> None:
    case = accepted(cast)
    deferred_papers(PROMISED)
    assert told(cast, "clerk") == [SENTENCE]
    bring(cast, case)
    assert told(cast, "clerk") == told(cast, "staff") == []


def test_the_inbox_tells_of_two_due_on_one_day_each_by_itself(cast: Cast) -> None:
    case = accepted(cast, BOOK, "authorisation")
    assert deferred_papers(PROMISED) == 4
    other = "容缺材料核对授权书应在 2026-10-12 前补交"
    assert sorted(told(cast, "clerk")) == sorted([SENTENCE, other])
    bring(cast, case)
    assert told(cast, "clerk") == [other]


def test_of_a_case_that_is_over_nobody_hears(cast: Cast) -> None:
    case = defer(cast, short(cast))
    assert deferred_papers(PROMISED) == 2
    assert told(cast, "clerk") == [SENTENCE]
    perform(case.no, "decline", actor=cast.staff, on=ON, note="户籍不在本区")
    assert told(cast, "clerk") == []
    Reminder.objects.all().delete()
    assert deferred_papers(PROMISED) == 0


# ------------------------------------------------------------------ its page


def test_the_page_of_the_step_offers_what_is_missing_and_keeps_what_was_typed(cast: Cast) -> None:
    case, client = short(cast), cast.client("staff")
    url = f"/cases/{case.no}/defer_document/"
    typed = {"slot": BOOK, "promised_on": "2026-13-45", "note": REASON}
    with at(ON):
        page = client.get(url).content.decode()
        wrong = client.post(url, typed)
        late = client.post(url, typed | {"promised_on": "2026-10-27"})
        done = client.post(url, typed | {"promised_on": "2026-10-12"})
    assert 'value="household_book"' in page
    assert 'value="id_card"' not in page
    assert [wrong.status_code, late.status_code, done.status_code] == [422, 409, 302]
    for response, day in ((wrong, "2026-13-45"), (late, "2026-10-27")):
        kept = response.content.decode()
        assert day in kept
        assert REASON in kept
        assert '<option value="household_book" selected' in kept
    assert Deferral.objects.get(case=case).promised_on == PROMISED
