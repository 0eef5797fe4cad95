"""Supervision when a post changes hands, and while a file's term ends (6.4): begun checks go to who
takes, nothing of a complaint is told, what is looked into keeps its file."""

from typing import Any

import pytest

from archives.models import Handover
from archives.operations import handover, keeping
from supervision.models import Complaint, Finding, Liability
from supervision.operations import complaints
from supervision.operations.complaints import Told
from tests.archives.test_parts import sealed
from tests.cast import Cast
from tests.supervision.ground import Ground
from tests.supervision.test_loop import post
from tests.supervision.test_sheets import begun, draw_of, filled, finished
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Post
from yuquan_relief.kernel.operations import people

LEAN = "authorisation survey means account appraisal notices signatures letter obligor self_care"
SUPERVISORS = ("supervisor", "supervisor2")


def post_of(cast: Cast, who: str, role: str) -> Post:
    """The post of that role."""
    return Post.objects.get(person_id=cast.actors[who].human_id, role=role)


def listed(cast: Cast, giver: str, taker: str, role: str) -> Handover:
    """The list of all that the post has."""
    return handover.open_handover(
        post_of(cast, giver, role).pk, cast.actors[taker].human_id, actor=cast.actors[giver],
        on=today(),
    )  # fmt: skip


def handed_over(cast: Cast, row: Handover, giver: str, taker: str, third: str) -> None:
    """Three people sign."""
    day: dict[str, Any] = {"on": today()}
    by = cast.actors
    handover.perform(row.no, "give", actor=by[giver], proof=cast.proof(giver), **day)
    ids = list(row.items.values_list("pk", flat=True))
    handover.answer(row.no, ids, "ACCEPTED", actor=by[taker], **day)
    handover.perform(row.no, "take", actor=by[taker], proof=cast.proof(taker), **day)
    handover.witness(row.no, actor=by[third], proof=cast.proof(third), **day)


def items(row: Handover) -> dict[str, list[str]]:
    """Keys by kind."""
    found: dict[str, list[str]] = {}
    for kind, key in row.items.values_list("kind", "key"):
        found.setdefault(kind, []).append(key)
    return found


# ------------------------------------------------------------------ a begun check


def checking(cast: Cast) -> Any:
    """A sample is drawn, and the sheet of its household begun."""
    Ground(cast).case(without=LEAN + " benefit")
    return begun(cast, draw_of(cast))


@pytest.mark.clause("6.4")
def test_a_begun_check_goes_to_who_takes_the_post(cast: Cast) -> None:
    sheet = checking(cast)
    leaving = post_of(cast, "supervisor", "supervisor")
    with pytest.raises(Refused, match="没有移交"):
        people.end_post(leaving, ends_on=today(), actor=cast.secadmin)
    row = listed(cast, *SUPERVISORS, "supervisor")
    assert items(row) == {"SHEET": [sheet.no], "SAMPLE": [sheet.item.sample.no]}
    handed_over(cast, row, *SUPERVISORS, "bureau")
    sheet.refresh_from_db()
    assert sheet.checked_by_id == cast.supervisor2.human_id
    people.end_post(leaving, ends_on=today(), actor=cast.secadmin)
    post(cast, "supervisor2", f"/checks/sheets/{sheet.no}/save/", **filled(sheet))
    sheet.refresh_from_db()
    assert sheet.answers


def test_control_without_passing_on_the_check_stays_with_who_left(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = checking(cast)
    monkeypatch.setattr(handover, "PASSED_ON", [])
    row = listed(cast, *SUPERVISORS, "supervisor")
    handed_over(cast, row, *SUPERVISORS, "bureau")
    sheet.refresh_from_db()
    assert sheet.checked_by_id == cast.supervisor.human_id


def test_control_without_asking_supervision_who_checks_just_leaves(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    checking(cast)
    monkeypatch.setattr(handover, "MORE", [])
    leaving = post_of(cast, "supervisor", "supervisor")
    people.end_post(leaving, ends_on=today(), actor=cast.secadmin)


def test_a_check_that_is_done_with_stays_with_who_signed_it(cast: Cast) -> None:
    sheet = finished(cast, checking(cast))
    row = listed(cast, *SUPERVISORS, "supervisor")
    assert items(row) == {"SAMPLE": [sheet.item.sample.no]}
    handed_over(cast, row, *SUPERVISORS, "bureau")
    sheet.refresh_from_db()
    assert sheet.checked_by_id == cast.supervisor.human_id


# ------------------------------------------------------------------ what an office has


def told(cast: Cast, *persons: int, case_no: str = "") -> Complaint:
    """A complaint about another office, given to this one to look into."""
    row = complaints.receive(
        Told(kind="REPORT", channel="VISIT", content="反映公示不规范", received_on=today(),
             office_id=None if case_no else cast.other_office.pk, persons=persons, case_no=case_no),
        actor=cast.supervisor, on=today(),
    )  # fmt: skip
    if not case_no:
        Complaint.objects.filter(pk=row.pk).update(state="HANDLING", handler=cast.office)
    return row


def test_of_complaints_an_office_hands_over_no_more_than_their_number(cast: Cast) -> None:
    cast.add("successor", "office_staff", cast.office, "接任干事")
    told(cast)
    told(cast, cast.staff.human_id or 0)  # who leaves is named in it and does not know
    row = listed(cast, "staff", "successor", "office_staff")
    assert items(row) == {"COMPLAINT": [str(cast.office.pk)]}
    assert row.items.get().title == "列清单时 1 项"
    page = cast.client("staff").get(f"/handover/{row.no}/").content.decode()
    assert not any(no in page for no in Complaint.objects.values_list("no", flat=True))


def found(cast: Cast, owner: str, household: Any = None, **about: str) -> Finding:
    """Something that was found at the office, about it or about a case."""
    subject = {"subject_kind": "office", "subject_key": cast.office.code} | about
    return Finding.objects.create(
        no=f"HC-{owner}", district=cast.district, office=cast.office, state="OPEN", source="HAND",
        opened_on=today(), severity="B", cites="8", what="发现", owner=owner,
        last_seen_on=today(), household=household, **subject,
    )  # fmt: skip


def test_findings_go_with_the_post_that_answers_for_them(cast: Cast) -> None:
    cast.add("successor", "office_staff", cast.office, "接任干事")
    found(cast, "deputy_leader")
    with pytest.raises(Refused, match="没有档案和在办事项"):
        listed(cast, "staff", "successor", "office_staff")
    found(cast, "office_staff")
    row = listed(cast, "staff", "successor", "office_staff")
    assert items(row) == {"FINDING": [str(cast.office.pk)]}
    bureau = listed(cast, *SUPERVISORS, "supervisor")
    assert bureau.items.get(kind="FINDING").title == "列清单时 2 项"


# ------------------------------------------------------------------ what keeps a file


@pytest.mark.clause("6.4")
@pytest.mark.parametrize("what", ["finding", "check", "complaint", "liability"])
def test_a_file_stays_while_what_it_proves_is_looked_into(
    cast: Cast, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dossier = sealed(cast)
    type(dossier).objects.filter(pk=dossier.pk).update(retain_until="2020-01-01")
    dossier.refresh_from_db()
    assert keeping.why_not_free(dossier, today()) == ""
    if what == "complaint":
        told(cast, case_no=dossier.case.no)
    elif what == "check":  # of the system: it names the case and no household
        found(cast, "office_staff", subject_kind="case", subject_key=dossier.case.no)
    else:
        row = found(cast, "office_staff", dossier.household)
    if what == "liability":
        Liability.objects.create(
            no="ZR-1", district=cast.district, state="OPEN", opened_on=today(), finding=row,
            unit=cast.office, level="18", clause="18(2)", facts="经核查属实", happened_on=today(),
            year=today().year,
        )  # fmt: skip
        Finding.objects.update(state="DONE")
    assert keeping.why_not_free(dossier, today()) == "还有没办结的监督事项"
    monkeypatch.setattr(keeping, "KEEPERS", [])  # the twin
    assert keeping.why_not_free(dossier, today()) == ""
