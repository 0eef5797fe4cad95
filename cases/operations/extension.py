"""Extending a limit: only for one of the legal reasons, and the family is told (domain 6.1)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from cases.models import Case
from cases.models.record import CaseRecord
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event

from .steps import perform


def extend(no: str, *, reason: str, note: str, told_how: str, actor: Actor, on: date) -> Event:
    """The case has until the longer limit of the reason; once only, before the limit is over.

    `note`: what makes it so; `told_how`: how the family was told. Raises Refused for a reason that
    the rulebook does not list, or a case that is late already.
    """

    def write(case: Case) -> Mapping[str, Any]:
        reasons = {r["code"]: r for r in CaseRecord(case, on).rulebook["extension.reasons"]}
        if reason not in reasons:
            raise Refused("请选择延长时限的法定情形")
        if not told_how.strip():
            raise Refused("请写明怎样告知申请人")
        if case.due_on and case.due_on < on:
            raise Refused("本件已经超过时限，不能再延长；请抓紧办结，并写明超期原因")
        case.extension, case.extended_to = reason, reasons[reason]["days"]
        return {"reason": reason, "days": case.extended_to, "told_how": told_how.strip()}

    return perform(no, "extend", actor=actor, on=on, note=note, write=write)
