"""Making a month's list: one INSERT … SELECT, whatever the number of households."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import IntegrityError, connection, transaction

from cases.rules.programmes import MONTHLY, Programme
from funds import faults
from funds.models import PayoutBatch
from funds.models.facts import SUBJECT
from funds.models.selection import COUNT_LINES, INSERT_LINES, parameters
from funds.rules.batches import STEPS
from funds.rules.days import months_to_open, opens_on
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.calendars import work_calendar
from yuquan_relief.kernel.clock import today
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.models import Event, Unit
from yuquan_relief.kernel.models.units import UnitQuerySet
from yuquan_relief.kernel.roles import Reach
from yuquan_relief.kernel.rulebook_values import Rules, rules
from yuquan_relief.kernel.workdays import WorkCalendar

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
    builder_lock(office_id, programme, month)
    batch = _begin(office, programme, month, on, rulebook)
    fill(batch)
    if not batch.line_count:
        raise Refused(
            f"{office.name}{month:%Y}年{month.month}月没有应发放的{batch.programme_label}对象",
            code="nobody_due",
        )
    batch.save()
    _tell(batch, actor, on)
    faults.point("funds.open.before_commit")
    return batch


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


def builder_lock(office_id: int, programme: str, month: date) -> None:
    """Held until the transaction ends; raises Refused at once while another builder holds it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"funds.open:{office_id}:{programme}:{month}"],
        )
        if not cursor.fetchone()[0]:
            raise Refused("这份名单正由别人生成，请稍后刷新查看", code="being_built")


def _begin(office: Unit, programme: str, month: date, on: date, rulebook: Rules) -> PayoutBatch:
    assert office.parent_id is not None
    pay_by, is_provisional = pay_by_of(month, rulebook, work_calendar())
    letter = Programme(programme).kind.certificate_letter
    batch = PayoutBatch(
        no=f"FF{office.code[:9]}-{month:%Y%m}-{letter}",
        district_id=office.parent_id,
        office=office,
        programme=programme,
        month=month,
        state_since=on,
        opened_on=on,
        pay_by=pay_by,
        pay_by_is_provisional=is_provisional,
    )
    try:
        with transaction.atomic():
            batch.save(force_insert=True)
    except IntegrityError:
        raise Refused("这份名单已经生成，请打开已有的名单办理", code="already_open") from None
    return batch


def pay_by_of(month: date, rulebook: Rules, calendar: WorkCalendar) -> tuple[date, bool]:
    """The last day for the money to be in the accounts, and whether it is provisional.

    The office's duty: a 10th that is a rest day moves to the working day before (domain 6.1.5).
    """
    nominal = month.replace(day=rulebook["payout.pay_day"])
    day = calendar.on_or_before(nominal)
    return day, calendar.is_provisional(day, nominal)


def fill(batch: PayoutBatch) -> None:
    """The lines of everybody who is due stand in the list; its totals are set, not saved."""
    values = parameters(batch)
    with connection.cursor() as cursor:
        faults.point("funds.open.before_insert")
        cursor.execute(INSERT_LINES, values)
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
