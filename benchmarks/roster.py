"""Taking over a roster: time and memory, against reading the same file and one COPY.

    ./.venv/bin/python -m benchmarks.roster --size 10000
    ./.venv/bin/python -m benchmarks.roster --size 10000 --form xlsx

Each measurement is a process of its own on one migrated database. The floor reads the file with
csv or calamine and puts its lines into one table by one COPY: no checks, no seals, no history.
"""

import argparse
import csv
import io
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import xlsxwriter
from python_calamine import CalamineWorkbook

from benchmarks.places import fresh_database

ON = date(2026, 11, 23)
OFFICE = "150104100"
MOST_SECONDS, MOST_MEGABYTES = 20, 500  # for 10,000 households


def measured(work: Callable[[], int]) -> None:
    """Print the seconds that `work` took and the peak memory of this process."""
    started = time.perf_counter()
    rows = work()
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"rows": rows, "seconds": round(seconds, 2), "megabytes": round(peak)}))


def product(path: str) -> int:
    """What the command does: a preview, then the import, which looks again."""
    from cases.management.commands.import_roster import place_actor
    from cases.operations.roster import import_roster, preview

    content, actor = Path(path).read_bytes(), place_actor(OFFICE)
    found = preview(content, name=path, actor=actor, on=ON)
    done = import_roster(content, name=path, actor=actor, on=ON, expected=found.households)
    return done.households


def lines_of(path: str) -> list[list[str]]:
    """The cells of the file, header first."""
    if path.endswith(".xlsx"):
        sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0)
        return [[str(cell) for cell in row] for row in sheet.to_python()]
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def floor(path: str) -> int:
    """The file read and its lines copied into one table."""
    from django.db import connection

    rows = lines_of(path)
    out = io.StringIO()
    csv.writer(out).writerows(rows[1:])
    out.seek(0)
    columns = ", ".join(f"c{n} text" for n in range(len(rows[0])))
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE floor ({columns})")
        cursor.cursor.copy_expert("COPY floor FROM STDIN WITH (FORMAT csv)", out)
    return len(rows) - 1


def child(what: str, path: str) -> None:
    """One measurement in this process."""
    import django

    django.setup()
    measured(lambda: {"product": product, "floor": floor}[what](path))


def prepare(path: Path, households: int) -> None:
    """The units of 2026, and the file."""
    from supervision.demo.rosters import roster_file
    from supervision.demo.seed import UNITS
    from supervision.demo.staff import COMMAND_LINE
    from yuquan_relief.kernel.models import Unit
    from yuquan_relief.kernel.operations.units import import_units
    from yuquan_relief.kernel.spreadsheets import read_table

    import_units(read_table(UNITS.read_bytes()).rows, actor=COMMAND_LINE)
    villages = Unit.objects.villages().select_related("parent").filter(parent__code=OFFICE)
    month = date(2026, 12, 1)
    content = roster_file(list(villages), households, month, first=1, seed=1)
    path.write_bytes(content if path.suffix == ".csv" else as_sheet(content))


def as_sheet(content: bytes) -> bytes:
    """The CSV file as XLSX, every cell a text."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(csv.reader(io.StringIO(content.decode("utf-8-sig")))):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell)
    return out.getvalue()


def run(what: str, database: str, path: Path) -> dict[str, float]:
    """One measurement in a process of its own."""
    from tests import databases

    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.roster", "--measure", what, str(path)],
        env={
            **os.environ,
            "DATABASE_URL": databases.app_url(database),
            "RELIEF_STORE": str(path.parent / "store"),
        },
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def main() -> None:
    """Measure both, print the figures and the limits."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", type=int, default=10_000)
    parser.add_argument("--form", choices=["csv", "xlsx"], default="csv")
    parser.add_argument("--measure", nargs=2, metavar=("WHAT", "FILE"), help="used inside")
    options = parser.parse_args()
    if options.measure:
        child(*options.measure)
        return
    with TemporaryDirectory() as folder, fresh_database() as database:
        path = Path(folder) / f"roster.{options.form}"
        prepare(path, options.size)
        found = {what: run(what, database, path) for what in ("floor", "product")}
    tell(found["floor"], found["product"], options.size)


def tell(floor: dict[str, float], product: dict[str, float], size: int) -> None:
    """Print the figures beside the limits."""
    ratio = product["seconds"] / max(floor["seconds"], 0.01)
    print(f"读文件加一次 COPY：{floor['seconds']} 秒，{floor['megabytes']} MB")
    print(f"核对并导入 {product['rows']} 户：{product['seconds']} 秒，{product['megabytes']} MB")
    limit = MOST_SECONDS * max(size, 10_000) / 10_000
    print(f"比值 {ratio:.0f}；上限 {limit:.0f} 秒、{MOST_MEGABYTES} MB（1 万户）")


if __name__ == "__main__":
    main()
