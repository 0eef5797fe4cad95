"""催办: the district reminds whoever holds a list; once a day for each list and state."""

from datetime import date

from django.db import transaction

from funds.models import PayoutBatch
from funds.rules.batches import OF_OFFICE, OWNER
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.models import Reminder
from yuquan_relief.kernel.roles import ROLES

from .batches import perform


@transaction.atomic
def nudge(no: str, *, actor: Actor, on: date) -> str:
    """The owner of the list has a reminder, and the list's history says who asked; who it is.

    Refused when the same list was asked for today already.
    """
    perform(no, "nudge", actor=actor, on=on)
    batch = PayoutBatch.objects.get(no=no)
    role = OWNER[batch.state]
    _, is_new = Reminder.objects.get_or_create(
        rule=f"payout.nudge.{batch.state}.{on:%Y%m%d}",
        subject_kind="payout",
        subject_key=batch.no,
        due_on=batch.pay_by,
        unit_id=batch.office_id if role in OF_OFFICE else batch.district_id,
        role_code=role,
        defaults={
            "text": f"区社救中心催办：{batch.month.month} 月{batch.title}名单{batch.state_label}"
        },
    )
    if not is_new:
        raise Refused("今天已经催办过，请明天再催，或者电话联系", code="nudged")
    return ROLES[role].label
