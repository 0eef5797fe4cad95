"""Duties of cases: the clock takes the same road as the clerk."""

import logging
from datetime import date

from celery import shared_task
from django.db import transaction
from django.db.models import Exists, OuterRef

from yuquan_relief.kernel.actor import ROBOT
from yuquan_relief.kernel.calendar_effects import all_moves, apply_all
from yuquan_relief.kernel.calendars import work_calendar
from yuquan_relief.kernel.clock import now
from yuquan_relief.kernel.duties import duty
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Attachment, Reminder
from yuquan_relief.kernel.workdays import WorkCalendar

from .models import Case, Deferral, Draft
from .operations.answers import release
from .operations.applications import BIN_LIFE
from .operations.change_reports import start_accounts
from .operations.endings import close_ending_notice
from .operations.notices import (
    close_notice,
    endings_to_close,
    notices_to_close,
    review_endings_to_close,
)
from .operations.review_ladder import remind as review_ladder_of
from .operations.review_notices import close_ending_notice as close_review_ending
from .operations.review_rounds import open_due, open_happenings
from .rules.procedures import OPEN_STATES

logger = logging.getLogger(__name__)

LADDER = (5, 3, 1, 0)
OWNER = {
    "URGENT": ("office_staff", "deputy_leader"),
    "INVESTIGATING": ("clerk", "office_staff"),
    "REVIEW_NOTICE": ("clerk",),
    "TO_PROPOSE": ("office_staff",),
    "APPROVAL_NOTICE": ("clerk",),
    "TO_DECIDE": ("deputy_leader",),
}


@duty("close_notices", label="结束期满的公示", clause="3(4)")
def close_notices(on: date) -> int:
    """Notices past their last day with proof are ended; what somebody else did first is left."""
    done = 0
    over = [(close_notice, no) for no in notices_to_close(on)]
    over += [(close_ending_notice, no) for no in endings_to_close(on)]
    over += [(close_review_ending, no) for no in review_endings_to_close(on)]
    for close, no in over:
        try:
            close(no, on=on)
            done += 1
        except Refused as refused:
            logger.info("notice of %s stays: %s", no, refused.code)
    return done


@duty("answers_take_effect", label="签批到时生效", clause="4(1).1")
def answers_take_effect(on: date) -> int:
    """Leaders' answers whose time for recall is over are in effect."""
    return release(now())


@shared_task(name="cases.tasks.release_answers")
def release_answers() -> None:
    """Every minute: nobody waits an hour for what was signed."""
    release(now())


@duty("empty_bin", label="清空过期草稿箱", clause="")
def empty_bin(on: date) -> int:
    """Drafts in the bin for 30 days keep nothing of what was typed."""
    long_gone = Draft.objects.filter(discarded_at__date__lt=on - BIN_LIFE)
    return long_gone.exclude(versions={}).update(answers={}, versions={})


@duty("follow_calendar", label="到期日与工作日历一致", clause="4(1).1")
def follow_calendar(on: date) -> int:
    """Dates that were computed while the calendar was being entered are computed anew."""
    with transaction.atomic():
        calendar = work_calendar()
        return apply_all(calendar, ROBOT) if all_moves(calendar) else 0


@duty("reviews_due", label="派发到期的复核", clause="4(1).2")
def reviews_due(on: date) -> int:
    """Whoever is due for review within the lead time has one open (A yearly, B, C more often)."""
    return open_due(on)


@duty("review_ladder", label="复核到期提醒", clause="4(1).2 18(5)")
def review_ladder(on: date) -> int:
    """Owners hear 5, 3 and 1 days before and on the day; leader and bureau when it is past."""
    return review_ladder_of(on)


@duty("life_events", label="到龄、毕业、死亡比对等", clause="4(1).2 3(2)")
def life_events(on: date) -> int:
    """Whatever happens in a life that may change a benefit opens a review, once."""
    return open_happenings(on)


@duty("accounts_start", label="启用已过冷静期的账户", clause="3(2)")
def accounts_start(on: date) -> int:
    """Changed accounts are paid to when a second person has looked and the days are over."""
    return start_accounts(on)


@duty("deadline_ladder", label="时限提醒", clause="4(1).1")
def deadline_ladder(on: date) -> int:
    """Whoever has a case hears of it 5, 3 and 1 workdays before, on the day, and when overdue.

    Each step once; a clock that slept for days still tells what is overdue today.
    """
    calendar = work_calendar()
    reminders = []
    for case in Case.objects.open().filter(due_on__isnull=False).iterator(chunk_size=500):
        assert case.due_on is not None
        left = left_for(case, case.due_on, on, calendar)
        rung = rung_of(left)
        if rung is None:
            continue
        roles = OWNER.get(case.state, ("office_staff",))
        if rung < 0:
            roles = (*roles, "deputy_leader", "supervisor")
        reminders += [_reminder(case, left, rung, role) for role in dict.fromkeys(roles)]
    before = Reminder.objects.count()
    Reminder.objects.bulk_create(reminders, ignore_conflicts=True, batch_size=1000)
    return Reminder.objects.count() - before


def left_for(case: Case, due_on: date, on: date, calendar: WorkCalendar) -> int:
    """Working days left, or for an emergency that was not helped yet days; -1 when overdue."""
    if due_on < on:
        return -1
    if case.rules_of_programme.is_urgent and not case.relieved_on:
        return (due_on - on).days
    return calendar.workdays_between(on, due_on)


@duty("deferred_papers", label="容缺材料提醒", clause="18(2)")
def deferred_papers(on: date) -> int:
    """The clerk and the office hear of a promised document that is due and has not come."""
    before = Reminder.objects.count()
    rows = Deferral.objects.filter(promised_on__lte=on, case__state__in=OPEN_STATES).select_related(
        "case"
    )
    there = Attachment.objects.filter(
        subject_kind="case",
        subject_key=OuterRef("case__no"),
        slot=OuterRef("slot"),
        withdrawn_at__isnull=True,
    )
    Reminder.objects.bulk_create(
        (
            Reminder(
                rule=f"deferral-{row.slot}"[:40],
                subject_kind="case",
                subject_key=row.case.no,
                due_on=row.promised_on,
                unit_id=row.case.village_id if role == "clerk" else row.case.office_id,
                role_code=role,
                text=f"容缺材料{row.title}应在 {row.promised_on} 前补交",
            )
            for row in rows.exclude(Exists(there))
            for role in ("clerk", "office_staff")
        ),
        ignore_conflicts=True,
    )
    return Reminder.objects.count() - before


def rung_of(left: int) -> int | None:
    """The rung of the ladder for `left` workdays: the smallest of 5, 3, 1, 0 not below; -1 late."""
    if left < 0:
        return -1
    return next((rung for rung in reversed(LADDER) if left <= rung), None)


def _reminder(case: Case, left: int, rung: int, role: str) -> Reminder:
    assert case.due_on is not None
    urgent = case.rules_of_programme.is_urgent and not case.relieved_on
    unit_word = "日" if urgent else "个工作日"
    text = "已超期" if rung < 0 else "今天到期" if not left else f"剩 {left} {unit_word}"
    village_roles = {"clerk", "committee_head"}
    unit = case.village_id if role in village_roles else case.office_id
    return Reminder(
        rule=f"deadline{rung}",
        subject_kind="case",
        subject_key=case.no,
        due_on=case.due_on,
        unit_id=case.district_id if role == "supervisor" else unit,
        role_code=role,
        text=f"{case.programme_label}办理时限：{text}",
    )
