"""统计报表: generated, locked, reported; what was reported is never computed again (5(8))."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max

from supervision.models import StatReport
from supervision.models.paper import district_of
from supervision.rules.stat_tables import PERIODS, StatTable, before, months_of, template
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.clock import now
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.models import Unit, next_number
from yuquan_relief.kernel.signing import canonical

SUBJECT = "stat_report"
CAPABILITY = "stats.make"
State = StatReport.State
Fill = Callable[[StatTable, Unit, date, date], dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Period:
    """Which table of which period: M with a month, Q with a quarter, Y."""

    table: str
    period: str
    year: int
    number: int = 1


def visible_reports(actor: Actor) -> Any:
    """The reports of the actor's district."""
    mine = StatReport.objects.filter(district=actor.unit_id)
    return mine if actor.can("stats.view") else mine.none()


def digest_of(figures: dict[str, Any]) -> str:
    """The SHA-256 of a table's canonical text."""
    return hashlib.sha256(canonical(figures).encode()).hexdigest()


@transaction.atomic
def keep(wanted: Period, fill: Fill, *, actor: Actor, on: date) -> StatReport:
    """The table of the period stands as a draft, with no number typed (G13).

    A draft is made anew in its place; what is locked stays, and another edition follows it. Raises
    PermissionDenied, Refused for a period that is not over or a table that there is not.
    """
    if not actor.can(CAPABILITY):
        raise PermissionDenied(CAPABILITY)
    try:
        first, last = months_of(wanted.period, wanted.year, wanted.number)
        table = template(wanted.table, last)
    except (KeyError, ValueError) as error:
        raise Refused("请选择报表和期别") from error
    if wanted.period not in table.periods or wanted.period not in PERIODS:
        raise Refused("这张表没有这种期别")
    if last > on.replace(day=1):
        raise Refused("这一期还没有到，请选择已经到来的月份")
    # One at a time: of two clicks the second one makes the first one's draft anew.
    district = Unit.objects.select_for_update(of=("self",)).get(pk=district_of(actor))
    figures = fill(table, district, first, last)
    where = {
        "district": district, "template": table.code, "first_month": first, "last_month": last,
    }  # fmt: skip
    mine = StatReport.objects.select_for_update().filter(**where)
    row = mine.filter(state=State.DRAFT).first()
    if row is None:
        edition = (mine.aggregate(n=Max("edition"))["n"] or 0) + 1
        row = StatReport(
            no=next_number(f"TJ-{on:%Y}-", digits=4), period=wanted.period, edition=edition, **where
        )
    row.template_from, row.figures, row.figures_sha256 = (
        table.valid_from, figures, digest_of(figures),
    )  # fmt: skip
    row.made_at, row.made_by_id = now(), actor.human_id
    row.save()
    _tell(row, "make", actor, on)
    return row


@transaction.atomic
def lock_report(no: str, fill: Fill, *, actor: Actor, on: date) -> StatReport:
    """The table is frozen as it is; refused while the period is not over, and when the numbers are
    not any more what was made: a draft of before the end is not the month's table."""
    row = _held(no, actor)
    if row.state != State.DRAFT:
        raise Refused("已经锁定了")
    if row.last_month >= on.replace(day=1):
        raise Refused("这一期还没有结束，不能锁定")
    table = template(row.template, row.template_from)
    if fill(table, row.district, row.first_month, row.last_month) != row.figures:
        raise Refused("生成以后数据有变动，请重新生成后再锁定")
    row.state, row.locked_on, row.locked_by_id = State.LOCKED, on, actor.human_id
    row.save()
    _tell(row, "lock", actor, on)
    return row


@transaction.atomic
def report(no: str, *, note: str, actor: Actor, on: date) -> StatReport:
    """The locked table was reported to above."""
    row = _held(no, actor)
    if row.state != State.LOCKED:
        raise Refused("请先锁定，再登记上报")
    row.state, row.reported_on, row.note = State.REPORTED, on, note.strip()[:500]
    row.save()
    _tell(row, "report", actor, on)
    return row


def _held(no: str, actor: Actor) -> StatReport:
    if not actor.can(CAPABILITY):
        raise PermissionDenied(CAPABILITY)
    found: StatReport = visible_reports(actor).select_for_update().get(no=no)
    return found


def _tell(row: StatReport, code: str, actor: Actor, on: date) -> None:
    body = {"template": row.template, "sha256": row.figures_sha256, "edition": row.edition}
    record(SUBJECT, row.no, code, actor=actor, on=on, unit_id=row.district_id, body=body)


def previous_of(row: StatReport) -> StatReport | None:
    """The latest locked edition of the period before, for comparison."""
    first, last = before(row.period, row.first_month)
    return (
        StatReport.objects.filter(
            district=row.district_id, template=row.template, first_month=first, last_month=last
        )
        .exclude(state=State.DRAFT)
        .order_by("-edition")
        .first()
    )
