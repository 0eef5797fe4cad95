"""Reads of the books: what came back, purses and how long they last, the trial balance."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Count, Sum

from cases.rules.months import months_after
from cases.rules.programmes import Programme
from yuquan_relief.kernel.actor import Actor
from yuquan_relief.kernel.calendars import work_calendar
from yuquan_relief.kernel.rulebook_values import rules
from yuquan_relief.kernel.workdays import LimitUnit

from .models import FundAccount, PayoutBatch, PayoutLine, Supplement
from .models.batch import office_scope
from .rules.spreading import SOURCES

IDLE_DAYS = 90


@dataclass(frozen=True)
class Returned:
    """One payment that came back and is owed: since when, by when, on which list it goes again."""

    line: PayoutLine
    since: date
    due_on: date
    is_late: bool
    again: PayoutLine | None
    has_new_account: bool


def returned(actor: Actor, on: date) -> list[Returned]:
    """What came back in the actor's scope and has not arrived, the oldest first (R62).

    Constant statements. `due_on` is so many working days after the bank's answer.
    """
    calendar, days = work_calendar(), rules(on)["payout.reissue_days"]
    scope = {"batch__in": PayoutBatch.objects.visible_to(actor)}
    lines = (
        PayoutLine.objects.filter(state="RETURNED", given_up__isnull=True, **scope)
        .exclude(reissued_as__state__in=("PAID", "RETURNED"))
        .for_list()
        .select_related("batch__office", "household")
        .prefetch_related("reissued_as__batch__office", "household__accounts")
        .order_by("answered_on", "id")[:200]
    )
    found = []
    for line in lines:
        since = line.answered_on or line.batch.state_since
        due = calendar.due(since, days, LimitUnit.WORKDAY).on
        again = next(iter(line.reissued_as.all()), None)
        current = [a for a in line.household.accounts.all() if a.is_current]
        is_new = any(a.number_digest != line.account_digest for a in current)
        found.append(Returned(line, since, due, due < on, again, is_new))
    return found


@dataclass(frozen=True)
class Purse:
    """One purse with how it is used (fen); `lasts_until` at the pace of the last three lists."""

    office_name: str
    programme_label: str
    year: int
    available_fen: int
    monthly_fen: int
    idle_days: int
    lasts_until: date | None

    @property
    def is_idle(self) -> bool:
        """Whether money has lain untouched for more than ninety days (R65)."""
        return self.available_fen > 0 and self.idle_days > IDLE_DAYS


PURSES = """
SELECT o.name, a.programme, a.year, sum(e.amount_fen)::bigint,
       coalesce((SELECT (sum(b.total_fen) / 3)::bigint FROM (
           SELECT total_fen FROM funds_payoutbatch n
            WHERE n.office_id = a.office_id AND n.programme = a.programme
              AND n.state IN ('APPROVED', 'SENT', 'CLOSED') AND n.kind <> 'REISSUE'
            ORDER BY n.month DESC, n.id DESC LIMIT 3) b), 0),
       max(g.on_day) FILTER (WHERE e.amount_fen < 0), min(g.on_day)
  FROM funds_fundaccount a
  JOIN funds_ledgerentry e ON e.account_id = a.id
  JOIN funds_ledgergroup g ON g.id = e.group_id
  JOIN kernel_unit o ON o.id = a.office_id
 WHERE a.kind = 'AVAILABLE' AND (o.id = %(place)s OR o.parent_id = %(place)s)
 GROUP BY o.code, o.name, a.office_id, a.programme, a.year
 ORDER BY o.code, a.programme, a.year
"""


def purses(actor: Actor, on: date) -> list[Purse]:
    """What can be spent, how long it has lain, and until when it lasts (one statement)."""
    with connection.cursor() as cursor:
        cursor.execute(PURSES, {"place": actor.unit_id or 0})
        rows = cursor.fetchall()
    return [
        Purse(
            name,
            Programme(programme).label,
            year,
            available,
            monthly,
            (on - (last_used or first)).days,
            _lasts_until(available, monthly, on),
        )
        for name, programme, year, available, monthly, last_used, first in rows
    ]


def _lasts_until(available: int, monthly: int, on: date) -> date | None:
    """The pay day of the first month that is not covered; None when nothing is spent."""
    if not monthly:
        return None
    months = min(available // monthly, 120)
    return months_after(on.replace(day=10), months + (on.day > 10))


@dataclass(frozen=True)
class TrialRow:
    """One account kind of one programme and source: its balance (fen)."""

    programme_label: str
    source_label: str
    year: int
    balances: dict[str, int]

    @property
    def sum_fen(self) -> int:
        """Nothing, or the books are wrong."""
        return sum(self.balances.values())


def trial(actor: Actor, on: date) -> list[TrialRow]:
    """The trial balance of the scope by programme, source and year (one statement)."""
    found = (
        FundAccount.objects.filter(
            office_scope(actor, district="office__parent_id"), year__gte=on.year - 1
        )
        .values_list("programme", "source", "year", "kind")
        .annotate(fen=Sum("entries__amount_fen", default=0))
        .order_by("programme", "source", "year")
    )
    rows: dict[tuple[str, str, int], dict[str, int]] = {}
    for programme, source, year, kind, fen in found:
        rows.setdefault((programme, source, year), {})[kind] = fen
    return [
        TrialRow(Programme(programme).label, SOURCES[source], year, kinds)
        for (programme, source, year), kinds in rows.items()
    ]


def supplements(rows: Iterable[Supplement]) -> list[tuple[Supplement, int, int]]:
    """Each measure with how many households its lists pay, and how much (fen); two statements."""
    found = list(rows)
    sums = PayoutLine.objects.filter(supplement__in=found, is_effective=True)
    paid = {
        pk: (count, fen)
        for pk, count, fen in sums.values_list("supplement").annotate(
            n=Count("id"), fen=Sum("amount_fen")
        )
    }
    return [(row, *paid.get(row.pk, (0, 0))) for row in found]
