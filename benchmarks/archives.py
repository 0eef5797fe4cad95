"""Completeness of many files, the package of one, and a page of PDF, each beside a floor.

    ./.venv/bin/python -m benchmarks.archives --size 20000

· the list of files (page of 50 with its sums, as the view makes it): p95 of `--rounds` requests,
  against counting the same rows; with the filters “缺件” and “不一致” too;
· the package of a file of 30 documents of 300 KB: inspected, described, digested twice, zipped and
  kept, against reading and hashing the same bytes once;
· a page of PDF, warm, and one with thirty rows.
"""

import argparse
import io
import os
import statistics
import time
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.places import best_of, fresh_database

ON = date(2026, 11, 27)
DOCUMENTS = 30

ROWS = """
INSERT INTO cases_household (key, head_name, district_id, office_id, village_id, address, phone,
                             phone_tail, created_at, registered_address, registered_kind)
SELECT 'AH' || n, '户主' || n, %(district)s, %(office)s, %(village)s, '', '', '', now(), '',
       'RESIDENT' FROM generate_series(1, %(size)s) n;
INSERT INTO archives_dossier (no, case_id, household_id, district_id, office_id, village_id, state,
                              opened_on, retain_years, required_total, required_present,
                              manifest_sha256, package_sha256)
SELECT 'YQMZ-MS·2026-D10-' || c.id, c.id, c.household_id, c.district_id, c.office_id, c.village_id,
       'BUILDING', '2026-11-01', 10, 13, 13 - (c.id %% 20 = 0)::int, '', ''
  FROM cases_case c;
INSERT INTO archives_paperfile (dossier_id, box_id, seat, pages, amount_fen, persons, month,
                                checked_on, checked_by_id)
SELECT d.id, %(box)s, row_number() OVER (ORDER BY d.id), 30, 68200, 2, '2026-11-01', '2026-11-01',
       %(person)s FROM archives_dossier d;
INSERT INTO cases_benefit (key, certificate_no, household_id, programme, district_id, office_id,
                           village_id, persons, monthly_fen, supplement_fen, start_month,
                           paid_with, source, year_fen, support, care_tier, source_case_id)
SELECT 'AB' || d.id, 'AC' || d.id, d.household_id, 'URBAN_ALLOWANCE', d.district_id, d.office_id,
       d.village_id, 2, 68200 + (d.id %% 100 = 0)::int, 0, '2026-11-01', '2026-11-01', '审批', 0,
       '', '', d.case_id
  FROM archives_dossier d
 WHERE NOT EXISTS (SELECT FROM cases_benefit b WHERE b.source_case_id = d.case_id)
"""


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    with fresh_database() as name, TemporaryDirectory() as folder:
        run(name, Path(folder), options.size, options.rounds)


def run(name: str, folder: Path, size: int, rounds: int) -> None:
    """All three."""
    from django.conf import settings

    from tests import databases, road
    from tests.cast import make_cast
    from yuquan_relief.kernel import outbox

    settings.ATTACHMENT_STORE = folder
    cast = make_cast()
    case = road.approved(cast)
    outbox.sweep()
    package(cast, case)
    pages()
    fill(cast, case, size)
    databases.as_owner("ANALYZE", database=name)
    lists(cast, size, rounds)


def fill(cast: Any, case: Any, size: int) -> None:
    """So many households, cases and files, made from the columns of the one case."""
    from django.db import connection

    from archives.operations import shelf

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'cases_case'::regclass"
            " AND attnum > 0 AND NOT attisdropped AND attname NOT IN ('id', 'no', 'household_id')"
        )
        columns = [name for (name,) in cursor.fetchall()]
        names = ", ".join(f'"{name}"' for name in columns)
        values = ", ".join(
            "h.key" if name == "submission_key" else f'c."{name}"' for name in columns
        )
        place = {"district": cast.district.pk, "office": cast.office.pk,
                 "village": cast.village.pk, "size": size, "person": cast.staff.human_id,
                 "box": shelf.open_box("演练", "A1", actor=cast.staff, on=ON).pk}  # fmt: skip
        households, dossiers, papers, benefits = ROWS.split(";")
        cursor.execute(households, place)
        cursor.execute(
            f"INSERT INTO cases_case (no, household_id, {names})"
            f" SELECT 'AC' || h.id, h.id, {values} FROM cases_household h, cases_case c"
            " WHERE c.no = %s AND h.key LIKE 'AH%%'",
            [case.no],
        )
        cursor.execute(
            f"{dossiers} WHERE NOT EXISTS (SELECT FROM archives_dossier d WHERE d.case_id = c.id)",
            place,
        )
        cursor.execute(papers, place)
        cursor.execute(benefits, place)


def lists(cast: Any, size: int, rounds: int) -> None:
    """The view's own reading of a page, by filter."""
    from archives.models import Dossier
    from archives.reports import list_page

    floor = p95(lambda: Dossier.objects.filter(office=cast.office).count(), rounds)
    for label, query in (
        ("全部", {}),
        ("只看缺件", {"gaps": True}),
        ("只看不一致", {"differs": True}),
    ):
        actor = cast.supervisor
        seconds = p95(partial(list_page, actor, query, {}), rounds)
        print(f"档案齐全情况（{label}），{size} 卷：p95 {seconds * 1000:.0f} ms（目标 ≤ 500），"
              f"只数件数 {floor * 1000:.0f} ms，比值 {seconds / floor:.1f}")  # fmt: skip


def p95(act: Any, rounds: int) -> float:
    """Seconds of the request that 19 of 20 are quicker than."""
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        act()
        taken.append(time.perf_counter() - began)
    return statistics.quantiles(taken, n=20)[-1]


def package(cast: Any, case: Any) -> None:
    """The file of thirty documents, sealed."""
    import hashlib

    from PIL import Image

    from archives.models import Dossier
    from archives.operations.sealing import seal
    from yuquan_relief.kernel import file_store
    from yuquan_relief.kernel.operations.attachments import attach

    dossier = Dossier.objects.get(case=case)
    there = dossier.items.count()
    for n in range(DOCUMENTS - there):
        noise = Image.frombytes("RGB", (640, 480), os.urandom(640 * 480 * 3))
        out = io.BytesIO()
        noise.save(out, "JPEG", quality=70)
        attach(
            "case", case.no, "income_proof", out.getvalue(), title=f"收入证明{n}",
            village_id=case.village_id, office_id=case.office_id, actor=cast.clerk,
        )  # fmt: skip
    began = time.perf_counter()
    sealed = seal(dossier.no, actor=cast.staff, on=ON, proof=cast.proof("staff"))
    seconds = time.perf_counter() - began
    digests = [i.sha256 for i in sealed.items.all()]

    def floor() -> None:
        for sha256 in digests:
            hashlib.sha256(file_store.read(sha256)).hexdigest()

    (least,) = best_of(3, floor)
    size = (sealed.package_size or 0) / 1e6
    print(f"封存 {len(digests)} 件、{size:.1f} MB 的一卷：{seconds:.2f} s（目标 ≤ 5），"
          f"只读并计算摘要 {least:.3f} s")  # fmt: skip


def pages() -> None:
    """One page, warm."""
    from archives.pdf import make_pdf

    plain = "<html><head><style>@font-face { font-family: Song; src: url(font:/serif.otf); }"
    rows = "".join(f"<tr><td>{n}</td><td>演练某</td><td>682.00</td></tr>" for n in range(30))
    html = f"{plain} html {{ font: 10pt Song; }}</style></head><body><table>{rows}</table></body>"
    make_pdf(html, made_on=ON)
    (warm,) = best_of(5, lambda: make_pdf(html, made_on=ON))
    print(f"一页 PDF（热）：{warm * 1000:.0f} ms（目标 ≤ 400）")


if __name__ == "__main__":
    main()
