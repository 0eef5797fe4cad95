"""The bureau's own look at a case: before the decision at the home, after it at the file."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from cases.models import BureauCheck, Case
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event

from .steps import perform


@dataclass(frozen=True, kw_only=True)
class BureauFinding:
    """When, by whom, what was found, and whether it is as it should be."""

    checked_on: date
    checkers: str
    is_sound: bool
    finding: str


def record_bureau_visit(no: str, found: BureauFinding, *, actor: Actor, on: date) -> Event:
    """The bureau was at the home of a family of kin or complained of (9, N1 第二十条)."""

    def write(case: Case) -> Mapping[str, Any]:
        case.bureau_visited_on = found.checked_on
        return _keep(case, BureauCheck.Kind.VISIT, found, case.accepted_on, actor, on)

    return perform(no, "bureau_visit", actor=actor, on=on, note=found.finding, write=write)


def recheck(no: str, found: BureauFinding, *, actor: Actor, on: date) -> Event:
    """The bureau has looked through the procedure and the file of a decided case (5(9))."""

    def write(case: Case) -> Mapping[str, Any]:
        case.rechecked_on = on
        return _keep(case, BureauCheck.Kind.RECHECK, found, case.decided_on, actor, on)

    return perform(no, "recheck", actor=actor, on=on, note=found.finding, write=write)


def _keep(
    case: Case, kind: str, found: BureauFinding, earliest: date | None, actor: Actor, on: date
) -> dict[str, Any]:
    if not (earliest and earliest <= found.checked_on <= on):
        raise Refused(f"核查日期应在 {earliest} 到今天之间，请核对", code="order_of_steps")
    row = BureauCheck.objects.create(
        case=case, kind=kind, recorded_by_id=actor.human_id, **found.__dict__
    )
    return {"bureau_check": row.pk, "is_sound": row.is_sound}
