"""A state machine over the money of one office: months go by, people come, leave, die, change.

Every act is the product's own operation, or the row that a served decision leaves behind. After
each step the database's deferred constraints are checked, and a short SQL of its own: nobody has
two effective payments of a month, and the ledger agrees with the lines. `settle` then brings the
months to an end, and `owed` recomputes from decisions alone what everybody had to get.
"""

from contextlib import suppress
from datetime import date, timedelta
from random import Random
from typing import Any

from django.db import connection, transaction

from cases.models import Benefit, Entitlement, Review
from cases.rules.months import months_after, next_month
from funds import faults, invariants
from funds.models import (
    PayoutBatch,
    PayoutLine,
    Recovery,
    ResultException,
)
from funds.operations import batches, building, ledger, paying_back, results, returns
from funds.operations.building import Order, open_list
from funds.operations.recoveries import open_recoveries
from tests.cases.benefit_rows import place
from tests.cast import Cast
from tests.funds import payouts
from tests.funds.payouts import PROGRAMME
from yuquan_relief.kernel.actor import ROBOT
from yuquan_relief.kernel.errors import Refused

MOST_HOUSEHOLDS = 6
START = date(2026, 2, 2)


class Crash(Exception):
    """The process died at a fault point; the transaction is gone."""


# Independent of the product's SQL: what each benefit had to get, and got, month by month.
OWED = """
WITH months AS (
    SELECT b.id, b.key, m.month::date AS month, b.monthly_fen, b.end_month
      FROM cases_benefit b
     CROSS JOIN generate_series(
           b.start_month::timestamp, %(last)s::timestamp, '1 month') AS m(month)
), due AS (
    SELECT m.id, m.key, m.month,
           CASE WHEN m.month > coalesce(m.end_month, m.month) THEN 0
                ELSE coalesce((SELECT e.monthly_fen FROM cases_entitlement e
                                WHERE e.benefit_id = m.id AND e.from_month <= m.month
                                ORDER BY e.id DESC LIMIT 1), m.monthly_fen) END AS fen
      FROM months m
), got AS (
    SELECT benefit_id, month, sum(amount_fen) AS fen
      FROM funds_payoutline l
     WHERE state = 'PAID'
     GROUP BY benefit_id, month
), back AS (
    SELECT benefit_id, month, sum(fen) AS fen FROM funds_recoverymonth GROUP BY benefit_id, month
)
SELECT d.key, d.month, d.fen, coalesce(g.fen, 0), coalesce(b.fen, 0)
  FROM due d
  LEFT JOIN got g ON (g.benefit_id, g.month) = (d.id, d.month)
  LEFT JOIN back b ON (b.benefit_id, b.month) = (d.id, d.month)
 WHERE d.fen <> coalesce(g.fen, 0) - coalesce(b.fen, 0)
 ORDER BY d.key, d.month
"""
TWICE = """
SELECT benefit_id, month, count(*) FROM funds_payoutline
 WHERE is_effective AND kind IN ('NORMAL', 'BACK_PAY') GROUP BY benefit_id, month
HAVING count(*) > 1
"""
BOOKS = """
SELECT a.kind, sum(e.amount_fen)::bigint FROM funds_ledgerentry e
  JOIN funds_fundaccount a ON a.id = e.account_id GROUP BY a.kind
"""
LINES = """
SELECT coalesce(sum(l.amount_fen) FILTER (WHERE l.state = 'PAID'), 0)::bigint,
       coalesce(sum(l.amount_fen) FILTER (
           WHERE l.state = 'PENDING' AND b.state IN ('APPROVED', 'SENT', 'CLOSED')), 0)::bigint
  FROM funds_payoutline l JOIN funds_payoutbatch b ON b.id = l.batch_id
"""


def rows(sql: str, **values: object) -> list[tuple[Any, ...]]:
    """What a statement answers."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


class Office:
    """One office, its clock and its acts. Every act may be refused; none may break anything."""

    def __init__(self, cast: Cast, chance: Random) -> None:
        self.cast, self.chance = cast, chance
        self.on = START
        self.serial = 0
        self.refused = 0
        self.crashed = 0
        for year in range(2025, 2040):
            self.give(year)

    def give(self, year: int) -> None:
        """Money for a year."""
        grant = ledger.Grant(
            office_id=self.cast.office.pk, programme=PROGRAMME, source="CITY", year=year,
            amount_fen=1_000_000_000, document="玉财社", reason="演练",
)  # fmt: skip
        on = date(year, 1, 4)
        ledger.allocate(grant, key=f"m-{year}", actor=self.cast.supervisor, on=on)

    # -------------------------------------------------------------- steps

    def step(self, name: str) -> None:
        """One act; a refusal is an answer, anything else is a defect."""
        try:
            with transaction.atomic():
                getattr(self, name)()
                rows("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED; SELECT 1")
        except Refused:
            self.refused += 1
        except Crash:
            self.crashed += 1
        self.check()

    def check(self) -> None:
        """What must hold after every single step."""
        assert rows(TWICE) == []
        books = dict(rows(BOOKS))
        assert sum(books.values()) == 0
        paid, waiting = rows(LINES)[0]
        received = sum(r.received_fen for r in Recovery.objects.all())
        assert books.get("PAID", 0) == paid - received
        assert books.get("COMMITTED", 0) == waiting

    def any_benefit(self) -> Benefit:
        """One of those that are known; raises Refused while there is none."""
        found = list(Benefit.objects.order_by("id"))
        if not found:
            raise Refused("nobody")
        return self.chance.choice(found)

    def any_batch(self, *states: str) -> PayoutBatch:
        """A list in one of the states."""
        found = list(PayoutBatch.objects.filter(state__in=states).order_by("id"))
        if not found:
            raise Refused("no list")
        return self.chance.choice(found)

    def come(self) -> None:
        """Somebody is approved: from this month, or late, with a month before."""
        if self.serial >= MOST_HOUSEHOLDS:
            raise Refused("full")
        self.serial += 1
        this = self.on.replace(day=1)
        start = self.chance.choice([this, next_month(this)])
        payouts.in_benefit(
            self.cast, self.serial, start_month=start, paid_with=next_month(start)
            if self.chance.random() < 0.3 else start, persons=1,
            monthly_fen=self.chance.choice([500_00, 682_00, 841_33]),
        )  # fmt: skip

    def leave(self) -> None:
        """Somebody stops, from now on, or since earlier: dead, moved, found out late."""
        benefit = self.any_benefit()
        if benefit.end_month:
            raise Refused("gone")
        last = months_after(self.on.replace(day=1), self.chance.choice([0, 0, -1, -2]))
        Benefit.objects.filter(pk=benefit.pk).update(end_month=max(last, benefit.start_month))

    def change(self) -> None:
        """A review or a raised standard changes the amount, from now or from earlier months."""
        benefit = self.any_benefit()
        first = next_month(self.on)
        paid_with = first if self.on.day <= 20 else next_month(first)  # as telling counts
        back = self.chance.choice([0, 0, 1, 2])
        from_month = max(months_after(first, -back), benefit.start_month)
        if benefit.end_month or from_month > paid_with:
            raise Refused("gone")
        number = Review.objects.count()
        review = Review.objects.create(
            no=f"FH-{number}", benefit=benefit, trigger="HAND", opened_on=self.on,
            due_on=self.on, state="WITHDRAWN", ended_on=self.on, **place(benefit),
        )  # fmt: skip
        Entitlement.objects.create(
            benefit=benefit, review=review, from_month=from_month, paid_with=paid_with,
            persons=1, monthly_fen=self.chance.choice([450_00, 682_00, 700_50, 900_00]),
            supplement_fen=0, recorded_on=self.on,
        )  # fmt: skip

    def new_account(self) -> None:
        """A household has another account."""
        benefit = self.any_benefit()
        payouts.account(benefit.household, self.chance.randrange(500, 900), "演练户")

    def days(self) -> None:
        """Some days go by."""
        self.on += timedelta(days=self.chance.choice([1, 4, 9]))

    def month(self) -> None:
        """The day after the next cut-off, on which the clock makes the next month's list."""
        first = next_month(self.on) if self.on.day > 20 else self.on.replace(day=1)
        self.on = first.replace(day=21)
        with suppress(Refused):
            self.open_next()

    def open(self) -> None:
        """The list of this month or the next."""
        month = self.on.replace(day=1)
        wanted = self.chance.choice([month, next_month(month)])
        building.open_month(
            self.cast.office.pk, PROGRAMME, month=wanted, actor=self.cast.staff, on=self.on
        )

    def order(self) -> None:
        """A list beside the month's."""
        kind = self.chance.choice(["REISSUE", "REISSUE", "BACK_PAY", "RAISE", "ADVANCE"])
        this = self.on.replace(day=1)
        order = Order(
            kind=kind, programme=PROGRAMME, month=next_month(this) if kind == "ADVANCE" else this,
            months=2 if kind == "ADVANCE" else 1,
        )  # fmt: skip
        open_list(self.cast.office.pk, order, actor=self.cast.staff, on=self.on)

    def rebuild(self) -> None:
        """A list is made again."""
        building.rebuild(self.any_batch("OPEN").no, actor=self.cast.staff, on=self.on)

    def lock(self) -> None:
        """A list is locked, after it was made again as the page asks."""
        no = self.any_batch("OPEN").no
        if self.chance.random() < 0.7:
            building.rebuild(no, actor=self.cast.staff, on=self.on)
        batches.lock(no, actor=self.cast.staff, on=self.on, proof=self.cast.proof("staff"))

    def send_back(self) -> None:
        """The leader wants it otherwise."""
        no = self.any_batch("LOCKED").no
        batches.send_back(no, note="请核对", actor=self.cast.leader, on=self.on)

    def approve(self) -> None:
        """The leader signs, and the file is taken."""
        no = self.any_batch("LOCKED").no
        batches.approve(no, actor=self.cast.leader, on=self.on, proof=self.cast.proof("leader"))
        proof = self.cast.proof("accountant")
        batches.take_file(no, actor=self.cast.accountant, on=self.on, proof=proof)

    def answer(self) -> None:
        """The bank answers: paid, returned, wrong, missing, doubled, or the same file again."""
        batch = self.any_batch("SENT", "CLOSED")
        said = []
        for row in payouts.answers(batch):
            fate = self.chance.random()
            row["交易时间"] = f"{self.on} 10:30:00"
            if fate < 0.15:
                said.append(payouts.came_back(row))
            elif fate < 0.2:
                said.append(row | {"金额": "1.00"})
            elif fate < 0.25:
                continue
            elif fate < 0.28:
                said += [row, dict(row)]
            else:
                said.append(row)
        if said:
            payouts.imported(self.cast, batch, said, self.on)

    def resolve(self) -> None:
        """A person looks at a difference."""
        found = list(ResultException.objects.filter(resolved_on=None).order_by("id"))
        if not found:
            raise Refused("none")
        one = self.chance.choice(found)
        waits = one.line is not None and one.line.state == "PENDING"
        outcome = self.chance.choice(["PAID", "RETURNED"]) if waits else "NOTED"
        verdict = results.Verdict(
            outcome=outcome, note="已核实", paid_on=self.on, serial=f"R{one.pk}"
        )
        results.resolve_exception(
            one.batch.no, one.pk, verdict, actor=self.cast.accountant, on=self.on
        )

    def give_up(self) -> None:
        """What came back and nobody is owed is not sent again."""
        lines = PayoutLine.objects.filter(
            state="RETURNED", reissued_as=None, given_up=None, benefit__end_month__isnull=False
        ).select_related("batch", "benefit")
        for line in lines:
            assert line.benefit is not None
            assert line.benefit.end_month is not None
            if line.month > line.benefit.end_month:
                returns.give_up(
                    line.batch.no, line.line_no, note="不再享受", actor=self.cast.leader, on=self.on
                )
                return
        raise Refused("none")

    def recover(self) -> None:
        """What was paid too much is asked back, and some of it comes."""
        open_recoveries(self.on)
        for recovery in Recovery.objects.exclude(state="DONE").order_by("id"):
            if recovery.state == "OPEN":
                told = paying_back.Told(told_on=self.on, method="DIRECT", receiver="演练户")
                paying_back.tell(recovery.no, told, actor=self.cast.staff, on=self.on)
            left = Recovery.objects.get(pk=recovery.pk).left_fen
            fen = left if self.chance.random() < 0.5 else max(left // 3, 1)
            number = recovery.receipts.count()
            receipt = paying_back.Receipt(
                paid_on=self.on, fen=fen, voucher_no=f"JK-{number}", payer="演练户"
            )
            paying_back.receive(
                recovery.no, receipt, key=f"{recovery.pk}-{number}", actor=self.cast.staff,
                on=self.on,
            )  # fmt: skip

    def crash(self) -> None:
        """The process dies at a fault point in the middle of an act: nothing of it stands."""
        act = self.chance.choice(["open", "lock", "approve", "answer"])
        kept = faults.point

        def die(name: str) -> None:
            if name.endswith((".before_commit", ".half", ".file_kept", ".after_insert")):
                raise Crash(name)

        for module in (batches, building, results):
            module.faults.point = die  # type: ignore[attr-defined]
        try:
            getattr(self, act)()
        finally:
            faults.point = kept

    # -------------------------------------------------------------- the end

    def settle(self) -> None:
        """Everything on its way arrives: two more months, all paid, all sent again, all asked."""
        for _ in range(3):
            self.finish_lists()
            self.month()
        for _ in range(4):
            self.finish_lists()
            with suppress(Refused):
                order = Order(kind="REISSUE", programme=PROGRAMME, month=self.on.replace(day=1))
                open_list(self.cast.office.pk, order, actor=self.cast.staff, on=self.on)
        open_recoveries(self.on)

    def open_next(self) -> None:
        """The list of the following month."""
        building.open_month(
            self.cast.office.pk, PROGRAMME, month=next_month(self.on), actor=ROBOT, on=self.on
        )  # fmt: skip

    def finish_lists(self) -> None:
        """Every list goes its way, and the bank pays everything."""
        cast, on = self.cast, self.on
        for batch in PayoutBatch.objects.exclude(state="CLOSED").order_by("id"):
            if batch.state == "LOCKED":
                batches.send_back(batch.no, note="重做", actor=cast.leader, on=on)
            if batch.state in ("OPEN", "LOCKED"):
                building.rebuild(batch.no, actor=cast.staff, on=on)
                if not PayoutLine.objects.filter(batch=batch).exists():
                    continue
                batches.lock(batch.no, actor=cast.staff, on=on, proof=cast.proof("staff"))
                batches.approve(batch.no, actor=cast.leader, on=on, proof=cast.proof("leader"))
                proof = cast.proof("accountant")
                batches.take_file(batch.no, actor=cast.accountant, on=on, proof=proof)
            self.pay_all(payouts.fresh(batch))

    def pay_all(self, batch: PayoutBatch) -> None:
        """The bank pays what waits; what it said wrongly is looked at."""
        for found in batch.exceptions.filter(resolved_on=None).select_related("line"):
            line = found.line
            if line is not None:
                line.refresh_from_db()
            outcome = "PAID" if line is not None and line.state == "PENDING" else "NOTED"
            verdict = results.Verdict(
                outcome=outcome, note="已核实", paid_on=self.on, serial=f"Z{found.pk}"
            )
            results.resolve_exception(
                batch.no, found.pk, verdict, actor=self.cast.accountant, on=self.on
            )
        waiting = PayoutLine.objects.filter(batch=batch, state="PENDING").select_related("batch")
        said = [payouts.answer(line, 交易时间=f"{self.on} 10:30:00") for line in waiting]
        if said:
            payouts.imported(self.cast, batch, said, self.on)

    def last_month(self) -> date:
        """The last month whose list is made."""
        months = PayoutBatch.objects.filter(kind="NORMAL").order_by("-month")
        return months.values_list("month", flat=True).first() or START.replace(day=1)


STEPS = [
    *["come"] * 2, "leave", "change", "change", "new_account", "days", *["month"] * 3,
    *["open"] * 4, *["order"] * 3, "rebuild", *["lock"] * 4, "send_back", *["approve"] * 4,
    *["answer"] * 5, *["resolve"] * 4, "give_up", *["recover"] * 2, *["crash"] * 2,
]  # fmt: skip


def unpaid(office: Office) -> list[tuple[Any, ...]]:
    """(benefit, month, due, got, asked back) that do not agree, up to the last list."""
    return rows(OWED, last=office.last_month())


def broken() -> list[str]:
    """What the product's own invariants say."""
    return list(invariants.broken())
