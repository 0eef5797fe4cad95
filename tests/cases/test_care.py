"""Care of 特困人员: institutions with their beds, and agreements with who cares (3(7))."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, ProgrammingError, transaction

from cases.models import CareArrangement, Case, Institution
from cases.models.checks import check_facts
from cases.models.record import CaseRecord
from cases.operations import care, decisions
from cases.rules.checks import hits
from tests import road
from tests import road_relief as roads
from tests.cast import Cast
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event

ON = roads.START
DAY = timedelta(days=1)
HOME = care.InstitutionFacts(
    name="演练敬老院", address="甲街道", phone="0471-5900000", beds=1, is_open=True
)
CARER: dict[str, Any] = {
    "support": "SCATTERED", "carer_name": "演练邻居", "carer_relation": "邻居", "agreed_on": ON,
}  # fmt: skip


def kept(cast: Cast, **changes: Any) -> Institution:
    """An institution with one bed."""
    return care.keep_institution(replace(HOME, **changes), actor=cast.supervisor, on=ON)


def arranged(cast: Cast, case: Case, on: date = ON, **values: Any) -> CareArrangement:
    """The clerk writes down who cares from now on."""
    given: dict[str, Any] = {"began_on": on, **(values or CARER)}
    care.arrange_care(case.no, care.Arranged(**given), actor=cast.clerk, on=on)
    return CareArrangement.objects.get(case=case, ended_on__isnull=True)


def in_bed(cast: Cast, case: Case, home: Institution, bed: str = "101", on: date = ON) -> Any:
    """The person lives in the institution from now on."""
    return arranged(cast, case, on, support="CENTRAL", institution_id=home.pk, bed=bed)


@pytest.fixture
def case(cast: Cast) -> Case:
    return roads.destitute(cast)


# ------------------------------------------------------------------ institutions


def test_the_district_keeps_its_institutions(cast: Cast) -> None:
    home = kept(cast)
    changed = replace(HOME, beds=3, is_open=False)
    care.keep_institution(changed, actor=cast.supervisor, on=ON, pk=home.pk)
    home.refresh_from_db()
    assert (home.beds, home.is_open, home.district_id) == (3, False, cast.district.pk)
    events = Event.objects.of("institution", str(home.pk))
    assert [e.action for e in events] == ["keep_institution"] * 2
    with pytest.raises(Refused, match="已经有同名的机构"):
        kept(cast)
    with pytest.raises(Institution.DoesNotExist):
        care.keep_institution(HOME, actor=cast.supervisor, on=ON, pk=home.pk + 1)


@pytest.mark.parametrize("who", ["clerk", "staff", "leader", "bureau", "verifier", "sysadmin"])
def test_nobody_else_keeps_them(cast: Cast, who: str) -> None:
    with pytest.raises(PermissionDenied):
        care.keep_institution(HOME, actor=cast.actors[who], on=ON)
    assert not Institution.objects.exists()


def test_nobody_loses_a_bed_when_beds_are_changed(cast: Cast, case: Case) -> None:
    home = kept(cast, beds=2)
    in_bed(cast, case, home)
    in_bed(cast, roads.destitute(cast, 2), home, "102")
    with pytest.raises(Refused, match="床位少于在住人数"):
        care.keep_institution(HOME, actor=cast.supervisor, on=ON, pk=home.pk)
    assert Institution.objects.get().beds == 2


# ------------------------------------------------------------------ arrangements


@pytest.mark.clause("3(7)")
def test_in_an_institution_the_bed_is_on_record(cast: Cast, case: Case) -> None:
    home = kept(cast)
    stay = in_bed(cast, case, home)
    assert (stay.institution, stay.bed, stay.began_on) == (home, "101", ON)
    event = Event.objects.of("case", case.no).filter(action="arrange_care").get()
    assert event.body["support"] == "CENTRAL"
    assert CaseRecord(road.fresh(case), ON).care == stay


@pytest.mark.parametrize(("beds", "bed", "said"), [
    (1, "102", "1 张床位已满"),
    (2, "101", "这个床位已有人入住"),
    (2, "102", ""),  # the twin: with a bed and a number left
])  # fmt: skip
def test_no_more_people_than_beds_and_one_in_each(
    cast: Cast, case: Case, beds: int, bed: str, said: str
) -> None:
    home, other = kept(cast, beds=beds), roads.destitute(cast, 2)
    in_bed(cast, case, home)
    if said:
        with pytest.raises(Refused, match=said):
            in_bed(cast, other, home, bed)
    else:
        in_bed(cast, other, home, bed)
    assert CareArrangement.objects.filter(case=other).exists() is (not said)
    assert Event.objects.of("case", other.no).filter(action="arrange_care").exists() is (not said)


def test_twin_without_the_look_at_the_beds_there_are_two_on_one(
    cast: Cast, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = kept(cast)
    monkeypatch.setattr(care, "_require_bed", lambda pk: None)
    in_bed(cast, case, home)
    in_bed(cast, roads.destitute(cast, 2), home, "102")
    assert home.stays.count() == 2


def test_who_moves_within_a_full_institution_keeps_a_place(cast: Cast, case: Case) -> None:
    home = kept(cast)
    in_bed(cast, case, home)
    assert in_bed(cast, case, home, "102").bed == "102"
    assert home.stays.filter(ended_on__isnull=True).count() == 1


def test_a_bed_is_free_again_when_the_person_has_left(cast: Cast, case: Case) -> None:
    home, other = kept(cast), roads.destitute(cast, 2)
    in_bed(cast, case, home)
    arranged(cast, case, ON + DAY)
    assert in_bed(cast, other, home, on=ON + DAY).institution == home


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"support": ""}, "请选择供养方式"),
        ({"began_on": ON + DAY}, "开始日期不能晚于今天"),
        ({"carer_name": " "}, "请填写照料人和协议签订日期"),
        ({"agreed_on": None}, "请填写照料人和协议签订日期"),
        ({"agreed_on": ON + DAY}, "协议签订日期不能晚于开始照料的日期"),
        ({"support": "CENTRAL"}, "请选择机构，填写床位号"),
        ({"support": "CENTRAL", "institution_id": 1, "bed": " "}, "请选择机构，填写床位号"),
        ({"support": "CENTRAL", "institution_id": 999_999, "bed": "1"}, "没有接收"),
    ],
)
@pytest.mark.clause("3(7)")
def test_what_is_missing_is_asked_for(
    cast: Cast, case: Case, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(Refused, match=said):
        arranged(cast, case, **CARER | {"began_on": ON} | changes)
    assert not CareArrangement.objects.exists()
    assert arranged(cast, case).carer_name == "演练邻居"  # the control


def test_an_institution_that_is_closed_takes_nobody(cast: Cast, case: Case) -> None:
    home = kept(cast, is_open=False)
    with pytest.raises(Refused, match="没有接收"):
        in_bed(cast, case, home)
    Institution.objects.update(is_open=True)
    in_bed(cast, case, home)  # the twin


def test_twin_without_the_question_the_database_still_asks_for_the_agreement(
    cast: Cast, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(care, "_objection", lambda arranged, on: "")
    monkeypatch.setattr(care, "IntegrityError", ())  # what it really is
    with pytest.raises(IntegrityError, match="care_complete"):
        arranged(cast, case, **CARER | {"agreed_on": None})


def test_a_second_arrangement_ends_the_first(cast: Cast, case: Case) -> None:
    first = arranged(cast, case)
    second = arranged(cast, case, ON + 3 * DAY, **CARER | {"carer_name": "演练侄子"})
    first.refresh_from_db()
    assert (first.ended_on, second.ended_on) == (ON + 3 * DAY, None)
    earlier = CARER | {"began_on": ON + 2 * DAY}
    with pytest.raises(Refused, match="开始日期应在上次安排 2026-09-24 以后"):
        arranged(cast, case, ON + 4 * DAY, **earlier)
    assert CareArrangement.objects.get(ended_on__isnull=True) == second


def test_what_was_arranged_cannot_be_rewritten(cast: Cast, case: Case) -> None:
    row = arranged(cast, case)
    for changes in ({"carer_name": "另一人"}, {"agreed_on": ON + DAY}):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            CareArrangement.objects.filter(pk=row.pk).update(**changes)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        row.delete()
    assert CareArrangement.objects.filter(pk=row.pk).update(ended_on=ON)  # the control


@pytest.mark.parametrize("who", ["leader", "verifier", "supervisor"])
def test_who_does_not_investigate_arranges_nothing(cast: Cast, case: Case, who: str) -> None:
    given = care.Arranged(**CARER, began_on=ON)
    with pytest.raises((PermissionDenied, Case.DoesNotExist)):
        care.arrange_care(case.no, given, actor=cast.actors[who], on=ON)


def test_another_office_finds_no_such_case(cast: Cast, case: Case) -> None:
    given = care.Arranged(**CARER, began_on=ON)
    with pytest.raises(Case.DoesNotExist):
        care.arrange_care(case.no, given, actor=cast.foreign_staff, on=ON)


def found_in(case: Case, on: date = ON) -> str:
    """What the system's own checks say of self-care."""
    found = hits(check_facts(CaseRecord(road.fresh(case), on)))
    return "".join(hit.text for hit in found if hit.rule.id == "R53")


@pytest.mark.parametrize(
    ("support", "failed", "said"),
    [
        ("SCATTERED", 2, "还没有登记照料人和照料协议"),
        ("SCATTERED", 0, ""),
        ("CENTRAL", 0, "还没有登记供养机构和床位"),
    ],
)
def test_who_needs_care_and_has_none_arranged_is_found(
    cast: Cast, case: Case, support: str, failed: int, said: str
) -> None:
    roads.assess(cast, case, failed=failed)
    Case.objects.filter(pk=case.pk).update(support=support)
    assert found_in(case).endswith(said)
    assert bool(found_in(case)) is bool(said)
    arranged(cast, case)
    other = "登记的照料安排与认定的供养方式不同"
    assert found_in(case) == ("" if support == "SCATTERED" else other)


def test_who_is_refused_leaves_the_bed(cast: Cast, case: Case) -> None:
    home = kept(cast)
    in_bed(cast, case, home)
    decisions.propose_refusal(
        case.no, note="收入高于标准", actor=cast.staff, on=ON, proof=cast.proof("staff")
    )
    decisions.refuse(
        case.no, ground="INCOME", note="不符", actor=cast.leader, on=ON, proof=cast.proof("leader")
    )
    assert road.fresh(case).state == "REFUSED"
    assert in_bed(cast, roads.destitute(cast, 2), home).institution == home


@pytest.mark.clause("3(7)")
def test_the_agreement_is_not_later_than_the_care(cast: Cast, case: Case) -> None:
    late = CARER | {"began_on": ON, "agreed_on": ON + DAY}
    with pytest.raises(Refused, match="协议"):
        arranged(cast, case, ON + 2 * DAY, **late)
    assert not CareArrangement.objects.exists()
