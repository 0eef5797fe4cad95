"""容缺受理: a document may come later, on a day that is agreed (18(2), IR-10)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from cases.models import Case, Deferral
from cases.models.facts import missing_slots
from cases.models.record import CaseRecord
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Event

from .steps import perform


def defer_document(
    no: str, *, slot: str, promised_on: date, reason: str, actor: Actor, on: date
) -> Event:
    """The case may be accepted without this document, which is due on its own day.

    Raises Refused for a document that is not missing, or a day outside the limit.
    """

    def write(case: Case) -> Mapping[str, Any]:
        record = CaseRecord(case, on)
        missing = dict(missing_slots(record))
        if slot not in missing:
            raise Refused("这份材料不在缺少的必交材料中，请刷新页面")
        last = record.calendar.add_workdays(on, record.rulebook["deferral.days"])
        if not on < promised_on <= last:
            raise Refused(f"补交日期应在明天到 {last} 之间，请核对")
        row = Deferral.objects.create(
            case=case,
            slot=slot,
            title=missing[slot],
            promised_on=promised_on,
            reason=reason.strip(),
            recorded_by_id=actor.human_id,
        )
        case.has_deferrals = True
        return {"deferral": row.pk, "slot": slot, "promised_on": str(promised_on)}

    return perform(no, "defer_document", actor=actor, on=on, note=reason, write=write)
