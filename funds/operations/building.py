"""Making a month's list: one INSERT … SELECT, whatever the number of households."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Max, Sum

from cases.rules.months import next_month
from cases.rules.programmes import MONTHLY, Family, Programme
from funds import faults
from funds.models import FundAccount, PayoutBatch, Supplement
from funds.models.facts import SUBJECT
from funds.models.handed_over import unaccounted_of, why_not_accounted
from funds.models.selection import COUNT_LINES, insert_lines, parameters
from funds.rules.batches import STEPS
from funds.rules.days import months_to_open, opens_on
from funds.rules.lists import MOST_MONTHS, NORMAL, kinds_of, number_letters, opens_ahead
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.calendars import work_calendar
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.inputs.dates import parse_month
from yuquan_relief.kernel.models import Event, Unit
from yuquan_relief.kernel.models.units import UnitQuerySet
from yuquan_relief.kernel.roles import Reach
from yuquan_relief.kernel.rulebook_values import Rules, rules
from yuquan_relief.kernel.workdays import LimitUnit, WorkCalendar

from .batches import perform, require

TOTALS = (
    "line_count",
    "household_count",
    "total_fen",
    "person_count",
    "back_pay_count",
    "back_pay_fen",
)


def offices_of(actor: Actor) -> "UnitQuerySet":
    """The offices in the actor's scope."""
    offices = Unit.objects.offices()
    if actor.is_robot:
        return offices
    place = {Reach.OFFICE: "pk", Reach.DISTRICT: "parent_id"}.get(actor.reach)
    return offices.filter(**{place: actor.unit_id}) if place else offices.none()


def office_by_code(actor: Actor, code: str) -> Unit:
    """The office with this code in the actor's scope; raises Unit.DoesNotExist if there is none."""
    office = offices_of(actor).valid_on(today()).filter(code=code).first()
    if office is None:
        raise Unit.DoesNotExist(code)
    return office


@transaction.atomic
def open_month(
    office_id: int, programme: str, *, month: date, actor: Actor, on: date
) -> PayoutBatch:
    """The list of `month` (its first day) stands with its lines, open for checking (4(1).3).

    Made by the robot or by hand, from the day after the cut-off of the month before. Of two
    builders one wins; the other is Refused. Constant number of statements.
    """
    require(STEPS["open"], actor)
    office = offices_of(actor).get(pk=office_id)
    if programme not in MONTHLY:
        raise Refused("没有这个类别", code="unknown_programme")
    rulebook = rules(on)
    _refuse_other_months(month, on, rulebook)
    order = Order(kind=NORMAL, programme=programme, month=month)
    return _made(office, order, rulebook, actor, on)


@dataclass(frozen=True, kw_only=True)
class Order:
    """Which list is wanted. `month` is its first day; `months` of an advance; `supplement` of a
    one-off payment."""

    kind: str
    programme: str
    month: date
    months: int = 1
    supplement: Supplement | None = None


@transaction.atomic
def open_list(office_id: int, order: Order, *, actor: Actor, on: date) -> PayoutBatch:
    """A list beside the month's stands with its lines, open for checking (domain 10.2).

    Of one kind, office and programme only one is being prepared at a time: what it holds is left
    out of the next. Raises Unit.DoesNotExist outside the actor's scope, Refused when nobody is due
    or the order makes no sense. Constant number of statements.
    """
    require(STEPS["open"], actor)
    office = offices_of(actor).get(pk=office_id)
    if reason := _why_not(order, on):
        raise Refused(reason, code="bad_order")
    preparing = PayoutBatch.objects.filter(
        office=office, programme=order.programme, kind=order.kind, state__in=("OPEN", "LOCKED")
    )
    if there := preparing.first():
        raise Refused(
            f"还有一份{there.title}名单没有签批（{there.no}），请先办完", code="being_prepared"
        )
    return _made(office, order, rules(on), actor, on)


def _why_not(order: Order, on: date) -> str:
    this = on.replace(day=1)
    tests = (
        ("请选择类别和名单种类", order.programme in set(Programme) and order.kind != NORMAL),
        ("这个类别没有这种名单，请核对类别", order.kind in kinds_of(order.programme)),
        ("请选择要发放的一次性补贴", (order.kind == "ONE_OFF") == (order.supplement is not None)),
        (
            f"提前发放请选 2 至 {MOST_MONTHS} 个月，从本月或者下月起",
            order.kind != "ADVANCE"
            or (2 <= order.months <= MOST_MONTHS and order.month in (this, next_month(on))),
        ),
        (
            "照料护理费随月名单发放，没有约定单独列名单",
            order.kind != "CARE" or care_from(order.programme, on) is not None,
        ),
        (
            "这种名单列在本月，请核对月份",
            order.month == this or (opens_ahead(order.kind) and order.month == next_month(on)),
        ),
    )
    return next((reason for reason, holds in tests if not holds), "")


def _made(office: Unit, order: Order, rulebook: Rules, actor: Actor, on: date) -> PayoutBatch:
    builder_lock(office.pk, order.programme, order.month, order.kind)
    _refuse_unaccounted(office, order)
    batch = _begin(office, order, rulebook, on)
    fill(batch)
    if not batch.line_count:
        when = f"{order.month:%Y}年{order.month.month}月" if order.kind == NORMAL else "现在"
        raise Refused(f"{office.name}{when}没有应发放的{batch.title}对象", code="nobody_due")
    batch.save()
    _tell(batch, actor, on)
    faults.point("funds.open.before_commit")
    return batch


def _refuse_unaccounted(office: Unit, order: Order) -> None:
    """No further list while the bank has one that a restored database does not know, but that one
    itself, which is made again so that it can be recognised."""
    found = unaccounted_of(office.code, order.programme)
    if found and f"{order.month:%Y-%m}" != found[0].month:
        raise Refused(why_not_accounted(found[0]), code="unaccounted")


def _refuse_other_months(month: date, on: date, rulebook: Rules) -> None:
    cut_off = rulebook["decision.cut_off_day"]
    if month in months_to_open(on, cut_off):
        return
    if month < on:
        raise Refused("以前月份的名单不能再生成，请核对月份", code="month_closed")
    first = opens_on(month, cut_off)
    raise Refused(
        f"{month:%Y}年{month.month}月的名单从 {first} 起生成（第四条（一）1）", code="too_early"
    )


def builder_lock(office_id: int, programme: str, month: date, kind: str = NORMAL) -> None:
    """Held until the transaction ends; raises Refused at once while another builder holds it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"funds.open:{office_id}:{programme}:{month}:{kind}"],
        )
        if not cursor.fetchone()[0]:
            raise Refused("这份名单正由别人生成，请稍后刷新查看", code="being_built")


def _begin(office: Unit, order: "Order", rulebook: Rules, on: date) -> PayoutBatch:
    assert office.parent_id is not None
    batch = PayoutBatch(
        district_id=office.parent_id,
        office=office,
        programme=order.programme,
        month=order.month,
        kind=order.kind,
        serial=_next_serial(office, order),
        months=order.months,
        supplement=order.supplement,
        care_from=care_from(order.programme, on),
        fund_year=_fund_year(office, order),
        state_since=on,
        opened_on=on,
    )
    letters = number_letters(batch.programme, batch.kind, batch.serial)
    batch.no = f"FF{office.code[:9]}-{batch.month:%Y%m}-{letters}"
    batch.pay_by, batch.pay_by_is_provisional = pay_by_of(batch, rulebook, work_calendar())
    try:
        with transaction.atomic():
            batch.save(force_insert=True)
    except IntegrityError:
        raise Refused("这份名单已经生成，请打开已有的名单办理", code="already_open") from None
    return batch


def care_from(programme: str, on: date) -> date | None:
    """Since which month 照料护理费 of the programme has a list of its own; None: it has none."""
    since = str(rules(on)["payout.care_apart"])
    if not since or Programme(programme).family != Family.DESTITUTE:
        return None
    return parse_month(since)


def _next_serial(office: Unit, order: "Order") -> int:
    if order.kind == NORMAL:
        return 1
    made = PayoutBatch.objects.filter(
        office=office, programme=order.programme, month=order.month, kind=order.kind
    )
    return (made.aggregate(most=Max("serial"))["most"] or 0) + 1


def _fund_year(office: Unit, order: "Order") -> int:
    """Out of which year's money: what came back is sent again out of its own year, oldest first."""
    if order.kind != "REISSUE":
        return order.month.year
    years = FundAccount.objects.filter(office=office, programme=order.programme, kind="OWED")
    owed = years.values("year").annotate(fen=Sum("entries__amount_fen")).filter(fen__gt=0)
    oldest = owed.order_by("year").values_list("year", flat=True).first()
    return int(oldest or order.month.year)


def pay_by_of(batch: PayoutBatch, rulebook: Rules, calendar: WorkCalendar) -> tuple[date, bool]:
    """The last day for the money to be in the accounts, and whether it is provisional.

    Of a month's list the office's duty: a 10th that is a rest day moves to the working day before
    (domain 6.1.5). Other lists have so many working days from the day on which they were made.
    """
    if not opens_ahead(batch.kind):
        found = calendar.due(batch.opened_on, rulebook["payout.reissue_days"], LimitUnit.WORKDAY)
        return found.on, found.is_provisional
    nominal = batch.month.replace(day=rulebook["payout.pay_day"])
    day = calendar.on_or_before(nominal)
    return day, calendar.is_provisional(day, nominal)


# Joins and the sort of a long list stay in memory: a million lines take no more than ten times as
# long as a hundred thousand. What is not needed is not taken, and it ends with the transaction.
MORE_ROOM = "SET LOCAL work_mem = '128MB'"


def fill(batch: PayoutBatch) -> None:
    """The lines of everybody who is due stand in the list; its totals are set, not saved."""
    values = parameters(batch)
    with connection.cursor() as cursor:
        faults.point("funds.open.before_insert")
        cursor.execute(MORE_ROOM)
        cursor.execute(insert_lines(batch.kind), values)
        faults.point("funds.open.after_insert")
        cursor.execute(COUNT_LINES, values)
        for name, value in zip(TOTALS, cursor.fetchone(), strict=True):
            setattr(batch, name, value)


def _tell(batch: PayoutBatch, actor: Actor, on: date) -> Event:
    return record(
        SUBJECT,
        batch.no,
        "open",
        actor=actor,
        on=on,
        unit_id=batch.office_id,
        after=batch.state,
        due_on=batch.pay_by,
        body=_figures(batch),
    )


def _figures(batch: PayoutBatch) -> dict[str, Any]:
    return {name: getattr(batch, name) for name in TOTALS}


def rebuild(no: str, *, actor: Actor, on: date, version: int | None = None) -> Event:
    """The open list is made again from who is due now."""

    def write(batch: PayoutBatch) -> Mapping[str, Any]:
        before = _figures(batch)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM funds_payoutline WHERE batch_id = %s", [batch.pk])
        fill(batch)
        return {"before": before, **_figures(batch)}

    return perform(no, "rebuild", actor=actor, on=on, version=version, write=write)
