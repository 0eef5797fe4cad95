"""The district's board: what creates liability first, office by office (ux 2.5, narrow)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q

from cases.models import Benefit, Case
from cases.rules.months import next_month
from cases.rules.procedures import OPEN_STATES
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.models import Unit


@dataclass(frozen=True)
class BoardRow:
    """One office."""

    office: str
    url: str
    open: int
    late: int
    to_decide: int
    approved: int
    in_benefit: int


@dataclass(frozen=True)
class Board:
    """All offices in scope with their sum."""

    as_of: date
    rows: list[BoardRow]

    def total(self, name: str) -> int:
        """The sum of one column."""
        return sum(getattr(row, name) for row in self.rows)


def board(actor: Actor, on: date) -> Board:
    """Counts by office, each with the list it equals; three statements."""
    month = on.replace(day=1)
    counted = (
        Case.objects.visible_to(actor)
        .values("office_id")
        .annotate(
            open=Count("pk", filter=Q(state__in=OPEN_STATES)),
            late=Count("pk", filter=Q(due_on__lt=on)),
            to_decide=Count("pk", filter=Q(state="TO_DECIDE")),
            approved=Count("pk", filter=Q(state="APPROVED", decided_on__gte=month)),
        )
    )
    cases = {row["office_id"]: row for row in counted}
    benefits = dict(
        Benefit.objects.visible_to(actor)
        .in_month(next_month(on))
        .values_list("office_id")
        .annotate(n=Count("pk"))
    )
    offices = Unit.objects.offices().filter(pk__in={*cases, *benefits}).order_by("code")
    return Board(on, [_row(office, cases.get(office.pk, {}), benefits) for office in offices])


def _row(office: Unit, counts: Mapping[str, Any], benefits: dict[int, int]) -> BoardRow:
    return BoardRow(
        office=office.name,
        url=f"/cases/?office={office.pk}",
        open=counts.get("open", 0),
        late=counts.get("late", 0),
        to_decide=counts.get("to_decide", 0),
        approved=counts.get("approved", 0),
        in_benefit=benefits.get(office.pk, 0),
    )
