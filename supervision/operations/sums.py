"""Sums of the lists, kept when a list changes and never scanned for in a request (5(8))."""

from datetime import date

from django.db import connection, transaction

from funds.models import PayoutBatch

AWAY = "DELETE FROM supervision_payoutsum WHERE batch_id = %(batch)s"
SUMS = """
SELECT a.id, a.district_id, a.office_id, a.programme, a.month, l.month, l.kind, l.state,
       l.state = 'PAID' AND l.paid_on <= a.pay_by, count(*), sum(l.persons), sum(l.amount_fen),
       sum(l.base_fen), sum(l.supplement_fen)
  FROM funds_payoutbatch a JOIN funds_payoutline l ON l.batch_id = a.id
 WHERE {which}
 GROUP BY a.id, l.month, l.kind, l.state, l.state = 'PAID' AND l.paid_on <= a.pay_by
"""
KEEP = """
INSERT INTO supervision_payoutsum (batch_id, district_id, office_id, programme, batch_month, month,
       kind, state, in_time, lines, persons, fen, base_fen, supplement_fen)
"""
COLUMNS = (
    "batch_id, district_id, office_id, programme, batch_month, month, kind, state, in_time, lines,"
    " persons, fen, base_fen, supplement_fen"
)
SCANNED = f"""
WITH scanned AS (
    SELECT s.* FROM ({SUMS.format(which="true")}) s(batch_id, district_id, office_id, programme,
           batch_month, month, kind, state, in_time, lines, persons, fen, base_fen,
           supplement_fen)),
kept AS (SELECT {COLUMNS} FROM supervision_payoutsum)
SELECT coalesce(k.batch_id, s.batch_id)
  FROM kept k FULL JOIN (SELECT {COLUMNS} FROM scanned) s
    ON (s.batch_id, s.month, s.kind, s.state, s.in_time)
     = (k.batch_id, k.month, k.kind, k.state, k.in_time)
   AND (s.district_id, s.office_id, s.programme, s.batch_month)
     = (k.district_id, k.office_id, k.programme, k.batch_month)
 WHERE (s.lines, s.persons, s.fen, s.base_fen, s.supplement_fen)
       IS DISTINCT FROM (k.lines, k.persons, k.fen, k.base_fen, k.supplement_fen)
"""


@transaction.atomic
def keep_sums(batch_id: int) -> int:
    """The list's sums are those of its lines as they are now; how many rows. Repeatable.

    Two at once wait for each other: the list's row is locked first, as by who changes it.
    """
    PayoutBatch.objects.select_for_update(of=("self",)).filter(pk=batch_id).first()
    with connection.cursor() as cursor:
        cursor.execute(AWAY, {"batch": batch_id})
        cursor.execute(KEEP + SUMS.format(which="a.id = %(batch)s"), {"batch": batch_id})
        return int(cursor.rowcount)


def keep_sums_of(no: str) -> int:
    """The same for a list by its number; 0 for one that there is not."""
    found = PayoutBatch.objects.filter(no=no).values_list("pk", flat=True).first()
    return keep_sums(found) if found else 0


def differing() -> list[int]:
    """Lists whose sums are not what a scan of the lines gives."""
    with connection.cursor() as cursor:
        cursor.execute(SCANNED)
        return sorted({pk for (pk,) in cursor.fetchall()})


# The job that makes them again still waits: they are behind, not wrong.
AWAITED = """
SELECT a.id FROM kernel_job j JOIN funds_payoutbatch a ON a.no = j.payload ->> 'subject_key'
 WHERE j.listener = 'supervision.keep_sums' AND j.state = 'WAITING'
"""


def wrong() -> list[int]:
    """Lists whose sums differ though nothing is on its way to them; read by check_invariants."""
    with connection.cursor() as cursor:
        cursor.execute(AWAITED)
        awaited = {pk for (pk,) in cursor.fetchall()}
    return [pk for pk in differing() if pk not in awaited]


def mend_sums(on: date) -> int:
    """Sums that are missing or stale are made again; how many lists."""
    stale = differing()
    for pk in stale:
        keep_sums(pk)
    return len(stale)
