"""变化报告: told, checked by a second person, in force; the money waits for the review (3(2))."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from cases.models import Benefit, ChangeReport, PayeeAccount
from cases.models.entitlement import amounts_of
from cases.operations import change_reports
from cases.operations.reported_values import Reported
from tests import road
from tests.benefit.walks import PHOTO
from tests.cast import Cast
from tests.funds import payouts
from yuquan_relief.kernel.errors import Refused

DAY = date(2026, 11, 10)  # Tuesday
CARD = {
    "bank": "另一家演练银行",
    "holder": "演练甲",
    "kind": "card",
    "number": "6228480000000000018",
}


@pytest.fixture
def benefit(cast: Cast) -> Benefit:
    """The household of one, from the roster."""
    return payouts.in_benefit(cast, 1, name="演练甲")


def told(kind: str, **more: Any) -> Reported:
    """What the household says today of yesterday."""
    return Reported(
        **{"kind": kind, "note": "家庭报告", "happened_on": DAY, "known_on": DAY, **more}
    )


def reported(cast: Cast, benefit: Benefit, kind: str, **more: Any) -> ChangeReport:
    return change_reports.report_change(benefit.key, told(kind, **more), actor=cast.clerk, on=DAY)


def checked(cast: Cast, row: ChangeReport, *, is_true: bool = True) -> ChangeReport:
    return change_reports.check_report(
        row.pk, is_true=is_true, answer="已核实", actor=cast.staff, on=DAY
    )


def current(benefit: Benefit) -> str:
    return PayeeAccount.objects.get(household=benefit.household, is_current=True).number


@pytest.mark.clause("3(2)")
def test_a_new_account_is_paid_to_after_second_person_and_cooling_off(
    cast: Cast, benefit: Benefit
) -> None:
    old = current(benefit)
    row = checked(cast, reported(cast, benefit, "ACCOUNT", new=CARD, photo=PHOTO))
    assert (row.state, row.takes_effect_on) == ("COOLING", date(2026, 11, 13))  # three workdays
    assert change_reports.start_accounts(date(2026, 11, 12)) == 0
    assert current(benefit) == old
    assert change_reports.start_accounts(date(2026, 11, 13)) == 1
    assert current(benefit) == CARD["number"]
    assert change_reports.start_accounts(date(2026, 11, 14)) == 0
    row.refresh_from_db()
    assert row.state == "ADOPTED"


def test_during_the_cooling_off_it_can_be_taken_back(cast: Cast, benefit: Benefit) -> None:
    old = current(benefit)
    row = checked(cast, reported(cast, benefit, "ACCOUNT", new=CARD, photo=PHOTO))
    change_reports.withdraw_report(row.pk, note="本人没有申请更换", actor=cast.clerk, on=DAY)
    assert change_reports.start_accounts(date(2026, 12, 1)) == 0
    assert current(benefit) == old


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"photo": None}, "须上传证明材料"),
        ({"new": {**CARD, "holder": "别人"}}, "户名应当是这户的成员"),
        ({"new": {**CARD, "number": "12"}}, "卡号"),
        ({"new": {**CARD, "bank": " "}}, "请填写开户银行"),
        ({"note": " "}, "请写明变化"),
        ({"known_on": date(2026, 11, 11)}, "日期应依次为"),
        ({"happened_on": date(2026, 11, 11)}, "日期应依次为"),
    ],
)
def test_an_account_is_changed_with_evidence(
    cast: Cast, benefit: Benefit, more: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        reported(cast, benefit, "ACCOUNT", **{"new": CARD, "photo": PHOTO, **more})
    assert not ChangeReport.objects.exists()


@pytest.mark.clause("4(1).1")
def test_who_reported_does_not_check(cast: Cast, benefit: Benefit) -> None:
    row = change_reports.report_change(
        benefit.key, told("PHONE", new={"value": "19900000001"}), actor=cast.staff, on=DAY
    )
    with pytest.raises(Refused, match="须由两个人办理"):
        checked(cast, row)
    with pytest.raises(IntegrityError, match="change_report_second_person"), transaction.atomic():
        ChangeReport.objects.filter(pk=row.pk).update(checked_by_id=cast.staff.person_id)


def test_two_reports_of_one_field_are_a_conflict(cast: Cast, benefit: Benefit) -> None:
    first = reported(cast, benefit, "PHONE", new={"value": "19900000001"})
    with pytest.raises(Refused, match="还在核实；要以这一份为准的，请勾选") as conflict:
        reported(cast, benefit, "PHONE", new={"value": "19900000002"})
    assert "演练社区经办" in conflict.value.reason
    second = reported(cast, benefit, "PHONE", new={"value": "19900000002"}, replaces=True)
    first.refresh_from_db()
    assert (first.state, first.replaced_by_id) == ("REPLACED", second.pk)


def test_reports_of_other_fields_are_no_conflict(cast: Cast, benefit: Benefit) -> None:
    reported(cast, benefit, "PHONE", new={"value": "19900000001"})
    reported(cast, benefit, "ADDRESS", new={"value": "演练路 9 号"})
    assert ChangeReport.objects.waiting().count() == 2


@pytest.mark.clause("17(4)")
@pytest.mark.clause("18(5)")
@pytest.mark.parametrize(
    ("known_on", "is_late"), [(date(2026, 8, 10), False), (date(2026, 8, 9), True)]
)
def test_what_was_kept_back_for_three_months_is_marked(
    cast: Cast, benefit: Benefit, known_on: date, is_late: bool
) -> None:
    row = reported(cast, benefit, "INCOME", happened_on=known_on, known_on=known_on)
    assert row.is_late is is_late


@pytest.mark.clause("4(1).2")
def test_what_may_change_the_money_is_reviewed_and_changes_nothing_itself(
    cast: Cast, benefit: Benefit
) -> None:
    row = checked(cast, reported(cast, benefit, "INCOME", note="儿子就业"))
    assert row.review is not None
    assert (row.review.trigger, row.review.state) == ("CHANGE", "OPEN")
    assert "儿子就业" in row.review.what
    assert amounts_of(benefit, date(2026, 12, 1)).total_fen == 682_00


def test_a_second_change_goes_into_the_review_that_is_open(cast: Cast, benefit: Benefit) -> None:
    first = checked(cast, reported(cast, benefit, "INCOME"))
    second = checked(cast, reported(cast, benefit, "PROPERTY"))
    assert first.review_id == second.review_id


def test_what_is_not_true_changes_nothing(cast: Cast, benefit: Benefit) -> None:
    row = checked(cast, reported(cast, benefit, "PHONE", new={"value": "19900000001"}),
                  is_true=False)  # fmt: skip
    benefit.household.refresh_from_db()
    assert (row.state, benefit.household.phone) == ("REJECTED", "")


def test_phone_and_address_stand_after_the_check(cast: Cast, benefit: Benefit) -> None:
    checked(cast, reported(cast, benefit, "PHONE", new={"value": "19900000001"}))
    checked(cast, reported(cast, benefit, "ADDRESS", new={"value": "演练路 9 号"}))
    home = benefit.household
    home.refresh_from_db()
    assert (home.phone, home.phone_tail, home.address) == ("19900000001", "0001", "演练路 9 号")


def member_of(cast: Cast, benefit: Benefit, **more: Any) -> Any:
    person = road.number(801, born=date(2005, 3, 4))
    return payouts.member(
        benefit.household,
        801,
        "演练儿",
        **{"relation": "CHILD", "id_no": person, "id_digest": "8" * 64, **more},
    )


def test_a_member_leaves_joins_and_dies(cast: Cast, benefit: Benefit) -> None:
    son = member_of(cast, benefit)
    checked(cast, reported(cast, benefit, "LEFT", member_id=son.pk, new={"reason": "MARRIED"}))
    son.refresh_from_db()
    assert (son.left_on, son.left_reason) == (DAY, "MARRIED")
    born = {
        "name": "演练孙",
        "id_no": road.number(802, born=date(2026, 11, 1)),
        "relation": "GRANDCHILD",
        "condition": "HEALTHY",
    }
    checked(cast, reported(cast, benefit, "JOINED", new=born))
    child = benefit.household.members.get(name="演练孙")
    assert (child.joined_on, child.relation, child.is_insured) == (DAY, "GRANDCHILD", True)
    checked(cast, reported(cast, benefit, "DIED", member_id=child.pk, photo=PHOTO))
    child.refresh_from_db()
    assert child.left_reason == "DIED"


def test_who_joins_is_in_no_other_benefit(cast: Cast, benefit: Benefit) -> None:
    other = payouts.in_benefit(cast, 2, name="演练乙")
    head = other.household.members.get()
    new = {"name": head.name, "id_no": head.id_no, "relation": "PARENT", "condition": "HEALTHY"}
    row = reported(cast, benefit, "JOINED", new=new)
    with pytest.raises(Refused, match="正在享受救助"):
        checked(cast, row)
    assert benefit.household.members.count() == 1


def test_a_head_of_others_is_succeeded_and_not_struck_off(cast: Cast, benefit: Benefit) -> None:
    member_of(cast, benefit)
    head = benefit.household.members.get(relation="SELF")
    row = reported(cast, benefit, "DIED", member_id=head.pk, photo=PHOTO)
    with pytest.raises(Refused, match="办理变更户主"):
        checked(cast, row)


def test_papers_and_studies_have_an_end(cast: Cast, benefit: Benefit) -> None:
    head = benefit.household.members.get()
    until = {"until": "2027-07-01"}
    checked(cast, reported(cast, benefit, "STUDIES", member_id=head.pk, new=until))
    checked(cast, reported(cast, benefit, "PAPERS", member_id=head.pk, new=until))
    head.refresh_from_db()
    assert head.studies_until == head.papers_until == date(2027, 7, 1)


def test_scope_and_rights(cast: Cast, benefit: Benefit) -> None:
    with pytest.raises(Benefit.DoesNotExist):
        change_reports.report_change(benefit.key, told("INCOME"), actor=cast.foreign_clerk, on=DAY)
    row = reported(cast, benefit, "INCOME")
    with pytest.raises(PermissionDenied):
        change_reports.check_report(row.pk, is_true=True, answer="是", actor=cast.clerk, on=DAY)
    with pytest.raises(ChangeReport.DoesNotExist):
        change_reports.check_report(
            row.pk, is_true=True, answer="是", actor=cast.foreign_staff, on=DAY
        )


def test_one_check_counts(cast: Cast, benefit: Benefit) -> None:
    row = reported(cast, benefit, "INCOME")
    checked(cast, row)
    with pytest.raises(Refused, match="不用再核实"):
        checked(cast, row)


def test_an_unknown_kind_is_refused(cast: Cast, benefit: Benefit) -> None:
    with pytest.raises(Refused, match="请选择变化的种类"):
        change_reports.report_change(
            benefit.key, replace(told("INCOME"), kind="LUCK"), actor=cast.clerk, on=DAY
        )
