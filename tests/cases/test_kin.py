"""Families of people in office: found by comparison, whatever the application says (I18)."""

from datetime import date

import pytest

from cases.models import Case
from cases.models.record import CaseRecord
from cases.operations.content import whole_content
from cases.operations.notices import snapshot_of
from cases.reports.actions import kin_text
from tests import road
from tests.cast import Cast
from yuquan_relief.kernel.fields import digest
from yuquan_relief.kernel.models import Person, Post


def _holds(name: str, id_no: str) -> None:
    Person.objects.filter(pk=Post.objects.get(title=name).person_id).update(id_digest=digest(id_no))


def test_a_member_of_staff_in_the_family_is_flagged(cast: Cast) -> None:
    _holds("分管副主任", road.number(3, is_male=False))
    case = road.investigated(cast)
    assert (case.kin_found, case.kin_declared, case.is_kin) == (True, False, True)
    assert kin_text(case) == "成员中有在岗工作人员或其备案近亲属"
    record = CaseRecord(case, road.START)
    assert snapshot_of(record)["kin"] is True
    assert whole_content(record)["application"]["kin_found"] is True
    assert (
        "成员中有在岗工作人员或其备案近亲属"
        in cast.client("staff").get(f"/cases/{case.no}/").content.decode()
    )


def test_a_family_without_staff_is_not_flagged(cast: Cast) -> None:
    case = road.submitted(cast)
    assert (case.kin_found, case.is_kin, kin_text(case)) == (False, False, "")


@pytest.mark.parametrize(("left_on", "found"), [(date(2026, 9, 20), False), (road.START, True)])
def test_who_has_left_office_is_not_found(cast: Cast, left_on: date, found: bool) -> None:
    _holds("社区主任", road.number(2))
    Post.objects.filter(title="社区主任").update(ends_on=left_on)
    assert road.submitted(cast).kin_found is found
    assert Case.objects.filter(kin_found=found).count() == 1


def test_declared_and_found_are_both_said(cast: Cast) -> None:
    _holds("社区主任", road.number(2))
    case = road.submitted(cast, kin_declared=True, kin_note="社区主任本人")
    assert kin_text(case) == "成员中有在岗工作人员或其备案近亲属，已申报近亲属关系"
