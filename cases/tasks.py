"""Duties of cases: the clock takes the same road as the clerk."""

import logging
from datetime import date, timedelta

from django.db import transaction

from yuquan_relief.kernel.actor import ROBOT
from yuquan_relief.kernel.calendar_effects import all_moves, apply_all
from yuquan_relief.kernel.calendars import work_calendar
from yuquan_relief.kernel.duties import duty
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Reminder

from .models import Case, Draft
from .operations.notices import close_notice, notices_to_close

logger = logging.getLogger(__name__)

LADDER = (5, 3, 1, 0)
OWNER = {
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
    for no in notices_to_close(on):
        try:
            close_notice(no, on=on)
            done += 1
        except Refused as refused:
            logger.info("notice of %s stays: %s", no, refused.code)
    return done


@duty("empty_bin", label="清空过期草稿箱", clause="")
def empty_bin(on: date) -> int:
    """Drafts in the bin for 30 days keep nothing of what was typed."""
    long_gone = Draft.objects.filter(discarded_at__date__lt=on - timedelta(days=30))
    return long_gone.exclude(versions={}).update(answers={}, versions={})


@duty("follow_calendar", label="到期日与工作日历一致", clause="4(1).1")
def follow_calendar(on: date) -> int:
    """Dates that were computed while the calendar was being entered are computed anew."""
    with transaction.atomic():
        calendar = work_calendar()
        return apply_all(calendar, ROBOT) if all_moves(calendar) else 0


@duty("deadline_ladder", label="时限提醒", clause="4(1).1")
def deadline_ladder(on: date) -> int:
    """Whoever has a case hears of it 5, 3 and 1 workdays before, on the day, and when overdue.

    Each step once; a clock that slept for days still tells what is overdue today.
    """
    calendar = work_calendar()
    reminders = []
    for case in Case.objects.open().filter(due_on__isnull=False).iterator(chunk_size=500):
        assert case.due_on is not None
        left = calendar.workdays_between(on, case.due_on) if case.due_on >= on else -1
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


def rung_of(left: int) -> int | None:
    """The rung of the ladder for `left` workdays: the smallest of 5, 3, 1, 0 not below; -1 late."""
    if left < 0:
        return -1
    return next((rung for rung in reversed(LADDER) if left <= rung), None)


def _reminder(case: Case, left: int, rung: int, role: str) -> Reminder:
    assert case.due_on is not None
    text = "已超期" if rung < 0 else "今天到期" if not left else f"剩 {left} 个工作日"
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
