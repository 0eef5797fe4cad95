"""What a household reports, read into the value that will stand; kind by kind."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from cases.models import Household
from cases.rules.programmes import CONDITIONS, LEFT_REASONS, RELATIONS
from cases.rules.reports_of_change import NEEDS_EVIDENCE
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.inputs import (
    InputError,
    bank_accounts,
    dates,
    identity_numbers,
    names,
    phones,
)


@dataclass(frozen=True, kw_only=True)
class Reported:
    """What the household told. `new`: the new value by name (account: bank, holder, kind, number;
    address, phone: value; left: reason; condition: condition). `replaces`: an earlier report of
    the same field does not hold."""

    kind: str
    note: str
    happened_on: date
    known_on: date
    member_id: int | None = None
    new: Mapping[str, str] = field(default_factory=dict)
    photo: bytes | None = None
    replaces: bool = False


def sound(household: Household, told: Reported, on: date) -> dict[str, str]:
    """The new value as it will stand; raises Refused with what to mend."""
    if not told.happened_on <= told.known_on <= on:
        raise Refused("日期应依次为：发生、家庭知道、今天，请核对")
    if not told.note.strip():
        raise Refused("请写明变化的情况")
    if told.kind in NEEDS_EVIDENCE and not told.photo:
        raise Refused("更换收款账户、成员死亡，须上传证明材料的照片")
    try:
        return READ[told.kind](household, told, on) if told.kind in READ else {}
    except InputError as wrong:
        raise Refused(wrong.message) from wrong


def _read_account(household: Household, told: Reported, on: date) -> dict[str, str]:
    new = told.new
    kind: bank_accounts.Kind = "passbook" if new.get("kind") == "passbook" else "card"
    number = bank_accounts.clean(new.get("number", ""), kind=kind)
    holder = names.clean(new.get("holder", ""))
    people = household.members.filter(left_on__isnull=True).values_list("name", flat=True)
    if not any(bank_accounts.same_holder(holder, name) for name in people):
        raise Refused("户名应当是这户的成员，请核对；由他人代领的，请先办理委托")
    bank = new.get("bank", "").strip()[:60]
    if not bank:
        raise Refused("请填写开户银行")
    return {"bank": bank, "holder": holder, "kind": kind, "number": number}


def _read_address(household: Household, told: Reported, on: date) -> dict[str, str]:
    value = told.new.get("value", "").strip()[:200]
    if not value:
        raise Refused("请填写新的住址")
    return {"value": value}


def _read_phone(household: Household, told: Reported, on: date) -> dict[str, str]:
    return {"value": phones.clean(told.new.get("value", ""))}


def _read_left(household: Household, told: Reported, on: date) -> dict[str, str]:
    reason = told.new.get("reason", "")
    if reason not in LEFT_REASONS or reason in ("DIED", "CHANGED", "CORRECTED"):
        raise Refused("请选择离开的原因")
    return {"reason": reason}


def _read_condition(household: Household, told: Reported, on: date) -> dict[str, str]:
    condition = told.new.get("condition", "")
    if condition not in CONDITIONS:
        raise Refused("请选择现在的健康状况")
    return {"condition": condition}


def _read_joined(household: Household, told: Reported, on: date) -> dict[str, str]:
    new = told.new
    name = names.clean(new.get("name", ""))
    identity = identity_numbers.clean(new.get("id_no", ""), today=on)
    relation, condition = new.get("relation", ""), new.get("condition", "HEALTHY")
    if relation not in RELATIONS or relation == "SELF" or condition not in CONDITIONS:
        raise Refused("请选择加入的成员与户主的关系和健康状况")
    return {"name": name, "id_no": identity.number, "relation": relation, "condition": condition}


def _read_until(household: Household, told: Reported, on: date) -> dict[str, str]:
    until = dates.parse_day(told.new.get("until", ""), today=on)
    if until < told.happened_on:
        raise Refused("截止日期不能早于发生日期，请核对")
    return {"until": until.isoformat()}


READ = {
    "STUDIES": _read_until,
    "PAPERS": _read_until,
    "JOINED": _read_joined,
    "ACCOUNT": _read_account,
    "ADDRESS": _read_address,
    "PHONE": _read_phone,
    "LEFT": _read_left,
    "CONDITION": _read_condition,
}
