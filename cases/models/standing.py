"""What the long-term notice of a village shows, and whether the one that hangs still holds."""

from datetime import date
from typing import Any

from .decision import Benefit
from .entitlement import with_amounts
from .notice import StandingNotice


def rows_of(village_id: int, on: date) -> list[dict[str, Any]]:
    """Who is given what in the month of `on` (fen): name, category, persons, amount, since.

    No number, address, illness or minor's name (domain 7.2); minors stand under their head.
    """
    month = on.replace(day=1)
    benefits: Any = (
        with_amounts(Benefit.objects.filter(village_id=village_id).in_month(month), month)
        .select_related("household")
        .order_by("programme", "household__head_name", "pk")
    )
    return [
        {
            "name": b.household.head_name,
            "category": b.programme_label,
            "persons": b.now_persons,
            "monthly_fen": b.now_monthly_fen + b.now_supplement_fen,
            "since": f"{b.start_month:%Y-%m}",
        }
        for b in benefits
    ]


def hanging(village_id: int) -> StandingNotice | None:
    """The list that hangs now."""
    return StandingNotice.objects.filter(village_id=village_id).order_by("-id").first()


def is_current(notice: StandingNotice | None, rows: list[dict[str, Any]]) -> bool:
    """Whether what hangs is what is given today."""
    return notice is not None and notice.rows == rows
