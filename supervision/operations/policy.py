"""政策: published, ended; and what a change would do before anybody signs it (5(1))."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from supervision.models import Publication, Simulation
from supervision.models.paper import district_of
from supervision.models.simulating import Change, simulate
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.models import next_number

CAPABILITY = "supervision.publish"


@dataclass(frozen=True, kw_only=True)
class Text:
    """What is published, and from when it holds."""

    kind: str
    title: str
    text: str
    effective_on: date
    document_no: str = ""
    is_public: bool = True


@transaction.atomic
def publish(text: Text, *, actor: Actor, on: date) -> Publication:
    """A policy, guide or answer is published (5(1), 5(7)); it is not changed, but ended."""
    if not actor.can(CAPABILITY):
        raise PermissionDenied(CAPABILITY)
    if text.kind not in Publication.Kind.values or not text.text.strip():
        raise Refused("请选择类别，写明内容")
    row = Publication.objects.create(
        no=next_number(f"ZC-{on:%Y}-", digits=3), district_id=district_of(actor),
        published_on=on, published_by_id=actor.human_id, **text.__dict__,
    )  # fmt: skip
    record("publication", row.no, "publish", actor=actor, on=on, unit_id=row.district_id)
    return row


@transaction.atomic
def end_publication(no: str, *, actor: Actor, on: date) -> Publication:
    """It does not hold any more from today. Raises DoesNotExist, PermissionDenied, Refused."""
    if not actor.can(CAPABILITY):
        raise PermissionDenied(CAPABILITY)
    row = Publication.objects.select_for_update().get(no=no, district=actor.unit_id)
    if row.ends_on is not None:
        raise Refused("已经失效了")
    row.ends_on = max(on, row.effective_on)
    row.save(update_fields=["ends_on"])
    record("publication", no, "end", actor=actor, on=on, unit_id=row.district_id)
    return row


@transaction.atomic
def try_out(title: str, changes: Mapping[str, int], *, actor: Actor, on: date) -> Simulation:
    """What the changes would do to households, amounts and budgets on today's data, kept (5(1)).

    `changes`: standards (fen a month) and ceilings by the names of models.simulating.Change.
    Nothing but this row is written. Raises PermissionDenied, Refused for no change.
    """
    if not (actor.can(CAPABILITY) or actor.can("supervision.issue")):
        raise PermissionDenied(CAPABILITY)
    known = {name: value for name, value in changes.items() if value}
    if not known or not set(known) <= set(Change.__dataclass_fields__):
        raise Refused("请至少填写一项要调整的标准或限额")
    result: dict[str, Any] = simulate(Change(**known), district=actor.unit_id or 0, on=on)
    row = Simulation.objects.create(
        no=next_number(f"CS-{on:%Y}-", digits=3), district_id=district_of(actor),
        title=title[:100], made_on=on, made_by_id=actor.human_id, changes=known, result=result,
    )  # fmt: skip
    record("simulation", row.no, "make", actor=actor, on=on, unit_id=row.district_id)
    return row
