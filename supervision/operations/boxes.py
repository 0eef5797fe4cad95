"""举报箱、举报电话 that are taken away: from that day on they are not made public (7.2)."""

from datetime import date

from django.db import transaction

from supervision.models import ReportBox
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record

from .complaints import _own_office


@transaction.atomic
def close_box(pk: int, until: date, *, actor: Actor, on: date) -> ReportBox:
    """The box or number is withdrawn from the day on; what was registered stays as it was.

    Raises ReportBox.DoesNotExist, Unit.DoesNotExist for another's, PermissionDenied, or Refused for
    a day before it was set up or to come, and for one that is withdrawn already.
    """
    box = ReportBox.objects.select_for_update().get(pk=pk)
    _own_office(box.office_id, actor)
    if box.until:
        raise Refused(f"已于 {box.until} 撤除，不用再办")
    if not box.since <= until <= on:
        raise Refused(f"撤除日期应在 {box.since} 到今天之间，请修改")
    box.until = until
    box.save(update_fields=["until"])
    body = {"until": until.isoformat()}
    record("report_box", str(box.pk), "close", actor=actor, on=on, unit_id=box.office_id, body=body)
    return box
