"""What a checked report changes in the household; the money changes in a review, not here."""

from collections.abc import Mapping
from datetime import date

from cases.models import ChangeReport
from cases.models.locks import hold_people
from cases.models.people import known
from cases.rules.application import ApplicantMember
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.fields import digest
from yuquan_relief.kernel.inputs import identity_numbers

from .applications import member_row


def _apply_address(row: ChangeReport, new: Mapping[str, str]) -> None:
    household = row.benefit.household
    household.address = new["value"]
    household.save(update_fields=["address"])


def _apply_phone(row: ChangeReport, new: Mapping[str, str]) -> None:
    household = row.benefit.household
    household.phone, household.phone_tail = new["value"], new["value"][-4:]
    household.save(update_fields=["phone", "phone_tail"])


def _apply_left(row: ChangeReport, new: Mapping[str, str]) -> None:
    assert row.member is not None
    if row.member.relation == "SELF":
        raise Refused("户主离开、死亡的，请在家庭页面办理变更户主")
    row.member.left_on = max(row.happened_on, row.member.joined_on)
    row.member.left_reason = new.get("reason", "DIED")
    row.member.save(update_fields=["left_on", "left_reason"])


def _apply_joined(row: ChangeReport, new: Mapping[str, str]) -> None:
    """The person belongs to the household, unless in benefit or applying elsewhere (R02, R03)."""
    people = [digest(new["id_no"])]
    hold_people(people)
    busy, _ = known(people, row.reported_on)
    if busy:
        raise Refused("加入的人已有在办申请或正在享受救助，请先核对是否重复")
    person = ApplicantMember(
        name=new["name"],
        identity=identity_numbers.clean(new["id_no"], today=row.reported_on),
        relation=new["relation"],
        counts_for_income=True,
        is_insured=True,
        incomes=(),
        condition=new["condition"],
    )
    member_row(row.benefit.household, person, row.happened_on).save(force_insert=True)


def _apply_died(row: ChangeReport, new: Mapping[str, str]) -> None:
    """Of a member; a head of others is succeeded (HouseholdChange), who was alone is reviewed."""
    assert row.member is not None
    others = row.benefit.household.members.filter(left_on__isnull=True).exclude(pk=row.member.pk)
    if row.member.relation == "SELF" and not others.exists():
        return
    _apply_left(row, {"reason": "DIED"})


def _apply_condition(row: ChangeReport, new: Mapping[str, str]) -> None:
    assert row.member is not None
    row.member.condition = new["condition"]
    row.member.save(update_fields=["condition"])


def _apply_until(row: ChangeReport, new: Mapping[str, str]) -> None:
    assert row.member is not None
    name = "studies_until" if row.kind == "STUDIES" else "papers_until"
    setattr(row.member, name, date.fromisoformat(new["until"]))
    row.member.save(update_fields=[name])


APPLY = {
    "STUDIES": _apply_until,
    "PAPERS": _apply_until,
    "ADDRESS": _apply_address,
    "PHONE": _apply_phone,
    "LEFT": _apply_left,
    "JOINED": _apply_joined,
    "DIED": _apply_died,
    "CONDITION": _apply_condition,
}
