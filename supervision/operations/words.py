"""A road whose words stay out of the chain: of complaints and of accountability (7.2, 21)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from archives.operations.road import Road
from supervision.models import Words
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.models import Event

KEPT = "内容已登记，另行密存"


@dataclass(frozen=True)
class DiscreetRoad(Road):
    """As Road. What is written with an act may name people and what they told: it stands sealed
    beside the event, which is for ever and goes into every export."""

    def tell(self, row: Any, code: str, actor: Actor, on: date, **more: Any) -> Event:
        """The act stands in the chain, its words beside it."""
        words = more.pop("note", "").strip()
        event = super().tell(row, code, actor, on, note=KEPT if words else "", **more)
        if words:
            Words.objects.create(event_seq=event.seq, words=words)
        return event
