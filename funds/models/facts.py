"""Reading what the rules ask about a list; each need costs at most two statements."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Count, Q, Sum

from funds.rules.facts import BatchFacts
from yuquan_relief.kernel import file_store

from .batch import PayoutBatch
from .handed_over import GONE, unaccounted_of, why_not_accounted
from .ledger import FundAccount
from .line import PayoutLine
from .result import ResultException
from .selection import SNAPSHOT, changed, parameters

SUBJECT = "payout"


def facts_of(batch: PayoutBatch, on: date, needs: Iterable[str]) -> BatchFacts:
    """The facts that `needs` look at (see rules/batches.NEEDS)."""
    values: dict[str, Any] = {"line_count": batch.line_count, "total_fen": batch.total_fen}
    for reader in dict.fromkeys(READERS[need] for need in needs):
        values |= reader(batch)
    return BatchFacts(on=on, **values)


def content_of(batch: PayoutBatch) -> dict[str, Any]:
    """What the three signatures of a list cover: totals in fen, and the very bytes by digest."""
    return {
        "subject": SUBJECT,
        "no": batch.no,
        "programme": batch.programme,
        "month": batch.month.isoformat(),
        "kind": batch.kind,
        "pay_by": batch.pay_by.isoformat(),
        "lines": batch.line_count,
        "households": batch.household_count,
        "total_fen": batch.total_fen,
        "back_pay_lines": batch.back_pay_count,
        "back_pay_fen": batch.back_pay_fen,
        "file_sha256": batch.file_sha256,
        "snapshot_sha256": batch.snapshot_sha256,
    }


def snapshot_of(batch: PayoutBatch) -> str:
    """SHA-256 over the lines in order, worked out by the database."""
    with connection.cursor() as cursor:
        cursor.execute(SNAPSHOT, parameters(batch))
        return str(cursor.fetchone()[0])


def fund_accounts(batch: PayoutBatch) -> Any:
    """The accounts of the list's office, programme and year."""
    return FundAccount.objects.filter(
        office_id=batch.office_id, programme=batch.programme, year=batch.fund_year
    )


def _lines(batch: PayoutBatch) -> dict[str, Any]:
    found = PayoutLine.objects.filter(batch=batch).aggregate(
        n=Count("id"), fen=Sum("amount_fen", default=0)
    )
    return {"lines_found": found["n"], "fen_found": found["fen"]}


def _incomplete(batch: PayoutBatch) -> dict[str, Any]:
    lacking = PayoutLine.objects.filter(Q(account="") | Q(id_tail=""), batch=batch)
    examples = lacking.order_by("line_no").values_list("certificate_no", flat=True)[:5]
    count = lacking.count()
    return {
        "incomplete": count,
        "incomplete_examples": tuple(dict.fromkeys(examples)) if count else (),
    }


# Lines of households of one whose member is in a list of the dead before the month began, unless
# the review of it found that the list was wrong (R10). The review says 保持 only when it is.
DEAD = """
SELECT DISTINCT l.certificate_no
  FROM funds_payoutline l
  JOIN cases_member m ON m.household_id = l.household_id AND m.left_on IS NULL
  JOIN cases_deathrecord d ON d.id_digest = m.id_digest AND d.died_on < l.month
 WHERE l.batch_id = %(batch)s
   AND NOT EXISTS (SELECT FROM cases_member o WHERE o.household_id = l.household_id
                      AND o.left_on IS NULL AND o.id <> m.id)
   AND NOT EXISTS (SELECT FROM cases_review r WHERE r.benefit_id = l.benefit_id
                      AND r.trigger = 'DEATH' AND r.state = 'ENDED' AND r.outcome = 'KEEP')
 ORDER BY l.certificate_no
"""


def _dead(batch: PayoutBatch) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(DEAD, {"batch": batch.pk})
        found = [no for (no,) in cursor.fetchall()]
    return {"dead": len(found), "dead_examples": tuple(found[:5])}


def _changed(batch: PayoutBatch) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(changed(batch.kind), parameters(batch))
        count, no_longer_due = cursor.fetchone()
    return {"changed": count, "no_longer_due": no_longer_due}


def _funds(batch: PayoutBatch) -> dict[str, Any]:
    return {"available_fen": sum(fund_accounts(batch).balances(batch.rules.out_of).values())}


def _file(batch: PayoutBatch) -> dict[str, Any]:
    return {"is_file_sound": file_store.is_sound(batch.file_sha256)}


def _snapshot(batch: PayoutBatch) -> dict[str, Any]:
    return {"is_snapshot_same": snapshot_of(batch) == batch.snapshot_sha256}


def _pending(batch: PayoutBatch) -> dict[str, Any]:
    return {"pending": PayoutLine.objects.filter(batch=batch, state="PENDING").count()}


def _exceptions(batch: PayoutBatch) -> dict[str, Any]:
    found = ResultException.objects.filter(batch=batch, resolved_on__isnull=True)
    return {"open_exceptions": found.count()}


def _handed_over(batch: PayoutBatch) -> dict[str, Any]:
    """What the book says of this list before it has gone, and of others of the same money."""
    if batch.state in GONE:
        return {}
    found = unaccounted_of(batch.office.code, batch.programme)
    mine = [e for e in found if e.no == batch.no]
    others = [e for e in found if e.no != batch.no]
    values: dict[str, Any] = {}
    if mine:
        values["handed_over_on"] = mine[-1].on
        values["is_same_file"] = mine[-1].file_sha256 == batch.file_sha256
    if others:
        values["unaccounted"] = why_not_accounted(others[0])
    return values


READERS: dict[str, Callable[[PayoutBatch], dict[str, Any]]] = {
    "lines": _lines,
    "totals": _lines,
    "accounts": _incomplete,
    "alive": _dead,
    "fresh": _changed,
    "still_due": _changed,
    "funds": _funds,
    "file": _file,
    "snapshot": _snapshot,
    "settled": _pending,
    "exceptions": _exceptions,
    "accounted": _handed_over,
    "not_handed_over": _handed_over,
    "handed_over_before": _handed_over,
}
