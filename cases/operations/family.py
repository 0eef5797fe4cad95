"""The family as it was found: who belongs to it, as what, since when (3(1), N1 第七条)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from cases.models import Case, IncomeLine, Member, PayeeAccount, PropertyItem
from cases.models.locks import hold_people
from cases.models.people import known
from cases.models.record import CaseRecord
from cases.rules.application import ApplicantMember
from cases.rules.programmes import LEFT_REASONS, Family
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.fields import digest
from yuquan_relief.kernel.inputs import bank_accounts
from yuquan_relief.kernel.models import Event

from .applications import member_row
from .steps import perform

ROLE = ("relation", "condition", "registered", "counts_for_income", "not_counted", "is_insured")


@dataclass(frozen=True, kw_only=True)
class Restated:
    """One member as the family stands now; `left`: why they no longer belong to it, if so."""

    member_id: int
    relation: str
    condition: str
    registered: str
    counts_for_income: bool
    not_counted: str
    is_insured: bool
    left: str = ""


@dataclass(frozen=True, kw_only=True)
class NewAccount:
    """Where the money goes from now on, when its holder left the family."""

    bank: str
    holder: str
    number: str


@dataclass(frozen=True, kw_only=True)
class FamilyNow:
    """The whole family since `since`: those who were there, and who joins."""

    since: date
    members: Sequence[Restated]
    joins: Sequence[ApplicantMember] = ()
    account: NewAccount | None = None


def restate_family(no: str, family: FamilyNow, *, note: str, actor: Actor, on: date) -> Event:
    """Each role that differs ends on the day and the new one begins; nothing is overwritten.

    Incomes and property stay with the person, and the account must be settled again. Raises
    Refused when the family would have no head, two, or nobody insured, when who joins has an
    application elsewhere, or nothing differs.
    """

    def write(case: Case) -> Mapping[str, Any]:
        record = CaseRecord(case, on)
        rows = {m.pk: m for m in record.members}
        if set(rows) != {r.member_id for r in family.members}:
            raise Refused("家庭成员有变化，请刷新页面后重新填写")
        if case.submitted_on is None or not family.since <= on:
            raise Refused("变化日期不能晚于今天，请核对")
        _check(record, family)
        changed = [r for r in family.members if _differs(rows[r.member_id], r)]
        if not (changed or family.joins or family.account):
            raise Refused("没有变化，不用更正")
        for stated in changed:
            _change(case, rows[stated.member_id], stated, family.since)
        joined = _join(case, family.joins, family.since, on)
        _keep_head(case)
        _keep_account(case, family.account, on)
        case.must_resettle = True
        case.must_recheck = case.must_recheck or (bool(joined) and record.means is not None)
        return {"changed": [r.member_id for r in changed], "joined": joined}

    try:
        with transaction.atomic():
            return perform(no, "restate_family", note=note, actor=actor, on=on, write=write)
    except IntegrityError as twice:
        raise Refused("加入的人已经是这户的成员，请核对") from twice


def _differs(member: Member, stated: Restated) -> bool:
    return bool(stated.left) or any(getattr(member, f) != getattr(stated, f) for f in ROLE)


def _check(record: CaseRecord, family: FamilyNow) -> None:
    people: list[Restated | ApplicantMember] = [r for r in family.members if not r.left]
    people += family.joins
    if any(r.left and r.left not in LEFT_REASONS for r in family.members):
        raise Refused("请选择离开的原因")
    if sum(p.relation == "SELF" for p in people) != 1:
        raise Refused("家庭须有一位户主（关系选“本人”），户主离开的请指明新户主")
    if any(p.is_insured and not p.counts_for_income for p in people):
        raise Refused("保障对象应当计入家庭人口，请核对")
    if any(not p.counts_for_income and not p.not_counted for p in people):
        raise Refused("不计入家庭人口的，请选择理由")
    if not any(p.is_insured for p in people):
        raise Refused("请至少保留一位保障对象")
    if record.family == Family.DESTITUTE:
        _check_alone(record, family, people)


def _check_alone(
    record: CaseRecord, family: FamilyNow, people: Sequence[Restated | ApplicantMember]
) -> None:
    """特困 is asked for by one person, for that person (N3 第四条)."""
    head = next(m.pk for m in record.members if m.relation == "SELF")
    if any(r.member_id == head and (r.left or r.relation != "SELF") for r in family.members):
        raise Refused("特困供养按人申请，不能更换申请人；其他人请各自申请")
    if any(p.is_insured != (p.relation == "SELF") for p in people):
        raise Refused("特困供养的保障对象只能是申请人本人")


def _change(case: Case, member: Member, stated: Restated, since: date) -> None:
    """The role ends; another one begins, unless the person left."""
    day = max(since, member.joined_on)
    member.left_on, member.left_reason = day, stated.left or "CORRECTED"
    member.save(update_fields=["left_on", "left_reason"])
    if stated.left:
        return
    old = member.pk
    values = {field: getattr(stated, field) for field in ROLE}
    member.pk, member.left_on, member.left_reason, member.joined_on = None, None, "", day
    for name, value in values.items():
        setattr(member, name, value)
    member.save(force_insert=True)
    IncomeLine.objects.filter(case=case, member_id=old).update(member_id=member.pk)
    PropertyItem.objects.filter(case=case, member_id=old).update(member_id=member.pk)


def _join(case: Case, joins: Sequence[ApplicantMember], since: date, on: date) -> list[int]:
    if not joins:
        return []
    digests = [digest(m.identity.number) for m in joins]
    hold_people(digests)
    besides = CaseRecord(case, on).own_households
    is_relief = case.rules_of_programme.family == Family.RELIEF
    busy, staff = known(digests, on, for_relief=is_relief, besides=besides)
    if busy:
        raise Refused("加入的人已有在办申请或正在享受救助，请先核对是否重复")
    case.kin_found = case.kin_found or bool(staff)
    found = []
    for person in joins:
        row = member_row(case.household, person, since)
        row.save(force_insert=True)
        found.append(row.pk)
    return found


def _keep_head(case: Case) -> None:
    head = case.household.members.get(relation="SELF", left_on__isnull=True)
    if case.household.head_name != head.name:
        case.household.head_name = head.name
        case.household.save(update_fields=["head_name"])


def _keep_account(case: Case, account: NewAccount | None, on: date) -> None:
    """The holder belongs to the family; a new account takes the old one's place."""
    names = [m.name for m in case.household.members.filter(left_on__isnull=True)]
    current = case.household.accounts.filter(is_current=True).first()
    holder = account.holder if account else current.holder if current else ""
    if holder and not any(bank_accounts.same_holder(holder, name) for name in names):
        raise Refused("收款账户的户名不是家庭成员，请填写新的收款账户")
    if account is None:
        return
    if current:
        current.is_current = False
        current.save(update_fields=["is_current"])
    PayeeAccount.objects.create(
        household=case.household,
        holder=account.holder,
        bank=account.bank,
        number=account.number,
        number_digest=digest(account.number),
        number_tail=account.number[-4:],
        valid_from=on,
    )
