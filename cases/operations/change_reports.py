"""变化报告: told by the household, checked by a second person, then in force (3(2), 18(5), R14)."""

import json
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from cases.models import Benefit, ChangeReport, Household, Member, PayeeAccount
from cases.rules.reports_of_change import (
    KINDS,
    LEADS_TO_REVIEW,
    OF_A_MEMBER,
    WAITING,
    field_of,
    is_late,
)
from yuquan_relief.kernel.actor import ROBOT, Actor
from yuquan_relief.kernel.calendars import work_calendar
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.fields import digest
from yuquan_relief.kernel.inputs import (
    phones,
)
from yuquan_relief.kernel.models import Event
from yuquan_relief.kernel.operations.attachments import attach
from yuquan_relief.kernel.rulebook_values import rules

from .changes_applied import APPLY
from .reported_values import Reported, sound
from .reviews import Opening, open_review

SUBJECT = "change"


@transaction.atomic
def report_change(key: str, told: Reported, *, actor: Actor, on: date) -> ChangeReport:
    """The change is on record with the day on which it was told; nothing else has changed.

    Raises Benefit.DoesNotExist outside the actor's scope, Refused when another report of the same
    field waits and is not replaced, or what was told is not complete.
    """
    _require(actor, "cases.report_change")
    benefit = Benefit.objects.visible_to(actor).select_for_update(of=("self",)).get(key=key)
    if benefit.end_month and benefit.end_month < on.replace(day=1):
        raise Refused("这项保障已经终止，不用报告变化")
    member = _member(benefit.household, told)
    new = sound(benefit.household, told, on)
    touched = field_of(told.kind, member.pk if member else None)
    earlier = _earlier(benefit, touched, told, on)
    row = _row(benefit, told, on)
    row.field, row.member, row.recorded_by_id = touched, member, actor.human_id
    row.old = _standing(benefit.household, told.kind, member)
    row.new = json.dumps(new, ensure_ascii=False)
    if told.photo:
        row.evidence = _keep(benefit, told.photo, actor)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Refused("这一项刚有人报告过，请刷新后核对", code="conflict") from None
    if earlier:
        ChangeReport.objects.filter(pk=earlier.pk).update(replaced_by=row)
    _tell(row, "report", actor, on, row.note)
    return row


def _row(benefit: Benefit, told: Reported, on: date) -> ChangeReport:
    return ChangeReport(
        benefit=benefit,
        district_id=benefit.district_id,
        office_id=benefit.office_id,
        village_id=benefit.village_id,
        kind=told.kind,
        note=told.note.strip()[:300],
        happened_on=told.happened_on,
        known_on=told.known_on,
        reported_on=on,
        is_late=is_late(told.known_on, on),
    )


def _require(actor: Actor, capability: str) -> None:
    if not actor.can(capability):
        raise PermissionDenied(capability)


def _member(household: Household, told: Reported) -> Member | None:
    if told.kind not in KINDS:
        raise Refused("请选择变化的种类")
    if told.kind not in OF_A_MEMBER:
        return None
    found = household.members.filter(pk=told.member_id or 0, left_on__isnull=True).first()
    if found is None:
        raise Refused("请选择是哪位成员的变化")
    return found


def _earlier(benefit: Benefit, touched: str, told: Reported, on: date) -> ChangeReport | None:
    """A report of the same field that waits: it is replaced, or this one is refused."""
    waiting = ChangeReport.objects.filter(
        benefit=benefit, field=touched, state__in=sorted(WAITING)
    ).select_related("recorded_by")
    earlier = waiting.first()
    if earlier is None:
        return None
    if not told.replaces:
        raise Refused(
            f"{earlier.reported_on} {earlier.recorded_by.name}已报告“{KINDS[earlier.kind]}”："
            f"{earlier.note}，还在核实；要以这一份为准的，请勾选“代替前一份”",
            code="conflict",
        )
    earlier.state, earlier.answer = "REPLACED", f"{on} 由后一份代替"
    earlier.save(update_fields=["state", "answer"])
    return earlier


def _standing(household: Household, kind: str, member: Member | None) -> str:
    """What stands now, as it is shown beside the new value."""
    if kind == "ACCOUNT":
        account = household.accounts.filter(is_current=True).first()
        return f"{account.bank} {account.holder} …{account.number_tail}" if account else ""
    if kind == "ADDRESS":
        return household.address
    if kind == "PHONE":
        return phones.mask(household.phone)
    return f"{member.name}，{member.get_condition_display()}" if member else ""


def _keep(benefit: Benefit, photo: bytes, actor: Actor) -> Any:
    return attach(
        SUBJECT,
        benefit.key,
        "change_proof",
        photo,
        title="变化证明",
        village_id=benefit.village_id,
        office_id=benefit.office_id,
        actor=actor,
    )


def _tell(row: ChangeReport, action: str, actor: Actor, on: date, note: str) -> Event:
    return record(
        SUBJECT,
        str(row.pk),
        action,
        actor=actor,
        on=on,
        unit_id=row.village_id,
        after=row.state,
        note=note,
        body={"kind": row.kind, "field": row.field, "late": row.is_late},
    )


@transaction.atomic
def check_report(pk: int, *, is_true: bool, answer: str, actor: Actor, on: date) -> ChangeReport:
    """A second person has looked: what is true is in force, an account after its cooling-off.

    Whatever may change the money opens a review, in which the family is told before anything is
    paid otherwise. Raises ChangeReport.DoesNotExist outside the scope, Refused for who reported
    it and for a report that is settled.
    """
    _require(actor, "cases.review")
    seen = ChangeReport.objects.visible_to(actor).select_for_update(of=("self",))
    row = seen.select_related("benefit__household", "member").get(pk=pk)
    if row.state != "OPEN":
        raise Refused(f"这份报告是“{row.get_state_display()}”，不用再核实")
    if row.recorded_by_id == actor.human_id:
        raise Refused("登记和核实须由两个人办理（第四条“谁签字，谁负责”）")
    if not answer.strip():
        raise Refused("请写明核实的情况")
    row.checked_on, row.checked_by_id, row.answer = on, actor.human_id, answer.strip()[:300]
    row.state = "ADOPTED" if is_true else "REJECTED"
    if is_true:
        _adopt(row, actor, on)
    row.save()
    _tell(row, "check", actor, on, row.answer)
    return row


def _adopt(row: ChangeReport, actor: Actor, on: date) -> None:
    if row.kind == "ACCOUNT":
        days = int(rules(on)["account.cooling_days"])
        row.state = "COOLING"
        row.takes_effect_on = work_calendar().add_workdays(on, days)
    elif row.kind in APPLY:
        APPLY[row.kind](row, json.loads(row.new or "{}"))
    if row.kind in LEADS_TO_REVIEW:
        row.review = _review(row, actor, on)


def _review(row: ChangeReport, actor: Actor, on: date) -> Any:
    """A review of the benefit: the one that is open, or a new one."""
    open_one = row.benefit.reviews.exclude(state__in=("ENDED", "WITHDRAWN")).first()
    what = f"{KINDS[row.kind]}：{row.note}"
    if open_one:
        return open_one
    opening = Opening(
        trigger="CHANGE", what=what, cause=f"CHANGE:{row.pk}", member_id=row.member_id
    )
    return open_review(row.benefit.key, opening, actor=actor, on=on)


@transaction.atomic
def start_accounts(on: date) -> int:
    """Accounts whose cooling-off is over are those that are paid to from now on; how many."""
    due = ChangeReport.objects.select_for_update(of=("self",)).filter(
        state="COOLING", takes_effect_on__lte=on
    )
    done = 0
    for row in due.select_related("benefit__household").order_by("pk"):
        new = json.loads(row.new)
        household = row.benefit.household
        household.accounts.filter(is_current=True).update(is_current=False)
        PayeeAccount.objects.create(
            household=household,
            holder=new["holder"],
            bank=new["bank"],
            kind=new["kind"],
            number=new["number"],
            number_digest=digest(new["number"]),
            number_tail=new["number"][-4:],
            valid_from=on,
        )
        row.state = "ADOPTED"
        row.save(update_fields=["state"])
        _tell(row, "start_account", ROBOT, on, "")
        done += 1
    return done


@transaction.atomic
def withdraw_report(pk: int, *, note: str, actor: Actor, on: date) -> ChangeReport:
    """The report was a mistake, or the household takes it back before it is in force."""
    _require(actor, "cases.report_change")
    seen = ChangeReport.objects.visible_to(actor).select_for_update(of=("self",))
    row = seen.get(pk=pk)
    if row.state not in WAITING:
        raise Refused(f"这份报告是“{row.get_state_display()}”，不能撤回")
    if not note.strip():
        raise Refused("请写明撤回的原因")
    row.state, row.answer = "REJECTED", f"撤回：{note.strip()}"[:300]
    row.save(update_fields=["state", "answer"])
    _tell(row, "withdraw", actor, on, note.strip())
    return row
