"""Bank file, workbook and answer of a long list, each against the barest way in the same run.

    ./.venv/bin/python -m benchmarks.bank --size 100000

· the file (CSV, GB18030, decrypted numbers) against COPY of the same columns to CSV;
· the workbook against xlsxwriter writing the same rows by itself;
· the answer, read, matched and posted, against one UPDATE out of a table of the answers.

Interleaved, best of `--rounds`. What the file costs beyond COPY is mostly the sealed numbers of
people, opened one by one; that part is printed apart.
"""

import argparse
import io
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

from benchmarks.payout import MONTH, ON, fill
from benchmarks.places import fresh_database

COPY = """COPY (SELECT line_no, holder, '居民身份证', id_no, account, bank, amount_fen,
    '城市低保', month, 1, village_name, certificate_no, kind FROM funds_payoutline
    WHERE batch_id = {batch} ORDER BY line_no) TO STDOUT WITH (FORMAT csv, ENCODING 'GB18030')"""


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with fresh_database() as name:
        run(name, options.size, options.rounds)


def run(name: str, size: int, rounds: int) -> None:
    """One list of `size` households, sent."""
    from tests import databases
    from tests.cast import make_cast

    cast = make_cast()
    fill(cast, size)
    databases.as_owner("ANALYZE", database=name)
    batch = made(cast)
    print(f"{size} 笔：")
    file(batch, rounds)
    book(batch, rounds)
    answer(name, cast, batch)


def made(cast: Any) -> Any:
    """The open list, with its lines; every account is the one that `fill` sealed."""
    from cases.models import PayeeAccount
    from funds.operations import building
    from yuquan_relief.kernel.fields import digest

    PayeeAccount.objects.update(number_digest=digest("6228480000000000018"))

    return building.open_month(
        cast.office.pk, "URBAN_ALLOWANCE", month=MONTH, actor=cast.staff, on=ON
    )


def best(
    act: Callable[[], object], other: Callable[[], object], rounds: int
) -> tuple[float, float]:
    """The best seconds of each, by turns."""
    found: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for place, run_it in enumerate((act, other)):
            began = time.perf_counter()
            run_it()
            found[place].append(time.perf_counter() - began)
    return min(found[0]), min(found[1])


def told(what: str, ours: float, floor: float, goal: float, more: str = "") -> None:
    """One line of the result."""
    print(f"  {what}：{floor:.3f} s → {ours:.3f} s，比值 {ours / floor:.2f}（目标 ≤ {goal}）{more}")


def file(batch: Any, rounds: int) -> None:
    """The text file against COPY, and what the sealed numbers alone cost."""
    from django.db import connection

    from funds.models import PayoutLine
    from funds.operations.bank_files import bank_file, head_of, payments, template_of
    from funds.rules import bank_file as form

    def copy() -> None:
        with connection.cursor() as cursor:
            cursor.cursor.copy_expert(COPY.format(batch=batch.pk), io.BytesIO())

    ours, floor = best(lambda: bank_file(batch), copy, rounds)
    told("银行文件与 COPY", ours, floor, 2.0)
    lines = list(payments(batch))
    template, head = template_of(batch), head_of(batch)
    write, floor = best(lambda: b"".join(form.chunks(template, head, lines)), copy, rounds)
    told("其中只写文件", write, floor, 2.0)
    plain = PayoutLine.objects.filter(batch=batch).order_by("line_no")
    names = ("line_no", "holder", "bank", "amount_fen", "month", "village_name")
    opened, unopened = best(
        lambda: list(plain.values_list("id_no", "account", *names).iterator(2000)),
        lambda: list(plain.values_list(*names).iterator(2000)),
        rounds,
    )
    print(f"  其中解密两列号码：{opened - unopened:.3f} s")
    tracemalloc.start()
    size = sum(len(piece) for piece in form.chunks(template, head, payments(batch)))
    grown = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    print(f"  逐段写出 {size / 1e6:.1f} MB，内存最多增长 {grown / 1e6:.1f} MB")


def book(batch: Any, rounds: int) -> None:
    """The workbook against xlsxwriter alone."""
    import xlsxwriter

    from funds.operations.bank_files import head_of, payments
    from funds.operations.bank_workbook import OPTIONS, workbook
    from tests.funds.payouts import template

    card, head = template("card"), head_of(batch)
    lines = list(payments(batch))
    from funds.rules.bank_file import columns_of

    rows = list(zip(*columns_of(card, head, lines), strict=True))

    def bare() -> None:
        with xlsxwriter.Workbook(io.BytesIO(), OPTIONS) as made_book:
            sheet = made_book.add_worksheet()
            for r, row in enumerate(rows):
                for c, text in enumerate(row):
                    sheet.write_string(r, c, text)

    ours, floor = best(lambda: workbook(card, head, lines), bare, rounds)
    told("一卡通 XLSX 与只用 xlsxwriter", ours, floor, 1.1)


def answer(name: str, cast: Any, batch: Any) -> None:
    """The bank's answer: read, matched to the fen, posted; against one UPDATE."""
    from tests.funds import payouts

    give(cast, batch)
    send(cast, batch)
    content = payouts.result_file(payouts.answers(batch))
    began = time.perf_counter()
    taken(cast, batch, content)
    ours = time.perf_counter() - began
    floor = plainly(name, batch)
    told("银行结果与一条 UPDATE", ours, floor, 3.0, f"，文件 {len(content) / 1e6:.1f} MB")


def give(cast: Any, batch: Any) -> None:
    """Enough money."""
    from funds.operations import ledger

    grant = ledger.Grant(
        office_id=cast.office.pk, programme=batch.programme, source="CITY", year=MONTH.year,
        amount_fen=batch.total_fen, document="测试", reason="演练",
)  # fmt: skip
    ledger.allocate(grant, key="bench", actor=cast.supervisor, on=ON)


def send(cast: Any, batch: Any) -> None:
    """Locked, approved and taken."""
    from funds.operations import batches

    began = time.perf_counter()
    batches.lock(batch.no, actor=cast.staff, on=ON, proof=cast.proof("staff"))
    batches.approve(batch.no, actor=cast.leader, on=ON, proof=cast.proof("leader"))
    batches.take_file(batch.no, actor=cast.accountant, on=ON, proof=cast.proof("accountant"))
    print(f"  锁定、签批、领取：{time.perf_counter() - began:.3f} s")


def taken(cast: Any, batch: Any, content: bytes) -> None:
    """Our way."""
    from funds.operations import results
    from tests.funds.payouts import PAID

    result = results.import_result(batch.no, content, actor=cast.accountant, on=PAID)
    assert result.exception_count == 0


def plainly(name: str, batch: Any) -> float:
    """The floor: the answers stand in a table already, and one UPDATE settles the lines."""
    import psycopg2

    from tests import databases

    connection = psycopg2.connect(databases.owner_url(name))
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_settled (LIKE funds_payoutline INCLUDING ALL)")
        cursor.execute("INSERT INTO bench_settled SELECT * FROM funds_payoutline")
        cursor.execute(
            "UPDATE bench_settled SET state = 'PENDING', paid_on = NULL, serial = '',"
            " answered_on = NULL"
        )
        cursor.execute("CREATE TABLE bench_answer AS SELECT line_no, serial FROM funds_payoutline")
    with connection, connection.cursor() as cursor:
        cursor.execute("ANALYZE bench_settled, bench_answer")
    began = time.perf_counter()
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "UPDATE bench_settled l SET state = 'PAID', paid_on = '2026-12-08',"
            " serial = a.serial, answered_on = '2026-12-08'"
            " FROM bench_answer a WHERE a.line_no = l.line_no AND l.state = 'PENDING'"
        )
    seconds = time.perf_counter() - began
    connection.close()
    return seconds


if __name__ == "__main__":
    main()
