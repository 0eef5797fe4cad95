"""Duties of funds: lists opened from the 21st, and everything in the accounts by the 10th."""

import logging
from datetime import date

from django.db.models import Count, Exists, Min, OuterRef

from cases.models import Benefit
from cases.rules.months import previous_month
from yuquan_relief.kernel.actor import ROBOT
from yuquan_relief.kernel.calendars import work_calendar
from yuquan_relief.kernel.duties import duty
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Reminder
from yuquan_relief.kernel.rulebook_values import rules

from .models import PayoutBatch, PayoutLine
from .models.paper import Paper
from .operations.building import Order, open_list, open_month
from .operations.hand_overs import complete_book
from .operations.papers import MODELS
from .operations.proofs import draw_month
from .operations.recoveries import open_recoveries
from .rules.batches import OF_OFFICE, OWNER
from .rules.days import months_to_open

logger = logging.getLogger(__name__)

LADDER = (5, 3, 1, 0)


@duty("open_month", label="生成次月发放名单", clause="4(1).3")
def open_month_lists(on: date) -> int:
    """Every office and programme with somebody in benefit has its list; each made once."""
    done = 0
    for month in months_to_open(on, rules(on)["decision.cut_off_day"]):
        for office_id, programme in lists_to_open(month):
            try:
                open_month(office_id, programme, month=month, actor=ROBOT, on=on)
                done += 1
            except Refused as refused:
                logger.info("list %s %s %s: %s", office_id, programme, month, refused.code)
        done += _open_care_lists(month, on)
    return done


def _open_care_lists(month: date, on: date) -> int:
    """照料护理费 that has a list of its own has it beside the month's; how many are new."""
    done = 0
    for office_id, programme in care_lists_to_open(month):
        try:
            open_list(
                office_id, Order(kind="CARE", programme=programme, month=month), actor=ROBOT, on=on
            )
            done += 1
        except Refused as refused:
            logger.info("care %s %s %s: %s", office_id, programme, month, refused.code)
    return done


def care_lists_to_open(month: date) -> list[tuple[int, str]]:
    """(office id, programme) whose list of `month` leaves care to another that nobody has made."""
    made = PayoutBatch.objects.filter(
        office=OuterRef("office"), programme=OuterRef("programme"), month=month, kind="CARE"
    )
    apart = PayoutBatch.objects.normal().filter(month=month, care_from__lte=month)
    return list(
        apart.exclude(Exists(made))
        .values_list("office_id", "programme")
        .order_by("office_id", "programme")
    )


def lists_to_open(month: date) -> list[tuple[int, str]]:
    """(office id, programme) of lists of `month` that somebody is due on and nobody has made."""
    made = PayoutBatch.objects.normal().filter(
        office=OuterRef("office"), programme=OuterRef("programme"), month=month
    )
    due = Benefit.objects.in_month(month).filter(paid_with__lte=month).exclude(Exists(made))
    return list(
        due.values_list("office_id", "programme").distinct().order_by("office_id", "programme")
    )


@duty("hand_over_book", label="补记银行文件交接簿", clause="4(1).3")
def keep_hand_over_book(on: date) -> int:
    """Whatever has gone to the bank stands in the book that lies outside the database."""
    return complete_book()


@duty("open_recoveries", label="发现多发，发起追缴", clause="4(1).2 11")
def find_overpaid(on: date) -> int:
    """Whoever was paid more than was due has a recovery, once (R12)."""
    return open_recoveries(on)


@duty("payout_due", label="发放到户提醒", clause="4(1).3 11")
def remind_unsettled(on: date) -> int:
    """Whoever holds a list that is not settled hears of it as the 10th nears, each rung once."""
    calendar = work_calendar()
    reminders: list[Reminder] = []
    for batch in PayoutBatch.objects.open().order_by("id"):
        left = calendar.workdays_between(on, batch.pay_by) if batch.pay_by >= on else -1
        if left <= LADDER[0]:
            reminders += _reminders(batch, left)
    return _kept(reminders)


def _reminders(batch: PayoutBatch, left: int) -> list[Reminder]:
    rung = -1 if left < 0 else next(rung for rung in reversed(LADDER) if left <= rung)
    roles = (OWNER[batch.state], "supervisor") if rung <= 1 else (OWNER[batch.state],)
    left_text = "已超期" if rung < 0 else "今天到期" if not left else f"剩 {left} 个工作日"
    name = f"{batch.month.month} 月{batch.title}名单"
    return [
        Reminder(
            rule=f"payout.{batch.state}.{rung}",
            subject_kind="payout",
            subject_key=batch.no,
            due_on=batch.pay_by,
            unit_id=batch.office_id if role in OF_OFFICE else batch.district_id,
            role_code=role,
            text=f"{name}{batch.state_label}，发放到户期限{left_text}",
        )
        for role in roles
    ]


@duty("draw_proofs", label="抽取流水凭证对象", clause="15")
def draw_proofs(on: date) -> int:
    """Of each office that was paid this month one 低保 and one 特困 recipient is drawn, once."""
    month = on.replace(day=1)
    return draw_month(month, on) + draw_month(previous_month(month), on)


@duty("papers_due", label="资金单据到期提醒", clause="4(1).3 4(2) 15")
def remind_papers(on: date) -> int:
    """Whoever holds a paper of money hears of its day as it nears, each rung once."""
    calendar = work_calendar()
    reminders: list[Reminder] = []
    for kind in MODELS.values():
        table = kind().procedure
        waiting = kind._default_manager.exclude(state__in=table.final).exclude(due_on=None)
        for paper in waiting.order_by("id"):
            assert paper.due_on is not None
            left = calendar.workdays_between(on, paper.due_on) if paper.due_on >= on else -1
            if left <= LADDER[1]:
                reminders += _of_paper(paper, left)
    return _kept(reminders)


def _of_paper(paper: Paper, left: int) -> list[Reminder]:
    rung = -1 if left < 0 else next(rung for rung in reversed(LADDER) if left <= rung)
    table, holder = paper.procedure, paper.procedure.owners[paper.state]
    roles = {holder, "supervisor"} if rung < 0 and holder != "bureau_leader" else {holder}
    left_text = "已超期" if rung < 0 else f"剩 {left} 个工作日" if left else "今天是最后一个工作日"
    assert paper.due_on is not None
    return [
        Reminder(
            rule=f"{paper.SUBJECT}.{paper.state}.{rung}",
            subject_kind=paper.SUBJECT,
            subject_key=paper.no,
            due_on=paper.due_on,
            unit_id=(paper.office_id if role in OF_OFFICE else None) or paper.district_id,
            role_code=role,
            text=f"{table.label}{paper.state_label}，{left_text}",
        )
        for role in sorted(roles)
    ]


@duty("returns_due", label="退回款重发提醒", clause="11")
def remind_returns(on: date) -> int:
    """What the bank sent back is to be sent again within its days; the office hears, then the
    centre."""
    calendar, days = work_calendar(), rules(on)["payout.reissue_days"]
    lines = PayoutLine.objects.filter(
        state="RETURNED", reissued_as=None, given_up=None, answered_on__isnull=False
    )
    batches = lines.values("batch").annotate(since=Min("answered_on"), n=Count("id"))
    known = PayoutBatch.objects.in_bulk([row["batch"] for row in batches])
    reminders: list[Reminder] = []
    for row in batches:
        due = calendar.due(row["since"], days).on
        left = calendar.workdays_between(on, due) if due >= on else -1
        if left <= 1:
            reminders += _of_returns(known[row["batch"]], row["n"], due, left)
    return _kept(reminders)


def _of_returns(batch: PayoutBatch, count: int, due: date, left: int) -> list[Reminder]:
    roles = ("office_staff", "supervisor") if left < 0 else ("office_staff",)
    left_text = "已超期" if left < 0 else f"剩 {left} 个工作日"
    return [
        Reminder(
            rule=f"returns.{'late' if left < 0 else 'near'}",
            subject_kind="returns",
            subject_key=batch.no,
            due_on=due,
            unit_id=batch.office_id if role in OF_OFFICE else batch.district_id,
            role_code=role,
            text=f"{batch.title}退回 {count} 笔待重发，{left_text}",
        )
        for role in roles
    ]


def _kept(reminders: list[Reminder]) -> int:
    """Each reminder stands once; how many are new."""
    before = Reminder.objects.count()
    Reminder.objects.bulk_create(reminders, ignore_conflicts=True, batch_size=1000)
    return Reminder.objects.count() - before
