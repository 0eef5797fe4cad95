"""The register of relatives of those in office: who is found, when, and who may write in it."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, connection, transaction

from cases.models import Case, StaffRelative, checks, people
from cases.models import kin as register
from cases.models.kin import related
from cases.models.people import known
from cases.models.record import CaseRecord
from cases.operations import decisions, kin
from cases.operations.bureau import BureauFinding, record_bureau_visit
from tests import road
from tests.access.world import casts
from tests.cast import Cast
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.fields import digest
from yuquan_relief.kernel.inputs import identity_numbers
from yuquan_relief.kernel.models import Event, Post

ON = road.START
SPOUSE = road.number(3, is_male=False)  # 演练乙 of the family of serial 1
WITHDRAWN = "NOT EXISTS (SELECT FROM cases_staffrelative w WHERE w.withdraws_id = r.id)"
IN_POST = "coalesce(o.ends_on, %(on)s) >= %(on)s"
LATE = "演练乙是在岗工作人员的备案近亲属，受理后才发现"


def post_of(cast: Cast, name: str) -> int:
    """The post of somebody of the cast."""
    post_id = cast.actors[name].post_id
    assert post_id is not None
    return post_id


def leave(cast: Cast, name: str, on: date | None) -> None:
    """The last day of that post."""
    Post.objects.filter(pk=post_of(cast, name)).update(ends_on=on)


def relative(post_id: int, relation: str = "SIBLING") -> kin.Relative:
    """The applicant's wife, as a relative of whoever holds the post."""
    identity = identity_numbers.clean(SPOUSE, today=ON)
    return kin.Relative(post_id=post_id, name="演练乙", relation=relation, identity=identity)


def enter(cast: Cast, who: str = "staff", whose: str = "head", on: date = ON) -> StaffRelative:
    """`who` enters the wife as a relative of `whose`."""
    return kin.register_relative(relative(post_of(cast, whose)), actor=cast.actors[who], on=on)


def withdraw(cast: Cast, row: StaffRelative, who: str = "staff", reason: str = "录错") -> None:
    """`who` withdraws the entry."""
    kin.withdraw_relative(row.pk, reason=reason, actor=cast.actors[who], on=ON)


def lift(
    monkeypatch: pytest.MonkeyPatch, place: object, name: str, guard: str, instead: str = "true"
) -> None:
    """The statement without its guard."""
    statement = getattr(place, name)
    assert guard in statement
    monkeypatch.setattr(place, name, statement.replace(guard, instead))


def unlooked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rule at the decision finds nothing."""
    lift(monkeypatch, checks, "ELSEWHERE", "NOT %(is_kin)s", "false")


def visit(cast: Cast, case: Case) -> None:
    """The bureau was there."""
    assert case.state_since is not None
    found = BureauFinding(
        checked_on=case.state_since, checkers="甲、乙", is_sound=True, finding="情况属实"
    )
    record_bureau_visit(case.no, found, actor=cast.supervisor, on=case.state_since)


def propose(cast: Cast, case: Case) -> Case:
    """The office's opinion."""
    assert case.state_since is not None
    decisions.propose(case.no, actor=cast.staff, on=case.state_since, proof=cast.proof("staff"))
    return road.fresh(case)


def approve(cast: Cast, case: Case) -> Case:
    """The leader agrees."""
    assert case.state_since is not None
    decisions.approve(case.no, actor=cast.leader, on=case.state_since, proof=cast.proof("leader"))
    return road.fresh(case)


# ------------------------------------------------------------------ at submission


def test_who_stands_in_the_register_is_found_at_submission(cast: Cast) -> None:
    enter(cast)
    case = road.submitted(cast)
    assert (case.kin_found, case.kin_declared, case.is_kin) == (True, False, True)
    assert road.submitted(cast, 2).kin_found is False  # another family is not


def test_twin_without_the_register_nobody_is_found(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    lift(monkeypatch, people, "KNOWN", "r.withdraws_id IS NULL", "false")
    enter(cast)
    assert road.submitted(cast).kin_found is False


def found_by(case: Case) -> dict[str, bool]:
    """Which of the three places find the wife: submission, the opinion, the decision."""
    late = any(code == "R46N" for code, _ in checks._elsewhere(CaseRecord(case, ON)))
    return {
        "submission": bool(known([digest(SPOUSE)], ON)[1]),
        "opinion": bool(related([digest(SPOUSE)], ON)),
        "decision": late,
    }


EVERYWHERE = {"submission": True, "opinion": True, "decision": True}
NOWHERE = dict.fromkeys(EVERYWHERE, False)
STATEMENTS = ((people, "KNOWN"), (register, "RELATED"), (checks, "ELSEWHERE"))


def test_a_withdrawn_entry_counts_nowhere(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    case = road.submitted(cast)
    row = enter(cast)
    assert found_by(case) == EVERYWHERE
    withdraw(cast, row)
    assert found_by(case) == NOWHERE
    for place, name in STATEMENTS:  # the twin
        lift(monkeypatch, place, name, WITHDRAWN)
    assert found_by(case) == EVERYWHERE


@pytest.mark.parametrize(
    ("left_on", "found"), [(date(2026, 9, 20), NOWHERE), (ON, EVERYWHERE), (None, EVERYWHERE)]
)
def test_relatives_of_who_has_left_office_count_nowhere(
    cast: Cast, left_on: date | None, found: dict[str, bool]
) -> None:
    case = road.submitted(cast)
    enter(cast)
    leave(cast, "head", left_on)
    assert found_by(case) == found


def test_twin_without_the_days_of_the_post_they_count(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = road.submitted(cast)
    enter(cast)
    leave(cast, "head", date(2026, 9, 20))
    for place, name in STATEMENTS:
        lift(monkeypatch, place, name, IN_POST)
    assert found_by(case) == EVERYWHERE


# ------------------------------------------------------------------ after submission


@pytest.mark.clause("9")
def test_entered_after_submission_it_is_found_at_the_opinion(cast: Cast) -> None:
    case = road.to_propose(cast)
    enter(cast)
    assert case.kin_found is False
    case = propose(cast, case)
    assert (case.state, case.kin_found) == ("APPROVAL_NOTICE", True)
    assert case.state_since is not None
    case = road.through_notice(cast, case, "post_approval_notice", case.state_since)
    with pytest.raises(Refused, match="区民政局入户核查后再审批"):
        approve(cast, case)
    visit(cast, case)
    assert approve(cast, case).state == "APPROVED"


def test_twin_an_opinion_that_does_not_look_is_stopped_by_the_rule_and_without_it_by_nothing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = road.to_propose(cast)
    enter(cast)
    monkeypatch.setattr(decisions, "related", lambda *_: set())
    with pytest.raises(Refused, match=LATE):
        propose(cast, case)
    unlooked(monkeypatch)
    case = propose(cast, case)
    assert (case.state, case.kin_found) == ("APPROVAL_NOTICE", False)


def test_entered_after_the_opinion_the_decision_is_refused(cast: Cast) -> None:
    case = road.to_decide(cast)
    row = enter(cast)
    with pytest.raises(Refused, match=f"{LATE}，请按近亲属案件办理（第八条）") as refused:
        approve(cast, case)
    assert refused.value.code == "check_failed"
    assert road.fresh(case).state == "TO_DECIDE"
    withdraw(cast, row)  # the control: it was the entry alone
    assert approve(cast, case).state == "APPROVED"


def test_twin_without_the_rule_the_decision_goes_through(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = road.to_decide(cast)
    enter(cast)
    unlooked(monkeypatch)
    case = approve(cast, case)
    assert (case.state, case.kin_found) == ("APPROVED", False)


def test_a_family_known_as_kin_is_not_said_to_be_new(cast: Cast) -> None:
    case = road.to_decide(cast, kin_declared=True, kin_note="社区主任的弟媳")
    enter(cast)
    visit(cast, case)
    assert approve(cast, case).state == "APPROVED"


def test_sent_back_it_is_found_at_the_next_opinion(cast: Cast) -> None:
    case = road.to_decide(cast)
    enter(cast)
    on = case.state_since
    assert on is not None
    decisions.send_back(case.no, note="按近亲属案件办理", actor=cast.leader, on=on)
    road.settle(cast, road.fresh(case), on)
    case = propose(cast, road.through_notice(cast, road.fresh(case), "post_review_notice", on))
    assert (case.round, case.kin_found) == (2, True)


# ------------------------------------------------------------------ who writes in it


@pytest.mark.parametrize(
    ("who", "whose", "is_taken"),
    [
        ("clerk", "head", True),
        ("clerk", "neighbour_clerk", False),
        ("clerk", "staff", False),
        ("staff", "leader", True),
        ("staff", "neighbour_clerk", True),
        ("staff", "foreign_clerk", False),
        ("staff", "foreign_staff", False),
        ("staff", "bureau", False),
        ("supervisor", "bureau", True),
        ("supervisor", "foreign_leader", True),
        ("supervisor", "neighbour_clerk", True),
        ("supervisor", "head", True),
        ("supervisor", "abroad_leader", False),
        ("supervisor", "abroad_verifier", False),
    ],
)
def test_only_for_posts_of_the_own_unit_and_below(
    cast: Cast, who: str, whose: str, is_taken: bool
) -> None:
    casts(cast)  # brings the posts of another district
    if is_taken:
        enter(cast, who, whose)
    else:
        with pytest.raises(Refused, match="请选择本单位在岗的人员"):
            enter(cast, who, whose)
    assert StaffRelative.objects.count() == is_taken


def test_twin_without_the_own_unit_any_post_is_taken(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kin, "posts_of", lambda *_: list(Post.objects.select_related("unit")))
    enter(cast, "clerk", "foreign_staff")
    assert StaffRelative.objects.count() == 1


def test_for_a_post_that_has_ended_nothing_is_entered(cast: Cast) -> None:
    leave(cast, "head", date(2026, 9, 20))
    with pytest.raises(Refused, match="在岗的人员"):
        enter(cast)
    enter(cast, on=date(2026, 9, 20))


def test_the_same_entry_is_not_made_twice(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    row = enter(cast)
    with pytest.raises(Refused, match="已经备案，不用重复登记"):
        enter(cast, "clerk")
    enter(cast, whose="leader")  # somebody else's relative too
    withdraw(cast, row)
    enter(cast)  # entered anew after it was withdrawn
    assert StaffRelative.objects.filter(withdraws=None).count() == 3
    monkeypatch.setattr(StaffRelative.objects, "filter", lambda **_: StaffRelative.objects.none())
    enter(cast)  # the twin: nothing else asks
    assert StaffRelative.objects.exclude(withdraws__isnull=False).count() == 4


def test_an_unknown_relation_is_refused(cast: Cast) -> None:
    cousin = relative(post_of(cast, "head"), "COUSIN")
    with pytest.raises(Refused, match="请选择亲属关系"):
        kin.register_relative(cousin, actor=cast.staff, on=ON)
    assert not StaffRelative.objects.exists()


@pytest.mark.parametrize("reason", ["", " \n\t"])
def test_an_entry_is_not_withdrawn_without_a_reason(cast: Cast, reason: str) -> None:
    row = enter(cast)
    with pytest.raises(Refused, match="请写明撤销备案的理由"):
        withdraw(cast, row, reason=reason)
    assert StaffRelative.objects.get() == row


def test_an_entry_is_withdrawn_once_and_its_withdrawal_never(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = enter(cast)
    withdraw(cast, row)
    with pytest.raises(Refused, match="已经撤销"):
        withdraw(cast, row)
    with pytest.raises(StaffRelative.DoesNotExist):
        withdraw(cast, StaffRelative.objects.get(withdraws=row))
    assert StaffRelative.objects.get(withdraws=row).reason == "录错"
    monkeypatch.setattr(StaffRelative.objects, "filter", lambda **_: StaffRelative.objects.none())
    with pytest.raises(IntegrityError, match="withdraws_id"):  # the twin: the last net
        withdraw(cast, row)


@pytest.mark.parametrize("who", ["leader", "head", "auditor", "bureau", "sysadmin"])
def test_other_posts_neither_enter_nor_withdraw(cast: Cast, who: str) -> None:
    row = enter(cast)
    with pytest.raises(PermissionDenied):
        enter(cast, who)
    with pytest.raises(PermissionDenied):
        withdraw(cast, row, who)
    assert StaffRelative.objects.get() == row


# ------------------------------------------------------------------ what stays, who sees it


ASKED = ("clerk", "staff", "neighbour_clerk", "foreign_clerk", "foreign_staff", "supervisor")


def seen_by(cast: Cast, row: StaffRelative) -> set[str]:
    """Who of the cast sees the entry."""
    visible = StaffRelative.objects.visible_to
    names = [
        "clerk",
        "staff",
        "neighbour_clerk",
        "foreign_clerk",
        "foreign_staff",
        "supervisor",
        "sysadmin",
    ]
    return {name for name in names if visible(cast.actors[name]).filter(pk=row.pk).exists()}


def test_who_sees_an_entry(cast: Cast) -> None:
    assert seen_by(cast, enter(cast)) == {"clerk", "staff", "supervisor"}
    assert seen_by(cast, enter(cast, whose="leader")) == {"staff", "supervisor"}
    assert seen_by(cast, enter(cast, "supervisor", "bureau")) == {"supervisor"}


@pytest.mark.parametrize("who", ["neighbour_clerk", "foreign_clerk", "foreign_staff"])
def test_elsewhere_an_entry_is_not_there_to_be_withdrawn(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    row = enter(cast)
    with pytest.raises(StaffRelative.DoesNotExist):
        withdraw(cast, row, who)

    def all_of_them(rows: register.StaffRelativeQuerySet, actor: Actor) -> object:
        return rows.all()

    monkeypatch.setattr(register.StaffRelativeQuerySet, "visible_to", all_of_them)
    withdraw(cast, row, who)  # the twin


@pytest.mark.parametrize("act", ["update", "delete"])
def test_an_entry_is_never_changed(cast: Cast, act: str) -> None:
    rows = StaffRelative.objects.filter(pk=enter(cast).pk)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        rows.update(name="别人") if act == "update" else rows._raw_delete(rows.db)
    assert rows.get().name == "演练乙"


def test_the_number_stands_sealed_and_in_no_event(cast: Cast) -> None:
    row = enter(cast)
    withdraw(cast, row)
    with connection.cursor() as cursor:
        cursor.execute("SELECT r::text FROM cases_staffrelative r")
        rows = [text for (text,) in cursor.fetchall()]
        cursor.execute("SELECT e::text FROM kernel_event e WHERE subject_kind = 'kin'")
        events = [text for (text,) in cursor.fetchall()]
    assert [len(rows), len(events)] == [2, 2]
    assert not [text for text in rows + events if SPOUSE in text]
    assert StaffRelative.objects.get(pk=row.pk).id_no == SPOUSE
    acts = Event.objects.filter(subject_kind="kin", subject_key=str(row.pk)).order_by("seq")
    assert [e.action for e in acts] == ["register_relative", "withdraw_relative"]
