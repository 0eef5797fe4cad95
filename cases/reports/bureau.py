"""What waits for the bureau's own look: families of kin before, new approvals after (5(9), 9)."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from cases.models import Case
from cases.models.case import CaseQuerySet
from yuquan_relief.kernel.actor import Actor

MOST = 100


@dataclass(frozen=True)
class Waiting:
    """One case that waits for the bureau."""

    case: Case
    url: str
    days: int


@dataclass(frozen=True)
class BureauPage:
    """The two queues, and how far the re-check of this year's approvals has come."""

    visits: list[Waiting]
    rechecks: list[Waiting]
    approved: int
    rechecked: int


def bureau_page(actor: Actor, on: date) -> BureauPage:
    """Both queues, the longest waiting first; at most a hundred of each."""
    mine = Case.objects.visible_to(actor)
    kin = mine.open().filter(
        Q(kin_declared=True) | Q(kin_found=True),
        accepted_on__isnull=False,
        bureau_visited_on__isnull=True,
    )
    decided = mine.filter(state="APPROVED")
    year = decided.filter(decided_on__year=on.year)
    return BureauPage(
        visits=_waiting(kin.order_by("accepted_on", "pk"), "bureau_visit", "accepted_on", on),
        rechecks=_waiting(
            decided.filter(rechecked_on__isnull=True).order_by("decided_on", "pk"),
            "recheck",
            "decided_on",
            on,
        ),
        approved=year.count(),
        rechecked=year.filter(rechecked_on__isnull=False).count(),
    )


def _waiting(cases: CaseQuerySet, code: str, since: str, on: date) -> list[Waiting]:
    rows = cases.select_related("household", "village", "office")[:MOST]
    return [
        Waiting(case, f"/cases/{case.no}/{code}/", (on - getattr(case, since)).days)
        for case in rows
    ]
