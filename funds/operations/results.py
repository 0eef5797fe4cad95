"""The bank's answer: taken in whole, matched to the fen, everything else left for a person."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import Any

from django.db import connection, transaction

from cases.operations.relief import bank_paid
from cases.rules.programmes import Programme
from funds import faults
from funds.models import BankResult, PayoutBatch, PayoutLine, ResultException
from funds.models.facts import facts_of
from funds.rules.bank_result import ResultRow, read_result
from funds.rules.batches import STEPS
from funds.rules.matching import EXCEPTIONS, Difference, Expected, Outcome, match
from yuquan_relief.kernel import file_store
from yuquan_relief.kernel.actor import ROBOT, Actor
from yuquan_relief.kernel.errors import Refused
from yuquan_relief.kernel.fields import digest
from yuquan_relief.kernel.models import Event

from . import ledger
from .bank_files import answer_templates
from .batches import known_step, perform, require

SETTLE_PAID = """
WITH settled AS (
    UPDATE funds_payoutline l SET state = 'PAID', paid_on = u.paid_on, serial = u.serial,
           answered_on = %s
      FROM unnest(%s::int[], %s::date[], %s::text[]) AS u(line_no, paid_on, serial)
     WHERE l.batch_id = %s AND l.line_no = u.line_no AND l.state = 'PENDING'
    RETURNING l.amount_fen)
SELECT count(*), coalesce(sum(amount_fen), 0)::bigint FROM settled
"""
SETTLE_RETURNED = """
WITH settled AS (
    UPDATE funds_payoutline l SET state = 'RETURNED', is_effective = false, failure = u.failure,
           answered_on = %s
      FROM unnest(%s::int[], %s::text[]) AS u(line_no, failure)
     WHERE l.batch_id = %s AND l.line_no = u.line_no AND l.state = 'PENDING'
    RETURNING l.amount_fen)
SELECT count(*), coalesce(sum(amount_fen), 0)::bigint FROM settled
"""
OUTCOMES = {
    "PAID": "经银行核实已到账",
    "RETURNED": "经银行核实未到账，按退回处理",
    "NOTED": "已核实，不改变各笔结果",
}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a person found about a difference; PAID needs the bank's day and serial number."""

    outcome: str
    note: str
    paid_on: date | None = None
    serial: str = ""


@dataclass(frozen=True)
class Settled:
    """What a file, or a person, has settled: (lines, fen) paid and returned."""

    paid: tuple[int, int]
    returned: tuple[int, int]


def import_result(no: str, content: bytes, *, name: str = "", actor: Actor, on: date) -> BankResult:
    """The bank's file stands: lines paid or returned, postings and voucher, differences listed.

    One transaction. A file that cannot be read whole is Refused with its row numbers; a file that
    is already in is Refused with code `already_imported` and changes nothing. The list closes by
    itself when every line has its result and no difference is left.
    """
    require(known_step("import_result"), actor)
    PayoutBatch.objects.visible_to(actor).only("id").get(no=no)
    rows = read_result(content, answer_templates(on), name=name, today=on)
    result = _import(no, content, rows, actor, on)
    faults.point("funds.import_result.after_commit")
    return result


@transaction.atomic
def _import(no: str, content: bytes, rows: list[ResultRow], actor: Actor, on: date) -> BankResult:
    found: list[BankResult] = []

    def write(batch: PayoutBatch) -> Mapping[str, Any]:
        _refuse_known_file(batch, content)
        outcome = match(batch.no, _expected(batch), rows, digest)
        settled = _settle(batch, outcome, actor, on)
        _hand_over(batch, outcome.paid, actor, on)
        result = _keep(batch, content, outcome, settled, actor, on)
        found.append(result)
        return _told(result, outcome)

    perform(no, "import_result", actor=actor, on=on, write=write)
    _close_if_settled(no, on)
    return found[0]


def _refuse_known_file(batch: PayoutBatch, content: bytes) -> None:
    sha256 = hashlib.sha256(content).hexdigest()
    known = BankResult.objects.filter(batch=batch, sha256=sha256).first()
    if known:
        raise Refused(
            f"这份文件已于 {known.imported_on} 导入过，没有作任何改动", code="already_imported"
        )


def _expected(batch: PayoutBatch) -> dict[int, Expected]:
    lines = PayoutLine.objects.filter(batch=batch).values_list(
        "line_no", "account_digest", "holder", "amount_fen", "state", "serial"
    )
    return {line[0]: Expected(*line) for line in lines}


def _settle(batch: PayoutBatch, outcome: Outcome, actor: Actor, on: date) -> Settled:
    paid = _run(SETTLE_PAID, outcome.paid, 3, batch, on)
    faults.point("funds.import_result.half")
    returned = _run(SETTLE_RETURNED, outcome.returned, 2, batch, on)
    _post(batch, Settled(paid, returned), actor, on)
    return Settled(paid, returned)


def _run(sql: str, rows: list[Any], width: int, batch: PayoutBatch, on: date) -> tuple[int, int]:
    if not rows:
        return 0, 0
    columns = [list(map(itemgetter(i), rows)) for i in range(width)]
    with connection.cursor() as cursor:
        cursor.execute(sql, [on, *columns, batch.pk])
        count, fen = cursor.fetchone()
    if count != len(rows):
        raise Refused("名单在导入过程中有变化，没有作任何改动，请重新导入", code="stale")
    return count, fen


def _post(batch: PayoutBatch, settled: Settled, actor: Actor, on: date) -> None:
    ledger.pay(batch, paid=settled.paid, returned=settled.returned, actor=actor, on=on)
    batch.paid_count += settled.paid[0]
    batch.paid_fen += settled.paid[1]
    batch.returned_count += settled.returned[0]
    batch.returned_fen += settled.returned[1]


def _hand_over(
    batch: PayoutBatch, paid: list[tuple[int, date, str]], actor: Actor, on: date
) -> None:
    """What the bank paid of 临时救助 stands in its case in the same transaction (4(2))."""
    if Programme(batch.programme).is_monthly or not paid:
        return
    days = {line_no: day for line_no, day, _ in paid}
    lines = PayoutLine.objects.filter(batch=batch, line_no__in=days).order_by("line_no")
    for no, line_no, fen, holder in lines.values_list(
        "case__no", "line_no", "amount_fen", "holder"
    ):
        bank_paid(no, fen, holder=holder, paid_on=days[line_no], by=actor.human_id or 0, on=on)


def _keep(
    batch: PayoutBatch,
    content: bytes,
    outcome: Outcome,
    settled: Settled,
    actor: Actor,
    on: date,
) -> BankResult:
    told = batch.exceptions.filter(kind="MISSING", resolved_on__isnull=True)
    known_missing = set(told.values_list("line__line_no", flat=True))
    differences = [
        d for d in outcome.differences if d.kind != "MISSING" or d.line_no not in known_missing
    ]
    result = BankResult.objects.create(
        batch=batch,
        sha256=file_store.keep(content),
        rows=outcome.rows,
        paid_count=settled.paid[0],
        paid_fen=settled.paid[1],
        returned_count=settled.returned[0],
        returned_fen=settled.returned[1],
        exception_count=len(differences),
        imported_on=on,
        imported_by_id=actor.person_id,
    )
    _list(result, differences)
    return result


def _list(result: BankResult, differences: list[Difference]) -> None:
    numbers = [d.line_no for d in differences if d.line_no]
    lines = PayoutLine.objects.filter(batch_id=result.batch_id, line_no__in=numbers)
    ids = dict(lines.values_list("line_no", "id"))
    ResultException.objects.bulk_create(
        [
            ResultException(
                result=result,
                batch_id=result.batch_id,
                line_id=ids.get(d.line_no),
                kind=d.kind,
                row_number=d.row_number,
                detail=d.detail,
            )
            for d in differences
        ],
        batch_size=5000,
    )


def _told(result: BankResult, outcome: Outcome) -> dict[str, Any]:
    kinds = [d.kind for d in outcome.differences]
    return {
        "result": result.pk,
        "sha256": result.sha256,
        "rows": result.rows,
        "paid": [result.paid_count, result.paid_fen],
        "returned": [result.returned_count, result.returned_fen],
        "repeated": outcome.repeated,
        "exceptions": {kind: kinds.count(kind) for kind in EXCEPTIONS if kind in kinds},
    }


def _close_if_settled(no: str, on: date) -> Event | None:
    batch = PayoutBatch.objects.get(no=no)
    step = STEPS["close"]
    if batch.state not in step.sources or step.why_not(
        batch.state, facts_of(batch, on, step.needs)
    ):
        return None
    return perform(no, "close", actor=ROBOT, on=on)


@transaction.atomic
def resolve_exception(
    no: str,
    exception_id: int,
    verdict: Verdict,
    *,
    actor: Actor,
    on: date,
) -> Event:
    """A person has looked at the difference: the line is paid, returned, or stays as it is.

    PAID and RETURNED need a line that still waits. The list closes when this was the last one.
    Raises ResultException.DoesNotExist for one of another list.
    """

    def write(batch: PayoutBatch) -> Mapping[str, Any]:
        found = (
            ResultException.objects.select_related("line")
            .select_for_update(of=("self",))
            .get(pk=exception_id, batch=batch)
        )
        if found.resolved_on:
            raise Refused("这条差异已经处理过", code="already_resolved")
        settled = _outcome(found, verdict, on)
        _post(batch, _counted(batch, settled, on), actor, on)
        _hand_over(batch, settled.paid, actor, on)
        found.resolution = f"{OUTCOMES[verdict.outcome]}：{verdict.note.strip()}"[:300]
        found.resolved_on, found.resolved_by_id = on, actor.person_id
        found.save(update_fields=["resolution", "resolved_on", "resolved_by"])
        return {"exception": found.pk, "kind": found.kind, "outcome": verdict.outcome}

    event = perform(no, "resolve_exception", actor=actor, on=on, note=verdict.note, write=write)
    _close_if_settled(no, on)
    return event


def _outcome(found: ResultException, verdict: Verdict, on: date) -> Outcome:
    settled = Outcome()
    if verdict.outcome not in OUTCOMES:
        raise Refused("请选择核实结果")
    if verdict.outcome == "NOTED":
        return settled
    if found.line is None or found.line.state != "PENDING":
        raise Refused("这条差异没有待定的发放明细，请选“已核实，不改变各笔结果”")
    day, serial = verdict.paid_on, verdict.serial.strip()[:40]
    if verdict.outcome == "RETURNED":
        settled.returned.append((found.line.line_no, verdict.note.strip()[:100]))
    elif day is None or day > on or not serial:
        raise Refused("核实已到账的，须填写银行到账日期（不晚于今天）和交易流水号")
    else:
        settled.paid.append((found.line.line_no, day, serial))
    return settled


def _counted(batch: PayoutBatch, outcome: Outcome, on: date) -> Settled:
    return Settled(
        _run(SETTLE_PAID, outcome.paid, 3, batch, on),
        _run(SETTLE_RETURNED, outcome.returned, 2, batch, on),
    )
