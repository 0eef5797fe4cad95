"""What was paid too much is found by query and opened as a recovery, once (domain 10.4, R12)."""

from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import Any

from django.db import connection, transaction

from cases.models import Benefit
from funds.models import Recovery, RecoveryMonth
from funds.models.selection import GIVEN
from yuquan_relief.kernel.actor import ROBOT
from yuquan_relief.kernel.events import record
from yuquan_relief.kernel.models import next_number

SUBJECT = "recovery"

# Months of which more has reached the account than is due by what is in force: after the last
# month of a benefit, or where a change reaches back. What a recovery already asks for is left out.
OVERPAID = f"""
SELECT b.id, l.month, l.paid, d.due, l.paid - d.due - l.asked AS over
  FROM cases_benefit b
 CROSS JOIN LATERAL (
       SELECT x.month, sum(x.amount_fen)::bigint AS paid,
              coalesce((SELECT sum(r.fen) FROM funds_recoverymonth r
                         WHERE r.benefit_id = b.id AND r.month = x.month), 0)::bigint AS asked
         FROM funds_payoutline x
        WHERE x.benefit_id = b.id AND x.office_id = b.office_id AND x.state = 'PAID'
          AND x.kind <> 'ONE_OFF'
        GROUP BY x.month) l
 CROSS JOIN LATERAL (
       SELECT greatest(%(month)s::date, max(n.month)) AS month FROM funds_payoutbatch n
        WHERE n.office_id = b.office_id AND n.programme = b.programme
          AND n.state IN ('SENT', 'CLOSED')) k
 CROSS JOIN LATERAL ({GIVEN.format(m="l.month").replace("%(month)s", "k.month")}) g
 CROSS JOIN LATERAL (
       SELECT CASE WHEN l.month > coalesce(b.end_month, l.month) THEN 0
                   ELSE g.monthly_fen + g.supplement_fen END AS due) d
 WHERE (b.end_month IS NOT NULL
        AND EXISTS (SELECT FROM funds_payoutline y
                     WHERE y.benefit_id = b.id AND y.month > b.end_month AND y.state = 'PAID'
                       AND y.kind <> 'ONE_OFF')
        OR EXISTS (SELECT FROM cases_entitlement t
                    WHERE t.benefit_id = b.id AND t.from_month < t.paid_with)
        OR b.id IN (SELECT y.benefit_id FROM funds_payoutbatch a
                      JOIN funds_payoutline y ON y.batch_id = a.id
                     WHERE a.kind = 'ADVANCE' AND y.state = 'PAID'))
   AND l.paid - d.due - l.asked > 0
 ORDER BY b.id, l.month
"""


def overpaid(on: date) -> list[tuple[Any, ...]]:
    """(benefit id, month, paid, due, over) for each month that was paid too much; fen.

    A change counts from the month whose list first knows it (this month's, or a later one that has
    been sent): asked back earlier, a list that does not know it would make the sum good again.
    """
    with connection.cursor() as cursor:
        cursor.execute(OVERPAID, {"month": on.replace(day=1)})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


@transaction.atomic
def open_recoveries(on: date) -> int:
    """For everybody who was paid too much a recovery is open; how many are new.

    Two clocks at once open one: the benefits are locked before what is open is read again.
    """
    benefits = _held(sorted({row[0] for row in overpaid(on)}))
    done = 0
    for pk, rows in groupby(overpaid(on), key=lambda row: row[0]):
        if pk in benefits:
            _open(benefits[pk], list(rows), on)
            done += 1
    return done


def _held(ids: list[int]) -> dict[int, Benefit]:
    """The benefits, locked in one order until the transaction ends."""
    held = Benefit.objects.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk")
    return {benefit.pk: benefit for benefit in held}


def _open(benefit: Benefit, rows: Iterable[tuple[Any, ...]], on: date) -> None:
    months = [
        RecoveryMonth(benefit=benefit, month=month, paid_fen=paid, due_fen=due, fen=over)
        for _, month, paid, due, over in rows
    ]
    first, last = months[0].month, months[-1].month
    why = (
        f"{benefit.end_month:%Y-%m} 后已终止"
        if benefit.end_month and first > benefit.end_month
        else "调整追溯以前月份"
    )
    recovery = Recovery.objects.create(
        no=next_number(f"ZJ{on:%Y%m}-", digits=3),
        state="OPEN",
        state_since=on,
        benefit=benefit,
        household_id=benefit.household_id,
        district_id=benefit.district_id,
        office_id=benefit.office_id,
        opened_on=on,
        reason=f"{why}，{first:%Y-%m} 至 {last:%Y-%m} 多发",
        amount_fen=sum(m.fen for m in months),
    )
    for month in months:
        month.recovery = recovery
    RecoveryMonth.objects.bulk_create(months)
    record(
        SUBJECT,
        recovery.no,
        "open",
        actor=ROBOT,
        on=on,
        unit_id=benefit.office_id,
        after="OPEN",
        body={"benefit": benefit.key, "fen": recovery.amount_fen, "months": len(months)},
    )
