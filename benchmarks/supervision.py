"""All system checks, the board and the statistics, each beside bare SQL in the same run.

    ./.venv/bin/python -m benchmarks.supervision --cases 100000 --part checks
    ./.venv/bin/python -m benchmarks.supervision --board 20000 --part board
    ./.venv/bin/python -m benchmarks.supervision --lines 10000000 --part stats

· checks: a night over so many cases, the first (all is new) and the next, beside the sum of the
  bare SELECTs of its rules, counted; the ten slowest rules with their milliseconds;
· board: GET /board/ of a district with three years of lists, p95, beside its own statements bare;
· stats: the interface's payouts by office over so many lines, beside one SQL on the kept sums, and
  a scan of the lines; the kept sums must equal the scan.

Each part has a database of its own (`benchmarks.district`).
"""

import argparse
import time
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from benchmarks.district import MONTH, MONTHLY, OFFICES, ON, Owner, fill
from benchmarks.judging import sent
from benchmarks.places import best_of, fresh_database

STATS = "/api/v1/stats/payouts/?by=office&from=2023-12&to=2026-11"
FIRST = date(2023, 12, 1)
PROGRAMMES = (*MONTHLY, "URBAN_DESTITUTE")

BATCHES = """
INSERT INTO funds_payoutbatch (no, district_id, office_id, programme, month, kind, state, round,
       version, state_since, opened_on, pay_by, pay_by_is_provisional, fund_year, months, serial,
       template, line_count, household_count, person_count, total_fen, back_pay_count, back_pay_fen,
       paid_count, paid_fen, returned_count, returned_fen, file_sha256, snapshot_sha256, locked_on,
       approved_on, sent_on, closed_on)
SELECT 'FF-' || o.at || '-' || p.programme || '-' || m.month::date, %(district)s, o.office,
       p.programme, m.month::date, 'NORMAL', 'CLOSED', 1, 1, m.month::date, m.month::date,
       m.month::date + 9, false, extract(year FROM m.month), 1, 1, '', %(each)s, 0, 0, 0, 0, 0,
       %(each)s, 0, 0, 0, repeat('a', 64), repeat('a', 64), m.month, m.month, m.month,
       m.month + interval '9 days'
  FROM unnest(%(offices)s::bigint[]) WITH ORDINALITY o(office, at),
       unnest(%(programmes)s) p(programme),
       generate_series(%(first)s::date, %(last)s::date, interval '1 month') m(month)
"""
LINES = """
INSERT INTO funds_payoutline (batch_id, office_id, line_no, benefit_id, household_id, month, kind,
       amount_fen, base_fen, supplement_fen, persons, certificate_no, village_name, head_name,
       id_no, id_tail, holder, bank, account, account_digest, account_tail, state, is_effective,
       serial, failure, paid_on, answered_on)
SELECT a.id, a.office_id, g, g, g, a.month, 'NORMAL', 68200 + g %% 700, 68200 + g %% 700, 0,
       1 + g %% 3, 'C' || g, '演练村', '户主' || g, %(sealed)s, '0018', '户主' || g, '演练银行',
       %(sealed)s, md5(g::text) || md5(a.id::text), '0018',
       CASE WHEN g %% 100 = 0 THEN 'RETURNED' ELSE 'PAID' END, g %% 100 <> 0,
       CASE WHEN g %% 100 = 0 THEN '' ELSE 'S' || a.id || '-' || g END,
       CASE WHEN g %% 100 = 0 THEN '账户不存在' ELSE '' END,
       CASE WHEN g %% 100 <> 0 THEN a.month + 7 + (g %% 50 = 1)::int * 4 END, a.month + 7
  FROM funds_payoutbatch a, generate_series(1, %(each)s) g
"""
# The same six figures by hand; once from the kept sums, once from the lines.
FIGURES = """
SELECT s.office_id,
       sum(s.lines) FILTER (WHERE s.in_time AND {counts}), sum(s.lines) FILTER (WHERE {counts}),
       sum(s.fen) FILTER (WHERE s.state = 'PAID' AND {counts}), sum(s.fen) FILTER (WHERE {counts}),
       sum(s.fen) FILTER (WHERE s.state = 'PAID'), sum(s.lines) FILTER (WHERE s.state = 'PAID'),
       sum(s.persons) FILTER (WHERE s.state = 'PAID'),
       sum(s.fen) FILTER (WHERE s.state = 'RETURNED')
  FROM {sums} s JOIN funds_payoutbatch a ON a.id = s.batch_id
 WHERE s.district_id = %(district)s AND s.batch_month BETWEEN %(first)s AND %(last)s
 GROUP BY s.office_id ORDER BY s.office_id
"""
COUNTS = "a.kind = 'NORMAL' AND a.state NOT IN ('OPEN', 'LOCKED')"
SCAN = """(SELECT l.batch_id, a.office_id, a.district_id, a.month AS batch_month, l.state,
       1 AS lines, l.persons, l.amount_fen AS fen,
       l.state = 'PAID' AND l.paid_on <= a.pay_by AS in_time
  FROM funds_payoutline l JOIN funds_payoutbatch a ON a.id = l.batch_id)"""


def main() -> None:
    """Fill, measure, print, part by part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--board", type=int, default=20_000, help="cases of the board's district")
    parser.add_argument("--lines", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--part", choices=("checks", "board", "stats"), help="only this one")
    options = parser.parse_args()
    if options.part in (None, "checks"):
        with fresh_database() as name:
            checks(name, options.cases)
    if options.part in (None, "board"):
        with fresh_database() as name:
            shown(name, options.board, options.rounds)
    if options.part in (None, "stats"):
        with fresh_database() as name:
            stats(name, options.lines, options.rounds)


def timed(act: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds, and what came of it."""
    began = time.perf_counter()
    made = act()
    return time.perf_counter() - began, made


# ---------------------------------------------------------------------- all checks


def checks(name: str, size: int) -> None:
    """Two nights, and between them the bare SELECTs."""
    from supervision.models.check_values import check_values
    from supervision.operations.checking import run_checks
    from tests.cast import make_cast
    from yuquan_relief.kernel.actor import ROBOT

    cast = make_cast()
    seconds, _ = timed(lambda: fill(name, cast, size, 12))
    print(f"填充 {size} 件、{_count('funds_payoutline')} 笔：{seconds:.0f} s", flush=True)

    def night() -> Any:
        return run_checks(cast.district, actor=ROBOT, on=ON)

    first, run = timed(night)
    print(f"第一夜：{first:.1f} s，查到 {run.hits}，新发现 {run.fresh}", flush=True)
    opened, values = timed(lambda: check_values(ON))
    values |= {"district": cast.district.pk, "kind": "", "key": ""}
    bare = sum(_bare(values))
    again, run = timed(night)
    print(f"全部规则的裸 SELECT 合计 {bare:.1f} s；开封、日历等取值 {opened:.1f} s")
    print(f"第二夜：{again:.1f} s，查到 {run.hits}，新发现 {run.fresh}")
    print(
        f"{size} 件全量核查：比值 {again / bare:.2f}，第一夜比值 {first / bare:.2f}（目标 ≤ 3，"
        "整次 < 120 s）"
    )
    for count in run.counts.order_by("-milliseconds")[:10]:
        print(f"  {count.rule} {count.milliseconds} ms，查到 {count.hits}")


def _bare(values: dict[str, Any]) -> Iterator[float]:
    """Seconds of each rule's own SELECT, counted."""
    from django.db import connection

    from supervision.rules.checks import CHECKS

    with connection.cursor() as cursor:
        for check in CHECKS.values():
            statement = f"SELECT count(*) FROM ({check.select}) f"
            began = time.perf_counter()
            cursor.execute(statement, values)
            cursor.fetchone()
            yield time.perf_counter() - began


def _count(table: str) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


# ---------------------------------------------------------------------- the board


def shown(name: str, size: int, rounds: int) -> None:
    """The page, and its own statements bare, by turns."""
    from django.db import connection

    from supervision.operations.checking import run_checks
    from supervision.reports.board import board
    from supervision.reports.board_page import page_of
    from tests.cast import make_cast
    from yuquan_relief.kernel.actor import ROBOT

    cast = make_cast()
    fill(name, cast, size, 36)
    keep_all(name)
    run_checks(cast.district, actor=ROBOT, on=ON)
    Owner(name).run("VACUUM ANALYZE")
    client, actor = cast.client("supervisor"), cast.supervisor

    def page() -> None:
        assert client.get("/board/").status_code == 200

    def reading() -> None:
        page_of(board(actor, ON), actor, ON)

    page()
    whole, own = sent(page), sent(reading)

    def bare() -> None:
        with connection.cursor() as cursor:
            for sql, params in own:
                cursor.execute(sql, params)
                cursor.fetchall()

    taken = times(rounds, page, bare)
    high, floor = p95(taken[0]), p95(taken[1])
    print(
        f"{size} 件、{_count('funds_payoutline')} 笔、三年的看板：p95 {high * 1000:.0f} ms"
        f"（目标 ≤ 500），{len(whole)} 条语句（目标 ≤ 15），其中看板自己 {len(own)} 条"
    )
    print(f"看板自己的语句 {floor * 1000:.0f} ms；比值 {high / floor:.2f}")


def times(rounds: int, *acts: Callable[[], None]) -> list[list[float]]:
    """Seconds of each run of each, by turns."""
    taken: list[list[float]] = [[] for _ in acts]
    for _ in range(rounds):
        for at, act in enumerate(acts):
            taken[at].append(timed(act)[0])
    return taken


def p95(taken: list[float]) -> float:
    """Seconds that 19 of 20 are quicker than."""
    return sorted(taken)[min(len(taken) - 1, int(len(taken) * 0.95))]


def keep_all(name: str) -> None:
    """The sums of all lists by the statement that keeps one."""
    from supervision.operations.sums import KEEP, SUMS

    owner = Owner(name)
    owner.run("TRUNCATE supervision_payoutsum")
    owner.run(KEEP + SUMS.format(which="true"))
    owner.run("VACUUM ANALYZE supervision_payoutsum")
    owner.connection.close()


# ---------------------------------------------------------------------- statistics


def stats(name: str, size: int, rounds: int) -> None:
    """The interface, the kept sums and the scan, by turns."""
    from django.db import connection

    from supervision.operations.sums import differing, keep_sums
    from tests.api.clients import api_client
    from tests.cast import make_cast

    cast = make_cast()
    seconds, _ = timed(lambda: lists(name, cast, size))
    print(f"填充 {_count('funds_payoutline')} 笔：{seconds:.0f} s", flush=True)
    every, _ = timed(lambda: keep_all(name))
    one, _ = timed(lambda: keep_sums(batch_ids()[0]))
    client = api_client(cast, "supervisor", scopes="stats")
    values = {"district": cast.district.pk, "first": FIRST, "last": ON}

    def rows(sums: str) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(FIGURES.format(sums=sums, counts=COUNTS), values)
            return list(cursor.fetchall())

    def ours() -> None:
        assert client.get(STATS).status_code == 200

    def bare() -> None:
        assert rows("supervision_payoutsum")

    ours()
    mine, floor = best_of(rounds, ours, bare)
    scan, scanned = timed(lambda: rows(SCAN))
    assert scanned == rows("supervision_payoutsum")
    check, wrong = timed(differing)
    told = f"接口 {mine * 1000:.1f} ms，{len(sent(ours))} 条语句；"
    told += f"汇总表一条 SQL {floor * 1000:.1f} ms；比值 {mine / floor:.2f}（目标 ≤ 5）"
    print(f"{size} 笔的发放统计：{told}")
    slower = f"是接口的 {scan / mine:.0f} 倍，是汇总表的 {scan / floor:.0f} 倍"
    print(f"扫一遍明细 {scan:.1f} s，{slower}")
    print(f"汇总与明细不一致的名单 {len(wrong)} 份（核对 {check:.1f} s）；", end="")
    print(f"一份名单重算 {one * 1000:.0f} ms，全部 {every:.1f} s")


def batch_ids() -> list[int]:
    """The lists."""
    from funds.models import PayoutBatch

    return list(PayoutBatch.objects.order_by("pk").values_list("pk", flat=True))


def lists(name: str, cast: Any, size: int) -> None:
    """So many lines in 36 months' lists of ten offices and four programmes.

    Keys to other tables and indexes that no statement here uses are left out: they would only
    make the filling slow.
    """
    from tests.cast import unit
    from yuquan_relief.kernel.fields import seal

    offices = [
        unit(f"第{i}街道", "OFFICE", f"1599001{i:02d}", cast.district).pk for i in range(OFFICES)
    ]
    owner = Owner(name)
    owner.guards(("funds_payoutbatch", "funds_payoutline"), on=False)
    for (key,) in owner.rows(
        "SELECT conname FROM pg_constraint WHERE conrelid = 'funds_payoutline'::regclass"
        " AND contype = 'f'"
    ):
        owner.run(f'ALTER TABLE funds_payoutline DROP CONSTRAINT "{key}"')
    for (index,) in owner.rows(
        "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisprimary AND indrelid ="
        " 'funds_payoutline'::regclass AND NOT EXISTS (SELECT FROM pg_constraint c"
        " WHERE c.conindid = indexrelid)"
    ):
        owner.run(f"DROP INDEX {index}")
    values = {
        "district": cast.district.pk, "offices": offices, "programmes": list(PROGRAMMES),
        "first": FIRST, "last": MONTH, "sealed": seal("6228480000000000018"),
        "each": max(1, round(size / (36 * len(offices) * len(PROGRAMMES)))),
    }  # fmt: skip
    owner.run(BATCHES, values)
    owner.run(LINES, values)
    owner.guards(("funds_payoutbatch", "funds_payoutline"), on=True)
    owner.run("VACUUM ANALYZE")
    owner.connection.close()


if __name__ == "__main__":
    main()
