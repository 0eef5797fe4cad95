"""Looking at whole numbers: allowed to those who work on the case, and always on record."""

from datetime import date

from django.db import transaction

from cases.models import Case
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.events import record


@transaction.atomic
def reveal_numbers(no: str, *, actor: Actor, on: date) -> dict[int, str]:
    """Member id → whole identity number; the look stands in the chain (看全号会留痕)."""
    case = Case.objects.visible_to(actor).select_related("household").get(no=no)
    members = case.household.members.filter(left_on__isnull=True)
    numbers = {member.pk: member.id_no for member in members}
    record(
        "case",
        no,
        "reveal",
        actor=actor,
        on=on,
        unit_id=case.village_id,
        body={"members": sorted(numbers)},
    )
    return numbers
