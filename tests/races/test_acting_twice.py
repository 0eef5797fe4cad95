"""Acts that may be done once, done twice at the same moment: one effect, the other is told why."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from unittest import mock

import pytest
from django.db import IntegrityError
from django.db.models import QuerySet
from django.utils import timezone

from cases.models import BureauCheck, CaptureLink, Case, Deferral, Draft, HandOver, Lead
from cases.models.capture import MOST_FILES
from cases.operations import bureau, capture, deferrals, extension, leads, relief
from tests import road
from tests import road_relief as roads
from tests.cases.days import at
from tests.cast import Cast, make_cast
from tests.races.arena import CERTAIN, drop_uniques, meeting_at, together, without_row_locks
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Attachment, Event

ON = road.START
MOMENT = "cases.operations.steps.facts_of"  # just after all that is judged was read
NOW = datetime(2026, 9, 22, 9, 0, tzinfo=timezone.get_default_timezone())


@pytest.fixture
def house(own_database: str, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """People in a database of their own, to which threads commit; the morning after a fire."""
    monkeypatch.setattr("cases.operations.relief.now", lambda: NOW)
    return make_cast()


def refused(outcomes: list[Any]) -> list[str]:
    """Why some were told no."""
    return [o.reason for o in outcomes if isinstance(o, Refused)]


def failed(outcomes: list[Any]) -> list[type]:
    """Those who met an error that is no answer."""
    return [type(o) for o in outcomes if isinstance(o, Exception) and not isinstance(o, Refused)]


def acts(case: Case, action: str) -> int:
    """How often the timeline says so."""
    return Event.objects.of("case", case.no).filter(action=action).count()


# ------------------------------------------------------------------ 登记发放


CHECKED = "cases.operations.relief.why_not_handed"  # just after the sum was found to be left


def handing(cast: Cast, case: Case, amount_fen: int) -> Callable[[], Any]:
    """A sum through the bank."""
    handed = roads.handed(ON, amount_fen=amount_fen)
    return lambda: relief.hand_over(case.no, handed, actor=cast.staff, on=ON)


def handed_out(case: Case) -> int:
    """What reached the household (fen)."""
    return sum(HandOver.objects.filter(case=case).values_list("amount_fen", flat=True))


@pytest.mark.parametrize(
    ("amount", "said"), [(300_000, "已经全部发放"), (200_000, "超过还可发放的 1,000.00 元")]
)
@pytest.mark.parametrize("moment", [MOMENT, CHECKED])
def test_of_two_that_hand_over_the_same_remaining_sum_one_does(
    house: Cast, moment: str, amount: int, said: str
) -> None:
    case = roads.relieved(house)  # 3,000.00 yuan
    with meeting_at(moment):
        outcomes = together(handing(house, case, amount), handing(house, case, amount))
    (told,) = refused(outcomes)
    assert said in told
    assert failed(outcomes) == []
    assert (handed_out(case), acts(case, "hand_over")) == (amount, 1)
    assert road.fresh(case).version == case.version + 1


def test_control_without_the_lock_more_goes_out_than_was_granted(house: Cast) -> None:
    case = roads.relieved(house)
    with meeting_at(CHECKED, patience=CERTAIN), without_row_locks():
        outcomes = together(handing(house, case, 300_000), handing(house, case, 300_000))
    assert [o for o in outcomes if isinstance(o, Exception)] == []
    assert (handed_out(case), acts(case, "hand_over")) == (600_000, 2)


# ------------------------------------------------------------------ 容缺


def deferring(cast: Cast, case: Case) -> Callable[[], Any]:
    """The household book may come later."""
    return lambda: deferrals.defer_document(
        case.no,
        slot="household_book",
        promised_on=date(2026, 10, 12),
        reason="在外地补办",
        actor=cast.staff,
        on=ON,
    )


def short(cast: Cast) -> Case:
    """Without the household book and without the authorisation."""
    return roads.submitted(cast, road.application(), {"id_card": "身份证"})


def test_of_two_deferrals_of_one_document_one_counts(house: Cast) -> None:
    case = short(house)
    with meeting_at(MOMENT):
        outcomes = together(deferring(house, case), deferring(house, case))
    (told,) = refused(outcomes)
    assert "不在缺少的必交材料中" in told
    assert failed(outcomes) == []
    assert (Deferral.objects.filter(case=case).count(), acts(case, "defer_document")) == (1, 1)


def test_control_without_the_lock_the_constraint_still_holds_the_deferral(house: Cast) -> None:
    case = short(house)
    with meeting_at(MOMENT, patience=CERTAIN), without_row_locks():
        outcomes = together(deferring(house, case), deferring(house, case))
    assert failed(outcomes) == [IntegrityError]
    assert (Deferral.objects.filter(case=case).count(), acts(case, "defer_document")) == (1, 1)


def test_control_without_lock_and_constraint_the_document_is_deferred_twice(
    house: Cast, own_database: str
) -> None:
    case = short(house)
    drop_uniques(own_database, "cases_deferral")
    with meeting_at(MOMENT, patience=CERTAIN), without_row_locks():
        outcomes = together(deferring(house, case), deferring(house, case))
    assert [o for o in outcomes if isinstance(o, Exception)] == []
    assert (Deferral.objects.filter(case=case).count(), acts(case, "defer_document")) == (2, 2)


# ------------------------------------------------------------------ 延长办理时限


def extending(cast: Cast, case: Case) -> Callable[[], Any]:
    """A legal reason for a longer limit."""
    return lambda: extension.extend(
        case.no,
        reason="APART",
        note="户籍在外省",
        told_how="电话告知",
        actor=cast.leader,
        on=ON,
    )


def test_of_two_extensions_one_counts(house: Cast) -> None:
    case = road.accepted(house)
    with meeting_at(MOMENT):
        outcomes = together(extending(house, case), extending(house, case))
    (told,) = refused(outcomes)
    assert "已经延长过" in told
    assert failed(outcomes) == []
    now = road.fresh(case)
    assert (acts(case, "extend"), now.version) == (1, case.version + 1)
    assert case.due_on is not None
    assert now.due_on is not None
    assert now.due_on > case.due_on


def test_control_without_the_lock_it_is_extended_twice(house: Cast) -> None:
    case = road.accepted(house)
    with meeting_at(MOMENT, patience=CERTAIN), without_row_locks():
        outcomes = together(extending(house, case), extending(house, case))
    assert [o for o in outcomes if isinstance(o, Exception)] == []
    assert acts(case, "extend") == 2


# ------------------------------------------------------------------ 审批复核


def rechecking(cast: Cast, case: Case) -> Callable[[], Any]:
    """The bureau has looked through the file."""
    on = case.decided_on
    assert on is not None
    found = bureau.BureauFinding(
        checked_on=on, checkers="甲、乙", is_sound=True, finding="情况属实"
    )
    return lambda: bureau.recheck(case.no, found, actor=cast.supervisor, on=on)


def rechecks(case: Case) -> tuple[int, int]:
    """Rows and events of the re-check."""
    return BureauCheck.objects.filter(case=case, kind="RECHECK").count(), acts(case, "recheck")


def test_of_two_rechecks_one_counts(house: Cast) -> None:
    case = road.approved(house)
    with meeting_at(MOMENT):
        outcomes = together(rechecking(house, case), rechecking(house, case))
    (told,) = refused(outcomes)
    assert "区局已经复核过本件" in told
    assert (failed(outcomes), rechecks(case)) == ([], (1, 1))


def test_control_without_the_lock_the_constraint_still_holds_the_recheck(house: Cast) -> None:
    case = road.approved(house)
    with meeting_at(MOMENT, patience=CERTAIN), without_row_locks():
        outcomes = together(rechecking(house, case), rechecking(house, case))
    assert (failed(outcomes), rechecks(case)) == ([IntegrityError], (1, 1))


def test_control_without_lock_and_constraint_it_is_rechecked_twice(
    house: Cast, own_database: str
) -> None:
    case = road.approved(house)
    drop_uniques(own_database, "cases_bureaucheck")
    with meeting_at(MOMENT, patience=CERTAIN), without_row_locks():
        outcomes = together(rechecking(house, case), rechecking(house, case))
    assert [o for o in outcomes if isinstance(o, Exception)] == []
    assert rechecks(case) == (2, 2)


# ------------------------------------------------------------------ 主动发现


FOUND = "cases.operations.leads._open"  # just after it was seen that nothing has come of it


def noticed(cast: Cast) -> Lead:
    """A family that a neighbour told of."""
    told = leads.Noticed(
        found_on=ON, source="NEIGHBOUR", name="演练甲", phone="", difficulty="丈夫住院"
    )
    return leads.record_lead(told, actor=cast.clerk, on=ON)


def applying(cast: Cast, lead: Lead) -> Callable[[], Any]:
    """The clerk begins an application."""
    return lambda: leads.apply_for_lead(lead.pk, "URBAN_ALLOWANCE", actor=cast.clerk, on=ON)


def explaining(cast: Cast, lead: Lead) -> Callable[[], Any]:
    """The clerk writes down why not."""
    return lambda: leads.explain_lead(lead.pk, reason="收入高于标准", actor=cast.clerk, on=ON)


def settled(lead: Lead) -> tuple[int, int]:
    """Drafts that were begun, and how often the lead was settled."""
    done = Event.objects.of("lead", str(lead.pk)).exclude(action="record_lead")
    return Draft.objects.count(), done.count()


def test_one_lead_becomes_one_application(house: Cast) -> None:
    lead = noticed(house)
    with meeting_at(FOUND):
        outcomes = together(applying(house, lead), applying(house, lead))
    (told,) = refused(outcomes)
    assert "这条已经办结" in told
    assert (failed(outcomes), settled(lead)) == ([], (1, 1))
    lead.refresh_from_db()
    assert (lead.result, lead.draft) == ("APPLIED", Draft.objects.get())


def test_control_without_the_lock_one_lead_becomes_two_applications(house: Cast) -> None:
    lead = noticed(house)
    with meeting_at(FOUND, patience=CERTAIN), without_row_locks():
        outcomes = together(applying(house, lead), applying(house, lead))
    assert [o for o in outcomes if isinstance(o, Exception)] == []
    assert settled(lead) == (2, 2)


def test_a_lead_is_applied_for_or_explained_and_not_both(house: Cast) -> None:
    lead = noticed(house)
    with meeting_at(FOUND):
        outcomes = together(applying(house, lead), explaining(house, lead))
    (told,) = refused(outcomes)
    assert "这条已经办结" in told
    lead.refresh_from_db()
    assert failed(outcomes) == []
    assert settled(lead) == (int(lead.result == "APPLIED"), 1)


def test_control_without_the_lock_a_lead_is_applied_for_and_explained(house: Cast) -> None:
    lead = noticed(house)
    with meeting_at(FOUND, patience=CERTAIN), without_row_locks():
        outcomes = together(applying(house, lead), explaining(house, lead))
    assert [o for o in outcomes if isinstance(o, Exception)] == []
    assert settled(lead) == (1, 2)


def test_two_clicks_on_the_list_begin_one_draft_and_one_is_told(house: Cast) -> None:
    lead = noticed(house)
    clients = [house.client("clerk"), house.client("clerk")]
    with at(ON), meeting_at(FOUND):
        answers = together(
            *[
                lambda c=client: c.post(f"/leads/{lead.pk}/", {"programme": "URBAN_ALLOWANCE"})
                for client in clients
            ]
        )
    draft = Draft.objects.get()
    (first,) = [a for a in answers if a.status_code == 302]
    assert first["Location"] == f"/apply/{draft.key}/"
    assert sorted(a.status_code for a in answers) == [302, 422]


# ------------------------------------------------------------------ 扫码补传


COUNTED = "cases.operations.capture.now"  # just before the file is counted
update = QuerySet.update


def last_use(cast: Cast, case: Case) -> CaptureLink:
    """A link by which one more file may come."""
    capture.make_link("case", case.no, "income_proof", "收入证明", actor=cast.clerk)
    CaptureLink.objects.update(files=MOST_FILES - 1)
    return CaptureLink.objects.get()


def capturing(cast: Cast, link: CaptureLink, colour: int) -> Callable[[], Any]:
    """A photo of its own."""
    content = road.photo((colour, 2, 3))
    return lambda: capture.capture(link, content, actor=cast.clerk, taken_at=None)


def captured(case: Case) -> int:
    """Files that came through the link."""
    return Attachment.objects.filter(subject_key=case.no, slot="income_proof").count()


def test_of_two_phones_on_the_last_use_of_a_link_one_adds(house: Cast) -> None:
    case = road.submitted(house)
    link = last_use(house, case)
    with meeting_at(COUNTED):
        outcomes = together(capturing(house, link, 1), capturing(house, link, 200))
    (told,) = refused(outcomes)
    assert "这个二维码已经用完" in told
    assert (failed(outcomes), captured(case)) == ([], 1)
    assert CaptureLink.objects.get().files == MOST_FILES


def looked() -> None:
    """Where the control's two phones meet."""


def in_two_steps(rows: QuerySet[Any], **values: Any) -> int:
    """The guard taken away: the count is read first and written later."""
    if rows.model is not CaptureLink:
        return update(rows, **values)
    seen = dict(rows.values_list("pk", "files"))
    looked()
    return sum(
        update(CaptureLink.objects.filter(pk=pk), files=files + 1) for pk, files in seen.items()
    )


def test_control_a_count_that_is_read_first_and_written_later_lets_both_in(house: Cast) -> None:
    case = road.submitted(house)
    link = last_use(house, case)
    meeting = meeting_at("tests.races.test_acting_twice.looked", patience=CERTAIN)
    with meeting, mock.patch.object(QuerySet, "update", in_two_steps):
        outcomes = together(capturing(house, link, 1), capturing(house, link, 200))
    assert [o for o in outcomes if isinstance(o, Exception)] == []
    assert captured(case) == 2
