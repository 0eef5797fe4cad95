"""Who stands aside, and what does not get stuck (7.2, 8, 13, 16, 21): whom a complaint names, who
was found himself, who signed already; a paper that one act ends ends with what hangs on it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Q

from supervision.models import Complaint, Finding, Liability, Mending, Sheet, Words
from supervision.models import bulletin as mending_reads
from supervision.models import finding as finding_reads
from supervision.operations import complaints, findings, liability, mending, reminding, sheets
from supervision.operations.complaints import Feedback, Outcome, Told
from supervision.operations.words import KEPT, DiscreetRoad
from supervision.rules.liability import NEEDS
from tests.cast import Cast
from tests.supervision.ground import Ground
from tests.supervision.test_handing_over import LEAN, handed_over, listed
from tests.supervision.test_loop import get, post, signed
from tests.supervision.test_sheets import begun, draw_of, saved
from tests.supervision.test_sheets import signed as sign_sheet
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.inbox import messages_for
from yuquan_relief.kernel.models import Event

DAY = timedelta(days=1)
SECRET = "某某反映其亲属代领"


def told(cast: Cast, **more: Any) -> Complaint:
    """A complaint, by the counter or, with `online`, by the public page."""
    online = more.pop("online", False)
    words = Told(kind="REPORT", channel="VISIT", content="反映", received_on=today(), **more)
    if online:
        return complaints.receive_online(words, cast.district, on=today())
    return complaints.receive(words, actor=cast.supervisor, on=today())


def person(cast: Cast, who: str) -> int:
    """The key of somebody."""
    return cast.actors[who].human_id or 0


# ------------------------------------------------------------------ whom a complaint names


@pytest.mark.clause("7.2")
def test_what_came_by_the_public_page_is_not_given_out_before_the_names_are_looked_at(
    cast: Cast,
) -> None:
    row = told(cast, online=True, office_id=cast.office.pk)
    at = f"/petitions/{row.no}/"
    assert "没有登记" in get(cast, "supervisor", at)
    early = post(cast, "supervisor", at + "assign/", 409, handler=cast.other_office.pk)
    assert "请先登记被反映的人" in early.content.decode()
    post(cast, "supervisor", at + "name/", persons=[person(cast, "supervisor2")])
    get(cast, "supervisor2", at, 404)
    post(cast, "supervisor", at + "assign/", handler=cast.other_office.pk)
    post(cast, "bureau", at + "name_too/", persons=[person(cast, "supervisor")])
    get(cast, "supervisor", at, 404)
    post(cast, "supervisor", at + "name/", 404)


def test_nobody_named_is_said_too_and_at_the_counter_it_is_asked_at_once(cast: Cast) -> None:
    row = told(cast, online=True, office_id=cast.office.pk)
    post(cast, "supervisor", f"/petitions/{row.no}/name/")
    post(cast, "supervisor", f"/petitions/{row.no}/assign/", handler=cast.other_office.pk)
    assert "没有点名" in get(cast, "supervisor", f"/petitions/{row.no}/")
    other = told(cast, office_id=cast.office.pk)
    post(cast, "supervisor", f"/petitions/{other.no}/assign/", handler=cast.other_office.pk)


def test_who_turns_out_to_be_concerned_does_not_see_it_any_more(cast: Cast) -> None:
    row = told(cast, office_id=cast.office.pk)
    complaints.assign(row.no, cast.district.pk, actor=cast.supervisor, on=today())
    outcome = Outcome(result="TRUE", finding="属实", persons=[person(cast, "supervisor2")])
    complaints.find(row.no, outcome, actor=cast.supervisor, on=today())
    get(cast, "supervisor2", f"/petitions/{row.no}/", 404)


@pytest.mark.parametrize("how", ["person", "clerk", "case"])
def test_no_unit_that_is_concerned_looks_into_it(cast: Cast, how: str) -> None:
    who = {"person": "staff", "clerk": "clerk"}.get(how)
    case = Ground(cast).case().no if how == "case" else ""
    row = told(cast, persons=[person(cast, who)] if who else (), case_no=case)
    if how == "case":
        Complaint.objects.filter(pk=row.pk).update(office=None)
    assert cast.office.pk in complaints.units_concerned(row)
    with pytest.raises(Refused, match="所在的单位不能承办"):
        complaints.assign(row.no, cast.office.pk, actor=cast.supervisor, on=today())
    page = get(cast, "supervisor", f"/petitions/{row.no}/")
    assert f'value="{cast.other_office.pk}"' in page
    assert f'value="{cast.office.pk}"' not in page[page.index("承办单位") :].split("</select>")[0]
    complaints.assign(row.no, cast.other_office.pk, actor=cast.supervisor, on=today())


def test_control_without_asking_who_is_concerned_the_own_office_looks_into_it(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = told(cast, persons=[person(cast, "staff")])
    monkeypatch.setattr(complaints, "units_concerned", lambda row: set())
    complaints.assign(row.no, cast.office.pk, actor=cast.supervisor, on=today())


def test_a_case_of_another_office_than_the_one_told_is_asked_back(cast: Cast) -> None:
    case = Ground(cast).case()
    with pytest.raises(Refused, match="案件编号与反映的单位不一致"):
        told(cast, office_id=cast.other_office.pk, case_no=case.no)


def closed(cast: Cast, *named: str) -> Finding:
    """A complaint about the office that names these was true; what it became."""
    row = told(cast, office_id=cast.office.pk, persons=[person(cast, who) for who in named])
    complaints.assign(row.no, cast.district.pk, actor=cast.supervisor, on=today())
    complaints.find(row.no, Outcome(result="TRUE", finding="属实"), actor=cast.supervisor,
                    on=today())  # fmt: skip
    told_him = Feedback(how="PHONE", on=today(), words="已告知")
    complaints.close(row.no, told_him, actor=cast.supervisor, on=today())
    return Finding.objects.get(origin_kind="complaint", origin_key=row.no)


@pytest.mark.clause("7.2")
def test_what_a_complaint_becomes_is_hidden_from_whom_it_names(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = closed(cast, "staff", "supervisor2")
    at = f"/findings/{row.no}/"
    for who in ("staff", "supervisor2"):
        get(cast, who, at, 404)
        assert row.no not in get(cast, who, "/supervise/")
        post(cast, who, at + "answer/", 404, note="不属实")
    get(cast, "leader", at)
    monkeypatch.setattr(finding_reads, "about", lambda actor, prefix="": Q(pk__in=[]))  # the twin
    get(cast, "staff", at)


def test_so_is_what_must_be_mended_for_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    row = closed(cast, "staff")
    made = Mending.objects.create(
        no="ZG-1", district=cast.district, office=cast.office, state="OPEN", opened_on=today(),
        due_on=today(), first_due_on=today(), finding=row, demand="整改",
    )  # fmt: skip
    get(cast, "staff", f"/rectify/{made.no}/", 404)
    get(cast, "leader", f"/rectify/{made.no}/")
    monkeypatch.setattr(mending_reads, "about", lambda actor, prefix="": Q(pk__in=[]))  # the twin
    get(cast, "staff", f"/rectify/{made.no}/")


# ------------------------------------------------------------------ words stay out of the chain


@pytest.mark.clause("7.2")
def test_what_is_written_with_an_act_stands_sealed_beside_the_chain(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = told(cast, office_id=cast.office.pk)
    complaints.assign(row.no, cast.district.pk, actor=cast.supervisor, on=today())
    post(cast, "supervisor", f"/petitions/{row.no}/note/", note=SECRET)
    event = Event.objects.of("complaint", row.no).get(action="note")
    assert event.note == KEPT
    assert Words.objects.get(event_seq=event.seq).words == SECRET
    assert SECRET in get(cast, "supervisor", f"/petitions/{row.no}/")
    monkeypatch.setattr(DiscreetRoad, "tell", DiscreetRoad.__mro__[1].tell)  # the twin
    post(cast, "supervisor", f"/petitions/{row.no}/note/", note=SECRET)
    notes = Event.objects.of("complaint", row.no).filter(action="note")
    assert {e.note for e in notes} == {KEPT, SECRET}


# ------------------------------------------------------------------ accountability


def appealed(cast: Cast) -> Liability:
    """`bureau` decided, the office asks to look at it again; `bureau2` is another leader."""
    cast.add("bureau2", "bureau_leader", cast.district, "副局长")
    return Liability.objects.create(
        no="ZR-1", district=cast.district, office=cast.office, state="APPEALED", level="18",
        clause="18(2)", unit=cast.office, facts="超期", happened_on=today(), opened_on=today(),
        year=today().year, statement="平台迟缓", stated_on=today(), proposal="通报",
        for_unit=["DISTRICT"], decided_on=today(), decided_by_id=person(cast, "bureau"),
        appeal="不服", appealed_on=today(),
    )  # fmt: skip


@pytest.mark.clause("21")
def test_on_appeal_another_leader_takes_the_decision_back(cast: Cast) -> None:
    row = appealed(cast)
    code = signed(liability.content_of(row), note="事实不清")
    refused = post(cast, "bureau", f"/liability/{row.no}/change/", 409, **code)
    assert "复核人不能是原决定人" in refused.content.decode()
    post(cast, "bureau2", f"/liability/{row.no}/change/", **code)
    row.refresh_from_db()
    assert (row.state, row.round, row.for_unit, row.proposal) == ("STATED", 2, [], "")
    assert (row.decided_by, row.decided_on) == (None, None)
    whole = {"note": "责令整改", "for_unit": ["DISTRICT"]}
    post(cast, "supervisor", f"/liability/{row.no}/propose/", **whole)
    row.refresh_from_db()
    post(cast, "bureau", f"/liability/{row.no}/decide/", **signed(liability.content_of(row)))


def test_control_without_the_need_who_decided_takes_it_back_himself(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = appealed(cast)
    monkeypatch.setitem(NEEDS, "other", replace(NEEDS["other"], missing=lambda facts: ""))
    code = signed(liability.content_of(row), note="事实不清")
    post(cast, "bureau", f"/liability/{row.no}/change/", **code)


# ------------------------------------------------------------------ findings and their owners


def found(cast: Cast, **more: Any) -> Finding:
    """Something that waits for its owner."""
    values = {
        "no": "HC-1", "district": cast.district, "office": cast.office, "state": "OPEN",
        "source": "SYSTEM", "opened_on": today(), "severity": "M", "cites": "8", "mark": "",
        "subject_kind": "office", "subject_key": cast.office.code, "what": "发现",
        "owner": "office_staff", "last_seen_on": today(), "due_on": today() + DAY,
    }  # fmt: skip
    return Finding.objects.create(**values | more)


@pytest.mark.clause("8")
def test_what_the_centre_owns_is_answered_by_one_and_judged_by_another(cast: Cast) -> None:
    row = found(cast, owner="supervisor")
    at = f"/findings/{row.no}/"
    post(cast, "staff", at + "answer/", 409, note="不是我的")
    post(cast, "supervisor", at + "answer/", note="已向本人核实")
    own = post(cast, "supervisor", at + "confirm/", 409, note="属实")
    assert "判定人不能是答复人" in own.content.decode()
    post(cast, "supervisor2", at + "confirm/", note="属实，请改正")
    post(cast, "supervisor", at + "mend/", note="已停用账号")
    assert any("待复查" in m.text for m in messages_for(cast.supervisor2, today()))
    post(cast, "supervisor2", at + "accept/", note="已核对")
    row.refresh_from_db()
    assert (row.state, row.outcome) == ("DONE", "TRUE")


def test_nobody_sees_or_judges_what_was_found_of_himself(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = person(cast, "supervisor")
    row = found(cast, office=None, owner="supervisor", subject_kind="person",
                subject_key=str(mine))  # fmt: skip
    post(cast, "supervisor", f"/findings/{row.no}/false_alarm/", 404, note="误报")
    get(cast, "supervisor2", f"/findings/{row.no}/")
    drawn = found(cast, no="HC-2", owner="supervisor", subject_kind="sample", subject_key="CC-1",
                  evidence={"person": mine})  # fmt: skip
    at = f"/findings/{drawn.no}/"
    own = post(cast, "supervisor", at + "false_alarm/", 409, note="误报")
    assert "涉及您本人" in own.content.decode()
    monkeypatch.setattr(findings, "_is_about", lambda row, actor: False)  # the twin
    post(cast, "supervisor", at + "false_alarm/", note="误报")


# ------------------------------------------------------------------ a demand and its finding


def demanded(cast: Cast, due: int = 10) -> Mending:
    """A finding that must be mended by a day."""
    row = found(cast)
    return Mending.objects.create(
        no="ZG-1", district=cast.district, office=cast.office, state="OPEN", opened_on=today(),
        due_on=today() + due * DAY, first_due_on=today() + due * DAY, finding=row, demand="整改",
    )  # fmt: skip


@pytest.mark.clause("16")
def test_a_demand_ends_with_its_finding_and_does_not_stand_in_the_way_after(cast: Cast) -> None:
    row = demanded(cast)
    at = f"/findings/{row.finding.no}/"
    post(cast, "supervisor", at + "false_alarm/", note="数据更新前的旧数")
    row.refresh_from_db()
    assert row.state == "DROPPED"
    assert Event.objects.of("mending", row.no).filter(action="drop").exists()
    assert "不再整改" in get(cast, "staff", f"/rectify/{row.no}/")
    post(cast, "bureau", at + "reopen/", note="重新核对")
    post(cast, "supervisor", at + "confirm/", note="仍属实")
    post(cast, "staff", at + "mend/", note="已整改")
    post(cast, "supervisor", at + "accept/", note="通过")


def test_more_time_is_asked_for_before_the_day_is_past(cast: Cast) -> None:
    row = demanded(cast, due=-1)
    later = today() + 9 * DAY
    with pytest.raises(Refused, match="期限已过，不能再申请延期"):
        mending.ask_time(row.no, later, note="再等等", actor=cast.staff, on=today())
    with pytest.raises(Refused, match="没有在期限以内申请"):
        mending.extend(row.no, later, note="同意", actor=cast.supervisor, on=today())
    Mending.objects.filter(pk=row.pk).update(asked_until=later)  # asked in time, granted later
    mending.extend(row.no, later, note="同意", actor=cast.supervisor, on=today())


# ------------------------------------------------------------------ a check that is taken over


@pytest.mark.clause("13")
def test_a_check_signed_by_the_taker_waits_for_a_third(cast: Cast) -> None:
    Ground(cast).case(without=LEAN + " benefit")
    sheet = begun(cast, draw_of(cast))
    saved(cast, sheet)
    sign_sheet(cast, sheet, "supervisor2", "cosign")
    row = listed(cast, "supervisor", "supervisor2", "supervisor")
    handed_over(cast, row, "supervisor", "supervisor2", "bureau")
    sheet.refresh_from_db()
    assert sheet.checked_by_id == person(cast, "supervisor")  # who signed cannot finish it
    with pytest.raises(Refused, match="已作为第二检查人签过字"):
        sheets.take_over(sheet.no, actor=cast.supervisor2, on=today())
    cast.add("supervisor3", "supervisor", cast.district, "干事")
    post(cast, "supervisor3", f"/checks/sheets/{sheet.no}/take_over/")
    sheet.refresh_from_db()
    assert sheet.checked_by_id == person(cast, "supervisor3")
    sign_sheet(cast, sheet, "supervisor2", "cosign")
    sign_sheet(cast, sheet, "supervisor3", "finish")
    assert Sheet.objects.get(pk=sheet.pk).finished_on


# ------------------------------------------------------------------ the ladder


@pytest.mark.clause("5(5)")
@pytest.mark.parametrize(
    ("what", "who"),
    [("finding", "staff"), ("leaders", "leader"), ("centre", "supervisor"),
     ("mending", "staff"), ("complaint", "foreign_staff"), ("own", "supervisor")],
)  # fmt: skip
def test_what_is_due_within_days_is_told_to_whose_turn_it_is(
    cast: Cast, what: str, who: str
) -> None:
    others = {"staff", "leader", "supervisor", "foreign_staff", "auditor"} - {who}
    due = {"due_on": today() + 2 * DAY}
    if what in ("finding", "leaders", "centre"):
        owner = {"leaders": "deputy_leader", "centre": "supervisor"}.get(what, "office_staff")
        found(cast, owner=owner, **due)
    elif what == "mending":
        demanded(cast, due=2)
        Finding.objects.update(due_on=None)
    else:
        row = told(cast, office_id=cast.office.pk)
        handler = cast.other_office if what == "complaint" else cast.district
        Complaint.objects.filter(pk=row.pk).update(state="HANDLING", handler=handler, **due)
    assert reminding.remind_late(today()) == 1
    assert reminding.remind_late(today()) == 0
    assert "三天内到期" in " ".join(m.text for m in messages_for(cast.actors[who], today()))
    for other in others:
        said = " ".join(m.text for m in messages_for(cast.actors[other], today()))
        assert "三天内到期" not in said, other


def test_far_off_nothing_is_told(cast: Cast) -> None:
    found(cast, due_on=today() + 4 * DAY)
    assert reminding.remind_late(today()) == 0
