"""Reading the whole store against reading and hashing the same files, in the same run.

    ./.venv/bin/python -m benchmarks.fixity --size 2000

Files of 300 KB, each referred to by an attachment. The floor opens every file and computes its
SHA-256; ours also asks what refers to it and writes down what was read. By turns, best of
`--rounds`; the page cache is warm for both.
"""

import argparse
import hashlib
import os
import time
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.places import fresh_database

BYTES = 300_000


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with fresh_database(), TemporaryDirectory() as folder:
        run(Path(folder), options.size, options.rounds)


def run(folder: Path, size: int, rounds: int) -> None:
    """Ours and the floor by turns."""
    from django.conf import settings

    from archives.operations.fixity import SHELVES, check

    settings.ATTACHMENT_STORE = folder
    paths = fill(size)
    ours: list[float] = []
    floor: list[float] = []
    for number in range(rounds):
        began = time.perf_counter()
        assert check(SHELVES, on=date(2026, 11, 1 + number)).wrong == {}
        ours.append(time.perf_counter() - began)
        began = time.perf_counter()
        for path in paths:
            with path.open("rb") as file:
                hashlib.file_digest(file, "sha256")
        floor.append(time.perf_counter() - began)
    megabytes = size * BYTES / 1e6
    print(f"{size} 个文件，{megabytes:.0f} MB：", end="")
    print(f"只读并计算摘要 {min(floor):.2f} s，核验 {min(ours):.2f} s")
    print(f"比值 {min(ours) / min(floor):.2f}，每秒 {megabytes / min(ours):.0f} MB（目标 ≥ 200）")


def fill(size: int) -> list[Path]:
    """So many files in the store, with their attachments."""
    from tests.cast import make_cast
    from yuquan_relief.kernel import file_store
    from yuquan_relief.kernel.models import Attachment

    cast = make_cast()
    names = [file_store.keep(os.urandom(BYTES)) for _ in range(size)]
    Attachment.objects.bulk_create(
        Attachment(
            subject_kind="case", subject_key="x", slot="x", title="材料", sha256=name, size=BYTES,
            content_type="image/jpeg", uploaded_by_id=cast.staff.human_id,
        )
        for name in names
    )  # fmt: skip
    return [file_store.place(name) for name in names]


if __name__ == "__main__":
    main()
